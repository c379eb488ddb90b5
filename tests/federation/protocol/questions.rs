//! Questions: answered with proof, refused with proof, or not taken.

use huxin_attest::CodeStatus;
use huxin_ledger::LeafType;
use huxin_tests::hand::{Hand, query};
use huxin_tests::{Fact, Federation, person};
use huxin_wire::v1::{self, Query};
use prost::Message as _;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_proved_whether_or_not_anybody_is_known() {
    let federation = Federation::start(&[42]);
    federation.state(&Fact::code(42, "hb-data", &person(1), CodeStatus::Green)).await;
    let mut hand = Hand::greeted(&federation, 44, 42).await;
    for (id, number, statements) in [(1, 1, 1), (2, 2, 0), (3, 1, 1)] {
        let asked = query(&person(number));
        let proved = hand.question(id, &asked).await.unwrap();
        assert_eq!(proved.leaf.leaf_type, LeafType::Answer);
        let answer = &proved.answer;
        assert_eq!(answer.request_hash.as_ref(), huxin_attest::sha256(&[&asked.encode_to_vec()]).0);
        assert_eq!((answer.audience, answer.region), (44, 42));
        assert_eq!(answer.outcome(), v1::AnswerOutcome::Answered);
        assert_eq!((answer.statements.len(), answer.more), (statements, false));
        assert!((answer.checked_unix_ms - federation.now().as_ms()).abs() < 5_000);
        assert_eq!(proved.exchange.rule.as_ref().unwrap().as_str(), "P-10");
        assert_eq!(
            (proved.exchange.purpose.as_str(), proved.exchange.outcome.as_str()),
            ("travel", "answered")
        );
        assert_eq!(proved.exchange.department.as_str(), "gd-transport");
        assert_eq!(proved.exchange.counts.iter().count(), statements);
    }
    let counters = federation.status(42).await.counters.unwrap();
    assert_eq!((counters.queries_answered, counters.queries_refused, counters.queries_declined), (3, 0, 0));
}

type Change = fn(&mut Query);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_malformed_question_is_declined_and_leaves_nothing() {
    let federation = Federation::start(&[42]);
    let mut hand = Hand::greeted(&federation, 44, 42).await;
    let changes: &[(&str, Change)] = &[
        ("no subject", |q| q.subject = None),
        ("no such document", |q| q.subject.as_mut().unwrap().r#type = 112),
        ("no number", |q| q.subject.as_mut().unwrap().number.clear()),
        ("wrong check digit", |q| q.subject.as_mut().unwrap().number = "110105194912310021".into()),
        ("no kind", |q| q.kinds.clear()),
        ("kind zero", |q| q.kinds.push(0)),
        ("evidence, which never travels", |q| q.kinds = vec![4]),
        ("unknown kind", |q| q.kinds.push(9)),
        ("negative kind", |q| q.kinds.push(-1)),
        ("no purpose", |q| q.purpose.clear()),
        ("long purpose", |q| q.purpose = "a".repeat(65)),
        ("purpose with a line break", |q| q.purpose = "travel\n".into()),
        ("no basis", |q| q.legal_basis.clear()),
        ("long basis", |q| q.legal_basis = "a".repeat(513)),
        ("no department", |q| q.department.clear()),
        ("no name of a department", |q| q.department = "GD Transport".into()),
        ("no nonce", |q| q.nonce.clear()),
        ("short nonce", |q| q.nonce = vec![1; 15].into()),
        ("long tag", |q| q.request_tag = vec![1; 17].into()),
        ("no time", |q| q.deadline_ms = 0),
        ("too much time", |q| q.deadline_ms = 2001),
    ];
    for (id, (name, change)) in (1..).zip(changes) {
        let mut asked = query(&person(1));
        change(&mut asked);
        assert_eq!(hand.question(id, &asked).await.unwrap_err(), "invalid_request", "{name}");
    }
    let long = [query(&person(1)).encode_to_vec(), vec![0x7a, 0xff, 0x1f], vec![0; 4095]].concat();
    for (id, bytes) in [(100, Vec::new()), (101, vec![0xff; 40]), (102, long)] {
        hand.ask(id, &bytes).await;
        assert_eq!(hand.answer(id, &bytes).await.unwrap_err(), "invalid_request", "{id}");
    }
    let status = federation.status(42).await;
    let counters = status.counters.unwrap();
    assert_eq!((status.log_size, counters.queries_declined), (0, changes.len() as u64 + 3));
    assert!(hand.question(200, &query(&person(1))).await.is_ok(), "the stream lives on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_leaves_in_the_middle_costs_nothing() {
    let federation = Federation::start(&[42]);
    for _ in 0..5 {
        let hand = Hand::greeted(&federation, 44, 42).await;
        for id in 0..200 {
            hand.ask(id, &query(&person(1)).encode_to_vec()).await;
        }
        drop(hand);
    }
    let mut hand = Hand::greeted(&federation, 44, 42).await;
    assert!(hand.question(1, &query(&person(1))).await.is_ok());
    // What was asked before the end was answered to nobody, and stands in the log all the same.
    for _ in 0..40 {
        let status = federation.status(42).await;
        // After 500 unknown people an hour the rest is refused, which is logged as well.
        let counters = status.counters.unwrap();
        if status.log_size == counters.queries_answered + counters.queries_refused {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("an answer was drafted and never logged");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_in_flight_are_each_proved_by_the_newest_head_before_them() {
    let federation = Federation::start(&[42]);
    federation.state(&Fact::code(42, "hb-data", &person(1), CodeStatus::Green)).await;
    let mut hand = Hand::greeted(&federation, 44, 42).await;
    let asked: Vec<Vec<u8>> = (0..500).map(|n| query(&person(n % 3)).encode_to_vec()).collect();
    for (id, query) in (0..).zip(&asked) {
        hand.ask(id, query).await;
    }
    let mut indices = std::collections::BTreeSet::new();
    for (id, query) in (0..).zip(&asked) {
        let proved = hand.answer(id, query).await.unwrap();
        assert!(indices.insert(proved.index), "every answer has an entry of its own");
    }
    let status = federation.status(42).await;
    assert!(status.log_flushes < status.log_entries / 2, "{} flushes", status.log_flushes);
}
