//! 100,000 mutated requests of every RPC against a running node.
//!
//! The process is one of its own because panics and memory are counted in all of it. The requests follow from a fixed
//! seed, but for salts and ids, which are random. `HUXIN_MUTATIONS` sets another count.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test: what goes wrong here ends it, and it prints what it saw"
)]

mod mutation;
mod plausible;
mod process;
mod random;
mod rpcs;
mod seeds;
mod storm;
mod tally;
mod tree;

use std::time::Instant;

use huxin_attest::CodeStatus;
use huxin_ledger::LogVerifierKey;
use huxin_ledger::audit::audit;
use huxin_node::Config;
use huxin_tests::hand::Hand;
use huxin_tests::{Fact, Federation, person, region};
use huxin_wire::v1;

use crate::seeds::asked;
use crate::storm::Storm;

/// The province whose node is attacked.
const NODE: u8 = 44;
/// Requests in all.
const REQUESTS: usize = 100_000;
/// By how much the process may grow, in bytes: caches and pools fill, nothing heaps up.
const GROWTH: u64 = 256 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_mutated_requests_of_every_rpc_do_no_harm() {
    let requests = std::env::var("HUXIN_MUTATIONS").ok().map_or(REQUESTS, |text| text.parse().unwrap());
    let panics = process::count_panics();
    let mut federation = Federation::start(&[42, NODE]);
    let before = person(998);
    let stated_before = state(&federation, &before).await;

    let (began, memory) = (Instant::now(), process::memory());
    let storm = Storm::run(&federation, requests).await;
    let (took, grown) = (began.elapsed(), process::memory().saturating_sub(memory));
    println!("{requests} requests in {took:.1?}; the process grew by {} MiB", grown >> 20);
    storm.tally.print();

    // What was stated properly before, meanwhile and after is there, and so is all that was accepted.
    let after = person(999);
    let stated_after = state(&federation, &after).await;
    let mut expected = storm.accepted.clone();
    expected.extend([(stated_before, before), (stated_after, after)]);
    holds(&federation, &expected).await;
    storm.tally.assert_clean();
    let status = federation.status(NODE).await;
    assert!(grown < GROWTH, "grew by {grown} bytes");

    // The log holds, record for record, and the node starts on what it left.
    federation.stop(NODE);
    let config = Config::load(&federation.exercise.node_toml(region(NODE))).unwrap();
    let member = federation.exercise.membership().member(region(NODE)).unwrap();
    let key = LogVerifierKey::parse(&member.logs[0].vkey).unwrap();
    let audited = audit(&config.data.join("log"), &key).unwrap();
    assert_eq!(audited.torn, None);
    federation.start_again(NODE).unwrap();
    let again = federation.status(NODE).await;
    assert!(again.log_size >= status.log_size);
    assert_eq!((again.people, again.statements), (status.people, status.statements));
    holds(&federation, &expected).await;
    assert_eq!(panics.load(std::sync::atomic::Ordering::SeqCst), 0, "something panicked");
}

async fn state(federation: &Federation, subject: &huxin_attest::Document) -> Vec<u8> {
    let reply = federation.state(&Fact::code(NODE, "gd-cdc", subject, CodeStatus::Green)).await;
    assert!(reply.changed);
    reply.digest.to_vec()
}

/// Hubei's node is answered with each of these statements.
async fn holds(federation: &Federation, statements: &[(Vec<u8>, huxin_attest::Document)]) {
    let mut hand = Hand::greeted(federation, 42, NODE).await;
    for (id, (digest, subject)) in (1..).zip(statements) {
        let query = v1::Query { kinds: vec![v1::Kind::HealthCode.into()], ..asked(subject) };
        let proved = hand.question(id, &query).await.unwrap();
        let found = proved.answer.statements.iter().any(|statement| {
            let envelope = huxin_attest::Envelope::parse(&statement.attestation).unwrap();
            huxin_attest::statement_digest(envelope.claims()).0[..] == digest[..]
        });
        assert!(found, "a statement is lost: {:?}", proved.answer);
    }
}
