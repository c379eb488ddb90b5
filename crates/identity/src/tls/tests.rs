//! Handshakes in memory between real configurations: who gets through, and which check stops the rest.

mod handshake;
mod refused;
mod revocation;

use std::sync::Arc;

use handshake::{Ended, connect, dial, exchange};
use rustls::ClientConfig;

use super::*;
use crate::testing::{Example, credentials, example, issue, region, usual_validity};
use crate::{RoleKind, identity_of};

/// The example with the trust that its list gives.
struct World {
    example: Example,
    trust: Arc<TrustStore>,
}

fn world() -> World {
    let example = example();
    let trust = Arc::new(TrustStore::new(Arc::new(example.membership.clone()), &example.published()));
    assert_eq!(trust.problems(), []);
    World { example, trust }
}

impl World {
    fn server(&self, stem: &str) -> Arc<ServerConfig> {
        server_config(&self.example.credentials(stem), Arc::clone(&self.trust)).unwrap()
    }

    fn client(&self, own: &Credentials, province: &str) -> Arc<ClientConfig> {
        let expected = Expected { region: region(province) };
        client_config(own, Arc::clone(&self.trust), expected).unwrap()
    }

    /// `own` dials Hubei's node at its address.
    fn dial_hubei(&self, own: &Credentials) -> Ended {
        dial(self.server("hb/node"), self.client(own, "42"), "127.0.0.1")
    }
}

#[test]
fn every_role_gets_through_and_is_known_by_its_certificate() {
    let world = world();
    for (stem, kind, province) in [
        ("gd/node", RoleKind::Node, Some("44")),
        ("hb/app-hb-transport-checkpoint", RoleKind::App, Some("42")),
        ("hb/department-hb-cdc", RoleKind::Department, Some("42")),
        ("hb/operator-duty-1", RoleKind::Operator, Some("42")),
        ("sup/supervisor-auditor-1", RoleKind::Supervisor, None),
    ] {
        let own = world.example.credentials(stem);
        let (server, client) =
            connect(world.server("hb/node"), world.client(&own, "42"), "127.0.0.1").unwrap();
        let peer = identity_of(server.peer_certificates().unwrap(), &world.trust.membership()).unwrap();
        assert_eq!((peer.region, peer.id.role.kind()), (province.map(region), kind), "{stem}");
        assert_eq!((&peer.id, peer.uri.as_ref()), (&own.profile().id, peer.id.to_string().as_str()));
        assert_eq!((peer.serial, peer.not_after), (own.profile().serial.clone(), own.profile().not_after));
        let node = identity_of(client.peer_certificates().unwrap(), &world.trust.membership()).unwrap();
        assert_eq!(node.uri.as_ref(), "spiffe://hb.example/node/node-1");
    }
}

#[test]
fn the_connection_is_tls_1_3_with_http_2_inside() {
    let world = world();
    let own = world.example.credentials("gd/node");
    let (server, client) = connect(world.server("hb/node"), world.client(&own, "42"), "localhost").unwrap();
    assert_eq!(server.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
    assert_eq!((server.alpn_protocol(), client.alpn_protocol()), (Some(ALPN), Some(ALPN)));
}

#[test]
fn a_second_connection_is_verified_from_the_beginning() {
    let world = world();
    let own = world.example.credentials("gd/node");
    let (server_config, client_config) = (world.server("hb/node"), world.client(&own, "42"));
    for _ in 0..2 {
        let (mut server, mut client) =
            connect(Arc::clone(&server_config), Arc::clone(&client_config), "127.0.0.1").unwrap();
        exchange(&mut client, &mut server).unwrap();
        assert_eq!(server.handshake_kind(), Some(rustls::HandshakeKind::Full));
        assert_eq!(client.tls13_tickets_received(), 0);
    }
}

#[test]
fn a_client_that_wants_to_resume_is_not_let_in_unverified() {
    let world = world();
    let own = world.example.credentials("gd/node");
    let server_config = world.server("hb/node");
    assert_eq!((server_config.send_tls13_tickets, server_config.max_early_data_size), (0, 0));
    assert!(!server_config.session_storage.can_cache() && !server_config.ticketer.enabled());
    let mut eager = ClientConfig::clone(&world.client(&own, "42"));
    eager.resumption = Resumption::in_memory_sessions(8);
    eager.enable_early_data = true;
    let eager = Arc::new(eager);
    for _ in 0..2 {
        let (server, client) = connect(Arc::clone(&server_config), Arc::clone(&eager), "127.0.0.1").unwrap();
        assert_eq!(server.handshake_kind(), Some(rustls::HandshakeKind::Full));
        assert_eq!(client.tls13_tickets_received(), 0);
    }
}

#[test]
fn no_certificate_no_connection() {
    let world = world();
    // A client that would take any server, and shows nothing.
    let anonymous = handshake::careless_client();
    let ended = dial(world.server("hb/node"), anonymous, "127.0.0.1");
    assert_eq!(ended.server, Some(rustls::Error::NoCertificatesPresented));
    assert!(ended.client.is_some(), "the client was told nothing");
}

#[test]
fn a_key_that_is_not_the_certificates_is_refused_at_once() {
    let world = world();
    let read = |name: &str| std::fs::read(world.example.path(name)).unwrap();
    let mixed = Credentials::from_pem(&read("hb/node.pem"), &read("gd/node.key")).unwrap();
    let error = server_config(&mixed, Arc::clone(&world.trust)).unwrap_err();
    assert!(matches!(error, TlsError::Library(_)), "{error}");
}

#[test]
fn who_may_not_serve_gets_no_server_configuration() {
    let world = world();
    let app = world.example.credentials("hb/app-hb-data-citizen");
    let error = server_config(&app, Arc::clone(&world.trust)).unwrap_err();
    assert!(matches!(error, TlsError::Refused(Refusal::WrongUse)), "{error}");
    let authority = world.example.path("hb/ca.pem");
    let key = world.example.path("hb/ca.key");
    assert!(matches!(Credentials::load(&authority, &key), Err(TlsError::Refused(_))));
}

#[test]
fn a_party_whose_membership_ended_is_not_identified_any_more() {
    let world = world();
    let leaf = |stem: &str| world.example.credentials(stem).chain.clone();
    let list = &world.example.membership;
    assert_eq!(identity_of(&[], list), Err(Refusal::Malformed));
    assert!(identity_of(&leaf("gd/node"), list).is_ok());
    let text = world.example.federation_text();
    let (before, after) = text.split_once("\n[[supervisor]]").unwrap();
    let without = crate::Membership::parse(before, &world.example.published()).unwrap();
    assert!(after.contains("sup.example"));
    assert_eq!(identity_of(&leaf("sup/supervisor-auditor-1"), &without), Err(Refusal::UnknownTrustDomain));
    let stray = issue(&world.example.ca("sup"), "node/n", usual_validity());
    assert_eq!(identity_of(&credentials(&stray).chain, list), Err(Refusal::WrongRole));
}
