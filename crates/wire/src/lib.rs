//! What travels.
//!
//! The messages and services generated from `proto/`, the conversion of statements into the domain's types, and the
//! one place that maps errors to the wire. Nothing here decides anything.

pub mod convert;
pub mod error;

pub use error::{Failure, Reason, Retry, Unanswered, Warning};

/// Messages, clients and servers of `huxin.v1`.
#[allow(missing_docs, reason = "the .proto files document each field")]
#[allow(clippy::all, unreachable_pub, reason = "generated code")]
pub mod v1 {
    tonic::include_proto!("huxin.v1");

    /// The serialised descriptors of `huxin.v1`, for reflection and for tests of the interface.
    pub const DESCRIPTORS: &[u8] = tonic::include_file_descriptor_set!("huxin.v1.descriptors");
}
