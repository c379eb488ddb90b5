//! How findings read: carets under wide characters, both languages, structured.

use super::fixture::{BASELINE, edit, load};
use crate::Lang;

#[test]
fn the_caret_stands_right_under_chinese_text() {
    let text = edit(BASELINE, "then = \"review\", say = \"阳性\" }", "say = \"阳性\", then = \"refus\" }");
    let diagnostics = load(&text, None).unwrap_err();
    let line = text.lines().position(|line| line.contains("refus")).unwrap() + 1;
    // 60 characters stand before the word, two of them twice as wide.
    let blank = " ".repeat(62);
    let expected = format!(
        "错误 E012：不认识的处置 “refus”
  --> national.toml:{line}:61
{line} |   {{ id = \"positive\", pcr = [\"positive\"], say = \"阳性\", then = \"refus\" }},
   | {blank}^^^^^^^ 只能写 admit（放行）或 review（转人工）；机器不作拒绝决定
"
    );
    assert_eq!(diagnostics.render(Lang::Zh, false).trim_end(), expected.trim_end());
    let found: Vec<_> = diagnostics.iter().collect();
    assert_eq!((found.len(), found[0].line, found[0].column), (1, line, 61));
    assert_eq!((found[0].code.as_str(), found[0].file), ("E012", "national.toml"));
    assert_eq!(found[0].end, crate::Position { line, column: 68 });
    assert_eq!(found[0].severity, crate::Severity::Error);
    assert_eq!(found[0].message_en, "unknown outcome `refus`");
    assert_eq!(found[0].help_en, "write admit or review; the machine never refuses, only a person does");
}

#[test]
fn colour_is_used_only_when_asked_for() {
    let text = edit(BASELINE, "title = \"出行\"\n", "");
    let diagnostics = load(&text, None).unwrap_err();
    assert!(!diagnostics.render(Lang::En, false).contains('\u{1b}'));
    assert!(diagnostics.render(Lang::En, true).contains("\u{1b}["));
    assert!(diagnostics.to_string().contains("error E004: the key `title` is missing"));
}

#[test]
fn a_run_keeps_a_bounded_number_of_findings_and_counts_the_rest() {
    let many: String = (0..150).map(|n| format!("unknown-{n} = 1\n")).collect();
    let diagnostics = load(&format!("{many}{BASELINE}"), None).unwrap_err();
    assert_eq!(diagnostics.iter().count(), crate::MAX_FINDINGS);
    assert_eq!(diagnostics.len(), 150);
    assert!(diagnostics.render(Lang::En, false).ends_with("50 more errors are not shown\n"));
}

#[test]
fn a_control_character_of_a_file_never_reaches_the_terminal() {
    let text = edit(BASELINE, "id = \"R2\"", "id = \"R2\\u001b[31m\"");
    let diagnostics = load(&text, None).unwrap_err();
    for lang in [Lang::Zh, Lang::En] {
        assert!(!diagnostics.render(lang, false).contains('\u{1b}'));
    }
    assert!(diagnostics.iter().all(|finding| !finding.message_en.contains('\u{1b}')));
}

#[test]
fn what_speaks_to_a_terminal_is_cited_as_a_replacement_and_the_caret_stands_right() {
    let text = edit(
        BASELINE,
        "then = \"admit\" },\n  { id = \"positive\"",
        "then = \"\u{9b}绿\" },\n  { id = \"positive\"",
    );
    let rendered = load(&text, None).unwrap_err().render(Lang::En, false);
    assert!(rendered.contains("then = \"\u{fffd}绿\" },") && !rendered.contains('\u{9b}'), "{rendered}");
    // The mark begins at the quote: nine characters in, whatever stands in its bytes.
    assert!(rendered.contains("^^^^^ write admit"), "{rendered}");
}

#[test]
fn a_line_too_long_to_cite_is_only_located() {
    let long = "x".repeat(100_000);
    let text = edit(BASELINE, "id = \"R2\"", &format!("id = \"{long}\""));
    let diagnostics = load(&text, None).unwrap_err();
    let rendered = diagnostics.render(Lang::En, false);
    assert!(rendered.contains("national.toml:72:6") && rendered.contains("1 to 40 letters"), "{rendered}");
    assert!(rendered.len() < 4000);
}
