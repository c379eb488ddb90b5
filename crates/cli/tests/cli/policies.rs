use std::fs;

use crate::support::{arg, huxin, sample};

/// Every policy file of the repository.
fn samples() -> Vec<String> {
    let mut files: Vec<_> = fs::read_dir(sample("deploy/policies"))
        .unwrap()
        .map(|entry| entry.unwrap().path().to_str().unwrap().to_owned())
        .filter(|path| path.ends_with(".toml"))
        .collect();
    files.sort();
    assert!(files.len() >= 10);
    files
}

fn check(files: &[String], command: &str) -> crate::support::Said {
    let mut arguments = vec!["policy", command];
    arguments.extend(files.iter().map(String::as_str));
    huxin(&arguments)
}

/// A copy of the sample policies in which `file` was changed.
fn changed(file: &str, from: &str, to: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    for path in samples() {
        let name = path.rsplit('/').next().unwrap();
        fs::copy(&path, folder.path().join(name)).unwrap();
    }
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let path = arg(&path).to_owned();
    (folder, path)
}

#[test]
fn every_sample_policy_is_valid_and_every_example_holds() {
    // The overlays of exercise regions reach too far, and show it.
    let (exercises, valid): (Vec<_>, Vec<_>) =
        samples().into_iter().partition(|path| path.contains("/province-9"));
    let all = check(&valid, "check");
    assert_eq!(all.exit, 0, "{}", all.out);
    assert_eq!(all.out.lines().filter(|line| line.contains(": valid (")).count(), valid.len());
    let over = check(&exercises, "check");
    assert_eq!((over.exit, exercises.len()), (3, 2), "{}", over.out);

    let national = arg(&sample("deploy/policies/national.toml")).to_owned();
    let tested = huxin(&["--format", "json", "policy", "test", &national]).json();
    let examples = fs::read_to_string(&national).unwrap().matches("\n[[example]]").count();
    assert_eq!(tested["files"][0]["passed"], examples);
    assert_eq!(tested["files"][0]["failed"], 0);
}

#[test]
fn a_broken_file_ends_with_2_and_the_caret_stands_under_what_is_wrong() {
    let (_folder, path) = changed("places-44.toml", "category = \"station\"", "category = \"statoin\"");
    let said = check(std::slice::from_ref(&path), "check");
    assert_eq!(said.exit, 2, "{}", said.out);
    let lines: Vec<_> = said.out.lines().collect();
    let at = lines.iter().position(|line| line.contains("category = \"statoin\"")).unwrap();
    let column = lines[at].find("\"statoin\"").unwrap();
    assert_eq!(lines[at + 1].find('^'), Some(column), "{}", said.out);
    assert_eq!(lines[at + 1].matches('^').count(), "\"statoin\"".len(), "{}", said.out);

    let json = huxin(&["--format", "json", "policy", "check", &path]);
    let found: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json.exit, found["findings"][0]["column"].as_u64()), (2, Some(12)), "{found}");
}

#[test]
fn warnings_end_with_1_only_where_they_are_denied() {
    let (_folder, path) =
        changed("province-42.toml", "basis = \"示例：鄂民函〔2022〕第 5 号\"", "basis = \"口头通知\"");
    let said = huxin(&["--lang", "zh", "policy", "check", &path]);
    assert_eq!(said.exit, 0, "{}", said.out);
    assert!(said.out.contains("警告 W001：依据“口头通知”不是公开文件"), "{}", said.out);
    assert!(said.out.trim_end().ends_with("，有 1 处警告"), "{}", said.out);
    let denied = huxin(&["--format", "json", "policy", "check", "--deny-warnings", &path]);
    let found: serde_json::Value = serde_json::from_str(&denied.out).unwrap();
    assert_eq!(denied.exit, 1, "{found}");
    assert_eq!((&found["files"][0]["valid"], &found["files"][0]["warnings"]), (&true.into(), &1.into()));
    let finding = &found["findings"][0];
    assert_eq!((&finding["code"], &finding["severity"]), (&"W001".into(), &"warning".into()));
    assert_eq!(finding["end_line"], finding["line"]);
    assert_eq!(finding["end_column"].as_u64().unwrap() - finding["column"].as_u64().unwrap(), 6, "{finding}");
    // A file that is wrong ends with 2, whatever else it shows.
    let (_folder, wrong) = changed("province-42.toml", "then = \"review\"", "then = \"refuse\"");
    assert_eq!(huxin(&["policy", "check", "--deny-warnings", &wrong, &path]).exit, 2);
    // The examples hold; a warning is none of them.
    assert_eq!(huxin(&["policy", "test", &path]).exit, 0);
}

#[test]
fn an_overlay_that_reaches_too_far_ends_with_3_unless_a_file_is_invalid() {
    let (_folder, path) = changed("province-42.toml", "pcr_within = \"by_place\"", "pcr_within = \"7d\"");
    let said = huxin(&["--lang", "zh", "policy", "check", "--deny-warnings", &path]);
    assert_eq!(said.exit, 3, "{}{}", said.out, said.err);
    assert!(said.out.contains("[越权] G-30") && said.out.contains("越权，节点不会载入"), "{}", said.out);
    let found: serde_json::Value =
        serde_json::from_str(&huxin(&["--format", "json", "policy", "check", &path]).out).unwrap();
    assert_eq!(found["files"][0]["valid"], false);
    assert!(found["files"][0]["over_reach"].as_str().unwrap().contains("G-30"), "{found}");
    let (_folder, invalid) = changed("province-44.toml", "then = \"review\"", "then = \"refuse\"");
    let both = huxin(&["policy", "check", &path, &invalid]);
    assert_eq!(both.exit, 2);
    assert!(both.out.contains("E012") && both.out.contains("over-reach"), "{}", both.out);
}

#[test]
fn a_label_in_the_decision_log_that_no_grade_stands_for_is_warned_of() {
    let (folder, path) = changed("national.toml", "\"鄂汇绿\" = \"green\"\n", "");
    let log = folder.path().join("decisions.jsonl");
    let line = r#"{"at":"2022-07-08T09:00:00+08:00","given":{"purpose":"travel","code":[{"from":"42","by":"health","status":"00","label":"鄂汇绿"}]},"was":{"then":"review","ask":["health_code"],"must":[]}}"#;
    fs::write(&log, format!("{line}\n{line}\n")).unwrap();
    let seen = ["--lang", "zh", "policy", "check", "--seen", arg(&log)];
    let said = huxin(&[&seen[..], &["--deny-warnings", &path]].concat());
    assert_eq!(said.exit, 1, "{}{}", said.out, said.err);
    assert!(said.out.contains("警告 W005：42 的标签“鄂汇绿”出现过 2 次"), "{}", said.out);
    let whole = arg(&sample("deploy/policies/national.toml")).to_owned();
    assert_eq!(huxin(&[&seen[..], &["--deny-warnings", &whole]].concat()).exit, 0);
    let overlay = arg(&sample("deploy/policies/province-42.toml")).to_owned();
    assert_eq!(huxin(&[&seen[..], &[&overlay]].concat()).exit, 64);
    fs::write(&log, "{}").unwrap();
    assert_eq!(huxin(&[&seen[..], &[&path]].concat()).exit, 2);
}

#[test]
fn a_file_that_does_not_even_parse_is_still_read_as_what_it_is() {
    let (_folder, path) = changed("province-42.toml", "layer = \"provincial\"", "layer = provincial\"");
    let said = check(&[path], "check");
    assert_eq!(said.exit, 2, "{}", said.out);
    assert!(said.out.contains("E001") && said.out.contains("province-42.toml"), "{}", said.out);
}

#[test]
fn a_failing_example_is_a_finding_and_anything_else_an_invalid_file() {
    let (_folder, path) =
        changed("province-42.toml", "expect = { then = \"admit\"", "expect = { then = \"review\"");
    let failed = check(std::slice::from_ref(&path), "test");
    assert_eq!(failed.exit, 1, "{}{}", failed.out, failed.err);
    assert!(failed.out.contains("E044") && failed.out.contains(" failed"), "{}", failed.out);
    assert_eq!(check(&[path], "check").exit, 2);

    let (_folder, path) = changed("province-42.toml", "then = \"review\"", "then = \"refuse\"");
    let invalid = check(&[path], "test");
    assert_eq!(invalid.exit, 2, "{}{}", invalid.out, invalid.err);
    assert!(invalid.err.contains("E012"), "{}", invalid.err);
}

#[test]
fn an_overlay_over_an_invalid_baseline_is_not_judged() {
    let (folder, _) = changed("national.toml", "then = \"review\"", "then = \"refuse\"");
    let overlay = folder.path().join("province-42.toml");
    let said = check(&[arg(&overlay).to_owned()], "check");
    assert_eq!(said.exit, 2);
    assert!(said.out.contains("not judged") && !said.out.contains("E012"), "{}", said.out);
}

#[test]
fn what_examples_do_not_reach_is_offered_as_examples_and_with_them_everything_is_reached() {
    for name in ["national", "province-44"] {
        let (_folder, path) = changed(&format!("{name}.toml"), "[policy]", "[policy]");
        let test = |more: &[&str]| huxin(&[&["policy", "test", &path][..], more].concat());
        let before = test(&["--format", "json"]).json();
        let coverage = &before["files"][0]["coverage"];
        let percent = |coverage: &serde_json::Value, of: &str| coverage[of]["percent"].as_u64().unwrap();
        let (cases, regions) = (percent(coverage, "cases"), percent(coverage, "regions"));
        assert!(cases < 100 && regions < 100, "{coverage}");
        // Both must reach the share that is asked for.
        for (least, exit) in [(regions, 0), (regions + 1, 1), (100, 1)] {
            assert_eq!(test(&["--min-coverage", &least.to_string()]).exit, exit, "{name} {least}");
        }
        let missing = coverage["regions"]["missing"].as_array().unwrap();
        let examples = missing.iter().map(|one| one["example"].as_str().unwrap());
        let text = fs::read_to_string(&path).unwrap() + "\n" + &examples.collect::<Vec<_>>().join("\n");
        let zh = test(&["--lang", "zh"]);
        assert!(zh.out.contains("例子触及的情形：") && zh.out.contains("可贴入文件的例子"), "{}", zh.out);
        fs::write(&path, text).unwrap();
        let after = test(&["--format", "json", "--min-coverage", "100"]).json();
        let coverage = &after["files"][0]["coverage"];
        assert_eq!((percent(coverage, "cases"), percent(coverage, "regions")), (100, 100), "{coverage}");
    }
    assert_eq!(huxin(&["policy", "test", "x.toml", "--min-coverage", "101"]).exit, 64);
}
