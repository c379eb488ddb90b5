//! A review on the command line: listed, explained, resolved by a person, and shown from receipts alone.

use std::fs;

use serde_json::Value;

use crate::provinces::Provinces;
use crate::support::{arg, huxin};

const APP: &str = "gd/app-gd-hospital-1-reception";

/// Of somebody whom nobody knows: the test of a stranger is asked for and not there.
pub(crate) fn a_review_is_listed_explained_resolved_and_shown(provinces: &Provinces, document: &str) {
    let (decided, resolved) = (provinces.path("decided.txt"), provinces.path("resolved.txt"));
    let query =
        ["query", "--place", "gz-hospital", "--purpose", "visit", "--home", "42", "--document", document];
    let query = [&query[..], &["--case-ref", "ward-3", "--receipt", arg(&decided)]].concat();
    let decision = provinces.ask(APP, &query).json();
    assert_eq!(decision["outcome"], "review", "{decision}");
    assert_eq!(decision["nearest"]["case"], "green-tested");
    let gaps = decision["nearest"]["gaps"].as_array().unwrap();
    assert!(gaps.iter().any(|gap| gap["condition"] == "nucleic_test_within"), "{decision}");
    let entry = &decision["receipt"]["index"];
    let index = entry.to_string();

    let waiting = provinces.ask(APP, &["reviews"]).json();
    let open = waiting["reviews"].as_array().unwrap();
    assert!(open.iter().any(|one| one["index"] == *entry && one["case_ref"] == "ward-3"), "{waiting}");
    let zh = provinces.ask_in(&["--lang", "zh"], APP, &["explain", "--index", &index]);
    assert!(zh.out.contains("怎样会改变") && zh.out.contains("12345"), "{}{}", zh.out, zh.err);

    let words = ["--officer", "0417", "--reason", "原件核对无误"];
    let resolve = [&["resolve", "--index", &index][..], &words].concat();
    assert_eq!(provinces.ask(APP, &resolve).exit, 64, "admit or refuse: a person says so");
    let admit = [&resolve[..], &["--admit", "--receipt", arg(&resolved)]].concat();
    let said = provinces.ask(APP, &admit).json();
    assert_eq!((&said["resolution"], &said["officer"]), (&Value::from("admitted"), &Value::from("0417")));
    let again = provinces.ask(APP, &[&resolve[..], &["--refuse"]].concat());
    assert!(again.exit == 4 && again.err.contains("already_resolved"), "{}", again.err);
    let explained = provinces.ask(APP, &["explain", "--index", &index]).json();
    assert_eq!(explained["resolution"]["reason"], "原件核对无误");
    assert_eq!(explained["decision"]["nearest"], decision["nearest"]);
    let foreign = provinces.ask("gd/app-gd-transport-checkpoint", &["explain", "--index", &index]);
    assert!(foreign.exit == 4 && foreign.err.contains("decision_unknown"), "{}", foreign.err);

    // From the files alone.
    let federation = arg(&provinces.federation);
    let show = |file, more: &[&str]| huxin(&[&["receipt", "show", file][..], more].concat());
    let page = show(arg(&decided), &["--lang", "zh"]);
    assert!(page.exit == 0 && page.out.contains("未验证") && page.out.contains("怎样会改变"), "{}", page.out);
    let page = show(arg(&decided), &["--lang", "zh", "--federation", federation]);
    assert!(page.exit == 0 && page.out.contains("成立") && page.out.contains("G-30"), "{}", page.out);
    let page = show(arg(&resolved), &["--format", "json", "--federation", federation]).json();
    assert_eq!((&page["verified"], &page["type"]), (&Value::from(true), &Value::from("resolution")));
    assert_eq!(page["resolution"]["index"], *entry);
    let verify =
        huxin(&["--format", "json", "receipt", "verify", arg(&resolved), "--federation", federation]);
    assert_eq!(verify.json()["outcome"], "admitted");

    // A changed word is shown for what it is, and verifies no more.
    let text = fs::read_to_string(&resolved).unwrap();
    let changed = provinces.path("changed.txt");
    fs::write(&changed, crate::round_trip::with_another_last_byte(&text)).unwrap();
    assert_eq!(show(arg(&changed), &["--federation", federation]).exit, 1);
}
