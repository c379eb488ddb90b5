//! Certificates that a handshake stops at: foreign, expired, misplaced.

use huxin_attest::SystemRandom;
use rcgen::{CertificateParams, KeyPair, SanType};

use super::*;
use crate::pki::{Ca, Host, Validity};
use crate::testing::{DAY_MS, HOUR_MS, now, odd_credentials, role};

/// `ca` issues `path`, which dials Hubei's node.
fn dialled_by(world: &World, ca: &Ca, path: &str, validity: Validity) -> Ended {
    world.dial_hubei(&credentials(&issue(ca, path, validity)))
}

/// A server with a certificate of `ca` for `path` is dialled as Hubei's node.
fn dialled_at(world: &World, ca: &Ca, path: &str, validity: Validity) -> Ended {
    let server = handshake::careless_server(&issue(ca, path, validity));
    let own = world.example.credentials("gd/node");
    dial(server, world.client(&own, "42"), "127.0.0.1")
}

/// Puts `uri` and the dialled address into a certificate.
fn names(uri: &str) -> impl FnOnce(&mut CertificateParams) {
    let uri = uri.try_into().unwrap();
    move |params| {
        params.subject_alt_names = vec![SanType::URI(uri), SanType::IpAddress([127, 0, 0, 1].into())]
    }
}

#[test]
fn a_stranger_who_uses_a_members_name_is_refused_on_both_sides() {
    let world = world();
    let stranger = Ca::create("hb.example".parse().unwrap(), usual_validity(), &mut SystemRandom).unwrap();
    let ended = dialled_by(&world, &stranger, "node/node-1", usual_validity());
    assert_eq!(ended.server_refusal(), Some(Refusal::UntrustedIssuer));
    let ended = dialled_at(&world, &stranger, "node/node-1", usual_validity());
    assert_eq!(ended.client_refusal(), Some(Refusal::UntrustedIssuer));
}

#[test]
fn one_provinces_authority_cannot_vouch_for_another_province() {
    let world = world();
    let change = names("spiffe://hb.example/node/node-1");
    let forged = odd_credentials(&world.example.ca("gd"), &KeyPair::generate().unwrap(), change);
    assert_eq!(world.dial_hubei(&forged).server_refusal(), Some(Refusal::UntrustedIssuer));
    let server = server_config(&forged, Arc::clone(&world.trust)).unwrap();
    let client = world.client(&world.example.credentials("gd/node"), "42");
    assert_eq!(dial(server, client, "127.0.0.1").client_refusal(), Some(Refusal::UntrustedIssuer));
}

#[test]
fn a_trust_domain_outside_the_list_is_refused() {
    let world = world();
    let other = Ca::create("nowhere.example".parse().unwrap(), usual_validity(), &mut SystemRandom).unwrap();
    let ended = dialled_by(&world, &other, "node/node-1", usual_validity());
    assert_eq!(ended.server_refusal(), Some(Refusal::UnknownTrustDomain));
}

#[test]
fn an_expired_and_a_future_certificate_are_refused_on_both_sides() {
    let world = world();
    let hubei = world.example.ca("hb");
    let between = |from: i64, until: i64| Validity {
        from: now().saturating_add_ms(from),
        until: now().saturating_add_ms(until),
    };
    for (validity, refusal) in
        [(between(-2 * DAY_MS, -HOUR_MS), Refusal::Expired), (between(HOUR_MS, DAY_MS), Refusal::NotYetValid)]
    {
        let ended = dialled_by(&world, &hubei, "app/hb-data/citizen", validity);
        assert_eq!(ended.server_refusal(), Some(refusal));
        assert!(ended.client.is_some(), "the client was not told");
        let ended = dialled_at(&world, &hubei, "node/node-1", validity);
        assert_eq!(ended.client_refusal(), Some(refusal));
    }
}

#[test]
fn a_supervisor_inside_a_province_and_a_node_outside_are_refused() {
    let world = world();
    let ended = dialled_by(&world, &world.example.ca("hb"), "supervisor/auditor-1", usual_validity());
    assert_eq!(ended.server_refusal(), Some(Refusal::WrongRole));
    let ended = dialled_by(&world, &world.example.ca("sup"), "node/node-1", usual_validity());
    assert_eq!(ended.server_refusal(), Some(Refusal::WrongRole));
}

#[test]
fn the_server_must_be_a_node_of_the_province_that_was_dialled() {
    let world = world();
    let own = world.example.credentials("gd/node");
    let ended = dial(world.server("hb/node"), world.client(&own, "41"), "127.0.0.1");
    assert_eq!(ended.client_refusal(), Some(Refusal::UnexpectedPeer));
    // An operator's certificate that lists no purpose would be good for a server, but for its role.
    let change = names("spiffe://hb.example/operator/duty-1");
    let operator = odd_credentials(&world.example.ca("hb"), &KeyPair::generate().unwrap(), change);
    let server = server_config(&operator, Arc::clone(&world.trust)).unwrap();
    let ended = dial(server, world.client(&own, "42"), "127.0.0.1");
    assert_eq!(ended.client_refusal(), Some(Refusal::UnexpectedPeer));
}

#[test]
fn the_server_must_name_the_host_that_was_dialled() {
    let world = world();
    let own = world.example.credentials("gd/node");
    for (host, refusal) in [
        ("127.0.0.1", None),
        ("::1", None),
        ("localhost", None),
        ("node.hb.example", None),
        ("node.gd.example", Some(Refusal::WrongServerName)),
        ("127.0.0.2", Some(Refusal::WrongServerName)),
    ] {
        let ended = dial(world.server("hb/node"), world.client(&own, "42"), host);
        assert_eq!(ended.client_refusal(), refusal, "{host}");
        assert_eq!(ended.client.is_some(), refusal.is_some(), "{host}");
    }
    let nameless = world.example.ca("hb").issue(role("node/n"), &[], usual_validity(), &mut SystemRandom);
    let server = handshake::careless_server(&nameless.unwrap());
    let ended = dial(server, world.client(&own, "42"), "127.0.0.1");
    assert_eq!(ended.client_refusal(), Some(Refusal::WrongServerName));
}

#[test]
fn hosts_are_read_as_names_and_addresses() {
    assert_eq!(Host::parse("Node.Example"), Some(Host::Dns("node.example".into())));
    assert_eq!(Host::parse("::1"), Some(Host::Ip("::1".parse().unwrap())));
    assert_eq!(Host::parse("a b"), None);
}
