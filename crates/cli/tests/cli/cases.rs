//! Cases on the command line: explained one by one, exported from a node's log, judged again by other files.

use std::fs;

use serde_json::Value;

use crate::provinces::Provinces;
use crate::support::{Said, arg, huxin, sample};

fn policy(name: &str) -> String {
    arg(&sample(&format!("deploy/policies/{name}.toml"))).to_owned()
}

fn explain(arguments: &[&str], files: &[&str]) -> Said {
    let files: Vec<_> = files.iter().map(|name| policy(name)).collect();
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    huxin(&[&["policy", "explain"][..], &files, arguments].concat())
}

const LATE: &str = r#"given = { purpose = "travel", from_risk = "low", area = "440113", age = 35, code = { from = "42", by = "data_bureau", status = "00" }, pcr = { from = "43", by = "licensed_lab", result = "negative", reported = "2881m" } }"#;

#[test]
fn may_a_hotel_in_a_low_risk_area_ask_for_anything() {
    let hotel = ["--purpose", "visit", "--place", "hotel", "--here-risk", "low"];
    let said = explain(&[&hotel[..], &["--format", "json"]].concat(), &["national"]).json();
    assert_eq!((&said["outcome"], &said["rule"]), (&"admit".into(), &"G-10".into()));
    assert_eq!((&said["ask"], &said["cases"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    let zh = explain(&[&hotel[..], &["--lang", "zh"]].concat(), &["national"]);
    assert!(zh.out.contains("查询：什么也不查，直接放行") && zh.out.contains("national.toml"), "{}", zh.out);
    // In an area of medium risk it may: for the code.
    let mid = ["--purpose", "visit", "--place", "hotel", "--here-risk", "mid", "--format", "json"];
    let said = explain(&mid, &["national"]).json();
    assert_eq!((&said["rule"], &said["ask"][0]), (&"G-11".into(), &"health_code".into()));
}

#[test]
fn a_case_in_a_file_is_traced_and_compared_with_the_baseline() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.toml");
    fs::write(&file, LATE).unwrap();
    let given = ["--given", arg(&file)];
    let zh = explain(&[&given[..], &["--lang", "zh"]].concat(), &["province-44"]);
    for part in [
        "结论：转人工",
        "规则：GD-20 / 其余情形",
        "province-44.toml",
        "逐条：under-3 不成立：年龄 35，须不满 3 周岁",
        "逐条：green-tested 不成立：核酸已有 48 小时 1 分，须在 48 小时以内，超过 1 分钟",
        "怎样会改变：",
        "按国家基线：G-20：现在就是“转人工”",
        "12345",
    ] {
        assert!(zh.out.contains(part), "{part}\n{}", zh.out);
    }
    let said = explain(&[&given[..], &["--format", "json"]].concat(), &["province-44", "national"]).json();
    assert_eq!((&said["case"], &said["baseline"]["rule"]), (&"otherwise".into(), &"G-20".into()));
    let tested =
        said["cases"].as_array().unwrap().iter().find(|case| case["case"] == "green-tested").unwrap();
    let late = tested["conditions"].as_array().unwrap().iter().find(|one| one["holds"] == false).unwrap();
    assert_eq!((&late["condition"], &late["over_minutes"]), (&"nucleic_test_within".into(), &1.into()));
    assert_eq!(said["nearest"]["case"], "green-tested");

    // Beside the case's file is where files are looked for.
    for name in ["vocabulary", "national"] {
        fs::copy(policy(name), folder.path().join(format!("{name}.toml"))).unwrap();
    }
    let said = huxin(&["--format", "json", "policy", "explain", "--given", arg(&file)]).json();
    assert_eq!((&said["rule"], &said["baseline"]), (&"G-20".into(), &Value::Null));

    // At its time nothing may be asked any more.
    let late = [&given[..], &["--at", "2030-01-01T00:00:00+08:00", "--format", "json"]].concat();
    assert_eq!(explain(&late, &["national"]).json()["rule"], Value::Null);
}

#[test]
fn a_case_that_is_none_ends_with_2_and_no_case_with_64() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.toml");
    for (text, says) in [
        ("purpose = \"fly\"", "fly"),
        ("{\"at\": 1}", "case.toml:1: column"),
        ("{}\n{}", "one line"),
        ("purpose = \"visit\"\ncode = { from = \"42\" }", "by"),
    ] {
        fs::write(&file, text).unwrap();
        let said = explain(&["--given", arg(&file)], &["national"]);
        assert!(said.exit == 2 && said.err.contains(says), "{says}: {} {}", said.exit, said.err);
    }
    assert_eq!(explain(&[], &["national"]).exit, 64);
    assert_eq!(explain(&["--place", "hotel"], &["national"]).exit, 64);
    let twice = explain(&["--purpose", "visit"], &["province-44", "province-42"]);
    assert!(twice.exit == 64 && twice.err.contains("second of its kind"), "{}", twice.err);
}

/// What a decision log says of a traveller with a test of so many minutes.
fn line(minutes: u32, then: &str, case: &str) -> String {
    format!(
        r#"{{"at":"2022-07-08T09:00:00+08:00","given":{{"purpose":"travel","from_risk":"low","area":"440113","age":35,"code":{{"from":"42","by":"data_bureau","status":"00","label":"鄂紫"}},"pcr":{{"from":"43","by":"licensed_lab","result":"negative","reported":"{minutes}m"}}}},"was":{{"then":"{then}","ask":["health_code","nucleic_test"],"by":"GD-20","case":"{case}","must":[]}}}}"#
    )
}

#[test]
fn a_log_is_simulated_against_other_files_and_every_difference_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("decisions.jsonl");
    let not_asked = line(60, "admit", "green-tested")
        .replace(
            r#""pcr":{"from":"43","by":"licensed_lab","result":"negative","reported":"60m"}"#,
            r#""exam":[]"#,
        )
        .replace(r#"["health_code","nucleic_test"]"#, r#"["health_code"]"#);
    let lines = [
        line(60, "admit", "green-tested"),
        line(2881, "review", "otherwise"),
        line(1500, "admit", "green-tested"),
        not_asked,
        line(60, "admit", "green-tested").replace("travel", "flying"),
    ];
    fs::write(&log, lines.join("\n")).unwrap();
    let simulate = |new: &str, more: &[&str]| {
        huxin(&[&["policy", "simulate", "--log", arg(&log), "--new", new][..], more].concat())
    };

    // The files by which it was decided.
    let same = simulate(&policy("province-44"), &["--format", "json"]).json();
    assert_eq!((&same["decisions"], &same["same"], &same["different"]), (&5.into(), &3.into(), &1.into()));
    assert_eq!(
        same["not_judged"][0]["why"],
        "`purpose` cannot be \"flying\": the vocabulary does not list it"
    );
    let labels = &same["unmapped_labels"][0];
    assert_eq!(
        (&labels["label"], &labels["undecided"], &labels["count"]),
        (&"鄂紫".into(), &false.into(), &5.into())
    );

    // The baseline alone: obligations, where the overlay has none.
    let national = policy("national");
    let said =
        simulate(&national, &["--format", "json", "--old", &policy("province-44"), "--examples", "1"]).json();
    let of = |said: &Value, change: &str| {
        let rows = said["changes"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["change"] == change).unwrap_or_default()
    };
    assert_eq!(of(&said, "obligations")["count"], 2);
    assert_eq!(of(&said, "obligations")["examples"].as_array().unwrap().len(), 1);
    assert_eq!(of(&said, "obligations")["examples"][0]["line"], 1);
    assert_eq!(said["by_issuer"].as_array().unwrap().len(), 2, "{said}");

    // Tests of a day only.
    let stricter = folder.path().join("national.toml");
    fs::write(
        &stricter,
        fs::read_to_string(&national).unwrap().replace("pcr_within = \"48h\"", "pcr_within = \"24h\""),
    )
    .unwrap();
    fs::copy(policy("vocabulary"), folder.path().join("vocabulary.toml")).unwrap();
    // Its examples speak of 48 hours.
    let text = fs::read_to_string(&stricter).unwrap();
    let kept: Vec<_> = text.split("\n[[").filter(|block| !block.starts_with("example]]")).collect();
    fs::write(&stricter, kept.join("\n[[")).unwrap();
    let said = simulate(arg(&stricter), &["--format", "json"]).json();
    assert_eq!(of(&said, "admit_to_review")["count"], 1);
    assert_eq!(of(&said, "admit_to_review")["examples"][0]["line"], 3);
    assert_eq!(of(&said, "answer_unknown")["count"], 1, "the fourth was not asked for a test");
    assert_eq!(simulate(arg(&stricter), &["--exit-code"]).exit, 1);
    let zh = simulate(arg(&stricter), &["--lang", "zh"]);
    for part in [
        "放行 → 转人工：1",
        "#3: GD-20/green-tested 放行 → G-20/otherwise 转人工",
        "鄂紫",
        "按来源省",
        "huxin policy diff",
    ] {
        assert!(zh.out.contains(part), "{part}\n{}", zh.out);
    }

    fs::write(&log, format!("{}\n{{}}\n", lines[0])).unwrap();
    let broken = simulate(&national, &[]);
    assert!(broken.exit == 2 && broken.err.contains("decisions.jsonl:2: column 2"), "{}", broken.err);
}

/// The decisions of a node that ran, judged again by its own files.
pub(crate) fn decisions_are_exported_and_simulated(provinces: &Provinces) {
    let (data, federation) = (provinces.path("gd/data"), arg(&provinces.federation));
    let export = [
        "ledger",
        "decisions",
        "--data",
        arg(&data),
        "--federation",
        federation,
        "--origin",
        "gd.example/log/0",
    ];
    let said = huxin(&export);
    assert_eq!(said.exit, 0, "{}", said.err);
    let count = said.out.lines().count();
    assert!(count >= 3 && said.err.contains(&format!("{count} decisions exported")), "{}", said.err);
    assert!(!said.out.contains("429999"), "no document");
    let log = provinces.path("decisions.jsonl");
    fs::write(&log, &said.out).unwrap();
    let new = policy("national");
    let simulate =
        ["--format", "json", "policy", "simulate", "--log", arg(&log), "--new", &new, "--exit-code"];
    let simulated = huxin(&simulate).json();
    assert_eq!((&simulated["decisions"], &simulated["same"]), (&count.into(), &count.into()), "{simulated}");
    assert_eq!(simulated["changes"], Value::Array(vec![]), "each by the same rule and case");
    // One line is a case that can be explained.
    let one = provinces.path("one.json");
    fs::write(&one, said.out.lines().last().unwrap()).unwrap();
    let explained = explain(&["--given", arg(&one), "--format", "json"], &["national"]).json();
    assert!(explained["rule"].is_string() && !explained["heard"].is_null(), "{explained}");
}
