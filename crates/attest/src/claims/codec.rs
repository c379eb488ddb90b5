//! Claims to bytes and back: one deterministic encoding (RFC 8949 §4.2.1), integer keys, nothing unknown.
//!
//! minicbor reads forms that are not deterministic, so reading ends by encoding again and comparing.

use std::str::FromStr;

use minicbor::{Decoder, Encoder};

use super::{ClaimFields, Claims, ClaimsError, Field, MAX_CLAIMS_LEN, MAX_EVIDENCE};
use super::{CodeStatus, EvidenceRef, SubjectCommitment, TestResult};
use crate::cbor::{self, Written};
use crate::hash::Digest;
use crate::kind::Kind;
use crate::region::RegionCode;
use crate::time::UnixSecs;

const KIND: u8 = 1;
const REGION: u8 = 2;
pub(super) const HOP: u8 = 3;
const DEPARTMENT: u8 = 4;
const STATED_AT: u8 = 17;
const SUBJECT_COMMITMENT: u8 = 20;

const EVIDENCE_KIND: u8 = 1;
const EVIDENCE_DIGEST: u8 = 2;

/// How many claims every statement has.
const ALWAYS: u32 = 6;

pub(super) fn encode(fields: &ClaimFields) -> Vec<u8> {
    cbor::to_vec(|out| write(fields, out))
}

fn write(fields: &ClaimFields, out: &mut Encoder<Vec<u8>>) -> Written {
    // Destructured in full: a new claim that nobody writes must not compile.
    let ClaimFields {
        kind,
        region,
        hop,
        department,
        native_label,
        status,
        local_reason,
        assigner,
        assigner_role,
        assigned_for,
        evidence,
        sampled_at,
        reported_at,
        result,
        item,
        quality,
        stated_at,
        valid_until,
        appeal,
        subject_commitment,
    } = fields;
    out.map(u64::from(ALWAYS + fields.present().len()))?;
    out.u8(KIND)?.u8(kind.number())?;
    out.u8(REGION)?.u8(region.as_u8())?;
    out.u8(HOP)?.u8(*hop)?;
    out.u8(DEPARTMENT)?.str(department.as_str())?;
    text(out, Field::NativeLabel, native_label.as_ref())?;
    number(out, Field::Status, status.map(CodeStatus::number))?;
    text(out, Field::LocalReason, local_reason.as_ref())?;
    text(out, Field::Assigner, assigner.as_ref())?;
    text(out, Field::AssignerRole, assigner_role.as_ref())?;
    text(out, Field::AssignedFor, assigned_for.as_ref())?;
    if !evidence.is_empty() {
        out.u8(Field::Evidence.key())?.array(cbor::len(evidence))?;
        for EvidenceRef { kind, digest } in evidence {
            out.map(2)?;
            out.u8(EVIDENCE_KIND)?.str(kind.as_str())?;
            out.u8(EVIDENCE_DIGEST)?.bytes(digest.as_bytes())?;
        }
    }
    time(out, Field::SampledAt, *sampled_at)?;
    time(out, Field::ReportedAt, *reported_at)?;
    number(out, Field::Result, result.map(TestResult::number))?;
    text(out, Field::Item, item.as_ref())?;
    text(out, Field::Quality, quality.as_ref())?;
    out.u8(STATED_AT)?.i64(stated_at.get())?;
    time(out, Field::ValidUntil, *valid_until)?;
    text(out, Field::Appeal, appeal.as_ref())?;
    out.u8(SUBJECT_COMMITMENT)?.bytes(subject_commitment.0.as_bytes())?;
    Ok(())
}

fn text(out: &mut Encoder<Vec<u8>>, field: Field, value: Option<&impl AsRef<str>>) -> Written {
    match value {
        Some(value) => out.u8(field.key())?.str(value.as_ref())?.ok(),
        None => Ok(()),
    }
}

fn number(out: &mut Encoder<Vec<u8>>, field: Field, value: Option<u8>) -> Written {
    match value {
        Some(value) => out.u8(field.key())?.u8(value)?.ok(),
        None => Ok(()),
    }
}

fn time(out: &mut Encoder<Vec<u8>>, field: Field, value: Option<UnixSecs>) -> Written {
    match value {
        Some(value) => out.u8(field.key())?.i64(value.get())?.ok(),
        None => Ok(()),
    }
}

pub(super) fn decode(bytes: &[u8]) -> Result<Claims, ClaimsError> {
    if bytes.len() > MAX_CLAIMS_LEN {
        return Err(ClaimsError::TooLong);
    }
    let claims = Claims::new(read(bytes)?)?;
    // Also refuses what follows the map.
    if claims.to_bytes() != bytes {
        return Err(ClaimsError::NotCanonical);
    }
    Ok(claims)
}

fn read(bytes: &[u8]) -> Result<ClaimFields, ClaimsError> {
    let mut map = Map::open(bytes)?;
    let fields = ClaimFields {
        kind: map.always(KIND, |input| Kind::from_number(input.u64().ok()?))?,
        region: map.always(REGION, |input| RegionCode::new(input.u8().ok()?).ok())?,
        hop: map.always(HOP, |input| input.u8().ok())?,
        department: map.always(DEPARTMENT, from_str)?,
        native_label: map.field(Field::NativeLabel, from_str)?,
        status: map.field(Field::Status, |input| CodeStatus::from_number(input.u64().ok()?))?,
        local_reason: map.field(Field::LocalReason, from_str)?,
        assigner: map.field(Field::Assigner, from_str)?,
        assigner_role: map.field(Field::AssignerRole, from_str)?,
        assigned_for: map.field(Field::AssignedFor, from_str)?,
        evidence: map.field(Field::Evidence, evidence)?.unwrap_or_default(),
        sampled_at: map.field(Field::SampledAt, secs)?,
        reported_at: map.field(Field::ReportedAt, secs)?,
        result: map.field(Field::Result, |input| TestResult::from_number(input.u64().ok()?))?,
        item: map.field(Field::Item, from_str)?,
        quality: map.field(Field::Quality, from_str)?,
        stated_at: map.always(STATED_AT, secs)?,
        valid_until: map.field(Field::ValidUntil, secs)?,
        appeal: map.field(Field::Appeal, from_str)?,
        subject_commitment: map.always(SUBJECT_COMMITMENT, |input| digest(input).map(SubjectCommitment))?,
    };
    map.close()?;
    Ok(fields)
}

/// A map whose keys are asked for in ascending order, the only order that deterministic encoding allows.
struct Map<'b> {
    input: Decoder<'b>,
    entries: u64,
    key: Option<u8>,
}

impl<'b> Map<'b> {
    fn open(bytes: &'b [u8]) -> Result<Self, ClaimsError> {
        let mut input = Decoder::new(bytes);
        let entries = input.map().ok().flatten().ok_or(ClaimsError::Malformed)?;
        let mut map = Self { input, entries, key: None };
        map.advance()?;
        Ok(map)
    }

    fn advance(&mut self) -> Result<(), ClaimsError> {
        self.key = match self.entries.checked_sub(1) {
            None => None,
            Some(left) => {
                self.entries = left;
                let key = self.input.u8().ok().filter(|key| (KIND..=SUBJECT_COMMITMENT).contains(key));
                Some(key.ok_or(ClaimsError::UnknownKey)?)
            }
        };
        Ok(())
    }

    fn optional<T>(
        &mut self,
        key: u8,
        read: impl FnOnce(&mut Decoder<'b>) -> Option<T>,
    ) -> Result<Option<T>, ClaimsError> {
        if self.key != Some(key) {
            return Ok(None);
        }
        let value = read(&mut self.input).ok_or(ClaimsError::Value(key))?;
        self.advance()?;
        Ok(Some(value))
    }

    fn field<T>(
        &mut self,
        field: Field,
        read: impl FnOnce(&mut Decoder<'b>) -> Option<T>,
    ) -> Result<Option<T>, ClaimsError> {
        self.optional(field.key(), read)
    }

    fn always<T>(
        &mut self,
        key: u8,
        read: impl FnOnce(&mut Decoder<'b>) -> Option<T>,
    ) -> Result<T, ClaimsError> {
        self.optional(key, read)?.ok_or(ClaimsError::Incomplete)
    }

    /// A known key that nobody asked for stands out of order or twice.
    fn close(&self) -> Result<(), ClaimsError> {
        if self.key.is_some() { Err(ClaimsError::NotCanonical) } else { Ok(()) }
    }
}

fn from_str<T: FromStr>(input: &mut Decoder<'_>) -> Option<T> {
    input.str().ok()?.parse().ok()
}

fn secs(input: &mut Decoder<'_>) -> Option<UnixSecs> {
    UnixSecs::new(input.i64().ok()?)
}

fn digest(input: &mut Decoder<'_>) -> Option<Digest> {
    Digest::try_from(input.bytes().ok()?).ok()
}

fn evidence(input: &mut Decoder<'_>) -> Option<Vec<EvidenceRef>> {
    let count = usize::try_from(input.array().ok()??).ok().filter(|count| *count <= MAX_EVIDENCE)?;
    (0..count)
        .map(|_| {
            let exact = input.map().ok()? == Some(2) && input.u8().ok()? == EVIDENCE_KIND;
            let kind = from_str(input).filter(|_| exact)?;
            let exact = input.u8().ok()? == EVIDENCE_DIGEST;
            let digest = digest(input).filter(|_| exact)?;
            Some(EvidenceRef { kind, digest })
        })
        .collect()
}
