use huxin_attest::{Digest, DocumentType, Kind};

use super::*;

const SECOND: i64 = 1000;

fn at(ms: i64) -> UnixMs {
    UnixMs::parse_rfc3339("2022-07-08T09:00:00+08:00").unwrap().saturating_add_ms(ms)
}

fn subject(number: u16) -> Subject {
    let number = format!("E{number:08}");
    Subject::of(&Document::parse(DocumentType::Passport, &number).unwrap(), RegionCode::new(42).unwrap())
}

fn question(purpose: &str) -> Arc<Expected> {
    Arc::new(Expected { purpose: purpose.into(), department: "gd-transport".into() })
}

fn says(statement: &'static str, checked_at: UnixMs) -> Arc<PeerAnswer> {
    let statement = v1::AnsweredStatement {
        attestation: statement.as_bytes().into(),
        ..v1::AnsweredStatement::default()
    };
    Arc::new(PeerAnswer {
        region: RegionCode::new(42).unwrap(),
        origin: "hb.example/log/0".parse().unwrap(),
        index: 7,
        leaf_hash: Digest::default(),
        checked_at,
        statements: vec![statement],
        refused: None,
    })
}

fn code() -> Kinds {
    Kinds::NONE.with(Kind::HealthCode)
}

fn found(last: &LastAnswers, who: u16, purpose: &str, now: UnixMs) -> bool {
    last.find(subject(who), code(), &question(purpose), now).is_some()
}

#[test]
fn an_answer_is_found_for_ten_minutes_by_its_very_question() {
    let last = LastAnswers::default();
    last.keep(subject(1), code(), &question("travel"), &says("green", at(0)));
    assert!(found(&last, 1, "travel", at(600 * SECOND)));
    assert!(!found(&last, 1, "travel", at(600 * SECOND + 1)), "too old");
    assert!(!found(&last, 2, "travel", at(0)), "another person");
    assert!(!found(&last, 1, "visit", at(0)), "another purpose");
    let other = Expected { purpose: "travel".into(), department: "gd-cdc".into() };
    assert!(last.find(subject(1), code(), &other, at(0)).is_none(), "another department");
    let more = code().with(Kind::NucleicTest);
    assert!(last.find(subject(1), more, &question("travel"), at(0)).is_none(), "other kinds");
    last.forget_old(at(600 * SECOND + 1));
    let empty = |shard: &Mutex<Shard>| lock(shard).people.is_empty() && lock(shard).bytes == 0;
    assert!(last.shards.iter().all(empty), "nothing is left of it");
}

#[test]
fn a_newer_answer_takes_the_place_of_all_that_it_gainsays() {
    let last = LastAnswers::default();
    last.keep(subject(1), code(), &question("travel"), &says("green", at(0)));
    last.keep(subject(1), code(), &question("visit"), &says("green", at(1)));
    assert!(found(&last, 1, "travel", at(2)) && found(&last, 1, "visit", at(2)), "they agree");
    last.keep(subject(1), code(), &question("visit"), &says("red", at(2)));
    assert!(!found(&last, 1, "travel", at(3)) && found(&last, 1, "visit", at(3)));
}

#[test]
fn what_knows_nothing_or_refuses_is_not_kept_and_replaces_what_was() {
    let last = LastAnswers::default();
    let nothing = |refused: Option<&str>| {
        let refused = refused.map(ToOwned::to_owned);
        Arc::new(PeerAnswer { statements: Vec::new(), refused, ..(*says("", at(1))).clone() })
    };
    for (answer, other_stays) in [(nothing(None), false), (nothing(Some("rate_exceeded")), true)] {
        last.keep(subject(1), code(), &question("travel"), &says("green", at(0)));
        last.keep(subject(1), code(), &question("visit"), &says("green", at(0)));
        last.keep(subject(1), code(), &question("travel"), &answer);
        assert!(!found(&last, 1, "travel", at(2)));
        assert_eq!(found(&last, 1, "visit", at(2)), other_stays, "a refusal says nothing about the person");
    }
}

#[test]
fn the_oldest_go_when_there_are_too_many_or_they_are_too_large() {
    for last in [LastAnswers::with(64, usize::MAX), LastAnswers::with(usize::MAX, 64 * ENTRY_COST)] {
        for who in 0..2000 {
            last.keep(subject(who), code(), &question("travel"), &says("green", at(i64::from(who))));
        }
        let kept: usize = last.shards.iter().map(|shard| lock(shard).people.len()).sum();
        assert!((16..=64).contains(&kept), "{kept}");
        assert!(!found(&last, 0, "travel", at(2000)) && found(&last, 1999, "travel", at(2000)));
        for shard in &last.shards {
            let shard = lock(shard);
            let bytes: usize =
                shard.people.values().flatten().map(|last| cost(&last.answer.statements)).sum();
            assert_eq!(shard.bytes, bytes);
            assert!(shard.order.len() <= last.most.entries && shard.bytes <= last.most.bytes);
        }
    }
}

#[test]
fn questions_about_one_person_again_and_again_take_no_more_room() {
    let last = LastAnswers::with(64, usize::MAX);
    for round in 0..1000 {
        last.keep(subject(1), code(), &question("travel"), &says("green", at(round)));
    }
    assert!(found(&last, 1, "travel", at(1000)));
    let shard = last.shard(subject(1));
    assert_eq!(shard.people.values().map(Vec::len).sum::<usize>(), 1);
    assert!(shard.order.len() <= last.most.entries);
}
