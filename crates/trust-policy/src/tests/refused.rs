//! Baselines that do not load: one change each, and the one code that names it.

use super::fixture::{BASELINE, OVERLAY, edit, found, load};

/// Changing `from` to `to` must be refused with exactly these codes.
fn refused(from: &str, to: &str, codes: &[&str]) {
    assert_eq!(found(load(&edit(BASELINE, from, to), None)), codes, "{from} → {to}");
}

#[test]
fn unknown_missing_and_duplicate_keys_are_refused() {
    refused("title = \"出行\"", "title = \"出行\"\ncolour = \"red\"", &["E003"]);
    refused("title = \"出行\"\n", "", &["E004"]);
    refused("title = \"出行\"", "title = \"出行\"\ntitle = \"出行\"", &["E002"]);
    refused("[grades.all]", "[colours]\n[grades.all]", &["E003"]);
    refused("then = \"admit\", must", "then = \"admit\", wait = \"1h\", must", &["E003"]);
    refused("max_age = \"24h\"\n", "", &["E004"]);
    refused("expect = { then = \"admit\", ask = [], by = \"R1\" }", "expect = {}", &["E008"]);
    refused("ask = [], by = \"R1\" }", "ask = [], by = \"R1\", why = 1 }", &["E003"]);
}

#[test]
fn broken_toml_is_refused() {
    refused("title = \"出行\"", "title = 出行", &["E001"]);
    refused("[[rule]]\nid = \"R1\"", "[[rule]\nid = \"R1\"", &["E001"]);
}

#[test]
fn wrong_types_are_refused() {
    refused("title = \"出行\"", "title = 5", &["E005"]);
    refused("version = 3", "version = \"3\"", &["E005"]);
    refused("issuers = [\"42\", \"43\"]", "issuers = \"42\"", &["E005"]);
    refused("when = { purpose = [\"travel\"], from_risk = [\"low\"] }", "when = []", &["E005"]);
    refused("from = 2022-07-01T00:00:00+08:00", "from = \"2022-07-01T00:00:00+08:00\"", &["E005"]);
    refused("age_below = 3", "age_below = \"3\"", &["E005"]);
}

#[test]
fn words_outside_the_closed_lists_are_refused() {
    refused("purpose = [\"travel\"]", "purpose = [\"shopping\"]", &["E006"]);
    refused("must = [\"mask\", \"test\"]", "must = [\"mask\", \"hat\"]", &["E006"]);
    refused("exam_item = [\"ct\"]", "exam_item = [\"mri\"]", &["E006"]);
    refused("departments = [\"lab\"]", "departments = [\"police\"]", &["E006"]);
    refused("hospital = { low", "mall = { low", &["E006", "E031", "E031", "E031"]);
    refused("code = [\"contested\"]", "code = [\"blue\"]", &["E020"]);
    refused("pcr = [\"positive\"]", "pcr = [\"contested\"]", &["E020"]);
    refused("ask = [\"nucleic_test\"]", "ask = [\"blood_test\"]", &["E019"]);
    refused("ask = [\"exam_result\"]", "ask = [\"evidence\"]", &["E019"]);
    refused("then = \"review\", say = \"阳性\"", "then = \"refus\", say = \"阳性\"", &["E012"]);
    refused("province_may = \"tighten\"", "province_may = \"all\"", &["E013"]);
    refused("measured_from = \"checked_at\"", "measured_from = \"stated_at\"", &["E013"]);
    refused("\"弹窗3\" = \"amber\"", "\"弹窗3\" = \"blue\"", &["E013"]);
}

#[test]
fn lists_are_neither_empty_nor_repetitive() {
    refused("from_risk = [\"low\"]", "from_risk = []", &["E008"]);
    refused("from_risk = [\"low\"]", "from_risk = [\"low\", \"low\"]", &["E007"]);
    refused("ask = [\"nucleic_test\"]", "ask = [\"nucleic_test\", \"nucleic_test\"]", &["E007"]);
    refused("[\"42\", \"43\"]", "[\"42\", \"42\"]", &["E007"]);
    refused("area = [\"42\", \"4401\"]", "area = [\"42\", \"42\"]", &["E007"]);
    refused("pcr = [\"positive\"]", "pcr = []", &["E008"]);
    refused("kinds = [\"exam_result\"]", "kinds = []", &["E008"]);
}

#[test]
fn ids_are_well_formed_and_unique() {
    refused("id = \"R2\"", "id = \"R 2\"", &["E009"]);
    refused("id = \"R2\"", "id = \"\"", &["E009"]);
    refused("id = \"R2\"", "id = \"R1\"", &["E010"]);
    refused("id = \"R2\"", "id = \"T1\"", &["E010"]);
    refused("id = \"positive\"", "id = \"infant\"", &["E010"]);
    refused("id = \"positive\"", "id = \"otherwise\"", &["E033"]);
}

#[test]
fn durations_numbers_and_texts_stay_in_bounds() {
    for bad in ["0h", "24", "1.5h", "-1h", "1w", "4000d"] {
        refused("max_age = \"24h\"", &format!("max_age = \"{bad}\""), &["E011"]);
    }
    refused("pcr_within = \"48h\"", "pcr_within = \"by place\"", &["E011"]);
    refused("answer_within = \"48h\"", "answer_within = \"soon\"", &["E011"]);
    refused("version = 3", "version = 0", &["E017"]);
    refused("per_peer_per_minute = 100", "per_peer_per_minute = -1", &["E017"]);
    refused("age_below = 3", "age_below = 0", &["E017"]);
    refused("age_below = 3", "age_below = 99999999999999999999", &["E017"]);
    refused("title = \"出行\"", "title = \" \"", &["E018"]);
    refused("title = \"出行\"", "title = \"a\\nb\"", &["E018"]);
    refused("title = \"出行\"", &format!("title = \"{}\"", "长".repeat(501)), &["E018"]);
}

#[test]
fn times_need_an_offset_and_an_order() {
    refused("from = 2022-07-01T00:00:00+08:00", "from = 2022-07-01T00:00:00", &["E014"]);
    refused("from = 2022-07-01T00:00:00+08:00", "from = 2022-07-01", &["E014"]);
    refused("from = 2022-07-01T00:00:00+08:00", "from = 1969-07-01T00:00:00+08:00", &["E015"]);
    refused("from = 2022-07-01T00:00:00+08:00", "from = 2022-08-01T00:00:00+08:00", &["E016"]);
    refused("from = 2022-07-01T00:00:00+08:00", "from = 2022-07-31T16:00:00Z", &["E016"]);
}

#[test]
fn regions_and_areas_are_real() {
    refused("[\"42\", \"43\"]", "[\"42\", \"16\"]", &["E021"]);
    refused("[\"42\", \"43\"]", "[\"42\", \"all\"]", &["E021"]);
    refused("[grades.\"42\"]", "[grades.\"4\"]", &["E021"]);
    refused("area = [\"42\", \"4401\"]", "area = [\"42\", \"440\"]", &["E022"]);
}

#[test]
fn the_header_must_fit_the_slot() {
    refused("format = 1", "format = 2", &["E023"]);
    refused("layer = \"national\"", "layer = \"provincial\"", &["E024"]);
    refused("layer = \"national\"", "layer = \"local\"", &["E013"]);
    refused("id = \"V\", version = 2", "id = \"V\", version = 3", &["E026"]);
    refused("id = \"V\", version = 2", "id = \"W\", version = 2", &["E026"]);
    assert!(found(load(OVERLAY, None)).contains(&"E024".to_owned()));
}

#[test]
fn overlapping_boxes_are_refused() {
    refused(
        "place = [\"hospital\"] }",
        "place = [\"hospital\", \"shop\"] }",
        &["E027", "E031", "E031", "E031"],
    );
    refused(
        "purpose = [\"travel\"], from_risk = [\"low\"]",
        "purpose = [\"travel\", \"visit\"]",
        &["E027", "E027"],
    );
    let twice = edit(BASELINE, "[[example]]", &format!("{}\n[[example]]", R5));
    assert_eq!(found(load(&twice, None)), ["E027"]);
    let apart = twice.replace("area = [\"440106\"]", "area = [\"440306\"]");
    assert!(load(&apart, None).is_ok());
}

const R5: &str = r#"[[rule]]
id = "R5"
title = "广州互认"
when = { purpose = ["exam_reuse"], area = ["440106"] }
ask = []
province_may = "nothing"
owner = "丁"
basis = "五""#;

#[test]
fn overlapping_entries_are_refused() {
    let exams = "kind = \"exam_result\"\nissuers = [\"all\"]";
    refused(exams, "kind = \"health_code\"\nissuers = [\"41\"]", &["E042"]);
    refused(
        "kinds = [\"exam_result\"]\npurposes = [\"exam_reuse\"]",
        "kinds = [\"nucleic_test\"]\npurposes = [\"visit\"]",
        &["E042"],
    );
}

#[test]
fn what_is_asked_and_what_is_looked_at_agree() {
    refused("ask = []\nprovince_may", "ask = []\ncases = []\nprovince_may", &["E028"]);
    let otherwise = "ask = []\notherwise = { then = \"admit\" }\nprovince_may";
    refused("ask = []\nprovince_may", otherwise, &["E028"]);
    refused("otherwise = { then = \"review\", say = \"过期\" }\n", "", &["E029"]);
    refused("ask = [\"health_code\", \"nucleic_test\"]", "ask = [\"nucleic_test\"]", &["E030"; 4]);
    refused("ask = [\"nucleic_test\"]", "ask = [\"health_code\"]", &["E030", "E030"]);
}

#[test]
fn the_table_of_hours_covers_every_place_and_risk_of_the_box() {
    refused(", unknown = \"24h\" }", " }", &["E031"]);
    let fewer_cells = edit(BASELINE, ", unknown = \"24h\" }", " }");
    let narrower = edit(
        &fewer_cells,
        "place = [\"hospital\"]",
        "place = [\"hospital\"], here_risk = [\"low\", \"high\"]",
    );
    assert!(load(&narrower, None).is_ok());
}

#[test]
fn the_table_of_hours_is_for_tests_at_named_places() {
    refused("exam_within = \"7d\"", "exam_within = \"by_place\"", &["E053"]);
    let by_place = "pcr_within = \"by_place\", then = \"admit\", must";
    refused("pcr_within = \"48h\", then = \"admit\", must", by_place, &["E032"]);
}

#[test]
fn only_codes_rest_on_an_assigner() {
    let for_tests = "measured_from = \"reported_at\"\n[[trust]]\nid = \"T3\"";
    let foundation =
        "red_or_amber = { assigners = [\"cdc\"], assigned_for = [\"contact\"], evidence_any = [\"lab\"] }";
    let changed = for_tests.replacen('\n', &format!("\n{foundation}\n"), 1);
    refused(for_tests, &changed, &["E043"]);
}

#[test]
fn an_example_that_does_not_hold_is_refused_with_each_difference() {
    refused(
        "expect = { then = \"admit\", ask = [], by = \"R1\" }",
        "expect = { then = \"review\", by = \"R2\" }",
        &["E044", "E044"],
    );
    refused(
        "given = { purpose = \"visit\", place = \"shop\", here_risk = \"low\" }",
        "given = { purpose = \"visit\" }",
        &["E044"],
    );
}

#[test]
fn one_run_reports_everything() {
    let several = edit(BASELINE, "title = \"出行\"", "title = 出行");
    let several = edit(&several, "max_age = \"24h\"", "max_age = \"24\"");
    let several = edit(&several, "id = \"R3\"", "id = \"R1\"");
    let several =
        edit(&several, "then = \"review\", say = \"医师定\"", "then = \"refuse\", say = \"医师定\"");
    assert_eq!(found(load(&several, None)), ["E011", "E001", "E010", "E012"]);
}

#[test]
fn a_huge_file_is_refused_unread() {
    let huge = format!("{BASELINE}\n#{}", "x".repeat(1024 * 1024));
    assert_eq!(found(load(&huge, None)), ["E045"]);
}
