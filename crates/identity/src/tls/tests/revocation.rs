//! Revocation lists: enforced, fresh, and taken over while running.

use huxin_attest::{SystemRandom, UnixMs};
use rustls::server::danger::ClientCertVerifier;

use super::*;
use crate::membership::Membership;
use crate::pki::crl::Revoked;
use crate::pki::{Ca, Validity};
use crate::testing::{DAY_MS, HOUR_MS, now, unix_time};
use crate::trust::TrustError;

fn between(from_ms: i64, until_ms: i64) -> Validity {
    Validity { from: now().saturating_add_ms(from_ms), until: now().saturating_add_ms(until_ms) }
}

fn reload(world: &World) {
    assert_eq!(world.trust.reload_crls(&world.example.published()).problems, []);
}

/// What a server says of the client `stem` at another time.
fn judged(world: &World, stem: &str, at: UnixMs) -> Option<Refusal> {
    judge(world, &world.example.credentials(stem), at)
}

fn judge(world: &World, own: &Credentials, at: UnixMs) -> Option<Refusal> {
    let algorithms = provider().signature_verification_algorithms;
    let judge = ClientJudge { trust: Arc::clone(&world.trust), algorithms };
    let (leaf, intermediates) = own.chain.split_first().unwrap();
    let judged = judge.verify_client_cert(leaf, intermediates, unix_time(at));
    judged.err().map(|error| Refusal::of(&error).unwrap())
}

#[test]
fn a_revoked_certificate_is_refused_after_the_reload_and_others_are_not() {
    let world = world();
    let own = world.example.credentials("hb/app-hb-data-citizen");
    let other = world.example.credentials("hb/operator-duty-1");
    // Configurations made before the reload: it holds for the next handshake.
    let (server, client) = (world.server("hb/node"), world.client(&own, "42"));
    let revoked = [Revoked { serial: own.profile().serial.clone(), at: now() }];
    world.example.publish_crl("hb", between(0, DAY_MS), &revoked);
    assert!(connect(Arc::clone(&server), Arc::clone(&client), "127.0.0.1").is_ok());
    reload(&world);
    let ended = dial(Arc::clone(&server), client, "127.0.0.1");
    assert_eq!(ended.server_refusal(), Some(Refusal::Revoked));
    assert!(connect(server, world.client(&other, "42"), "127.0.0.1").is_ok());
}

#[test]
fn a_revoked_server_is_refused() {
    let world = world();
    let node = world.example.credentials("hb/node");
    let revoked = [Revoked { serial: node.profile().serial.clone(), at: now() }];
    world.example.publish_crl("hb", between(0, DAY_MS), &revoked);
    reload(&world);
    let own = world.example.credentials("gd/node");
    assert_eq!(world.dial_hubei(&own).client_refusal(), Some(Refusal::Revoked));
}

#[test]
fn a_list_past_its_next_update_stops_its_own_province_only() {
    let world = world();
    world.example.publish_crl("gd", between(0, HOUR_MS), &[]);
    reload(&world);
    let later = now().saturating_add_ms(2 * HOUR_MS);
    assert_eq!(judged(&world, "gd/node", now()), None);
    assert_eq!(judged(&world, "gd/node", later), Some(Refusal::CrlExpired));
    assert_eq!(judged(&world, "hb/node", later), None);
}

#[test]
fn a_server_whose_list_is_past_its_next_update_is_refused() {
    let World { example, trust } = world();
    example.publish_crl("hb", between(-2 * HOUR_MS, -HOUR_MS), &[]);
    let trust = Arc::new(TrustStore::new(trust.membership(), &example.published()));
    let world = World { example, trust };
    let own = world.example.credentials("gd/node");
    assert_eq!(world.dial_hubei(&own).client_refusal(), Some(Refusal::CrlExpired));
}

#[test]
fn a_list_older_than_max_age_is_refused_though_its_next_update_lies_ahead() {
    let world = world();
    let text = world.example.federation_text().replace("\"43200m\"", "\"24h\"");
    let list = Arc::new(Membership::parse(&text, &world.example.published()).unwrap());
    assert_eq!(world.trust.reload(list, &world.example.published()).problems, []);
    assert_eq!(judged(&world, "gd/node", now().saturating_add_ms(DAY_MS - HOUR_MS)), None);
    let late = now().saturating_add_ms(DAY_MS + HOUR_MS);
    assert_eq!(judged(&world, "gd/node", late), Some(Refusal::CrlTooOld));
    let status = world.trust.crl_status();
    let hubei = status.iter().find(|status| status.trust_domain.as_str() == "hb.example").unwrap();
    assert_eq!(hubei.fails_at.unwrap().ms_since(hubei.this_update.unwrap()), DAY_MS);
}

#[test]
fn a_list_from_the_future_is_refused() {
    let world = world();
    world.example.publish_crl("gd", between(HOUR_MS, DAY_MS), &[]);
    reload(&world);
    let own = world.example.credentials("gd/node");
    assert_eq!(world.dial_hubei(&own).server_refusal(), Some(Refusal::CrlNotYetValid));
}

#[test]
fn without_a_list_nobody_of_the_trust_domain_is_believed() {
    let World { example, trust } = world();
    std::fs::remove_file(example.path("federation/gd.crl")).unwrap();
    let trust = Arc::new(TrustStore::new(trust.membership(), &example.published()));
    assert!(matches!(trust.problems().as_slice(), [(_, TrustError::Unreadable(..))]));
    let world = World { example, trust };
    let own = world.example.credentials("gd/node");
    assert_eq!(world.dial_hubei(&own).server_refusal(), Some(Refusal::RevocationUnknown));
    assert!(world.dial_hubei(&world.example.credentials("hb/operator-duty-1")).server.is_none());
}

#[test]
fn the_list_of_another_authority_says_nothing() {
    let World { example, trust } = world();
    let foreign = std::fs::read(example.path("federation/hb.crl")).unwrap();
    std::fs::write(example.path("federation/gd.crl"), foreign).unwrap();
    let trust = Arc::new(TrustStore::new(trust.membership(), &example.published()));
    let world = World { example, trust };
    let own = world.example.credentials("gd/node");
    assert_eq!(world.dial_hubei(&own).server_refusal(), Some(Refusal::RevocationUnknown));
}

#[test]
fn the_last_good_list_stays_when_the_next_is_missing_broken_or_older() {
    let world = world();
    let own = world.example.credentials("gd/node");
    let revoked = [Revoked { serial: own.profile().serial.clone(), at: now() }];
    world.example.publish_crl("gd", between(0, DAY_MS), &revoked);
    reload(&world);
    let path = world.example.path("federation/gd.crl");
    let reloaded = || world.trust.reload_crls(&world.example.published()).problems;

    std::fs::write(&path, "no list").unwrap();
    assert!(matches!(reloaded().as_slice(), [(_, TrustError::Malformed(_))]));
    assert_eq!(world.dial_hubei(&own).server_refusal(), Some(Refusal::Revoked));

    std::fs::remove_file(&path).unwrap();
    assert!(matches!(reloaded().as_slice(), [(_, TrustError::Unreadable(..))]));
    assert_eq!(world.dial_hubei(&own).server_refusal(), Some(Refusal::Revoked));

    world.example.publish_crl("gd", between(-HOUR_MS, DAY_MS), &[]);
    assert!(matches!(reloaded().as_slice(), [(_, TrustError::Older(_))]));
    assert_eq!(world.dial_hubei(&own).server_refusal(), Some(Refusal::Revoked));
}

#[test]
fn nobody_is_believed_after_the_end_of_the_membership_list() {
    let world = world();
    let end = world.example.membership.expires();
    assert_eq!(judged(&world, "gd/node", end), Some(Refusal::MembershipExpired));
}

#[test]
fn an_expired_root_vouches_for_nobody() {
    let world = world();
    let trust_domain = "gd.example".parse().unwrap();
    let ca = Ca::create(trust_domain, between(-HOUR_MS, HOUR_MS), &mut SystemRandom).unwrap();
    // Older than the list of the root before it, which says nothing about this one.
    let crl = ca.revocation_list(1, between(-HOUR_MS / 2, DAY_MS), &[]).unwrap();
    std::fs::write(world.example.path("federation/gd.pem"), ca.certificate_pem()).unwrap();
    std::fs::write(world.example.path("federation/gd.crl"), crl).unwrap();
    let list = Membership::parse(&world.example.federation_text(), &world.example.published()).unwrap();
    assert_eq!(world.trust.reload(Arc::new(list), &world.example.published()).problems, []);
    let own = credentials(&issue(&ca, "node/node-1", usual_validity()));
    assert_eq!(judge(&world, &own, now()), None);
    let later = now().saturating_add_ms(2 * HOUR_MS);
    assert_eq!(judge(&world, &own, later), Some(Refusal::UntrustedIssuer));
}

#[test]
fn a_handshake_over_two_roots_of_a_province_is_judged_by_the_one_that_issued() {
    let world = world();
    let trust_domain = "gd.example".parse().unwrap();
    let second = Ca::create(trust_domain, usual_validity(), &mut SystemRandom).unwrap();
    let folder = world.example.published();
    let append = |name: &str, more: &str| {
        let path = folder.path(&name.parse().unwrap());
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, text + more).unwrap();
    };
    let own = credentials(&issue(&second, "node/node-1", usual_validity()));
    let revoked = [Revoked { serial: own.profile().serial.clone(), at: now() }];
    append("gd.pem", second.certificate_pem());
    append("gd.crl", &second.revocation_list(1, between(0, DAY_MS), &revoked).unwrap());
    let list = Membership::parse(&world.example.federation_text(), &folder).unwrap();
    assert_eq!(world.trust.reload(Arc::new(list), &folder).problems, []);
    assert_eq!(judged(&world, "gd/node", now()), None);
    assert_eq!(judge(&world, &own, now()), Some(Refusal::Revoked));
    let fresh = credentials(&issue(&second, "node/node-1", usual_validity()));
    assert_eq!(judge(&world, &fresh, now()), None);
}
