//! Inside a rule: cases from the top, all conditions of a case, states only where named.

use huxin_attest::TestResult::{Negative, Positive};

use super::fixture::{code, exam, facts, minutes_ago, now, policy, situation, test, travel, vocabulary};
use crate::statement::{Standing, Statement};
use crate::{EvidenceState, Facts, Outcome, Situation};

fn case(situation: &Situation, facts: &Facts<'_>) -> String {
    let policy = policy();
    let selected = policy.select(situation, now());
    policy.decide(&selected, facts, now()).case.unwrap_or("").to_owned()
}

#[test]
fn the_first_case_that_holds_decides() {
    let negative = [test(Negative, 10)];
    let positive = [test(Positive, 10)];
    let green = [code("00")];
    assert_eq!(case(&travel(), &facts(Some(2), &green, &positive, &[])), "infant");
    assert_eq!(case(&travel(), &facts(Some(3), &green, &positive, &[])), "positive");
    assert_eq!(case(&travel(), &facts(Some(3), &green, &negative, &[])), "tested");
    assert_eq!(case(&travel(), &facts(Some(3), &green, &[], &[])), "otherwise");
}

#[test]
fn an_unknown_age_meets_no_limit() {
    assert_eq!(case(&travel(), &facts(None, &[], &[], &[])), "otherwise");
}

#[test]
fn a_time_limit_is_inclusive_and_counted_in_whole_minutes() {
    let green = [code("00")];
    assert_eq!(case(&travel(), &facts(None, &green, &[test(Negative, 2880)], &[])), "tested");
    let seconds_later =
        Statement { reported_at: Some(minutes_ago(2880).saturating_add_ms(-59_999)), ..test(Negative, 2880) };
    assert_eq!(case(&travel(), &facts(None, &green, &[seconds_later], &[])), "tested");
    assert_eq!(case(&travel(), &facts(None, &green, &[test(Negative, 2881)], &[])), "otherwise");
}

#[test]
fn a_state_matches_only_where_it_is_named() {
    let negative = [test(Negative, 10)];
    let unfounded = [Statement { assigner: None, ..code("10") }];
    let hearsay = [Statement { copy: true, ..code("10") }];
    let contested = [Statement { standing: Standing::Contested, ..code("10") }];
    let unmapped = [Statement { grade: None, ..code("10") }];
    assert_eq!(case(&travel(), &facts(None, &unfounded, &negative, &[])), "unfounded");
    assert_eq!(case(&travel(), &facts(None, &hearsay, &negative, &[])), "unfounded");
    assert_eq!(case(&travel(), &facts(None, &contested, &negative, &[])), "contested");
    assert_eq!(case(&travel(), &facts(None, &unmapped, &negative, &[])), "otherwise");
    assert_eq!(case(&travel(), &facts(None, &[], &[test(Negative, 20_000)], &[])), "withdrawn");
}

#[test]
fn the_table_of_hours_goes_by_place_and_risk_here() {
    let vocabulary = vocabulary();
    let visit = Situation { place: vocabulary.place("hospital"), ..situation("visit") };
    let at_low = Situation { here_risk: vocabulary.low(), ..visit };
    let case =
        |situation, hours: i64| case(&situation, &facts(None, &[], &[test(Negative, hours * 60)], &[]));
    assert_eq!(case(at_low, 48), "tested");
    assert_eq!(case(at_low, 49), "otherwise");
    assert_eq!(case(visit, 24), "tested");
    assert_eq!(case(visit, 25), "otherwise");
}

#[test]
fn an_examination_must_be_believed_and_listed_and_young() {
    let reuse = Situation { area: Some("420106".parse().unwrap()), ..situation("exam_reuse") };
    let case = |statement| case(&reuse, &facts(None, &[], &[], &[statement]));
    let week = 7 * 24 * 60;
    assert_eq!(case(exam("ct", "national", week)), "listed");
    assert_eq!(case(exam("ct", "national", week + 1)), "otherwise");
    assert_eq!(case(exam("ct", "none", 5)), "otherwise");
    assert_eq!(case(exam("blood", "national", 5)), "otherwise");
    assert_eq!(case(exam("teeth", "national", 5)), "otherwise");
    assert_eq!(case(Statement { copy: true, ..exam("ct", "national", 5) }), "otherwise");
}

#[test]
fn what_is_not_asked_is_not_looked_at() {
    let (policy, vocabulary) = (policy(), vocabulary());
    let visit = Situation { place: vocabulary.place("hospital"), ..situation("visit") };
    let selected = policy.select(&visit, now());
    let (red, negative) = ([code("10")], [test(Negative, 5)]);
    let decision = policy.decide(&selected, &facts(Some(30), &red, &negative, &[]), now());
    assert_eq!(decision.outcome, Outcome::Admit);
    assert_eq!(decision.states[0], EvidenceState::NotAsked);
    assert_eq!(decision.states[2], EvidenceState::NotAsked);
}

#[test]
fn a_decision_carries_its_reasons() {
    let policy = policy();
    let selected = policy.select(&travel(), now());
    let (green, negative) = ([code("00")], [test(Negative, 5)]);
    let decision = policy.decide(&selected, &facts(None, &green, &negative, &[]), now());
    assert_eq!((decision.rule, decision.case), (Some("R2"), Some("tested")));
    assert_eq!((decision.title, decision.owner, decision.basis), ("出行", "乙", "二"));
    assert_eq!(decision.must.names().collect::<Vec<_>>(), ["mask", "test"]);
    assert_eq!(&*decision.appeal.contact, "12345");
    assert_eq!(decision.appeal.answer_within.map(crate::Minutes::get), Some(48 * 60));
    let decision = policy.decide(&selected, &facts(None, &green, &[], &[]), now());
    assert_eq!((decision.outcome, decision.say), (Outcome::Review, "不全"));
    assert_eq!(decision.must.names().count(), 0);
}

#[test]
fn a_rule_that_asks_nothing_admits() {
    let (policy, vocabulary) = (policy(), vocabulary());
    let low = vocabulary.low();
    let shop = Situation { place: vocabulary.place("shop"), here_risk: low, ..situation("visit") };
    let selected = policy.select(&shop, now());
    let red = [code("10")];
    let decision = policy.decide(&selected, &facts(None, &red, &[], &[]), now());
    assert!(decision.asked.is_empty());
    assert_eq!((decision.outcome, decision.rule, decision.case), (Outcome::Admit, Some("R1"), None));
}
