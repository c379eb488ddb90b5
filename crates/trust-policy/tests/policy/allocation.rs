//! Selecting and deciding borrow from the policy and allocate nothing.

use huxin_attest::{CodeStatus, TestResult};
use huxin_trust_policy::{Evidence, Facts, Outcome};

use crate::support::{code, founded_red, load, now, seen, test, travel};

#[test]
fn a_decision_allocates_nothing() {
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(vec![1_u8])));
    assert_eq!(counted.count_total, 1, "the counter counts");
    let policy = load(44, Some("province-44.toml"));
    let codes = [
        seen(&policy, code(42, CodeStatus::Green), "data_bureau"),
        seen(&policy, code(41, CodeStatus::Red), "data_bureau"),
    ];
    let tests = [seen(&policy, test(43, TestResult::Negative, 30), "licensed_lab")];
    let red = [seen(&policy, founded_red(42), "health")];
    let situation = travel(&policy);
    let of = |statements| Evidence { statements, unreachable: false };
    for (codes, outcome) in [(&codes[..], Outcome::Admit), (&red[..], Outcome::Review)] {
        let facts = Facts { age: Some(30), evidence: [of(codes), of(&tests), of(&[])] };
        let mut found = None;
        let cost = allocation_counter::measure(|| {
            let selected = policy.select(&situation, now());
            let decision = policy.decide(&selected, &facts, now());
            found = Some((decision.outcome, decision.must.names().count()));
        });
        assert_eq!(found.map(|(outcome, _)| outcome), Some(outcome));
        assert_eq!(cost.count_total, 0);
    }
}
