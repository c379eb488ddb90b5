//! An entry of the log, sealed: fresh salts, the commitment over both halves, and the details that open it again.
//!
//! Every entry of a node is made here, so that no leaf ever holds a half without its salt.

use bytes::Bytes;
use huxin_attest::UnixMs;
use huxin_ledger::leaf::commitment;
use huxin_ledger::{Leaf, LeafType, Salt};
use prost::Message as _;

use crate::exchange::Details;
use crate::salts::SaltPool;

/// An entry that is ready for the log, with what opens its commitment.
pub struct Sealed {
    /// What the log holds.
    pub leaf: Leaf,
    /// Salt of the public half.
    pub salt1: Salt,
    /// The public half.
    pub public: Bytes,
    /// Salt of the private half.
    pub salt2: Salt,
    /// What is kept beside the entry and may be erased.
    pub details: Bytes,
}

/// Seals both halves under fresh salts. `kept` is the erasable part of what is kept beside the entry; the salt of the
/// private half is added to it.
pub fn seal(
    salts: &SaltPool,
    leaf_type: LeafType,
    at: UnixMs,
    public: Vec<u8>,
    private: &[u8],
    kept: Details,
) -> Sealed {
    let public = Bytes::from(public);
    let (salt1, salt2) = (Salt(salts.take()), Salt(salts.take()));
    let leaf = Leaf { leaf_type, at, commitment: commitment(&salt1, &public, &salt2, private) };
    let details = Details { salt2: Bytes::copy_from_slice(&salt2.0), ..kept }.encode_to_vec();
    Sealed { leaf, salt1, public, salt2, details: details.into() }
}
