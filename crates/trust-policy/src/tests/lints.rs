//! Each lint: one file that shows what it warns of, and the nearest one that does not.

use super::fixture::{BASELINE, OVERLAY, VOCABULARY, draft, edit, load, quiet};
use crate::{Diagnostics, Lang, LoggedDecision, Policy, SeenLabels, Source};

fn codes(found: &Diagnostics) -> Vec<String> {
    assert_eq!(found.errors(), 0);
    found.iter().map(|finding| finding.code).collect()
}

/// The guard is not asked: warnings stand beside over-reach, too.
fn shown(baseline: &str, overlay: Option<&str>) -> Vec<String> {
    let draft = draft(baseline, overlay);
    codes(draft.unwrap_or_else(|found| panic!("{}", found.render(Lang::En, false))).warnings())
}

/// Changing `from` to `to` in the quiet baseline must be warned of with exactly these codes.
fn warns(from: &str, to: &str, expected: &[&str]) {
    assert_eq!(shown(&edit(&quiet(), from, to), None), expected, "{from} → {to}");
}

/// The same for the overlay.
fn overlay_warns(from: &str, to: &str, expected: &[&str]) {
    assert_eq!(shown(&quiet(), Some(&edit(OVERLAY, from, to))), expected, "{from} → {to}");
}

const TRAVEL: &str = "when = { purpose = [\"travel\"], from_risk = [\"low\"] }";
const HOSPITAL: &str = "when = { purpose = [\"visit\"], place = [\"hospital\"] }";

#[test]
fn a_quiet_policy_has_no_warnings() {
    assert_eq!(shown(&quiet(), None), [""; 0]);
    assert_eq!(shown(&quiet(), Some(OVERLAY)), [""; 0]);
}

#[test]
fn a_basis_that_nobody_can_look_up_is_warned_of_wherever_one_stands() {
    for basis in ["口头通知", "市指挥部会议纪要第 3 期", "Oral notice of 3 July", "the minutes of a meeting"]
    {
        warns("basis = \"二\"", &format!("basis = \"{basis}\""), &["W001"]);
    }
    warns("basis = \"方案\"", "basis = \"口头通知\"", &["W001"]);
    overlay_warns("basis = \"函\"", "basis = \"电话通知\"", &["W001"]);
    overlay_warns("basis = \"省文\"", "basis = \"会议纪要\"", &["W001"]);
    overlay_warns("basis = \"省二\"", "basis = \"口头通知\"", &["W001"]);
    warns("basis = \"二\"", "basis = \"某防指〔2022〕7号 第二条\"", &[]);
}

#[test]
fn more_than_ninety_days_of_validity_are_warned_of() {
    let until = "until = 2022-08-01T00:00:00+08:00";
    warns(until, "until = 2022-09-29T00:00:00+08:00", &[]);
    warns(until, "until = 2022-09-29T00:00:01+08:00", &["W002"]);
    let text = edit(&quiet(), until, "until = 2022-09-29T00:00:01+08:00");
    let policy = load(&text, None).unwrap();
    assert_eq!(
        policy.warnings().iter().next().unwrap().message_en,
        "the file holds for 91 days, more than 90"
    );
    overlay_warns("until = 2022-07-20", "until = 2023-07-20", &["W002"]);
}

#[test]
fn asking_for_what_no_department_may_be_told_is_warned_of() {
    // Two rules ask for both.
    warns("purposes = [\"travel\", \"visit\"]", "purposes = [\"visit\"]", &["W003", "W003"]);
    warns("kinds = [\"health_code\", \"nucleic_test\"]", "kinds = [\"nucleic_test\"]", &["W003", "W003"]);
    // Each by itself is not both at once, and both go out in one question.
    let apart = edit(&quiet(), "kinds = [\"health_code\", \"nucleic_test\"]", "kinds = [\"nucleic_test\"]");
    let entry = "[[disclose]]\nid = \"D3\"\nkinds = [\"health_code\"]\npurposes = [\"travel\"]\nto_departments = [\"health\"]\nper_peer_per_minute = 1\nmisses_per_peer_per_hour = 1\n[grades.all]";
    assert_eq!(shown(&edit(&apart, "[grades.all]", entry), None), ["W003", "W003"]);
    overlay_warns("ask = [\"nucleic_test\"]", "ask = [\"nucleic_test\", \"exam_result\"]", &["W003"]);
}

/// What the first warning says in English.
fn said(baseline: &str, overlay: Option<&str>) -> String {
    let draft = draft(baseline, overlay).unwrap();
    draft.warnings().iter().next().unwrap().message_en
}

#[test]
fn evidence_that_it_pays_to_withhold_is_warned_of() {
    let from = "code = [\"none\"], pcr = [\"stale\"], then = \"review\", say = \"都没有\"";
    let admits = |state: &str| format!("code = [\"{state}\"], pcr = [\"negative\"], then = \"admit\"");
    warns(from, &admits("none"), &["W004"]);
    assert_eq!(
        said(&edit(&quiet(), from, &admits("none")), None),
        "under rule R2 it pays to hide health_code, for example: aged 35, travel, from_risk low, health code green, nucleic test negative, 48 h 1 min old: review; without it: admit"
    );
    // Nobody can make his province fall silent.
    warns(from, &admits("unreachable"), &[]);
    // Without a test nobody gets further than with one.
    warns(from, "pcr = [\"none\"], code = [\"green\"], then = \"admit\"", &["W004"]);
}

#[test]
fn a_risk_that_it_pays_to_hide_is_warned_of() {
    // The table of hours is lighter where the risk is unknown.
    warns("unknown = \"24h\" }", "unknown = \"72h\" }", &["W004"]);
    warns("unknown = \"24h\" }", "unknown = \"23h\" }", &[]);
    // No rule governs who does not say where he comes from.
    assert!(shown(BASELINE, None).contains(&"W004".to_owned()));
    assert_eq!(
        said(
            &quiet().replace("from_risk = [\"unknown\"]", "from_risk = [\"high\"]").replace(
                "given = { purpose = \"travel\" }",
                "given = { purpose = \"travel\", from_risk = \"high\" }"
            ),
            None
        ),
        "under rule R2 it pays to hide the risk where one comes from, for example: aged 35, travel, from_risk low, health code green, nucleic test negative, 48 h 1 min old: review; without it: admit"
    );
}

#[test]
fn an_overlay_that_makes_hiding_pay_is_warned_of() {
    let own = |area: &str| {
        let rule = format!(
            r#"[[rule]]
id = "P5"
replaces = "R5"
title = "来源不明"
when = {{ purpose = ["travel"], from_risk = ["unknown"], area = ["{area}"] }}
ask = []
owner = "省"
basis = "省五"
[[example]]
name = "不问"
given = {{ purpose = "travel", area = "{area}06" }}
expect = {{ by = "P5" }}
"#
        );
        format!("{OVERLAY}{rule}")
    };
    // In one city the overlay itself governs those from low-risk areas, in the other one the baseline does.
    for (area, rule) in [("4401", "P2"), ("4403", "P5")] {
        assert_eq!(shown(&quiet(), Some(&own(area))), ["W004"], "{area}");
        let said = said(&quiet(), Some(&own(area)));
        assert!(
            said.starts_with(&format!("under rule {rule} it pays to hide the risk where one comes from")),
            "{said}"
        );
    }
}

/// A decision about one code of Hubei.
fn logged(code: &str) -> LoggedDecision {
    let given = format!(r#"{{"purpose":"travel","code":[{{"from":"42","by":"health",{code}}}]}}"#);
    let line = format!(
        r#"{{"at":"2022-07-08T09:00:00+08:00","given":{given},"was":{{"then":"review","ask":["health_code"],"must":[]}}}}"#
    );
    LoggedDecision::parse(&line).unwrap()
}

fn labels(codes: &[&str]) -> Vec<String> {
    let policy = load(BASELINE, None).unwrap();
    let mut seen = SeenLabels::default();
    codes.iter().for_each(|code| seen.add(&policy, &logged(code)));
    let found = policy.warn_of_labels(Source { name: "national.toml", text: BASELINE }, &seen);
    assert!(found.iter().all(|finding| finding.code == "W005"));
    found.iter().map(|finding| format!("{} {}", finding.line, finding.message_en)).collect()
}

#[test]
fn a_label_in_traffic_that_nothing_maps_is_warned_of_once_with_its_number() {
    let unknown = r#""status":"00","label":"鄂汇绿""#;
    let line = BASELINE.lines().position(|line| line == "[grades.\"42\"]").unwrap() + 1;
    assert_eq!(
        labels(&[unknown, unknown]),
        [format!(
            "{line} the label `鄂汇绿` of region 42 was seen 2 times, and no table of [grades] maps it"
        )]
    );
    // Mapped for the province, a status for all, a reason beside a status; 11 states no colour.
    for known in [
        r#""status":"11","label":"弹窗3""#,
        r#""status":"10""#,
        r#""status":"00","reason":"随便写写""#,
        r#""status":"11""#,
    ] {
        assert_eq!(labels(&[known]), [""; 0], "{known}");
    }
    assert_eq!(labels(&[r#""status":"11","reason":"随便写写""#]).len(), 1);
}

#[test]
fn a_rule_that_no_example_reaches_is_warned_of() {
    let rules = shown(BASELINE, None).into_iter().filter(|code| code == "W006");
    assert_eq!(rules.count(), 3);
    // An example need not name its rule.
    warns("expect = { by = \"R3\" }", "expect = { then = \"review\" }", &[]);
    let elsewhere =
        OVERLAY.replace("440106", "440306").replace("by = \"P2\", case = \"tested\"", "by = \"R2\"");
    let elsewhere = elsewhere.replace("then = \"admit\", by", "then = \"review\", by");
    assert_eq!(shown(&quiet(), Some(&elsewhere)), ["W006"]);
}

#[test]
fn checks_that_take_in_low_risk_areas_are_warned_of() {
    warns(TRAVEL, "when = { purpose = [\"travel\"], from_risk = [\"low\", \"high\"] }", &["W011"]);
    for (from, restricted) in [("", true), (", from_risk = [\"low\", \"unknown\"]", false)] {
        let text = edit(BASELINE, TRAVEL, &format!("when = {{ purpose = [\"travel\"]{from} }}"));
        assert_eq!(shown(&text, None).contains(&"W011".to_owned()), restricted, "{from}");
    }
    let shop = "when = { purpose = [\"visit\"], place = [\"shop\"], here_risk = [\"low\"] }\nask = []";
    let checked = "when = { purpose = [\"visit\"], place = [\"shop\"], here_risk = [\"low\", \"unknown\"] }\nask = [\"health_code\"]\ncases = [ { id = \"green\", code = [\"green\"], then = \"admit\" } ]\notherwise = { then = \"review\" }";
    let text = edit(&quiet(), shop, checked);
    let text =
        edit(&text, "expect = { then = \"admit\", ask = [], by = \"R1\" }", "expect = { by = \"R1\" }");
    assert_eq!(shown(&text, None), ["W011"]);
    let high = text
        .replace("here_risk = [\"low\", \"unknown\"]", "here_risk = [\"high\", \"unknown\"]")
        .replace("here_risk = \"low\" }", "here_risk = \"high\" }");
    assert_eq!(shown(&high, None), [""; 0]);
    let policy = load(&text, None).unwrap();
    let found = policy.warnings().iter().next().unwrap();
    assert!(found.message_zh.contains("例如：进入，商店，本地低"), "{}", found.message_zh);
}

#[test]
fn turning_back_people_from_low_risk_areas_is_warned_of() {
    let admitting = [
        "  { id = \"tested\", code = [\"green\"], pcr = [\"negative\"], pcr_within = \"48h\", then = \"admit\", must = [\"mask\", \"test\"] },\n",
        "  { id = \"unfounded\", code = [\"unfounded\", \"hearsay\"], pcr = [\"negative\"], then = \"admit\" },\n",
    ];
    let one = edit(&quiet(), admitting[0], "");
    assert_eq!(shown(&one, None), [""; 0]);
    // The infant's case stands, and admits nobody else.
    assert_eq!(shown(&edit(&one, admitting[1], ""), None), ["W012"]);
    warns("say = \"不全\"", "say = \"一律劝返\"", &["W012"]);
    let vocabulary =
        edit(VOCABULARY, "mask = { zh = \"戴口罩\", en = \"mask\" }", "mask = { zh = \"隔离\", en = \"x\" }");
    let policy = Policy::load(
        super::fixture::region(44),
        Source { name: "vocabulary.toml", text: &vocabulary },
        Source { name: "national.toml", text: &quiet() },
        None,
        &[],
    );
    assert_eq!(codes(policy.unwrap().warnings()), ["W012"]);
}

#[test]
fn treating_baseless_codes_as_red_is_warned_of() {
    let positive = "{ id = \"positive\", pcr = [\"positive\"], then = \"review\", say = \"阳性\" }";
    let with = |names: &str, then: &str| {
        format!("{positive},\n  {{ id = \"bad\", code = [{names}], then = \"{then}\" }}")
    };
    warns(positive, &with("\"red\", \"unfounded\"", "review"), &["W014"]);
    warns(positive, &with("\"amber\", \"hearsay\"", "review"), &["W014"]);
    warns(positive, &with("\"red\", \"amber\"", "review"), &[]);
    warns(positive, &with("\"distrusted\", \"stale\"", "review"), &[]);
}

#[test]
fn a_check_before_treatment_is_warned_of() {
    let told = edit(
        &quiet(),
        "purposes = [\"travel\", \"visit\"]",
        "purposes = [\"travel\", \"visit\", \"treatment\"]",
    );
    assert_eq!(shown(&told, None), [""; 0]);
    let treated =
        edit(&told, HOSPITAL, "when = { purpose = [\"visit\", \"treatment\"], place = [\"hospital\"] }");
    assert_eq!(shown(&treated, None), ["W016"]);
}

#[test]
fn a_checkpoint_of_ones_own_is_warned_of() {
    let free = edit(OVERLAY, "replaces = \"R2\"\n", "");
    let free = free.replace("from_risk = [\"low\"]", "from_risk = [\"high\"]");
    let free = free.replace("from_risk = \"low\"", "from_risk = \"high\"");
    assert_eq!(shown(&quiet(), Some(&free)), ["W018"]);
}

#[test]
fn a_low_risk_place_that_admits_nobody_is_warned_of() {
    let admits = "cases = [ { id = \"tested\", pcr = [\"negative\"], pcr_within = \"by_place\", then = \"admit\" } ]\n";
    warns(admits, "", &["W019"]);
    let high = edit(&quiet(), admits, "");
    let high = edit(
        &high,
        HOSPITAL,
        "when = { purpose = [\"visit\"], place = [\"hospital\"], here_risk = [\"high\", \"unknown\"] }",
    );
    assert_eq!(shown(&high, None), [""; 0]);
}

#[test]
fn warnings_wait_until_nothing_is_wrong_and_are_rendered_as_warnings() {
    let text = edit(&quiet(), "basis = \"二\"", "basis = \"口头通知\"");
    let policy = load(&text, None).unwrap();
    let shown = policy.warnings().render(Lang::Zh, false);
    assert!(shown.starts_with("警告 W001：依据“口头通知”不是公开文件\n"), "{shown}");
    let found = load(&edit(&text, "title = \"出行\"\n", ""), None).unwrap_err();
    assert_eq!((found.errors(), found.warnings()), (1, 0));
}
