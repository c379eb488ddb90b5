//! Whatever comes, nothing panics: random situations and facts are decided, random texts are read or refused.

use huxin_attest::{Kind, TestResult, UnixMs};
use proptest::prelude::*;

use super::fixture::{BASELINE, OVERLAY, VOCABULARY, load, now, region, vocabulary, with_overlay};
use crate::statement::{Standing, Statement};
use crate::terms::{Set, Term};
use crate::{Evidence, EvidenceState, Facts, Grade, Lang, Outcome, Places, RiskAreas, Situation, Vocabulary};

/// Any index, also such as no vocabulary gives out.
fn any_term<T: Term + std::fmt::Debug>() -> impl Strategy<Value = T> {
    prop_oneof![8 => 0..4_u8, 1 => any::<u8>()].prop_map(T::from_index)
}

pub(super) fn any_time() -> impl Strategy<Value = UnixMs> {
    let near = (-12_000_000_000_i64..1_000_000_000).prop_map(|ms| now().saturating_add_ms(ms));
    prop_oneof![2 => Just(now()), 6 => near, 1 => any::<i64>().prop_map(|ms| UnixMs::default().saturating_add_ms(ms))]
}

pub(super) fn any_situation() -> impl Strategy<Value = Situation> {
    let area =
        proptest::option::of(prop_oneof![Just("440106"), Just("440306"), Just("420106"), Just("110101")]);
    (any_term(), proptest::option::of(any_term()), area, any_term(), any_term()).prop_map(
        |(purpose, place, area, here_risk, from_risk)| Situation {
            purpose,
            place,
            area: area.map(|area| area.parse().unwrap()),
            here_risk,
            from_risk,
        },
    )
}

prop_compose! {
    pub(super) fn any_statement()(
        (kind, issuer, category, may_state, copy) in (
            prop::sample::select(Kind::ALL.to_vec()),
            prop::sample::select(vec![41, 42, 43, 44, 91]),
            proptest::option::of(any_term()),
            prop::bool::weighted(0.9),
            prop::bool::weighted(0.1),
        ),
        (grade, standing, assigner, assigner_may, assigned_for, evidence) in (
            proptest::option::of(prop::sample::select(Grade::ALL.to_vec())),
            prop::sample::select(vec![Standing::None, Standing::Contested, Standing::Overdue]),
            proptest::option::of(any_term()),
            any::<bool>(),
            proptest::option::of(any_term()),
            proptest::collection::vec(any_term(), 0..4),
        ),
        (result, item, quality) in (
            proptest::option::of(prop::sample::select(TestResult::ALL.to_vec())),
            proptest::option::of(any_term()),
            proptest::option::of(any_term()),
        ),
        (sampled_at, reported_at, checked_at, stated_at, valid_until) in (
            proptest::option::of(any_time()),
            proptest::option::of(any_time()),
            any_time(),
            any_time(),
            proptest::option::of(any_time()),
        ),
    ) -> Statement {
        Statement {
            kind, issuer: region(issuer), category, may_state, copy, grade, standing, assigner, assigner_may,
            assigned_for, evidence: evidence.into_iter().collect::<Set<_>>(), result, item, quality, sampled_at,
            reported_at, checked_at, stated_at, valid_until,
        }
    }
}

/// How many cases a property is tried with; `PROPTEST_CASES` sets another number for all.
pub(super) fn cases(usual: u32) -> ProptestConfig {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(usual),
    }
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn every_situation_and_every_fact_is_decided(
        situation in any_situation(),
        age in any::<Option<u8>>(),
        statements in proptest::collection::vec(any_statement(), 0..6),
        unreachable in any::<[bool; 3]>(),
        now in any_time(),
    ) {
        let policy = shared();
        let facts = Facts {
            age,
            evidence: unreachable.map(|unreachable| Evidence { statements: &statements, unreachable }),
        };
        let selected = policy.select(&situation, now);
        let decision = policy.decide(&selected, &facts, now);
        prop_assert_eq!(decision.asked, selected.ask());
        prop_assert_eq!(decision.case.is_some(), !decision.asked.is_empty());
        prop_assert!(decision.rule.is_some() || decision.outcome == Outcome::Admit);
        for (kind, state) in Kind::TRAVELLING.into_iter().zip(decision.states) {
            prop_assert_eq!(decision.asked.contains(kind), state != EvidenceState::NotAsked);
            if let EvidenceState::Believed { statement: Some(index), .. } = state {
                prop_assert_eq!(statements[index].kind, kind);
            }
        }
    }

    #[test]
    fn the_order_of_statements_never_changes_the_answer(
        statements in proptest::collection::vec(any_statement(), 0..6),
        situation in any_situation(),
    ) {
        let policy = shared();
        let decide = |statements: &[Statement]| {
            let facts = Facts { age: None, evidence: [Evidence { statements, unreachable: false }; 3] };
            let decision = policy.decide(&policy.select(&situation, now()), &facts, now());
            (decision.outcome, decision.case)
        };
        let reversed: Vec<_> = statements.iter().rev().copied().collect();
        prop_assert_eq!(decide(&statements), decide(&reversed));
    }
}

pub(super) fn shared() -> &'static crate::Policy {
    static POLICY: std::sync::LazyLock<crate::Policy> = std::sync::LazyLock::new(with_overlay);
    &POLICY
}

/// A text with a few pieces cut, doubled or replaced.
fn mutated(text: &'static str) -> impl Strategy<Value = String> {
    let junk = prop_oneof![
        Just("\""),
        Just("["),
        Just("]]"),
        Just("{"),
        Just("}"),
        Just("="),
        Just("\n"),
        Just(","),
        Just("[[rule]]\n"),
        Just("[policy]\n"),
        Just("[rule.when]\n"),
        Just("绿码"),
        Just("\u{0}"),
        Just("'''"),
        Just("\u{1b}"),
        Just("a.b = 1\n"),
        Just("1e9999"),
        Just("2022-07-01"),
        Just("[grades]\n"),
        Just("[[grades.all]]\n"),
    ];
    let change = (any::<prop::sample::Index>(), 0..40_usize, junk);
    proptest::collection::vec(change, 1..5).prop_map(move |changes| {
        let mut characters: Vec<char> = text.chars().collect();
        for (index, length, junk) in changes {
            let start = index.index(characters.len().max(1)).min(characters.len());
            let end = (start + length).min(characters.len());
            characters.splice(start..end, junk.chars());
        }
        characters.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn a_mutated_baseline_is_read_or_refused_and_explained(text in mutated(BASELINE)) {
        check(load(&text, None))?;
    }

    #[test]
    fn a_mutated_overlay_is_read_or_refused_and_explained(text in mutated(OVERLAY)) {
        check(load(BASELINE, Some(&text)))?;
    }

    #[test]
    fn a_mutated_vocabulary_is_read_or_refused_and_explained(text in mutated(VOCABULARY)) {
        check(Vocabulary::parse("v", &text))?;
    }

    #[test]
    fn any_text_is_refused_or_read_as_places_and_risk_areas(text in "[\\[\\]{}=\"a-z0-9\n .,#绿]{0,200}") {
        check(Places::parse("p", &text, &vocabulary(), region(44)))?;
        check(RiskAreas::parse("r", &text, &vocabulary()))?;
    }
}

fn check<T>(result: Result<T, crate::Diagnostics>) -> Result<(), TestCaseError> {
    let Err(diagnostics) = result else { return Ok(()) };
    prop_assert!(!diagnostics.is_empty(), "a refusal says why");
    prop_assert!(!diagnostics.render(Lang::Zh, true).is_empty());
    prop_assert!(diagnostics.iter().all(|finding| finding.line > 0 && finding.column > 0));
    Ok(())
}
