//! A fact in plain fields: from the wire into the claims of a statement.

use std::str::FromStr;

use huxin_attest::claims::{MAX_EVIDENCE, MAX_HOP};
use huxin_attest::{
    ClaimFields, DepartmentName, Digest, EvidenceRef, KeyId, Kind, RegionCode, SubjectCommitment,
    SubjectSalt, UnixMs, UnixSecs,
};
use huxin_wire::convert::{InvalidField, document, fixed};
use huxin_wire::v1;

/// What the node knows of a statement beside the fields.
pub struct Stated {
    /// The node's own province.
    pub region: RegionCode,
    /// The calling department.
    pub department: DepartmentName,
    /// The time now.
    pub now: UnixSecs,
    /// What will open the commitment.
    pub salt: SubjectSalt,
}

/// A fact that is well formed field by field.
pub struct Fact {
    /// The claims, not yet held to their kind.
    pub fields: ClaimFields,
    /// The key that will sign.
    pub kid: KeyId,
}

/// Reads a request to prepare a statement.
///
/// # Errors
/// The first field that is missing, unknown or out of its bounds, by its name.
pub fn prepare(message: v1::PrepareRequest, stated: &Stated) -> Result<Fact, InvalidField> {
    let v1::PrepareRequest { claims, subject, kid } = message;
    let commitment = SubjectCommitment::of(&document(subject, "subject")?, &stated.salt);
    let kid = fixed(&kid, "kid").map(KeyId)?;
    let fields = fields(claims.ok_or(InvalidField::Missing("claims"))?, stated, commitment)?;
    Ok(Fact { fields, kid })
}

fn fields(
    message: v1::Claims,
    stated: &Stated,
    commitment: SubjectCommitment,
) -> Result<ClaimFields, InvalidField> {
    let v1::Claims {
        kind,
        region,
        hop,
        native_label,
        status,
        local_reason,
        assigner,
        assigner_role,
        assigned_for,
        evidence,
        sampled_unix_ms,
        reported_unix_ms,
        result,
        item,
        quality,
        stated_unix_ms,
        valid_until_unix_ms,
        appeal,
    } = message;
    let kind = u64::try_from(kind).ok().and_then(Kind::from_number);
    let kind = kind.ok_or_else(|| InvalidField::form("claims.kind", "unknown kind"))?;
    let region = parsed(&region, "claims.region")?.unwrap_or(stated.region);
    let hop = u8::try_from(hop).ok().filter(|hop| *hop <= MAX_HOP);
    let hop = hop.ok_or_else(|| InvalidField::form("claims.hop", format_args!("more than {MAX_HOP}")))?;
    if hop == 0 && region != stated.region {
        return Err(InvalidField::form("claims.hop", "0 is for facts of your own province"));
    }
    if evidence.len() > MAX_EVIDENCE {
        return Err(InvalidField::form("claims.evidence", format_args!("more than {MAX_EVIDENCE}")));
    }
    let stated_at = time(stated_unix_ms, "claims.stated_unix_ms")?.unwrap_or(stated.now);
    Ok(ClaimFields {
        kind,
        region,
        hop,
        department: stated.department,
        native_label: parsed(&native_label, "claims.native_label")?,
        status: parsed(&status, "claims.status")?,
        local_reason: parsed(&local_reason, "claims.local_reason")?,
        assigner: parsed(&assigner, "claims.assigner")?,
        assigner_role: parsed(&assigner_role, "claims.assigner_role")?,
        assigned_for: parsed(&assigned_for, "claims.assigned_for")?,
        evidence: evidence.into_iter().map(reference).collect::<Result<_, _>>()?,
        sampled_at: time(sampled_unix_ms, "claims.sampled_unix_ms")?,
        reported_at: time(reported_unix_ms, "claims.reported_unix_ms")?,
        result: parsed(&result, "claims.result")?,
        item: parsed(&item, "claims.item")?,
        quality: parsed(&quality, "claims.quality")?,
        stated_at,
        valid_until: time(valid_until_unix_ms, "claims.valid_until_unix_ms")?,
        appeal: parsed(&appeal, "claims.appeal")?,
        subject_commitment: commitment,
    })
}

fn reference(message: v1::EvidenceReference) -> Result<EvidenceRef, InvalidField> {
    let v1::EvidenceReference { kind, digest } = message;
    let kind = parsed(&kind, "claims.evidence.kind")?.ok_or(InvalidField::Missing("claims.evidence.kind"))?;
    Ok(EvidenceRef { kind, digest: Digest(fixed(&digest, "claims.evidence.digest")?) })
}

/// Empty: not stated.
fn parsed<T: FromStr<Err: std::fmt::Display>>(
    text: &str,
    field: &'static str,
) -> Result<Option<T>, InvalidField> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error| InvalidField::form(field, error))
}

fn time(ms: Option<i64>, field: &'static str) -> Result<Option<UnixSecs>, InvalidField> {
    let Some(ms) = ms else { return Ok(None) };
    let time =
        UnixMs::from_ms(ms).ok_or_else(|| InvalidField::form(field, "outside the years 1970 to 9999"))?;
    Ok(Some(UnixSecs::at(time)))
}
