//! A fact as a department hands it in: one line of JSON or CSV, not yet signed.
//!
//! ```json
//! {"document_type":111,"number":"11010519491231002X","kind":"nucleic_test","result":"negative",
//!  "sampled_at":"2022-07-08T01:00:00+08:00","reported_at":"2022-07-08T07:30:00+08:00"}
//! ```
//! (on one line), or, below a header with the names of the fields,
//! ```csv
//! document_type,number,kind,result,sampled_at,reported_at
//! 111,11010519491231002X,nucleic_test,negative,2022-07-08T01:00:00+08:00,2022-07-08T07:30:00+08:00
//! ```
//! Fields are those of the claims; what is absent is not stated; unknown and repeated fields are errors.
//! Messages never quote a line: it holds personal data.

mod csv;
mod error;
mod json;
mod raw;

use huxin_attest::{
    ClaimFields, Claims, ClaimsError, CodeStatus, DepartmentName, Document, EvidenceRef, Kind, Label,
    RegionCode, SubjectCommitment, SubjectSalt, Term, TestResult, UnixSecs,
};

pub use error::{HeaderError, LineError};

/// The longest line, in bytes, without its line feed.
pub const MAX_LINE: usize = 4096;

/// A fact about one person, of the form of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactLine {
    /// Whom it is about.
    pub document: Document,
    /// What it is about.
    pub kind: Kind,
    /// 0, or more for what was heard elsewhere.
    pub hop: u8,
    /// The province that the fact is from; absent: the one that imports.
    pub region: Option<RegionCode>,
    /// The province's own label.
    pub native_label: Option<Label>,
    /// The status of a code.
    pub status: Option<CodeStatus>,
    /// The province's own reason.
    pub local_reason: Option<Label>,
    /// The department that assigned the code.
    pub assigner: Option<DepartmentName>,
    /// In which role.
    pub assigner_role: Option<Term>,
    /// The listed reason.
    pub assigned_for: Option<Term>,
    /// What stands behind it.
    pub evidence: Vec<EvidenceRef>,
    /// When the sample was taken.
    pub sampled_at: Option<UnixSecs>,
    /// When the report was issued.
    pub reported_at: Option<UnixSecs>,
    /// What the test found.
    pub result: Option<TestResult>,
    /// The examined item or the kind of evidence.
    pub item: Option<Term>,
    /// The quality mark of an examination.
    pub quality: Option<Term>,
    /// From when on it no longer holds.
    pub valid_until: Option<UnixSecs>,
    /// Where the person may appeal.
    pub appeal: Option<Label>,
    /// When the department stated it; absent: at the import.
    pub stated_at: Option<UnixSecs>,
    /// The salt of its subject commitment; absent: a fresh one at the import. Only who must know a statement's digest
    /// beforehand, because another statement points to it, sets this and `stated_at`.
    pub subject_salt: Option<SubjectSalt>,
}

/// Claims ready to be signed, and what belongs beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToSign {
    /// The claims.
    pub claims: Claims,
    /// Whom they are about.
    pub document: Document,
    /// The salt that opens their subject commitment.
    pub salt: SubjectSalt,
}

/// Reads the lines of a file, one after the other, in the form that the file has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineParser(Option<csv::Header>);

impl LineParser {
    /// For JSON Lines, which have no header.
    pub const fn json() -> Self {
        Self(None)
    }

    /// For CSV below this header, with or without its line feed.
    ///
    /// # Errors
    /// If it does not name the fields, each once at most and the mandatory ones at all.
    pub fn csv(header: &[u8]) -> Result<Self, HeaderError> {
        let header = std::str::from_utf8(header).map_err(|_| HeaderError::NotUtf8)?;
        csv::Header::read(without_end(header)).map(Some).map(Self)
    }

    /// Reads one line, with or without its line feed.
    ///
    /// # Errors
    /// If it is too long, of another form, or no fact.
    pub fn parse(&self, line: &[u8]) -> Result<FactLine, LineError> {
        let line = std::str::from_utf8(line).map_err(|_| LineError::NotUtf8)?;
        let line = without_end(line);
        if line.len() > MAX_LINE {
            return Err(LineError::TooLong);
        }
        match &self.0 {
            None => json::read(line),
            Some(header) => header.read_line(line),
        }
    }
}

fn without_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// Reads one line of JSON, with or without its line feed.
///
/// # Errors
/// If it is too long, no JSON, or no fact.
pub fn parse_line(line: &str) -> Result<FactLine, LineError> {
    LineParser::json().parse(line.as_bytes())
}

/// The header of CSV with all fields, without a line feed.
pub fn csv_header() -> String {
    csv::header()
}

impl FactLine {
    /// A fact of which only the subject and the kind are known.
    pub fn new(document: Document, kind: Kind) -> Self {
        Self {
            document,
            kind,
            hop: 0,
            region: None,
            native_label: None,
            status: None,
            local_reason: None,
            assigner: None,
            assigner_role: None,
            assigned_for: None,
            evidence: Vec::new(),
            sampled_at: None,
            reported_at: None,
            result: None,
            item: None,
            quality: None,
            valid_until: None,
            appeal: None,
            stated_at: None,
            subject_salt: None,
        }
    }

    /// The line of JSON, without a line feed.
    pub fn to_line(&self) -> String {
        json::write(self)
    }

    /// The line of CSV below [`csv_header`], without a line feed.
    pub fn to_csv(&self) -> String {
        csv::write(self)
    }

    /// The claims of `department` in `region` that say so, stated at `stated_at` under `salt` where the line does not
    /// say otherwise.
    ///
    /// # Errors
    /// If the kind lacks a claim that it needs or has one that it must not have.
    pub fn into_claims(
        self,
        department: DepartmentName,
        region: RegionCode,
        stated_at: UnixSecs,
        salt: SubjectSalt,
    ) -> Result<ToSign, ClaimsError> {
        let salt = self.subject_salt.unwrap_or(salt);
        let fields = ClaimFields {
            kind: self.kind,
            region: self.region.unwrap_or(region),
            hop: self.hop,
            department,
            native_label: self.native_label,
            status: self.status,
            local_reason: self.local_reason,
            assigner: self.assigner,
            assigner_role: self.assigner_role,
            assigned_for: self.assigned_for,
            evidence: self.evidence,
            sampled_at: self.sampled_at,
            reported_at: self.reported_at,
            result: self.result,
            item: self.item,
            quality: self.quality,
            stated_at: self.stated_at.unwrap_or(stated_at),
            valid_until: self.valid_until,
            appeal: self.appeal,
            subject_commitment: SubjectCommitment::of(&self.document, &salt),
        };
        Ok(ToSign { claims: Claims::new(fields)?, document: self.document, salt })
    }
}

#[cfg(test)]
mod tests;
