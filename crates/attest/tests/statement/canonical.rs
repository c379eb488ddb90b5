//! Claims have one encoding, and every other is refused.

use coset::cbor::Value;
use huxin_attest::claims::{Field, MAX_CLAIMS_LEN};
use huxin_attest::{ClaimFields, Claims, ClaimsError, CodeStatus, EvidenceRef, Kind, TestResult, sha256};
use proptest::prelude::*;

use crate::arbitrary::claims;
use crate::support::{fields, red_code, secs};

/// The pairs of a map.
type Entries = Vec<(Value, Value)>;

/// What another CBOR library reads.
fn entries(bytes: &[u8]) -> Entries {
    coset::cbor::from_reader::<Value, _>(bytes).unwrap().into_map().unwrap()
}

/// What another CBOR library writes: shortest heads, definite lengths, keys in the given order.
fn written(entries: Entries) -> Vec<u8> {
    let mut out = Vec::new();
    coset::cbor::into_writer(&Value::Map(entries), &mut out).unwrap();
    out
}

/// Reads the red code after `change`.
fn read_changed(change: impl FnOnce(&mut Entries)) -> Result<Claims, ClaimsError> {
    let mut entries = entries(&red_code().to_bytes());
    change(&mut entries);
    Claims::from_bytes(&written(entries))
}

fn place_of(entries: &Entries, key: u8) -> usize {
    entries.iter().position(|(known, _)| *known == Value::from(key)).unwrap()
}

proptest! {
    #[test]
    fn claims_survive_their_encoding_and_stay_within_their_bound(claims in claims()) {
        let bytes = claims.to_bytes();
        prop_assert!(bytes.len() <= MAX_CLAIMS_LEN);
        prop_assert_eq!(Claims::from_bytes(&bytes), Ok(claims));
    }

    #[test]
    fn another_library_writes_the_same_bytes(claims in claims()) {
        let bytes = claims.to_bytes();
        prop_assert_eq!(written(entries(&bytes)), bytes);
    }

    #[test]
    fn a_longer_head_is_refused_anywhere(claims in claims()) {
        let bytes = claims.to_bytes();
        for (place, byte) in bytes.iter().enumerate().filter(|(_, byte)| **byte & 0x1f < 24) {
            let longer = [byte & 0xe0 | 24, byte & 0x1f];
            let changed = [&bytes[..place], &longer, &bytes[place + 1..]].concat();
            prop_assert!(Claims::from_bytes(&changed).is_err(), "at {}", place);
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(claims) = Claims::from_bytes(&bytes) {
            prop_assert_eq!(claims.to_bytes(), bytes);
        }
    }
}

#[test]
fn other_orders_repetitions_and_indefinite_lengths_are_refused() {
    assert_eq!(read_changed(|_| ()), Ok(red_code()));
    for place in 0..entries(&red_code().to_bytes()).len() - 1 {
        assert!(read_changed(|map| map.swap(place, place + 1)).is_err(), "{place}");
        assert!(read_changed(|map| map.insert(place, map[place].clone())).is_err(), "{place}");
    }
    let bytes = red_code().to_bytes();
    let indefinite = [&[0xbf], &bytes[1..], &[0xff]].concat();
    assert_eq!(Claims::from_bytes(&indefinite), Err(ClaimsError::Malformed));
    assert_eq!(Claims::from_bytes(&[&bytes[..], &[0]].concat()), Err(ClaimsError::NotCanonical));
    assert_eq!(Claims::from_bytes(&vec![0xa0; MAX_CLAIMS_LEN + 1]), Err(ClaimsError::TooLong));
}

#[test]
fn unknown_keys_are_refused() {
    for key in [Value::from(0), Value::from(21), Value::from(300), Value::from(-1), Value::from("kind")] {
        let changed = read_changed(|map| map.push((key.clone(), Value::from(1))));
        assert_eq!(changed, Err(ClaimsError::UnknownKey), "{key:?}");
    }
}

#[test]
fn a_claim_that_every_statement_has_is_missed() {
    for key in [1, 2, 3, 4, 17, 20] {
        let changed = read_changed(|map| drop(map.remove(place_of(map, key))));
        assert_eq!(changed, Err(ClaimsError::Incomplete), "{key}");
    }
}

#[test]
fn values_outside_their_bounds_are_refused() {
    let long = "a".repeat(65);
    let digest = || Value::from(vec![0; 32]);
    let refs = |count| (0..count).map(|_| reference("lab", digest())).collect::<Vec<_>>();
    let cases: [(u8, Vec<Value>); 10] = [
        (1, vec![0.into(), 5.into(), "health_code".into()]),
        (2, vec![10.into(), 16.into(), 100.into(), 298.into(), "42".into()]),
        (3, vec![8.into(), (-1).into()]),
        (4, vec!["".into(), "HB".into(), "hb_cdc".into(), "湖北".into(), long.into()]),
        (5, vec!["".into(), "a\nb".into(), "绿\u{202e}码".into(), "码".repeat(43).into()]),
        (6, vec![2.into(), 12.into(), "10".into()]),
        (10, vec!["".into(), "close-contact".into(), "a".repeat(33).into()]),
        (
            11,
            vec![
                refs(9).into(),
                vec![reference("lab", Value::from(vec![0; 31]))].into(),
                vec![digest()].into(),
            ],
        ),
        (17, vec![(-1).into(), 253_402_207_201_i64.into(), Value::Float(1.0)]),
        (20, vec![Value::from(vec![0; 31]), Value::from(vec![0; 33]), "".into()]),
    ];
    for (key, values) in cases {
        for value in values {
            let changed = read_changed(|map| {
                let place = place_of(map, key);
                map[place].1 = value.clone();
            });
            assert_eq!(changed, Err(ClaimsError::Value(key)), "{key}: {value:?}");
        }
    }
    // An empty list is the same as none, so it is not the one encoding.
    let empty = read_changed(|map| {
        let place = place_of(map, 11);
        map[place].1 = Value::Array(Vec::new());
    });
    assert_eq!(empty, Err(ClaimsError::NotCanonical));
}

fn reference(kind: &str, digest: Value) -> Value {
    Value::Map(vec![(1.into(), kind.into()), (2.into(), digest)])
}

#[test]
fn each_kind_has_its_claims_and_no_others() {
    let missing = |kind, field| Err(ClaimsError::Missing { kind, field });
    let forbidden = |kind, field| Err(ClaimsError::Forbidden { kind, field });
    let code = ClaimFields { status: Some(CodeStatus::Green), ..fields(Kind::HealthCode) };
    let test = ClaimFields {
        result: Some(TestResult::Negative),
        reported_at: Some(secs(2)),
        ..fields(Kind::NucleicTest)
    };
    let exam = ClaimFields {
        item: "ct_chest".parse().ok(),
        quality: "national".parse().ok(),
        reported_at: Some(secs(2)),
        ..fields(Kind::ExamResult)
    };
    let evidence = ClaimFields { item: "isolation".parse().ok(), ..fields(Kind::Evidence) };
    for whole in [&code, &test, &exam, &evidence] {
        assert!(Claims::new(whole.clone()).is_ok(), "{whole:?}");
        assert!(Claims::new(ClaimFields { hop: 8, ..whole.clone() }).is_err());
    }

    let new = Claims::new;
    assert_eq!(new(fields(Kind::HealthCode)), missing(Kind::HealthCode, Field::Status));
    assert_eq!(new(fields(Kind::Evidence)), missing(Kind::Evidence, Field::Item));
    let unreported = ClaimFields { reported_at: None, ..test.clone() };
    assert_eq!(new(unreported), missing(Kind::NucleicTest, Field::ReportedAt));
    let unmarked = ClaimFields { quality: None, ..exam.clone() };
    assert_eq!(new(unmarked), missing(Kind::ExamResult, Field::Quality));

    let tested = ClaimFields { result: Some(TestResult::Positive), ..code.clone() };
    assert_eq!(new(tested), forbidden(Kind::HealthCode, Field::Result));
    let found = ClaimFields { result: Some(TestResult::Positive), ..exam.clone() };
    assert_eq!(new(found), forbidden(Kind::ExamResult, Field::Result));
    let coloured = ClaimFields { status: Some(CodeStatus::Red), ..test.clone() };
    assert_eq!(new(coloured), forbidden(Kind::NucleicTest, Field::Status));
    let backed = EvidenceRef { kind: "lab".parse().unwrap(), digest: sha256(&[b"report"]) };
    let nested = ClaimFields { evidence: vec![backed], ..evidence };
    assert_eq!(new(nested), forbidden(Kind::Evidence, Field::Evidence));

    let early = ClaimFields { sampled_at: Some(secs(3)), ..test };
    assert_eq!(new(early), Err(ClaimsError::SampledAfterReport));
    let many = ClaimFields { evidence: vec![backed; 9], ..code };
    assert_eq!(new(many), Err(ClaimsError::Value(11)));
}
