//! A province that falls silent: its last answer stands in for ten minutes, marked, logged and reported later; then it
//! counts as silent.

use std::time::Duration;

use huxin_attest::{CodeStatus, Document};
use huxin_cli::exercise::BASELINE;
use huxin_ledger::LeafType;
use huxin_ledger::log::Kept;
use huxin_ledger::public::{self, Exchange, Reply};
use huxin_node::Details;
use huxin_tests::{Fact, Federation, person, question, region};
use huxin_wire::v1::recognition_client::RecognitionClient;
use huxin_wire::v1::{self, AskedResult, Outcome};
use prost::Message as _;

const MINUTE: i64 = 60_000;

/// What was decided about a traveller from Hubei who names Hunan as where the test was made.
struct Decided {
    decision: v1::Decision,
    receipt: v1::Receipt,
    hubei: v1::Asked,
}

impl Decided {
    fn of(result: v1::Recognised) -> Self {
        let decision = result.decision.unwrap();
        let hubei = decision.asked.iter().find(|asked| asked.region == "42").unwrap().clone();
        Self { decision, receipt: result.receipt.unwrap(), hubei }
    }

    fn came_out(&self) -> (AskedResult, Outcome, &str) {
        (self.hubei.result(), self.decision.outcome(), self.decision.case.as_str())
    }
}

async fn travels(federation: &Federation, who: &Document) -> Decided {
    let mut request = question(who, 42, "gz-south-station", "travel");
    request.presentations[0].test_regions = vec!["43".into()];
    request.origin_area = "420102".into();
    Decided::of(federation.station().await.recognise(request).await.unwrap().into_inner().results.remove(0))
}

/// Somebody with a green code of Hubei, and a test of Hunan if one was made.
async fn somebody(federation: &Federation, number: u16, tested: bool) -> Document {
    let who = person(number);
    federation.state(&Fact::code(42, "hb-data", &who, CodeStatus::Green)).await;
    if tested {
        federation.state(&Fact::negative(43, "hn-lab-1", &who, 30 * 60)).await;
    }
    who
}

fn kept(federation: &Federation, code: u8, index: u64) -> (Kept, Details) {
    let kept = federation.node(code).log_reader().kept(index).unwrap();
    let details = Details::decode(kept.details.as_deref().unwrap()).unwrap();
    (kept, details)
}

/// The entries that record reuses in a node's log.
fn reuses(federation: &Federation, code: u8) -> Vec<u64> {
    let log = federation.node(code).log_reader();
    (0..log.size()).filter(|index| log.entry(*index).unwrap().leaf_type == LeafType::Reuse).collect()
}

/// Waits until Hubei has received so many reports.
async fn reported(federation: &Federation, reports: u64) {
    for _ in 0..100 {
        if federation.status(42).await.counters.unwrap().reports_received >= reports {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nothing is reported");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_answer_of_a_silent_home_stands_in_for_ten_minutes_and_the_home_learns_of_it() {
    let mut federation = Federation::start(&[42, 43, 44]);
    let (tested, untested) = (somebody(&federation, 1, true).await, somebody(&federation, 2, false).await);
    let before = travels(&federation, &tested).await;
    assert_eq!(before.came_out(), (AskedResult::Answered, Outcome::Admit, "green-tested"));
    assert_eq!(travels(&federation, &untested).await.hubei.result(), AskedResult::Answered);
    let origin = before.hubei.origin.clone();

    federation.stop(42);
    federation.pass_ms(5 * MINUTE);
    let during = travels(&federation, &tested).await;
    assert_eq!(during.came_out(), (AskedResult::Reused, Outcome::Admit, "green-tested"));
    // It is marked: which answer, how old, and on what entry of the own log it rests.
    let hubei = &during.hubei;
    assert_eq!(
        (&hubei.origin, hubei.index, &hubei.leaf_hash),
        (&origin, before.hubei.index, &before.hubei.leaf_hash)
    );
    // The two clocks started one after the other.
    let age = hubei.reused_age_ms;
    assert!((age - 5 * MINUTE).abs() < MINUTE, "{age}");
    assert!(!hubei.reason.is_empty(), "why there was no answer");
    let of_hubei = |decided: &Decided| {
        let finding = decided.decision.findings.iter().find(|finding| finding.region == "42").cloned();
        finding.map(|finding| (finding.checked_unix_ms, finding.belief, finding.deciding))
    };
    assert_eq!(of_hubei(&during), of_hubei(&before), "it is judged by the time when it was confirmed");
    let public = public::Decision::decode(&during.receipt.public).unwrap();
    let replies: Vec<_> = public.asked.iter().filter(|asked| asked.region == region(42)).collect();
    assert!(replies.len() == 1 && replies[0].reply == Reply::Reused, "{replies:?}");

    // It was logged before the decision, with what a person's accesses need.
    assert_eq!(reuses(&federation, 44), [hubei.reuse_index]);
    assert!(hubei.reuse_index < during.receipt.index);
    let (entry, details) = kept(&federation, 44, hubei.reuse_index);
    let reuse = public::Reuse::decode(&entry.public).unwrap();
    assert_eq!((reuse.purpose.as_str(), reuse.department.as_str()), ("travel", "gd-transport"));
    assert_eq!((reuse.peer, reuse.origin.as_str(), reuse.index), (region(42), &*origin, hubei.index));
    let query = v1::Query::decode(details.request.clone()).unwrap();
    assert_eq!(query.subject, Some(huxin_wire::convert::document_message(&tested)));
    let report = v1::Report::decode(details.body.clone()).unwrap();
    assert_eq!((&report.request_tag, details.person.len()), (&query.request_tag, 32));
    assert_eq!(federation.status(44).await.counters.unwrap().answers_reused, 1);

    // Six minutes later it is too old.
    federation.pass_ms(6 * MINUTE);
    let after = travels(&federation, &tested).await;
    assert_eq!(after.came_out(), (AskedResult::Unreachable, Outcome::Admit, "home-silent"));
    assert!(after.decision.findings.iter().all(|finding| finding.region != "42"));
    let after = travels(&federation, &untested).await;
    assert_eq!(after.came_out(), (AskedResult::Unreachable, Outcome::Review, "otherwise"));
    assert_eq!(reuses(&federation, 44).len(), 1, "no further reuse");

    // The home node is back, and its log holds the access.
    federation.start_again(42).unwrap();
    reported(&federation, 1).await;
    let [access] = reuses(&federation, 42)[..] else { panic!("one access") };
    let (entry, of_access) = kept(&federation, 42, access);
    let (answer, of_answer) = kept(&federation, 42, hubei.index);
    assert_eq!(of_access.person, of_answer.person, "it is an access to the person of the answer");
    let (reuse, exchange) =
        (public::Reuse::decode(&entry.public).unwrap(), Exchange::decode(&answer.public).unwrap());
    assert_eq!((reuse.peer, reuse.index), (region(44), hubei.index));
    assert_eq!((reuse.purpose, reuse.department), (exchange.purpose, exchange.department));
    let received = v1::Report::decode(of_access.request).unwrap();
    assert_eq!((received.unix_ms, received.request_tag), (report.unix_ms, report.request_tag));
    assert_eq!(
        (received.reuse_origin.as_str(), received.reuse_index),
        ("gd.example/log/0", hubei.reuse_index)
    );
    for _ in 0..50 {
        if federation.node(44).log_reader().unreported(None, 10).unwrap().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the report is not acknowledged");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_very_same_question_is_answered_by_what_was_heard_before() {
    let mut federation = Federation::start(&[42, 43, 44]);
    let (known, other) = (somebody(&federation, 1, true).await, somebody(&federation, 2, true).await);
    travels(&federation, &known).await;
    federation.stop(42);
    // Another person.
    assert_eq!(travels(&federation, &other).await.hubei.result(), AskedResult::Unreachable);
    // The same person and kinds for another purpose and department.
    let channel = federation.channel(44, "app/gd-hospital-1/reception", 44).await;
    let request = question(&known, 42, "gz-hospital", "visit");
    let visit =
        RecognitionClient::new(channel).recognise(request).await.unwrap().into_inner().results.remove(0);
    assert_eq!(Decided::of(visit).hubei.result(), AskedResult::Unreachable);
    // The same person and purpose, other kinds.
    let channel = federation.channel(44, "app/commerce-1/gate", 44).await;
    let request = question(&known, 42, "gz-shop-mid", "visit");
    let shop =
        RecognitionClient::new(channel).recognise(request).await.unwrap().into_inner().results.remove(0);
    assert_eq!(Decided::of(shop).hubei.result(), AskedResult::Unreachable);
    assert!(reuses(&federation, 44).is_empty());
    assert_eq!(travels(&federation, &known).await.hubei.result(), AskedResult::Reused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_the_policy_takes_for_stale_is_not_used_again() {
    let day = "departments = [\"data_bureau\", \"health\"]\nmax_age = \"24h\"";
    let baseline = BASELINE.replacen(day, &day.replace("24h", "5m"), 1);
    assert_ne!(baseline, BASELINE);
    // Its examples hold by the shorter limit too.
    let baseline = baseline
        .replace("checked = \"20m\"", "checked = \"2m\"")
        .replace("checked = \"2h\"", "checked = \"2m\"");
    let mut federation = Federation::set_up(
        &[42, 43, 44],
        1,
        |setting| setting.baseline = Some(Box::leak(baseline.into_boxed_str())),
        |_| {},
    );
    let who = somebody(&federation, 1, true).await;
    travels(&federation, &who).await;
    federation.stop(42);
    federation.pass_ms(4 * MINUTE);
    assert_eq!(travels(&federation, &who).await.hubei.result(), AskedResult::Reused);
    federation.pass_ms(3 * MINUTE);
    let stale = travels(&federation, &who).await;
    assert_eq!(stale.came_out(), (AskedResult::Unreachable, Outcome::Admit, "home-silent"));
    assert_eq!(reuses(&federation, 44).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_forgets_the_answers_and_keeps_the_reports() {
    let mut federation = Federation::start(&[42, 43, 44]);
    let who = somebody(&federation, 1, true).await;
    travels(&federation, &who).await;
    federation.stop(42);
    for _ in 0..3 {
        assert_eq!(travels(&federation, &who).await.hubei.result(), AskedResult::Reused);
    }
    federation.stop(44);
    federation.start_again(44).unwrap();
    assert_eq!(travels(&federation, &who).await.hubei.result(), AskedResult::Unreachable);

    federation.start_again(42).unwrap();
    reported(&federation, 3).await;
    assert_eq!(reuses(&federation, 42).len(), 3);
    // What is reported again, because the asker forgot that it had been, is acknowledged and not logged again.
    federation.stop(44);
    federation.start_again(44).unwrap();
    while !federation.node(44).log_reader().unreported(None, 10).unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(reuses(&federation, 42).len(), 3);
}
