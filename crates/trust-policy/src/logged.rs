//! One decision as a line of JSON: the case in the language of `[[example]]`, and what was answered. No person is in it.
//!
//! `huxin ledger decisions` writes such lines, `huxin policy simulate` and `check --seen` read them. Reading differs from
//! reading an official's file in one point: a word of a *statement* that the vocabulary does not list counts as absent,
//! as it does when a node hears it. A word of the situation must be listed, or nothing can be said about the case.

mod case;

use std::fmt;

use huxin_attest::{RegionCode, UnixMs};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Serialize};

use crate::model::Outcome;

pub use case::UnmappedLabel;

/// The longest line, in bytes.
pub const MAX_LINE: usize = 64 * 1024;

/// One line of the decision log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedDecision {
    /// When it was decided, RFC 3339 with an offset.
    pub at: String,
    /// The case, in the language of an example's `given`.
    pub given: LoggedGiven,
    /// The kinds about which a province that was asked was silent or refused. `given` cannot say this beside statements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreachable: Vec<String>,
    /// What was heard and cannot be told in this form; it is left out of `given`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<Untold>,
    /// What was answered.
    pub was: LoggedOutcome,
    /// The files by which it was decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy: Vec<Reference>,
}

/// The case of a logged decision.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys of an example's `given`, described in the format")]
pub struct LoggedGiven {
    pub purpose: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here_risk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_risk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<u8>,
    #[serde(default, skip_serializing_if = "Stated::is_nothing")]
    pub code: Stated,
    #[serde(default, skip_serializing_if = "Stated::is_nothing")]
    pub pcr: Stated,
    #[serde(default, skip_serializing_if = "Stated::is_nothing")]
    pub exam: Stated,
}

/// What was stated of one kind: a table or a list of tables, or the name of a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Stated {
    /// Nothing is believed, and this is why.
    State(String),
    /// The statements.
    Statements(Vec<LoggedStatement>),
}

/// One statement of a logged decision.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys of a statement in an example's `given`, described in the format")]
pub struct LoggedStatement {
    pub from: String,
    pub by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hop: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_for: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled: Option<String>,
}

/// A statement that was heard and cannot be told as an example tells one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Untold {
    /// Its kind.
    pub kind: String,
    /// Why it cannot be told: a stable word.
    pub why: String,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedOutcome {
    /// `admit` or `review`.
    pub then: String,
    /// The kinds asked: of others nothing is known.
    pub ask: Vec<String>,
    /// The rule; absent where none reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The case; absent where nothing was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// The obligations.
    #[serde(default)]
    pub must: Vec<String>,
}

/// One file by which a decision was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u64,
    /// SHA-256 of its exact bytes, in hexadecimal digits.
    pub sha256: String,
}

/// Why a line is not read, or its case cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotReadable {
    /// The column, from 1, in bytes, where it is known.
    pub column: Option<usize>,
    /// What is wrong, in English.
    pub message: String,
}

impl LoggedDecision {
    /// Reads one line.
    ///
    /// # Errors
    /// If it is no decision in this form.
    pub fn parse(line: &str) -> Result<Self, NotReadable> {
        if line.len() > MAX_LINE {
            return Err(NotReadable::of(format!("the line has more than {MAX_LINE} bytes")));
        }
        let read: Self = serde_json::from_str(line).map_err(|error| NotReadable {
            column: Some(error.column()),
            // The number of the line is not serde's to say: it saw one line only.
            message: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
        })?;
        read.at()?;
        read.was.outcome()?;
        Ok(read)
    }

    /// When it was decided.
    ///
    /// # Errors
    /// If that is no time.
    pub fn at(&self) -> Result<UnixMs, NotReadable> {
        let time = UnixMs::parse_rfc3339(&self.at);
        time.ok_or_else(|| NotReadable::of("`at` is no RFC 3339 time with an offset".to_owned()))
    }

    /// The province of the place, if the case has one.
    pub fn region(&self) -> Option<RegionCode> {
        self.given.area.as_deref()?.get(..2)?.parse().ok()
    }

    /// All statements, in the order of kinds.
    pub fn statements(&self) -> impl Iterator<Item = &LoggedStatement> {
        let LoggedGiven { code, pcr, exam, .. } = &self.given;
        [code, pcr, exam].into_iter().flat_map(Stated::statements)
    }
}

impl Default for Stated {
    fn default() -> Self {
        Self::Statements(Vec::new())
    }
}

impl Stated {
    /// Was nothing stated?
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Statements(statements) if statements.is_empty())
    }

    /// The statements; none where only a state is known.
    pub fn statements(&self) -> &[LoggedStatement] {
        match self {
            Self::State(_) => &[],
            Self::Statements(statements) => statements,
        }
    }
}

impl LoggedStatement {
    /// What `[grades]` looks at: status, label and reason, each with its key.
    pub fn labels(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("status", self.status.as_deref()),
            ("label", self.label.as_deref()),
            ("reason", self.reason.as_deref()),
        ]
    }
}

impl LoggedOutcome {
    /// The outcome.
    ///
    /// # Errors
    /// If it is neither `admit` nor `review`.
    pub fn outcome(&self) -> Result<Outcome, NotReadable> {
        let outcomes = [Outcome::Admit, Outcome::Review];
        let found = outcomes.into_iter().find(|outcome| outcome.name() == self.then);
        found.ok_or_else(|| NotReadable::word("then", &self.then))
    }
}

impl NotReadable {
    pub(super) fn of(message: String) -> Self {
        Self { column: None, message }
    }

    pub(super) fn word(key: &str, word: &str) -> Self {
        let word: String = word.chars().take(64).collect();
        Self::of(format!("`{key}` cannot be {word:?}"))
    }
}

impl fmt::Display for NotReadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => write!(f, "column {column}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for NotReadable {}

impl<'de> Deserialize<'de> for Stated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StatedVisitor)
    }
}

/// Written out, because an untagged enum would read everything twice and say nothing of where it went wrong.
struct StatedVisitor;

impl<'de> Visitor<'de> for StatedVisitor {
    type Value = Stated;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a statement, a list of statements, or the name of a state")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Stated, E> {
        Ok(Stated::State(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Stated, A::Error> {
        let one = LoggedStatement::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Stated::Statements(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Stated, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = list.next_element()? {
            all.push(one);
        }
        Ok(Stated::Statements(all))
    }
}
