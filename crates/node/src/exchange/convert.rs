//! What a peer asks and reports: from the wire into the domain's types.

use huxin_attest::{DepartmentName, Document, Kinds, UnixMs};
use huxin_ledger::Origin;
use huxin_ledger::public::Label;
use huxin_wire::convert::{InvalidField, document, fixed, kinds, text};
use huxin_wire::v1;
use prost::Message as _;

use crate::limits;

/// The longest legal basis, in bytes.
const MAX_BASIS: usize = 512;
/// The longest purpose, in bytes.
const MAX_PURPOSE: usize = 64;

/// A question that is well formed; whether it may be asked is not decided here.
#[derive(Debug, Clone)]
pub struct Question {
    /// The person.
    pub subject: Document,
    /// What is asked.
    pub kinds: Kinds,
    /// Why, in the asker's word.
    pub purpose: String,
    /// The asking department, in the asker's word.
    pub department: DepartmentName,
}

impl Question {
    /// Reads the exact bytes of a query.
    ///
    /// # Errors
    /// If they are no query, or a field is missing or out of its bounds.
    pub fn parse(query: &[u8]) -> Result<Self, InvalidField> {
        if query.len() > limits::QUERY {
            return Err(InvalidField::form("query", format_args!("longer than {} bytes", limits::QUERY)));
        }
        let message =
            v1::Query::decode(query).map_err(|_| InvalidField::form("query", "no Query message"))?;
        let v1::Query {
            subject,
            kinds: asked,
            purpose,
            legal_basis,
            department,
            nonce,
            deadline_ms,
            request_tag,
        } = message;
        let basis = text(legal_basis, "legal_basis", MAX_BASIS)?;
        if basis.is_empty() {
            return Err(InvalidField::Missing("legal_basis"));
        }
        // Held to their form only: the log commits to the whole query, nonce and tag included.
        let _fresh: [u8; 16] = fixed(&nonce, "nonce")?;
        let _same_in_retries: [u8; 16] = fixed(&request_tag, "request_tag")?;
        if !(1..=limits::REQUEST_DEADLINE.as_millis()).contains(&u128::from(deadline_ms)) {
            return Err(InvalidField::form("deadline_ms", "must be 1 to 2000"));
        }
        let purpose = text(purpose, "purpose", MAX_PURPOSE)?;
        if purpose.is_empty() {
            return Err(InvalidField::Missing("purpose"));
        }
        Ok(Self {
            subject: document(subject, "subject")?,
            kinds: kinds(&asked, "kinds")?,
            purpose,
            department: department.parse().map_err(|error| InvalidField::form("department", error))?,
        })
    }
}

/// A reuse that a peer reports, well formed; whether there was such an answer is not decided here.
#[derive(Debug, Clone)]
pub struct ReportedReuse {
    /// The log of the answer.
    pub origin: Origin,
    /// The answer's place there.
    pub index: u64,
    /// When it was used again.
    pub at: UnixMs,
    /// For what.
    pub purpose: Label,
    /// By which department.
    pub department: Label,
    /// The peer's entry that records it.
    pub reuse: (Origin, u64),
}

impl ReportedReuse {
    /// Reads a report.
    ///
    /// # Errors
    /// If a field is missing or out of its bounds.
    pub fn parse(report: &v1::Report) -> Result<Self, InvalidField> {
        let v1::Report {
            id: _,
            origin,
            index,
            unix_ms,
            purpose,
            department,
            request_tag,
            reuse_origin,
            reuse_index,
        } = report;
        let read_origin = |text: &str, field| text.parse().map_err(|error| InvalidField::form(field, error));
        let read_label =
            |text: &str, field| Label::new(text).map_err(|error| InvalidField::form(field, error));
        let _same_in_retries: [u8; 16] = fixed(request_tag, "request_tag")?;
        Ok(Self {
            origin: read_origin(origin, "origin")?,
            index: *index,
            at: UnixMs::from_ms(*unix_ms).ok_or_else(|| InvalidField::form("unix_ms", "no such time"))?,
            purpose: read_label(purpose, "purpose")?,
            department: read_label(department, "department")?,
            reuse: (read_origin(reuse_origin, "reuse_origin")?, *reuse_index),
        })
    }
}

/// The parts of a question in one call.
///
/// # Errors
/// If one is missing.
pub fn call_parts(call: v1::QueryCall) -> Result<(v1::Open, v1::Ask), InvalidField> {
    let v1::QueryCall { open, ask } = call;
    Ok((open.ok_or(InvalidField::Missing("open"))?, ask.ok_or(InvalidField::Missing("ask"))?))
}

/// Reads hashes that stand one after another.
///
/// # Errors
/// If the length is no multiple of 32, or there are more than any tree needs.
pub fn hashes(bytes: &[u8]) -> Option<Vec<huxin_attest::Digest>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    (rest.is_empty() && hashes.len() <= 64)
        .then(|| hashes.iter().map(|hash| huxin_attest::Digest(*hash)).collect())
}

/// Is this the form of a stable reason? Whatever else a peer writes gets into no decision and no log line.
pub fn is_reason(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// Writes hashes one after another.
pub fn hash_bytes(hashes: &[huxin_attest::Digest]) -> bytes::Bytes {
    let mut out = Vec::with_capacity(hashes.len() * 32);
    hashes.iter().for_each(|hash| out.extend_from_slice(&hash.0));
    out.into()
}
