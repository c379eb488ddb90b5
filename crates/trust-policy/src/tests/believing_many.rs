//! Several statements of one kind: what decides, and what is merely reported.

use huxin_attest::TestResult::{Negative, Positive};

use super::fixture::{code, facts, minutes_ago, now, policy, test, travel, vocabulary, with_overlay};
use crate::state::{State, Value};
use crate::statement::{Standing, Statement};
use crate::{Evidence, EvidenceState, Facts};

fn code_state(statements: &[Statement]) -> EvidenceState {
    let policy = policy();
    let selected = policy.select(&travel(), now());
    policy.decide(&selected, &facts(None, statements, &[], &[]), now()).states[0]
}

fn pcr_state(statements: &[Statement]) -> EvidenceState {
    let policy = policy();
    let selected = policy.select(&travel(), now());
    policy.decide(&selected, &facts(None, &[], statements, &[]), now()).states[1]
}

fn believed(value: Value, statement: usize) -> EvidenceState {
    EvidenceState::Believed { value, age_minutes: 0, statement: Some(statement) }
}

#[test]
fn the_worst_believed_code_counts() {
    let contested = Statement { standing: Standing::Contested, ..code("10") };
    assert_eq!(code_state(&[code("00"), code("10"), code("01")]), believed(Value::Red, 1));
    assert_eq!(code_state(&[code("00"), contested]), believed(Value::Contested, 1));
    assert_eq!(code_state(&[code("01"), contested]), believed(Value::Amber, 0));
}

#[test]
fn what_is_not_believed_never_decides_beside_what_is() {
    let hearsay = Statement { copy: true, ..code("10") };
    let unfounded = Statement { assigner: None, ..code("10") };
    assert_eq!(code_state(&[hearsay, unfounded, code("00")]), believed(Value::Green, 2));
}

#[test]
fn the_newest_test_counts_by_its_event_not_by_its_result() {
    let state = pcr_state(&[test(Positive, 600), test(Negative, 0), test(Positive, 700)]);
    assert_eq!(state, believed(Value::Negative, 1));
    let sampled_later = Statement { sampled_at: Some(minutes_ago(0)), ..test(Positive, 0) };
    let reported_later = Statement { sampled_at: Some(minutes_ago(60)), ..test(Negative, 0) };
    assert_eq!(pcr_state(&[reported_later, sampled_later]), believed(Value::Positive, 1));
    assert_eq!(pcr_state(&[test(Negative, 0), test(Positive, 0)]), believed(Value::Positive, 1));
}

#[test]
fn with_nothing_believed_the_first_state_in_order_counts() {
    let policy = with_overlay();
    let bureau = vocabulary().department("bureau");
    let by_state = [
        (State::Distrusted, Statement { category: bureau, ..code("00") }),
        (State::Unfounded, Statement { assigner: None, ..code("10") }),
        (State::Hearsay, Statement { copy: true, ..code("00") }),
        (State::Unmapped, Statement { grade: None, ..code("00") }),
        (State::Untrusted, Statement { category: None, ..code("00") }),
        (State::Stale, Statement { checked_at: minutes_ago(2000), ..code("00") }),
    ];
    let selected = policy.select(&travel(), now());
    let decide = |statements: &[Statement], unreachable| {
        let mut facts = Facts::default();
        facts.evidence[0] = Evidence { statements, unreachable };
        policy.decide(&selected, &facts, now()).states[0]
    };
    for from in 0..by_state.len() {
        let statements: Vec<_> = by_state[from..].iter().rev().map(|(_, statement)| *statement).collect();
        let index = Some(statements.len() - 1);
        assert_eq!(
            decide(&statements, false),
            EvidenceState::Not { state: by_state[from].0, statement: index }
        );
        let unreachable = EvidenceState::Not { state: State::Unreachable, statement: None };
        assert_eq!(decide(&statements, true), unreachable);
    }
    assert_eq!(decide(&[], false), EvidenceState::Not { state: State::None, statement: None });
}

#[test]
fn a_silent_province_does_not_matter_beside_a_believed_statement() {
    let policy = policy();
    let selected = policy.select(&travel(), now());
    let mut facts = Facts::default();
    let green = [code("00")];
    facts.evidence[0] = Evidence { statements: &green, unreachable: true };
    assert_eq!(policy.decide(&selected, &facts, now()).states[0], believed(Value::Green, 0));
}

#[test]
fn a_statement_under_another_kind_is_passed_over() {
    assert_eq!(code_state(&[test(Negative, 0)]), EvidenceState::Not { state: State::None, statement: None });
}
