//! A statement as it travels: one byte string, in one of two forms.
//!
//! *Single*: a COSE_Sign1 whose payload is the claims. *Batch*: the claims beside a receipt (RFC 9942) that proves them
//! a leaf under a signed root. `proto/attestation.cddl` has both. Reading checks form only, never a signature, and
//! accepts exactly one encoding of each statement.

use minicbor::{Decoder, Encoder};

use crate::cbor::{self, Written};
use crate::claims::{Claims, MAX_CLAIMS_LEN};
use crate::cose::{HeaderError, INCLUSION, PROOFS, Protected, TAG_SIGN1};
use crate::hash::Digest;
use crate::key::{KeyId, Signature};
use crate::merkle;

/// The longest statement as it travels, in bytes.
pub const MAX_ENVELOPE_LEN: usize = 4096;

/// The most statements under one signature.
pub const MAX_BATCH: u16 = 4096;

/// The longest path in a batch of [`MAX_BATCH`].
const MAX_PATH: usize = 12;

/// A statement taken apart. Nothing of it is verified.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    kid: KeyId,
    claims: &'a [u8],
    signature: &'a Signature,
    place: Option<Place>,
}

/// Where in a batch a statement stands.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    size: u16,
    index: u16,
    path: [Digest; MAX_PATH],
    path_len: usize,
}

/// Why bytes are no statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Longer than [`MAX_ENVELOPE_LEN`].
    #[error("the statement is longer than 4096 bytes")]
    TooLong,
    /// Neither form of the CDDL.
    #[error("the statement is neither of the forms that attestation.cddl describes")]
    Malformed,
    /// Signed with another algorithm than EdDSA.
    #[error("the statement names another signature algorithm than EdDSA (-8)")]
    Algorithm,
    /// The bytes are not the deterministic encoding (RFC 8949 §4.2.1), or something follows.
    #[error("the statement is not in deterministic encoding; encode it again by RFC 8949 section 4.2.1")]
    NotCanonical,
    /// A batch of fewer than 2 or more than [`MAX_BATCH`], or a place outside it.
    #[error("the statement names a place outside its batch, or a batch not of 2 to 4096 statements")]
    Batch,
}

impl<'a> Envelope<'a> {
    /// Takes a statement apart.
    ///
    /// # Errors
    /// If the bytes are not exactly one statement in its one encoding.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > MAX_ENVELOPE_LEN {
            return Err(EnvelopeError::TooLong);
        }
        let mut input = Decoder::new(bytes);
        // An array holds claims and receipt; a tag opens a COSE_Sign1.
        let beside = match input.datatype() {
            Ok(minicbor::data::Type::Array) => Some(read_beside(&mut input).ok_or(EnvelopeError::Malformed)?),
            _ => None,
        };
        let envelope = read_sign1(&mut input, beside)?;
        if envelope.claims.len() > MAX_CLAIMS_LEN {
            return Err(EnvelopeError::TooLong);
        }
        if envelope.to_bytes() != bytes {
            return Err(EnvelopeError::NotCanonical);
        }
        Ok(envelope)
    }

    /// The id of the key that signed, as the protected header names it.
    pub const fn kid(&self) -> KeyId {
        self.kid
    }

    /// The claims' bytes, as signed.
    pub const fn claims(&self) -> &'a [u8] {
        self.claims
    }

    /// The signature.
    pub const fn signature(&self) -> &'a Signature {
        self.signature
    }

    /// The place in a batch; `None` for a single statement.
    pub const fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    pub(crate) fn single(claims: &'a [u8], kid: KeyId, signature: &'a Signature) -> Self {
        Self { kid, claims, signature, place: None }
    }

    pub(crate) fn in_batch(claims: &'a [u8], kid: KeyId, signature: &'a Signature, place: Place) -> Self {
        Self { kid, claims, signature, place: Some(place) }
    }

    pub(crate) fn to_bytes(self) -> Vec<u8> {
        cbor::to_vec(|out| self.write(out))
    }

    fn write(&self, out: &mut Encoder<Vec<u8>>) -> Written {
        let batch_size = self.place.map(|place| place.size);
        let protected = Protected { kid: self.kid, batch_size }.to_bytes();
        if let Some(place) = &self.place {
            let proof = place.to_bytes();
            out.array(2)?.bytes(self.claims)?;
            out.tag(minicbor::data::Tag::new(TAG_SIGN1))?.array(4)?.bytes(&protected)?;
            out.map(1)?.u16(PROOFS)?.map(1)?.i8(INCLUSION)?.array(1)?.bytes(&proof)?;
            out.null()?;
        } else {
            out.tag(minicbor::data::Tag::new(TAG_SIGN1))?.array(4)?.bytes(&protected)?;
            out.map(0)?;
            out.bytes(self.claims)?;
        }
        out.bytes(self.signature)?.ok()
    }
}

/// `beside` are the claims that stand outside the COSE_Sign1: there are some exactly where it is a receipt.
fn read_sign1<'a>(input: &mut Decoder<'a>, beside: Option<&'a [u8]>) -> Result<Envelope<'a>, EnvelopeError> {
    let header = read_header(input).ok_or(EnvelopeError::Malformed)?;
    let Protected { kid, batch_size } = Protected::read(header).map_err(|error| match error {
        HeaderError::Algorithm => EnvelopeError::Algorithm,
        HeaderError::Form => EnvelopeError::Malformed,
    })?;
    let (claims, place) = match (beside, batch_size) {
        (None, None) => (read_payload(input).ok_or(EnvelopeError::Malformed)?, None),
        (Some(claims), Some(size)) => {
            let place = read_proof(input).ok_or(EnvelopeError::Malformed)?;
            if !(2..=MAX_BATCH).contains(&size) || place.size != size || place.index >= size {
                return Err(EnvelopeError::Batch);
            }
            (claims, Some(place))
        }
        _ => return Err(EnvelopeError::Malformed),
    };
    let signature: Option<&Signature> = input.bytes().ok().and_then(|bytes| bytes.try_into().ok());
    Ok(Envelope { kid, claims, signature: signature.ok_or(EnvelopeError::Malformed)?, place })
}

fn read_beside<'a>(input: &mut Decoder<'a>) -> Option<&'a [u8]> {
    (input.array().ok()? == Some(2)).then_some(())?;
    input.bytes().ok()
}

fn read_header<'a>(input: &mut Decoder<'a>) -> Option<&'a [u8]> {
    (input.tag().ok()?.as_u64() == TAG_SIGN1 && input.array().ok()? == Some(4)).then_some(())?;
    input.bytes().ok()
}

/// An empty unprotected header and the payload.
fn read_payload<'a>(input: &mut Decoder<'a>) -> Option<&'a [u8]> {
    (input.map().ok()? == Some(0)).then_some(())?;
    input.bytes().ok()
}

/// An unprotected header with one inclusion proof, and no payload.
fn read_proof(input: &mut Decoder<'_>) -> Option<Place> {
    (input.map().ok()? == Some(1) && input.u16().ok()? == PROOFS).then_some(())?;
    (input.map().ok()? == Some(1) && input.i8().ok()? == INCLUSION).then_some(())?;
    (input.array().ok()? == Some(1)).then_some(())?;
    let place = Place::read(input.bytes().ok()?)?;
    input.null().ok()?;
    Some(place)
}

impl Place {
    /// Place `index` of `size`, with its path; `None` if the path is longer than any of a batch.
    pub(crate) fn new(size: u16, index: u16, path: &[Digest]) -> Option<Self> {
        let mut own = [Digest::default(); MAX_PATH];
        own.get_mut(..path.len())?.copy_from_slice(path);
        Some(Self { size, index, path: own, path_len: path.len() })
    }

    /// How many statements the batch has.
    pub const fn size(&self) -> u16 {
        self.size
    }

    /// Which of them this is, from 0.
    pub const fn index(&self) -> u16 {
        self.index
    }

    /// The siblings, from the leaf's up to the root's child.
    pub fn path(&self) -> &[Digest] {
        self.path.get(..self.path_len).unwrap_or_default()
    }

    /// The root that the path leads to from the leaf of `claims`; `None` if no batch of this size has such a path.
    pub fn root(&self, claims: &[u8]) -> Option<Digest> {
        merkle::root_from_path(&merkle::leaf_hash(claims), self.index.into(), self.size.into(), self.path())
    }

    fn to_bytes(self) -> Vec<u8> {
        cbor::to_vec(|out| {
            out.array(3)?.u16(self.size)?.u16(self.index)?.array(cbor::len(self.path()))?;
            for sibling in self.path() {
                out.bytes(sibling.as_bytes())?;
            }
            Ok(())
        })
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut input = Decoder::new(bytes);
        (input.array().ok()? == Some(3)).then_some(())?;
        let (size, index) = (input.u16().ok()?, input.u16().ok()?);
        let path_len = usize::try_from(input.array().ok()??).ok()?;
        let mut path = [Digest::default(); MAX_PATH];
        for sibling in path.get_mut(..path_len)? {
            *sibling = Digest::try_from(input.bytes().ok()?).ok()?;
        }
        Some(Self { size, index, path, path_len })
    }
}

/// The single statement that `signature`, made over [`to_be_signed`](crate::sign::to_be_signed), makes of `claims`.
pub fn assemble_single(claims: &Claims, kid: KeyId, signature: &Signature) -> Vec<u8> {
    Envelope::single(&claims.to_bytes(), kid, signature).to_bytes()
}
