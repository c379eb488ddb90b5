//! The case that is asked about: from a file, or from flags in the words of the format.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use huxin_trust_policy::{GivenCase, LoggedDecision, Source, Vocabulary};

use crate::context::Context;
use crate::exit::CliError;
use crate::files::text;
use crate::findings::invalid;
use crate::messages;

/// The case.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = true)]
pub(super) struct Given {
    /// A TOML file with the keys of an example's `given`, or one line of a decision log
    #[arg(long, value_name = "FILE", conflicts_with_all = ["purpose", "place", "area", "here_risk", "from_risk", "age", "code", "pcr", "exam"])]
    given: Option<PathBuf>,
    /// Why something is asked, such as visit
    #[arg(long, value_name = "WORD")]
    purpose: Option<String>,
    /// The category of the place, such as hotel
    #[arg(long, value_name = "WORD", requires = "purpose")]
    place: Option<String>,
    /// The area of the place, six digits
    #[arg(long, value_name = "AREA", requires = "purpose")]
    area: Option<String>,
    /// The risk at the place
    #[arg(long, value_name = "WORD", requires = "purpose")]
    here_risk: Option<String>,
    /// The risk where the person comes from
    #[arg(long, value_name = "WORD", requires = "purpose")]
    from_risk: Option<String>,
    /// Full years
    #[arg(long, value_name = "YEARS", requires = "purpose")]
    age: Option<u8>,
    /// The health code: a state such as none, or a table such as '{ from = "42", by = "health", status = "00" }'
    #[arg(long, value_name = "TOML", requires = "purpose")]
    code: Option<String>,
    /// The nucleic acid test, likewise
    #[arg(long, value_name = "TOML", requires = "purpose")]
    pcr: Option<String>,
    /// The examination result, likewise
    #[arg(long, value_name = "TOML", requires = "purpose")]
    exam: Option<String>,
}

impl Given {
    /// Where policy files are looked for if none is named: beside the case's file, or here.
    pub(super) fn beside(&self) -> &Path {
        self.given.as_deref().unwrap_or_else(|| Path::new("case.toml"))
    }

    /// The case, in the words of this vocabulary.
    pub(super) fn read(&self, vocabulary: &Vocabulary, context: &Context) -> Result<GivenCase, CliError> {
        let (name, text) = match &self.given {
            Some(path) => (path.display().to_string(), text(path)?),
            None => ("(flags)".to_owned(), self.as_toml()),
        };
        if text.trim_start().starts_with('{') {
            let path = Path::new(&name);
            let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
            return match (lines.next(), lines.next()) {
                (Some((number, line)), None) => LoggedDecision::parse(line.trim())
                    .and_then(|decision| decision.case(vocabulary))
                    .map_err(|problem| CliError::invalid(messages::no_decision_line(path, number, problem))),
                _ => Err(CliError::invalid(messages::one_line_only(path))),
            };
        }
        GivenCase::parse(Source { name: &name, text: &text }, vocabulary)
            .map_err(|found| invalid(&found, context.colour()))
    }

    fn as_toml(&self) -> String {
        let Self { given: _, purpose, place, area, here_risk, from_risk, age, code, pcr, exam } = self;
        let mut lines = Vec::new();
        let words = [
            ("purpose", purpose),
            ("place", place),
            ("area", area),
            ("here_risk", here_risk),
            ("from_risk", from_risk),
        ];
        for (key, word) in words {
            lines.extend(word.as_ref().map(|word| format!("{key} = {}", quoted(word))));
        }
        lines.extend(age.map(|age| format!("age = {age}")));
        for (key, value) in [("code", code), ("pcr", pcr), ("exam", exam)] {
            lines.extend(value.as_ref().map(|value| match value.trim_start().starts_with(['{', '[']) {
                true => format!("{key} = {value}"),
                false => format!("{key} = {}", quoted(value)),
            }));
        }
        lines.join("\n") + "\n"
    }
}

/// A string as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
