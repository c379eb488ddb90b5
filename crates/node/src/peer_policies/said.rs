//! What a peer says that it judges by: its word, held to its form and bounds alone.

use huxin_attest::text::is_unprintable;
use huxin_attest::{Digest, UnixMs};
use huxin_trust_policy::Reference;
use huxin_wire::convert::{InvalidField, fixed};
use huxin_wire::v1;

use super::convert::{file_parts, in_force_parts};
use crate::limits;

/// The longest id of a policy file, in bytes.
const MAX_ID: usize = 64;

/// The files that a peer names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The baseline.
    pub baseline: Reference,
    /// The vocabulary.
    pub vocabulary: Reference,
    /// The overlay; `None`: the baseline alone rules.
    pub overlay: Option<Reference>,
}

/// What a peer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// By what it judges.
    pub files: Files,
    /// Since when, by its clock; never ahead of ours by more than clocks may be apart.
    pub since: UnixMs,
}

impl Said {
    /// Reads what a peer says.
    ///
    /// # Errors
    /// If a file is missing or out of its bounds, or the time lies ahead: it would outlive every later word.
    pub fn parse(message: v1::InForce, now: UnixMs) -> Result<Self, InvalidField> {
        let (baseline, vocabulary, overlay, since) = in_force_parts(message)?;
        let since = UnixMs::from_ms(since).filter(|since| since.ms_since(now) <= limits::CLOCK_SKEW_MS);
        Ok(Self {
            files: Files {
                baseline: reference(baseline)?,
                vocabulary: reference(vocabulary)?,
                overlay: overlay.map(reference).transpose()?,
            },
            since: since.ok_or_else(|| InvalidField::form("since_unix_ms", "lies ahead"))?,
        })
    }
}

/// Reads the name of a file.
///
/// # Errors
/// If a part of it is out of its bounds.
pub fn reference(file: v1::FileReference) -> Result<Reference, InvalidField> {
    let (id, version, sha256) = file_parts(file);
    if id.is_empty() || id.len() > MAX_ID || id.contains(is_unprintable) {
        return Err(InvalidField::form("id", "must be 1 to 64 printable bytes"));
    }
    Ok(Reference {
        id: id.into(),
        version: version.try_into().map_err(|_| InvalidField::form("version", "too large"))?,
        sha256: Digest(fixed(&sha256, "sha256")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(id: &str) -> Option<v1::FileReference> {
        Some(v1::FileReference { id: id.to_owned(), version: 1, sha256: vec![7; 32].into() })
    }

    #[test]
    fn what_is_out_of_its_bounds_or_lies_ahead_is_not_taken() {
        let now = UnixMs::from_ms(1_657_242_000_000).unwrap();
        let good = v1::InForce {
            baseline: file("CN-BASE"),
            vocabulary: file("CN-VOCAB"),
            overlay: None,
            since_unix_ms: now.as_ms() + limits::CLOCK_SKEW_MS,
        };
        assert!(Said::parse(good.clone(), now).is_ok());
        let short = Some(v1::FileReference { sha256: vec![7; 31].into(), ..file("X").unwrap() });
        let large = Some(v1::FileReference { version: 1 << 32, ..file("X").unwrap() });
        for bad in [
            v1::InForce { baseline: None, ..good.clone() },
            v1::InForce { vocabulary: None, ..good.clone() },
            v1::InForce { overlay: file(""), ..good.clone() },
            v1::InForce { overlay: file(&"X".repeat(65)), ..good.clone() },
            v1::InForce { overlay: file("X\nY"), ..good.clone() },
            v1::InForce { overlay: short, ..good.clone() },
            v1::InForce { overlay: large, ..good.clone() },
            v1::InForce { since_unix_ms: good.since_unix_ms + 1, ..good.clone() },
            v1::InForce { since_unix_ms: i64::MIN, ..good },
        ] {
            assert!(Said::parse(bad.clone(), now).is_err(), "{bad:?}");
        }
    }
}
