//! The small parts that public records are made of.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use huxin_attest::{Digest, Kind, RegionCode};
use minicbor::Decoder;

use crate::cbor::{self, CborError, Writer};

/// The longest label, in bytes.
pub const MAX_LABEL_LEN: usize = 256;

/// A name from a policy, a list or a certificate: a purpose, an outcome, a rule, a department, an app. 1 to 256 bytes
/// without control characters. Never a person's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(Arc<str>);

/// Text that is no label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a label: 1 to 256 bytes without control characters")]
pub struct BadLabel;

/// How many statements of each kind; a kind that is not named has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts(BTreeMap<Kind, u32>);

/// One policy file in force: which, and its exact bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRef {
    /// The policy's id, for example `CN-BASE`.
    pub id: Label,
    /// Its version.
    pub version: u64,
    /// SHA-256 of the file.
    pub digest: Digest,
}

/// The policy files that a decision rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRefs {
    /// The national baseline.
    pub baseline: PolicyRef,
    /// The province's overlay, where one is in force.
    pub overlay: Option<PolicyRef>,
    /// The vocabulary that closes their lists.
    pub vocabulary: PolicyRef,
}

impl Label {
    /// Reads a label.
    ///
    /// # Errors
    /// If it is empty, too long or holds a control character.
    pub fn new(text: &str) -> Result<Self, BadLabel> {
        let fits = (1..=MAX_LABEL_LEN).contains(&text.len());
        if fits && !text.contains(char::is_control) { Ok(Self(text.into())) } else { Err(BadLabel) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn read(input: &mut Decoder<'_>) -> Result<Self, CborError> {
        Self::new(input.str()?).map_err(|_| CborError::Form)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Counts {
    /// Counts `more` statements of `kind`.
    pub fn add(&mut self, kind: Kind, more: u32) {
        if more > 0 {
            let count = self.0.entry(kind).or_default();
            *count = count.saturating_add(more);
        }
    }

    /// How many statements of `kind`.
    pub fn get(&self, kind: Kind) -> u32 {
        self.0.get(&kind).copied().unwrap_or_default()
    }

    /// The kinds that were counted, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, u32)> {
        self.0.iter().map(|(kind, count)| (*kind, *count))
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.map(self.0.len() as u64);
        for (kind, count) in self.iter() {
            out.uint(u64::from(kind.number()));
            out.uint(u64::from(count));
        }
    }

    pub(super) fn read(input: &mut Decoder<'_>) -> Result<Self, CborError> {
        let len = cbor::map_len(input)?;
        if len > Kind::ALL.len() as u64 {
            return Err(CborError::TooLong);
        }
        let mut counts = Self::default();
        for _ in 0..len {
            let kind = Kind::from_number(input.u64()?).ok_or(CborError::Form)?;
            counts.add(kind, input.u32()?);
        }
        Ok(counts)
    }
}

impl FromIterator<(Kind, u32)> for Counts {
    fn from_iter<I: IntoIterator<Item = (Kind, u32)>>(counts: I) -> Self {
        let mut all = Self::default();
        counts.into_iter().for_each(|(kind, count)| all.add(kind, count));
        all
    }
}

impl PolicyRef {
    fn write(&self, out: &mut Writer) {
        out.map(3);
        out.uint(1);
        out.text(self.id.as_str());
        out.uint(2);
        out.uint(self.version);
        out.uint(3);
        out.bytes(&self.digest.0);
    }

    fn read(input: &mut Decoder<'_>) -> Result<Self, CborError> {
        if cbor::map_len(input)? != 3 {
            return Err(CborError::Form);
        }
        cbor::key(input, 1)?;
        let id = Label::read(input)?;
        cbor::key(input, 2)?;
        let version = input.u64()?;
        cbor::key(input, 3)?;
        Ok(Self { id, version, digest: digest(input)? })
    }
}

impl PolicyRefs {
    pub(super) fn write(&self, out: &mut Writer) {
        out.map(2 + u64::from(self.overlay.is_some()));
        out.uint(1);
        self.baseline.write(out);
        if let Some(overlay) = &self.overlay {
            out.uint(2);
            overlay.write(out);
        }
        out.uint(3);
        self.vocabulary.write(out);
    }

    pub(super) fn read(input: &mut Decoder<'_>) -> Result<Self, CborError> {
        let overlaid = match cbor::map_len(input)? {
            2 => false,
            3 => true,
            _ => return Err(CborError::Form),
        };
        cbor::key(input, 1)?;
        let baseline = PolicyRef::read(input)?;
        let mut overlay = None;
        if overlaid {
            cbor::key(input, 2)?;
            overlay = Some(PolicyRef::read(input)?);
        }
        cbor::key(input, 3)?;
        Ok(Self { baseline, overlay, vocabulary: PolicyRef::read(input)? })
    }
}

pub(super) fn digest(input: &mut Decoder<'_>) -> Result<Digest, CborError> {
    Digest::try_from(input.bytes()?).map_err(|_| CborError::Form)
}

pub(super) fn region(input: &mut Decoder<'_>) -> Result<RegionCode, CborError> {
    RegionCode::new(input.u8()?).map_err(|_| CborError::Form)
}
