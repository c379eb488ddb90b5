//! The public record of a file that changed what is asked, believed or told.

use huxin_attest::Digest;
use minicbor::Decoder;

use super::parts::{self, Label};
use super::{CborError, MAX_PUBLIC_LEN};
use crate::cbor::{self, Canonical, Writer};

/// The most signers that one change names.
pub const MAX_SIGNERS: usize = 16;

/// A file that changed what is asked, believed or told: `{13 what, 14 id, 15 version, 16 digest, 17 by}`, and of overlays
/// also `{18 act, 19 effective, 20 signers}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyChange {
    /// Which file: `places`, `risk_areas`, `baseline`, `overlay` or `vocabulary`; of another province `peer_baseline`,
    /// `peer_vocabulary`, `peer_overlay` or `peer_overlay_ended`.
    pub what: Label,
    /// Its id.
    pub id: Label,
    /// Its version.
    pub version: u64,
    /// SHA-256 of the file.
    pub digest: Digest,
    /// Who brought it into force: an operator's SPIFFE id, `automatic` or `start`; of another province its
    /// trust domain.
    pub by: Label,
    /// What was done, where it was done to a province's overlay.
    pub overlay: Option<OverlayChange>,
}

/// What was done to a province's overlay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlayChange {
    /// What was done.
    pub act: OverlayAct,
    /// From when on it has effect, in milliseconds since 1970-01-01T00:00:00Z.
    pub effective: u64,
    /// Who signed the file, by the ids of the membership list; at most [`MAX_SIGNERS`], none for a baseline.
    pub signers: Vec<Label>,
}

/// What can be done to a province's overlay. The record names the file that it is done to; for a rollback the file that
/// rules from then on, which may be the baseline alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum OverlayAct {
    /// It came into force.
    Applied = 1,
    /// It came back into force, and what was in force before is left.
    RolledBack = 2,
    /// It is to come into force later.
    Scheduled = 3,
    /// It is not to come into force later after all.
    Unscheduled = 4,
    /// It is evaluated beside what is in force, and decides nothing.
    Shadowed = 5,
    /// It is no longer evaluated.
    ShadowEnded = 6,
    /// It was in force or was to be, and no longer passes what is checked at every start: the baseline alone rules.
    Refused = 7,
}

impl OverlayAct {
    /// All acts, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Applied,
        Self::RolledBack,
        Self::Scheduled,
        Self::Unscheduled,
        Self::Shadowed,
        Self::ShadowEnded,
        Self::Refused,
    ];

    fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|act| *act as u64 == number)
    }
}

public_codec!(PolicyChange);

impl Canonical for PolicyChange {
    const MAX_LEN: usize = MAX_PUBLIC_LEN;

    fn write(&self, out: &mut Writer) {
        out.map(if self.overlay.is_some() { 8 } else { 5 });
        out.uint(13);
        out.text(self.what.as_str());
        out.uint(14);
        out.text(self.id.as_str());
        out.uint(15);
        out.uint(self.version);
        out.uint(16);
        out.bytes(&self.digest.0);
        out.uint(17);
        out.text(self.by.as_str());
        let Some(OverlayChange { act, effective, signers }) = &self.overlay else { return };
        out.uint(18);
        out.uint(*act as u64);
        out.uint(19);
        out.uint(*effective);
        out.uint(20);
        out.array(signers.len());
        signers.iter().for_each(|signer| out.text(signer.as_str()));
    }

    fn read(input: &mut Decoder<'_>) -> Result<Self, CborError> {
        let of_overlay = match cbor::map_len(input)? {
            5 => false,
            8 => true,
            _ => return Err(CborError::Form),
        };
        cbor::key(input, 13)?;
        let what = Label::read(input)?;
        cbor::key(input, 14)?;
        let id = Label::read(input)?;
        cbor::key(input, 15)?;
        let version = input.u64()?;
        cbor::key(input, 16)?;
        let digest = parts::digest(input)?;
        cbor::key(input, 17)?;
        let by = Label::read(input)?;
        let overlay = of_overlay.then(|| OverlayChange::read(input)).transpose()?;
        Ok(Self { what, id, version, digest, by, overlay })
    }
}

impl OverlayChange {
    fn read(input: &mut Decoder<'_>) -> Result<Self, CborError> {
        cbor::key(input, 18)?;
        let act = OverlayAct::from_number(input.u64()?).ok_or(CborError::Form)?;
        cbor::key(input, 19)?;
        let effective = input.u64()?;
        cbor::key(input, 20)?;
        let count = cbor::array_len(input, MAX_SIGNERS)?;
        let signers = (0..count).map(|_| Label::read(input)).collect::<Result<_, _>>()?;
        Ok(Self { act, effective, signers })
    }
}
