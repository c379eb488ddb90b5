//! Which forms of certificate are refused, and why.

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType,
};

use super::*;
use crate::pki::Ca;
use crate::testing::{der, issue, odd, usual_validity};

fn ca() -> Ca {
    Ca::create("hb.example".parse().unwrap(), usual_validity(), &mut huxin_attest::SystemRandom).unwrap()
}

fn p256() -> KeyPair {
    KeyPair::generate().unwrap()
}

fn uri(text: &str) -> SanType {
    SanType::URI(text.try_into().unwrap())
}

fn refusal(used_as: Use, change: impl FnOnce(&mut CertificateParams)) -> Option<Refusal> {
    Profile::read(&odd(&ca(), &p256(), change), used_as).err()
}

#[test]
fn every_issued_role_has_the_form() {
    let ca = ca();
    for path in ["node/n", "app/d/a", "department/d", "operator/o", "supervisor/s"] {
        let validity = usual_validity();
        let issued = issue(&ca, path, validity);
        let profile = Profile::read(&der(&issued.certificate_pem), Use::Client).unwrap();
        assert_eq!(profile.id.to_string(), format!("spiffe://hb.example/{path}"));
        assert_eq!(profile.serial, issued.serial);
        assert_eq!(profile.not_after.as_secs(), validity.until.as_secs());
    }
}

#[test]
fn only_a_node_may_serve() {
    let ca = ca();
    for (path, serves) in [("node/n", true), ("app/d/a", false), ("operator/o", false)] {
        let issued = issue(&ca, path, usual_validity());
        let read = Profile::read(&der(&issued.certificate_pem), Use::Server);
        assert_eq!(read.err(), (!serves).then_some(Refusal::WrongUse), "{path}");
    }
}

#[test]
fn a_certificate_without_exactly_one_identity_is_refused() {
    assert_eq!(refusal(Use::Client, |_| {}), None);
    assert_eq!(refusal(Use::Client, |params| params.subject_alt_names.clear()), Some(Refusal::NoUri));
    let dns_only = |params: &mut CertificateParams| {
        params.subject_alt_names = vec![SanType::DnsName("hb.example".try_into().unwrap())];
    };
    assert_eq!(refusal(Use::Client, dns_only), Some(Refusal::NoUri));
    let second = |params: &mut CertificateParams| {
        params.subject_alt_names.push(uri("spiffe://hb.example/operator/o"));
    };
    assert_eq!(refusal(Use::Client, second), Some(Refusal::SeveralUris));
    for bad in ["https://hb.example/app/d/a", "spiffe://hb.example", "spiffe://hb.example/root/a"] {
        let other = |params: &mut CertificateParams| params.subject_alt_names = vec![uri(bad)];
        assert_eq!(refusal(Use::Client, other), Some(Refusal::BadIdentity), "{bad}");
    }
    let mail = |params: &mut CertificateParams| {
        params.subject_alt_names.push(SanType::Rfc822Name("a@hb.example".try_into().unwrap()));
    };
    assert_eq!(refusal(Use::Client, mail), Some(Refusal::BadIdentity));
}

#[test]
fn an_authority_is_no_party() {
    let authority = |params: &mut CertificateParams| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    assert_eq!(refusal(Use::Any, authority), Some(Refusal::IsCa));
    let ca = ca();
    assert!(Profile::read(&der(ca.certificate_pem()), Use::Any).is_err());
}

#[test]
fn a_usage_that_does_not_fit_is_refused() {
    assert_eq!(refusal(Use::Client, |params| params.key_usages.clear()), Some(Refusal::WrongUse));
    let agreement = |params: &mut CertificateParams| params.key_usages = vec![KeyUsagePurpose::KeyAgreement];
    assert_eq!(refusal(Use::Client, agreement), Some(Refusal::WrongUse));
    for extra in [KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign] {
        assert_eq!(refusal(Use::Client, |params| params.key_usages.push(extra)), Some(Refusal::WrongUse));
    }
    let server_only = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    };
    assert_eq!(refusal(Use::Client, server_only), Some(Refusal::WrongUse));
    assert_eq!(refusal(Use::Server, server_only), None);
}

#[test]
fn another_key_than_p256_is_refused() {
    let ca = ca();
    for algorithm in [&rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_ED25519] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        assert_eq!(Profile::read(&odd(&ca, &key, |_| {}), Use::Client).err(), Some(Refusal::WrongKey));
    }
}

#[test]
fn broken_bytes_are_refused() {
    let good = odd(&ca(), &p256(), |_| {});
    let longer: CertificateDer<'_> = [&*good, &[0]].concat().into();
    assert_eq!(Profile::read(&longer, Use::Any), Err(Refusal::Malformed));
    assert_eq!(Profile::read(&Vec::new().into(), Use::Any), Err(Refusal::Malformed));
    assert_eq!(Profile::read(&vec![0x30; MAX_CERTIFICATE + 1].into(), Use::Any), Err(Refusal::Malformed));
    for cut in 0..good.len() {
        let shorter: CertificateDer<'_> = good[..cut].to_vec().into();
        assert_eq!(Profile::read(&shorter, Use::Any), Err(Refusal::Malformed), "{cut}");
    }
}

#[test]
fn a_serial_is_read_and_shown_alike() {
    let serial = Serial::from_hex("00ff01").unwrap();
    assert_eq!((serial.to_string().as_str(), serial.as_bytes()), ("ff01", [0xff, 1].as_slice()));
    assert_eq!(Serial::from_hex("f01"), Serial::from_hex("0f01"));
    for bad in ["", "0", "00", "xy", "é0", &"1".repeat(41)] {
        assert_eq!(Serial::from_hex(bad), None, "{bad}");
    }
    assert_eq!(Serial::from_bytes(&[1; 21]), None);
}

mod hostile {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_changed_byte_never_ends_the_reader(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            static GOOD: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| odd(&ca(), &p256(), |_| {}).to_vec());
            let mut bytes = GOOD.clone();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(profile) = Profile::read(&bytes.into(), Use::Client) {
                prop_assert_eq!(profile.id.role.kind(), crate::RoleKind::App);
            }
        }
    }
}
