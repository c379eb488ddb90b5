//! The receipt of an entry about a decision.

use bytes::Bytes;
use huxin_ledger::{Leaf, Origin, Salt};
use huxin_wire::v1;

use crate::exchange::hash_bytes;
use crate::log_port::Logged;

/// What the entry commits to.
pub struct Contents {
    /// What the log holds.
    pub leaf: Leaf,
    /// Salt of the public half.
    pub salt1: Salt,
    /// The public half.
    pub public: Bytes,
    /// Salt of the private half.
    pub salt2: Salt,
    /// SHA-256 of the request.
    pub request_sha256: Bytes,
    /// The body's exact bytes.
    pub body: Bytes,
}

/// The receipt of an entry of the log `origin`.
pub fn message(origin: &Origin, logged: &Logged, contents: Contents) -> v1::Receipt {
    let Logged { index, path, checkpoint } = logged;
    let Contents { leaf, salt1, public, salt2, request_sha256, body } = contents;
    v1::Receipt {
        origin: origin.as_str().to_owned(),
        index: *index,
        path: hash_bytes(path),
        checkpoint: checkpoint.as_ref().into(),
        leaf_type: leaf.leaf_type.number().into(),
        unix_ms: leaf.at.as_ms(),
        salt1: Bytes::copy_from_slice(&salt1.0),
        public,
        salt2: Bytes::copy_from_slice(&salt2.0),
        request_sha256,
        body,
    }
}
