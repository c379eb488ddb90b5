//! The parts of COSE (RFC 9052) and of its receipts (RFC 9942) that statements use.
//!
//! Two protected headers exist and no other: that of a single statement and that of a batch. They differ, so a
//! signature made over one form never passes for the other.

use minicbor::Decoder;

use crate::cbor::{self, Written};
use crate::key::KeyId;

/// COSE_Sign1 (RFC 9052 §2).
pub(crate) const TAG_SIGN1: u64 = 18;
/// vdp: the proofs of a verifiable data structure, in the unprotected header (RFC 9942).
pub(crate) const PROOFS: u16 = 396;
/// Inclusion proofs, within vdp (RFC 9942).
pub(crate) const INCLUSION: i8 = -1;

const ALG: u8 = 1;
const KID: u8 = 4;
const EDDSA: i8 = -8;
/// vds: the verifiable data structure, in the protected header (RFC 9942).
const STRUCTURE: u16 = 395;
/// RFC9162_SHA256, whose tree is that of RFC 6962 (RFC 9942).
const RFC9162_SHA256: u8 = 1;
/// Ours, of the range for private use: the number of statements in the batch. A root does not fix it, so without this
/// a path could be shown under several sizes.
const BATCH_SIZE: i32 = -65537;

/// What a protected header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Protected {
    pub(crate) kid: KeyId,
    /// The number of statements under the signed root; `None`: one statement, signed itself.
    pub(crate) batch_size: Option<u16>,
}

/// Why a protected header is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderError {
    Algorithm,
    Form,
}

impl Protected {
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        cbor::to_vec(|out| {
            out.map(if self.batch_size.is_some() { 4 } else { 2 })?;
            out.u8(ALG)?.i8(EDDSA)?;
            out.u8(KID)?.bytes(&self.kid.0)?;
            if let Some(size) = self.batch_size {
                out.u16(STRUCTURE)?.u8(RFC9162_SHA256)?;
                out.i32(BATCH_SIZE)?.u16(size)?;
            }
            Ok(())
        })
    }

    /// Reads one of the two headers. The caller compares with [`Self::to_bytes`]: that the encoding is the
    /// deterministic one is not checked here.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, HeaderError> {
        let mut input = Decoder::new(bytes);
        let entries = input.map().ok().flatten().ok_or(HeaderError::Form)?;
        if input.i64().ok() != Some(ALG.into()) {
            return Err(HeaderError::Form);
        }
        if input.i64().ok() != Some(EDDSA.into()) {
            return Err(HeaderError::Algorithm);
        }
        Self::after_alg(&mut input, entries).ok_or(HeaderError::Form)
    }

    fn after_alg(input: &mut Decoder<'_>, entries: u64) -> Option<Self> {
        let key_is = |key: i64, input: &mut Decoder<'_>| (input.i64().ok()? == key).then_some(());
        key_is(KID.into(), input)?;
        let kid = KeyId(input.bytes().ok()?.try_into().ok()?);
        let batch_size = match entries {
            2 => None,
            4 => {
                key_is(STRUCTURE.into(), input)?;
                key_is(RFC9162_SHA256.into(), input)?;
                key_is(BATCH_SIZE.into(), input)?;
                Some(input.u16().ok()?)
            }
            _ => return None,
        };
        Some(Self { kid, batch_size })
    }

    /// The exact bytes that are signed: the Sig_structure of RFC 9052 §4.4, without external data.
    pub(crate) fn to_be_signed(self, payload: &[u8]) -> Vec<u8> {
        let header = self.to_bytes();
        cbor::to_vec(|out| -> Written {
            out.array(4)?.str("Signature1")?.bytes(&header)?.bytes(&[])?.bytes(payload)?;
            Ok(())
        })
    }
}
