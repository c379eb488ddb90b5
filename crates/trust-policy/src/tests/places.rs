//! The list of places.

use super::fixture::{edit, found, region, vocabulary};
use crate::Places;

pub(super) const PLACES: &str = r#"
[[place]]
id = "gz-01"
category = "shop"
area = "440106"
purposes = ["visit"]
apps = ["spiffe://gd.example/app/commerce-1/gate"]
[[place]]
id = "gz-02"
category = "hospital"
area = "440104"
purposes = ["visit", "exam_reuse"]
apps = ["spiffe://gd.example/app/hospital-1/desk", "spiffe://gd.example/app/hospital-1/door"]
"#;

fn parse(text: &str) -> Result<Places, crate::Diagnostics> {
    Places::parse("places.toml", text, &vocabulary(), region(44))
}

fn refused(from: &str, to: &str, codes: &[&str]) {
    assert_eq!(found(parse(&edit(PLACES, from, to))), codes, "{from} → {to}");
}

#[test]
fn a_place_allows_its_own_apps_for_its_own_purposes_only() {
    let (places, vocabulary) = (parse(PLACES).unwrap(), vocabulary());
    let hospital = places.find("gz-02").unwrap();
    let (visit, travel) = (vocabulary.purpose("visit").unwrap(), vocabulary.purpose("travel").unwrap());
    assert_eq!((vocabulary.name(hospital.place), hospital.area.as_u32()), ("hospital", 440_104));
    assert!(hospital.allows("spiffe://gd.example/app/hospital-1/door", visit));
    assert!(!hospital.allows("spiffe://gd.example/app/hospital-1/door", travel));
    assert!(!hospital.allows("spiffe://gd.example/app/commerce-1/gate", visit));
    assert!(places.find("gz-03").is_none());
    assert_eq!(places.len(), 2);
}

#[test]
fn a_province_without_places_is_fine() {
    assert!(parse("# none yet").unwrap().is_empty());
}

#[test]
fn a_list_of_places_is_read_strictly() {
    refused("id = \"gz-02\"", "id = \"gz-01\"", &["E010"]);
    refused("category = \"shop\"", "category = \"mall\"", &["E006"]);
    refused("area = \"440106\"", "area = \"4401\"", &["E022"]);
    refused("area = \"440106\"", "area = \"420106\"", &["E039"]);
    refused("purposes = [\"visit\"]", "purposes = []", &["E008"]);
    refused("purposes = [\"visit\"]\n", "", &["E004"]);
    refused("category = \"shop\"", "category = \"shop\"\nrisk = \"low\"", &["E003"]);
    refused("hospital-1/door", "hospital-1/desk", &["E007"]);
}

#[test]
fn an_app_is_named_by_a_spiffe_id_of_the_role_app() {
    for bad in [
        "https://gd.example/app/commerce-1/gate",
        "spiffe://gd.example/node/commerce-1/gate",
        "spiffe://gd.example/app/commerce-1",
        "spiffe://gd.example/app/commerce-1/gate/2",
        "spiffe://GD.example/app/commerce-1/gate",
        "spiffe:///app/commerce-1/gate",
        "spiffe://gd.example/app/../gate",
        "spiffe://gd.example/app/commerce-1/",
        "spiffe://gd.example/app/commerce-1/门",
    ] {
        refused("spiffe://gd.example/app/commerce-1/gate", bad, &["E048"]);
    }
}
