//! What the store calls a person: a key that nobody can compute without the province's secret.
//!
//! Document numbers have little entropy, so a bare hash of one would be a name tag. Nothing here logs or shows a
//! number, and the key never leaves the province.

use std::fmt;

use aws_lc_rs::hmac;
use huxin_attest::{Document, Random};
use zeroize::Zeroizing;

/// The length of a province's secret in bytes.
pub const SECRET_LEN: usize = 32;

/// What the fingerprint of a secret is computed over. Its first two bytes are no document type, so it meets no person.
const FINGERPRINT_LABEL: &[u8] = b"huxin registry secret";

/// A person inside one province: HMAC-SHA256 of document type (2 bytes, big-endian) ‖ number under the province's
/// secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonKey(pub [u8; 32]);

impl fmt::Debug for PersonKey {
    /// Four bytes: enough to tell rows apart in a test, too little to join tables with.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "PersonKey({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

/// Bytes that are no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a province secret has exactly 32 bytes; make a new one or restore the file from its backup")]
pub struct BadSecret;

/// The secret under which a province keys its people. Losing it loses the way from a document to its rows.
pub struct ProvinceSecret {
    bytes: Zeroizing<[u8; SECRET_LEN]>,
    key: hmac::Key,
}

impl ProvinceSecret {
    /// Takes exactly 32 bytes.
    ///
    /// # Errors
    /// If there are more or fewer.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadSecret> {
        let bytes: [u8; SECRET_LEN] = bytes.try_into().map_err(|_| BadSecret)?;
        Ok(Self::new(Zeroizing::new(bytes)))
    }

    /// Makes a fresh secret.
    pub fn generate(random: &mut dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; SECRET_LEN]);
        random.fill(bytes.as_mut());
        Self::new(bytes)
    }

    /// The 32 bytes, to be written to the secret's file and nowhere else.
    pub fn as_bytes(&self) -> &[u8; SECRET_LEN] {
        &self.bytes
    }

    /// The key of the person who holds `document`.
    pub fn person(&self, document: &Document) -> PersonKey {
        self.mac(&[&document.kind().number().to_be_bytes(), document.number().as_bytes()])
    }

    /// What a store keeps to notice that it is opened with another secret.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        self.mac(&[FINGERPRINT_LABEL]).0
    }

    fn new(bytes: Zeroizing<[u8; SECRET_LEN]>) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, bytes.as_ref());
        Self { bytes, key }
    }

    fn mac(&self, parts: &[&[u8]]) -> PersonKey {
        let mut context = hmac::Context::with_key(&self.key);
        for part in parts {
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        PersonKey(out)
    }
}

impl fmt::Debug for ProvinceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProvinceSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use huxin_attest::DocumentType;

    use super::*;

    fn specimen() -> Document {
        Document::parse(DocumentType::ResidentId, "11010519491231002X").unwrap()
    }

    #[test]
    fn a_person_has_one_key_under_one_secret_and_another_under_another() {
        let secret = ProvinceSecret::from_bytes(&[7; 32]).unwrap();
        let again = ProvinceSecret::from_bytes(secret.as_bytes()).unwrap();
        let other = ProvinceSecret::from_bytes(&[8; 32]).unwrap();
        assert_eq!(secret.person(&specimen()), again.person(&specimen()));
        assert_ne!(secret.person(&specimen()), other.person(&specimen()));
        assert_ne!(secret.fingerprint(), other.fingerprint());
    }

    #[test]
    fn the_key_is_the_hmac_of_type_and_number() {
        let secret = ProvinceSecret::from_bytes(&[7; 32]).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let expected = hmac::sign(&key, b"\x00\x6f11010519491231002X");
        assert_eq!(secret.person(&specimen()).0, expected.as_ref());
    }

    #[test]
    fn the_same_number_in_two_types_is_two_people() {
        let secret = ProvinceSecret::from_bytes(&[7; 32]).unwrap();
        let passport = Document::parse(DocumentType::Passport, "H12345678").unwrap();
        let permit = Document::parse(DocumentType::HongKongMacaoTravelPermit, "H12345678").unwrap();
        assert_ne!(secret.person(&passport), secret.person(&permit));
    }

    #[test]
    fn a_secret_of_another_length_is_refused_and_none_is_shown() {
        assert_eq!(ProvinceSecret::from_bytes(&[7; 31]).err(), Some(BadSecret));
        let secret = ProvinceSecret::from_bytes(&[7; 32]).unwrap();
        assert_eq!(format!("{secret:?}"), "ProvinceSecret(…)");
    }
}
