//! What departments send: from the wire into the domain's types.

use huxin_attest::{
    Claims, Digest, Document, MAX_ENVELOPE_LEN, SubjectSalt, assemble_single, kid_of_single_header,
};
use huxin_wire::convert::{InvalidField, document, fixed};
use huxin_wire::v1::{self, import_request};

use crate::limits;

/// A signed statement with what opens it; nothing of it is verified.
pub struct Received {
    /// The exact signed bytes.
    pub attestation: Vec<u8>,
    /// Whom it is said to be about.
    pub subject: Document,
    /// What is said to open its commitment.
    pub salt: SubjectSalt,
}

/// A statement to be taken back.
pub struct Withdrawal {
    /// The same in a retry.
    pub request_id: [u8; 16],
    /// Whom it is about.
    pub subject: Document,
    /// What names it.
    pub digest: Digest,
}

/// A page of a history.
pub struct Wanted {
    /// About whom.
    pub subject: Document,
    /// How many statements at most.
    pub page_size: usize,
    /// Where it begins; nothing of it is checked.
    pub page_token: String,
}

/// The head of an import.
pub struct Header {
    /// The same in a retry.
    pub request_id: [u8; 16],
    /// How many statements follow.
    pub count: usize,
}

impl Received {
    /// Reads one statement.
    ///
    /// # Errors
    /// If a field is missing or out of its bounds.
    pub fn read(message: v1::SignedStatement) -> Result<Self, InvalidField> {
        let v1::SignedStatement { attestation, subject, subject_salt } = message;
        if attestation.is_empty() {
            return Err(InvalidField::Missing("attestation"));
        }
        if attestation.len() > MAX_ENVELOPE_LEN {
            return Err(InvalidField::form(
                "attestation",
                format_args!("longer than {MAX_ENVELOPE_LEN} bytes"),
            ));
        }
        Ok(Self {
            attestation: attestation.into(),
            subject: document(subject, "subject")?,
            salt: fixed(&subject_salt, "subject_salt").map(SubjectSalt)?,
        })
    }

    /// Puts together what was prepared and signed in parts; from here on it is a statement like any other.
    fn assemble(message: v1::PreparedStatement) -> Result<Self, InvalidField> {
        let v1::PreparedStatement { protected, claims, signature, subject, subject_salt } = message;
        let kid = kid_of_single_header(&protected);
        let kid = kid.ok_or_else(|| InvalidField::form("protected", "not the header that Prepare gave"))?;
        let claims = Claims::from_bytes(&claims).map_err(|error| InvalidField::form("claims", error))?;
        let signature = fixed(&signature, "signature")?;
        Ok(Self {
            attestation: assemble_single(&claims, kid, &signature),
            subject: document(subject, "subject")?,
            salt: fixed(&subject_salt, "subject_salt").map(SubjectSalt)?,
        })
    }
}

/// Reads a request to state one fact.
///
/// # Errors
/// If a field is missing or out of its bounds.
pub fn state(message: v1::StateRequest) -> Result<([u8; 16], Received), InvalidField> {
    let v1::StateRequest { request_id, form } = message;
    let request_id = fixed(&request_id, "request_id")?;
    let received = match form.ok_or(InvalidField::Missing("form"))? {
        v1::state_request::Form::Statement(statement) => Received::read(statement)?,
        v1::state_request::Form::Prepared(prepared) => Received::assemble(prepared)?,
    };
    Ok((request_id, received))
}

/// Reads a request to take a statement back.
///
/// # Errors
/// If a field is missing or out of its bounds.
pub fn withdraw(message: v1::WithdrawRequest) -> Result<Withdrawal, InvalidField> {
    let v1::WithdrawRequest { request_id, subject, digest } = message;
    Ok(Withdrawal {
        request_id: fixed(&request_id, "request_id")?,
        subject: document(subject, "subject")?,
        digest: Digest(fixed(&digest, "digest")?),
    })
}

/// Reads a request for a page of a history.
///
/// # Errors
/// If a field is missing or out of its bounds.
pub fn history(message: v1::HistoryRequest) -> Result<Wanted, InvalidField> {
    let v1::HistoryRequest { subject, page_size, page_token } = message;
    let page_size = match usize::try_from(page_size).unwrap_or(usize::MAX) {
        0 => limits::PAGE,
        size if size <= limits::PAGE_MAX => size,
        _ => return Err(InvalidField::form("page_size", format_args!("more than {}", limits::PAGE_MAX))),
    };
    Ok(Wanted { subject: document(subject, "subject")?, page_size, page_token })
}

/// Reads the first message of an import.
///
/// # Errors
/// If it is no header, or its count is out of bounds.
pub fn header(message: Option<v1::ImportRequest>) -> Result<Header, InvalidField> {
    let Some(import_request::Message::Header(header)) = message.and_then(|message| message.message) else {
        return Err(InvalidField::Missing("header"));
    };
    let v1::ImportHeader { request_id, count } = header;
    let count = usize::try_from(count).ok().filter(|count| (1..=limits::BATCH).contains(count));
    let count = count.ok_or_else(|| InvalidField::form("count", "must be 1 to 4096"))?;
    Ok(Header { request_id: fixed(&request_id, "request_id")?, count })
}

/// Reads a later message of an import.
///
/// # Errors
/// If it holds no items.
pub fn items(message: v1::ImportRequest) -> Result<Vec<v1::SignedStatement>, InvalidField> {
    let v1::ImportRequest { message } = message;
    match message {
        Some(import_request::Message::Items(v1::ImportItems { statements })) => Ok(statements),
        Some(import_request::Message::Header(_)) | None => Err(InvalidField::Missing("items")),
    }
}
