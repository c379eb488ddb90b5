//! What every command knows: the language and form of what it says, and where results go.

use std::io::{ErrorKind, IsTerminal as _, Write as _};

use clap::ValueEnum;
use huxin_trust_policy::Lang;
use serde::Serialize;

use crate::exit::CliError;
use crate::messages::{self, Text};

/// The form of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For machines: JSON, in English.
    Json,
}

/// The language and form that were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// The language of what people read; English where machines read.
    pub lang: Lang,
    /// The form of results.
    pub format: Format,
}

impl Context {
    /// With the language that was asked for, or else the one of the locale.
    pub fn new(lang: Option<Lang>, format: Format, locale: Option<&str>) -> Self {
        let of_locale =
            if locale.is_some_and(|locale| locale.starts_with("zh")) { Lang::Zh } else { Lang::En };
        let lang = match format {
            Format::Text => lang.unwrap_or(of_locale),
            Format::Json => Lang::En,
        };
        Self { lang, format }
    }

    /// Do machines read the results?
    pub fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// May results hold colours?
    pub fn colour(&self) -> bool {
        std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }

    /// Prints results as they are, with a line feed behind them. Nobody listening any more is no error.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn print(&self, text: &str) -> Result<(), CliError> {
        let mut out = std::io::stdout().lock();
        match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(CliError::environment(messages::cannot_print(error)))
            }
            _ => Ok(()),
        }
    }

    /// Prints one value as JSON, or the text that `people` makes of it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn show<T: Serialize>(&self, value: &T, people: impl FnOnce(&T) -> String) -> Result<(), CliError> {
        match self.format {
            Format::Text => self.print(&people(value)),
            Format::Json => {
                let json = serde_json::to_string_pretty(value);
                self.print(&json.map_err(|error| CliError::environment(messages::cannot_print(error)))?)
            }
        }
    }

    /// Reports why a command did not do what it was asked to.
    pub(crate) fn report(&self, error: &CliError) {
        let message = error.message.get(self.lang);
        let text = match self.format {
            Format::Text => format!("huxin: {message}"),
            Format::Json if error.findings.is_empty() => {
                serde_json::json!({ "exit": error.exit.code(), "error": message }).to_string()
            }
            Format::Json => {
                let findings = &error.findings;
                serde_json::json!({ "exit": error.exit.code(), "error": message, "findings": findings })
                    .to_string()
            }
        };
        // Nobody is left to be told that this cannot be told.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Says something to people on the error stream: progress and warnings. It is lost where nobody can read it.
    pub fn note(&self, text: &Text) {
        let text = text.get(self.lang);
        let text = match self.format {
            Format::Text => text.to_owned(),
            Format::Json => serde_json::json!({ "note": text }).to_string(),
        };
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_decides_unless_a_language_is_named_and_machines_get_english() {
        let lang = |asked, format, locale| Context::new(asked, format, locale).lang;
        assert_eq!(lang(None, Format::Text, Some("zh_CN.UTF-8")), Lang::Zh);
        assert_eq!(lang(None, Format::Text, Some("C")), Lang::En);
        assert_eq!(lang(Some(Lang::En), Format::Text, Some("zh_CN.UTF-8")), Lang::En);
        assert_eq!(lang(Some(Lang::Zh), Format::Json, None), Lang::En);
    }
}
