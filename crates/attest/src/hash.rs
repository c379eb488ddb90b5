//! SHA-256, the one hash of format 1.
//!
//! A hash over several parts is the hash of their concatenation; who concatenates parts of variable length must frame
//! them first, so that no two inputs meet.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256, digest};

/// The length of a [`Digest`] in bytes.
pub const DIGEST_LEN: usize = 32;

/// A SHA-256 digest (FIPS 180-4), 32 bytes. Shown as lower-case hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Digest(pub [u8; DIGEST_LEN]);

/// Hashes the concatenation of `parts`.
pub fn sha256(parts: &[&[u8]]) -> Digest {
    let mut gathered = [0; GATHERED];
    let digest = match gather(parts, &mut gathered) {
        Some(whole) => digest(&SHA256, whole),
        None => {
            let mut context = Context::new(&SHA256);
            parts.iter().for_each(|part| context.update(part));
            context.finish()
        }
    };
    let mut out = [0; DIGEST_LEN];
    out.copy_from_slice(digest.as_ref());
    Digest(out)
}

/// Up to this length parts are copied together first: that costs less than a context on the heap.
const GATHERED: usize = 512;

/// The parts in one piece; `None` if they are too long for `buffer`.
fn gather<'a>(parts: &[&'a [u8]], buffer: &'a mut [u8; GATHERED]) -> Option<&'a [u8]> {
    if let [whole] = parts {
        return Some(whole);
    }
    let mut len = 0;
    for part in parts {
        let end = len + part.len();
        buffer.get_mut(len..end)?.copy_from_slice(part);
        len = end;
    }
    buffer.get(..len)
}

impl Digest {
    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; DIGEST_LEN] {
        &self.0
    }

    /// Reads 64 hexadecimal digits, upper or lower case; anything else is `None`.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut out = [0; DIGEST_LEN];
        from_hex_into(text, &mut out).then_some(Self(out))
    }
}

/// Fills `out` from exactly twice as many hexadecimal digits; `false` if the text has another form.
pub(crate) fn from_hex_into(text: &str, out: &mut [u8]) -> bool {
    let digits = text.as_bytes();
    if digits.len() != out.len() * 2 {
        return false;
    }
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        let value = |digit: Option<&u8>| digit.and_then(|d| char::from(*d).to_digit(16));
        let (Some(high), Some(low)) = (value(pair.first()), value(pair.get(1))) else { return false };
        *byte = u8::try_from(high << 4 | low).unwrap_or_default();
    }
    true
}

impl TryFrom<&[u8]> for Digest {
    type Error = std::array::TryFromSliceError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self)
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_abc_is_that_of_fips_180_4() {
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(&[b"a", b"bc"]).to_string(), hex);
        assert_eq!(Digest::from_hex(hex), Some(sha256(&[b"abc"])));
    }

    #[test]
    fn parts_hash_as_their_concatenation_at_every_length() {
        let bytes: Vec<u8> = (0..=255).cycle().take(2 * GATHERED).collect();
        for len in [0, 1, 64, GATHERED - 1, GATHERED, GATHERED + 1, 2 * GATHERED] {
            let whole = &bytes[..len];
            for middle in [0, len / 3, len] {
                let (left, right) = whole.split_at(middle);
                assert_eq!(sha256(&[left, &[], right]), sha256(&[whole]), "{middle} of {len}");
            }
        }
    }

    #[test]
    fn hexadecimal_of_another_length_or_alphabet_is_refused() {
        assert_eq!(Digest::from_hex("00"), None);
        assert_eq!(Digest::from_hex(&"g".repeat(64)), None);
        assert_eq!(Digest::from_hex(&"é".repeat(32)), None);
    }
}
