//! What is authentic and still not believed: stale, unfounded, or of a department that may not state it. It is proved,
//! logged and listed, and never decides beside what is believed.

use huxin_attest::{ClaimFields, CodeStatus, Kind, TestResult, UnixSecs};
use huxin_ledger::LogVerifierKey;
use huxin_tests::liar::{Deceived, founded_red, traveller};
use huxin_tests::{Fact, region};
use huxin_wire::v1::{self, Outcome};
use prost::Message as _;

/// What was decided, which the log of Guangdong holds word for word, with the answer on which it rests.
async fn decided(deceived: &Deceived, statements: Vec<v1::AnsweredStatement>) -> v1::Decision {
    let v1::Recognised { decision, receipt } = deceived.recognised(statements).await;
    let (decision, receipt) = (decision.unwrap(), receipt.unwrap());
    assert_eq!(v1::Decision::decode(receipt.body.clone()).unwrap(), decision);
    let member = deceived.federation.exercise.membership().member(region(44)).unwrap();
    let key = LogVerifierKey::parse(&member.logs[0].vkey).unwrap();
    huxin_cli::receipts::from_message(receipt).unwrap().verify(&key).unwrap();
    let asked = decision.asked.iter().find(|asked| asked.region == "42").unwrap();
    assert_eq!((asked.result(), asked.leaf_hash.len()), (v1::AskedResult::Answered, 32), "{asked:?}");
    decision
}

/// How what Hubei said was taken, and whether it decides.
fn findings(decision: &v1::Decision) -> Vec<(&str, bool)> {
    let hubei = decision.findings.iter().filter(|finding| finding.region == "42");
    hubei.map(|finding| (finding.belief.as_str(), finding.deciding)).collect()
}

async fn tested_at_home() -> Deceived {
    let deceived = Deceived::start().await;
    deceived.federation.state(&Fact::negative(44, "gd-lab-1", &traveller(), 60)).await;
    deceived
}

fn code(
    deceived: &Deceived,
    department: &str,
    adjust: impl FnOnce(&mut ClaimFields),
) -> v1::AnsweredStatement {
    deceived.stated(department, Kind::HealthCode, adjust)
}

fn green(fields: &mut ClaimFields) {
    fields.status = Some(CodeStatus::Green);
}

/// What a red code lacks.
type Flaw = (&'static str, fn(&mut ClaimFields));

/// A test, reported so many hours ago.
fn test(deceived: &Deceived, department: &str, result: TestResult, hours: i64) -> v1::AnsweredStatement {
    let at = UnixSecs::at(deceived.federation.now().saturating_add_ms(-hours * 3_600_000));
    deceived.stated(department, Kind::NucleicTest, |fields| {
        (fields.result, fields.sampled_at, fields.reported_at) = (Some(result), Some(at), Some(at));
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unfounded_red_code_decides_neither_alone_nor_beside_a_green_one() {
    let deceived = tested_at_home().await;
    let flaws: [Flaw; 7] = [
        ("nobody answers for it", |fields| (fields.assigner, fields.assigner_role) = (None, None)),
        ("the assigner is not listed", |fields| fields.assigner = Some("hb-bank".parse().unwrap())),
        ("the assigner may not assign", |fields| fields.assigner = Some("hb-data".parse().unwrap())),
        ("the role is another's", |fields| fields.assigner_role = Some("headquarters".parse().unwrap())),
        ("no reason is given", |fields| fields.assigned_for = None),
        ("the reason is not listed", |fields| fields.assigned_for = Some("bank_run".parse().unwrap())),
        ("no evidence is given", |fields| fields.evidence.clear()),
    ];
    for (flaw, adjust) in flaws {
        let red = |fields: &mut ClaimFields| {
            founded_red(fields);
            adjust(fields);
        };
        let alone = decided(&deceived, vec![code(&deceived, "hb-cdc", red)]).await;
        assert_eq!((alone.outcome(), alone.case.as_str()), (Outcome::Admit, "not-used"), "{flaw}");
        assert_eq!(findings(&alone)[0].0, "unfounded", "{flaw}");
        let both = vec![code(&deceived, "hb-cdc", red), code(&deceived, "hb-data", green)];
        let both = decided(&deceived, both).await;
        assert_eq!((both.outcome(), both.case.as_str()), (Outcome::Admit, "green-tested"), "{flaw}");
        assert_eq!(findings(&both), [("unfounded", false), ("green", true)], "{flaw}");
    }
    // With an appeal that is overdue even a founded one counts no longer.
    let mut overdue = code(&deceived, "hb-cdc", founded_red);
    overdue.standing = v1::Standing::Overdue.into();
    let both = decided(&deceived, vec![overdue, code(&deceived, "hb-data", green)]).await;
    assert_eq!(findings(&both), [("unfounded", false), ("green", true)]);
    // Founded, it counts beside any green one.
    let both = vec![code(&deceived, "hb-cdc", founded_red), code(&deceived, "hb-data", green)];
    let both = decided(&deceived, both).await;
    assert_eq!((both.outcome(), findings(&both)), (Outcome::Review, vec![("red", true), ("green", false)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_department_that_may_not_state_a_kind_is_not_believed_about_it() {
    let deceived = tested_at_home().await;
    for department in ["hb-lab-1", "hb-hospital-1"] {
        // A founded red code of a department that may state tests or examinations only.
        let red = code(&deceived, department, founded_red);
        let both = decided(&deceived, vec![red, code(&deceived, "hb-data", green)]).await;
        assert_eq!((both.outcome(), both.case.as_str()), (Outcome::Admit, "green-tested"), "{department}");
        assert_eq!(findings(&both), [("untrusted", false), ("green", true)], "{department}");
        // Nor does its green code admit.
        let alone = decided(&deceived, vec![code(&deceived, department, green)]).await;
        assert_eq!((alone.outcome(), findings(&alone)[0].0), (Outcome::Review, "untrusted"), "{department}");
    }
    // A positive test by a data bureau, newer than the laboratory's negative one.
    let statements =
        vec![test(&deceived, "hb-data", TestResult::Positive, 0), code(&deceived, "hb-data", green)];
    let decision = decided(&deceived, statements).await;
    assert_eq!((decision.outcome(), decision.case.as_str()), (Outcome::Admit, "green-tested"));
    assert_eq!(findings(&decision), [("green", true), ("untrusted", false)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_stale_or_past_its_end_decides_neither_alone_nor_beside_what_is_fresh() {
    let deceived = Deceived::start().await;
    let green = || code(&deceived, "hb-data", green);
    let stale = 7 * 24 + 1;
    for result in [TestResult::Positive, TestResult::Negative] {
        let old = || test(&deceived, "hb-lab-1", result, stale);
        let alone = decided(&deceived, vec![green(), old()]).await;
        assert_eq!((alone.outcome(), alone.case.as_str()), (Outcome::Review, "otherwise"), "{result:?}");
        let beside = vec![green(), old(), test(&deceived, "hb-lab-1", TestResult::Negative, 1)];
        let beside = decided(&deceived, beside).await;
        assert_eq!((beside.outcome(), beside.case.as_str()), (Outcome::Admit, "green-tested"), "{result:?}");
        assert_eq!(findings(&beside), [("green", true), ("stale", false), ("negative", true)], "{result:?}");
    }
    // A founded red code whose end has passed.
    let ended = UnixSecs::at(deceived.federation.now().saturating_add_ms(-1000));
    let red = code(&deceived, "hb-cdc", |fields| {
        founded_red(fields);
        (fields.stated_at, fields.valid_until) = (ended, Some(ended));
    });
    let statements = vec![red, green(), test(&deceived, "hb-lab-1", TestResult::Negative, 1)];
    let decision = decided(&deceived, statements).await;
    assert_eq!((decision.outcome(), decision.case.as_str()), (Outcome::Admit, "green-tested"));
    assert_eq!(findings(&decision), [("untrusted", false), ("green", true), ("negative", true)]);
}
