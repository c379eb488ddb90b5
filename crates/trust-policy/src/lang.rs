//! The two languages in which people read what this crate says.

use huxin_attest::text;

/// The language of a rendered text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    /// 中文.
    Zh,
    /// English.
    En,
}

/// How many characters of a phrase are shown.
const MAX_SHOWN: usize = 1600;

/// A piece of text in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Phrase {
    zh: String,
    en: String,
}

impl Phrase {
    pub(crate) fn both(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    pub(crate) fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

impl Phrase {
    /// This phrase as it may be shown: it may quote a file from outside, so control and direction characters are
    /// replaced, and what is too long is cut.
    pub(crate) fn printable(self) -> Self {
        Self { zh: printable(&self.zh), en: printable(&self.en) }
    }
}

fn printable(text: &str) -> String {
    let cut: String = text.chars().take(MAX_SHOWN).collect();
    let mut shown = text::printable(&cut);
    if text.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

impl From<&str> for Phrase {
    fn from(text: &str) -> Self {
        Self::both(text, text)
    }
}

impl From<String> for Phrase {
    fn from(text: String) -> Self {
        Self::both(text.clone(), text)
    }
}

impl From<usize> for Phrase {
    fn from(number: usize) -> Self {
        number.to_string().into()
    }
}

impl From<i64> for Phrase {
    fn from(number: i64) -> Self {
        number.to_string().into()
    }
}
