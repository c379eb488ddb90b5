//! A fact as text, field by field, whatever the form of the file. What is not listed here is refused.

use std::borrow::Cow;
use std::str::FromStr;

use huxin_attest::{
    Digest, Document, DocumentType, EvidenceRef, Kind, RegionCode, SubjectSalt, UnixMs, UnixSecs,
};
use serde::{Deserialize, Serialize};

use super::{FactLine, LineError};

/// The text of a field; `None`: not stated.
pub(super) type Text<'a> = Option<Cow<'a, str>>;

/// The fields by their names, in the order in which they are written.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw<'a> {
    pub(super) document_type: u32,
    #[serde(borrow)]
    pub(super) number: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) hop: u8,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) region: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) native_label: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) status: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) local_reason: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) assigner: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) assigner_role: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) assigned_for: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub(super) evidence: Vec<RawEvidence<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) sampled_at: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) reported_at: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) result: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) item: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) quality: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) valid_until: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) appeal: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) stated_at: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) subject_salt: Text<'a>,
}

/// A reference to evidence.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEvidence<'a> {
    #[serde(borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) digest: Cow<'a, str>,
}

/// The fact that the text says.
pub(super) fn read(line: Raw<'_>) -> Result<FactLine, LineError> {
    let document = Document::parse(DocumentType::from_number(line.document_type)?, &line.number)?;
    let kind: Kind = line.kind.parse().map_err(|_| LineError::Field("kind"))?;
    Ok(FactLine {
        document,
        kind,
        hop: line.hop,
        region: optional::<RegionCode>(line.region, "region")?,
        native_label: optional(line.native_label, "native_label")?,
        status: optional(line.status, "status")?,
        local_reason: optional(line.local_reason, "local_reason")?,
        assigner: optional(line.assigner, "assigner")?,
        assigner_role: optional(line.assigner_role, "assigner_role")?,
        assigned_for: optional(line.assigned_for, "assigned_for")?,
        evidence: line.evidence.iter().map(evidence).collect::<Result<_, _>>()?,
        sampled_at: time(line.sampled_at, "sampled_at")?,
        reported_at: time(line.reported_at, "reported_at")?,
        result: optional(line.result, "result")?,
        item: optional(line.item, "item")?,
        quality: optional(line.quality, "quality")?,
        valid_until: time(line.valid_until, "valid_until")?,
        appeal: optional(line.appeal, "appeal")?,
        stated_at: time(line.stated_at, "stated_at")?,
        subject_salt: salt(line.subject_salt)?,
    })
}

/// The text of a fact.
pub(super) fn write(fact: &FactLine) -> Raw<'_> {
    Raw {
        document_type: fact.document.kind().number().into(),
        number: fact.document.number().into(),
        kind: fact.kind.name().into(),
        hop: fact.hop,
        region: shown(fact.region.as_ref()),
        native_label: fact.native_label.as_ref().map(|text| text.as_str().into()),
        status: shown(fact.status.as_ref()),
        local_reason: fact.local_reason.as_ref().map(|text| text.as_str().into()),
        assigner: fact.assigner.as_ref().map(|text| text.as_str().into()),
        assigner_role: fact.assigner_role.as_ref().map(|text| text.as_str().into()),
        assigned_for: fact.assigned_for.as_ref().map(|text| text.as_str().into()),
        evidence: fact
            .evidence
            .iter()
            .map(|evidence| RawEvidence {
                kind: evidence.kind.as_str().into(),
                digest: evidence.digest.to_string().into(),
            })
            .collect(),
        sampled_at: shown(fact.sampled_at.as_ref()),
        reported_at: shown(fact.reported_at.as_ref()),
        result: shown(fact.result.as_ref()),
        item: fact.item.as_ref().map(|text| text.as_str().into()),
        quality: fact.quality.as_ref().map(|text| text.as_str().into()),
        valid_until: shown(fact.valid_until.as_ref()),
        appeal: fact.appeal.as_ref().map(|text| text.as_str().into()),
        stated_at: shown(fact.stated_at.as_ref()),
        subject_salt: fact.subject_salt.map(|salt| hex(&salt.0).into()),
    }
}

fn shown<'a>(value: Option<&impl ToString>) -> Text<'a> {
    value.map(|value| value.to_string().into())
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
fn is_zero(hop: &u8) -> bool {
    *hop == 0
}

fn optional<T: FromStr>(text: Text<'_>, field: &'static str) -> Result<Option<T>, LineError> {
    text.map(|text| text.parse().map_err(|_| LineError::Field(field))).transpose()
}

/// Whole seconds; a fraction would be lost under the signature, so it is refused.
fn time(text: Text<'_>, field: &'static str) -> Result<Option<UnixSecs>, LineError> {
    let read = |text: Cow<'_, str>| {
        let time = UnixMs::parse_rfc3339(&text)?;
        let secs = UnixSecs::at(time);
        (secs.to_ms() == time).then_some(secs)
    };
    text.map(|text| read(text).ok_or(LineError::Field(field))).transpose()
}

fn evidence(line: &RawEvidence<'_>) -> Result<EvidenceRef, LineError> {
    let kind = line.kind.parse().map_err(|_| LineError::Field("evidence.kind"))?;
    let digest = Digest::from_hex(&line.digest).ok_or(LineError::Field("evidence.digest"))?;
    Ok(EvidenceRef { kind, digest })
}

fn salt(text: Text<'_>) -> Result<Option<SubjectSalt>, LineError> {
    // A salt is half as long as a digest: read it as one whose other half is zeros.
    let read = |text: Cow<'_, str>| {
        let padded = (text.len() == 32).then(|| format!("{text}{}", "0".repeat(32)))?;
        Digest::from_hex(&padded)?.0.first_chunk::<16>().copied().map(SubjectSalt)
    };
    text.map(|text| read(text).ok_or(LineError::Field("subject_salt"))).transpose()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
