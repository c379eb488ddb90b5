//! Collects the findings of one file.
//!
//! After a syntax error the tree has holes, so what merely looks absent is not reported: a finding that the author
//! cannot understand costs more than one that appears at the next run.

use huxin_attest::text::is_unprintable;

use super::issue::Issue;
use super::{Code, Finding, Lint, MAX_FINDINGS, Position, Severity, Source, Span};
use crate::lang::Phrase;

/// The longest line that is cited, in bytes.
const MAX_EXCERPT: usize = 2048;

pub(crate) struct Sink<'s> {
    source: Source<'s>,
    line_starts: Vec<usize>,
    /// Lines that hold a syntax error; nothing else is reported there.
    broken_lines: Vec<usize>,
    found: Vec<(Span, Finding)>,
    left_off: LeftOff,
}

/// How many findings were not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct LeftOff {
    pub(super) errors: usize,
    pub(super) warnings: usize,
}

impl LeftOff {
    pub(super) fn count(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
        }
    }
}

impl<'s> Sink<'s> {
    pub(crate) fn new(source: Source<'s>) -> Self {
        let ends = source.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Self {
            source,
            line_starts,
            broken_lines: Vec::new(),
            found: Vec::new(),
            left_off: LeftOff::default(),
        }
    }

    pub(crate) fn source(&self) -> Source<'s> {
        self.source
    }

    /// Was no error found? Warnings do not count.
    pub(crate) fn is_clean(&self) -> bool {
        self.kept(Severity::Error) == 0
    }

    /// The line of a span, from 1.
    pub(crate) fn line(&self, span: Span) -> usize {
        self.line_of(span.start)
    }

    pub(crate) fn report_syntax(&mut self, code: Code, span: Span, args: impl IntoIterator<Item = Phrase>) {
        let (first, last) = (self.line(span), self.line_of(span.end));
        self.push(Issue::Error(code), span, args.into_iter().collect());
        self.broken_lines.extend(first..=last);
    }

    pub(crate) fn report(&mut self, code: Code, span: Span, args: impl IntoIterator<Item = Phrase>) {
        if !self.broken_lines.is_empty()
            && (code.is_absence() || self.broken_lines.contains(&self.line(span)))
        {
            return;
        }
        self.push(Issue::Error(code), span, args.into_iter().collect());
    }

    /// Reports what does not make the file invalid.
    pub(crate) fn warn(&mut self, lint: Lint, span: Span, args: impl IntoIterator<Item = Phrase>) {
        self.push(Issue::Warning(lint), span, args.into_iter().collect());
    }

    fn push(&mut self, issue: Issue, span: Span, args: Vec<Phrase>) {
        if self.kept(issue.severity()) >= MAX_FINDINGS {
            self.left_off.count(issue.severity());
            return;
        }
        let finding = self.finding(issue, span, args);
        if !self.found.iter().any(|(_, other)| *other == finding) {
            self.found.push((span, finding));
        }
    }

    fn kept(&self, severity: Severity) -> usize {
        self.found.iter().filter(|(_, finding)| finding.issue.severity() == severity).count()
    }

    fn finding(&self, issue: Issue, span: Span, args: Vec<Phrase>) -> Finding {
        let (line_start, excerpt) = self.line_at(span.start);
        let start = floor_boundary(excerpt, span.start.saturating_sub(line_start));
        let end = floor_boundary(excerpt, span.end.saturating_sub(line_start)).max(start);
        Finding {
            issue,
            file: self.source.name.to_owned(),
            start: self.position(span.start),
            end: self.position(span.end.max(span.start)),
            excerpt: (excerpt.len() <= MAX_EXCERPT).then(|| shown(excerpt)),
            mark: shown_length(excerpt, start)..shown_length(excerpt, end),
            args: args.into_iter().map(Phrase::printable).collect(),
        }
    }

    /// The line of a byte offset, from 1.
    fn line_of(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    /// Where the line of a byte offset begins, and its text.
    fn line_at(&self, at: usize) -> (usize, &'s str) {
        let start = self.line_starts.get(self.line_of(at) - 1).copied().unwrap_or_default();
        let rest = self.source.text.get(start..);
        (start, rest.and_then(|rest| rest.lines().next()).unwrap_or_default())
    }

    fn position(&self, at: usize) -> Position {
        let (line_start, text) = self.line_at(at);
        let before = text.get(..floor_boundary(text, at.saturating_sub(line_start)));
        Position { line: self.line_of(at), column: before.map_or(0, |before| before.chars().count()) + 1 }
    }

    pub(super) fn into_findings(mut self) -> (Vec<Finding>, LeftOff) {
        self.found.sort_by_key(|(span, _)| span.start);
        (self.found.into_iter().map(|(_, finding)| finding).collect(), self.left_off)
    }
}

/// A cited text as it may be shown: nothing in it speaks to the terminal. A tab stays one.
fn shown(text: &str) -> String {
    text.replace(|character| character != '\t' && is_unprintable(character), "\u{fffd}")
}

/// How long the first `end` bytes are once shown.
fn shown_length(text: &str, end: usize) -> usize {
    text.get(..end).map_or(0, |text| shown(text).len())
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|index| text.is_char_boundary(*index)).unwrap_or_default()
}
