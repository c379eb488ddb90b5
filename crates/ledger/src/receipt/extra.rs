//! The extra line of a receipt: deterministic CBOR, then base64.
//!
//! `{1 leaf type, 2 unix_ms, 3 salt₁, 4 public, 5 H(salt₂‖private)}`, or instead of 5
//! `6 salt₂` with `7 query` or `8 H(query)` and `9 body` or `10 H(body)`, or with `11 private`.

use std::fmt;

use huxin_attest::{Digest, UnixMs};
use minicbor::Decoder;

use super::{Contents, MAX_EXTRA_LEN, Part, Private, Receipt};
use crate::cbor::{self, Canonical, CborError, Writer};
use crate::leaf::{LeafType, Salt};

impl Canonical for Contents {
    const MAX_LEN: usize = MAX_EXTRA_LEN;

    fn write(&self, out: &mut Writer) {
        out.map(match &self.private {
            Private::Sealed(_) => 5,
            Private::Bytes { .. } => 6,
            Private::Exchange { .. } => 7,
        });
        out.uint(1);
        out.uint(u64::from(self.leaf_type.number()));
        out.uint(2);
        out.uint(u64::try_from(self.at.as_ms()).unwrap_or_default());
        out.uint(3);
        out.bytes(&self.salt1.0);
        out.uint(4);
        out.bytes(&self.public);
        match &self.private {
            Private::Sealed(half) => {
                out.uint(5);
                out.bytes(&half.0);
            }
            Private::Exchange { salt2, query, body } => {
                out.uint(6);
                out.bytes(&salt2.0);
                write_part(out, 7, query);
                write_part(out, 9, body);
            }
            Private::Bytes { salt2, bytes } => {
                out.uint(6);
                out.bytes(&salt2.0);
                out.uint(11);
                out.bytes(bytes);
            }
        }
    }

    fn read(input: &mut Decoder<'_>) -> Result<Self, CborError> {
        let len = cbor::map_len(input)?;
        cbor::key(input, 1)?;
        let leaf_type = LeafType::from_number(input.u64()?).ok_or(CborError::Form)?;
        cbor::key(input, 2)?;
        let at = i64::try_from(input.u64()?).ok().and_then(UnixMs::from_ms).ok_or(CborError::Form)?;
        cbor::key(input, 3)?;
        let salt1 = read_salt(input)?;
        cbor::key(input, 4)?;
        let public = input.bytes()?.to_vec();
        let private = match len {
            5 => {
                cbor::key(input, 5)?;
                Private::Sealed(read_digest(input)?)
            }
            6 => {
                cbor::key(input, 6)?;
                let salt2 = read_salt(input)?;
                cbor::key(input, 11)?;
                Private::Bytes { salt2, bytes: input.bytes()?.to_vec() }
            }
            7 => {
                cbor::key(input, 6)?;
                let salt2 = read_salt(input)?;
                let query = read_part(input, 7)?;
                Private::Exchange { salt2, query, body: read_part(input, 9)? }
            }
            _ => return Err(CborError::Form),
        };
        Ok(Self { leaf_type, at, salt1, public, private })
    }
}

/// Bytes under `key`, or a hash under the key behind it.
fn write_part(out: &mut Writer, key: u64, part: &Part) {
    match part {
        Part::Bytes(bytes) => {
            out.uint(key);
            out.bytes(bytes);
        }
        Part::Hash(hash) => {
            out.uint(key + 1);
            out.bytes(&hash.0);
        }
    }
}

fn read_part(input: &mut Decoder<'_>, key: u64) -> Result<Part, CborError> {
    match input.u64()? {
        found if found == key => Ok(Part::Bytes(input.bytes()?.to_vec())),
        found if found == key + 1 => read_digest(input).map(Part::Hash),
        _ => Err(CborError::Form),
    }
}

fn read_salt(input: &mut Decoder<'_>) -> Result<Salt, CborError> {
    input.bytes()?.try_into().map(Salt).map_err(|_| CborError::Form)
}

fn read_digest(input: &mut Decoder<'_>) -> Result<Digest, CborError> {
    Digest::try_from(input.bytes()?).map_err(|_| CborError::Form)
}

/// Shows the place in the log only: query and body may be about a person.
impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Receipt(entry {}, {:?})", self.index, self.contents)
    }
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contents({:?} at {})", self.leaf_type, self.at)
    }
}
