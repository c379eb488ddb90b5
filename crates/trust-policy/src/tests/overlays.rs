//! Overlays that do not load: in themselves, and against the baseline.

use super::fixture::{BASELINE, OVERLAY, VOCABULARY, edit, found, load, with_overlay};

fn refused(from: &str, to: &str, codes: &[&str]) {
    assert_eq!(found(load(BASELINE, Some(&edit(OVERLAY, from, to)))), codes, "{from} → {to}");
}

#[test]
fn references_name_the_exact_bytes() {
    let policy = with_overlay();
    let references = policy.references();
    assert_eq!(references.baseline.sha256, huxin_attest::sha256(&[BASELINE.as_bytes()]));
    assert_eq!(references.vocabulary.sha256, huxin_attest::sha256(&[VOCABULARY.as_bytes()]));
    let overlay = references.overlay.as_ref().unwrap();
    assert_eq!((&*overlay.id, overlay.version), ("P44", 5));
    assert_eq!(overlay.sha256, huxin_attest::sha256(&[OVERLAY.as_bytes()]));
}

#[test]
fn what_only_the_baseline_sets_is_refused_in_an_overlay() {
    let trust = "[grades.all]\n\"00\" = \"green\"\n[[distrust]]";
    refused("[[distrust]]", trust, &["E025"]);
    refused("replaces = \"R2\"", "replaces = \"R2\"\nprovince_may = \"both\"", &["E003"]);
    refused("layer = \"provincial\"", "layer = \"national\"", &["E024"]);
    let replacing = edit(BASELINE, "title = \"出行\"", "title = \"出行\"\nreplaces = \"R1\"");
    assert_eq!(found(load(&replacing, None)), ["E003"]);
}

#[test]
fn an_overlay_belongs_to_the_nodes_region_and_the_baseline_in_force() {
    refused("region = \"44\"", "region = \"43\"", &["E034", "E039"]);
    refused("extends = \"BASE\"", "extends = \"BASE-2\"", &["E035"]);
    refused("area = [\"4401\"]", "area = [\"4201\"]", &["E039"]);
}

#[test]
fn a_rule_replaces_one_that_exists_and_stays_inside_its_box() {
    refused("replaces = \"R2\"", "replaces = \"R9\"", &["E036"]);
    refused("from_risk = [\"low\"], area", "from_risk = [\"low\", \"high\"], area", &["E037"]);
    refused("from_risk = [\"low\"], area", "area", &["E037"]);
    refused("purpose = [\"travel\"], from_risk", "purpose = [\"travel\", \"visit\"], from_risk", &["E037"]);
    refused("replaces = \"R2\"\n", "", &["E038"]);
    refused("id = \"P2\"", "id = \"R3\"", &["E010"]);
}

#[test]
fn a_rule_that_names_no_area_reaches_beyond_one_that_does() {
    let national = edit(
        BASELINE,
        "purpose = [\"travel\"], from_risk",
        "purpose = [\"travel\"], area = [\"44\"], from_risk",
    );
    assert!(load(&national, Some(OVERLAY)).is_ok());
    let anywhere = edit(OVERLAY, ", area = [\"4401\"]", "");
    assert_eq!(found(load(&national, Some(&anywhere))), ["E037"]);
}

#[test]
fn a_rule_of_its_own_may_stand_on_free_ground_only() {
    let free = edit(OVERLAY, "replaces = \"R2\"\n", "");
    let free = edit(&free, "from_risk = [\"low\"], area", "from_risk = [\"high\"], area");
    let free = edit(
        &free,
        "given = { purpose = \"travel\", from_risk = \"low\"",
        "given = { purpose = \"travel\", from_risk = \"high\"",
    );
    // [otherwise] must let a province do so.
    let national =
        edit(BASELINE, "\"48h\" }\nprovince_may = \"nothing\"", "\"48h\" }\nprovince_may = \"tighten\"");
    assert!(load(&national, Some(&free)).is_ok());
    let elsewhere = edit(
        &national,
        "purpose = [\"travel\"], from_risk",
        "purpose = [\"travel\"], area = [\"42\"], from_risk",
    );
    let ours = edit(OVERLAY, "replaces = \"R2\"\n", "");
    assert!(
        load(&elsewhere, Some(&ours)).is_ok(),
        "a baseline rule for another province does not reach here"
    );
}

#[test]
fn rules_of_an_overlay_are_disjoint() {
    let twice = format!("{OVERLAY}{}", edit(&rule_block(), "id = \"P2\"", "id = \"P3\""));
    assert_eq!(found(load(BASELINE, Some(&twice))), ["E027"]);
    let other_city = edit(&rule_block(), "id = \"P2\"", "id = \"P3\"");
    let apart = format!("{OVERLAY}{}", edit(&other_city, "area = [\"4401\"]", "area = [\"4403\"]"));
    assert!(load(BASELINE, Some(&apart)).is_ok());
}

fn rule_block() -> String {
    let from = OVERLAY.find("[[rule]]").unwrap();
    let to = OVERLAY.find("[[example]]").unwrap();
    OVERLAY[from..to].to_owned()
}

#[test]
fn a_distrust_lies_inside_the_validity_of_its_file() {
    refused("from = 2022-07-06T00:00:00+08:00", "from = 2022-07-04T00:00:00+08:00", &["E040"]);
    refused("until = 2022-07-10T00:00:00+08:00", "until = 2022-07-20T00:00:01+08:00", &["E040"]);
    refused("until = 2022-07-10T00:00:00+08:00", "until = 2022-07-06T00:00:00+08:00", &["E016"]);
    assert!(load(BASELINE, Some(&edit(OVERLAY, "until = 2022-07-10", "until = 2022-07-20"))).is_ok());
}

#[test]
fn by_place_in_an_overlay_reads_the_baselines_table() {
    let overlay = edit(OVERLAY, &rule_block(), BY_PLACE);
    let overlay = edit(&overlay, &overlay[overlay.find("[[example]]").unwrap()..], EXAMPLE);
    assert!(load(BASELINE, Some(&overlay)).is_ok());
    let fewer = edit(BASELINE, "pcr_within = \"by_place\"", "pcr_within = \"1h\"");
    let fewer = edit(&fewer, ", unknown = \"24h\" }", " }");
    assert_eq!(found(load(&fewer, Some(&overlay))), ["E031"]);
}

const BY_PLACE: &str = r#"[[rule]]
id = "P3"
replaces = "R3"
title = "医院"
when = { purpose = ["visit"], place = ["hospital"] }
ask = ["nucleic_test"]
cases = [ { id = "tested", pcr = ["negative"], pcr_within = "by_place", then = "admit", must = ["mask"] } ]
otherwise = { then = "review" }
owner = "省"
basis = "省三"
"#;

const EXAMPLE: &str = r#"[[example]]
name = "二十四小时"
given = { purpose = "visit", place = "hospital", pcr = { from = "42", by = "lab", result = "negative", reported = "24h" } }
expect = { then = "admit", by = "P3", must = ["mask"] }
"#;

#[test]
fn in_examples_every_distrust_of_the_file_is_live() {
    let example = r#"[[example]]
name = "核查期间"
given = { purpose = "travel", from_risk = "low", code = { from = "42", by = "bureau", status = "00" }, pcr = { from = "42", by = "lab", result = "negative", reported = "1h" } }
expect = { then = "review", by = "R2", case = "otherwise" }
"#;
    assert!(load(BASELINE, Some(&format!("{OVERLAY}{example}"))).is_ok());
}
