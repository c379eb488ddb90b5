//! Keys: one pair of traits through which every signature goes.
//!
//! Statements, checkpoints and policies are signed through [`Signer`] and checked through [`Verifier`], so that another
//! algorithm (SM2 with SM3) or a key inside an HSM is one more implementation. Format 1 knows Ed25519 (RFC 8032).

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};
use zeroize::Zeroize;

use crate::hash::{from_hex_into, sha256};
use crate::random::Random;

/// The length of an Ed25519 signature in bytes.
pub const SIGNATURE_LEN: usize = 64;

/// A signature over exact bytes.
pub type Signature = [u8; SIGNATURE_LEN];

/// The first 8 bytes of SHA-256 of the raw public key: the `kid` of COSE headers and membership lists.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 8]);

/// Signs exact bytes. The key itself may lie elsewhere.
pub trait Signer: Send + Sync {
    /// The public half.
    fn public_key(&self) -> &PublicKey;

    /// Signs `message`.
    ///
    /// # Errors
    /// If the key cannot be used now (a hardware module that does not answer).
    fn sign(&self, message: &[u8]) -> Result<Signature, SigningFailed>;
}

/// Checks signatures over exact bytes.
pub trait Verifier {
    /// Accepts exactly the signatures that the key's holder made over `message`.
    ///
    /// # Errors
    /// If the signature is not one of those.
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature>;
}

/// The signature does not belong to this key and message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not match the key and the bytes")]
pub struct BadSignature;

/// The key could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signing key cannot be used: {0}")]
pub struct SigningFailed(pub String);

/// Bytes or text that are no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an Ed25519 key")]
pub struct BadKey;

/// An Ed25519 public key, 32 bytes, parsed once.
#[derive(Clone)]
pub struct PublicKey {
    raw: [u8; 32],
    id: KeyId,
    parsed: ParsedPublicKey,
}

impl PublicKey {
    /// Reads the 32 raw bytes of RFC 8032.
    ///
    /// # Errors
    /// If they are no point of the curve.
    pub fn from_bytes(raw: &[u8]) -> Result<Self, BadKey> {
        let raw: [u8; 32] = raw.try_into().map_err(|_| BadKey)?;
        let parsed = ParsedPublicKey::new(&ED25519, raw).map_err(|_| BadKey)?;
        let [a, b, c, d, e, f, g, h, ..] = sha256(&[&raw]).0;
        Ok(Self { raw, id: KeyId([a, b, c, d, e, f, g, h]), parsed })
    }

    /// The 32 raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.raw
    }

    /// The key's id.
    pub const fn id(&self) -> KeyId {
        self.id
    }
}

impl Verifier for PublicKey {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.parsed.verify_sig(message, signature).map_err(|_| BadSignature)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id)
    }
}

/// An Ed25519 key held in memory.
pub struct Ed25519Key {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl Ed25519Key {
    /// Makes a key from fresh randomness.
    ///
    /// # Errors
    /// If the cryptographic library refuses the seed.
    pub fn generate(random: &mut dyn Random) -> Result<Self, BadKey> {
        let mut seed = [0; 32];
        random.fill(&mut seed);
        let key = Self::from_seed(&seed);
        seed.zeroize();
        key
    }

    /// The key of a 32-byte seed (the private key of RFC 8032).
    ///
    /// # Errors
    /// If the cryptographic library refuses the seed.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, BadKey> {
        Self::from_pair(Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| BadKey)?)
    }

    /// Reads a PKCS #8 document (RFC 8410).
    ///
    /// # Errors
    /// If it holds no Ed25519 key.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, BadKey> {
        Self::from_pair(Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| BadKey)?)
    }

    /// Writes the key as a PKCS #8 document (RFC 8410, version 1).
    ///
    /// # Errors
    /// If the cryptographic library cannot export the key.
    pub fn to_pkcs8(&self) -> Result<Vec<u8>, BadKey> {
        self.pair.to_pkcs8v1().map(|document| document.as_ref().to_vec()).map_err(|_| BadKey)
    }

    fn from_pair(pair: Ed25519KeyPair) -> Result<Self, BadKey> {
        let public = PublicKey::from_bytes(pair.public_key().as_ref())?;
        Ok(Self { pair, public })
    }
}

impl Signer for Ed25519Key {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SigningFailed> {
        let signature = self.pair.try_sign(message).map_err(|error| SigningFailed(error.to_string()))?;
        signature.as_ref().try_into().map_err(|_| SigningFailed("unexpected signature length".into()))
    }
}

impl fmt::Debug for Ed25519Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ed25519Key({})", self.public.id)
    }
}

impl KeyId {
    /// Reads 16 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut out = [0; 8];
        from_hex_into(text, &mut out).then_some(Self(out))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_key_and_bytes_only() {
        let key = Ed25519Key::from_seed(&[7; 32]).unwrap();
        let other = Ed25519Key::from_seed(&[8; 32]).unwrap();
        let signature = key.sign(b"bytes").unwrap();
        assert_eq!(key.public_key().verify(b"bytes", &signature), Ok(()));
        assert_eq!(key.public_key().verify(b"byteS", &signature), Err(BadSignature));
        assert_eq!(other.public_key().verify(b"bytes", &signature), Err(BadSignature));
        assert_eq!(key.public_key().verify(b"bytes", &signature[..63]), Err(BadSignature));
    }

    #[test]
    fn the_first_vector_of_rfc_8032_is_reproduced() {
        let mut seed = [0; 32];
        assert!(from_hex_into("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", &mut seed));
        let key = Ed25519Key::from_seed(&seed).unwrap();
        let mut signature = [0; 64];
        assert!(from_hex_into(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            &mut signature
        ));
        assert_eq!(key.sign(b"").unwrap(), signature);
    }

    #[test]
    fn a_key_survives_pkcs8() {
        let key = Ed25519Key::from_seed(&[9; 32]).unwrap();
        let again = Ed25519Key::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
        assert_eq!(key.public_key(), again.public_key());
        assert_eq!(KeyId::from_hex(&key.public_key().id().to_string()), Some(key.public_key().id()));
        assert!(PublicKey::from_bytes(&[0; 31]).is_err());
    }
}
