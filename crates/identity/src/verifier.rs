//! Judges the certificate of a connection's other end, on both sides.
//!
//! The order: form and identity; the membership list is in force; the trust domain is known and fits the role; its
//! revocation lists are fresh; the chain, by the roots of that trust domain alone; on the client's side also host name,
//! province and role. There is no way around any of them.

use std::sync::Arc;

use huxin_attest::UnixMs;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::profile::{Profile, Use};
use crate::refusal::Refusal;
use crate::spiffe::{Role, RoleKind};
use crate::tls::Expected;
use crate::trust::{Domain, Root, TrustStore};

/// The most certificates that a peer may send beside its own.
const MAX_INTERMEDIATES: usize = 4;

/// How far ahead a revocation list's beginning may lie: the protocol's clock skew.
const MAX_SKEW_MS: i64 = 60_000;

/// Judges clients.
#[derive(Debug)]
pub(crate) struct ClientJudge {
    pub(crate) trust: Arc<TrustStore>,
    pub(crate) algorithms: WebPkiSupportedAlgorithms,
}

/// Judges servers.
#[derive(Debug)]
pub(crate) struct ServerJudge {
    pub(crate) trust: Arc<TrustStore>,
    pub(crate) algorithms: WebPkiSupportedAlgorithms,
    pub(crate) expected: Expected,
}

impl ClientCertVerifier for ClientJudge {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let judge = |_: &Profile, _: &Domain| Ok(());
        check(&self.trust, end_entity, intermediates, now, Use::Client, judge, |root| {
            root.of_clients.verify_client_cert(end_entity, intermediates, now).map(|_| ())
        })?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(no_tls12())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        SCHEMES.to_vec()
    }
}

impl ServerCertVerifier for ServerJudge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let judge = |profile: &Profile, domain: &Domain| {
            let node = matches!(profile.id.role, Role::Node(_));
            if node && domain.region == Some(self.expected.region) {
                Ok(())
            } else {
                Err(Refusal::UnexpectedPeer)
            }
        };
        check(&self.trust, end_entity, intermediates, now, Use::Server, judge, |root| {
            root.of_servers
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                .map(|_| ())
        })?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(no_tls12())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        SCHEMES.to_vec()
    }
}

/// The one scheme that fits the keys of [`crate::profile`].
const SCHEMES: [SignatureScheme; 1] = [SignatureScheme::ECDSA_NISTP256_SHA256];

fn no_tls12() -> Error {
    Error::General("TLS 1.2 is not spoken here".into())
}

fn check(
    trust: &TrustStore,
    end_entity: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    now: UnixTime,
    used_as: Use,
    judge: impl FnOnce(&Profile, &Domain) -> Result<(), Refusal>,
    chain: impl Fn(&Root) -> Result<(), Error>,
) -> Result<(), Error> {
    let profile = Profile::read(end_entity, used_as)?;
    if intermediates.len() > MAX_INTERMEDIATES {
        return Err(Refusal::Malformed.into());
    }
    let now = i64::try_from(now.as_secs()).ok().and_then(UnixMs::from_secs).unwrap_or(UnixMs::MAX);
    let state = trust.state();
    if now >= state.membership.expires() {
        return Err(Refusal::MembershipExpired.into());
    }
    let domain = state.domains.get(&profile.id.trust_domain).ok_or(Refusal::UnknownTrustDomain)?;
    check_role(profile.id.role.kind(), domain)?;
    check_freshness(domain, now)?;
    check_chain(domain, now, chain)?;
    Ok(judge(&profile, domain)?)
}

/// Supervisors have trust domains of their own, and nobody else is there.
pub(crate) fn check_role(kind: RoleKind, domain: &Domain) -> Result<(), Refusal> {
    if (kind == RoleKind::Supervisor) == domain.region.is_none() { Ok(()) } else { Err(Refusal::WrongRole) }
}

/// `nextUpdate` is judged with the chain, by the library; `max_age` and a beginning in the future here.
fn check_freshness(domain: &Domain, now: UnixMs) -> Result<(), Refusal> {
    let updated = domain.updated.ok_or(Refusal::RevocationUnknown)?;
    match now.ms_since(updated.this) {
        age if age > domain.max_crl_age_ms => Err(Refusal::CrlTooOld),
        age if age < -MAX_SKEW_MS => Err(Refusal::CrlNotYetValid),
        _ => Ok(()),
    }
}

/// One root that accepts is enough; the library does not look at the validity of roots, so that is done here. The
/// reason given is that of the root which came furthest.
fn check_chain(
    domain: &Domain,
    now: UnixMs,
    chain: impl Fn(&Root) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut refusal: Error = Refusal::UntrustedIssuer.into();
    for root in &domain.roots {
        if now < root.not_before || now > root.not_after {
            continue;
        }
        match chain(root) {
            Ok(()) => return Ok(()),
            Err(error) if Refusal::of(&error) != Some(Refusal::UntrustedIssuer) => refusal = error,
            Err(_) => {}
        }
    }
    Err(refusal)
}
