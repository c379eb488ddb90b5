//! The matrix in each of its forms, compared with files that people looked at.

use std::fs;

use crate::support::{Said, arg, huxin, sample};

fn matrix(file: &str, more: &[&str]) -> Said {
    let path = sample(&format!("crates/cli/tests/cli/matrix/{file}.toml"));
    huxin(&[&["policy", "matrix", arg(&path), "--pcr", "negative:30h"][..], more].concat())
}

/// What is printed must be what the file holds. Where the change is meant, look at it and replace the file.
fn is_as_kept(said: &Said, name: &str) {
    assert_eq!(said.exit, 0, "{}", said.err);
    let kept = fs::read_to_string(sample("crates/cli/tests/cli/matrix").join(name)).unwrap();
    assert_eq!(said.out, kept, "{name}");
}

#[test]
fn each_form_of_the_matrix_is_as_it_was_looked_at() {
    is_as_kept(&matrix("province-91", &["--lang", "zh"]), "province-91.zh.txt");
    is_as_kept(&matrix("national", &["--lang", "en"]), "national.en.txt");
    is_as_kept(&matrix("province-91", &["--as", "csv"]), "province-91.csv");
    is_as_kept(&matrix("province-91", &["--as", "svg"]), "province-91.svg");
}

#[test]
fn the_picture_is_well_formed_and_holds_no_outside_part() {
    let svg = matrix("province-91", &["--as", "svg"]).out;
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').unwrap();
        assert!(!text.contains('&') || text.contains(';'), "{text}");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
    }
    assert!(open.is_empty(), "{open:?}");
    for outside in ["href", "url(", "<script", "<image", "<style", "@import", "onload"] {
        assert!(!svg.contains(outside), "{outside}");
    }
    assert!(svg.contains("&lt;b&gt;绿&lt;/b&gt; &amp; &quot;x&quot;") && !svg.contains("<b>"));
    assert!(svg.contains("role=\"img\"") && svg.contains("<title id=\"title\">"));
}

#[test]
fn machines_get_the_same_answers_and_wrong_words_are_named() {
    let json = matrix("province-91", &["--format", "json"]).json();
    let rows = json["purposes"][0]["rows"].as_array().unwrap();
    let answers = |label: &str| {
        let row = rows.iter().find(|row| row["label"] == label).unwrap();
        let words = row["answers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|cell| cell["outcome"].as_str().unwrap().to_owned());
        words.collect::<Vec<_>>()
    };
    let columns = json["purposes"][0]["columns"].as_array().unwrap();
    let low = columns
        .iter()
        .position(|column| column["places"][0] == "hospital" && column["here_risks"][0] == "low")
        .unwrap();
    assert_eq!(answers("00")[low], "admit");
    assert_eq!(answers("<b>绿</b> & \"x\"")[low], "depends", "one department of two is distrusted");
    assert_eq!(answers("=1+1")[low], "review");
    let wrong = matrix("national", &["--purpose", "fly"]);
    assert!(wrong.exit == 64 && wrong.err.contains("lists no purpose fly"), "{}", wrong.err);
    let path = sample("crates/cli/tests/cli/matrix/national.toml");
    assert_eq!(huxin(&["policy", "matrix", arg(&path), "--pcr", "negative"]).exit, 64);
}
