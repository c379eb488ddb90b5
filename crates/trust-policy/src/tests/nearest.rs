//! The nearest case: what it lacks is named, and mending that really admits.

use huxin_attest::TestResult::{Negative, Positive};
use proptest::prelude::*;

use super::fixture::{BASELINE, code, exam, facts, load, now, policy, situation, test, travel, vocabulary};
use super::random::{any_situation, any_statement, any_time, cases, shared};
use crate::statement::{Standing, Statement};
use crate::{Evidence, Facts, Gap, Lang, Nearest, Outcome, Policy, Situation};

/// The nearest case and its gaps: `condition found→needed +over`.
fn nearest(policy: &Policy, situation: &Situation, facts: &Facts<'_>) -> Option<(String, Vec<String>)> {
    let selected = policy.select(situation, now());
    let Nearest { case, say: _, gaps } = policy.nearest(&selected, facts, now())?;
    let shown = |gap: &Gap| format!("{} {}→{} +{}", gap.condition, gap.found, gap.needed, gap.over_minutes);
    Some((case.to_owned(), gaps.iter().map(shown).collect()))
}

fn travelling(age: Option<u8>, code: &[Statement], pcr: &[Statement]) -> Option<(String, Vec<String>)> {
    nearest(&policy(), &travel(), &facts(age, code, pcr, &[]))
}

fn expected(case: &str, gaps: &[&str]) -> Option<(String, Vec<String>)> {
    Some((case.to_owned(), gaps.iter().map(|gap| (*gap).to_owned()).collect()))
}

#[test]
fn a_test_that_is_one_minute_too_old_is_named_so() {
    let found = travelling(Some(34), &[code("00")], &[test(Negative, 2881)]);
    assert_eq!(found, expected("tested", &["nucleic_test_within 2881→2880 +1"]));
    let policy = policy();
    let (green, old) = ([code("00")], [test(Negative, 2881)]);
    let selected = policy.select(&travel(), now());
    let nearest = policy.nearest(&selected, &facts(Some(34), &green, &old, &[]), now()).unwrap();
    let text = |lang| nearest.gaps[0].text(lang).to_owned();
    assert_eq!(text(Lang::Zh), "核酸已有 48 小时 1 分，须在 48 小时以内，超过 1 分钟");
    assert_eq!(text(Lang::En), "the test is 48 h 1 min old; at most 48 h is needed: 1 min too old");
}

#[test]
fn a_stale_test_is_measured_too_and_a_missing_one_is_not() {
    let stale = travelling(Some(34), &[code("00")], &[test(Negative, 20_000)]);
    let gaps = ["nucleic_test stale→negative +0", "nucleic_test_within 20000→2880 +17120"];
    assert_eq!(stale, expected("tested", &gaps));
    let missing = travelling(Some(34), &[code("00")], &[]);
    assert_eq!(
        missing,
        expected("tested", &["nucleic_test none→negative +0", "nucleic_test_within →2880 +0"])
    );
}

#[test]
fn an_admission_has_no_nearest_case() {
    assert_eq!(travelling(Some(34), &[code("00")], &[test(Negative, 5)]), None);
    assert_eq!(travelling(Some(2), &[], &[]), None);
}

#[test]
fn nobody_is_told_to_be_younger_but_an_unknown_age_may_be_shown() {
    let three = travelling(Some(3), &[code("00")], &[test(Negative, 3000)]);
    assert_eq!(three, expected("tested", &["nucleic_test_within 3000→2880 +120"]));
    assert_eq!(travelling(None, &[], &[]), expected("infant", &["age_below unknown→3 +0"]));
}

#[test]
fn what_an_earlier_case_would_catch_all_the_same_is_a_gap_too() {
    // A founded red code: only another code admits. That it might be believed less is not offered.
    let red = travelling(Some(34), &[code("10")], &[test(Negative, 5)]);
    assert_eq!(red, expected("tested", &["health_code red→green +0"]));
    // A case without a condition on codes stands behind a review of red codes.
    let policy = of_cases(
        r#"{ id = "red", code = ["red"], then = "review" }, { id = "any", pcr = ["negative"], then = "admit" }"#,
    );
    let (red, negative) = ([code("10")], [test(Negative, 5)]);
    let found = nearest(&policy, &travel(), &facts(Some(34), &red, &negative, &[]));
    assert_eq!(found, expected("any", &["health_code red→green, contested, amber, none +0"]));
}

#[test]
fn a_case_that_no_statement_can_reach_is_not_offered() {
    let policy = of_cases(r#"{ id = "silent", code = ["unreachable", "stale"], then = "admit" }"#);
    assert_eq!(nearest(&policy, &travel(), &facts(Some(34), &[code("00")], &[], &[])), None);
}

#[test]
fn of_two_cases_with_one_gap_each_the_one_with_fewer_minutes_over_is_nearer() {
    let policy = of_cases(
        r#"{ id = "day", pcr = ["negative"], pcr_within = "24h", then = "admit" },
  { id = "two-days", pcr = ["negative"], pcr_within = "48h", then = "admit" }"#,
    );
    let found = nearest(&policy, &travel(), &facts(Some(34), &[code("10")], &[test(Negative, 2890)], &[]));
    assert_eq!(found, expected("two-days", &["nucleic_test_within 2890→2880 +10"]));
}

#[test]
fn an_examination_names_item_mark_and_age() {
    let reuse = Situation { area: Some("420106".parse().unwrap()), ..situation("exam_reuse") };
    let of = |statement| nearest(&policy(), &reuse, &facts(None, &[], &[], &[statement]));
    assert_eq!(of(exam("ct", "none", 5)), expected("listed", &["exam_quality none→national +0"]));
    assert_eq!(
        of(exam("blood", "national", 10_081)),
        expected("listed", &["exam_item blood→ct +0", "exam_within 10081→10080 +1"])
    );
    let gaps = ["exam_item →ct +0", "exam_quality →national +0", "exam_within 5→10080 +0"];
    assert_eq!(of(Statement { copy: true, ..exam("ct", "national", 5) }), expected("listed", &gaps));
}

/// Facts in which every gap is mended, in the way that `pick` chooses among the ways that are offered.
struct Remedy {
    age: Option<u8>,
    kinds: [Option<Vec<Statement>>; 3],
}

impl Remedy {
    fn of(gaps: &[Gap], found: &Facts<'_>, policy: &Policy, situation: &Situation, pick: usize) -> Self {
        let selected = policy.select(situation, now());
        let states = policy.decide(&selected, found, now()).states;
        let gap = |condition: &str| gaps.iter().find(|gap| gap.condition == condition);
        let choose = |gap: &Gap| {
            let ways: Vec<_> = gap.needed.split(", ").map(str::to_owned).collect();
            ways[pick % ways.len()].clone()
        };
        let minutes = |gap: &Gap| {
            let limit: i64 = gap.needed.parse().unwrap();
            [0, limit, limit / 2][pick % 3]
        };
        let age = gap("age_below").map_or(found.age, |gap| {
            Some(u8::try_from(pick % gap.needed.parse::<usize>().unwrap()).unwrap())
        });
        let codes = gap("health_code").map(|gap| match choose(gap).as_str() {
            "green" => vec![code("00")],
            "contested" => vec![Statement { standing: Standing::Contested, ..code("10") }],
            "amber" => vec![code("01")],
            "red" => vec![code("10")],
            "none" => Vec::new(),
            other => panic!("{other} is no code"),
        });
        let (value, within) = (gap("nucleic_test"), gap("nucleic_test_within"));
        let tests = (value.is_some() || within.is_some()).then(|| {
            // What is no gap stays as it was found.
            let (as_found, found_age) = match states[1] {
                crate::EvidenceState::Believed { value, age_minutes, .. } => (value.name(), age_minutes),
                _ => (["negative", "positive"][pick % 2], 7 * 24 * 60),
            };
            let age = within.map_or([0, found_age.into()][pick / 2 % 2], minutes);
            match value.map(choose).as_deref().unwrap_or(as_found) {
                "negative" => vec![test(Negative, age)],
                "positive" => vec![test(Positive, age)],
                "none" => Vec::new(),
                other => panic!("{other} is no result"),
            }
        });
        let exams = gaps.iter().any(|gap| gap.condition.starts_with("exam_")).then(|| {
            let vocabulary = policy.vocabulary();
            let (item, quality) = match states[2] {
                crate::EvidenceState::Believed { value: crate::Value::Exam { item, quality }, .. } => {
                    (item.map(|item| vocabulary.name(item)), quality.map(|mark| vocabulary.name(mark)))
                }
                _ => (Some("blood"), Some("none")),
            };
            let item = gap("exam_item").map(choose).or(item.map(str::to_owned)).unwrap_or_default();
            let quality = gap("exam_quality").map(choose).or(quality.map(str::to_owned)).unwrap_or_default();
            let found_age = match states[2] {
                crate::EvidenceState::Believed { age_minutes, .. } => age_minutes,
                _ => 30 * 24 * 60,
            };
            let age = gap("exam_within").map_or([0, found_age.into()][pick / 2 % 2], minutes);
            vec![exam(&item, &quality, age)]
        });
        Self { age, kinds: [codes, tests, exams] }
    }
}

fn mending_admits(
    policy: &Policy,
    situation: &Situation,
    facts: &Facts<'_>,
    pick: usize,
) -> Result<(), TestCaseError> {
    let selected = policy.select(situation, now());
    let decision = policy.decide(&selected, facts, now());
    let Some(nearest) = policy.nearest(&selected, facts, now()) else { return Ok(()) };
    prop_assert_eq!(decision.outcome, Outcome::Review);
    prop_assert!(!nearest.gaps.is_empty());
    for gap in &nearest.gaps {
        prop_assert!(
            !gap.needed.is_empty() && !gap.text(Lang::Zh).is_ascii() && gap.text(Lang::En).is_ascii()
        );
        prop_assert!(!gap.needed.split(", ").any(|needed| needed == gap.found));
    }
    let remedy = Remedy::of(&nearest.gaps, facts, policy, situation, pick);
    let mut evidence = facts.evidence;
    for (evidence, kind) in evidence.iter_mut().zip(&remedy.kinds) {
        if let Some(statements) = kind {
            *evidence = Evidence { statements, unreachable: false };
        }
    }
    let mended = Facts { age: remedy.age, evidence };
    let decision = policy.decide(&selected, &mended, now());
    prop_assert_eq!(decision.outcome, Outcome::Admit, "{:?} caught by {:?}", nearest, decision.case);
    Ok(())
}

/// A condition of a random case, or none.
fn any_case() -> impl Strategy<Value = String> {
    let some = |words: &'static [&'static str]| {
        proptest::option::of(prop::sample::subsequence(words, 1..=words.len().min(3)))
    };
    let list = |key: &'static str, words: Option<Vec<&str>>| {
        words.map(|words| format!("{key} = [\"{}\"], ", words.join("\", \""))).unwrap_or_default()
    };
    let codes =
        &["green", "contested", "amber", "red", "none", "unfounded", "hearsay", "stale", "unreachable"];
    let results = &["negative", "positive", "none", "stale"];
    let limit = || proptest::option::weighted(0.3, prop::sample::select(vec!["30m", "24h", "48h", "6d"]));
    let age = proptest::option::weighted(0.2, prop::sample::select(vec![1, 3, 60]));
    let exams = (
        proptest::option::weighted(0.2, prop::sample::subsequence(&["blood", "ct"], 1..=2)),
        proptest::option::weighted(0.2, prop::sample::subsequence(&["national", "none"], 1..=2)),
        limit(),
    );
    (age, some(codes), some(results), limit(), exams, any::<bool>()).prop_map(
        move |(age, code, pcr, pcr_within, (item, quality, exam_within), admits)| {
            let age = age.map(|age| format!("age_below = {age}, ")).unwrap_or_default();
            let limit = |key: &str, limit: Option<&str>| {
                limit.map(|limit| format!("{key} = \"{limit}\", ")).unwrap_or_default()
            };
            let conditions = [
                age,
                list("code", code),
                list("pcr", pcr),
                limit("pcr_within", pcr_within),
                list("exam_item", item),
                list("exam_quality", quality),
                limit("exam_within", exam_within),
            ];
            format!("{}then = \"{}\"", conditions.concat(), if admits { "admit" } else { "review" })
        },
    )
}

/// The baseline with other cases in its rule on travel.
fn with_cases(cases: &str) -> String {
    let start = BASELINE.find("id = \"R2\"").unwrap();
    let end = BASELINE.find("id = \"R3\"").unwrap();
    let rule = format!(
        r#"id = "R2"
title = "出行"
when = {{ purpose = ["travel"], from_risk = ["low"] }}
ask = ["health_code", "nucleic_test", "exam_result"]
cases = [
{cases}]
otherwise = {{ then = "review" }}
province_may = "loosen"
owner = "乙"
basis = "二"
[[rule]]
"#
    );
    [&BASELINE[..start], &rule, &BASELINE[end..]].concat()
}

fn of_cases(cases: &str) -> Policy {
    load(&with_cases(cases), None).unwrap_or_else(|found| panic!("{}", found.render(Lang::En, false)))
}

/// A policy whose rule on travel has random cases about every kind; such as could never match are left out.
fn any_policy() -> impl Strategy<Value = Policy> {
    proptest::collection::vec(any_case(), 1..6).prop_map(|cases| {
        let mut kept = String::new();
        for (n, case) in cases.iter().enumerate() {
            let more = format!("{kept}{{ id = \"c{n}\", {case} }},\n");
            match load(&with_cases(&more), None) {
                Ok(_) => kept = more,
                Err(dead) => assert!(dead.iter().all(|finding| finding.code == "E054"), "{dead}"),
            }
        }
        of_cases(&kept)
    })
}

prop_compose! {
    /// Statements as they mostly are: a few codes, tests and examinations of any age.
    fn any_facts()(
        age in proptest::option::of(prop::sample::select(vec![0_u8, 2, 3, 34, 70])),
        status in proptest::option::of(prop::sample::select(vec!["00", "01", "10", "11"])),
        (standing, copy) in (prop::sample::select(vec![Standing::None, Standing::Contested, Standing::Overdue]), prop::bool::weighted(0.1)),
        pcr in proptest::option::of((any::<bool>(), prop::sample::select(vec![0_i64, 30, 31, 1441, 2880, 2881, 8641, 20_000]))),
        exam_of in proptest::option::of((prop::sample::select(vec!["ct", "blood", "teeth"]), prop::sample::select(vec!["national", "none", "odd"]), prop::sample::select(vec![0_i64, 31, 1441, 2881, 9000]))),
        unreachable in any::<[bool; 3]>(),
    ) -> (Option<u8>, [Vec<Statement>; 3], [bool; 3]) {
        let codes = status.map(|status| Statement { standing, copy, ..code(status) });
        let tests = pcr.map(|(negative, age)| test(if negative { Negative } else { Positive }, age));
        let exams = exam_of.map(|(item, quality, age)| exam(item, quality, age));
        (age, [codes, tests, exams].map(|statement| statement.into_iter().collect()), unreachable)
    }
}

fn baseline_alone() -> &'static Policy {
    static POLICY: std::sync::LazyLock<Policy> = std::sync::LazyLock::new(policy);
    &POLICY
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn mending_every_gap_admits_by_the_policy_of_the_tests(
        (age, statements, unreachable) in any_facts(),
        place in proptest::option::of(prop::sample::select(vec!["shop", "hospital"])),
        purpose in prop::sample::select(vec!["visit", "travel", "exam_reuse"]),
        low in any::<bool>(),
        pick in 0..1000_usize,
    ) {
        let vocabulary = vocabulary();
        let risk = if low { vocabulary.low() } else { vocabulary.unknown() };
        let situation = Situation {
            place: place.and_then(|place| vocabulary.place(place)),
            area: Some("440106".parse().unwrap()),
            here_risk: risk,
            from_risk: risk,
            ..situation(purpose)
        };
        let [code, pcr, exam] = [0, 1, 2].map(|kind: usize| Evidence { statements: &statements[kind], unreachable: unreachable[kind] });
        let facts = Facts { age, evidence: [code, pcr, exam] };
        mending_admits(baseline_alone(), &situation, &facts, pick)?;
        mending_admits(shared(), &situation, &facts, pick)?;
    }

    #[test]
    fn nothing_panics_and_an_admission_has_no_nearest_case(
        situation in any_situation(),
        age in any::<Option<u8>>(),
        statements in proptest::collection::vec(any_statement(), 0..6),
        unreachable in any::<[bool; 3]>(),
        at in any_time(),
    ) {
        let policy = shared();
        let facts = Facts { age, evidence: unreachable.map(|unreachable| Evidence { statements: &statements, unreachable }) };
        let selected = policy.select(&situation, at);
        let admitted = policy.decide(&selected, &facts, at).outcome == Outcome::Admit;
        prop_assert!(!admitted || policy.nearest(&selected, &facts, at).is_none());
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn mending_every_gap_admits_by_any_policy(
        policy in any_policy(),
        people in proptest::collection::vec((any_facts(), 0..1000_usize), 8),
    ) {
        for ((age, statements, unreachable), pick) in &people {
            let [code, pcr, exam] = [0, 1, 2].map(|kind: usize| Evidence { statements: &statements[kind], unreachable: unreachable[kind] });
            let facts = Facts { age: *age, evidence: [code, pcr, exam] };
            mending_admits(&policy, &travel(), &facts, *pick)?;
        }
    }
}
