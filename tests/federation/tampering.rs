//! Answers that are not what they should be: altered on the way, or logged by a province that lies with genuine keys.
//! None is used, each is counted, and the node lives on.

mod heads;
mod logged;
mod sent;
mod statements;

use huxin_attest::CodeStatus;
use huxin_tests::liar::{Deceived, Lie};
use huxin_tests::{Fact, person, question};
use huxin_wire::v1;
use huxin_wire::v1::peer_reply::Message;

/// The traveller of all these tests.
const TRAVELLER: u16 = 1;

/// A genuine green code of the traveller, as an answer carries it.
fn green(deceived: &Deceived) -> v1::AnsweredStatement {
    answered(deceived, &Fact::code(42, "hb-data", &person(TRAVELLER), CodeStatus::Green))
}

fn answered(deceived: &Deceived, fact: &Fact) -> v1::AnsweredStatement {
    let statement = deceived.federation.statement(fact);
    let v1::SignedStatement { attestation, subject_salt, .. } = statement;
    v1::AnsweredStatement { attestation, subject_salt, standing: v1::Standing::None.into() }
}

/// Asks about the traveller; the decision, and what it says of Hubei.
async fn ask(deceived: &Deceived) -> (v1::Decision, v1::Asked) {
    let mut request = question(&person(TRAVELLER), 42, "gz-south-station", "travel");
    request.origin_area = "420102".into();
    let reply = deceived.federation.station().await.recognise(request).await.unwrap().into_inner();
    let decision = reply.results[0].decision.clone().unwrap();
    let asked = decision.asked.iter().find(|asked| asked.region == "42").unwrap().clone();
    (decision, asked)
}

async fn rejected(deceived: &Deceived) -> u64 {
    deceived.federation.status(44).await.counters.unwrap().answers_rejected
}

/// The truth is told and believed: whatever fails beside it fails for the lie.
async fn truth_is_believed(deceived: &Deceived) {
    let before = rejected(deceived).await;
    deceived.liar.say(Lie { statements: vec![green(deceived)], ..Lie::default() });
    let (decision, asked) = ask(deceived).await;
    assert_eq!(asked.result(), v1::AskedResult::Answered, "{asked:?}");
    assert!(decision.findings.iter().any(|finding| finding.region == "42" && finding.belief == "green"));
    assert_eq!(rejected(deceived).await, before);
}

/// The lie is told and not believed, for this reason.
async fn lie_is_refused(deceived: &Deceived, name: &str, lie: Lie, reason: &str) {
    let before = rejected(deceived).await;
    deceived.liar.say(lie);
    let (decision, asked) = ask(deceived).await;
    assert_eq!(asked.result(), v1::AskedResult::Unreachable, "{name}: {asked:?}");
    assert_eq!(asked.reason, reason, "{name}");
    assert!(asked.leaf_hash.is_empty() && asked.origin.is_empty(), "{name}");
    assert!(decision.findings.is_empty(), "{name}: {:?}", decision.findings);
    assert_eq!(decision.outcome(), v1::Outcome::Review, "{name}");
    assert_eq!(rejected(deceived).await, before + 1, "{name}");
}

/// The reply in what is sent.
fn reply(messages: &mut [Message]) -> &mut v1::Reply {
    let found = messages.iter_mut().find_map(|message| match message {
        Message::Reply(reply) => Some(reply),
        _ => None,
    });
    found.unwrap()
}

/// The head in what is sent.
fn head(messages: &mut [Message]) -> &mut v1::Head {
    let found = messages.iter_mut().find_map(|message| match message {
        Message::Head(head) => Some(head),
        _ => None,
    });
    found.unwrap()
}

/// With the bit at `at` changed.
fn flipped(bytes: &bytes::Bytes, at: usize) -> bytes::Bytes {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes.into()
}
