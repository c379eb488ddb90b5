//! Authorities are taken up again as they were; examples are complete.

use huxin_attest::{Signer, SystemRandom};

use super::description::Description;
use super::*;
use crate::testing::{DESCRIPTION, HOUR_MS, example, now, region, role, usual_validity};

#[test]
fn an_authority_is_taken_up_again_and_only_with_its_own_key() {
    let make = || Ca::create("hb.example".parse().unwrap(), usual_validity(), &mut SystemRandom).unwrap();
    let (ca, other) = (make(), make());
    let again = Ca::load(ca.certificate_pem(), &ca.key_pem()).unwrap();
    assert_eq!(again.trust_domain(), ca.trust_domain());
    assert!(matches!(Ca::load(ca.certificate_pem(), &other.key_pem()), Err(PkiError::KeyMismatch)));
    let party = ca.issue(role("node/n"), &[], usual_validity(), &mut SystemRandom).unwrap();
    assert!(matches!(Ca::load(&party.certificate_pem, &party.key_pem), Err(PkiError::BadAuthority)));
    assert!(matches!(Ca::load(ca.certificate_pem(), "no key"), Err(PkiError::BadKey)));
}

#[test]
fn a_validity_that_ends_before_it_begins_is_refused() {
    let empty = Validity { from: now(), until: now().saturating_add_ms(-HOUR_MS) };
    let trust_domain = || "hb.example".parse().unwrap();
    assert!(matches!(Ca::create(trust_domain(), empty, &mut SystemRandom), Err(PkiError::Validity)));
    let ca = Ca::create(trust_domain(), usual_validity(), &mut SystemRandom).unwrap();
    assert!(matches!(ca.issue(role("node/n"), &[], empty, &mut SystemRandom), Err(PkiError::Validity)));
    assert!(matches!(ca.revocation_list(1, empty, &[]), Err(PkiError::Validity)));
}

#[test]
fn the_example_holds_a_file_for_everyone_and_its_keys_are_listed() {
    let example = example();
    let description = Description::parse(DESCRIPTION).unwrap();
    for province in &description.provinces {
        let short = &province.short;
        for department in &province.departments {
            let name = &department.name;
            example.credentials(&format!("{short}/department-{name}"));
            for app in &department.apps {
                example.credentials(&format!("{short}/app-{name}-{app}"));
            }
            let listed = &example.membership.department(province.region, name.as_str()).unwrap().keys;
            assert_eq!(listed.is_empty(), department.may_state.is_empty());
            for key in listed {
                let pem = std::fs::read(example.path(&format!("{short}/statement-{name}.key"))).unwrap();
                assert_eq!(keys::read_private(&pem).unwrap().public_key(), &key.public);
            }
        }
        for operator in &province.operators {
            example.credentials(&format!("{short}/operator-{operator}"));
        }
        let node = example.credentials(&format!("{short}/node"));
        assert_eq!(node.profile().id.trust_domain, province.trust_domain);
        keys::read_private(&std::fs::read(example.path(&format!("{short}/log.key"))).unwrap()).unwrap();
    }
    example.credentials("sup/supervisor-auditor-1");
    assert_eq!(std::fs::read_dir(example.path("signers")).unwrap().count(), 4);
}

#[test]
fn an_example_is_never_written_over_another() {
    let example = example();
    let description = Description::parse(DESCRIPTION).unwrap();
    let pin = example.membership.baseline().clone();
    let endpoints = [(region("41"), vec!["127.0.0.1:1".parse().unwrap()])].into();
    let vkey = |origin: &str, _: &huxin_attest::PublicKey| origin.to_owned();
    let parameters =
        example::Parameters { endpoints: &endpoints, baseline: pin.clone(), vocabulary: pin, vkey: &vkey };
    let again = example::generate(&description, example.dir.path(), now(), &parameters, &mut SystemRandom);
    assert!(matches!(again, Err(PkiError::Exists(_))));
    let elsewhere = tempfile::tempdir().unwrap();
    let incomplete = example::generate(&description, elsewhere.path(), now(), &parameters, &mut SystemRandom);
    assert!(matches!(incomplete, Err(PkiError::NoEndpoint(missing)) if missing == region("42")));
}

#[test]
fn every_missing_repeated_or_renamed_line_of_a_description_is_refused() {
    let lines: Vec<&str> = DESCRIPTION.lines().collect();
    assert!(Description::parse(DESCRIPTION).is_ok());
    for (at, line) in lines.iter().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut without = lines.clone();
        // Who signs overlays may be left out.
        if !line.starts_with("policy = ") {
            without.remove(at);
        } else {
            without[at] = "policy = {}";
        }
        let mut twice = lines.clone();
        twice.insert(at, line);
        let mut renamed = lines.clone();
        let other = line.replacen(char::is_alphabetic, "zz", 1);
        renamed[at] = &other;
        for changed in [without, twice, renamed] {
            assert!(Description::parse(&changed.join("\n")).is_err(), "line {}: {line}", at + 1);
        }
    }
}
