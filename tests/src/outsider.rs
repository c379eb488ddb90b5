//! Those who are not to be let in: certificates of the wrong making, and ends of a connection that keep no rules.

use std::path::Path;
use std::sync::Arc;

use huxin_attest::{Clock as _, RegionCode, SystemRandom};
use huxin_cli::exercise::{Exercise, parse_role};
use huxin_identity::pki::example::{PartyFiles, party_files};
use huxin_identity::pki::{Ca, Validity};
use huxin_node::clock::RealClock;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::version::TLS13;
use rustls::{ClientConfig, DigitallySignedStruct, Error, ServerConfig, SignatureScheme};

/// From so many minutes after now until so many; negative: before.
pub fn minutes(from: i64, until: i64) -> Validity {
    let now = RealClock.now();
    Validity { from: now.saturating_add_ms(from * 60_000), until: now.saturating_add_ms(until * 60_000) }
}

/// The authority that the members know of this province.
pub fn authority(exercise: &Exercise, region: RegionCode) -> Ca {
    let read = |name: &str| std::fs::read_to_string(exercise.province_folder(region).join(name)).unwrap();
    Ca::load(&read("ca.pem"), &read("ca.key")).unwrap()
}

/// Another authority that claims the same trust domain.
pub fn pretender(exercise: &Exercise, region: RegionCode) -> Ca {
    let member = exercise.membership().member(region).unwrap();
    Ca::create(member.trust_domain.clone(), minutes(-60, 60), &mut SystemRandom).unwrap()
}

/// A certificate of `ca` with its key, in a folder of its own.
pub fn issue(folder: &Path, ca: &Ca, role: &str, validity: Validity) -> PartyFiles {
    let role = parse_role(role).unwrap();
    let files = party_files(folder, &role);
    let hosts = [huxin_identity::pki::Host::parse("127.0.0.1").unwrap()];
    let issued = ca.issue(role, &hosts, validity, &mut SystemRandom).unwrap();
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(&files.certificate, &issued.certificate_pem).unwrap();
    std::fs::write(&files.key, issued.key_pem.as_bytes()).unwrap();
    files
}

/// A client that takes any server and shows no certificate.
pub fn careless_client() -> Arc<ClientConfig> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Careless))
        .with_no_client_auth();
    config.alpn_protocols = vec![huxin_identity::tls::ALPN.to_vec()];
    Arc::new(config)
}

/// A server that asks for no certificate.
pub fn careless_server(own: &PartyFiles) -> Arc<ServerConfig> {
    let chain =
        CertificateDer::pem_file_iter(&own.certificate).unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(&own.key).unwrap())
        .unwrap();
    config.alpn_protocols = vec![huxin_identity::tls::ALPN.to_vec()];
    Arc::new(config)
}

#[derive(Debug)]
struct Careless;

impl ServerCertVerifier for Careless {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("only TLS 1.3 is offered".into()))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}
