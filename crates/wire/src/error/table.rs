//! The macro behind every table of stable words: a name, what it means and what to do, in Chinese and English.

/// What a stable word says, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// The stable name.
    pub name: &'static str,
    /// What it means, in Chinese.
    pub meaning_zh: &'static str,
    /// What to do, in Chinese.
    pub todo_zh: &'static str,
    /// What it means, in English.
    pub meaning_en: &'static str,
    /// What to do, in English.
    pub todo_en: &'static str,
}

/// Makes an enum of stable words. A row is: variant = name, meaning and what to do in Chinese, the same in English.
macro_rules! words {
    (
        $(#[$outer:meta])* $enum:ident;
        $($(#[$doc:meta])* $variant:ident = $name:literal,
            $meaning_zh:literal, $todo_zh:literal, $meaning_en:literal, $todo_en:literal;)*
    ) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $enum { $($(#[$doc])* $variant,)* }

        impl $enum {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means and what to do.
            pub const fn words(self) -> $crate::error::Words {
                match self {
                    $(Self::$variant => $crate::error::Words {
                        name: $name,
                        meaning_zh: $meaning_zh,
                        todo_zh: $todo_zh,
                        meaning_en: $meaning_en,
                        todo_en: $todo_en,
                    },)*
                }
            }

            /// What it means and what to do, in Chinese, in one line.
            pub const fn text_zh(self) -> &'static str {
                match self { $(Self::$variant => concat!($meaning_zh, "；", $todo_zh),)* }
            }

            /// What it means and what to do, in English, in one line.
            pub const fn text_en(self) -> &'static str {
                match self { $(Self::$variant => concat!($meaning_en, "; ", $todo_en),)* }
            }
        }
    };
}

pub(super) use words;
