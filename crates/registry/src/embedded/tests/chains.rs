//! What a look-up returns after writes.

use huxin_attest::TestResult::{Negative, Positive};

use super::*;
use crate::error::Refusal;
use crate::testing::{code, contest, digest, secs, state, test, withdraw};

fn kinds(kind: Kind) -> Kinds {
    Kinds::NONE.with(kind)
}

#[test]
fn a_look_up_returns_the_signed_bytes_and_the_salt_as_they_came() {
    let registry = memory();
    let (green, negative) = (code(1, "d0", "00", 0), test(1, "d1", Negative, 0));
    commit(&registry, &[green.clone(), negative.clone()]);
    let found = registry.look_up(&person(1), all()).unwrap();
    assert!(!found.more);
    for (held, write) in found.heads.iter().zip([&green, &negative]) {
        let Write::State { attestation, envelope, salt, .. } = write else { unreachable!() };
        assert_eq!((&held.envelope, held.subject_salt), (envelope, *salt));
        assert_eq!((held.kind, held.digest, held.hop), (attestation.claims.kind, attestation.digest, 0));
    }
    let tests = registry.look_up(&person(1), kinds(Kind::NucleicTest)).unwrap();
    assert_eq!(tests.heads, found.heads[1..]);
    assert_eq!(registry.look_up(&person(2), all()).unwrap(), Found::default());
    assert_eq!(registry.look_up(&person(1), Kinds::NONE).unwrap(), Found::default());
}

#[test]
fn the_newest_sample_is_the_head_whatever_arrives_last() {
    let registry = memory();
    let (old, new) = (test(1, "d0", Negative, -7200), test(1, "d0", Negative, -3600));
    assert_eq!(outcomes(&registry, &[new.clone(), old.clone()]), [Outcome::Done, Outcome::Late]);
    assert_eq!(heads(&registry, 1), [digest(&new)]);
    assert_eq!(states(&registry, 1), [(digest(&new), State::Head), (digest(&old), State::Past)]);
}

#[test]
fn a_test_counts_from_its_sample_before_its_report_and_a_code_from_its_statement() {
    let registry = memory();
    let sampled_late = state(1, Kind::NucleicTest, "d0", |fields| {
        fields.result = Some(Negative);
        (fields.sampled_at, fields.reported_at) = (Some(secs(-100)), Some(secs(-50)));
    });
    let reported_late = state(1, Kind::NucleicTest, "d0", |fields| {
        fields.result = Some(Negative);
        (fields.sampled_at, fields.reported_at) = (Some(secs(-200)), Some(secs(-10)));
    });
    let only_reported = state(1, Kind::NucleicTest, "d0", |fields| {
        fields.result = Some(Negative);
        fields.reported_at = Some(secs(-99));
    });
    commit(&registry, &[sampled_late.clone(), reported_late]);
    assert_eq!(heads(&registry, 1), [digest(&sampled_late)]);
    commit(&registry, std::slice::from_ref(&only_reported));
    assert_eq!(heads(&registry, 1), [digest(&only_reported)]);
}

#[test]
fn among_equal_samples_the_later_statement_wins_and_among_equal_statements_the_greater_digest() {
    let registry = memory();
    let stated = |result, stated_at| {
        state(1, Kind::NucleicTest, "d0", |fields| {
            fields.result = Some(result);
            (fields.sampled_at, fields.reported_at) = (Some(secs(-100)), Some(secs(-50)));
            fields.stated_at = secs(stated_at);
        })
    };
    let (wrong, corrected) = (stated(Positive, 0), stated(Negative, 60));
    assert_eq!(outcomes(&registry, &[corrected.clone(), wrong]), [Outcome::Done, Outcome::Late]);
    assert_eq!(heads(&registry, 1), [digest(&corrected)]);
    let twin = stated(Positive, 60);
    commit(&registry, std::slice::from_ref(&twin));
    assert_eq!(heads(&registry, 1), [digest(&twin).max(digest(&corrected))]);
}

#[test]
fn two_departments_and_two_items_are_chains_of_their_own() {
    let registry = memory();
    let exam = |item: &str, department| {
        state(1, Kind::ExamResult, department, |fields| {
            fields.reported_at = Some(secs(-60));
            (fields.item, fields.quality) = (item.parse().ok(), "national".parse().ok());
        })
    };
    let writes = [
        exam("ct_chest", "d0"),
        exam("blood_count", "d0"),
        exam("ct_chest", "d1"),
        code(1, "d0", "00", 0),
        code(1, "d1", "10", 0),
    ];
    commit(&registry, &writes);
    assert_eq!(heads(&registry, 1).len(), 5);
    commit(&registry, &[code(1, "d0", "01", 10)]);
    assert_eq!(heads(&registry, 1).len(), 5);
}

#[test]
fn names_that_meet_end_to_end_are_not_one_chain() {
    let registry = memory();
    let exam = |department, item: &str| {
        state(1, Kind::ExamResult, department, |fields| {
            fields.reported_at = Some(secs(-60));
            (fields.item, fields.quality) = (item.parse().ok(), "national".parse().ok());
        })
    };
    commit(&registry, &[exam("d1", "1a"), exam("d11", "a")]);
    assert_eq!(heads(&registry, 1).len(), 2);
}

#[test]
fn the_worst_code_comes_first_then_the_newest() {
    let registry = memory();
    let writes = [
        code(1, "d0", "00", 5),
        code(1, "d1", "10", 0),
        code(1, "d2", "11", 0),
        code(1, "d3", "01", 0),
        code(1, "d4", "00", 9),
        code(1, "d5", "10", 3),
        test(1, "d0", Negative, -10),
        test(1, "d1", Positive, -99),
    ];
    commit(&registry, &writes);
    let expected: Vec<_> = [5, 1, 3, 2, 4, 0, 7, 6].map(|at: usize| digest(&writes[at])).to_vec();
    assert_eq!(heads(&registry, 1), expected);
}

#[test]
fn of_more_than_eight_heads_the_worst_and_newest_are_returned_and_the_cut_is_named() {
    let registry = memory();
    let name = |index: i64| format!("d{index}");
    let mut writes: Vec<Write> = (0..8).map(|index| code(1, &name(index), "00", index)).collect();
    commit(&registry, &writes);
    let found = registry.look_up(&person(1), all()).unwrap();
    assert_eq!((found.heads.len(), found.more), (8, false));
    writes.push(code(1, "d8", "10", -500));
    commit(&registry, &writes[8..]);
    let found = registry.look_up(&person(1), all()).unwrap();
    assert_eq!((found.heads.len(), found.more), (8, true));
    assert_eq!(found.heads[0].digest, digest(&writes[8]));
    assert!(found.heads.iter().all(|held| held.digest != digest(&writes[0])));
    assert!(!registry.look_up(&person(1), kinds(Kind::NucleicTest)).unwrap().more);
}

#[test]
fn copies_lie_in_chains_of_their_own_after_the_province_s_word_and_change_no_answer() {
    let registry = memory();
    let own = code(1, "d0", "00", 0);
    let copy = |region: &str, after| {
        state(1, Kind::HealthCode, "d0", |fields| {
            (fields.status, fields.hop) = ("10".parse().ok(), 1);
            (fields.region, fields.stated_at) = (region.parse().unwrap(), secs(after));
        })
    };
    let (henan, hunan) = (copy("41", 50), copy("43", 60));
    let (_, changes) = commit(&registry, &[henan.clone(), hunan.clone()]);
    assert!(changes.is_empty());
    let (_, changes) = commit(&registry, std::slice::from_ref(&own));
    assert_eq!(changes.len(), 1);
    assert_eq!(heads(&registry, 1), [digest(&own), digest(&hunan), digest(&henan)]);
    let found = registry.look_up(&person(1), all()).unwrap();
    assert_eq!(found.heads.iter().map(|held| held.hop).collect::<Vec<_>>(), [0, 1, 1]);
    // So many copies that they must be cut crowd out nobody, and the province's own answer is whole.
    let many: Vec<Write> = (1..9)
        .map(|index| {
            state(1, Kind::HealthCode, &format!("d{index}"), |fields| {
                (fields.status, fields.hop) = ("10".parse().ok(), 2);
            })
        })
        .collect();
    commit(&registry, &many);
    let found = registry.look_up(&person(1), all()).unwrap();
    assert_eq!((found.heads.len(), found.heads[0].hop, found.more), (9, 0, false));
}

#[test]
fn an_expired_statement_is_still_a_head() {
    let registry = memory();
    let expired = state(1, Kind::HealthCode, "d0", |fields| {
        fields.status = "00".parse().ok();
        fields.valid_until = Some(secs(-86_400));
    });
    commit(&registry, std::slice::from_ref(&expired));
    assert_eq!(heads(&registry, 1), [digest(&expired)]);
}

#[test]
fn withdrawing_a_code_ends_its_chain_and_revives_nothing() {
    let registry = memory();
    let (green, red) = (code(1, "d0", "00", 0), code(1, "d0", "10", 10));
    commit(&registry, &[green.clone(), red.clone()]);
    let (done, changes) = commit(&registry, &[withdraw(&red)]);
    assert_eq!((done, changes[0].kinds), (vec![Outcome::Done], kinds(Kind::HealthCode)));
    assert_eq!(heads(&registry, 1), []);
    assert_eq!(states(&registry, 1), [(digest(&red), State::Withdrawn), (digest(&green), State::Past)]);
    // Neither stating it again nor an older code starts the chain; a newer one does.
    let older = code(1, "d0", "01", 5);
    assert_eq!(
        outcomes(&registry, &[red.clone(), green, older]),
        [Outcome::Known, Outcome::Known, Outcome::Late]
    );
    assert_eq!(heads(&registry, 1), []);
    let newer = code(1, "d0", "00", 11);
    assert_eq!(outcomes(&registry, &[newer.clone(), withdraw(&red)]), [Outcome::Done, Outcome::Known]);
    assert_eq!(heads(&registry, 1), [digest(&newer)]);
}

#[test]
fn withdrawing_a_code_that_was_replaced_leaves_the_newer_one() {
    let registry = memory();
    let (red, green) = (code(1, "d0", "10", 0), code(1, "d0", "00", 10));
    commit(&registry, &[red.clone(), green.clone()]);
    let (done, changes) = commit(&registry, &[withdraw(&red)]);
    assert_eq!((done, changes.len()), (vec![Outcome::Done], 1));
    assert_eq!(heads(&registry, 1), [digest(&green)]);
    // Nor can it come back once the newer one goes.
    commit(&registry, &[withdraw(&green)]);
    assert_eq!(heads(&registry, 1), []);
}

#[test]
fn withdrawing_a_test_removes_that_event_only() {
    let registry = memory();
    let tests = [-300, -200, -100].map(|after| test(1, "d0", Negative, after));
    let elsewhere = test(1, "d1", Negative, -50);
    commit(&registry, &tests);
    commit(&registry, std::slice::from_ref(&elsewhere));
    commit(&registry, &[withdraw(&tests[1]), withdraw(&tests[2])]);
    assert_eq!(heads(&registry, 1), [digest(&elsewhere), digest(&tests[0])]);
    assert_eq!(outcomes(&registry, &tests), [Outcome::Known; 3]);
    commit(&registry, &[withdraw(&tests[0])]);
    assert_eq!(heads(&registry, 1), [digest(&elsewhere)]);
    assert_eq!(outcomes(&registry, &tests), [Outcome::Known; 3]);
    // An older event that is new to the store counts all the same.
    let older = test(1, "d0", Negative, -900);
    assert_eq!(outcomes(&registry, std::slice::from_ref(&older)), [Outcome::Done]);
    assert_eq!(heads(&registry, 1), [digest(&elsewhere), digest(&older)]);
}

#[test]
fn only_the_department_that_stated_it_withdraws_a_statement() {
    let registry = memory();
    let red = code(1, "d0", "10", 0);
    commit(&registry, std::slice::from_ref(&red));
    let refused = |write: Write| match registry.commit(&[write], None) {
        Err(RegistryError::Refused { index: 0, reason }) => reason,
        other => panic!("{other:?}"),
    };
    let by = "d1".parse().unwrap();
    let digest = digest(&red);
    assert_eq!(refused(Write::Withdraw { person: person(1), digest, by }), Refusal::OtherDepartment);
    assert_eq!(refused(Write::Withdraw { person: person(2), digest, by }), Refusal::UnknownStatement);
    assert_eq!(refused(contest(&code(1, "d0", "10", 1), Standing::Contested)), Refusal::UnknownStatement);
    commit(&registry, &[code(1, "d0", "00", 5)]);
    assert_eq!(refused(Write::Withdraw { person: person(1), digest, by }), Refusal::OtherDepartment);
}

#[test]
fn a_contested_code_is_answered_as_such_until_it_is_replaced() {
    let registry = memory();
    let red = code(1, "d0", "10", 0);
    commit(&registry, std::slice::from_ref(&red));
    let (done, changes) = commit(&registry, &[contest(&red, Standing::Contested)]);
    assert_eq!((done, changes.len()), (vec![Outcome::Done], 1));
    assert_eq!(standing(&registry, 1), [Standing::Contested]);
    let (done, changes) = commit(&registry, &[contest(&red, Standing::Contested)]);
    assert_eq!((done, changes.len()), (vec![Outcome::Known], 0));
    commit(&registry, &[contest(&red, Standing::Overdue)]);
    assert_eq!(standing(&registry, 1), [Standing::Overdue]);
    commit(&registry, &[code(1, "d0", "00", 10)]);
    assert_eq!(standing(&registry, 1), [Standing::None]);
    let (_, changes) = commit(&registry, &[contest(&red, Standing::None)]);
    assert!(changes.is_empty());
}

#[test]
fn a_statement_is_found_by_its_digest_whatever_became_of_it() {
    let registry = memory();
    let evidence = state(1, Kind::Evidence, "d3", |fields| fields.item = "isolation".parse().ok());
    let (red, green) = (code(1, "d0", "10", 0), code(1, "d0", "00", 10));
    let (_, changes) = commit(&registry, &[evidence.clone(), red.clone(), green.clone(), withdraw(&green)]);
    assert_eq!(changes[0].kinds, kinds(Kind::HealthCode), "evidence is answered to nobody");
    let found = registry.find(&person(1), &digest(&evidence)).unwrap().unwrap();
    assert_eq!((found.state, found.department.as_str(), &*found.item), (State::Head, "d3", "isolation"));
    let state = |write: &Write| registry.find(&person(1), &digest(write)).unwrap().map(|entry| entry.state);
    assert_eq!(state(&red), Some(State::Past));
    assert_eq!(state(&green), Some(State::Withdrawn));
    assert_eq!(state(&code(1, "d0", "00", 99)), None);
    assert_eq!(registry.find(&person(2), &digest(&red)).unwrap(), None);
}

#[test]
fn the_history_is_read_in_pages() {
    let registry = memory();
    let codes: Vec<Write> = (0..7).map(|after| code(1, "d0", "00", after)).collect();
    commit(&registry, &codes);
    let whole = states(&registry, 1);
    let newest_first: Vec<_> = codes.iter().rev().map(digest).collect();
    assert_eq!(whole.iter().map(|(digest, _)| *digest).collect::<Vec<_>>(), newest_first);
    for skip in 0..9 {
        let page = registry.history(&person(1), skip, 3).unwrap();
        let digests: Vec<_> = page.iter().map(|entry| entry.held.digest).collect();
        assert_eq!(digests, newest_first.iter().copied().skip(skip).take(3).collect::<Vec<_>>());
    }
    assert_eq!(registry.history(&person(1), 0, 1).unwrap()[0].order, secs(6).to_ms());
}

#[test]
fn a_department_s_history_holds_its_own_statements_only_and_is_read_in_pages() {
    let registry = memory();
    let own: Vec<Write> = (0..5).map(|after| code(1, "d0", "00", after)).collect();
    let others = [code(1, "d1", "00", 9), test(1, "d1", Negative, -60), code(2, "d0", "00", 0)];
    commit(&registry, &own);
    commit(&registry, &others);
    let department = "d0".parse().unwrap();
    let page = |skip, limit| {
        let entries = registry.history_by(&department, &person(1), skip, limit).unwrap();
        entries.into_iter().map(|entry| entry.held.digest).collect::<Vec<_>>()
    };
    let newest_first: Vec<Digest> = own.iter().rev().map(digest).collect();
    assert_eq!(page(0, 100), newest_first);
    assert_eq!([page(0, 2), page(2, 2), page(4, 2), page(5, 2)].concat(), newest_first);
    assert_eq!(page(0, 0), []);
}

#[test]
fn whatever_is_withdrawn_is_a_change_and_so_comes_into_the_log() {
    let registry = memory();
    let evidence = state(1, Kind::Evidence, "d0", |fields| fields.item = "lab".parse().ok());
    let copy = state(1, Kind::HealthCode, "d0", |fields| {
        fields.status = "10".parse().ok();
        fields.hop = 1;
    });
    let (old, new) = (code(1, "d0", "00", 0), code(1, "d0", "00", 5));
    commit(&registry, &[evidence.clone(), copy.clone(), old.clone(), new]);
    for write in [evidence, copy, old] {
        let Write::State { attestation, .. } = &write else { panic!("a statement") };
        let (outcomes, changes) = commit(&registry, &[withdraw(&write)]);
        assert_eq!(outcomes, [Outcome::Done]);
        assert_eq!(changes[0].kinds, [attestation.claims.kind].into_iter().collect());
        let (outcomes, changes) = commit(&registry, &[withdraw(&write)]);
        assert_eq!((outcomes, changes.len()), (vec![Outcome::Known], 0));
    }
}
