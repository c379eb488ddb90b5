//! Deterministic CBOR (RFC 8949 §4.2.1) for what the log commits to.
//!
//! minicbor checks no canonical form: what is read is encoded again and compared, so one value has one encoding.

use minicbor::{Decoder, Encoder};

/// Bytes that are no value of the expected form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// Longer than the form allows.
    #[error("longer than this form allows")]
    TooLong,
    /// Not CBOR, or not of the expected form.
    #[error("not the expected form")]
    Form,
    /// Another encoding than the deterministic one (RFC 8949 §4.2.1).
    #[error("not in deterministic encoding")]
    NotDeterministic,
}

impl From<minicbor::decode::Error> for CborError {
    fn from(_: minicbor::decode::Error) -> Self {
        Self::Form
    }
}

/// A value with one deterministic encoding of at most `MAX_LEN` bytes.
pub(crate) trait Canonical: Sized {
    /// The longest encoding that is read, in bytes.
    const MAX_LEN: usize;

    /// Appends the encoding.
    fn write(&self, out: &mut Writer);

    /// Reads a value; the caller checks what follows it and whether the form was deterministic.
    fn read(input: &mut Decoder<'_>) -> Result<Self, CborError>;
}

/// Writes into memory, which cannot fail: the encoder's results say nothing.
pub(crate) struct Writer(Encoder<Vec<u8>>);

pub(crate) fn encode<T: Canonical>(value: &T) -> Vec<u8> {
    let mut out = Writer(Encoder::new(Vec::with_capacity(128)));
    value.write(&mut out);
    out.0.into_writer()
}

pub(crate) fn decode<T: Canonical>(bytes: &[u8]) -> Result<T, CborError> {
    if bytes.len() > T::MAX_LEN {
        return Err(CborError::TooLong);
    }
    let mut input = Decoder::new(bytes);
    let value = T::read(&mut input)?;
    if input.position() != bytes.len() {
        return Err(CborError::Form);
    }
    if encode(&value) != bytes {
        return Err(CborError::NotDeterministic);
    }
    Ok(value)
}

/// The number of entries of the map that comes next.
pub(crate) fn map_len(input: &mut Decoder<'_>) -> Result<u64, CborError> {
    input.map()?.ok_or(CborError::NotDeterministic)
}

/// The number of elements of the array that comes next, at most `max`.
pub(crate) fn array_len(input: &mut Decoder<'_>, max: usize) -> Result<usize, CborError> {
    let len = input.array()?.ok_or(CborError::NotDeterministic)?;
    usize::try_from(len).ok().filter(|len| *len <= max).ok_or(CborError::TooLong)
}

/// The key that must come next.
pub(crate) fn key(input: &mut Decoder<'_>, expected: u64) -> Result<(), CborError> {
    if input.u64()? == expected { Ok(()) } else { Err(CborError::Form) }
}

impl Writer {
    pub(crate) fn map(&mut self, len: u64) {
        let _ = self.0.map(len);
    }

    pub(crate) fn array(&mut self, len: usize) {
        let _ = self.0.array(len as u64);
    }

    pub(crate) fn uint(&mut self, value: u64) {
        let _ = self.0.u64(value);
    }

    pub(crate) fn text(&mut self, value: &str) {
        let _ = self.0.str(value);
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) {
        let _ = self.0.bytes(value);
    }
}
