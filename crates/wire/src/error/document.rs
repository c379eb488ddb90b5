//! Makes `docs/errors.md` from the tables, and proves that the file is what they say.
//!
//! `UPDATE_DOCS=1 cargo test -p huxin-wire errors_md` writes the file anew.

use std::fmt::Write as _;

use super::{Reason, Retry, STATEMENT_ERRORS, Unanswered, Warning, Words, statement_words};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");

const HEAD: &str = "\
# Errors

Made from the tables in `crates/wire/src/error/`; a test holds it true. To write it anew after a change:
`UPDATE_DOCS=1 cargo test -p huxin-wire errors_md`.

本文由 `crates/wire/src/error/` 中的表生成。名称稳定，程序可据以判断；文字供人阅读。

Names are stable: programs may depend on them. Texts are for people and may be improved.

## Failed calls 调用失败

A failed call ends with a `google.rpc.Status` whose details hold an `ErrorInfo`: `domain` is `huxin`, `reason` is a name
of this table, and the metadata hold `error_id` (16 hexadecimal digits, which the node's log holds too) and `retry`:

- `never`: the same request fails again; change the request or the configuration. 同一请求再发仍会失败，须改请求或配置。
- `same_id`: send the same request with the same `request_id`. 用同一请求号重发同一请求。
- `after`: wait as long as `RetryInfo` says, then send the same request. 等待 `RetryInfo` 所示时间后重发。

`Declined.reason` and the `reason` of a refusing `Answer` on exchange streams are names of the same table.
The standard health and reflection services answer with the statuses of their own standards; a call to them that cannot
be read at all gets a reason of this table.
";

const UNANSWERED: &str = "
## No verified answer 没有可信答复

`Asked.reason` in a decision says why a province that was asked gave no answer. It is a name of the table above where
that province refused or declined, else one of these. The log of the asking node holds the same words; where what came
proves nothing, it closes the stream and logs an error id.
";

const STATEMENTS: &str = "
## Statements that are not authentic 陈述不真实

Such a statement is never believed. `State` and `Import` refuse it as `statement_refused`, with one of these words in the
detail; a node that was answered with one leaves it out and logs the word.
";

const WARNINGS: &str = "
## Warnings 须留意

`Operator.Status` and `huxin operator status` show them. Nothing failed yet. Whom one is about (a region, a department, a
log, a trust domain) follows the word behind a colon. A warning about an end is replaced by the next stage of it.
";

fn document() -> String {
    let mut out = HEAD.to_owned();
    out.push_str("\n| Reason | gRPC code | Retry | 含义 | 怎么办 | Meaning | What to do |\n|---|---|---|---|---|---|---|\n");
    for reason in Reason::ALL {
        let retry = match reason.retry() {
            Retry::After(delay) => format!("after {} s", delay.as_secs_f64()),
            other => other.name().to_owned(),
        };
        row(&mut out, &reason.words(), &format!(" {} | {retry} |", code_name(*reason)));
    }
    section(&mut out, UNANSWERED, Unanswered::ALL.iter().map(|word| word.words()));
    section(&mut out, STATEMENTS, STATEMENT_ERRORS.iter().map(statement_words));
    section(&mut out, WARNINGS, Warning::ALL.iter().map(|word| word.words()));
    out
}

fn section(out: &mut String, text: &str, rows: impl Iterator<Item = Words>) {
    out.push_str(text);
    out.push_str("\n| Word | 含义 | 怎么办 | Meaning | What to do |\n|---|---|---|---|---|\n");
    rows.for_each(|words| row(out, &words, ""));
}

fn row(out: &mut String, words: &Words, between: &str) {
    let Words { name, meaning_zh, todo_zh, meaning_en, todo_en } = words;
    writeln!(out, "| `{name}` |{between} {meaning_zh} | {todo_zh} | {meaning_en} | {todo_en} |").unwrap();
}

/// The code as gRPC spells it: `INVALID_ARGUMENT`.
fn code_name(reason: Reason) -> String {
    let mut out = String::new();
    for letter in format!("{:?}", reason.code()).chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_uppercase());
    }
    out
}

#[test]
fn errors_md_says_what_the_tables_say() {
    let document = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PATH, &document).unwrap();
    }
    let found = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(
        found == document,
        "docs/errors.md is out of date; write it anew with UPDATE_DOCS=1 cargo test -p huxin-wire errors_md"
    );
}

#[test]
fn words_are_distinct_and_written_for_people_in_both_languages() {
    let tables: [Vec<Words>; 4] = [
        Reason::ALL.iter().map(|reason| reason.words()).collect(),
        Unanswered::ALL.iter().map(|word| word.words()).collect(),
        STATEMENT_ERRORS.iter().map(statement_words).collect(),
        Warning::ALL.iter().map(|word| word.words()).collect(),
    ];
    for table in tables {
        let mut names: Vec<_> = table.iter().map(|words| words.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), table.len());
        for Words { name, meaning_zh, todo_zh, meaning_en, todo_en } in table {
            assert!(
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
                "{name}"
            );
            for text in [meaning_zh, todo_zh] {
                assert!(!text.is_ascii() && !text.ends_with('。') && !text.contains('|'), "{name}: {text}");
            }
            for text in [meaning_en, todo_en] {
                assert!(text.is_ascii() && !text.is_empty() && !text.contains('|'), "{name}: {text}");
                let first = text.split(' ').next().unwrap();
                assert!(!first.starts_with(char::is_uppercase) && !text.ends_with('.'), "{name}: {text}");
            }
        }
    }
}
