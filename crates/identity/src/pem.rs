//! PEM text (RFC 7468): certificates, revocation lists and keys.
//!
//! Reading is bounded by the caller; writing is here only for keys that rcgen does not make.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

/// The most objects that one PEM text may hold.
const MAX_OBJECTS: usize = 16;

/// At least one certificate, in the order of the text.
pub(crate) fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    objects(pem)
}

/// At least one revocation list.
pub(crate) fn revocation_lists(pem: &[u8]) -> Option<Vec<CertificateRevocationListDer<'static>>> {
    objects(pem)
}

/// The one PKCS #8 private key.
pub(crate) fn private_key(pem: &[u8]) -> Option<PrivatePkcs8KeyDer<'static>> {
    let mut keys: Vec<PrivatePkcs8KeyDer<'static>> = objects(pem)?;
    let key = keys.pop()?;
    keys.is_empty().then_some(key)
}

fn objects<T: PemObject>(pem: &[u8]) -> Option<Vec<T>> {
    let objects: Vec<T> = T::pem_slice_iter(pem).take(MAX_OBJECTS + 1).collect::<Result<_, _>>().ok()?;
    (1..=MAX_OBJECTS).contains(&objects.len()).then_some(objects)
}

/// Writes a private key, 64 characters a line.
pub(crate) fn write_private_key(pkcs8: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(BASE64_STANDARD.encode(pkcs8));
    let mut text = Zeroizing::new(String::with_capacity(body.len() * 2 + 64));
    text.push_str("-----BEGIN PRIVATE KEY-----\n");
    for (at, character) in body.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text.push_str("\n-----END PRIVATE KEY-----\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_key_is_read_again() {
        let der = [0x30; 100];
        let text = write_private_key(&der);
        assert!(text.lines().all(|line| line.len() <= 64));
        assert_eq!(private_key(text.as_bytes()).unwrap().secret_pkcs8_der(), der);
        let twice = format!("{}{}", *text, *text);
        assert!(private_key(twice.as_bytes()).is_none());
        assert!(private_key(b"").is_none());
    }
}
