//! Nodes of several runtimes: streams for each, questions spread, one history.

use std::collections::BTreeSet;
use std::time::Duration;

use huxin_attest::CodeStatus;
use huxin_ledger::LogVerifierKey;
use huxin_tests::hand::Hand;
use huxin_tests::{Fact, Federation, person, question};
use huxin_wire::v1::{self, peer_reply};

async fn streams(federation: &Federation, code: u8, peer: &str) -> u32 {
    let status = federation.status(code).await;
    status.peers.iter().find(|status| status.region == peer).unwrap().streams
}

/// Waits until every runtime of Guangdong has its stream to Hubei.
async fn both_streams(federation: &Federation) {
    for _ in 0..50 {
        if streams(federation, 44, "42").await == 2 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not every runtime has a stream");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_questions_on_two_runtimes_are_each_answered_proved_and_of_one_history() {
    let federation = Federation::set_up(&[42, 43, 44], 2, |_| {}, |_| {});
    for number in 0..10 {
        federation.state(&Fact::code(42, "hb-data", &person(number), CodeStatus::Green)).await;
        federation.state(&Fact::negative(43, "hn-lab-1", &person(number), 60)).await;
    }
    both_streams(&federation).await;
    let (_, vkey) = federation.exercise.membership().log("gd.example/log/0").unwrap();
    let key = LogVerifierKey::parse(vkey).unwrap();

    let mut stations = Vec::new();
    for _ in 0..8 {
        stations.push(federation.station().await);
    }
    // Twice, with a pause in which the streams ask how their heads belong together.
    let mut indices = BTreeSet::new();
    for round in 0..2_u16 {
        let mut questions = tokio::task::JoinSet::new();
        for number in 0..300 {
            let mut station = stations[usize::from(number % 8)].clone();
            let mut request = question(&person(number % 10), 42, "gz-south-station", "travel");
            request.presentations[0].test_regions = vec!["43".into()];
            request.origin_area = "420102".into();
            questions.spawn(async move { station.recognise(request).await.unwrap().into_inner() });
        }
        while let Some(reply) = questions.join_next().await {
            let result = reply.unwrap().results.remove(0);
            let decision = result.decision.unwrap();
            assert_eq!(decision.outcome(), v1::Outcome::Admit, "{:?}", decision.asked);
            let receipt = huxin_cli::receipts::from_message(result.receipt.unwrap()).unwrap();
            assert!(indices.insert(receipt.verify(&key).unwrap().index()));
        }
        assert_eq!(indices.len(), 300 * usize::from(round + 1));
        tokio::time::sleep(Duration::from_millis(1200)).await;
    }
    let status = federation.status(44).await;
    let counters = status.counters.unwrap();
    assert_eq!(
        (counters.queries_sent, counters.answers_verified, counters.answers_rejected),
        (1200, 1200, 0)
    );
    assert_eq!((streams(&federation, 44, "42").await, streams(&federation, 44, "43").await), (2, 2));
    assert!(
        !status.warnings.iter().any(|warning| warning.starts_with("log_forked")),
        "{:?}",
        status.warnings
    );
    // One batch served many: on a disk as fast as memory a batch may be small, but not one each.
    assert!(status.log_flushes < status.log_entries, "{} of {}", status.log_flushes, status.log_entries);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_spread_over_the_runtimes() {
    let federation = Federation::set_up(&[42], 2, |_| {}, |_| {});
    let mut served = BTreeSet::new();
    // The kernel chooses by port: that forty choose alike has odds of one to 2^39.
    for _ in 0..40 {
        let mut hand = Hand::dial(&federation, 44, 42).await;
        hand.send(hand.open()).await;
        let peer_reply::Message::Opened(opened) = hand.next().await.unwrap() else { panic!("not opened") };
        assert_eq!(opened.runtimes, 2);
        served.insert(opened.runtime);
    }
    assert_eq!(served, BTreeSet::from([0, 1]));
}
