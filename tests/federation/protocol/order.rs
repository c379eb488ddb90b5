//! The order of messages on a stream, and what `Open` and `Join` may say.

use std::time::{Duration, Instant};

use huxin_attest::CodeStatus;
use huxin_ledger::proof::verify_consistency;
use huxin_node::limits;
use huxin_tests::hand::{Hand, digests, query};
use huxin_tests::{Fact, Federation, person};
use huxin_wire::v1::{self, peer_reply, peer_request};
use prost::Message as _;

const ORIGIN: &str = "hb.example/log/0";

fn known(origin: &str, size: u64) -> v1::KnownSize {
    v1::KnownSize { origin: origin.into(), size }
}

/// How a stream ends whose first message opens it like this.
async fn opened_as(federation: &Federation, known: Vec<v1::KnownSize>, off_ms: i64) -> String {
    let mut hand = Hand::dial(federation, 44, 42).await;
    let unix_ms = federation.now().as_ms().saturating_add(off_ms);
    hand.send(peer_request::Message::Open(v1::Open { known, unix_ms, ..v1::Open::default() })).await;
    hand.ended().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_begins_with_open_once_and_never_says_nothing() {
    let federation = Federation::start(&[42]);
    let ask = query(&person(1)).encode_to_vec();

    let mut hand = Hand::dial(&federation, 44, 42).await;
    hand.ask(1, &ask).await;
    assert_eq!(hand.ended().await, "out_of_order", "asked before open");
    let mut hand = Hand::dial(&federation, 44, 42).await;
    hand.join(ORIGIN, 0, 0).await;
    assert_eq!(hand.ended().await, "out_of_order", "joined before open");
    let mut hand = Hand::dial(&federation, 44, 42).await;
    hand.send_empty().await;
    assert_eq!(hand.ended().await, "out_of_order", "nothing before open");

    let mut hand = Hand::greeted(&federation, 44, 42).await;
    hand.send(hand.open()).await;
    assert_eq!(hand.ended().await, "out_of_order", "opened twice");
    let mut hand = Hand::greeted(&federation, 44, 42).await;
    hand.send_empty().await;
    assert_eq!(hand.ended().await, "out_of_order", "nothing after open");
    assert_eq!(federation.status(42).await.log_size, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_is_refused_when_clocks_or_sizes_cannot_be_right() {
    let federation = Federation::start(&[42]);
    federation.state(&Fact::code(42, "hb-data", &person(1), CodeStatus::Green)).await;
    let size = federation.status(42).await.log_size;
    for off in [-62_000, 62_000] {
        assert_eq!(opened_as(&federation, Vec::new(), off).await, "clock_skew");
    }
    assert_eq!(opened_as(&federation, Vec::new(), i64::MAX).await, "invalid_request");
    assert_eq!(opened_as(&federation, vec![known(ORIGIN, size + 1)], 0).await, "size_ahead");
    assert_eq!(opened_as(&federation, vec![known(ORIGIN, u64::MAX)], 0).await, "size_ahead");
    let many = (0..17).map(|n| known(&format!("hb.example/log/{n}"), 0)).collect();
    assert_eq!(opened_as(&federation, many, 0).await, "invalid_request");

    // Another log's size says nothing about this one, and a minute less a bit is near enough.
    let mut hand = Hand::dial(&federation, 44, 42).await;
    let unix_ms = federation.now().as_ms() + 55_000;
    let known = vec![known("hb.example/log/1", 1_000_000), known(ORIGIN, size)];
    hand.send(peer_request::Message::Open(v1::Open { known, unix_ms, ..v1::Open::default() })).await;
    let peer_reply::Message::Opened(opened) = hand.next().await.unwrap() else { panic!("not opened") };
    assert_eq!((opened.runtime, opened.runtimes), (0, 1));
    assert!((opened.unix_ms - federation.now().as_ms()).abs() < 5_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_on_which_nobody_greets_is_ended() {
    let federation = Federation::start(&[42]);
    let mut hand = Hand::dial(&federation, 44, 42).await;
    let began = Instant::now();
    assert_eq!(hand.ended().await, "out_of_order");
    let took = began.elapsed();
    assert!(took > limits::PREFACE - Duration::from_millis(500), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_holds_so_many_streams_and_no_more_and_others_are_not_kept_out() {
    let federation = Federation::start(&[42]);
    let channel = federation.channel(44, "node/node-1", 42).await;
    let mut held = Vec::new();
    for number in 0..limits::EXCHANGE_STREAMS {
        let mut hand = Hand::over(&federation, channel.clone(), 42).await;
        hand.greet().await.unwrap_or_else(|status| panic!("stream {number}: {status:?}"));
        held.push(hand);
    }
    let mut more = Hand::over(&federation, channel.clone(), 42).await;
    more.send(more.open()).await;
    assert_eq!(more.ended().await, "overloaded");
    let mut other = Hand::greeted(&federation, 43, 42).await;
    let hunan = v1::Query { department: "hn-transport".into(), ..query(&person(1)) };
    assert!(other.question(1, &hunan).await.is_ok());
    assert!(held[0].question(1, &query(&person(1))).await.is_ok());

    // A place that is given back can be taken again.
    held.pop();
    for _ in 0..50 {
        if Hand::over(&federation, channel.clone(), 42).await.greet().await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a closed stream is still counted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_that_is_in_flight_ends_the_stream_and_one_that_landed_may_come_again() {
    let federation = Federation::start(&[42]);
    let mut hand = Hand::greeted(&federation, 44, 42).await;
    for _ in 0..3 {
        assert!(hand.question(7, &query(&person(1))).await.is_ok());
    }
    // All at once: they cannot all be answered before the next is read.
    let ask = query(&person(1)).encode_to_vec();
    for _ in 0..50 {
        hand.ask(8, &ask).await;
    }
    assert_eq!(hand.ended().await, "invalid_request");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_of_two_streams_are_shown_to_be_of_one_history() {
    let federation = Federation::start(&[42]);
    let mut first = Hand::greeted(&federation, 44, 42).await;
    let mut second = Hand::greeted(&federation, 44, 42).await;
    first.question(1, &query(&person(1))).await.unwrap();
    let earlier = first.head();
    for id in 2..6 {
        second.question(id, &query(&person(1))).await.unwrap();
    }
    let later = second.head();
    assert!(later.size >= earlier.size + 4);

    first.join(ORIGIN, earlier.size, later.size).await;
    let peer_reply::Message::Joined(joined) = first.next().await.unwrap() else { panic!("not joined") };
    assert_eq!((joined.origin.as_str(), joined.from, joined.to), (ORIGIN, earlier.size, later.size));
    let proof = digests(&joined.consistency);
    assert!(verify_consistency(earlier.size, &earlier.root, later.size, &later.root, &proof));

    for (origin, from, to) in [
        ("hn.example/log/0", 0, 1),
        (ORIGIN, later.size, earlier.size),
        (ORIGIN, earlier.size, later.size + 1000),
    ] {
        let mut hand = Hand::greeted(&federation, 44, 42).await;
        hand.join(origin, from, to).await;
        assert_eq!(hand.ended().await, "not_in_log", "{origin} {from} {to}");
    }
}
