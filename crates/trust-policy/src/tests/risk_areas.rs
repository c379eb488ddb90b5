//! The signed list of risk areas.

use super::fixture::{at, edit, found, vocabulary};
use crate::RiskAreas;

pub(super) const AREAS: &str = r#"
version = 7
from = 2022-07-08T00:00:00+08:00
until = 2022-07-10T00:00:00+08:00
covers = ["42", "44"]
[[area]]
prefix = "44"
risk = "unknown"
[[area]]
prefix = "4401"
risk = "low"
[[area]]
prefix = "440106"
risk = "high"
"#;

fn parse(text: &str) -> Result<RiskAreas, crate::Diagnostics> {
    RiskAreas::parse("risk-areas.toml", text, &vocabulary())
}

fn refused(from: &str, to: &str, codes: &[&str]) {
    assert_eq!(found(parse(&edit(AREAS, from, to))), codes, "{from} → {to}");
}

fn risk(areas: &RiskAreas, area: Option<&str>, time: &str) -> String {
    let area = area.map(|area| area.parse().unwrap());
    vocabulary().name(areas.risk_of(area, at(time))).to_owned()
}

const NOON: &str = "2022-07-08T12:00:00+08:00";

#[test]
fn the_longest_prefix_wins_and_what_is_covered_but_unlisted_is_low() {
    let areas = parse(AREAS).unwrap();
    for (area, expected) in [
        ("440106", "high"),
        ("440104", "low"),
        ("440306", "unknown"),
        ("420106", "low"),
        ("410105", "unknown"),
    ] {
        assert_eq!(risk(&areas, Some(area), NOON), expected, "{area}");
    }
    assert_eq!(risk(&areas, None, NOON), "unknown");
}

#[test]
fn outside_its_validity_a_list_says_unknown() {
    let areas = parse(AREAS).unwrap();
    for (time, expected) in [
        ("2022-07-07T23:59:59.999+08:00", "unknown"),
        ("2022-07-08T00:00:00+08:00", "high"),
        ("2022-07-09T23:59:59.999+08:00", "high"),
        ("2022-07-10T00:00:00+08:00", "unknown"),
    ] {
        assert_eq!(risk(&areas, Some("440106"), time), expected, "{time}");
    }
    assert_eq!(risk(&RiskAreas::absent(&vocabulary()), Some("440106"), NOON), "unknown");
}

#[test]
fn a_list_of_risk_areas_is_read_strictly() {
    refused("until = 2022-07-10T00:00:00+08:00", "until = 2022-07-10T00:00:01+08:00", &["E050"]);
    refused("until = 2022-07-10T00:00:00+08:00", "until = 2022-07-08T00:00:00+08:00", &["E016"]);
    refused("until = 2022-07-10T00:00:00+08:00", "until = 2022-07-10T00:00:00", &["E014"]);
    refused("version = 7\n", "", &["E004"]);
    refused("version = 7", "version = 0", &["E017"]);
    refused("covers = [\"42\", \"44\"]", "covers = []", &["E008"]);
    refused("covers = [\"42\", \"44\"]", "covers = [\"42\", \"42\", \"44\"]", &["E007"]);
    refused("covers = [\"42\", \"44\"]", "covers = [\"42\"]", &["E049", "E049", "E049"]);
    refused("prefix = \"4401\"", "prefix = \"44\"", &["E007"]);
    refused("prefix = \"4401\"", "prefix = \"440\"", &["E022"]);
    refused("risk = \"high\"", "risk = \"extreme\"", &["E006"]);
    refused("risk = \"high\"", "risk = \"high\"\nname = \"x\"", &["E003"]);
}
