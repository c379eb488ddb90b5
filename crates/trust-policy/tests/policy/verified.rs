//! From a signed statement to a decision: the scenarios of July 2022, on the sample policy.

use huxin_attest::{ClaimFields, CodeStatus, TestResult};
use huxin_trust_policy::{
    Belief, Evidence, Facts, Grade, Listing, Outcome, Policy, Standing, State, Statement, Value,
};

use crate::support::{code, founded_red, load, now, region, seen, signed, test, travel};

fn baseline() -> Policy {
    load(44, None)
}

fn case(policy: &Policy, codes: &[Statement], hours: i64) -> (Outcome, String) {
    let tests = [seen(policy, test(43, TestResult::Negative, hours), "licensed_lab")];
    let of = |statements| Evidence { statements, unreachable: false };
    let selected = policy.select(&travel(policy), now());
    let facts = Facts { age: Some(40), evidence: [of(codes), of(&tests), of(&[])] };
    let decision = policy.decide(&selected, &facts, now());
    (decision.outcome, decision.case.unwrap_or_default().to_owned())
}

#[test]
fn a_green_traveller_with_a_test_of_48_hours_is_admitted_and_one_of_49_goes_to_a_person() {
    let policy = baseline();
    let green = [seen(&policy, code(42, CodeStatus::Green), "data_bureau")];
    assert_eq!(case(&policy, &green, 48), (Outcome::Admit, "green-tested".into()));
    assert_eq!(case(&policy, &green, 49), (Outcome::Review, "otherwise".into()));
}

#[test]
fn a_red_code_at_second_hand_decides_nothing_beside_the_green_one_of_its_home() {
    let policy = baseline();
    let heard = ClaimFields { hop: 1, region: region(41), ..founded_red(41) };
    let category = policy.vocabulary().department("data_bureau");
    let listing = Listing { category, may_state: true, assigner_may: true };
    let copy = Statement::from_verified(&policy, &signed(heard, 44), listing, now(), Standing::None);
    assert_eq!(copy.issuer(), region(44));
    assert_eq!(policy.belief(&copy, now()), Belief::Not(State::Hearsay));
    let home = seen(&policy, code(41, CodeStatus::Green), "data_bureau");
    assert_eq!(case(&policy, &[copy, home], 12), (Outcome::Admit, "green-tested".into()));
    assert_eq!(case(&policy, &[copy], 12), (Outcome::Admit, "not-used".into()));
}

#[test]
fn a_red_code_without_evidence_is_unfounded_and_one_with_it_is_red() {
    let policy = baseline();
    let bare = ClaimFields { evidence: Vec::new(), ..founded_red(41) };
    let bare = seen(&policy, bare, "data_bureau");
    assert_eq!(policy.belief(&bare, now()), Belief::Not(State::Unfounded));
    assert_eq!(case(&policy, &[bare], 12), (Outcome::Admit, "not-used".into()));
    let founded = seen(&policy, founded_red(41), "data_bureau");
    let red = Belief::Believed { value: Value::Red, age_minutes: 0 };
    assert_eq!(policy.belief(&founded, now()), red);
    assert_eq!(case(&policy, &[founded], 12), (Outcome::Review, "otherwise".into()));
}

#[test]
fn an_assigner_that_the_membership_list_does_not_know_founds_nothing() {
    let policy = baseline();
    let category = policy.vocabulary().department("health");
    let attestation = signed(founded_red(42), 42);
    let belief = |listing, standing| {
        let statement = Statement::from_verified(&policy, &attestation, listing, now(), standing);
        policy.belief(&statement, now())
    };
    let listed = Listing { category, may_state: true, assigner_may: true };
    let contested = Belief::Believed { value: Value::Contested, age_minutes: 0 };
    assert_eq!(belief(listed, Standing::Contested), contested);
    assert_eq!(belief(listed, Standing::Overdue), Belief::Not(State::Unfounded));
    assert_eq!(
        belief(Listing { assigner_may: false, ..listed }, Standing::None),
        Belief::Not(State::Unfounded)
    );
    assert_eq!(belief(Listing { may_state: false, ..listed }, Standing::None), Belief::Not(State::Untrusted));
    assert_eq!(belief(Listing { category: None, ..listed }, Standing::None), Belief::Not(State::Untrusted));
}

#[test]
fn the_same_facts_under_three_provinces_labels_are_graded_by_the_baseline() {
    let policy = baseline();
    let graded = |issuer, status, label: &str| {
        let fields = ClaimFields { native_label: label.parse().ok(), ..code(issuer, status) };
        seen(&policy, fields, "health").grade()
    };
    assert_eq!(graded(11, CodeStatus::NoneStated, "弹窗3"), Some(Grade::Amber));
    assert_eq!(graded(45, CodeStatus::Green, "B3"), Some(Grade::Amber));
    assert_eq!(graded(13, CodeStatus::Amber, "红码（中风险旅居）"), Some(Grade::Red));
    assert_eq!(graded(11, CodeStatus::NoneStated, "弹窗9"), None);
}

#[test]
fn a_word_that_the_vocabulary_does_not_list_counts_as_absent() {
    let policy = baseline();
    let rumour = ClaimFields { assigned_for: "depositor".parse().ok(), ..founded_red(41) };
    assert_eq!(policy.belief(&seen(&policy, rumour, "health"), now()), Belief::Not(State::Unfounded));
}
