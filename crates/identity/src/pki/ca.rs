//! A trust domain's certificate authority: ECDSA P-256, one level, its trust domain as its URI.

use huxin_attest::Random;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType,
};
use rustls_pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::Zeroizing;

use super::root::check_root;
use super::{PkiError, Validity};
use crate::name::TrustDomain;
use crate::pem;
use crate::profile::Serial;

/// X.520's bound for names (RFC 5280, appendix A.1).
const MAX_DN: usize = 64;

/// An authority that can issue.
#[derive(Debug)]
pub struct Ca {
    trust_domain: TrustDomain,
    pub(crate) issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
}

impl Ca {
    /// Makes an authority. It may issue parties' certificates only (path length 0) and revocation lists.
    ///
    /// # Errors
    /// If the validity is empty or the certificate library fails.
    pub fn create(
        trust_domain: TrustDomain,
        validity: Validity,
        random: &mut dyn Random,
    ) -> Result<Self, PkiError> {
        let serial = new_serial(random);
        let mut params = CertificateParams::default();
        validity.apply(&mut params)?;
        params.serial_number = Some(serial.as_bytes().to_vec().into());
        params.distinguished_name = name(&trust_domain, &serial);
        params.subject_alt_names = vec![SanType::URI(format!("spiffe://{trust_domain}").try_into()?)];
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate_pem = params.self_signed(&key)?.pem();
        Ok(Self { trust_domain, issuer: Issuer::new(params, key), certificate_pem })
    }

    /// Takes up an authority made by [`Self::create`].
    ///
    /// # Errors
    /// If the texts are not one certificate of an authority with its trust domain, and its key.
    pub fn load(certificate_pem: &str, key_pem: &str) -> Result<Self, PkiError> {
        let certificates = pem::certificates(certificate_pem.as_bytes()).ok_or(PkiError::BadAuthority)?;
        let [certificate] = certificates.as_slice() else { return Err(PkiError::BadAuthority) };
        let root = check_root(certificate, None).map_err(|_| PkiError::BadAuthority)?;
        let trust_domain = root.trust_domain.ok_or(PkiError::BadAuthority)?;
        let der = pem::private_key(key_pem.as_bytes()).ok_or(PkiError::BadKey)?;
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ECDSA_P256_SHA256)
            .map_err(|_| PkiError::BadKey)?;
        if !belongs(certificate, &key) {
            return Err(PkiError::KeyMismatch);
        }
        let issuer = Issuer::from_ca_cert_der(certificate, key)?;
        Ok(Self { trust_domain, issuer, certificate_pem: certificate_pem.to_owned() })
    }

    /// The trust domain that it vouches for.
    pub const fn trust_domain(&self) -> &TrustDomain {
        &self.trust_domain
    }

    /// The certificate: what members pin.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The private key, PKCS #8.
    pub fn key_pem(&self) -> Zeroizing<String> {
        Zeroizing::new(self.issuer.key().serialize_pem())
    }
}

/// Two authorities of a trust domain have different names, so that a verifier finds the revocation list of the right one.
fn name(trust_domain: &TrustDomain, serial: &Serial) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    if trust_domain.as_str().len() <= MAX_DN {
        name.push(DnType::OrganizationName, trust_domain.as_str());
    }
    name.push(DnType::CommonName, format!("Huxin CA {serial}"));
    name
}

fn belongs(certificate: &CertificateDer<'_>, key: &KeyPair) -> bool {
    X509Certificate::from_der(certificate)
        .is_ok_and(|(_, x509)| x509.public_key().subject_public_key.data.as_ref() == key.der_bytes())
}

/// 16 random bytes, positive and not zero: more than the 64 bits of the CA/Browser Forum, fewer than the 20 bytes of
/// RFC 5280.
pub(super) fn new_serial(random: &mut dyn Random) -> Serial {
    loop {
        let mut bytes = [0; 16];
        random.fill(&mut bytes);
        let [first, ..] = &mut bytes;
        *first &= 0x7f;
        if let Some(serial) = Serial::from_bytes(&bytes) {
            return serial;
        }
    }
}
