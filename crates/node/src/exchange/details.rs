//! What a node keeps beside an entry of its log, so that it can show later what it answered or decided.
//!
//! All of it is erasable: without it the leaf names nobody. The salt of the public half and the public half itself are no
//! part of it: the log keeps them for good, because supervisors may read them.

use bytes::Bytes;
use prost::Message;

use crate::recognise::Judged;

/// The details of one entry, as the log keeps them.
#[derive(Clone, PartialEq, Message)]
pub struct Details {
    /// Salt of the private half, 16 bytes.
    #[prost(bytes = "bytes", tag = "3")]
    pub salt2: Bytes,
    /// The person's key in the registry, 32 bytes: of whom an answer, a change or a reuse is about. Empty elsewhere.
    #[prost(bytes = "bytes", tag = "4")]
    pub person: Bytes,
    /// The request's exact bytes.
    #[prost(bytes = "bytes", tag = "5")]
    pub request: Bytes,
    /// The body's exact bytes: of a decision, a refusal, or the report of a reuse. An answer is rebuilt from the two fields below.
    #[prost(bytes = "bytes", tag = "6")]
    pub body: Bytes,
    /// Digests of the statements answered, 32 bytes each, in their order.
    #[prost(bytes = "bytes", tag = "7")]
    pub statements: Bytes,
    /// When the registry was read.
    #[prost(int64, tag = "8")]
    pub checked_unix_ms: i64,
    /// Of a decision: what it was judged by.
    #[prost(message, optional, tag = "9")]
    pub judged: Option<Judged>,
}
