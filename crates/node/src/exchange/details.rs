//! What a node keeps beside an entry of its log, so that it can show later what it answered or decided.
//!
//! `salt1` and `public` may be shown to supervisors. All else is erasable: without it the leaf names nobody.

use bytes::Bytes;
use prost::Message;

/// The details of one entry, as the journal keeps them.
#[derive(Clone, PartialEq, Message)]
pub struct Details {
    /// Salt of the public half, 16 bytes.
    #[prost(bytes = "bytes", tag = "1")]
    pub salt1: Bytes,
    /// The public half.
    #[prost(bytes = "bytes", tag = "2")]
    pub public: Bytes,
    /// Salt of the private half, 16 bytes.
    #[prost(bytes = "bytes", tag = "3")]
    pub salt2: Bytes,
    /// The person's key in the registry, 32 bytes; empty where the person is not this province's.
    #[prost(bytes = "bytes", tag = "4")]
    pub person: Bytes,
    /// The request's exact bytes.
    #[prost(bytes = "bytes", tag = "5")]
    pub request: Bytes,
    /// The body's exact bytes: of a decision or a refusal. An answer is rebuilt from the two fields below.
    #[prost(bytes = "bytes", tag = "6")]
    pub body: Bytes,
    /// Digests of the statements answered, 32 bytes each, in their order.
    #[prost(bytes = "bytes", tag = "7")]
    pub statements: Bytes,
    /// When the registry was read.
    #[prost(int64, tag = "8")]
    pub checked_unix_ms: i64,
}
