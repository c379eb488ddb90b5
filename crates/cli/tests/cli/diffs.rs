//! `policy diff`: each over-reach with its person, what is permitted, and how the command ends.

use serde_json::Value;

use crate::support::{Said, arg, huxin, sample};

fn diff(province: u8, before: &[&str], after: &[&str]) -> Said {
    let baseline = sample("deploy/policies/national.toml");
    let overlay = sample(&format!("deploy/policies/province-{province}.toml"));
    huxin(&[before, &["policy", "diff", arg(&baseline), arg(&overlay)], after].concat())
}

fn json(said: &Said) -> Value {
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}{}", said.out, said.err))
}

#[test]
fn an_overlay_that_piles_on_ends_with_3_and_every_over_reach_has_its_person() {
    let said = diff(94, &["--lang", "zh"], &[]);
    assert_eq!(said.exit, 3, "{}{}", said.out, said.err);
    for lines in [
        "[越权] G-10 → X94-10 其余情形：更严（基线：省级不得改动；依据：示例：演防指〔2022〕第 8 号第一条）\n   \
         举例：35 岁，进入场所，餐饮店，区划 940100，本地低风险，没有健康码\n   \
         基线：不查，放行        省级：查健康码 → 转人工\n",
        "[越权] G-20 green-tested → X94-20 其余情形：更严（基线：只许放宽；依据：示例：演防指〔2022〕第 8 号第二条）\n   \
         举例：35 岁，跨省出行，来源地低风险，健康码“绿”，核酸“阴性”，已有 24 小时 1 分\n   \
         基线：放行，三天内做两次核酸        省级：转人工\n",
        "[越权] 停止采信 X94-D2：96、97的健康码，20 天，外地的码一概不认\n   C-10：最多连续 14 天，这里是 20 天\n   \
         C-10：同一时刻最多 1 个省，这里是 2 个\n",
        "[合规] 停止采信 X94-D1：95（数据管理部门）的健康码，10 天",
        "[合规] G-50 其余情形 → X94-50 laboratory：更宽（基线：只许放宽；",
    ] {
        assert!(said.out.contains(lines), "{lines}\n{}", said.out);
    }
    assert_eq!(said.out.matches("[越权]").count(), 7, "{}", said.out);
    let english = diff(94, &["--lang", "en"], &[]).out;
    assert_eq!(english.matches("[over-reach]").count(), 7, "{english}");
    assert!(
        english.contains("   baseline: admit, two_tests_in_3_days        overlay: review\n"),
        "{english}"
    );
}

#[test]
fn a_limit_that_is_looser_in_one_cell_of_the_table_only_is_found() {
    let said = diff(93, &["--format", "json"], &["--exit-code"]);
    let shown = json(&said);
    assert_eq!((said.exit, &shown["over_reach"]), (3, &true.into()));
    let regions = shown["regions"].as_array().unwrap();
    let over: Vec<_> = regions.iter().filter(|region| region["granted"] == false).collect();
    assert_eq!(over.len(), 2, "{shown}");
    let slip = over.iter().find(|region| region["overlay"]["case"] == "green-tested").unwrap();
    assert_eq!((&slip["kind"], &slip["province_may"]), (&"looser".into(), &"tighten".into()));
    assert_eq!((&slip["baseline"]["rule"], &slip["baseline"]["case"]), (&"G-30".into(), &"otherwise".into()));
    let person = &slip["person"];
    assert_eq!((&person["place"], &person["here_risk"]), (&"care_home".into(), &"high".into()));
    assert_eq!(person["evidence"][1]["age_minutes"], 12 * 60 + 1);
    assert_eq!(slip["baseline_answer"]["outcome"], "review");
    assert_eq!(slip["overlay_answer"]["outcome"], "admit");
    assert_eq!(shown["counts"]["looser"], 2);
}

#[test]
fn a_permitted_overlay_ends_with_0_and_with_1_where_any_difference_is_to() {
    for province in [41, 42, 44] {
        let said = diff(province, &[], &[]);
        assert_eq!(said.exit, 0, "{}", said.out);
        assert!(said.out.contains("[permitted]") && !said.out.contains("over-reach"), "{}", said.out);
        assert_eq!(diff(province, &[], &["--exit-code"]).exit, 1);
    }
}

#[test]
fn files_in_the_wrong_places_and_broken_ones_are_told_apart_from_over_reach() {
    let (baseline, overlay) =
        (sample("deploy/policies/national.toml"), sample("deploy/policies/province-94.toml"));
    let swapped = huxin(&["policy", "diff", arg(&overlay), arg(&baseline)]);
    assert_eq!(swapped.exit, 64, "{}", swapped.err);
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.toml");
    let text = std::fs::read_to_string(&overlay).unwrap().replace("then = \"review\"", "then = \"refus\"");
    std::fs::write(&broken, text).unwrap();
    let said = huxin(&["policy", "diff", arg(&baseline), arg(&broken)]);
    assert_eq!(said.exit, 2, "an invalid file is decided before over-reach: {}", said.err);
    assert!(said.err.contains("E012"), "{}", said.err);
}
