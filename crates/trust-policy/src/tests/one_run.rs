//! One run tells everything that is wrong with a file, each at its own place and in the reader's language.

use super::fixture::{BASELINE, OVERLAY, VOCABULARY, edit, found, load};
use crate::diagnostics::{Code, Sink};
use crate::{Lang, Source, tree};

/// Several edits, one after the other.
fn edits(text: &str, all: &[(&str, &str)]) -> String {
    all.iter().fold(text.to_owned(), |text, (from, to)| edit(&text, from, to))
}

#[test]
fn errors_of_every_kind_are_told_together_in_the_order_of_lines() {
    let text = edits(
        BASELINE,
        &[
            ("version = 3", "version = \"3\""),
            ("max_age = \"24h\"", "max_age = \"24\""),
            ("issuers = [\"42\", \"43\"]", "issuers = [\"42\", \"16\"]"),
            ("place = [\"shop\"], here_risk", "place = [\"shop\", \"hospital\"], here_risk"),
            ("from_risk = [\"low\"]", "from_risk = []"),
            ("province_may = \"tighten\"", "province_may = \"perhaps\"\ncolour = 1"),
            ("then = \"review\", say = \"医师定\"", "then = \"refuse\", say = \"医师定\""),
        ],
    );
    let codes = found(load(&text, None));
    assert_eq!(codes, ["E005", "E011", "E021", "E008", "E013", "E003", "E012"]);
}

#[test]
fn rules_that_overlap_are_told_although_the_header_is_broken() {
    let broken = edits(
        BASELINE,
        &[
            ("id = \"BASE\"\n", ""),
            ("until = 2022-08-01T00:00:00+08:00", "until = 2022-08-01"),
            ("place = [\"shop\"], here_risk", "place = [\"shop\", \"hospital\"], here_risk"),
            (", unknown = \"24h\" }", " }"),
        ],
    );
    assert_eq!(found(load(&broken, None)), ["E004", "E014", "E027", "E031"]);
    let broken = edits(OVERLAY, &[("title = \"省级\"\n", ""), ("area = [\"4401\"]", "area = [\"4301\"]")]);
    assert_eq!(found(load(BASELINE, Some(&broken))), ["E004", "E039"]);
}

#[test]
fn a_statement_whose_issuer_is_wrong_is_read_to_its_end() {
    let given = "given = { purpose = \"visit\", place = \"shop\", here_risk = \"low\" }";
    let wrong = "given = { purpose = \"visit\", pcr = { from = \"16\", by = \"police\", result = \"maybe\", age = 3, hop = 900 } }";
    assert_eq!(found(load(&edit(BASELINE, given, wrong), None)), ["E021", "E006", "E013", "E003", "E017"]);
}

#[test]
fn an_id_of_the_baseline_is_taken_also_for_other_entries_of_an_overlay() {
    for taken in ["R3", "T1", "D2", "BASE"] {
        let text = edit(OVERLAY, "id = \"X1\"", &format!("id = \"{taken}\""));
        assert_eq!(found(load(BASELINE, Some(&text))), ["E010"], "{taken}");
    }
    assert_eq!(found(load(BASELINE, Some(&edit(OVERLAY, "id = \"P44\"", "id = \"BASE\"")))), ["E010"]);
}

#[test]
fn a_place_is_given_in_characters_whatever_stands_before_it() {
    let text = edit(
        BASELINE,
        "{ id = \"positive\", pcr = [\"positive\"], then = \"review\", say = \"阳性\" }",
        "{ id = \"positive\", pcr = [\"positive\"], then = \"review\", say = \"核酸阳性😷，转医疗机构\", must = [\"帽子\"] }",
    );
    let diagnostics = load(&text, None).unwrap_err();
    let finding = diagnostics.iter().next().unwrap();
    let line = text.lines().nth(finding.line - 1).unwrap();
    let marked: String =
        line.chars().skip(finding.column - 1).take(finding.end.column - finding.column).collect();
    assert_eq!(
        (finding.code.as_str(), marked.as_str(), finding.end.line),
        ("E006", "\"帽子\"", finding.line)
    );
    // 11 characters before the caret are twice as wide as the others.
    let rendered = diagnostics.render(Lang::Zh, false);
    let carets = rendered.lines().find(|line| line.contains('^')).unwrap();
    let wide = line.chars().take(finding.column - 1).filter(|character| !character.is_ascii()).count();
    assert_eq!(wide, 11);
    assert_eq!(carets.find('^').unwrap(), "77 | ".len() + finding.column - 1 + wide, "{rendered}");
    assert_eq!(carets.matches('^').count(), 6, "{rendered}");
}

/// Every text that is one letter away from a right one, a few thousand of them.
fn mutants(text: &str) -> impl Iterator<Item = String> {
    const PUT: [char; 16] =
        ['"', '\'', '[', ']', '{', '}', '=', ',', '#', '.', '\\', '\r', '\n', '0', '_', '\u{1}'];
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    places.into_iter().flat_map(move |at| {
        let (before, after) = text.split_at(at);
        let mut rest = after.chars();
        rest.next();
        let deleted = format!("{before}{}", rest.as_str());
        let put = PUT.get(at % PUT.len()).copied().unwrap_or('"');
        [deleted, format!("{before}{put}{after}")]
    })
}

#[test]
fn syntax_errors_are_told_in_chinese_where_chinese_is_asked() {
    let mut seen = std::collections::BTreeSet::new();
    for text in mutants(VOCABULARY).chain(mutants(OVERLAY)) {
        let mut sink = Sink::new(Source { name: "x.toml", text: &text });
        tree::parse(&mut sink, usize::MAX);
        for finding in crate::Diagnostics::of(sink).iter() {
            if finding.code == Code::Syntax.to_string() {
                seen.insert((finding.message_zh, finding.message_en));
            }
        }
    }
    assert!(seen.len() > 10, "{seen:#?}");
    let unknown: Vec<_> = seen.iter().filter(|(zh, _)| zh.contains("读不懂")).collect();
    assert!(unknown.is_empty(), "no Chinese text for {unknown:#?}");
    for (zh, _) in &seen {
        assert!(zh.starts_with("TOML 写法有误：") && !zh.contains("expected"), "{zh}");
    }
}

/// Syntax errors: the place, and what is said in Chinese.
fn syntax(text: &str) -> Vec<String> {
    let mut sink = Sink::new(Source { name: "x.toml", text });
    tree::parse(&mut sink, usize::MAX);
    let found = crate::Diagnostics::of(sink);
    found
        .iter()
        .map(|finding| format!("{}:{} {}", finding.line, finding.column, finding.message_zh))
        .collect()
}

#[test]
fn full_width_marks_of_a_chinese_keyboard_are_named_once_a_line() {
    for (text, place, mark, wanted) in [
        ("title = “出行”", "1:9", '“', '"'),
        ("title ＝ \"出行\"", "1:7", '＝', '='),
        ("a = [\"x\"，\"y\"]", "1:9", '，', ','),
        ("a = ［\"x\"］", "1:5", '［', '['),
        ("b = 1\n【policy】", "2:1", '【', '['),
        ("a = ｛ b = 1 ｝", "1:5", '｛', '{'),
        ("a = 1 ＃ x", "1:7", '＃', '#'),
        ("a = \"x”", "1:7", '”', '"'),
        ("a = ‘x’", "1:5", '‘', '\''),
        ("a\u{3000}= 1", "1:2", '\u{3000}', ' '),
    ] {
        let said = format!("{place} TOML 写法有误：全角的“{mark}”要写成半角的“{wanted}”");
        assert_eq!(syntax(text), [said], "{text}");
    }
    // Inside quotes and comments they are text like any other.
    assert_eq!(syntax("a = \"“，”\" # ＝"), [""; 0]);
    assert_eq!(syntax("a = \"“，”\" b # ＝"), ["1:11 TOML 写法有误：这里不能写键或值；另起一行"]);
}

#[test]
fn files_as_other_systems_save_them_are_read() {
    let saved = format!("\u{feff}{}", BASELINE.trim_start().replace('\n', "\r\n"));
    assert!(load(&saved, None).is_ok());
    let wrong = saved.replace("age_below = 3", "age_below = \"3\"");
    let diagnostics = load(&wrong, None).unwrap_err();
    assert_eq!(diagnostics.iter().next().unwrap().code, "E005");
    assert!(!diagnostics.render(Lang::Zh, false).contains(['\r', '\u{feff}']));
}
