//! Vocabularies that do not load.

use super::fixture::{VOCABULARY, edit, found, vocabulary};
use crate::{Grade, Place, Vocabulary};

fn refused(from: &str, to: &str, codes: &[&str]) {
    let text = edit(VOCABULARY, from, to);
    assert_eq!(found(Vocabulary::parse("vocabulary.toml", &text)), codes, "{from} → {to}");
}

#[test]
fn every_list_stands_there_and_no_other() {
    refused("[place]", "[places]", &["E004", "E003"]);
    refused("version = 2", "version = 2\nowner = \"x\"", &["E003"]);
    refused("id = \"V\"\n", "", &["E004"]);
}

#[test]
fn every_value_has_both_names_and_a_form_that_statements_can_carry() {
    refused("shop = { zh = \"商店\", en = \"shop\" }", "shop = { zh = \"商店\" }", &["E004"]);
    refused("shop = { zh = \"商店\", en = \"shop\" }", "shop = { zh = \"商店\", en = \"\" }", &["E018"]);
    refused("shop = {", "Shop = {", &["E052"]);
    refused("shop = {", "\"商店\" = {", &["E052"]);
    refused("shop = { zh", "shop = { modality = \"x\", zh", &["E003"]);
}

#[test]
fn grades_are_fixed_and_low_and_unknown_exist() {
    refused("amber = {", "orange = {", &["E046", "E051"]);
    refused("unknown = {", "unclear = {", &["E046"]);
    refused("low = {", "lowest = {", &["E046"]);
}

#[test]
fn a_list_holds_at_most_sixty_four_values() {
    let many = |count: usize| {
        let lines: String =
            (0..count).map(|n| format!("p{n} = {{ zh = \"地\", en = \"place\" }}\n")).collect();
        edit(VOCABULARY, "[place]\n", &format!("[place]\n{lines}"))
    };
    assert!(Vocabulary::parse("v", &many(62)).is_ok());
    assert_eq!(found(Vocabulary::parse("v", &many(63))), ["E047"]);
}

#[test]
fn terms_are_found_by_name_and_give_their_names_back() {
    let vocabulary = vocabulary();
    let shop: Place = vocabulary.place("shop").unwrap();
    assert_eq!(
        (vocabulary.name(shop), vocabulary.name_zh(shop), vocabulary.name_en(shop)),
        ("shop", "商店", "shop")
    );
    assert_eq!(vocabulary.place("low"), None);
    assert_eq!(vocabulary.grade_names(Grade::Amber), ("黄", "amber"));
    assert_eq!(vocabulary.find("ct").and_then(|item| vocabulary.modality(item)), Some("imaging"));
    let names: Vec<_> = vocabulary.all::<crate::Risk>().iter().map(|risk| vocabulary.name(risk)).collect();
    assert_eq!(names, ["high", "low", "unknown"]);
}
