//! What a table of codes is made of: texts in both languages, and how a finding fills them.

use crate::lang::{Lang, Phrase};

/// The texts of one code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
    pub(crate) help_zh: &'static str,
    pub(crate) help_en: &'static str,
}

/// Makes an enum of codes from a table: number, name, texts.
macro_rules! codes {
    ($enum:ident $letter:literal
     $($number:literal $name:ident { zh: $zh:literal, en: $en:literal, help_zh: $hz:literal, help_en: $he:literal $(,)? })+) => {
        #[doc = concat!("The codes that begin with ", $letter, ".")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u16)]
        #[allow(clippy::enum_variant_names, reason = "a code is read aloud as it is called")]
        pub(crate) enum $enum { $($name = $number),+ }

        impl $enum {
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),+];

            pub(crate) const fn row(self) -> $crate::diagnostics::row::Row {
                match self {
                    $(Self::$name => $crate::diagnostics::row::Row {
                        zh: $zh, en: $en, help_zh: $hz, help_en: $he
                    }),+
                }
            }
        }

        impl std::fmt::Display for $enum {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}{:03}", $letter, *self as u16)
            }
        }
    };
}
pub(super) use codes;

impl Row {
    pub(super) fn message(self, lang: Lang, args: &[Phrase]) -> String {
        fill(if lang == Lang::Zh { self.zh } else { self.en }, lang, args)
    }

    pub(super) fn help(self, lang: Lang, args: &[Phrase]) -> String {
        fill(if lang == Lang::Zh { self.help_zh } else { self.help_en }, lang, args)
    }
}

/// Puts the arguments in one pass: an argument that holds braces itself is not read again.
fn fill(template: &str, lang: Lang, args: &[Phrase]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let slot =
            after.split_once('}').and_then(|(number, tail)| Some((number.parse::<usize>().ok()?, tail)));
        match slot {
            Some((number, tail)) => {
                out.push_str(args.get(number).map_or("", |phrase| phrase.get(lang)));
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{Code, Lint};
    use super::*;

    #[test]
    fn every_code_has_its_own_number_and_texts_that_name_the_same_arguments() {
        let errors = Code::ALL.iter().map(|code| (code.to_string(), code.row()));
        let warnings = Lint::ALL.iter().map(|lint| (lint.to_string(), lint.row()));
        let mut known = BTreeSet::new();
        for (code, row) in errors.chain(warnings) {
            assert!(known.insert(code.clone()), "{code} is used twice");
            for text in [row.zh, row.en, row.help_zh, row.help_en] {
                assert!(!text.is_empty() && !text.ends_with(['.', '。']), "{code}: {text}");
            }
            let slots =
                |text: &str| (0..6).filter(|n| text.contains(&format!("{{{n}}}"))).collect::<Vec<_>>();
            assert_eq!(slots(row.zh), slots(row.en), "{code}");
            assert_eq!(slots(row.help_zh), slots(row.help_en), "{code}");
        }
    }

    #[test]
    fn an_argument_with_braces_is_not_read_again() {
        let args = [Phrase::from("{1}"), Phrase::from("b")];
        assert_eq!(fill("{0} {x} {1} {9}{", Lang::En, &args), "{1} {x} b {");
    }
}
