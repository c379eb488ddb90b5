//! Signing statements, one by one or as a batch under one signature.
//!
//! A node never calls this with a key of its own: statements are signed by the department that states the fact.

use crate::claims::Claims;
use crate::cose::Protected;
use crate::envelope::{Envelope, MAX_BATCH, Place, assemble_single};
use crate::hash::Digest;
use crate::key::{KeyId, Signer, SigningFailed};
use crate::merkle::{self, Tree};

/// Why nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The key could not be used.
    #[error(transparent)]
    Key(#[from] SigningFailed),
    /// More than [`MAX_BATCH`] statements.
    #[error("a batch holds at most 4096 statements; split it")]
    BatchTooLarge,
}

/// The exact bytes that the holder of `kid` signs to state `claims` singly: the Sig_structure of RFC 9052 §4.4.
pub fn to_be_signed(claims: &Claims, kid: KeyId) -> Vec<u8> {
    Protected { kid, batch_size: None }.to_be_signed(&claims.to_bytes())
}

/// The protected header of a single statement under `kid`: part of what is signed, and of the statement.
pub fn single_header(kid: KeyId) -> Vec<u8> {
    Protected { kid, batch_size: None }.to_bytes()
}

/// The key that the protected header of a single statement names; `None` if the bytes are not the one encoding of such
/// a header.
pub fn kid_of_single_header(bytes: &[u8]) -> Option<KeyId> {
    let kid = Protected::read(bytes).ok()?.kid;
    (single_header(kid) == bytes).then_some(kid)
}

/// The exact bytes that the holder of `kid` signs for a batch of `size` statements (2 to [`MAX_BATCH`]) under `root`,
/// the tree hash of RFC 6962 over the claims' bytes as leaves.
pub fn batch_to_be_signed(root: &Digest, size: u16, kid: KeyId) -> Vec<u8> {
    Protected { kid, batch_size: Some(size) }.to_be_signed(root.as_bytes())
}

/// Signs one statement and returns it as it travels.
///
/// # Errors
/// If the key cannot be used.
pub fn sign_single(claims: &Claims, signer: &dyn Signer) -> Result<Vec<u8>, SignError> {
    let kid = signer.public_key().id();
    let signature = signer.sign(&to_be_signed(claims, kid))?;
    Ok(assemble_single(claims, kid, &signature))
}

/// Signs many statements with one signature and returns them, in their order, as they travel. One statement alone is
/// signed as a single statement: a receipt's path is never empty (RFC 9942).
///
/// # Errors
/// If there are more than [`MAX_BATCH`], or the key cannot be used.
pub fn sign_batch(batch: &[Claims], signer: &dyn Signer) -> Result<Vec<Vec<u8>>, SignError> {
    let size = u16::try_from(batch.len()).ok().filter(|size| *size <= MAX_BATCH);
    let size = size.ok_or(SignError::BatchTooLarge)?;
    if let [only] = batch {
        return Ok(vec![sign_single(only, signer)?]);
    }
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    let claims: Vec<Vec<u8>> = batch.iter().map(Claims::to_bytes).collect();
    let tree = Tree::new(claims.iter().map(|bytes| merkle::leaf_hash(bytes)).collect());
    let kid = signer.public_key().id();
    let signature = signer.sign(&batch_to_be_signed(&tree.root(), size, kid))?;
    let places = (0..size).filter_map(|index| Place::new(size, index, &tree.path(index.into())?));
    Ok(claims
        .iter()
        .zip(places)
        .map(|(claims, place)| Envelope::in_batch(claims, kid, &signature, place).to_bytes())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_header_names_its_key_and_has_one_encoding() {
        let kid = KeyId([7; 8]);
        let header = single_header(kid);
        assert_eq!(kid_of_single_header(&header), Some(kid));
        let batch = Protected { kid, batch_size: Some(2) }.to_bytes();
        let with_tail = [header.as_slice(), &[0]].concat();
        for bad in [&[][..], &header[1..], &batch, &with_tail] {
            assert_eq!(kid_of_single_header(bad), None, "{bad:?}");
        }
    }
}
