//! Questions that may not be asked: refused before any look-up, logged, and alike for everybody.

use huxin_attest::CodeStatus;
use huxin_ledger::LeafType;
use huxin_tests::hand::{Hand, Proved, query};
use huxin_tests::{Fact, Federation, person, question};
use huxin_wire::v1::{self, Query};

/// The question about somebody known and about nobody, both refused; what both were told.
async fn refused_alike(hand: &mut Hand, id: u64, change: fn(&mut Query), reason: &str) {
    let mut refusals: Vec<Proved> = Vec::new();
    for number in [1, 2] {
        let mut asked = query(&person(number));
        change(&mut asked);
        let proved = hand.question(id + u64::from(number), &asked).await.unwrap();
        assert_eq!(proved.leaf.leaf_type, LeafType::Refusal, "{reason}");
        assert_eq!(proved.answer.outcome(), v1::AnswerOutcome::Refused);
        assert_eq!(proved.answer.reason, reason);
        assert!(proved.answer.statements.is_empty() && !proved.answer.more);
        assert_eq!(proved.exchange.outcome.as_str(), "refused");
        refusals.push(proved);
    }
    // Nothing tells the known from the unknown: the same public half, the same length.
    assert_eq!(refusals[0].public, refusals[1].public, "{reason}");
    assert_eq!(refusals[0].body_len, refusals[1].body_len, "{reason}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_logged_and_does_not_tell_whether_somebody_exists() {
    let federation = Federation::start(&[42]);
    federation.state(&Fact::code(42, "hb-data", &person(1), CodeStatus::Green)).await;
    let before = federation.status(42).await.log_size;
    let mut hand = Hand::greeted(&federation, 44, 42).await;
    refused_alike(&mut hand, 10, |q| q.purpose = "no_such_purpose".into(), "purpose_unknown").await;
    refused_alike(&mut hand, 20, |q| q.department = "no-such".into(), "department_not_listed").await;
    // Listed, but for the answerer's province: a department is looked for in the asker's only.
    refused_alike(&mut hand, 30, |q| q.department = "hb-cdc".into(), "department_not_listed").await;
    refused_alike(&mut hand, 40, |q| q.purpose = "treatment".into(), "not_disclosed").await;
    refused_alike(&mut hand, 50, |q| q.kinds = vec![v1::Kind::ExamResult.into()], "not_disclosed").await;
    // One kind too many refuses the whole question.
    refused_alike(&mut hand, 60, |q| q.kinds.push(v1::Kind::ExamResult.into()), "not_disclosed").await;
    let exam = |q: &mut Query| {
        q.purpose = "exam_reuse".into();
        q.kinds = vec![v1::Kind::ExamResult.into()];
    };
    refused_alike(&mut hand, 70, exam, "not_disclosed").await;
    let status = federation.status(42).await;
    let counters = status.counters.unwrap();
    assert_eq!((counters.queries_refused, counters.queries_answered, counters.queries_declined), (14, 0, 0));
    assert_eq!(status.log_size, before + 14);
}

/// A federation under the sample baseline with this budget for codes and tests.
fn limited(regions: &[u8], per_minute: u32, misses: u32) -> Federation {
    let sample = huxin_cli::exercise::BASELINE;
    let text = sample
        .replace("per_peer_per_minute = 600000", &format!("per_peer_per_minute = {per_minute}"))
        .replace("misses_per_peer_per_hour = 500", &format!("misses_per_peer_per_hour = {misses}"));
    assert_ne!(text, sample);
    Federation::set_up(regions, 1, |setting| setting.baseline = Some(&text), |_| {})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_asks_too_often_is_refused_until_the_next_minute_and_others_are_not() {
    let federation = limited(&[42, 44], 5, 500);
    federation.state(&Fact::code(42, "hb-data", &person(1), CodeStatus::Green)).await;
    let mut hand = Hand::greeted(&federation, 44, 42).await;
    for id in 0..5 {
        let proved = hand.question(id, &query(&person(1))).await.unwrap();
        assert_eq!(proved.answer.outcome(), v1::AnswerOutcome::Answered, "question {id}");
    }
    refused_alike(&mut hand, 10, |_| {}, "rate_exceeded").await;
    let refused = hand.question(20, &query(&person(1))).await.unwrap();
    assert_eq!(refused.exchange.rule.unwrap().as_str(), "P-10", "the rule whose budget is used up is named");

    // The asking node says so too: a refusal is as good as silence to the person who stands there.
    let mut request = question(&person(1), 42, "gz-south-station", "travel");
    request.origin_area = "420102".into();
    let result = federation.station().await.recognise(request).await.unwrap().into_inner().results.remove(0);
    let decision = result.decision.unwrap();
    let asked = decision.asked.iter().find(|asked| asked.region == "42").unwrap();
    assert_eq!((asked.result(), asked.reason.as_str()), (v1::AskedResult::Refused, "rate_exceeded"));
    assert_eq!((decision.outcome(), asked.leaf_hash.len()), (v1::Outcome::Review, 32));

    let mut other = Hand::greeted(&federation, 43, 42).await;
    let hunan = Query { department: "hn-transport".into(), ..query(&person(1)) };
    assert_eq!(other.question(1, &hunan).await.unwrap().answer.outcome(), v1::AnswerOutcome::Answered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_asks_for_too_many_unknown_people_is_refused_even_about_known_ones() {
    let federation = limited(&[42], 1000, 3);
    federation.state(&Fact::code(42, "hb-data", &person(1), CodeStatus::Green)).await;
    let mut hand = Hand::greeted(&federation, 44, 42).await;
    for id in 0..20 {
        let proved = hand.question(id, &query(&person(1))).await.unwrap();
        assert_eq!(proved.answer.statements.len(), 1, "known people do not count");
    }
    for id in 20..23 {
        let proved = hand.question(id, &query(&person(100 + u16::try_from(id).unwrap()))).await.unwrap();
        assert_eq!(proved.answer.outcome(), v1::AnswerOutcome::Answered);
        assert!(proved.answer.statements.is_empty());
    }
    refused_alike(&mut hand, 30, |_| {}, "misses_exceeded").await;
    let mut again = Hand::greeted(&federation, 44, 42).await;
    refused_alike(&mut again, 30, |_| {}, "misses_exceeded").await;
}
