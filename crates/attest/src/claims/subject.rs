//! Whom a statement is about: a salted commitment inside the claims, and the salt outside.

use std::fmt;

use crate::document::Document;
use crate::hash::{Digest, sha256};
use crate::random::Random;

/// The salt of a [`SubjectCommitment`]: 16 random bytes, outside the claims, given only to who may know the subject.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SubjectSalt(pub [u8; 16]);

/// SHA-256(salt ‖ document type, 2 bytes big-endian ‖ number): who lacks the salt cannot try numbers against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SubjectCommitment(pub Digest);

impl SubjectSalt {
    /// A fresh salt.
    pub fn random(random: &mut dyn Random) -> Self {
        let mut salt = [0; 16];
        random.fill(&mut salt);
        Self(salt)
    }
}

/// The salt opens the commitment, so it is not shown.
impl fmt::Debug for SubjectSalt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectSalt")
    }
}

impl SubjectCommitment {
    /// The commitment to `subject` under `salt`.
    pub fn of(subject: &Document, salt: &SubjectSalt) -> Self {
        // Salt and type have fixed lengths, so the parts need no frame.
        Self(sha256(&[&salt.0, &subject.kind().number().to_be_bytes(), subject.number().as_bytes()]))
    }

    /// Is it the commitment to `subject` under `salt`?
    pub fn opens(&self, subject: &Document, salt: &SubjectSalt) -> bool {
        *self == Self::of(subject, salt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocumentType;

    #[test]
    fn a_commitment_opens_to_its_subject_and_salt_only() {
        let passport = |number| Document::parse(DocumentType::Passport, number).unwrap();
        let (subject, salt) = (passport("E12345678"), SubjectSalt([1; 16]));
        let commitment = SubjectCommitment::of(&subject, &salt);
        assert_eq!(commitment.0, sha256(&[&[1; 16], &[0x01, 0x9e], b"E12345678"]));
        assert!(commitment.opens(&subject, &salt));
        assert!(!commitment.opens(&subject, &SubjectSalt([2; 16])));
        assert!(!commitment.opens(&passport("E12345679"), &salt));
        let same_number = Document::parse(DocumentType::PermanentResidence, "E12345678").unwrap();
        assert!(!commitment.opens(&same_number, &salt));
        assert_eq!(format!("{salt:?}"), "SubjectSalt");
    }
}
