//! Every file under `deploy/policies` is read and its examples run: a sample that no longer holds is worse than none.

use std::collections::BTreeSet;

use huxin_attest::UnixMs;
use huxin_trust_policy::{Places, RiskAreas, Vocabulary};

use crate::support::{directory, load, read, region, shown};

#[test]
fn the_samples_load_and_their_examples_hold() {
    let baseline = load(43, None);
    assert!(!baseline.references().unguarded);
    for (region, name) in [(41, "province-41.toml"), (42, "province-42.toml"), (44, "province-44.toml")] {
        let policy = load(region, Some(name));
        assert!(policy.references().unguarded, "{name}");
        assert_eq!(policy.references().baseline, baseline.references().baseline);
    }
}

#[test]
fn the_sample_places_and_risk_areas_fit_the_demo() {
    let vocabulary = shown(Vocabulary::parse("vocabulary.toml", &read("vocabulary.toml")));
    let places = shown(Places::parse("places-44.toml", &read("places-44.toml"), &vocabulary, region(44)));
    let areas = shown(RiskAreas::parse("risk-areas.toml", &read("risk-areas.toml"), &vocabulary));
    let demo = UnixMs::parse_rfc3339("2022-07-08T09:00:00+08:00").unwrap();
    for (id, risk) in [("gz-south-station", "low"), ("gz-shop-low", "low"), ("gz-shop-mid", "mid")] {
        let area = places.find(id).unwrap().area;
        assert_eq!(vocabulary.name(areas.risk_of(Some(area), demo)), risk, "{id}");
    }
}

#[test]
fn no_sample_is_left_unread() {
    let entries = std::fs::read_dir(directory()).unwrap();
    let found: BTreeSet<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let read = [
        "national.toml",
        "places-44.toml",
        "province-41.toml",
        "province-42.toml",
        "province-44.toml",
        "risk-areas.toml",
        "vocabulary.toml",
    ];
    assert_eq!(found, read.map(String::from).into());
}
