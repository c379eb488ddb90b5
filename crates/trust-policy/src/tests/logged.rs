//! Cases in a file of their own, and as lines of the decision log.

use super::fixture::{policy, vocabulary, with_overlay};
use crate::{GivenCase, LoggedDecision, MAX_LINE, Outcome, Policy, Source, Timing};

const LINE: &str = r#"{"at":"2022-07-08T09:00:00+08:00","given":{"purpose":"travel","from_risk":"low","age":35,
"code":{"from":"42","by":"health","status":"00","label":"绿码","checked":"2h"},
"pcr":[{"from":"43","by":"lab","result":"negative","reported":"2881m"},{"from":"43","by":"lab","result":"negative","reported":"30h"}]},
"was":{"then":"admit","ask":["health_code","nucleic_test"],"by":"R2","case":"tested","must":["mask","test"]}}"#;

fn line(from: &str, to: &str) -> String {
    assert!(LINE.contains(from), "{from}");
    LINE.replace('\n', "").replace(from, to)
}

fn decided(policy: &Policy, line: &str) -> (Outcome, Option<String>) {
    let case = LoggedDecision::parse(line).unwrap().case(&vocabulary()).unwrap();
    let decision = policy.decide_given(&case, Timing::Regardless);
    (decision.outcome, decision.case.map(ToOwned::to_owned))
}

#[test]
fn a_line_is_judged_as_an_example_is() {
    let policy = policy();
    assert_eq!(decided(&policy, &line("", "")), (Outcome::Admit, Some("tested".into())));
    assert_eq!(decided(&policy, &line("30h", "49h")), (Outcome::Review, Some("otherwise".into())));
    let state =
        line(r#"{"from":"42","by":"health","status":"00","label":"绿码","checked":"2h"}"#, "\"hearsay\"");
    assert_eq!(decided(&policy, &state), (Outcome::Admit, Some("unfounded".into())));
}

#[test]
fn what_is_written_is_read_back() {
    let read = LoggedDecision::parse(&line("", "")).unwrap();
    let written = serde_json::to_string(&read).unwrap();
    assert_eq!(LoggedDecision::parse(&written).unwrap(), read);
    assert!(!written.contains("null"), "{written}");
}

#[test]
fn a_silent_province_beside_statements_that_are_not_believed_counts() {
    let policy = policy();
    let old = line(r#""checked":"2h""#, r#""checked":"25h""#);
    let find = |line: &str| {
        let case = LoggedDecision::parse(line).unwrap().case(&vocabulary()).unwrap();
        policy
            .judge_given(None, &case, Timing::Regardless)
            .known
            .views
            .map(|view| view.map(|view| view.belief))
    };
    let silent = old.replace(r#""was""#, r#""unreachable":["health_code"],"was""#);
    assert_eq!(find(&old)[0], Some(crate::Belief::Not(crate::State::Stale)));
    assert_eq!(find(&silent)[0], Some(crate::Belief::Not(crate::State::Unreachable)));
    let believed = line(r#""was""#, r#""unreachable":["health_code"],"was""#);
    assert!(matches!(find(&believed)[0], Some(crate::Belief::Believed { .. })));
}

#[test]
fn a_word_of_a_statement_that_is_not_listed_counts_as_absent_and_one_of_the_situation_is_refused() {
    let vocabulary = vocabulary();
    let odd = line(r#""status":"00""#, r#""status":"00","assigner":"nobody","evidence":["hearsay","lab"]"#);
    assert!(LoggedDecision::parse(&odd).unwrap().case(&vocabulary).is_ok());
    for (from, to, says) in [
        ("travel", "fly", "`purpose` cannot be \"fly\": the vocabulary does not list it"),
        (r#""by":"lab""#, r#""by":"pub""#, "`by` cannot be \"pub\": the vocabulary does not list it"),
        ("30h", "30x", "`reported` cannot be \"30x\""),
        ("\"43\"", "\"00\"", "`from` cannot be \"00\""),
        ("negative", "fine", "`result` cannot be \"fine\""),
    ] {
        let error = LoggedDecision::parse(&line(from, to)).unwrap().case(&vocabulary).unwrap_err();
        assert_eq!(error.to_string(), says);
    }
}

#[test]
fn a_line_that_is_no_decision_says_where_it_goes_wrong() {
    let error = LoggedDecision::parse(&line(r#""by":"health""#, r#""bye":"health""#)).unwrap_err();
    assert!(error.message.starts_with("unknown field `bye`"), "{error}");
    assert!(error.column.is_some_and(|column| column > 90), "{error}");
    for bad in [
        "",
        "{}",
        "[1]",
        &line("admit", "refuse"),
        &line("+08:00", ""),
        &line("35", "-1"),
        &line("35", "35.5"),
        &format!("{}{}", line("", ""), " ".repeat(MAX_LINE)),
    ] {
        assert!(LoggedDecision::parse(bad).is_err(), "{bad:.80}");
    }
}

#[test]
fn labels_that_no_table_maps_are_named_and_whether_another_part_decides() {
    let policy = policy();
    let found = |line: &str| {
        let found = policy.unmapped_labels(&LoggedDecision::parse(line).unwrap());
        found.into_iter().map(|one| (one.key, one.label, one.undecided)).collect::<Vec<_>>()
    };
    assert_eq!(found(&line("", "")), [("label", "绿码".into(), false)]);
    assert_eq!(found(&line("绿码", "弹窗3")), []);
    assert_eq!(found(&line(r#""status":"00","#, "")), [("label", "绿码".into(), true)]);
}

#[test]
fn a_case_in_a_file_is_read_under_given_or_at_the_top_level() {
    let vocabulary = vocabulary();
    let read = |text: &str| GivenCase::parse(Source { name: "case.toml", text }, &vocabulary);
    let policy = with_overlay();
    for text in [
        "purpose = \"travel\"\nfrom_risk = \"low\"\nage = 2\narea = \"430100\"",
        "given = { purpose = \"travel\", from_risk = \"low\", age = 2, area = \"430100\" }",
        "[given]\npurpose = \"travel\"\nfrom_risk = \"low\"\nage = 2\narea = \"430100\"",
    ] {
        let decision = policy.decide_given(&read(text).unwrap(), Timing::Regardless);
        assert_eq!((decision.rule, decision.case), (Some("R2"), Some("infant")), "{text}");
    }
    for bad in [
        "",
        "purpose = \"fly\"",
        "given = { purpose = \"travel\" }\nage = 3",
        "purpose = \"travel\"\nrisk = 1",
    ] {
        assert!(read(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_distrust_and_an_overlay_count_regardless_of_the_clock_or_at_an_instant() {
    let policy = with_overlay();
    let line = line(r#""by":"health","status""#, r#""by":"bureau","status""#);
    let case = LoggedDecision::parse(&line).unwrap().case(&vocabulary()).unwrap();
    let state = |timing| policy.judge_given(policy.overlay.as_ref(), &case, timing).decision.states[0];
    let distrusted =
        |timing| matches!(state(timing), crate::EvidenceState::Not { state: crate::State::Distrusted, .. });
    let at = |text| Timing::At(super::fixture::at(text));
    assert!(distrusted(Timing::Regardless));
    assert!(distrusted(at("2022-07-08T09:00:00+08:00")));
    assert!(!distrusted(at("2022-07-11T09:00:00+08:00")), "the distrust is over");
    assert_eq!(
        policy.decide_given(&case, at("2023-01-01T00:00:00+08:00")).rule,
        None,
        "nothing may be asked"
    );
}
