//! What a party's certificate must look like: the leaf of an X.509-SVID, and narrower.
//!
//! Exactly one URI (an identity of [`crate::spiffe`]), beside it only DNS names and IP addresses; no authority; the key
//! usage digitalSignature, never keyCertSign or cRLSign; if purposes are listed, the one it is used for; an ECDSA P-256
//! key. Signatures, validity and revocation are *not* judged here.

use std::fmt;

use huxin_attest::UnixMs;
use rustls_pki_types::CertificateDer;
use x509_parser::oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate, X509Version};

use crate::refusal::Refusal;
use crate::spiffe::SpiffeId;

/// The most bytes of a party's certificate.
pub const MAX_CERTIFICATE: usize = 8 * 1024;

/// What the certificate is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// The party that accepted the connection.
    Server,
    /// The party that opened it.
    Client,
    /// Reading only: the handshake judged the purpose.
    Any,
}

/// What a certificate of the right form says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Who it names.
    pub id: SpiffeId,
    /// Its serial number.
    pub serial: Serial,
    /// The beginning of its validity.
    pub not_before: UnixMs,
    /// The end of its validity, inclusive, to the second (RFC 5280).
    pub not_after: UnixMs,
}

/// A serial number (RFC 5280, 4.1.2.2): 1–20 bytes, shown as hexadecimal without leading zero bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Serial(Vec<u8>);

impl Serial {
    /// From the big-endian bytes; leading zero bytes are dropped. `None` unless 1–20 bytes remain.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let significant = bytes.iter().position(|byte| *byte != 0).and_then(|at| bytes.get(at..))?;
        (significant.len() <= 20).then(|| Self(significant.to_vec()))
    }

    /// Reads 2–40 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > 40 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let even = if text.len().is_multiple_of(2) { text.to_owned() } else { format!("0{text}") };
        let bytes: Option<Vec<u8>> = (0..even.len())
            .step_by(2)
            .map(|at| even.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect();
        Self::from_bytes(&bytes?)
    }

    /// The big-endian bytes without leading zeros.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Profile {
    /// Reads a certificate.
    ///
    /// # Errors
    /// The first rule of this module that it breaks.
    pub fn read(certificate: &CertificateDer<'_>, used_as: Use) -> Result<Self, Refusal> {
        if certificate.len() > MAX_CERTIFICATE {
            return Err(Refusal::Malformed);
        }
        let (rest, x509) = X509Certificate::from_der(certificate).map_err(|_| Refusal::Malformed)?;
        if !rest.is_empty() || x509.version() != X509Version::V3 {
            return Err(Refusal::Malformed);
        }
        // Fails on an extension that stands twice, so that we and the chain verifier read the same one.
        x509.extensions_map().map_err(|_| Refusal::Malformed)?;
        let id = identity(&x509)?;
        check_no_authority(&x509)?;
        check_usage(&x509, used_as)?;
        check_key(&x509)?;
        Ok(Self {
            id,
            serial: Serial::from_bytes(x509.raw_serial()).ok_or(Refusal::Malformed)?,
            not_before: time(x509.validity().not_before.timestamp())?,
            not_after: time(x509.validity().not_after.timestamp())?,
        })
    }
}

fn identity(x509: &X509Certificate<'_>) -> Result<SpiffeId, Refusal> {
    let names = x509.subject_alternative_name().map_err(|_| Refusal::Malformed)?.ok_or(Refusal::NoUri)?;
    let mut uri = None;
    for name in &names.value.general_names {
        match name {
            GeneralName::URI(_) if uri.is_some() => return Err(Refusal::SeveralUris),
            GeneralName::URI(text) => uri = Some(*text),
            GeneralName::DNSName(_) | GeneralName::IPAddress(_) => {}
            _ => return Err(Refusal::BadIdentity),
        }
    }
    uri.ok_or(Refusal::NoUri)?.parse().map_err(|_| Refusal::BadIdentity)
}

fn check_no_authority(x509: &X509Certificate<'_>) -> Result<(), Refusal> {
    let constraints = x509.basic_constraints().map_err(|_| Refusal::Malformed)?;
    if constraints.is_some_and(|extension| extension.value.ca) { Err(Refusal::IsCa) } else { Ok(()) }
}

fn check_usage(x509: &X509Certificate<'_>, used_as: Use) -> Result<(), Refusal> {
    let usage = x509.key_usage().map_err(|_| Refusal::Malformed)?.ok_or(Refusal::WrongUse)?.value;
    if !usage.digital_signature() || usage.key_cert_sign() || usage.crl_sign() {
        return Err(Refusal::WrongUse);
    }
    let Some(purposes) = x509.extended_key_usage().map_err(|_| Refusal::Malformed)? else { return Ok(()) };
    let fits = match used_as {
        Use::Server => purposes.value.server_auth,
        Use::Client => purposes.value.client_auth,
        Use::Any => true,
    };
    if fits { Ok(()) } else { Err(Refusal::WrongUse) }
}

pub(crate) fn check_key(x509: &X509Certificate<'_>) -> Result<(), Refusal> {
    let algorithm = &x509.public_key().algorithm;
    let curve = algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    let point = &x509.public_key().subject_public_key.data;
    // 0x04 and two coordinates of 32 bytes: the uncompressed form (RFC 5480, 2.2).
    let uncompressed = point.len() == 65 && point.first() == Some(&4);
    if algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY && curve == Some(OID_EC_P256) && uncompressed {
        Ok(())
    } else {
        Err(Refusal::WrongKey)
    }
}

fn time(secs: i64) -> Result<UnixMs, Refusal> {
    UnixMs::from_secs(secs).ok_or(Refusal::Malformed)
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Serial({self})")
    }
}

#[cfg(test)]
mod tests;
