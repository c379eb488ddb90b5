use std::collections::HashSet;

use huxin_attest::{CodeStatus, Kind, SubjectSalt, TestResult, UnixMs, UnixSecs, statement_digest};

use super::*;
use crate::line::{LineParser, csv_header, parse_line};

fn scene(region: &str, people: u32, seed: u64) -> Scene {
    Scene {
        region: region.parse().unwrap(),
        people,
        seed,
        now: UnixSecs::at(UnixMs::parse_rfc3339("2022-07-08T09:00:00+08:00").unwrap()),
        assigner: "cdc".parse().unwrap(),
        evidence_by: "health-commission".parse().unwrap(),
    }
}

fn numbers(scene: Scene) -> Vec<String> {
    generate(scene).map(|person| person.document.number().to_owned()).collect()
}

#[test]
fn the_same_seed_gives_the_same_people_and_another_seed_others() {
    let first: Vec<_> = generate(scene("42", 200, 7)).collect();
    assert_eq!(first, generate(scene("42", 200, 7)).collect::<Vec<_>>());
    assert_ne!(numbers(scene("42", 200, 7)), numbers(scene("42", 200, 8)));
    assert_eq!(numbers(scene("42", 200, 7)), numbers(scene("42", 400, 7))[..200]);
}

#[test]
fn all_numbers_are_different_and_visibly_synthetic() {
    let numbers = numbers(scene("44", 100_000, 1));
    assert!(numbers.iter().all(|number| number.starts_with("4499") && number.len() == 18));
    assert_eq!(numbers.iter().collect::<HashSet<_>>().len(), 100_000);
}

#[test]
fn one_county_and_sequence_number_never_meets_a_birth_date_twice() {
    let scene = scene("44", MAX_PEOPLE, 3);
    let calendar = people::Calendar::until(scene.now);
    for slot in [0, 5, 98_900] {
        let rounds = (slot..MAX_PEOPLE).step_by(98_901);
        let numbers: Vec<_> =
            rounds.map(|index| people::document(&scene, &calendar, index).number().to_owned()).collect();
        assert!(numbers.len() > 2000 && numbers.iter().all(|number| number[..6] == numbers[0][..6]));
        assert_eq!(numbers.iter().collect::<HashSet<_>>().len(), numbers.len());
    }
}

#[test]
fn everyone_was_born_between_1930_and_yesterday() {
    let scene = scene("42", 20_000, 1);
    let today = scene.now.to_ms().local_date();
    let ages: Vec<u8> = generate(scene).map(|person| person.document.age_on(today).unwrap()).collect();
    assert!(ages.iter().all(|age| *age <= 92));
    assert!(ages.iter().any(|age| *age < 3) && ages.iter().any(|age| *age > 80));
    let adults = ages.iter().filter(|age| (26..=45).contains(*age)).count();
    assert!((5000..7000).contains(&adults), "{adults}");
}

#[test]
fn colours_and_tests_have_the_shares_that_are_promised() {
    let people: Vec<_> = generate(scene("42", 100_000, 1)).collect();
    let share = |wanted: fn(&SyntheticPerson) -> bool| people.iter().filter(|person| wanted(person)).count();
    let green = share(|person| person.code.status == Some(CodeStatus::Green));
    let amber = share(|person| person.code.status == Some(CodeStatus::Amber));
    let red = share(|person| person.code.status == Some(CodeStatus::Red));
    let tested = share(|person| person.test.is_some());
    let result = |person: &SyntheticPerson| person.test.as_ref().and_then(|test| test.result);
    let positive = people.iter().filter(|person| result(person) == Some(TestResult::Positive)).count();
    assert_eq!(green + amber + red, people.len());
    assert!((1700..2300).contains(&amber) && (900..1300).contains(&red), "{amber} {red}");
    assert!((78_000..82_000).contains(&tested) && (40..130).contains(&positive), "{tested} {positive}");
    let sick = people.iter().filter(|person| result(person) == Some(TestResult::Positive));
    assert!(sick.into_iter().all(|person| person.code.status == Some(CodeStatus::Red)));
}

#[test]
fn tests_were_reported_within_96_hours_and_sampled_before() {
    let scene = scene("42", 20_000, 1);
    for test in generate(scene).filter_map(|person| person.test) {
        let (sampled, reported) = (test.sampled_at.unwrap(), test.reported_at.unwrap());
        assert!(sampled < reported && (0..=96 * 3600).contains(&(scene.now.get() - reported.get())));
    }
}

#[test]
fn a_red_or_amber_code_points_to_evidence_that_another_department_can_state() {
    let scene = scene("42", 20_000, 1);
    let mut coloured = 0;
    for person in generate(scene) {
        let needs = person.code.status.is_some_and(CodeStatus::needs_foundation);
        assert_eq!(needs, person.evidence.is_some());
        let Some(evidence) = person.evidence else { continue };
        coloured += 1;
        assert!(person.code.assigner.is_some() && person.code.assigned_for.is_some());
        // Any salt and time may be passed at the import: the line fixes its own.
        let later = UnixSecs::new(scene.now.get() + 60).unwrap();
        let ready =
            evidence.into_claims(scene.evidence_by, scene.region, later, SubjectSalt([9; 16])).unwrap();
        assert_eq!(ready.claims.item, Some(person.code.evidence[0].kind));
        assert_eq!(statement_digest(&ready.claims.to_bytes()), person.code.evidence[0].digest);
    }
    assert!(coloured > 400);
}

#[test]
fn every_fact_survives_its_line_in_both_forms_and_becomes_claims() {
    let csv = LineParser::csv(csv_header().as_bytes()).unwrap();
    for region in ["11", "41", "42", "44", "45", "91", "92"] {
        let scene = scene(region, 2000, 5);
        for person in generate(scene) {
            for fact in [Some(person.code), person.evidence, person.test].into_iter().flatten() {
                assert_eq!(parse_line(&fact.to_line()), Ok(fact.clone()));
                assert_eq!(csv.parse(fact.to_csv().as_bytes()), Ok(fact.clone()));
                assert!(fact.kind != Kind::HealthCode || fact.native_label.is_some());
                fact.into_claims(scene.assigner, scene.region, scene.now, SubjectSalt([9; 16])).unwrap();
            }
        }
    }
}
