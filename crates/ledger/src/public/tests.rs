use super::*;
use crate::leaf::LeafType;
use huxin_attest::{Kind, sha256};
use proptest::prelude::*;

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

fn policy(id: &str, version: u64) -> PolicyRef {
    PolicyRef { id: label(id), version, digest: sha256(&[id.as_bytes()]) }
}

fn exchange() -> Exchange {
    Exchange {
        purpose: label("visit"),
        outcome: label("answered"),
        rule: Some(label("D-10")),
        peer: RegionCode::new(44).unwrap(),
        department: label("gd-cdc"),
        counts: Counts::from_iter([(Kind::NucleicTest, 3), (Kind::HealthCode, 1)]),
    }
}

fn decision() -> Decision {
    let region = |code| RegionCode::new(code).unwrap();
    let logged =
        Reply::Logged { origin: "hb.example/log/0".parse().unwrap(), index: 41, leaf: sha256(&[b"leaf"]) };
    Decision {
        purpose: label("visit"),
        outcome: Verdict::Review,
        rule: label("N-20"),
        department: label("gd-commerce"),
        counts: Counts::default(),
        asked: vec![
            Asked { region: region(42), reply: logged },
            Asked { region: region(43), reply: Reply::Unreachable },
            Asked { region: region(41), reply: Reply::Reused },
        ],
        policies: PolicyRefs {
            baseline: policy("CN-BASE", 7),
            overlay: Some(policy("GD-OVER", 2)),
            vocabulary: policy("CN-VOCAB", 3),
        },
    }
}

fn reuse() -> Reuse {
    Reuse {
        purpose: label("visit"),
        peer: RegionCode::new(42).unwrap(),
        department: label("gd-commerce"),
        counts: Counts::from_iter([(Kind::HealthCode, 1)]),
        origin: "hb.example/log/0".parse().unwrap(),
        index: 41,
    }
}

fn refused() -> RefusedStatement {
    RefusedStatement {
        department: label("ha-data"),
        counts: Counts::from_iter([(Kind::HealthCode, 3)]),
        reason: label("unfounded"),
    }
}

fn policy_change() -> PolicyChange {
    PolicyChange {
        what: label("risk_areas"),
        id: label("CN-RISK"),
        version: 12,
        digest: sha256(&[]),
        by: label("spiffe://gd.example/operator/duty-1"),
        overlay: None,
    }
}

fn overlay_change(act: OverlayAct) -> PolicyChange {
    let signers = vec![label("gd-bureau-1"), label("gd-bureau-2")];
    let overlay = Some(OverlayChange { act, effective: 1_657_242_000_000, signers });
    PolicyChange { what: label("overlay"), overlay, ..policy_change() }
}

#[test]
fn an_exchange_has_the_documented_bytes() {
    let mut expected = vec![0xa6, 1, 0x65];
    expected.extend(b"visit");
    expected.extend([2, 0x68]);
    expected.extend(b"answered");
    expected.extend([3, 0x64]);
    expected.extend(b"D-10");
    expected.extend([4, 0x18, 44, 5, 0x66]);
    expected.extend(b"gd-cdc");
    expected.extend([6, 0xa2, 1, 1, 2, 3]);
    assert_eq!(exchange().encode(), expected);
}

#[test]
fn every_record_is_read_back_as_it_was() {
    let without_rule = Exchange { rule: None, ..exchange() };
    for record in [exchange(), without_rule] {
        assert_eq!(Exchange::decode(&record.encode()), Ok(record));
    }
    let mut plain = decision();
    plain.outcome = Verdict::Admit;
    plain.policies.overlay = None;
    for record in [decision(), plain] {
        assert_eq!(Decision::decode(&record.encode()), Ok(record));
    }
    let app = label("spiffe://gd.example/app/commerce-1/gate");
    let aggregate = Aggregate { rule: label("N-10"), app, second: 1_657_242_000, count: 12 };
    assert_eq!(Aggregate::decode(&aggregate.encode()), Ok(aggregate));
    for resolution in [Resolved::Admitted, Resolved::Refused] {
        let record = Resolution { resolution, department: label("gd-transport"), decision: 7 };
        assert_eq!(Resolution::decode(&record.encode()), Ok(record));
    }
    assert_eq!(Reuse::decode(&reuse().encode()), Ok(reuse()));
    assert_eq!(RefusedStatement::decode(&refused().encode()), Ok(refused()));
    assert_eq!(PolicyChange::decode(&policy_change().encode()), Ok(policy_change()));
    for act in OverlayAct::ALL {
        assert_eq!(PolicyChange::decode(&overlay_change(act).encode()), Ok(overlay_change(act)));
    }
}

#[test]
fn the_events_have_the_documented_bytes() {
    let resolution =
        Resolution { resolution: Resolved::Refused, department: label("gd"), decision: 1000 }.encode();
    assert_eq!(resolution, [0xa3, 2, 2, 5, 0x62, b'g', b'd', 9, 0x19, 0x03, 0xe8]);
    let reuse = reuse().encode();
    assert_eq!(reuse[..2], [0xa6, 1]);
    assert!(reuse.ends_with(&[11, 0x18, 41]) && reuse.windows(3).any(|bytes| bytes == [4, 0x18, 42]));
    let refused = refused().encode();
    let mut expected = vec![0xa3, 5, 0x67];
    expected.extend(b"ha-data");
    expected.extend([6, 0xa1, 1, 3, 12, 0x69]);
    expected.extend(b"unfounded");
    assert_eq!(refused, expected);
    let change = policy_change().encode();
    assert_eq!(change[..2], [0xa5, 13]);
    assert!(change.windows(34).any(|bytes| bytes == [&[16, 0x58][..], &[32], &sha256(&[]).0[..31]].concat()));
}

#[test]
fn an_event_of_another_number_form_or_order_is_refused() {
    let bytes = Resolution { resolution: Resolved::Admitted, department: label("gd"), decision: 7 }.encode();
    for to in [0, 3] {
        let mut other = bytes.clone();
        other[2] = to;
        assert_eq!(Resolution::decode(&other), Err(CborError::Form));
    }
    assert_eq!(Reuse::decode(&bytes), Err(CborError::Form));
    assert_eq!(RefusedStatement::decode(&bytes), Err(CborError::Form));
    assert_eq!(PolicyChange::decode(&bytes), Err(CborError::Form));
    for record in [reuse().encode(), refused().encode(), policy_change().encode()] {
        assert_eq!(Resolution::decode(&record), Err(CborError::Form));
    }
    // The decision's index in nine bytes instead of one.
    let longer = [&bytes[..bytes.len() - 1], &[0x1b, 0, 0, 0, 0, 0, 0, 0, 7]].concat();
    assert_eq!(Resolution::decode(&longer), Err(CborError::NotDeterministic));
}

#[test]
fn what_was_done_to_an_overlay_stands_behind_the_file_and_is_one_of_the_known_acts() {
    let bytes = overlay_change(OverlayAct::Applied).encode();
    let plain = PolicyChange { what: label("overlay"), ..policy_change() }.encode();
    assert_eq!((bytes[0], &bytes[1..plain.len()]), (0xa8, &plain[1..]));
    let tail = &bytes[plain.len()..];
    assert_eq!(tail[..4], [18, 1, 19, 0x1b]);
    assert_eq!(tail[12..14], [20, 0x82]);
    for act in [0, 8] {
        let mut other = bytes.clone();
        other[plain.len() + 1] = act;
        assert_eq!(PolicyChange::decode(&other), Err(CborError::Form));
    }
    let mut crowded = overlay_change(OverlayAct::Applied);
    crowded.overlay.as_mut().unwrap().signers = vec![label("x"); MAX_SIGNERS + 1];
    assert_eq!(PolicyChange::decode(&crowded.encode()), Err(CborError::TooLong));
}

#[test]
fn an_entry_is_marked_by_its_type_and_its_record() {
    let of = Mark::of;
    assert_eq!(of(LeafType::Decision, &decision().encode()), Mark::Review);
    let admitted = Decision { outcome: Verdict::Admit, ..decision() };
    assert_eq!(of(LeafType::Decision, &admitted.encode()), Mark::None);
    let resolution = Resolution { resolution: Resolved::Admitted, department: label("gd"), decision: 7 };
    assert_eq!(of(LeafType::Resolution, &resolution.encode()), Mark::Resolution(7));
    assert_eq!(of(LeafType::Reuse, &reuse().encode()), Mark::Reuse(reuse().origin));
    // The type decides first, and what is no record means nothing.
    assert_eq!(of(LeafType::Answer, &decision().encode()), Mark::None);
    for leaf_type in LeafType::ALL {
        assert_eq!(of(leaf_type, b""), Mark::None);
        assert_eq!(of(leaf_type, &[0xff; 40]), Mark::None);
    }
}

#[test]
fn another_encoding_of_the_same_record_is_refused() {
    let bytes = exchange().encode();
    // The peer 44 in three bytes instead of two.
    let at = bytes.windows(3).position(|w| w == [4, 0x18, 44]).unwrap();
    let mut longer = bytes.clone();
    longer.splice(at + 1..at + 3, [0x19, 0, 44]);
    assert_eq!(Exchange::decode(&longer), Err(CborError::NotDeterministic));
    // The counts in the other order, or twice, or of nothing.
    let counts = |tail: &[u8]| {
        let mut other = bytes.clone();
        other.truncate(bytes.len() - 5);
        other.extend(tail);
        Exchange::decode(&other)
    };
    assert_eq!(counts(&[0xa2, 2, 3, 1, 1]), Err(CborError::NotDeterministic));
    assert_eq!(counts(&[0xa2, 1, 1, 1, 1]), Err(CborError::NotDeterministic));
    assert_eq!(counts(&[0xa1, 1, 0]), Err(CborError::NotDeterministic));
    // An indefinite map, and bytes behind the end.
    assert_eq!(counts(&[0xbf, 0xff]), Err(CborError::NotDeterministic));
    assert_eq!(Exchange::decode(&[bytes, vec![0]].concat()), Err(CborError::Form));
}

#[test]
fn what_is_too_long_or_unknown_is_refused() {
    assert_eq!(Exchange::decode(&vec![0; MAX_PUBLIC_LEN + 1]), Err(CborError::TooLong));
    let mut crowded = decision();
    crowded.asked = vec![crowded.asked[1].clone(); MAX_ASKED + 1];
    assert_eq!(Decision::decode(&crowded.encode()), Err(CborError::TooLong));
    for bad in ["", "a\nb", &"x".repeat(MAX_LABEL_LEN + 1)] {
        assert_eq!(Label::new(bad), Err(BadLabel), "{bad:?}");
    }
}

#[test]
fn the_largest_decision_fits_its_bound() {
    let mut large = decision();
    let origin: Origin = "x".repeat(128).parse().unwrap();
    let logged = Reply::Logged { origin, index: u64::MAX, leaf: sha256(&[]) };
    large.asked = vec![Asked { region: RegionCode::new(42).unwrap(), reply: logged }; MAX_ASKED];
    for name in [&mut large.purpose, &mut large.rule, &mut large.department] {
        *name = label(&"x".repeat(MAX_LABEL_LEN));
    }
    assert_eq!(Decision::decode(&large.encode()), Ok(large));
}

proptest! {
    #[test]
    fn hostile_bytes_are_refused_or_are_the_encoding(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(record) = Exchange::decode(&bytes) {
            prop_assert_eq!(record.encode(), bytes);
        }
    }

    #[test]
    fn a_changed_byte_never_reads_as_the_same_record(at in 0..200_usize, to in any::<u8>()) {
        let mut bytes = decision().encode();
        let at = at % bytes.len();
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        if let Ok(record) = Decision::decode(&bytes) {
            prop_assert_ne!(&record, &decision());
            prop_assert_eq!(record.encode(), bytes);
        }
    }
}
