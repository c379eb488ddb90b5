//! Ed25519 keys of departments (statements), nodes (logs) and list signers, apart from TLS keys.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use huxin_attest::{Ed25519Key, PublicKey, Random, Signer};
use zeroize::Zeroizing;

use super::PkiError;
use crate::pem;

/// A new key.
pub struct NewKey {
    /// The private key, PKCS #8 PEM.
    pub private_pem: Zeroizing<String>,
    /// The public key; its id is the `kid`.
    pub public: PublicKey,
}

/// Makes an Ed25519 key from the randomness given.
///
/// # Errors
/// If the cryptographic library refuses the seed.
pub fn new_key(random: &mut dyn Random) -> Result<NewKey, PkiError> {
    let key = Ed25519Key::generate(random).map_err(|_| PkiError::BadKey)?;
    let pkcs8 = Zeroizing::new(key.to_pkcs8().map_err(|_| PkiError::BadKey)?);
    Ok(NewKey { private_pem: pem::write_private_key(&pkcs8), public: key.public_key().clone() })
}

/// Reads a private key that [`new_key`] wrote.
///
/// # Errors
/// If the text is not one Ed25519 key in PKCS #8 PEM form.
pub fn read_private(text: &[u8]) -> Result<Ed25519Key, PkiError> {
    let der = pem::private_key(text).ok_or(PkiError::BadKey)?;
    Ed25519Key::from_pkcs8(der.secret_pkcs8_der()).map_err(|_| PkiError::BadKey)
}

/// The public key as membership lists hold it: 32 bytes in base64 (RFC 4648, with padding).
pub fn public_text(key: &PublicKey) -> String {
    BASE64_STANDARD.encode(key.as_bytes())
}

/// Reads what [`public_text`] wrote.
pub fn parse_public(text: &str) -> Option<PublicKey> {
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    PublicKey::from_bytes(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use huxin_attest::{SystemRandom, Verifier};

    use super::*;

    #[test]
    fn a_key_survives_its_files() {
        let new = new_key(&mut SystemRandom).unwrap();
        let key = read_private(new.private_pem.as_bytes()).unwrap();
        let signature = key.sign(b"statement").unwrap();
        let public = parse_public(&public_text(&new.public)).unwrap();
        assert!(public.verify(b"statement", &signature).is_ok());
        assert!(read_private(b"").is_err());
        for bad in
            ["", "AAAA", &format!("{} ", public_text(&public)), public_text(&public).trim_end_matches('=')]
        {
            assert!(parse_public(bad).is_none(), "{bad}");
        }
    }
}
