//! Whose code is admitted where.

use huxin_attest::TestResult;

use super::fixture::{BASELINE, OVERLAY, edit, load, policy, vocabulary, with_overlay};
use crate::{Matrix, MatrixQuestion, Minutes, Outcome, Policy};

fn matrix<'p>(policy: &'p Policy, purpose: &str, area: Option<&str>, test: Option<&str>) -> Matrix<'p> {
    let question = MatrixQuestion {
        purpose: vocabulary().purpose(purpose).unwrap(),
        area: area.map(|area| area.parse().unwrap()),
        age: Some(35),
        test: test.map(|age| (TestResult::Negative, Minutes::parse(age).unwrap())),
    };
    policy.matrix(&question).unwrap()
}

/// `42 弹窗3: review`, in the order of rows, of the column with this risk of origin.
fn answers(matrix: &Matrix<'_>, from: &str) -> Vec<String> {
    let risk = vocabulary().risk(from).unwrap();
    let at = matrix.columns.iter().position(|column| column.from.contains(&risk)).unwrap();
    let rows = matrix.rows.iter().map(|row| {
        let issuer = row.issuer.map_or("*".to_owned(), |region| region.to_string());
        let outcome = row.cells[at].outcome.map_or("depends", Outcome::name);
        format!("{issuer} {}: {outcome}", row.label)
    });
    rows.collect()
}

#[test]
fn every_label_of_every_table_has_a_row_and_a_province_like_all_others_none_for_what_is_alike() {
    let policy = policy();
    let found = matrix(&policy, "travel", None, Some("48h"));
    let labels = ["* 00: admit", "* 01: review", "* 10: review", "42 弹窗3: review", "42 来自疫区: review"];
    assert_eq!(answers(&found, "low"), labels);
    // Nothing is asked of others: no rule reaches.
    assert_eq!(answers(&found, "high")[1], "* 01: admit");
    assert!(found.columns.iter().all(|column| column.places.is_empty() && column.here.is_empty()));
    // A test that is a minute too old, or none.
    assert_eq!(answers(&matrix(&policy, "travel", None, Some("2881m")), "low")[0], "* 00: review");
    assert_eq!(answers(&matrix(&policy, "travel", None, None), "low")[0], "* 00: review");
}

#[test]
fn what_an_overlay_distrusts_has_rows_of_its_own_and_a_distrust_of_some_departments_depends() {
    // Where the code is asked, in the province's capital.
    let asks = OVERLAY
        .replace("ask = [\"nucleic_test\"]", "ask = [\"health_code\", \"nucleic_test\"]")
        .replace("{ id = \"tested\", pcr", "{ id = \"tested\", code = [\"green\"], pcr");
    let examples = asks.find("[[example]]").unwrap();
    let policy = load(BASELINE, Some(&asks[..examples])).unwrap();
    let found = matrix(&policy, "travel", Some("440100"), Some("1h"));
    assert_eq!(
        answers(&found, "low")[..4],
        ["* 00: admit", "* 01: review", "* 10: review", "42 00: depends"],
        "the bureau's codes are distrusted, the health department's are not"
    );
    let all = edit(&asks[..examples], "departments = [\"bureau\"]\n", "");
    let policy = load(BASELINE, Some(&all)).unwrap();
    assert!(
        answers(&matrix(&policy, "travel", Some("440100"), Some("1h")), "low")
            .contains(&"42 00: review".into())
    );
    // A rule that does not ask for the code is not about labels.
    let policy = with_overlay();
    let found = matrix(&policy, "travel", Some("440100"), Some("1h"));
    assert!(found.rows.iter().all(|row| row.cells.iter().all(|cell| !cell.code_asked)), "{found:?}");
}

#[test]
fn columns_that_come_out_alike_are_one() {
    let policy = policy();
    let found = matrix(&policy, "visit", None, Some("30h"));
    let vocabulary = vocabulary();
    let all =
        (vocabulary.all::<crate::Place>().iter().count()) * (vocabulary.all::<crate::Risk>().iter().count());
    let sizes = found.columns.iter().map(|column| column.places.len() * column.here.len());
    assert_eq!(sizes.sum::<usize>(), all, "every place and risk stands in one column");
    let hospital = vocabulary.place("hospital").unwrap();
    let of = |risk: &str| {
        let risk = vocabulary.risk(risk).unwrap();
        let column =
            |column: &crate::MatrixColumn| column.places.contains(&hospital) && column.here.contains(&risk);
        found.columns.iter().position(column).unwrap()
    };
    // 30 hours are young enough in an area of low risk only.
    assert_ne!(of("low"), of("high"));
    assert_eq!(of("high"), of("unknown"));
    assert_eq!(found.rows[0].cells[of("low")].outcome, Some(Outcome::Admit));
    assert_eq!(found.rows[0].cells[of("high")].outcome, Some(Outcome::Review));
    assert_eq!(policy.purposes_with_codes().iter().count(), 1);
}
