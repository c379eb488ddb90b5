//! Format 1 is frozen: its description names every claim, and its bytes stay what they were.

use huxin_attest::claims::Field;
use huxin_attest::{Kind, Signer as _, sha256, sign_batch, sign_single, to_be_signed};

use crate::support::{green_codes, key, red_code};

const CDDL: &str = include_str!("../../../../proto/attestation.cddl");

#[test]
fn the_cddl_names_every_claim_by_its_key() {
    let always = [
        ("kind", 1),
        ("region", 2),
        ("hop", 3),
        ("department", 4),
        ("stated_at", 17),
        ("subject_commitment", 20),
    ];
    let optional = Field::ALL.map(|field| (field.name(), field.key()));
    for (name, key) in always.into_iter().chain(optional) {
        assert!(CDDL.contains(&format!("&({name}: {key}) =>")), "{name}: {key}");
    }
    for kind in Kind::ALL {
        assert!(CDDL.contains(&format!("; {}", kind.name_zh())), "{kind}");
        assert!(CDDL.contains(&format!("&(kind: 1) => {},", kind.number())), "{kind}");
    }
}

#[test]
fn the_bytes_to_sign_are_the_ones_that_other_languages_must_produce() {
    let signed = to_be_signed(&green_codes(1)[0], key().public_key().id());
    let hex: String = signed.iter().map(|byte| format!("{byte:02x}")).collect();
    #[rustfmt::skip]
    let parts = [
        "84",                                                               // array of 4
        "6a5369676e617475726531",                                           // "Signature1"
        "4d", "a2", "0127", "0448", "34750f98bd59fcfc",                     // protected: EdDSA, kid
        "40",                                                               // no external data
        "583b", "a7",                                                       // payload: 7 claims
        "0101", "02182a", "0300",                                           // kind, region 42, hop
        "0466", "68622d636463",                                             // department "hb-cdc"
        "0600",                                                             // status 00
        "111a", "62c78190",                                                 // stated_at
        "145820", "4ca9eafcb3ad882cb0740f000b2f03b4cb980691a9c9d7b1fac4a898beafc814", // subject_commitment
    ];
    assert_eq!(hex, parts.concat());
}

#[test]
fn the_bytes_of_statements_do_not_change() {
    let single = sign_single(&red_code(), &key()).unwrap();
    let batch = sign_batch(&green_codes(7), &key()).unwrap();
    assert_eq!(
        sha256(&[&single]).to_string(),
        "e8c47af0ea155e5ee909a4d9ec81ad792a1e80c2a74a0519c231c1f3c7f4ea82"
    );
    assert_eq!(
        sha256(&[&batch.concat()]).to_string(),
        "f4c6dfb2ab128bb57d4214ddcd62347031a4563fb79072d6d6771aa7dfb643c1"
    );
}
