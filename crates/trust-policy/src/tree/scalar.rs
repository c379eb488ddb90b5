//! Single values: texts, ids, numbers, durations, times, regions.

use std::collections::BTreeMap;

use huxin_attest::{AreaCode, AreaPrefix, Kind, Kinds, RegionCode, UnixMs};
use toml::de::DeValue;

use super::Node;
use crate::diagnostics::{Code, Sink};
use crate::duration::Minutes;
use crate::lang::Phrase;

/// The longest text that people read, in characters.
const MAX_TEXT: usize = 500;
/// The longest id, in bytes.
const MAX_ID: usize = 40;

impl<'t> Node<'t> {
    /// Any string.
    pub(crate) fn string(self, sink: &mut Sink<'_>) -> Option<&'t str> {
        match self.value {
            DeValue::String(text) => Some(text),
            _ => self.wrong_type(sink, Phrase::both("带引号的文字", "a string in quotes")),
        }
    }

    /// A text for people: one line, not empty.
    pub(crate) fn text(self, sink: &mut Sink<'_>) -> Option<&'t str> {
        let text = self.string(sink)?;
        let good = !text.trim().is_empty()
            && text.chars().count() <= MAX_TEXT
            && !text
                .chars()
                .any(|character| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}'));
        self.check(sink, good.then_some(text), Code::BadText, || [self.key.into(), MAX_TEXT.into()])
    }

    /// As [`Self::text`], or empty.
    pub(crate) fn text_or_empty(self, sink: &mut Sink<'_>) -> Option<&'t str> {
        if self.string(sink)?.is_empty() { Some("") } else { self.text(sink) }
    }

    pub(crate) fn id(self, sink: &mut Sink<'_>) -> Option<&'t str> {
        let id = self.string(sink)?;
        self.check(sink, is_id(id).then_some(id), Code::BadId, || [id.into()])
    }

    /// An id that `used` does not hold yet.
    pub(crate) fn new_id(self, sink: &mut Sink<'_>, used: &mut Ids<'t>) -> Option<&'t str> {
        let id = self.id(sink)?;
        let line = sink.line(self.span);
        match used.0.get(id) {
            Some(earlier) => {
                let place = Phrase::both(format!("第 {earlier} 行"), format!("on line {earlier}"));
                sink.report(Code::DuplicateId, self.span, [id.into(), place]);
                None
            }
            None => {
                used.0.insert(id, line);
                Some(id)
            }
        }
    }

    pub(crate) fn integer(self, sink: &mut Sink<'_>, min: i64, max: i64) -> Option<i64> {
        let DeValue::Integer(number) = self.value else {
            return self.wrong_type(sink, Phrase::both("整数", "an integer"));
        };
        let value = i64::from_str_radix(number.as_str(), number.radix()).ok();
        let value = value.filter(|value| (min..=max).contains(value));
        self.check(sink, value, Code::OutOfRange, || [self.key.into(), min.into(), max.into()])
    }

    /// An integer that fits the type, at least 1.
    pub(crate) fn count(self, sink: &mut Sink<'_>) -> Option<u32> {
        self.integer(sink, 1, u32::MAX.into()).and_then(|value| u32::try_from(value).ok())
    }

    pub(crate) fn duration(self, sink: &mut Sink<'_>) -> Option<Minutes> {
        let text = self.string(sink)?;
        self.check(sink, Minutes::parse(text), Code::BadDuration, || [text.into()])
    }

    /// An instant with its offset.
    pub(crate) fn instant(self, sink: &mut Sink<'_>) -> Option<UnixMs> {
        let DeValue::Datetime(time) = self.value else {
            let wanted = "2022-07-01T00:00:00+08:00";
            return self.wrong_type(sink, Phrase::both(format!("时间 {wanted}"), format!("a time {wanted}")));
        };
        let text = time.to_string();
        if time.offset.is_none() {
            sink.report(Code::MissingOffset, self.span, [text.into()]);
            return None;
        }
        self.check(sink, UnixMs::parse_rfc3339(&text), Code::TimeOutOfRange, || [text.into()])
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(self, sink: &mut Sink<'_>, words: &[(&str, T)]) -> Option<T> {
        let text = self.string(sink)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        self.check(sink, found, Code::UnknownWord, || {
            let known = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
            [self.key.into(), text.into(), known.into()]
        })
    }

    pub(crate) fn region(self, sink: &mut Sink<'_>) -> Option<RegionCode> {
        let text = self.string(sink)?;
        self.check(sink, text.parse().ok(), Code::BadRegion, || [text.into(), "".into()])
    }

    pub(crate) fn area(self, sink: &mut Sink<'_>) -> Option<AreaCode> {
        let text = self.string(sink)?;
        self.check(sink, text.parse().ok(), Code::BadArea, || {
            [text.into(), Phrase::both("六位数字，例如 \"440106\"", "six digits such as \"440106\"")]
        })
    }

    pub(crate) fn prefix(self, sink: &mut Sink<'_>) -> Option<AreaPrefix> {
        let text = self.string(sink)?;
        self.check(sink, text.parse().ok(), Code::BadArea, || {
            let wanted = Phrase::both(
                "两位、四位或六位数字，例如 \"4401\"",
                "two, four or six digits such as \"4401\"",
            );
            [text.into(), wanted]
        })
    }

    pub(crate) fn kind(self, sink: &mut Sink<'_>) -> Option<Kind> {
        let text = self.string(sink)?;
        let kind = text.parse().ok().filter(|kind: &Kind| kind.travels());
        self.check(sink, kind, Code::UnknownKind, || {
            [text.into(), Kind::TRAVELLING.map(Kind::name).join(", ").into()]
        })
    }

    /// A list of kinds; may be empty.
    pub(crate) fn kinds(self, sink: &mut Sink<'_>) -> Option<Kinds> {
        let mut all = Kinds::NONE;
        let mut good = true;
        for node in self.list(sink, Kind::ALL.len() * 2)? {
            match node.kind(sink) {
                Some(kind) if all.contains(kind) => {
                    sink.report(Code::RepeatedValue, node.span, [kind.name().into()]);
                    good = false;
                }
                Some(kind) => all = all.with(kind),
                None => good = false,
            }
        }
        good.then_some(all)
    }

    fn check<T, const N: usize>(
        self,
        sink: &mut Sink<'_>,
        value: Option<T>,
        code: Code,
        args: impl FnOnce() -> [Phrase; N],
    ) -> Option<T> {
        if value.is_none() {
            sink.report(code, self.span, args());
        }
        value
    }
}

/// The ids that one file has used, with their lines.
#[derive(Default)]
pub(crate) struct Ids<'t>(BTreeMap<&'t str, usize>);

/// Is this an id: 1–40 of letters, digits, `-`, `_`, `.`, beginning with a letter or digit?
fn is_id(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
}
