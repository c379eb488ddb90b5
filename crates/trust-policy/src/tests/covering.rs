//! What examples reach, and the examples that would reach the rest.

use super::fixture::{BASELINE, OVERLAY, VOCABULARY, edit, region};
use crate::coverage::{Coverage, Covered, Percent};
use crate::{Draft, Source};

fn draft(baseline: &str, overlay: Option<&str>) -> Draft {
    let source = |name, text| Source { name, text };
    let overlay = overlay.map(|text| source("province.toml", text));
    let found = Draft::load(region(44), source("v.toml", VOCABULARY), source("n.toml", baseline), overlay);
    found.unwrap_or_else(|found| panic!("{found}"))
}

fn names(all: &[Covered]) -> Vec<String> {
    let missing = all.iter().filter(|one| one.examples == 0);
    missing
        .map(|one| {
            format!("{}/{}", one.rule.rule.as_deref().unwrap(), one.rule.case.as_deref().unwrap_or("-"))
        })
        .collect()
}

/// The file with an example for everything that none reached.
fn completed(text: &str, coverage: &Coverage) -> String {
    let missing = coverage.cases.iter().chain(&coverage.regions).filter(|one| one.examples == 0);
    let skeletons =
        missing.map(|one| one.skeleton.as_deref().unwrap_or_else(|| panic!("none for {:?}", one.rule)));
    // A baseline's regions are its cases.
    let once: std::collections::BTreeSet<_> = skeletons.collect();
    format!("{text}\n{}", once.into_iter().collect::<Vec<_>>().join("\n"))
}

#[test]
fn a_share_is_never_rounded_up() {
    for (part, whole, percent) in [
        (0, 0, 100),
        (0, 3, 0),
        (1, 3, 33),
        (2, 3, 66),
        (999_999, 1_000_000, 99),
        (7, 7, 100),
        (199, 200, 99),
    ] {
        assert_eq!(Percent::of(part, whole).get(), percent, "{part}/{whole}");
    }
}

#[test]
fn what_no_example_reaches_is_listed_in_the_order_of_the_file() {
    let coverage = draft(BASELINE, None).baseline_coverage();
    assert_eq!(
        names(&coverage.cases),
        [
            "R2/infant",
            "R2/positive",
            "R2/tested",
            "R2/contested",
            "R2/unfounded",
            "R2/withdrawn",
            "R2/otherwise",
            "R3/tested",
            "R3/otherwise",
            "R4/listed",
            "R4/otherwise"
        ]
    );
    assert_eq!((coverage.cases.len(), coverage.of_cases().get()), (12, 8), "one of twelve");
    assert_eq!(coverage.regions, coverage.cases);
}

#[test]
fn the_examples_that_are_offered_make_every_case_of_a_baseline_reached() {
    let coverage = draft(BASELINE, None).baseline_coverage();
    let text = completed(BASELINE, &coverage);
    let again = draft(&text, None).baseline_coverage();
    assert_eq!(names(&again.cases), [""; 0], "{text}");
    assert_eq!(again.of_cases().get(), 100);
    // One fewer is no longer all of it.
    let last = text.rfind("[[example]]").unwrap();
    assert_eq!(draft(&text[..last], None).baseline_coverage().of_cases().get(), 91);
}

#[test]
fn the_regions_of_an_overlay_are_pairs_and_can_all_be_reached() {
    let examples = OVERLAY.find("[[example]]").unwrap();
    let bare = &OVERLAY[..examples];
    let coverage = draft(BASELINE, Some(bare)).overlay_coverage().unwrap();
    assert_eq!(names(&coverage.cases), ["P2/tested", "P2/otherwise"]);
    assert!(coverage.regions.len() > coverage.cases.len(), "the baseline's cases tell more apart");
    assert!(coverage.regions.iter().all(|one| one.baseline.as_ref().unwrap().rule.as_deref() == Some("R2")));
    let text = completed(bare, &coverage);
    let again = draft(BASELINE, Some(&text)).overlay_coverage().unwrap();
    assert_eq!((again.of_cases().get(), again.of_regions().get()), (100, 100), "{text}");

    // With the one example of the file a part of it is.
    let some = draft(BASELINE, Some(OVERLAY)).overlay_coverage().unwrap();
    assert_eq!((some.of_cases().get(), some.cases[0].examples), (50, 1));
    assert!(some.of_regions().get() < 50);
    assert!(draft(BASELINE, None).overlay_coverage().is_none());
}

#[test]
fn codes_that_must_rest_on_something_are_offered_with_it() {
    let text = edit(
        BASELINE,
        "{ id = \"contested\", code = [\"contested\"]",
        "{ id = \"contested\", code = [\"contested\", \"red\"]",
    );
    let coverage = draft(&text, None).baseline_coverage();
    let skeleton = coverage.cases.iter().find(|one| one.rule.case.as_deref() == Some("contested")).unwrap();
    let skeleton = skeleton.skeleton.as_deref().unwrap();
    assert!(
        skeleton.contains("assigner = \"cdc\"") && skeleton.contains("evidence = [\"lab\"]"),
        "{skeleton}"
    );
}
