//! What departments send: from the wire into the domain's types.

use huxin_attest::{Document, MAX_ENVELOPE_LEN, SubjectSalt};
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
}

/// Reads a request to state one fact.
///
/// # Errors
/// If a field is missing or out of its bounds.
pub fn state(message: v1::StateRequest) -> Result<([u8; 16], Received), InvalidField> {
    let v1::StateRequest { request_id, form } = message;
    let statement = match form {
        Some(v1::state_request::Form::Statement(statement)) => Some(statement),
        Some(v1::state_request::Form::Prepared(_)) | None => None,
    };
    let statement = statement.ok_or(InvalidField::Missing("statement"))?;
    Ok((fixed(&request_id, "request_id")?, Received::read(statement)?))
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
