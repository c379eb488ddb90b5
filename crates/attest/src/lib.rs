//! What is stated and signed.
//!
//! Regions, documents and organisations by their national standards; the claims of a statement, its COSE envelope,
//! batches and keys. This crate knows no I/O, no clock and no async: time and randomness are passed in. It depends on
//! no sibling crate.

mod cbor;
pub mod claims;
mod cose;
pub mod document;
pub mod envelope;
pub mod hash;
pub mod key;
pub mod kind;
pub mod merkle;
pub mod org;
pub mod random;
pub mod region;
pub mod sign;
pub mod text;
pub mod time;
pub mod verify;

pub use claims::{
    ClaimFields, Claims, ClaimsError, CodeStatus, DepartmentName, EvidenceRef, Label, SubjectCommitment,
    SubjectSalt, Term, TestResult,
};
pub use document::{Document, DocumentError, DocumentType};
pub use envelope::{Envelope, EnvelopeError, MAX_BATCH, MAX_ENVELOPE_LEN, assemble_single};
pub use hash::{Digest, sha256};
pub use key::{BadSignature, Ed25519Key, KeyId, PublicKey, Signer, Verifier};
pub use kind::{Kind, Kinds};
pub use org::{OrgCode, OrgCodeError};
pub use random::{Random, SystemRandom};
pub use region::{AreaCode, AreaPrefix, RegionCode, RegionError};
pub use sign::{
    SignError, batch_to_be_signed, kid_of_single_header, sign_batch, sign_single, single_header, to_be_signed,
};
pub use time::{Clock, UnixMs, UnixSecs};
pub use verify::{
    Attestation, KeyDirectory, ListedKey, StatementVerifier, Verified, VerifyCounters, VerifyError,
    statement_digest,
};
