//! The decision log: what a node decided is exported without persons, and judged again it comes out the same.

use std::ops::ControlFlow;

use huxin_attest::{CodeStatus, Kind, TestResult};
use huxin_ledger::{LogVerifierKey, audit};
use huxin_node::decision_log::{self, NoLine};
use huxin_tests::{Fact, Federation, person, question, region, sample};
use huxin_trust_policy::{LoggedDecision, Policy, Source, Timing};
use huxin_wire::v1;

use super::{ask, founded_red, hospital, state};

fn travel(number: u16) -> v1::RecogniseRequest {
    let mut request = question(&person(number), 42, "gz-south-station", "travel");
    request.presentations[0].test_regions = vec!["43".into()];
    request.origin_area = "420102".into();
    request
}

/// The policy of Guangdong's node.
fn policy() -> Policy {
    let files = ["vocabulary", "national", "province-44"].map(|name| {
        let path = format!("deploy/policies/{name}.toml");
        (sample(&path), path)
    });
    let [words, national, provincial] =
        files.each_ref().map(|(text, name)| Source { name: name.as_str(), text: text.as_str() });
    Policy::load(region(44), words, national, Some(provincial), &[]).unwrap()
}

/// Everything in the log of Guangdong's stopped node that gives a line.
fn exported(federation: &Federation) -> Vec<LoggedDecision> {
    let (_, vkey) = federation.exercise.membership().log("gd.example/log/0").unwrap();
    let folder = federation.exercise.province_folder(region(44)).join("data/log");
    let mut lines = Vec::new();
    let mut each = |_, kept: huxin_ledger::Kept| {
        match decision_log::line(&kept) {
            Ok(line) => lines.push(line),
            Err(NoLine::NoDecision) => {}
            Err(other) => panic!("{other}"),
        }
        ControlFlow::Continue(())
    };
    audit::entries(&folder, &LogVerifierKey::parse(vkey).unwrap(), &mut each).unwrap();
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_decision_of_a_node_is_exported_and_judged_again_comes_out_the_same() {
    let mut federation = Federation::start(&[42, 43, 44]);
    // A green traveller, one whose test is a minute too old, one of whom nothing is known.
    for (number, minutes) in [(1, 30 * 60), (2, 48 * 60 + 1)] {
        federation.state(&Fact::code(42, "hb-data", &person(number), CodeStatus::Green)).await;
        federation.state(&Fact::negative(43, "hn-lab-1", &person(number), minutes)).await;
    }
    // A founded red code; an amber one that only Guangdong heard of, beside Hubei's green one and a test of just now.
    founded_red(&federation, &person(4)).await;
    federation.state(&Fact::code(42, "hb-data", &person(5), CodeStatus::Green)).await;
    let heard =
        Fact { heard_from: Some(region(41)), ..Fact::code(44, "gd-data", &person(5), CodeStatus::Amber) };
    federation.state(&heard).await;
    federation.state(&Fact::negative(44, "gd-lab-1", &person(5), 0)).await;
    // Two tests of one minute that contradict each other.
    let negative = Fact::negative(42, "hb-lab-1", &person(6), 90);
    federation.state(&negative).await;
    federation
        .state(&Fact {
            test: Some((TestResult::Positive, 90)),
            department: "hn-lab-1",
            region: 43,
            ..negative
        })
        .await;
    // An examination whose mark the vocabulary does not list.
    state(&federation, "hb-hospital-1", &person(7), Kind::ExamResult, |fields| {
        fields.item = Some("ct_chest".parse().unwrap());
        fields.quality = Some("unheard_of".parse().unwrap());
        fields.reported_at = Some(fields.stated_at);
    })
    .await;

    let (mut station, mut reception) = (federation.station().await, hospital(&federation).await);
    let mut told = Vec::new();
    for number in [1, 2, 3, 5, 6] {
        told.push(ask(&mut station, travel(number)).await.0);
    }
    for number in [1, 4, 5] {
        told.push(ask(&mut reception, question(&person(number), 42, "gz-hospital", "visit")).await.0);
    }
    told.push(ask(&mut reception, question(&person(7), 42, "gz-hospital", "exam_reuse")).await.0);
    // Nothing is asked for a patient, so that there is nothing to export.
    let patient = question(&person(4), 42, "gz-hospital", "treatment");
    assert!(reception.recognise(patient).await.unwrap().into_inner().results[0].receipt.is_none());
    federation.stop(42);
    for number in [8, 6] {
        told.push(ask(&mut station, travel(number)).await.0);
    }
    drop((station, reception));
    federation.stop(44);

    let (lines, policy) = (exported(&federation), policy());
    assert_eq!(lines.len(), told.len());
    let mut outcomes = std::collections::BTreeSet::new();
    for (line, told) in lines.iter().zip(&told) {
        let text = serde_json::to_string(line).unwrap();
        let line = LoggedDecision::parse(&text).unwrap();
        assert_eq!(
            (line.was.by.as_deref(), line.was.case.as_deref()),
            (Some(&*told.rule), Some(&*told.case))
        );
        let case = line.case(policy.vocabulary()).unwrap();
        for timing in [Timing::Regardless, Timing::At(line.at().unwrap())] {
            let again = policy.decide_given(&case, timing);
            let ask: Vec<_> = again.asked.iter().map(Kind::name).collect();
            let must: Vec<_> = again.must.names().collect();
            assert_eq!(again.outcome.name(), line.was.then, "{text}");
            assert_eq!(
                (again.rule, again.case),
                (line.was.by.as_deref(), line.was.case.as_deref()),
                "{text}"
            );
            assert_eq!(
                (ask, must),
                (
                    line.was.ask.iter().map(String::as_str).collect(),
                    line.was.must.iter().map(String::as_str).collect()
                ),
                "{text}"
            );
        }
        outcomes.insert((line.was.by.clone(), line.was.case.clone()));
        // Nobody is named, and no time by which somebody could be found.
        for number in 1..=8 {
            assert!(!text.contains(person(number).number()), "{text}");
        }
        assert!(!text.contains("hb-data") && !text.contains("gz-"), "{text}");
        assert!(line.untold.is_empty() && line.policy.len() == 4, "{text}");
    }
    assert!(outcomes.len() >= 6, "{outcomes:?}");
    let silent = lines
        .iter()
        .filter(|line| line.given.code == huxin_trust_policy::Stated::State("unreachable".into()));
    // Of person 6 an answer was used again, but no code was in it.
    assert_eq!(silent.count(), 2);
}
