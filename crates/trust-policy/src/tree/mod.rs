//! A TOML text as a tree with spans, read key by key.
//!
//! Whatever is read is marked; what is left over at the end is an unknown key. Nothing here knows policies.

mod scalar;
mod syntax;

pub(crate) use scalar::Ids;

use std::collections::BTreeSet;

use toml::de::{DeTable, DeValue};

use crate::diagnostics::{Code, Sink, Span};
use crate::lang::Phrase;

/// A value, the key it stands under, and its place.
#[derive(Clone, Copy)]
pub(crate) struct Node<'t> {
    pub(crate) key: &'t str,
    pub(crate) span: Span,
    value: &'t DeValue<'t>,
}

/// The keys of one table, and which of them were asked for.
pub(crate) struct Fields<'t> {
    pub(crate) span: Span,
    table: &'t DeTable<'t>,
    asked: Vec<&'static str>,
}

/// Reads `text` into a tree and reports every syntax error; the tree holds what could be read.
pub(crate) fn parse<'t>(sink: &mut Sink<'t>, max_bytes: usize) -> DeTable<'t> {
    let text = sink.source().text;
    if text.len() > max_bytes {
        sink.report_syntax(Code::TooLarge, Span::default(), [text.len().into(), max_bytes.into()]);
        return DeTable::new();
    }
    let (tree, errors) = DeTable::parse_recoverable(text);
    let mut told = BTreeSet::new();
    for error in errors {
        let span = error.span().map(Span::from).unwrap_or(Span { start: text.len(), end: text.len() });
        if let Some((at, phrase)) = syntax::full_width(text, span) {
            if told.insert(at.start) {
                sink.report_syntax(Code::Syntax, at, [phrase]);
            }
            continue;
        }
        match error.message() {
            "duplicate key" => {
                let key = text.get(span.start..span.end).unwrap_or_default();
                sink.report_syntax(Code::DuplicateKey, span, [key.into()]);
            }
            message => sink.report_syntax(Code::Syntax, span, [syntax::phrase(message)]),
        }
    }
    tree.into_inner()
}

impl<'t> Fields<'t> {
    /// The top level of a file.
    pub(crate) fn root(table: &'t DeTable<'t>) -> Self {
        Self { span: Span::default(), table, asked: Vec::new() }
    }

    pub(crate) fn optional(&mut self, key: &'static str) -> Option<Node<'t>> {
        self.asked.push(key);
        self.table.get_key_value(key).map(|(name, value)| node(name.get_ref(), value))
    }

    pub(crate) fn required(&mut self, sink: &mut Sink<'_>, key: &'static str) -> Option<Node<'t>> {
        let found = self.optional(key);
        if found.is_none() {
            sink.report(Code::MissingKey, self.span, [key.into()]);
        }
        found
    }

    /// Every key with its value, for tables whose keys are data. Each key's own span comes with it.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'t str, Span, Node<'t>)> {
        self.table.iter().map(|(name, value)| {
            let key: &'t str = name.get_ref();
            (key, name.span().into(), node(key, value))
        })
    }

    /// The tables of `[[key]]`; none if it is absent.
    pub(crate) fn blocks(&mut self, sink: &mut Sink<'_>, key: &'static str, max: usize) -> Vec<Fields<'t>> {
        self.optional(key).map(|node| node.tables(sink, max)).unwrap_or_default()
    }

    /// Reports what was never asked for.
    pub(crate) fn finish(self, sink: &mut Sink<'_>) {
        self.finish_with(sink, |_| None);
    }

    /// As [`Self::finish`], with another code for keys that `special` knows.
    pub(crate) fn finish_with(self, sink: &mut Sink<'_>, special: impl Fn(&str) -> Option<Code>) {
        let known = self.asked.join(", ");
        for (name, _) in self.table {
            let key: &str = name.get_ref();
            if !self.asked.contains(&key) {
                let code = special(key).unwrap_or(Code::UnknownKey);
                sink.report(code, name.span().into(), [key.into(), known.as_str().into()]);
            }
        }
    }
}

fn node<'t>(key: &'t str, value: &'t toml::Spanned<DeValue<'t>>) -> Node<'t> {
    Node { key, span: value.span().into(), value: value.get_ref() }
}

impl<'t> Node<'t> {
    pub(crate) fn is_string(&self) -> bool {
        self.value.is_str()
    }

    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.value.as_str() == Some(word)
    }

    pub(crate) fn is_table(&self) -> bool {
        self.value.is_table()
    }

    pub(crate) fn table(self, sink: &mut Sink<'_>) -> Option<Fields<'t>> {
        match self.value {
            DeValue::Table(table) => Some(Fields { span: self.span, table, asked: Vec::new() }),
            _ => self.wrong_type(sink, Phrase::both("一张表 { … }", "a table { … }")),
        }
    }

    /// The elements of an array, at most `max`.
    pub(crate) fn list(self, sink: &mut Sink<'_>, max: usize) -> Option<Vec<Node<'t>>> {
        let DeValue::Array(array) = self.value else {
            return self.wrong_type(sink, Phrase::both("方括号列表 [ … ]", "an array [ … ]"));
        };
        if array.len() > max {
            sink.report(Code::TooMany, self.span, [self.key.into(), array.len().into(), max.into()]);
            return None;
        }
        Some(array.iter().map(|element| node(self.key, element)).collect())
    }

    /// As [`Self::list`], but not empty.
    pub(crate) fn filled_list(self, sink: &mut Sink<'_>, max: usize) -> Option<Vec<Node<'t>>> {
        let list = self.list(sink, max)?;
        if list.is_empty() {
            sink.report(Code::Empty, self.span, [self.key.into()]);
            return None;
        }
        Some(list)
    }

    /// The tables of an array; elements that are none are reported and left out.
    pub(crate) fn tables(self, sink: &mut Sink<'_>, max: usize) -> Vec<Fields<'t>> {
        let list = self.list(sink, max).unwrap_or_default();
        list.into_iter().filter_map(|element| element.table(sink)).collect()
    }

    fn wrong_type<T>(self, sink: &mut Sink<'_>, wanted: Phrase) -> Option<T> {
        let found = match self.value {
            DeValue::String(_) => Phrase::both("文字", "a string"),
            DeValue::Integer(_) => Phrase::both("整数", "an integer"),
            DeValue::Float(_) => Phrase::both("小数", "a float"),
            DeValue::Boolean(_) => Phrase::both("真假值", "a boolean"),
            DeValue::Datetime(_) => Phrase::both("时间", "a date or time"),
            DeValue::Array(_) => Phrase::both("列表", "an array"),
            DeValue::Table(_) => Phrase::both("表", "a table"),
        };
        sink.report(Code::WrongType, self.span, [self.key.into(), found, wanted]);
        None
    }
}
