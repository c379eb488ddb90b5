//! Makes `docs/policy-errors.md` from the tables of codes, with a real example of each, and proves that the file is
//! what they say.
//!
//! `UPDATE_DOCS=1 cargo test -p huxin-trust-policy policy_errors_md` writes the file anew.

mod errors;
mod warnings;

use std::fmt::Write as _;

use super::fixture::{OVERLAY, VOCABULARY, draft, edit, quiet, region, vocabulary};
use super::{places::PLACES, risk_areas::AREAS};
use crate::diagnostics::{Code, Lint, Row};
use crate::{Diagnostics, Draft, Lang, LoggedDecision, Places, RiskAreas, SeenLabels, Source, Vocabulary};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/policy-errors.md");

/// The decision log of the examples.
const LOG: &str = r#"{"at":"2022-07-08T09:00:00+08:00","given":{"purpose":"travel","from_risk":"low","code":[{"from":"42","by":"health","status":"11","label":"弹窗3"}]},"was":{"then":"review","ask":["health_code","nucleic_test"],"by":"R2","case":"otherwise","must":[]}}"#;

/// One of the files at the end of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum File {
    Vocabulary,
    National,
    Province,
    Places,
    RiskAreas,
}

/// One change of one file, and the code that it leads to.
struct Example {
    code: &'static str,
    file: File,
    from: &'static str,
    to: To,
}

/// What stands there instead.
enum To {
    Text(&'static str),
    /// Too long to print; the words say what it is.
    Long(String, &'static str),
}

fn example(code: &'static str, file: File, from: &'static str, to: &'static str) -> Example {
    Example { code, file, from, to: To::Text(to) }
}

const HEAD: &str = "\
# Errors and warnings of policy files 策略文件的错误与警告

Made from the tables in `crates/trust-policy/src/diagnostics/`; a test holds it true. To write it anew after a change:
`UPDATE_DOCS=1 cargo test -p huxin-trust-policy policy_errors_md`.

本文由 `crates/trust-policy/src/diagnostics/` 中的表生成；每个例子都实际运行过，所示输出即程序的输出。

`huxin policy check` prints these. An error (E…) makes a file invalid: it is not loaded, and the command ends with 2. A
warning (W…) does not; the command ends with 1 only with `--deny-warnings`. One run tells every error of a file; what
several parts only show together (examples, comparison with the baseline, warnings) is told once each part is right. A
number is never used again for something else. With `--format json` each finding has `code`, `severity`, `file`, `line`,
`column`, `end_line`, `end_column` (counted in characters, from 1), and its texts in both languages.

`huxin policy check` 会输出这些内容。错误（E…）使文件无效：文件不会载入，命令以 2 结束。警告（W…）不影响载入，只有加上
`--deny-warnings` 才以 1 结束。一次运行列出一个文件的全部错误；只有合起来才看得出的（例子、与基线比较、警告），在各部分都正确
以后列出。编号不会挪作他用。

Each example changes one place (what stands there → what to write) in one of the
[files at the end](#the-files-of-the-examples-例子所用的文件), which are valid and have no warnings; then follows what
the program prints; baselines are checked with `--seen decisions.jsonl`. 每个例子只改动文末一个文件中的一处（原文 → 改成），这些文件本身有效，也没有警告；随后是程序的输出；国家基线检查时带
`--seen decisions.jsonl`。
";

const WARNINGS: &str = "
## Warnings 警告

W011 to W019 speak of the nine don'ts of 2022-06-05 (九不准), by their number. A rule can show six of them. It cannot show
the other three, because the language has no word for them: longer control periods (3) and longer isolation (5) are no
part of a rule, and no rule knows who is a student (7). They need a person's eye. The lints go by the names `travel`,
`visit`, `treatment`, `hospital`, `care_home` and `school` of the vocabulary.

W011 至 W019 对应 2022-06-05“九不准”的第一至第九条。规则里看得出其中六条；另外三条在规则里写不出来，因此不设警告，要靠人
看：延长管控时间（三）、延长隔离时间（五）、对返乡学生采取隔离（七）。
";

fn document() -> String {
    let mut out = HEAD.to_owned();
    out.push_str("\n## Errors 错误\n");
    let all = errors::examples();
    Code::ALL.iter().for_each(|code| section(&mut out, &code.to_string(), code.row(), &all));
    out.push_str(WARNINGS);
    let all = warnings::examples();
    Lint::ALL.iter().for_each(|lint| section(&mut out, &lint.to_string(), lint.row(), &all));
    out.push_str("\n## The files of the examples 例子所用的文件\n");
    for file in [File::Vocabulary, File::National, File::Province, File::Places, File::RiskAreas] {
        write!(out, "\n### {}\n\n```toml\n{}\n```\n", file.name(), file.text().trim()).unwrap();
    }
    write!(out, "\n### decisions.jsonl\n\n```json\n{LOG}\n```\n").unwrap();
    out
}

fn section(out: &mut String, code: &str, row: Row, all: &[Example]) {
    let example = all.iter().find(|example| example.code == code);
    let example = example.unwrap_or_else(|| panic!("{code} has no example in tests/document"));
    let meaning = |text: &str| (0..6).fold(text.to_owned(), |text, n| text.replace(&format!("{{{n}}}"), "…"));
    let Row { zh, en, help_zh, help_en } = row;
    let [zh, en, help_zh, help_en] = [zh, en, help_zh, help_en].map(meaning);
    write!(out, "\n### {code}\n\n{zh}。{help_zh}。\n\n{}. {}.\n\n", capital(&en), capital(&help_en)).unwrap();
    let Example { file, from, to, .. } = example;
    let to = match to {
        To::Text("") => "删去 delete".to_owned(),
        To::Text(text) => fenced(text),
        To::Long(_, words) => (*words).to_owned(),
    };
    let between = if from.trim_end().contains('\n') || to.contains('\n') { "\n\n→\n\n" } else { " → " };
    let begin = if between == " → " { " " } else { "\n\n" };
    writeln!(out, "`{}`:{begin}{}{between}{to}", file.name(), fenced(from)).unwrap();
    let found = example.run();
    for lang in [Lang::Zh, Lang::En] {
        write!(out, "\n```text\n{}\n```\n", found.render(lang, false).trim_end()).unwrap();
    }
}

fn fenced(text: &str) -> String {
    match text.trim_end().contains('\n') {
        true => format!("```toml\n{}\n```", text.trim_end()),
        false => format!("`{}`", text.trim()),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

impl File {
    fn name(self) -> &'static str {
        match self {
            Self::Vocabulary => "vocabulary.toml",
            Self::National => "national.toml",
            Self::Province => "province.toml",
            Self::Places => "places.toml",
            Self::RiskAreas => "risk-areas.toml",
        }
    }

    fn text(self) -> String {
        match self {
            Self::Vocabulary => VOCABULARY.into(),
            Self::National => quiet(),
            Self::Province => OVERLAY.into(),
            Self::Places => PLACES.into(),
            Self::RiskAreas => AREAS.into(),
        }
    }

    /// What a check of this file, with this text, finds.
    fn check(self, text: &str) -> Diagnostics {
        let warned = |loaded: Result<Draft, Diagnostics>| match loaded {
            Ok(draft) if self == Self::National => {
                let mut seen = SeenLabels::default();
                seen.add(draft.trial(), &LoggedDecision::parse(LOG).unwrap());
                let source = Source { name: self.name(), text };
                draft.warnings().clone().and(draft.trial().warn_of_labels(source, &seen))
            }
            Ok(draft) => draft.warnings().clone(),
            Err(found) => found,
        };
        match self {
            Self::Vocabulary => Vocabulary::parse(self.name(), text).err().unwrap_or_default(),
            Self::National => warned(draft(text, None)),
            Self::Province => warned(draft(&quiet(), Some(text))),
            Self::Places => {
                Places::parse(self.name(), text, &vocabulary(), region(44)).err().unwrap_or_default()
            }
            Self::RiskAreas => RiskAreas::parse(self.name(), text, &vocabulary()).err().unwrap_or_default(),
        }
    }
}

impl Example {
    fn run(&self) -> Diagnostics {
        let to = match &self.to {
            To::Text(text) => text,
            To::Long(text, _) => text.as_str(),
        };
        // As the reader would do it: the files begin without the blank line of the source.
        let base = self.file.text();
        let found = self.file.check(&edit(base.trim_start(), self.from, to));
        let codes: Vec<_> = found.iter().map(|finding| finding.code).collect();
        assert!(codes.contains(&self.code.to_owned()), "the example of {} shows {codes:?}", self.code);
        found
    }
}

#[test]
fn policy_errors_md_says_what_the_tables_say() {
    let document = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PATH, &document).unwrap();
    }
    let found = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(
        found == document,
        "docs/policy-errors.md is out of date; write it anew with UPDATE_DOCS=1 cargo test -p huxin-trust-policy policy_errors_md"
    );
}

#[test]
fn the_files_of_the_examples_are_valid_and_have_no_warnings() {
    for file in [File::Vocabulary, File::National, File::Province, File::Places, File::RiskAreas] {
        let found = file.check(&file.text());
        assert!(found.is_empty(), "{file:?}: {found}");
    }
}

#[test]
fn no_example_stands_there_twice_or_for_a_code_that_is_gone() {
    let codes = Code::ALL.iter().map(ToString::to_string).chain(Lint::ALL.iter().map(ToString::to_string));
    let codes: std::collections::BTreeSet<_> = codes.collect();
    let mut shown = std::collections::BTreeSet::new();
    for example in errors::examples().iter().chain(&warnings::examples()) {
        assert!(codes.contains(example.code), "{} is gone", example.code);
        assert!(shown.insert(example.code), "{} twice", example.code);
    }
}
