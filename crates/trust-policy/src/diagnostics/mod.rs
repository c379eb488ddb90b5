//! What is wrong with a file: every finding of one run, with its code, place and help in both languages.
//!
//! An error makes a file invalid; a warning never does. A finding never quotes a whole file, and a run keeps at most
//! [`MAX_FINDINGS`] of each: files come from outside.

mod code;
mod issue;
mod lint;
mod render;
mod row;
mod sink;

use std::fmt;

pub(crate) use code::Code;
use issue::Issue;
pub use issue::Severity;
pub(crate) use lint::Lint;
#[cfg(test)]
pub(crate) use row::Row;
use sink::LeftOff;
pub(crate) use sink::Sink;

use crate::lang::{Lang, Phrase};

/// How many errors, and how many warnings, one run keeps; the rest is counted.
pub const MAX_FINDINGS: usize = 100;

/// A byte range of a source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// A text and the name under which findings cite it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The file's name, as shown to people.
    pub name: &'a str,
    /// The file's exact contents.
    pub text: &'a str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    issue: Issue,
    file: String,
    start: Position,
    /// Behind the last character.
    end: Position,
    /// The cited line unless it is too long, and the range in it that the caret marks.
    excerpt: Option<String>,
    mark: std::ops::Range<usize>,
    args: Vec<Phrase>,
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// Everything that one run found, in the order of files and lines. Where it is returned as an error it holds one error
/// at least.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics {
    findings: Vec<Finding>,
    left_off: LeftOff,
}

/// One finding, for structured output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic<'a> {
    /// The stable code, such as `E012` or `W001`; a number is never reused.
    pub code: String,
    /// Error or warning.
    pub severity: Severity,
    /// The file, by the name that the caller gave.
    pub file: &'a str,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// Behind the last character that it is about.
    pub end: Position,
    /// What is wrong, in Chinese.
    pub message_zh: String,
    /// What is wrong, in English.
    pub message_en: String,
    /// What to do, in Chinese.
    pub help_zh: String,
    /// What to do, in English.
    pub help_en: String,
}

impl Diagnostics {
    /// How many findings there are, including those beyond [`MAX_FINDINGS`].
    pub fn len(&self) -> usize {
        self.errors() + self.warnings()
    }

    /// How many errors.
    pub fn errors(&self) -> usize {
        self.kept(Severity::Error) + self.left_off.errors
    }

    /// How many warnings.
    pub fn warnings(&self) -> usize {
        self.kept(Severity::Warning) + self.left_off.warnings
    }

    /// Was nothing found?
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// The findings that were kept.
    pub fn iter(&self) -> impl Iterator<Item = Diagnostic<'_>> {
        self.findings.iter().map(|finding| Diagnostic {
            code: finding.issue.to_string(),
            severity: finding.issue.severity(),
            file: &finding.file,
            line: finding.start.line,
            column: finding.start.column,
            end: finding.end,
            message_zh: finding.message(Lang::Zh),
            message_en: finding.message(Lang::En),
            help_zh: finding.help(Lang::Zh),
            help_en: finding.help(Lang::En),
        })
    }

    /// All findings as text with the cited lines and carets; with ANSI colours if `colour`.
    pub fn render(&self, lang: Lang, colour: bool) -> String {
        render::render(self, lang, colour)
    }

    /// The kept findings about one file, by the name that the caller gave.
    #[must_use]
    pub fn of_file(&self, name: &str) -> Self {
        let findings = self.findings.iter().filter(|finding| finding.file == name).cloned().collect();
        Self { findings, left_off: LeftOff::default() }
    }

    /// What either found, in the order of lines.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.left_off.errors += other.left_off.errors;
        self.left_off.warnings += other.left_off.warnings;
        self.extend(other.findings);
        self.findings.sort_by_key(|finding| finding.start.line);
        self
    }

    fn extend(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            let severity = finding.issue.severity();
            if self.kept(severity) < MAX_FINDINGS {
                self.findings.push(finding);
            } else {
                self.left_off.count(severity);
            }
        }
    }

    fn kept(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.issue.severity() == severity).count()
    }

    /// What one file's sink found.
    pub(crate) fn of(sink: Sink<'_>) -> Self {
        let mut diagnostics = Self::default();
        diagnostics.append(sink);
        diagnostics
    }

    pub(crate) fn append(&mut self, sink: Sink<'_>) {
        let (findings, left_off) = sink.into_findings();
        self.left_off.errors += left_off.errors;
        self.left_off.warnings += left_off.warnings;
        self.extend(findings);
    }
}

impl Finding {
    fn message(&self, lang: Lang) -> String {
        self.issue.row().message(lang, &self.args)
    }

    fn help(&self, lang: Lang) -> String {
        self.issue.row().help(lang, &self.args)
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Lang::En, false))
    }
}

impl std::error::Error for Diagnostics {}
