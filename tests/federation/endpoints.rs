//! A province that is reached at several endpoints: what is dead, hangs or dies there costs no question its answer.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use huxin_attest::CodeStatus;
use huxin_tests::gate::Gate;
use huxin_tests::{Fact, Federation, person, question, region};
use huxin_wire::v1::{self, AskedResult};
use tokio::net::TcpListener;

/// Guangdong and Hubei, whom Guangdong reaches at these endpoints; the last leads to the node.
async fn reached_at(before: &[SocketAddr]) -> (Federation, Gate) {
    let gate = Gate::open().await;
    let mut endpoints = before.to_vec();
    endpoints.push(gate.address);
    let mut node = None;
    let federation = Federation::set_up(
        &[42, 44],
        1,
        |setting| {
            node = setting.addresses.get(&region(42)).copied();
            setting.endpoints.insert(region(42), endpoints);
        },
        |_| {},
    );
    gate.leads_to(node.unwrap());
    federation.state(&Fact::code(42, "hb-data", &person(1), CodeStatus::Green)).await;
    (federation, gate)
}

/// An endpoint where nothing listens.
async fn dead() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

/// An endpoint that takes every connection and says nothing.
async fn hanging() -> SocketAddr {
    let hole = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = hole.local_addr().unwrap();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok(connection) = hole.accept().await {
            kept.push(connection);
        }
    });
    address
}

/// What one question says of Hubei.
async fn ask(federation: &Federation) -> v1::Asked {
    let request = question(&person(1), 42, "gz-south-station", "travel");
    let result = federation.station().await.recognise(request).await.unwrap().into_inner().results.remove(0);
    let asked = result.decision.unwrap().asked;
    asked.into_iter().find(|asked| asked.region == "42").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_question_is_answered_though_one_endpoint_is_dead_and_one_hangs() {
    let (federation, _gate) = reached_at(&[dead().await, hanging().await]).await;
    let asked = ask(&federation).await;
    assert_eq!(asked.result(), AskedResult::Answered, "{asked:?}");
    assert_eq!(federation.status(42).await.counters.unwrap().queries_answered, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_comes_back_to_the_endpoint_that_works() {
    let (mut federation, gate) = reached_at(&[hanging().await, dead().await]).await;
    assert_eq!(ask(&federation).await.result(), AskedResult::Answered);
    federation.stop(42);
    federation.start_again(42).unwrap();
    let began = Instant::now();
    while ask(&federation).await.result() != AskedResult::Answered {
        assert!(began.elapsed() < Duration::from_secs(10), "the link does not come back");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(gate.crossed() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_whose_stream_falls_silent_is_answered_at_the_other_endpoint() {
    let first = Gate::open().await;
    let (federation, second) = reached_at(&[first.address]).await;
    first.leads_to(federation.exercise.endpoint(region(42)).unwrap().to_string().parse().unwrap());
    // The gates lead on: whichever was dialled, both work now.
    assert_eq!(ask(&federation).await.result(), AskedResult::Answered);
    let (of_first, of_second) = (first.crossed(), second.crossed());
    let used = if of_first > of_second { &first } else { &second };
    used.hold();
    let began = Instant::now();
    let asked = ask(&federation).await;
    assert_eq!(asked.result(), AskedResult::Answered, "{asked:?} after {:?}", began.elapsed());
    assert_eq!(
        federation.status(44).await.counters.unwrap().queries_sent,
        2,
        "what is sent again is no other question"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_whose_stream_dies_before_the_reply_is_sent_once_more() {
    let (federation, gate) = reached_at(&[]).await;
    assert_eq!(ask(&federation).await.result(), AskedResult::Answered);
    // The stream takes the next question and breaks; the next stream is let through.
    gate.break_at_next_byte();
    let asked = ask(&federation).await;
    assert_eq!(asked.result(), AskedResult::Answered, "{asked:?}");
}
