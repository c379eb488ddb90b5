//! Bounded text: names of departments, terms of the vocabulary, and words that a province writes for people.
//!
//! Names and terms are short and stored in place, so that reading a statement allocates little.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// Text that has not the form it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Not a department name.
    #[error("not a department name: 1 to 64 characters of a–z, 0–9 and -")]
    Department,
    /// Not a term.
    #[error("not a term of a vocabulary: 1 to 32 characters of a–z, 0–9 and _")]
    Term,
    /// Not a label.
    #[error("not a label: 1 to 128 bytes of UTF-8 without control or direction characters")]
    Label,
}

/// ASCII text of at most `MAX` characters (at most 255), stored in place.
#[derive(Clone, Copy)]
struct Short<const MAX: usize> {
    len: u8,
    bytes: [u8; MAX],
}

impl<const MAX: usize> Short<MAX> {
    fn new(text: &str, allowed: impl Fn(u8) -> bool) -> Option<Self> {
        let len = u8::try_from(text.len()).ok()?;
        if len == 0 || !text.bytes().all(allowed) {
            return None;
        }
        let mut bytes = [0; MAX];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { len, bytes })
    }

    fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

fn lower_or_digit(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

macro_rules! short_text {
    ($name:ident, $max:literal, $error:expr, $allowed:expr, $(#[$doc:meta])+) => {
        $(#[$doc])+
        #[derive(Clone, Copy)]
        pub struct $name(Short<$max>);

        impl $name {
            /// The greatest length in characters.
            pub const MAX_LEN: usize = $max;

            /// The text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                Short::new(text, $allowed).map(Self).ok_or($error)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
            }
        }
    };
}

short_text!(
    DepartmentName,
    64,
    TextError::Department,
    |byte| lower_or_digit(byte) || byte == b'-',
    /// The name of a department in its province's part of the membership list: 1 to 64 characters of a–z, 0–9 and `-`.
);

short_text!(
    Term,
    32,
    TextError::Term,
    |byte| lower_or_digit(byte) || byte == b'_',
    /// A term of the closed vocabulary (`close_contact`, `lab`): 1 to 32 characters of a–z, 0–9 and `_`. That the
    /// vocabulary in force lists it is for the policy to judge.
);

/// Words that a province writes for people (`弹窗3`), 1 to 128 bytes. Policies compare them byte by byte.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(Box<str>);

impl Label {
    /// The greatest length in bytes of UTF-8.
    pub const MAX_LEN: usize = 128;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let form = (1..=Self::MAX_LEN).contains(&text.len()) && !text.chars().any(misleads);
        if form { Ok(Self(text.into())) } else { Err(TextError::Label) }
    }
}

/// Characters that a reader cannot see, or that turn the text around them.
fn misleads(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

impl AsRef<str> for Label {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Label({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_terms_have_their_alphabet_and_length() {
        let longest = "a".repeat(64);
        assert_eq!(longest.parse::<DepartmentName>().unwrap().as_str(), longest);
        for bad in ["", "A", "a_b", "a b", "é", &"a".repeat(65), &"a".repeat(300)] {
            assert_eq!(bad.parse::<DepartmentName>(), Err(TextError::Department), "{bad}");
        }
        assert_eq!("case_file".parse::<Term>().unwrap().to_string(), "case_file");
        for bad in ["", "a-b", "A", &"a".repeat(33)] {
            assert_eq!(bad.parse::<Term>(), Err(TextError::Term), "{bad}");
        }
    }

    #[test]
    fn names_are_compared_as_text() {
        let name = |text: &str| text.parse::<DepartmentName>().unwrap();
        assert!(name("a") < name("ab") && name("ab") < name("b"));
        assert_eq!(name("hb-cdc"), name("hb-cdc"));
        assert_ne!(name("hb-cdc"), name("hb-cd"));
    }

    #[test]
    fn a_label_has_nothing_that_a_reader_cannot_see() {
        assert_eq!("弹窗3".parse::<Label>().unwrap().as_str(), "弹窗3");
        assert!("码".repeat(42).parse::<Label>().is_ok());
        for bad in [
            "",
            "绿\u{0}",
            "绿\n码",
            "绿\u{200b}码",
            "\u{202e}码绿",
            "\u{2066}绿",
            "\u{feff}绿",
            &"码".repeat(43),
        ] {
            assert_eq!(bad.parse::<Label>(), Err(TextError::Label), "{bad:?}");
        }
    }
}
