//! One statement: each reason for disbelief, and which comes first.

use huxin_attest::{Kind, TestResult};

use super::fixture::{at, code, exam, minutes_ago, now, policy, region, test, vocabulary, with_overlay};
use crate::state::{Belief, State, Value};
use crate::statement::{Standing, Statement};
use crate::terms::Set;

fn belief(statement: &Statement) -> Belief {
    policy().belief(statement, now())
}

fn value(statement: &Statement) -> Option<Value> {
    match belief(statement) {
        Belief::Believed { value, .. } => Some(value),
        Belief::Not(_) => None,
    }
}

#[test]
fn a_founded_statement_of_a_trusted_department_is_believed() {
    assert_eq!(value(&code("00")), Some(Value::Green));
    assert_eq!(value(&code("01")), Some(Value::Amber));
    assert_eq!(value(&code("10")), Some(Value::Red));
    assert_eq!(value(&test(TestResult::Positive, 5)), Some(Value::Positive));
    let vocabulary = vocabulary();
    let exam_value = Value::Exam { item: vocabulary.find("ct"), quality: vocabulary.find("none") };
    assert_eq!(value(&exam("ct", "none", 5)), Some(exam_value));
}

#[test]
fn a_copy_is_hearsay_whatever_else_it_lacks() {
    let copy = Statement { copy: true, grade: None, category: None, ..code("10") };
    assert_eq!(belief(&copy), Belief::Not(State::Hearsay));
}

#[test]
fn a_red_or_amber_code_needs_assigner_reason_and_evidence() {
    let vocabulary = vocabulary();
    let letter: Set<_> = vocabulary.find("letter").into_iter().collect();
    let lacking = [
        Statement { assigner: None, ..code("10") },
        Statement { assigner: vocabulary.find("shopkeeper"), ..code("10") },
        Statement { assigner_may: false, ..code("10") },
        Statement { assigned_for: None, ..code("01") },
        Statement { assigned_for: vocabulary.find("rumour"), ..code("01") },
        Statement { evidence: Set::default(), ..code("10") },
        Statement { evidence: letter, ..code("10") },
    ];
    for statement in lacking {
        assert_eq!(belief(&statement), Belief::Not(State::Unfounded), "{statement:?}");
        let green = Statement { grade: code("00").grade, ..statement };
        assert_eq!(value(&green), Some(Value::Green), "a green code needs none of it");
    }
}

#[test]
fn an_overdue_appeal_makes_red_unfounded_and_an_open_one_contested() {
    let with = |status, standing| Statement { standing, ..code(status) };
    assert_eq!(belief(&with("10", Standing::Overdue)), Belief::Not(State::Unfounded));
    assert_eq!(value(&with("10", Standing::Contested)), Some(Value::Contested));
    assert_eq!(value(&with("01", Standing::Contested)), Some(Value::Contested));
    assert_eq!(value(&with("00", Standing::Contested)), Some(Value::Green));
    assert_eq!(value(&with("00", Standing::Overdue)), Some(Value::Green));
}

#[test]
fn a_code_without_a_grade_is_unmapped_before_it_is_untrusted() {
    let unmapped = Statement { grade: None, category: None, ..code("00") };
    assert_eq!(belief(&unmapped), Belief::Not(State::Unmapped));
}

#[test]
fn nobody_is_trusted_beyond_kind_issuer_and_department() {
    let untrusted = [
        Statement { category: None, ..code("00") },
        Statement { category: vocabulary().department("lab"), ..code("00") },
        Statement { may_state: false, ..code("00") },
        Statement { issuer: region(41), ..test(TestResult::Negative, 5) },
        Statement { category: vocabulary().department("bureau"), ..test(TestResult::Negative, 5) },
        Statement { reported_at: None, ..test(TestResult::Negative, 5) },
        Statement { result: None, ..test(TestResult::Negative, 5) },
    ];
    for statement in untrusted {
        assert_eq!(belief(&statement), Belief::Not(State::Untrusted), "{statement:?}");
    }
}

#[test]
fn a_time_may_lie_five_minutes_ahead_and_no_more() {
    let ahead = |ms| Statement { checked_at: now().saturating_add_ms(ms), ..code("00") };
    let young = Belief::Believed { value: Value::Green, age_minutes: 0 };
    assert_eq!(belief(&ahead(300_000)), young);
    assert_eq!(belief(&ahead(300_001)), Belief::Not(State::Untrusted));
}

#[test]
fn a_statement_holds_until_just_before_its_end() {
    let until = |ms| Statement { valid_until: Some(now().saturating_add_ms(ms)), ..code("00") };
    assert_eq!(value(&until(1)), Some(Value::Green));
    assert_eq!(belief(&until(0)), Belief::Not(State::Untrusted));
}

#[test]
fn the_greatest_age_is_inclusive_in_whole_minutes() {
    let aged = |ms: i64| Statement { checked_at: now().saturating_add_ms(-ms), ..code("00") };
    let day = 24 * 60 * 60_000;
    let oldest = Belief::Believed { value: Value::Green, age_minutes: 1440 };
    assert_eq!(belief(&aged(day)), oldest);
    assert_eq!(belief(&aged(day + 59_999)), oldest, "minutes are rounded down");
    assert_eq!(belief(&aged(day + 60_000)), Belief::Not(State::Stale));
}

#[test]
fn a_test_ages_from_its_report_and_a_code_from_its_last_check() {
    let old_sample = Statement { sampled_at: Some(minutes_ago(20_000)), ..test(TestResult::Negative, 90) };
    let Belief::Believed { age_minutes, .. } = belief(&old_sample) else { panic!("not believed") };
    assert_eq!(age_minutes, 90);
    let old_code = Statement { stated_at: minutes_ago(90_000), checked_at: minutes_ago(7), ..code("00") };
    let Belief::Believed { age_minutes, .. } = belief(&old_code) else { panic!("not believed") };
    assert_eq!(age_minutes, 7);
}

#[test]
fn a_distrust_is_live_from_its_first_instant_until_just_before_its_last() {
    let policy = with_overlay();
    let bureau = Statement { category: vocabulary().department("bureau"), ..code("00") };
    let state = |text| {
        let now = at(text);
        policy.belief(&Statement { checked_at: now, ..bureau }, now) == Belief::Not(State::Distrusted)
    };
    assert!(!state("2022-07-05T23:59:59.999+08:00"));
    assert!(state("2022-07-06T00:00:00+08:00"));
    assert!(state("2022-07-09T23:59:59.999+08:00"));
    assert!(!state("2022-07-10T00:00:00+08:00"));
}

#[test]
fn a_distrust_comes_first_and_names_kind_issuer_and_department() {
    let policy = with_overlay();
    let bureau = Statement { category: vocabulary().department("bureau"), copy: true, ..code("10") };
    assert_eq!(policy.belief(&bureau, now()), Belief::Not(State::Distrusted));
    assert_eq!(policy.distrust_of(&bureau, now()).map(|entry| (entry.id, entry.say)), Some(("X1", "核查中")));
    for other in [
        code("00"),
        Statement { issuer: region(43), copy: false, ..bureau },
        Statement { category: None, copy: false, ..bureau },
        Statement { kind: Kind::NucleicTest, copy: false, ..bureau },
    ] {
        assert_ne!(policy.belief(&other, now()), Belief::Not(State::Distrusted), "{other:?}");
    }
}

#[test]
fn the_worst_of_status_label_and_reason_is_the_grade() {
    let policy = policy();
    let grade = |code, labels| policy.grade(region(code), labels).map(crate::Grade::name);
    assert_eq!(grade(42, [Some("00"), None, None]), Some("green"));
    assert_eq!(grade(42, [Some("00"), Some("弹窗3"), None]), Some("amber"));
    assert_eq!(grade(42, [Some("11"), Some("弹窗3"), Some("来自疫区")]), Some("red"));
    assert_eq!(grade(43, [Some("00"), Some("弹窗3"), None]), Some("green"), "a label is its own province's");
    assert_eq!(grade(43, [Some("11"), Some("弹窗3"), None]), None);
    assert_eq!(grade(42, [None, None, None]), None);
}
