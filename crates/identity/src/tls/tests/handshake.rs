//! Moves bytes between two ends in memory, and the ends that keep no rules.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, ServerConfig, ServerConnection,
    SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::pki::Issued;
use crate::refusal::Refusal;
use crate::tls::{TLS13, provider};

/// How a handshake ended on each side; `None`: without an error.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) server: Option<Error>,
    pub(super) client: Option<Error>,
}

impl Ended {
    pub(super) fn server_refusal(&self) -> Option<Refusal> {
        self.server.as_ref().and_then(Refusal::of)
    }

    pub(super) fn client_refusal(&self) -> Option<Refusal> {
        self.client.as_ref().and_then(Refusal::of)
    }
}

/// Runs a handshake until both sides are done or one has failed and the other was told.
pub(super) fn dial(server: Arc<ServerConfig>, client: Arc<ClientConfig>, host: &str) -> Ended {
    match connect(server, client, host) {
        Ok(_) => Ended { server: None, client: None },
        Err(ended) => *ended,
    }
}

pub(super) fn connect(
    server: Arc<ServerConfig>,
    client: Arc<ClientConfig>,
    host: &str,
) -> Result<(ServerConnection, ClientConnection), Box<Ended>> {
    let mut server = ServerConnection::new(server).unwrap();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let mut client = ClientConnection::new(client, name).unwrap();
    exchange(&mut client, &mut server).map(|()| (server, client))
}

/// Lets both sides say all that they have to say.
pub(super) fn exchange(
    client: &mut ClientConnection,
    server: &mut ServerConnection,
) -> Result<(), Box<Ended>> {
    let mut ended = Ended { server: None, client: None };
    for _ in 0..10 {
        let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
        while client.wants_write() {
            client.write_tls(&mut to_server).unwrap();
        }
        while server.wants_write() {
            server.write_tls(&mut to_client).unwrap();
        }
        if ended.server.is_none() && !to_server.is_empty() {
            server.read_tls(&mut to_server.as_slice()).unwrap();
            ended.server = server.process_new_packets().err();
        }
        if ended.client.is_none() && !to_client.is_empty() {
            client.read_tls(&mut to_client.as_slice()).unwrap();
            ended.client = client.process_new_packets().err();
        }
    }
    if ended.server.is_some() || ended.client.is_some() || client.is_handshaking() || server.is_handshaking()
    {
        return Err(Box::new(ended));
    }
    Ok(())
}

/// A client that takes any server and shows no certificate.
pub(super) fn careless_client() -> Arc<ClientConfig> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Careless))
        .with_no_client_auth();
    config.alpn_protocols = vec![crate::tls::ALPN.to_vec()];
    Arc::new(config)
}

/// A server that asks for no certificate.
pub(super) fn careless_server(own: &Issued) -> Arc<ServerConfig> {
    let chain = crate::pem::certificates(own.certificate_pem.as_bytes()).unwrap();
    let key = crate::pem::private_key(own.key_pem.as_bytes()).unwrap();
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key.into())
        .unwrap();
    config.alpn_protocols = vec![crate::tls::ALPN.to_vec()];
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
        unreachable!("only TLS 1.3 is offered")
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
