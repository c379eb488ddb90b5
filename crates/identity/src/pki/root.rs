//! What an authority's certificate must look like before it is pinned.

use huxin_attest::UnixMs;
use rustls_pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use crate::name::TrustDomain;
use crate::profile::{MAX_CERTIFICATE, check_key};

/// The authority's URI, `spiffe://<trust domain>`, if it has one.
pub(crate) struct Root {
    pub(crate) trust_domain: Option<TrustDomain>,
    pub(crate) not_before: UnixMs,
    pub(crate) not_after: UnixMs,
}

/// Reads an authority's certificate: CA, keyCertSign and cRLSign, an ECDSA P-256 key, and no other trust domain than
/// the one it is pinned for.
pub(crate) fn check_root(
    der: &CertificateDer<'_>,
    expected: Option<&TrustDomain>,
) -> Result<Root, &'static str> {
    let unreadable = "not a certificate that can be read";
    if der.len() > MAX_CERTIFICATE {
        return Err(unreadable);
    }
    let (rest, x509) = X509Certificate::from_der(der).map_err(|_| unreadable)?;
    if !rest.is_empty() || x509.extensions_map().is_err() {
        return Err(unreadable);
    }
    if !x509.is_ca() {
        return Err("not an authority's certificate; pin the authority, not a party");
    }
    let usage = x509.key_usage().map_err(|_| unreadable)?;
    if !usage.is_some_and(|usage| usage.value.key_cert_sign() && usage.value.crl_sign()) {
        return Err(
            "the authority may not sign certificates and revocation lists; issue it with keyCertSign and cRLSign",
        );
    }
    check_key(&x509).map_err(|_| "the authority's key is not ECDSA P-256")?;
    let trust_domain =
        trust_domain(&x509).map_err(|()| "the authority names another identity than a trust domain")?;
    if let (Some(named), Some(expected)) = (&trust_domain, expected)
        && named != expected
    {
        return Err("the authority belongs to another trust domain");
    }
    let time =
        |secs| UnixMs::from_secs(secs).ok_or("the authority's validity lies outside the years 1970 to 9999");
    Ok(Root {
        trust_domain,
        not_before: time(x509.validity().not_before.timestamp())?,
        not_after: time(x509.validity().not_after.timestamp())?,
    })
}

fn trust_domain(x509: &X509Certificate<'_>) -> Result<Option<TrustDomain>, ()> {
    let Some(names) = x509.subject_alternative_name().map_err(|_| ())? else { return Ok(None) };
    let mut uris = names.value.general_names.iter().filter_map(|name| match name {
        GeneralName::URI(uri) => Some(*uri),
        _ => None,
    });
    let Some(uri) = uris.next() else { return Ok(None) };
    if uris.next().is_some() {
        return Err(());
    }
    uri.strip_prefix("spiffe://").and_then(|name| name.parse().ok()).map(Some).ok_or(())
}
