//! From bytes to an authentic statement: the only module that makes a [`Verified`].
//!
//! Authentic means: well formed, signed under a key that the membership list gave its department at the time stated,
//! and about this subject. Hop, the department's right, validity and foundedness are belief, and not judged here.

mod cache;

use std::ops::Deref;

use self::cache::{Checked, Message, Proof};
use crate::claims::{Claims, ClaimsError, DepartmentName, SubjectSalt};
use crate::cose::Protected;
use crate::document::Document;
use crate::envelope::{Envelope, EnvelopeError};
use crate::hash::{Digest, sha256};
use crate::key::{KeyId, PublicKey, Verifier as _};
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
    /// The bytes are no statement.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The claims are not well formed.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    /// The key is not listed for the region.
    #[error("the statement is signed with a key that the membership list does not give its region")]
    UnknownKey,
    /// The key is listed for another time.
    #[error("the statement is dated outside the validity of the key that signed it")]
    KeyNotValid,
    /// The claims name another department than the key's owner.
    #[error("the claims name another department than the one that owns the key")]
    WrongDepartment,
    /// First-hand claims name another region than the signer's.
    #[error("the claims are first-hand (hop 0) but name another region than the signer's")]
    WrongRegion,
    /// The commitment does not open to the subject.
    #[error("the statement is not about this person, or the salt is not its own")]
    WrongSubject,
    /// The path has not the length that its place demands.
    #[error("the batch path does not fit the statement's place")]
    Path,
    /// The signature does not match; for a batch also: the path belongs to another statement.
    #[error("the signature does not match the statement or its batch")]
    Signature,
}

impl VerifyError {
    /// A stable word for logs, counters and the wire.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Envelope(_) => "statement_malformed",
            Self::Claims(_) => "statement_claims_invalid",
            Self::UnknownKey => "statement_key_unknown",
            Self::KeyNotValid => "statement_key_not_valid",
            Self::WrongDepartment => "statement_wrong_department",
            Self::WrongRegion => "statement_wrong_region",
            Self::WrongSubject => "statement_wrong_subject",
            Self::Path => "statement_path_invalid",
            Self::Signature => "statement_signature_invalid",
        }
    }
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
    checked: Checked,
    counters: VerifyCounters,
}

impl StatementVerifier {
    /// A verifier that remembers at most `capacity` signatures (about 200 bytes each), of batches and of single
    /// statements together. Below 2 it remembers none.
    pub fn new(capacity: usize) -> Self {
        Self { checked: Checked::new(capacity), counters: VerifyCounters::default() }
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
        let result = self.check(envelope, signer_region, keys, subject, salt);
        match result {
            Ok(_) => self.counters.verified += 1,
            Err(_) => self.counters.refused += 1,
        }
        result.map(Verified)
    }

    /// What this verifier did so far.
    pub const fn counters(&self) -> VerifyCounters {
        self.counters
    }

    fn check(
        &mut self,
        envelope: &[u8],
        signer_region: RegionCode,
        keys: &(impl KeyDirectory + ?Sized),
        subject: &Document,
        salt: &SubjectSalt,
    ) -> Result<Attestation, VerifyError> {
        let envelope = Envelope::parse(envelope)?;
        let kid = envelope.kid();
        let listed = keys.statement_key(signer_region, kid).filter(|listed| listed.key.id() == kid);
        let listed = listed.ok_or(VerifyError::UnknownKey)?;
        let claims = Claims::from_bytes(envelope.claims())?;
        check_signer(&claims, signer_region, &listed)?;
        if !claims.subject_commitment.opens(subject, salt) {
            return Err(VerifyError::WrongSubject);
        }
        let digest = statement_digest(envelope.claims());
        self.check_signature(&envelope, digest, listed.key)?;
        let signer_department = claims.department;
        Ok(Attestation { claims, digest, signer_region, signer_department, kid })
    }

    fn check_signature(
        &mut self,
        envelope: &Envelope<'_>,
        digest: Digest,
        key: &PublicKey,
    ) -> Result<(), VerifyError> {
        let (digest, batch_size) = match envelope.place() {
            None => (digest, None),
            Some(place) => (place.root(envelope.claims()).ok_or(VerifyError::Path)?, Some(place.size())),
        };
        let message = Message { kid: key.id(), batch_size, digest };
        let proof = Proof { public_key: *key.as_bytes(), signature: *envelope.signature() };
        if self.checked.contains(&message, &proof) {
            match batch_size {
                None => self.counters.single_hits += 1,
                Some(_) => self.counters.root_hits += 1,
            }
            return Ok(());
        }
        let header = Protected { kid: key.id(), batch_size };
        let signed = match batch_size {
            None => header.to_be_signed(envelope.claims()),
            Some(_) => header.to_be_signed(digest.as_bytes()),
        };
        self.counters.signatures_checked += 1;
        key.verify(&signed, envelope.signature()).map_err(|_| VerifyError::Signature)?;
        self.checked.insert(message, proof);
        Ok(())
    }
}

/// May the owner of `listed` have stated `claims` for `signer_region` at the time they name?
fn check_signer(
    claims: &Claims,
    signer_region: RegionCode,
    listed: &ListedKey<'_>,
) -> Result<(), VerifyError> {
    if claims.department.as_str() != listed.department {
        return Err(VerifyError::WrongDepartment);
    }
    if claims.hop == 0 && claims.region != signer_region {
        return Err(VerifyError::WrongRegion);
    }
    let stated_at = claims.stated_at.to_ms();
    if stated_at < listed.from || listed.until <= stated_at {
        return Err(VerifyError::KeyNotValid);
    }
    Ok(())
}
