//! The demo as a new user runs it, and the page that tells its stories.

use std::fs;

use crate::support::{huxin, sample};

/// The text with every number replaced: entry numbers and byte counts vary from run to run.
fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    let mut in_number = false;
    for char in text.chars() {
        if !char.is_ascii_digit() {
            out.push(char);
        } else if !in_number {
            out.push('#');
        }
        in_number = char.is_ascii_digit();
    }
    out
}

#[test]
fn nine_scenarios_come_out_as_they_must_and_the_walkthrough_tells_them_word_for_word() {
    let played = huxin(&["--format", "json", "demo"]);
    assert_eq!(played.exit, 0, "{}{}", played.out, played.err);
    let played = played.json();
    let scenarios = played["scenarios"].as_array().unwrap();
    let ids: Vec<_> = scenarios.iter().map(|scenario| scenario["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["1", "2", "3a", "3b", "4", "5", "6", "7", "10"]);

    let page = without_numbers(&fs::read_to_string(sample("docs/walkthrough.md")).unwrap());
    for scenario in scenarios {
        let checks = scenario["checks"].as_array().unwrap().iter().map(|check| &check["what"]);
        let lines = scenario["lines"].as_array().unwrap().iter();
        for text in [&scenario["title"]].into_iter().chain(lines).chain(checks) {
            let text = without_numbers(text.as_str().unwrap());
            assert!(page.contains(&text), "docs/walkthrough.md does not say: {text}");
        }
    }
}
