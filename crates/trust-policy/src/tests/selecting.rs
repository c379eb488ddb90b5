//! Which rule governs: boxes, the overlay's ground, validity.

use huxin_attest::{Kinds, UnixMs};

use super::fixture::{at, facts, now, policy, situation, travel, vocabulary, with_overlay};
use crate::{Outcome, Phase, Policy, Situation};

fn rule<'p>(policy: &'p Policy, situation: &Situation, now: UnixMs) -> Option<&'p str> {
    policy.select(situation, now).rule_id()
}

fn with_area(situation: Situation, area: &str) -> Situation {
    Situation { area: Some(area.parse().unwrap()), ..situation }
}

#[test]
fn a_box_holds_what_it_names_and_all_that_it_does_not_name() {
    let (policy, vocabulary) = (policy(), vocabulary());
    let shop = Situation { place: vocabulary.place("shop"), ..situation("visit") };
    assert_eq!(rule(&policy, &Situation { here_risk: vocabulary.low(), ..shop }, now()), Some("R1"));
    assert_eq!(rule(&policy, &shop, now()), None, "an unknown risk is not low");
    let hospital = Situation { place: vocabulary.place("hospital"), ..shop };
    assert_eq!(rule(&policy, &hospital, now()), Some("R3"));
    assert_eq!(rule(&policy, &with_area(hospital, "440106"), now()), Some("R3"));
    assert_eq!(rule(&policy, &situation("travel"), now()), None);
    assert_eq!(rule(&policy, &travel(), now()), Some("R2"));
}

#[test]
fn a_missing_place_or_area_lies_in_no_box_that_names_one() {
    let policy = policy();
    let reuse = situation("exam_reuse");
    assert_eq!(rule(&policy, &situation("visit"), now()), None);
    assert_eq!(rule(&policy, &reuse, now()), None);
    assert_eq!(rule(&policy, &with_area(reuse, "421003"), now()), Some("R4"));
    assert_eq!(rule(&policy, &with_area(reuse, "440106"), now()), Some("R4"));
    assert_eq!(rule(&policy, &with_area(reuse, "440306"), now()), None);
}

#[test]
fn where_no_rule_reaches_nothing_is_asked_and_the_person_is_admitted() {
    let policy = policy();
    let selected = policy.select(&situation("visit"), now());
    let decision = policy.decide(&selected, &facts(None, &[], &[], &[]), now());
    assert_eq!((decision.outcome, decision.asked, decision.rule), (Outcome::Admit, Kinds::NONE, None));
    assert_eq!((decision.say, decision.case, decision.owner), ("不查", None, "国家"));
}

#[test]
fn an_overlay_rule_replaces_inside_its_box_and_nowhere_else() {
    let policy = with_overlay();
    assert_eq!(rule(&policy, &with_area(travel(), "440106"), now()), Some("P2"));
    assert!(policy.select(&with_area(travel(), "440106"), now()).from_overlay());
    assert_eq!(rule(&policy, &with_area(travel(), "440306"), now()), Some("R2"));
    assert_eq!(rule(&policy, &with_area(travel(), "420106"), now()), Some("R2"));
    assert_eq!(rule(&policy, &travel(), now()), Some("R2"), "a missing area lies in no box that names one");
}

#[test]
fn an_overlay_counts_from_its_first_instant_until_just_before_its_last() {
    let policy = with_overlay();
    let guangzhou = with_area(travel(), "440106");
    for (time, expected) in [
        ("2022-07-04T23:59:59.999+08:00", "R2"),
        ("2022-07-05T00:00:00+08:00", "P2"),
        ("2022-07-19T23:59:59.999+08:00", "P2"),
        ("2022-07-20T00:00:00+08:00", "R2"),
    ] {
        assert_eq!(rule(&policy, &guangzhou, at(time)), Some(expected), "{time}");
    }
}

#[test]
fn outside_the_baselines_validity_nothing_may_be_asked_or_told() {
    let (policy, vocabulary) = (with_overlay(), vocabulary());
    let (purpose, health) = (vocabulary.purpose("travel").unwrap(), vocabulary.department("health").unwrap());
    let code: Kinds = [huxin_attest::Kind::HealthCode].into_iter().collect();
    for (time, phase) in [
        ("2022-06-30T23:59:59.999+08:00", Phase::NotYet),
        ("2022-07-01T00:00:00+08:00", Phase::InForce),
        ("2022-07-31T23:59:59.999+08:00", Phase::InForce),
        ("2022-08-01T00:00:00+08:00", Phase::Expired),
    ] {
        let time = at(time);
        let in_force = phase == Phase::InForce;
        assert_eq!(policy.validity(time).baseline.phase, phase);
        let selected = policy.select(&travel(), time);
        assert_eq!(selected.rule_id().is_some(), in_force);
        assert_eq!(!selected.ask().is_empty(), in_force);
        assert_eq!(policy.disclose(purpose, health, code, time).is_some(), in_force);
        if !in_force {
            assert_eq!(policy.decide(&selected, &facts(None, &[], &[], &[]), time).outcome, Outcome::Admit);
        }
    }
}

#[test]
fn a_policy_is_shared_by_all_runtimes() {
    fn shareable<T: Send + Sync + 'static>() {}
    shareable::<Policy>();
    shareable::<crate::Places>();
    shareable::<crate::RiskAreas>();
}
