//! Reports that an answer was used again: what the answerer's log does not bear out is not logged.

use huxin_attest::CodeStatus;
use huxin_ledger::LeafType;
use huxin_tests::hand::{Hand, query};
use huxin_tests::{Fact, Federation, fresh_id, person};
use huxin_wire::v1;
use huxin_wire::v1::peer_request::Message;

const MINUTE: i64 = 60_000;

/// Hubei alone, and the report of Guangdong's that it used the answer at `index` again.
fn report(federation: &Federation, index: u64) -> v1::Report {
    v1::Report {
        id: 1,
        origin: "hb.example/log/0".into(),
        index,
        unix_ms: federation.now().as_ms(),
        purpose: "travel".into(),
        department: "gd-transport".into(),
        request_tag: fresh_id(),
        reuse_origin: "gd.example/log/0".into(),
        reuse_index: 7,
    }
}

fn reuses(federation: &Federation) -> usize {
    let log = federation.node(42).log_reader();
    (0..log.size()).filter(|index| log.entry(*index).unwrap().leaf_type == LeafType::Reuse).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_is_logged_once_however_often_it_comes() {
    let federation = Federation::start(&[42]);
    federation.state(&Fact::code(42, "hb-data", &person(1), CodeStatus::Green)).await;
    let mut hand = Hand::greeted(&federation, 44, 42).await;
    let index = hand.question(1, &query(&person(1))).await.unwrap().index;
    let first = report(&federation, index);
    assert_eq!(hand.report(&first).await, "");
    assert_eq!(hand.report(&first).await, "", "the id is free again");
    let mut other_stream = Hand::greeted(&federation, 44, 42).await;
    assert_eq!(other_stream.report(&v1::Report { id: 9, ..first.clone() }).await, "");
    assert_eq!(reuses(&federation), 1);
    assert_eq!(hand.report(&v1::Report { reuse_index: 8, ..first }).await, "");
    assert_eq!(reuses(&federation), 2);
    assert_eq!(federation.status(42).await.counters.unwrap().reports_received, 2);
}

type Change = fn(&mut v1::Report);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_that_the_log_does_not_bear_out_is_refused_and_leaves_nothing() {
    let federation = Federation::start(&[42]);
    federation.state(&Fact::code(42, "hb-data", &person(1), CodeStatus::Green)).await;
    let mut hand = Hand::greeted(&federation, 44, 42).await;
    let index = hand.question(1, &query(&person(1))).await.unwrap().index;
    let refused = v1::Query { purpose: "exam_reuse".into(), ..query(&person(1)) };
    let refusal = hand.question(2, &refused).await.unwrap();
    assert_eq!(refusal.leaf.leaf_type, LeafType::Refusal);
    let good = report(&federation, index);
    let changes: &[(&str, Change, &str)] = &[
        ("an entry that is no answer", |r| r.index = 0, "not_in_log"),
        ("an entry beyond the log", |r| r.index = u64::MAX, "not_in_log"),
        ("another log", |r| r.origin = "hn.example/log/0".into(), "not_in_log"),
        ("no log", |r| r.origin.clear(), "invalid_request"),
        ("another purpose", |r| r.purpose = "visit".into(), "invalid_request"),
        ("no purpose", |r| r.purpose.clear(), "invalid_request"),
        ("another department", |r| r.department = "gd-cdc".into(), "invalid_request"),
        ("a long department", |r| r.department = "a".repeat(300), "invalid_request"),
        ("no tag", |r| r.request_tag.clear(), "invalid_request"),
        (
            "a reuse in another province's log",
            |r| r.reuse_origin = "hn.example/log/0".into(),
            "invalid_request",
        ),
        ("used before it was answered", |r| r.unix_ms -= 2 * MINUTE, "invalid_request"),
        ("used too late", |r| r.unix_ms += 12 * MINUTE, "invalid_request"),
        ("used in the future", |r| r.unix_ms += 2 * MINUTE, "invalid_request"),
        ("used at no time", |r| r.unix_ms = i64::MIN, "invalid_request"),
    ];
    for (name, change, reason) in changes {
        let mut bad = good.clone();
        change(&mut bad);
        assert_eq!(hand.report(&bad).await, *reason, "{name}");
    }
    let of_refusal = v1::Report { index: refusal.index, ..good.clone() };
    assert_eq!(hand.report(&of_refusal).await, "not_in_log");
    // What was told to Guangdong is nothing to Hunan.
    let mut hunan = Hand::greeted(&federation, 43, 42).await;
    let stolen = v1::Report { reuse_origin: "hn.example/log/0".into(), ..good.clone() };
    assert_eq!(hunan.report(&stolen).await, "not_in_log");
    assert_eq!(reuses(&federation), 0);
    assert_eq!(hand.report(&good).await, "", "and the stream lives on");
    assert_eq!(reuses(&federation), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_before_the_greeting_ends_the_stream() {
    let federation = Federation::start(&[42]);
    let mut hand = Hand::dial(&federation, 44, 42).await;
    hand.send(Message::Report(report(&federation, 0))).await;
    assert_eq!(hand.ended().await, "out_of_order");
}
