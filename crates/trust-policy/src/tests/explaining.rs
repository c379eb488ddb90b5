//! Why a case comes out as it does.

use super::fixture::{policy, vocabulary, with_overlay};
use crate::{Explanation, GivenCase, Lang, Outcome, Policy, Source, Timing};

const LATE: &str = r#"purpose = "travel"
from_risk = "low"
age = 35
code = { from = "42", by = "health", status = "00" }
pcr = { from = "43", by = "lab", result = "negative", reported = "2881m" }"#;

fn explain<'p>(policy: &'p Policy, text: &str) -> Explanation<'p> {
    let case = GivenCase::parse(Source { name: "case.toml", text }, &vocabulary()).unwrap();
    policy.explain_given(&case, Timing::Regardless)
}

/// The conditions of one case that do not hold, or all that do, in words.
fn words(explained: &Explanation<'_>, case: &str, holds: bool, lang: Lang) -> Vec<String> {
    let traced = explained.cases.iter().find(|traced| traced.case == case).unwrap();
    let chosen = traced.conditions.iter().filter(|condition| condition.holds == holds);
    chosen.map(|condition| condition.measure.text(lang).to_owned()).collect()
}

#[test]
fn every_case_that_did_not_match_says_what_it_lacked() {
    let policy = policy();
    let explained = explain(&policy, LATE);
    assert_eq!((explained.decision.outcome, explained.decision.case), (Outcome::Review, Some("otherwise")));
    assert_eq!(words(&explained, "infant", false, Lang::En), ["the age is 35; below 3 years is needed"]);
    assert_eq!(words(&explained, "infant", false, Lang::Zh), ["年龄 35，须不满 3 周岁"]);
    assert_eq!(words(&explained, "positive", false, Lang::Zh), ["核酸为“阴性”，须为“阳性”"]);
    assert_eq!(
        words(&explained, "tested", false, Lang::En),
        ["the test is 48 h 1 min old; at most 48 h is needed: 1 min too old"]
    );
    let over: Vec<_> = explained.cases.iter().flat_map(|case| &case.conditions).collect();
    assert!(over.iter().any(|condition| condition.measure.over_minutes == 1));
    assert_eq!(explained.cases.len(), 6, "none matched, so all are told");
    assert_eq!(explained.nearest.as_ref().map(|nearest| nearest.case), Some("tested"));
    assert!(explained.baseline.is_none());
    assert_eq!(explained.heard.len(), 2);
}

#[test]
fn the_trace_ends_with_the_case_that_matched_and_all_of_it_holds() {
    let policy = policy();
    let explained = explain(&policy, &LATE.replace("2881m", "2880m"));
    let last = explained.cases.last().unwrap();
    assert!(last.case == "tested" && last.matched && last.conditions.iter().all(|condition| condition.holds));
    assert!(explained.cases.iter().rev().skip(1).all(|case| !case.matched));
    assert_eq!(
        words(&explained, "tested", true, Lang::En).last().map(String::as_str),
        Some("the test is 48 h old, which is within 48 h")
    );
    assert!(explained.nearest.is_none());
}

#[test]
fn a_case_matches_exactly_if_every_condition_holds() {
    let policy = policy();
    let codes = [r#"{ from = "42", by = "health", status = "00" }"#, "\"hearsay\"", "\"none\"", "\"stale\""];
    let tests = [
        r#"{ from = "43", by = "lab", result = "negative", reported = "1h" }"#,
        r#"{ from = "43", by = "lab", result = "positive", reported = "49h" }"#,
        r#"{ from = "43", by = "lab", result = "negative", reported = "8d" }"#,
        r#"{ from = "41", by = "lab", result = "negative", reported = "1h" }"#,
        "\"unreachable\"",
    ];
    for age in ["age = 2", "age = 3", ""] {
        for code in codes {
            for pcr in tests {
                let text =
                    format!("purpose = \"travel\"\nfrom_risk = \"low\"\n{age}\ncode = {code}\npcr = {pcr}");
                let explained = explain(&policy, &text);
                for case in &explained.cases {
                    let all = case.conditions.iter().all(|condition| condition.holds);
                    assert_eq!(all, case.matched, "{} in {text}", case.case);
                }
            }
        }
    }
}

#[test]
fn where_the_overlay_answers_the_baseline_is_told_beside_it_and_a_distrust_is_named() {
    let policy = with_overlay();
    let text = LATE.replace("age = 35", "area = \"440106\"").replace("\"health\"", "\"bureau\"");
    let explained = explain(&policy, &text);
    assert!(explained.decision.from_overlay && explained.decision.rule == Some("P2"));
    assert_eq!(explained.decision.outcome, Outcome::Admit);
    let baseline = explained.baseline.unwrap();
    assert_eq!((baseline.rule, baseline.outcome), (Some("R2"), Outcome::Review));
    assert!(explained.heard.iter().all(|heard| heard.distrusted.is_none()), "the code was not looked at");
    let elsewhere = explain(&policy, &text.replace("440106", "440300"));
    assert_eq!(elsewhere.heard[0].distrusted.map(|entry| entry.id), Some("X1"));
    assert!(!elsewhere.heard[0].deciding && elsewhere.baseline.is_none());
}

#[test]
fn where_nothing_is_asked_there_is_nothing_to_trace() {
    let policy = policy();
    let explained = explain(&policy, "purpose = \"visit\"\nplace = \"shop\"\nhere_risk = \"low\"");
    assert!(explained.decision.asked.is_empty() && explained.decision.rule == Some("R1"));
    assert!(explained.cases.is_empty() && explained.nearest.is_none() && explained.heard.is_empty());
}
