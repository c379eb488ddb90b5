//! Parties' certificates: nodes, apps, departments, operators, supervisors.

use std::net::IpAddr;

use huxin_attest::Random;
use rcgen::{
    CertificateParams, DistinguishedName, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SanType,
};
use zeroize::Zeroizing;

use super::ca::{Ca, new_serial};
use super::{PkiError, Validity};
use crate::endpoint::Endpoint;
use crate::profile::Serial;
use crate::spiffe::{Role, SpiffeId};

/// A host that a node's certificate names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Host {
    /// A DNS name.
    Dns(String),
    /// An IP address.
    Ip(IpAddr),
}

/// A certificate and its key.
#[derive(Debug)]
pub struct Issued {
    /// Whom it names.
    pub id: SpiffeId,
    /// Its serial number: what a revocation list names.
    pub serial: Serial,
    /// The certificate, PEM.
    pub certificate_pem: String,
    /// The private key, PKCS #8 PEM.
    pub key_pem: Zeroizing<String>,
}

impl Ca {
    /// Issues a certificate with a new key. A node's is for servers and clients and names `hosts`; any other is for
    /// clients, and its `hosts` are left out.
    ///
    /// # Errors
    /// If the validity is empty, a host cannot stand in a certificate, or the certificate library fails.
    pub fn issue(
        &self,
        role: Role,
        hosts: &[Host],
        validity: Validity,
        random: &mut dyn Random,
    ) -> Result<Issued, PkiError> {
        let id = SpiffeId { trust_domain: self.trust_domain().clone(), role };
        let mut params = CertificateParams::default();
        validity.apply(&mut params)?;
        let serial = new_serial(random);
        params.serial_number = Some(serial.as_bytes().to_vec().into());
        // Who it is stands in the URI only; an empty subject makes the URI's extension critical (RFC 5280, 4.2.1.6).
        params.distinguished_name = DistinguishedName::new();
        params.subject_alt_names = vec![SanType::URI(id.to_string().try_into()?)];
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        if matches!(id.role, Role::Node(_)) {
            params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
            for host in hosts {
                params.subject_alt_names.push(host.san()?);
            }
        }
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate_pem = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Issued { id, serial, certificate_pem, key_pem: Zeroizing::new(key.serialize_pem()) })
    }
}

impl Host {
    /// Reads a DNS name or an IP address; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        use rustls_pki_types::ServerName;
        match ServerName::try_from(text).ok()? {
            ServerName::DnsName(name) => Some(Self::Dns(name.as_ref().to_ascii_lowercase())),
            ServerName::IpAddress(address) => Some(Self::Ip(address.into())),
            _ => None,
        }
    }

    fn san(&self) -> Result<SanType, PkiError> {
        Ok(match self {
            Self::Dns(name) => SanType::DnsName(name.as_str().try_into()?),
            Self::Ip(address) => SanType::IpAddress(*address),
        })
    }
}

impl From<&Endpoint> for Host {
    fn from(endpoint: &Endpoint) -> Self {
        let host = endpoint.host();
        host.parse().map_or(Self::Dns(host), Self::Ip)
    }
}
