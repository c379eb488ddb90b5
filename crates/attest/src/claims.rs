//! The claims of a statement: what a department says about a person, once.
//!
//! [`Claims`] exist only in a form that their kind allows and that has exactly one encoding. Whether they are true,
//! founded or still valid is never judged here.

mod codec;
mod field;
mod subject;
mod text;
mod value;

use std::ops::Deref;

pub use field::Field;
pub(crate) use field::Fields;
pub use subject::{SubjectCommitment, SubjectSalt};
pub use text::{DepartmentName, Label, Term, TextError};
pub use value::{CodeStatus, EvidenceRef, TestResult, UnknownValue};

use crate::kind::Kind;
use crate::region::RegionCode;
use crate::time::UnixSecs;

/// The longest encoding of claims, in bytes.
pub const MAX_CLAIMS_LEN: usize = 2048;

/// The most evidence references of one statement.
pub const MAX_EVIDENCE: usize = 8;

/// The greatest `hop`.
pub const MAX_HOP: u8 = 7;

/// All claims, not yet checked against their kind. Absent and empty are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimFields {
    /// What the statement is about.
    pub kind: Kind,
    /// The region whose fact it is.
    pub region: RegionCode,
    /// 0: the region itself states it; 1 and more: heard from elsewhere, at most [`MAX_HOP`].
    pub hop: u8,
    /// The department that states it.
    pub department: DepartmentName,
    /// The province's own label, unchanged (`弹窗3`).
    pub native_label: Option<Label>,
    /// The status of a code.
    pub status: Option<CodeStatus>,
    /// The province's own reason, in its own words.
    pub local_reason: Option<Label>,
    /// The department that assigned the code.
    pub assigner: Option<DepartmentName>,
    /// In which role it did so (`cdc`), a term of the vocabulary.
    pub assigner_role: Option<Term>,
    /// The listed reason (`close_contact`), a term of the vocabulary.
    pub assigned_for: Option<Term>,
    /// What stands behind it, at most [`MAX_EVIDENCE`].
    pub evidence: Vec<EvidenceRef>,
    /// When the sample was taken.
    pub sampled_at: Option<UnixSecs>,
    /// When the report was issued.
    pub reported_at: Option<UnixSecs>,
    /// What the test found.
    pub result: Option<TestResult>,
    /// The examined item (`ct_chest`) or the kind of evidence, a term of the vocabulary.
    pub item: Option<Term>,
    /// The quality mark of an examination (`national`), a term of the vocabulary.
    pub quality: Option<Term>,
    /// When the department stated it; its key must be valid then.
    pub stated_at: UnixSecs,
    /// From when on it no longer holds.
    pub valid_until: Option<UnixSecs>,
    /// Where the person may appeal, in words for people (`12345`).
    pub appeal: Option<Label>,
    /// Whom it is about.
    pub subject_commitment: SubjectCommitment,
}

/// Claims of a form that their kind allows. They have exactly one encoding, of at most [`MAX_CLAIMS_LEN`] bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims(ClaimFields);

/// Why claims are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// Longer than [`MAX_CLAIMS_LEN`].
    #[error("the claims are longer than 2048 bytes")]
    TooLong,
    /// Not CBOR, or not the map of the CDDL.
    #[error("the claims are not the CBOR map that attestation.cddl describes")]
    Malformed,
    /// The bytes are not the deterministic encoding (RFC 8949 §4.2.1).
    #[error("the claims are not in deterministic encoding; encode them again by RFC 8949 section 4.2.1")]
    NotCanonical,
    /// A key that format 1 does not know.
    #[error("the claims hold a key that format 1 does not know")]
    UnknownKey,
    /// A mandatory claim is absent.
    #[error("a {kind} statement needs the claim {field}")]
    Missing {
        /// The kind stated.
        kind: Kind,
        /// The absent claim.
        field: Field,
    },
    /// A claim that every statement has is absent.
    #[error(
        "the claims lack one that every statement has: kind, region, hop, department, stated_at or subject_commitment"
    )]
    Incomplete,
    /// A claim that the kind does not have.
    #[error("a {kind} statement has no claim {field}; leave it out")]
    Forbidden {
        /// The kind stated.
        kind: Kind,
        /// The claim.
        field: Field,
    },
    /// A value outside its bounds or closed list.
    #[error("the claim with key {0} has a value outside its bounds; attestation.cddl lists them")]
    Value(u8),
    /// Sampled after it was reported.
    #[error("sampled_at lies after reported_at")]
    SampledAfterReport,
}

impl ClaimFields {
    /// The claims that every statement has; all others absent, `hop` 0.
    pub fn new(
        kind: Kind,
        region: RegionCode,
        department: DepartmentName,
        stated_at: UnixSecs,
        subject_commitment: SubjectCommitment,
    ) -> Self {
        Self {
            kind,
            region,
            hop: 0,
            department,
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
            stated_at,
            valid_until: None,
            appeal: None,
            subject_commitment,
        }
    }

    fn present(&self) -> Fields {
        Fields::of(&[])
            .with(Field::NativeLabel, self.native_label.is_some())
            .with(Field::Status, self.status.is_some())
            .with(Field::LocalReason, self.local_reason.is_some())
            .with(Field::Assigner, self.assigner.is_some())
            .with(Field::AssignerRole, self.assigner_role.is_some())
            .with(Field::AssignedFor, self.assigned_for.is_some())
            .with(Field::Evidence, !self.evidence.is_empty())
            .with(Field::SampledAt, self.sampled_at.is_some())
            .with(Field::ReportedAt, self.reported_at.is_some())
            .with(Field::Result, self.result.is_some())
            .with(Field::Item, self.item.is_some())
            .with(Field::Quality, self.quality.is_some())
            .with(Field::ValidUntil, self.valid_until.is_some())
            .with(Field::Appeal, self.appeal.is_some())
    }
}

impl Claims {
    /// Checks the form that the kind demands.
    ///
    /// # Errors
    /// If a claim is missing, is not one of the kind's, or lies outside its bounds.
    pub fn new(fields: ClaimFields) -> Result<Self, ClaimsError> {
        let definition = fields.kind.definition();
        let (kind, present) = (fields.kind, fields.present());
        if let Some(field) = definition.mandatory.without(present).first() {
            return Err(ClaimsError::Missing { kind, field });
        }
        if let Some(field) = present.without(definition.allowed).first() {
            return Err(ClaimsError::Forbidden { kind, field });
        }
        if fields.hop > MAX_HOP {
            return Err(ClaimsError::Value(codec::HOP));
        }
        if fields.evidence.len() > MAX_EVIDENCE {
            return Err(ClaimsError::Value(Field::Evidence.key()));
        }
        match (fields.sampled_at, fields.reported_at) {
            (Some(sampled), Some(reported)) if sampled > reported => Err(ClaimsError::SampledAfterReport),
            _ => Ok(Self(fields)),
        }
    }

    /// Reads the one encoding of claims.
    ///
    /// # Errors
    /// If the bytes are anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ClaimsError> {
        codec::decode(bytes)
    }

    /// The one encoding: deterministic CBOR (RFC 8949 §4.2.1), at most [`MAX_CLAIMS_LEN`] bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::encode(&self.0)
    }

    /// The claims, free to be changed.
    pub fn into_fields(self) -> ClaimFields {
        self.0
    }
}

impl Deref for Claims {
    type Target = ClaimFields;

    fn deref(&self) -> &ClaimFields {
        &self.0
    }
}

impl TryFrom<ClaimFields> for Claims {
    type Error = ClaimsError;

    fn try_from(fields: ClaimFields) -> Result<Self, ClaimsError> {
        Self::new(fields)
    }
}
