//! Who signed a province's overlay: the signature file beside it, and whether its signatures suffice.
//!
//! The signatures are Ed25519 over the exact bytes of the overlay, so that stock tools make and verify them. Every line
//! must hold: a file with one bad signature proves that something went wrong, and is refused whole. This module never
//! reads an overlay, and signs nothing without being handed a key.
//!
//! ```text
//! huxin policy signature 1
//! gd-bureau-1 <signature in base64>
//! gd-bureau-2 <signature in base64>
//! ```

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use huxin_attest::{UnixMs, Verifier as _};

use crate::membership::{PolicySigner, PolicySigners};
use crate::name::Name;

/// The first line of a signature file.
pub const FIRST_LINE: &str = "huxin policy signature 1";
/// The most signatures of a file.
pub const MAX_SIGNATURES: usize = 16;
/// The longest signature file, in bytes: each line holds a name, a space and 88 characters.
pub const MAX_LEN: usize = 4096;

/// The length of an Ed25519 signature (RFC 8032).
const SIGNATURE_LEN: usize = 64;

/// The signatures of one overlay; none of them is verified yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicySignatures {
    lines: Vec<(Name, [u8; SIGNATURE_LEN])>,
}

/// A signature file that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFileError {
    /// Longer than any signature file.
    #[error("is longer than a signature file can be; check whether it is the right file")]
    TooLong,
    /// The first line is another.
    #[error("line 1: must be: huxin policy signature 1")]
    FirstLine,
    /// A line of another form.
    #[error("line {0}: must be an id, a space and an Ed25519 signature in base64")]
    Line(usize),
    /// One who signed twice.
    #[error("line {0}: {1} signed in a line above already; remove one")]
    Twice(usize, Name),
    /// More signatures than a file may hold.
    #[error("holds more than 16 signatures; remove those that are not needed")]
    TooMany,
}

/// Why an overlay does not count as signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// The membership list lets nobody sign for this province.
    #[error(
        "no_signers: the membership list names nobody who signs overlays of this province; have them listed first"
    )]
    NoSigners,
    /// The list does not name this signer.
    #[error(
        "unknown_signer: {0} is not named by the membership list as a signer of this province's overlays"
    )]
    UnknownSigner(Name),
    /// The signer's key does not hold at the time of the change.
    #[error("expired_key: the key of {id} holds from {from} until {until}, which does not cover {at}")]
    ExpiredKey {
        /// Who.
        id: Name,
        /// The beginning of the key's validity.
        from: UnixMs,
        /// Its end.
        until: UnixMs,
        /// When it was needed.
        at: UnixMs,
    },
    /// The signature is not that of these bytes under the listed key.
    #[error(
        "bad_signature: the signature of {0} is not of this file's exact bytes; have the file signed again"
    )]
    BadSignature(Name),
    /// Fewer signed than must.
    #[error("too_few_signers: {have} of the {need} signers needed have signed; have others sign too")]
    TooFew {
        /// How many signed.
        have: usize,
        /// How many must.
        need: u32,
    },
}

/// Where the signature file of an overlay lies: beside it, ending in `.sig`.
pub fn path_beside(overlay: &Path) -> PathBuf {
    let mut path = overlay.as_os_str().to_owned();
    path.push(".sig");
    path.into()
}

impl PolicySignatures {
    /// Reads a signature file.
    ///
    /// # Errors
    /// If it is not one, to the byte.
    pub fn parse(bytes: &[u8]) -> Result<Self, SignatureFileError> {
        if bytes.len() > MAX_LEN {
            return Err(SignatureFileError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| SignatureFileError::FirstLine)?;
        let lines = text.strip_prefix(FIRST_LINE).and_then(|rest| rest.strip_prefix('\n'));
        let lines = lines.ok_or(SignatureFileError::FirstLine)?;
        let mut read = Self::default();
        for (at, line) in lines.split_inclusive('\n').enumerate() {
            let number = at + 2;
            let (id, signature) = parse_line(line).ok_or(SignatureFileError::Line(number))?;
            if read.ids().any(|signed| *signed == id) {
                return Err(SignatureFileError::Twice(number, id));
            }
            if read.lines.len() == MAX_SIGNATURES {
                return Err(SignatureFileError::TooMany);
            }
            read.lines.push((id, signature));
        }
        Ok(read)
    }

    /// Puts a signature in, in place of an earlier one of the same signer.
    ///
    /// # Errors
    /// If it is no Ed25519 signature, or the file is full.
    pub fn put(&mut self, id: Name, signature: &[u8]) -> Result<(), SignatureFileError> {
        let place = self.lines.iter().position(|(signed, _)| *signed == id).unwrap_or(self.lines.len());
        let signature = signature.try_into().map_err(|_| SignatureFileError::Line(place + 2))?;
        match self.lines.get_mut(place) {
            Some(line) => line.1 = signature,
            None if place == MAX_SIGNATURES => return Err(SignatureFileError::TooMany),
            None => self.lines.push((id, signature)),
        }
        Ok(())
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        let mut text = format!("{FIRST_LINE}\n");
        for (id, signature) in &self.lines {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{id} {}", BASE64_STANDARD.encode(signature));
        }
        text
    }

    /// Who signed, by the file's word.
    pub fn ids(&self) -> impl Iterator<Item = &Name> {
        self.lines.iter().map(|(id, _)| id)
    }

    /// Verifies every signature over `overlay`, the exact bytes, by the keys that hold `at` the time of the change.
    ///
    /// # Errors
    /// If one does not hold, or fewer signed than must.
    pub fn verify(
        &self,
        overlay: &[u8],
        signers: Option<&PolicySigners>,
        at: UnixMs,
    ) -> Result<Vec<Name>, NotSigned> {
        let signers = signers.ok_or(NotSigned::NoSigners)?;
        for (id, signature) in &self.lines {
            let listed = signers.signers.iter().find(|signer| signer.id == *id);
            let PolicySigner { id, key, from, until } =
                listed.ok_or_else(|| NotSigned::UnknownSigner(id.clone()))?;
            if at < *from || *until <= at {
                return Err(NotSigned::ExpiredKey { id: id.clone(), from: *from, until: *until, at });
            }
            key.verify(overlay, signature).map_err(|_| NotSigned::BadSignature(id.clone()))?;
        }
        // Ids are distinct in the file and keys in the list, so that lines are people.
        let (have, need) = (self.lines.len(), signers.threshold);
        if usize::try_from(need).map_or(true, |need| have < need) {
            return Err(NotSigned::TooFew { have, need });
        }
        Ok(self.ids().cloned().collect())
    }
}

fn parse_line(line: &str) -> Option<(Name, [u8; SIGNATURE_LEN])> {
    let (id, signature) = line.strip_suffix('\n')?.split_once(' ')?;
    let signature = BASE64_STANDARD.decode(signature).ok()?;
    Some((id.parse().ok()?, signature.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use huxin_attest::{Ed25519Key, Signer as _, SystemRandom};

    use super::*;

    const OVERLAY: &[u8] = b"[policy]\n";

    struct Signing {
        keys: Vec<(Name, Ed25519Key)>,
        listed: PolicySigners,
    }

    fn time(secs: i64) -> UnixMs {
        UnixMs::from_secs(secs).unwrap()
    }

    fn signing() -> Signing {
        let keys: Vec<(Name, _)> = ["a-1", "a-2", "a-3"]
            .iter()
            .map(|id| (id.parse().unwrap(), Ed25519Key::generate(&mut SystemRandom).unwrap()))
            .collect();
        let signer = |(id, key): &(Name, Ed25519Key)| PolicySigner {
            id: id.clone(),
            key: key.public_key().clone(),
            from: time(100),
            until: time(200),
        };
        let listed = PolicySigners { threshold: 2, signers: keys.iter().map(signer).collect() };
        Signing { keys, listed }
    }

    impl Signing {
        fn signed_by(&self, who: &[usize]) -> PolicySignatures {
            let mut signatures = PolicySignatures::default();
            for at in who {
                let (id, key) = &self.keys[*at];
                signatures.put(id.clone(), &key.sign(OVERLAY).unwrap()).unwrap();
            }
            signatures
        }

        fn verify(&self, signatures: &PolicySignatures, at: i64) -> Result<Vec<Name>, NotSigned> {
            signatures.verify(OVERLAY, Some(&self.listed), time(at))
        }
    }

    #[test]
    fn enough_signers_are_named_and_every_other_file_is_refused_by_its_reason() {
        let signing = signing();
        let id = |at: usize| signing.keys[at].0.clone();
        let two = signing.signed_by(&[0, 2]);
        assert_eq!(signing.verify(&two, 100), Ok(vec![id(0), id(2)]));
        assert_eq!(signing.verify(&two, 199), Ok(vec![id(0), id(2)]));
        for at in [99, 200] {
            assert!(matches!(signing.verify(&two, at), Err(NotSigned::ExpiredKey { .. })));
        }
        let one = signing.signed_by(&[1]);
        assert_eq!(signing.verify(&one, 150), Err(NotSigned::TooFew { have: 1, need: 2 }));
        assert_eq!(
            signing.verify(&PolicySignatures::default(), 150),
            Err(NotSigned::TooFew { have: 0, need: 2 })
        );
        assert_eq!(two.verify(OVERLAY, None, time(150)), Err(NotSigned::NoSigners));
        assert_eq!(
            two.verify(b"[policy]\r\n", Some(&signing.listed), time(150)),
            Err(NotSigned::BadSignature(id(0)))
        );
        let mut stranger = two.clone();
        stranger.put("b-1".parse().unwrap(), &[0; 64]).unwrap();
        assert_eq!(
            signing.verify(&stranger, 150),
            Err(NotSigned::UnknownSigner("b-1".parse().unwrap())),
            "also where enough others signed"
        );
        let mut borrowed = one.clone();
        borrowed.put(id(0), &signing.keys[1].1.sign(OVERLAY).unwrap()).unwrap();
        assert_eq!(
            signing.verify(&borrowed, 150),
            Err(NotSigned::BadSignature(id(0))),
            "one key is one signer"
        );
    }

    #[test]
    fn a_file_is_read_to_the_byte() {
        let two = signing().signed_by(&[0, 1]);
        let text = two.to_text();
        assert_eq!(PolicySignatures::parse(text.as_bytes()), Ok(two.clone()));
        assert_eq!(
            PolicySignatures::parse(format!("{FIRST_LINE}\n").as_bytes()),
            Ok(PolicySignatures::default())
        );
        let first = text.lines().nth(1).unwrap();
        let sixteen: String =
            (0..17).map(|at| format!("c-{at} {}\n", first.split(' ').nth(1).unwrap())).collect();
        for (bad, error) in [
            (String::new(), SignatureFileError::FirstLine),
            (text.replace("signature 1", "signature 2"), SignatureFileError::FirstLine),
            (text.replace('\n', "\r\n"), SignatureFileError::FirstLine),
            (text.replace("a-1 ", "a-1  "), SignatureFileError::Line(2)),
            (text.replace("a-2 ", "A-2 "), SignatureFileError::Line(3)),
            (text.trim_end().to_owned(), SignatureFileError::Line(3)),
            (format!("{text}\n"), SignatureFileError::Line(4)),
            (format!("{FIRST_LINE}\na-1 AAAA\n"), SignatureFileError::Line(2)),
            (format!("{text}{first}\n"), SignatureFileError::Twice(4, "a-1".parse().unwrap())),
            (format!("{FIRST_LINE}\n{sixteen}"), SignatureFileError::TooMany),
            (text.clone() + &" ".repeat(MAX_LEN), SignatureFileError::TooLong),
        ] {
            assert_eq!(PolicySignatures::parse(bad.as_bytes()), Err(error), "{bad}");
        }
    }

    #[test]
    fn a_signer_who_signs_again_replaces_the_own_line_only() {
        let signing = signing();
        let mut signatures = signing.signed_by(&[0, 1]);
        signatures.put("a-1".parse().unwrap(), &[7; 64]).unwrap();
        assert_eq!(signatures.ids().map(Name::as_str).collect::<Vec<_>>(), ["a-1", "a-2"]);
        assert_ne!(signatures, signing.signed_by(&[0, 1]));
        signatures.put("a-1".parse().unwrap(), &signing.keys[0].1.sign(OVERLAY).unwrap()).unwrap();
        assert_eq!(signatures, signing.signed_by(&[0, 1]));
        assert_eq!(signatures.put("a-3".parse().unwrap(), &[7; 63]), Err(SignatureFileError::Line(4)));
    }

    #[test]
    fn the_longest_lines_fit() {
        let mut signatures = PolicySignatures::default();
        for at in 0..MAX_SIGNATURES {
            signatures.put(format!("{at:0>64}").parse().unwrap(), &[0xff; 64]).unwrap();
        }
        assert!(signatures.to_text().len() <= MAX_LEN);
        assert_eq!(PolicySignatures::parse(signatures.to_text().as_bytes()), Ok(signatures));
    }

    mod hostile {
        use proptest::prelude::*;

        use super::*;

        proptest! {
            #[test]
            fn what_is_read_is_written_as_it_was(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
                let mut file = format!("{FIRST_LINE}\n").into_bytes();
                file.extend(&bytes);
                if let Ok(read) = PolicySignatures::parse(&file) {
                    prop_assert_eq!(read.to_text().into_bytes(), file);
                }
            }
        }
    }
}
