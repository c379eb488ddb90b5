//! Collects the findings of one file.
//!
//! After a syntax error the tree has holes, so what merely looks absent is not reported: a finding that the author
//! cannot understand costs more than one that appears at the next run.

use super::{Code, Finding, MAX_FINDINGS, Source, Span};
use crate::lang::Phrase;

/// The longest line that is cited, in bytes.
const MAX_EXCERPT: usize = 2048;

pub(crate) struct Sink<'s> {
    source: Source<'s>,
    line_starts: Vec<usize>,
    /// Lines that hold a syntax error; nothing else is reported there.
    broken_lines: Vec<usize>,
    found: Vec<(Span, Finding)>,
    left_off: usize,
}

impl<'s> Sink<'s> {
    pub(crate) fn new(source: Source<'s>) -> Self {
        let ends = source.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Self { source, line_starts, broken_lines: Vec::new(), found: Vec::new(), left_off: 0 }
    }

    pub(crate) fn source(&self) -> Source<'s> {
        self.source
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.found.is_empty()
    }

    /// The line of a span, from 1.
    pub(crate) fn line(&self, span: Span) -> usize {
        self.line_starts.partition_point(|start| *start <= span.start)
    }

    pub(crate) fn report_syntax(&mut self, code: Code, span: Span, args: impl IntoIterator<Item = Phrase>) {
        let (first, last) = (self.line(span), self.line(Span { start: span.end, end: span.end }));
        self.push(code, span, args.into_iter().collect());
        self.broken_lines.extend(first..=last);
    }

    pub(crate) fn report(&mut self, code: Code, span: Span, args: impl IntoIterator<Item = Phrase>) {
        if !self.broken_lines.is_empty()
            && (code.is_absence() || self.broken_lines.contains(&self.line(span)))
        {
            return;
        }
        self.push(code, span, args.into_iter().collect());
    }

    fn push(&mut self, code: Code, span: Span, args: Vec<Phrase>) {
        if self.found.len() >= MAX_FINDINGS {
            self.left_off += 1;
            return;
        }
        let finding = self.finding(code, span, args);
        if !self.found.iter().any(|(_, other)| *other == finding) {
            self.found.push((span, finding));
        }
    }

    fn finding(&self, code: Code, span: Span, args: Vec<Phrase>) -> Finding {
        let text = self.source.text;
        let line = self.line(span);
        let line_start = self.line_starts.get(line - 1).copied().unwrap_or_default();
        let excerpt = text.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let start = floor_boundary(excerpt, span.start.saturating_sub(line_start));
        let end = floor_boundary(excerpt, span.end.saturating_sub(line_start)).max(start);
        let column = excerpt.get(..start).map_or(0, |before| before.chars().count()) + 1;
        Finding {
            code,
            file: self.source.name.to_owned(),
            line,
            column,
            excerpt: (excerpt.len() <= MAX_EXCERPT).then(|| excerpt.to_owned()),
            mark: start..end,
            args: args.into_iter().map(Phrase::printable).collect(),
        }
    }

    pub(super) fn into_findings(mut self) -> (Vec<Finding>, usize) {
        self.found.sort_by_key(|(span, _)| span.start);
        (self.found.into_iter().map(|(_, finding)| finding).collect(), self.left_off)
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|index| text.is_char_boundary(*index)).unwrap_or_default()
}
