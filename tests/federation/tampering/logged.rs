//! Hubei itself lies: what it logs and proves is not an answer to the question, or not now.

use std::sync::{Arc, Mutex};

use huxin_ledger::LeafType;
use huxin_ledger::public::Label;
use huxin_tests::liar::{Deceived, Draft, Lie};
use huxin_tests::region;
use huxin_wire::v1;
use huxin_wire::v1::peer_reply::Message;

use super::{ask, flipped, green, lie_is_refused, rejected, reply, truth_is_believed};

type Change = fn(&mut Draft);

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logged_answer_that_is_not_to_this_question_now_is_not_used() {
    let deceived = Deceived::start().await;
    truth_is_believed(&deceived).await;
    let changes: &[(&str, Change, &str)] = &[
        (
            "to another question",
            |d| d.answer.request_hash = flipped(&d.answer.request_hash, 0),
            "answer_to_another_question",
        ),
        ("logged under another question", |d| d.query = flipped(&d.query, 0), "not_in_log"),
        ("for another province", |d| d.answer.audience = 43, "answer_for_another_province"),
        ("in another province's name", |d| d.answer.region = 43, "answer_from_another_province"),
        ("logged as told to another", |d| d.public.peer = region(43), "public_disagrees"),
        ("logged under another purpose", |d| d.public.purpose = label("visit"), "public_disagrees"),
        ("logged for another department", |d| d.public.department = label("gd-cdc"), "public_disagrees"),
        ("logged as refused", |d| d.public.outcome = label("refused"), "public_disagrees"),
        ("logged with fewer statements", |d| d.public.counts = Default::default(), "public_disagrees"),
        ("logged as a decision", |d| d.leaf_type = LeafType::Decision, "not_in_log"),
        ("logged as a refusal", |d| d.leaf_type = LeafType::Refusal, "not_in_log"),
        ("logged 61 seconds ago", |d| d.at = d.at.saturating_add_ms(-61_000), "reply_time_off"),
        ("logged in the future", |d| d.at = d.at.saturating_add_ms(62_000), "reply_time_off"),
        ("read 61 seconds ago", |d| d.answer.checked_unix_ms -= 61_000, "answer_time_off"),
        ("read in the future", |d| d.answer.checked_unix_ms += 62_000, "answer_time_off"),
        ("read at no possible time", |d| d.answer.checked_unix_ms = i64::MIN, "answer_time_malformed"),
        (
            "refused, and yet told",
            |d| {
                d.answer.outcome = v1::AnswerOutcome::Refused.into();
                d.public.outcome = label("refused");
                d.leaf_type = LeafType::Refusal;
            },
            "answer_inconsistent",
        ),
    ];
    for (name, change, reason) in changes {
        let lie =
            Lie { statements: vec![green(&deceived)], logged: Some(Box::new(*change)), ..Lie::default() };
        lie_is_refused(&deceived, name, lie, reason).await;
    }
    truth_is_believed(&deceived).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_used_once_and_for_its_own_question() {
    let deceived = Deceived::start().await;
    let with = |sent: fn(&mut Vec<Message>)| Lie {
        statements: vec![green(&deceived)],
        sent: Some(Box::new(sent)),
        ..Lie::default()
    };
    // The same answer twice, and one to a question that nobody asked: the first counts, the rest is nothing.
    deceived.liar.say(with(|messages| messages.push(messages[1].clone())));
    assert_eq!(ask(&deceived).await.1.result(), v1::AskedResult::Answered);
    deceived.liar.say(with(|messages| {
        let mut other = messages[1].clone();
        reply(std::slice::from_mut(&mut other)).id += 1000;
        messages.insert(1, other);
    }));
    assert_eq!(ask(&deceived).await.1.result(), v1::AskedResult::Answered);
    assert_eq!(rejected(&deceived).await, 0);

    // An earlier answer, under the new question's id.
    let kept: Arc<Mutex<Option<v1::Reply>>> = Arc::default();
    let replay = {
        let kept = Arc::clone(&kept);
        move |messages: &mut Vec<Message>| {
            let reply = reply(messages);
            if let Some(earlier) = &*kept.lock().unwrap() {
                *reply = v1::Reply { id: reply.id, head_size: reply.head_size, ..earlier.clone() };
            }
            *kept.lock().unwrap() = Some(reply.clone());
        }
    };
    let lie = |sent| Lie { statements: vec![green(&deceived)], sent: Some(sent), ..Lie::default() };
    deceived.liar.say(lie(Box::new(replay.clone())));
    assert_eq!(ask(&deceived).await.1.result(), v1::AskedResult::Answered);
    lie_is_refused(&deceived, "replayed", lie(Box::new(replay)), "answer_to_another_question").await;
    truth_is_believed(&deceived).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_silence_with_a_reason() {
    let deceived = Deceived::start().await;
    let refuse = |reason: &'static str| Lie {
        logged: Some(Box::new(move |draft: &mut Draft| {
            draft.answer.outcome = v1::AnswerOutcome::Refused.into();
            draft.answer.reason = reason.into();
            draft.public.outcome = label("refused");
            draft.leaf_type = LeafType::Refusal;
        })),
        ..Lie::default()
    };
    deceived.liar.say(refuse("rate_exceeded"));
    let (decision, asked) = ask(&deceived).await;
    assert_eq!((asked.result(), asked.reason.as_str()), (v1::AskedResult::Refused, "rate_exceeded"));
    assert_eq!((asked.origin.as_str(), asked.leaf_hash.len()), ("hb.example/log/0", 32));
    assert_eq!(decision.outcome(), v1::Outcome::Review);
    // A reason is a stable name: nothing else gets into a decision and its log entry.
    for (name, reason) in [("no reason", ""), ("a sentence", "Call 12345 at once"), ("a lure", "a\nb")] {
        lie_is_refused(&deceived, name, refuse(reason), "answer_inconsistent").await;
    }
    truth_is_believed(&deceived).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declined_question_is_silence_and_its_reason_is_a_name_or_nothing() {
    let deceived = Deceived::start().await;
    let decline = |reason: String| Lie {
        sent: Some(Box::new(move |messages: &mut Vec<Message>| {
            let id = reply(messages).id;
            let declined = v1::Declined { id, reason: reason.clone(), ..v1::Declined::default() };
            *messages = vec![Message::Declined(declined)];
        })),
        ..Lie::default()
    };
    let (long, word) = ("a".repeat(60_000), "overloaded");
    for (said, shown) in [(word, word), (&long, "declined"), ("Call 12345", "declined"), ("", "declined")] {
        deceived.liar.say(decline(said.to_owned()));
        let (_, asked) = ask(&deceived).await;
        assert_eq!((asked.result(), asked.reason.as_str()), (v1::AskedResult::Unreachable, shown));
    }
    assert_eq!(rejected(&deceived).await, 0, "to decline is no lie");
}
