//! Writing CBOR into memory, which cannot fail.

use std::convert::Infallible;

use minicbor::{Encoder, encode};

/// What a write into memory returns; minicbor's writers are fallible by type only.
pub(crate) type Written = Result<(), encode::Error<Infallible>>;

/// A statement seldom needs more.
const USUAL_LEN: usize = 1024;

/// The bytes that `write` produces.
#[allow(clippy::expect_used, reason = "a Vec takes every byte, and no custom encoder runs that could fail")]
pub(crate) fn to_vec(write: impl FnOnce(&mut Encoder<Vec<u8>>) -> Written) -> Vec<u8> {
    let mut out = Encoder::new(Vec::with_capacity(USUAL_LEN));
    write(&mut out).expect("writing CBOR into memory failed");
    out.into_writer()
}

/// The length of a slice, as CBOR counts.
pub(crate) const fn len<T>(items: &[T]) -> u64 {
    items.len() as u64
}
