//! What is wrong with a file: every finding of one run, with its code, place and help in both languages.
//!
//! A finding never quotes a whole file, and a run keeps at most [`MAX_FINDINGS`] of them: files come from outside.

mod code;
mod render;
mod sink;

use std::fmt;

pub(crate) use code::Code;
pub(crate) use sink::Sink;

use crate::lang::{Lang, Phrase};

/// How many findings one run keeps; the rest is counted.
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
    code: Code,
    file: String,
    /// Counted in characters from 1.
    line: usize,
    column: usize,
    /// The cited line unless it is too long, and the range in it that the caret marks.
    excerpt: Option<String>,
    mark: std::ops::Range<usize>,
    args: Vec<Phrase>,
}

/// Everything that one run found wrong, in the order of files and lines. Never empty when returned as an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics {
    findings: Vec<Finding>,
    left_off: usize,
}

/// One finding, for structured output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic<'a> {
    /// The stable code, such as `E012`; a number is never reused.
    pub code: String,
    /// The file, by the name that the caller gave.
    pub file: &'a str,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
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
        self.findings.len() + self.left_off
    }

    /// Was nothing found?
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// The findings that were kept.
    pub fn iter(&self) -> impl Iterator<Item = Diagnostic<'_>> {
        self.findings.iter().map(|finding| Diagnostic {
            code: finding.code.to_string(),
            file: &finding.file,
            line: finding.line,
            column: finding.column,
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

    /// What one file's sink found.
    pub(crate) fn of(sink: Sink<'_>) -> Self {
        let mut diagnostics = Self::default();
        diagnostics.append(sink);
        diagnostics
    }

    pub(crate) fn append(&mut self, sink: Sink<'_>) {
        let (mut findings, left_off) = sink.into_findings();
        let room = MAX_FINDINGS.saturating_sub(self.findings.len());
        self.left_off += left_off + findings.len().saturating_sub(room);
        findings.truncate(room);
        self.findings.append(&mut findings);
    }
}

impl Finding {
    fn message(&self, lang: Lang) -> String {
        self.code.message(lang, &self.args)
    }

    fn help(&self, lang: Lang) -> String {
        self.code.help(lang, &self.args)
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Lang::En, false))
    }
}

impl std::error::Error for Diagnostics {}
