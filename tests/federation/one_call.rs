//! `Peer.Query`: one question in one call says what a stream would have said.

use huxin_attest::CodeStatus;
use huxin_ledger::heads::KnownHead;
use huxin_ledger::{HeadTracker, LeafType, LogVerifierKey, VerifiedHead};
use huxin_node::Details;
use huxin_tests::hand::{Hand, Proved, digests, prove, query};
use huxin_tests::{Fact, Federation, person, region};
use huxin_wire::error::reason_of;
use huxin_wire::v1::peer_client::PeerClient;
use huxin_wire::v1::query_call_reply::Outcome;
use huxin_wire::v1::{self, QueryCall, QueryCallReply};
use prost::Message as _;
use tonic::Status;

fn call(federation: &Federation, query: &v1::Query, known: u64) -> QueryCall {
    let known = match known {
        0 => Vec::new(),
        size => vec![v1::KnownSize { origin: "hb.example/log/0".into(), size }],
    };
    QueryCall {
        open: Some(v1::Open { known, unix_ms: federation.now().as_ms(), in_force: None }),
        ask: Some(v1::Ask { id: 5, query: query.encode_to_vec().into() }),
    }
}

async fn ask(federation: &Federation, call: QueryCall) -> Result<QueryCallReply, Status> {
    let mut client = PeerClient::new(federation.channel(44, "node/node-1", 42).await);
    client.query(call).await.map(tonic::Response::into_inner)
}

/// The proved answer in a reply, and the head that proves it.
fn proved(
    federation: &Federation,
    reply: QueryCallReply,
    query: &v1::Query,
    known: KnownHead,
) -> (Proved, VerifiedHead) {
    let QueryCallReply { opened, head, outcome } = reply;
    assert!((opened.unwrap().unix_ms - federation.now().as_ms()).abs() < 5_000);
    let member = federation.exercise.membership().member(region(42)).unwrap();
    let mut tracker = HeadTracker::new(LogVerifierKey::parse(&member.logs[0].vkey).unwrap(), known);
    let head = head.unwrap();
    let head = tracker.accept(&head.checkpoint, &digests(&head.consistency)).unwrap();
    let Some(Outcome::Reply(reply)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(reply.id, 5);
    (prove(&head, reply, &query.encode_to_vec()), head)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_answered_with_proof_from_the_size_that_the_caller_knows() {
    let federation = Federation::start(&[42]);
    federation.state(&Fact::code(42, "hb-data", &person(1), CodeStatus::Green)).await;
    let question = query(&person(1));
    let reply = ask(&federation, call(&federation, &question, 0)).await.unwrap();
    let (first, head) = proved(&federation, reply, &question, KnownHead::default());
    assert_eq!((first.leaf.leaf_type, first.answer.statements.len()), (LeafType::Answer, 1));

    // The second head is proved to extend the first, which no tracker takes without.
    let known = head.head();
    let reply = ask(&federation, call(&federation, &question, known.size)).await.unwrap();
    assert!(!reply.head.as_ref().unwrap().consistency.is_empty());
    let (second, head) = proved(&federation, reply, &question, known);
    assert!(head.size() > known.size && second.index > first.index);
    let counters = federation.status(42).await.counters.unwrap();
    assert_eq!((counters.queries_answered, counters.errors), (2, 0));
    // Streams of calls end with them.
    for _ in 0..100 {
        let reply = ask(&federation, call(&federation, &question, 0)).await.unwrap();
        assert!(matches!(reply.outcome, Some(Outcome::Reply(_))));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_told_is_refused_with_proof_and_what_is_no_question_is_declined() {
    let federation = Federation::start(&[42]);
    let refused = v1::Query { purpose: "exam_reuse".into(), ..query(&person(1)) };
    let reply = ask(&federation, call(&federation, &refused, 0)).await.unwrap();
    let (refusal, _) = proved(&federation, reply, &refused, KnownHead::default());
    assert_eq!(refusal.leaf.leaf_type, LeafType::Refusal);
    assert_eq!(
        (refusal.answer.outcome(), refusal.answer.reason.as_str()),
        (v1::AnswerOutcome::Refused, "not_disclosed")
    );

    let bad = v1::Query { nonce: Default::default(), ..query(&person(1)) };
    let reply = ask(&federation, call(&federation, &bad, 0)).await.unwrap();
    assert!(reply.head.is_none() && reply.opened.is_some());
    let Some(Outcome::Declined(declined)) = reply.outcome else { panic!("{:?}", reply.outcome) };
    assert_eq!((declined.id, declined.reason.as_str(), declined.error_id.len()), (5, "invalid_request", 16));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_end_a_stream_ends_the_call() {
    let federation = Federation::start(&[42]);
    type Change = fn(&mut QueryCall);
    let changes: &[(&str, Change, &str)] = &[
        ("no greeting", |c| c.open = None, "invalid_request"),
        ("no question", |c| c.ask = None, "invalid_request"),
        ("a clock that is behind", |c| c.open.as_mut().unwrap().unix_ms -= 61_000, "clock_skew"),
        ("a clock that is ahead", |c| c.open.as_mut().unwrap().unix_ms += 62_000, "clock_skew"),
        (
            "a larger log than there is",
            |c| {
                let known = v1::KnownSize { origin: "hb.example/log/0".into(), size: 1_000 };
                c.open.as_mut().unwrap().known.push(known);
            },
            "size_ahead",
        ),
        (
            "too many logs",
            |c| c.open.as_mut().unwrap().known = vec![Default::default(); 17],
            "invalid_request",
        ),
    ];
    for (name, change, reason) in changes {
        let mut bad = call(&federation, &query(&person(1)), 0);
        change(&mut bad);
        let status = ask(&federation, bad).await.unwrap_err();
        let (found, error_id) = reason_of(&status).unwrap();
        assert_eq!((found.as_str(), error_id.len()), (*reason, 16), "{name}");
    }
    let mut own = PeerClient::new(federation.channel(42, "node/node-1", 42).await);
    let status = own.query(call(&federation, &query(&person(1)), 0)).await.unwrap_err();
    assert_eq!(reason_of(&status).unwrap().0, "own_certificate");
    assert_eq!(federation.status(42).await.counters.unwrap().queries_answered, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retries_of_a_question_are_kept_under_one_tag() {
    let federation = Federation::start(&[42]);
    federation.state(&Fact::code(42, "hb-data", &person(1), CodeStatus::Green)).await;
    let first = query(&person(1));
    // A retry is asked afresh: all but the tag may differ.
    let retry = v1::Query { request_tag: first.request_tag.clone(), ..query(&person(1)) };
    assert_ne!(first.nonce, retry.nonce);
    let mut hand = Hand::greeted(&federation, 44, 42).await;
    let on_stream = hand.question(1, &first).await.unwrap().index;
    let reply = ask(&federation, call(&federation, &retry, 0)).await.unwrap();
    let in_call = proved(&federation, reply, &retry, KnownHead::default()).0.index;
    for (index, asked) in [(on_stream, &first), (in_call, &retry)] {
        let kept = federation.node(42).log_reader().kept(index).unwrap();
        let details = Details::decode(kept.details.as_deref().unwrap()).unwrap();
        let query = v1::Query::decode(details.request).unwrap();
        assert_eq!((&query, details.person.len()), (asked, 32));
        assert_eq!(query.request_tag, first.request_tag);
    }
}
