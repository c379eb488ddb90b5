//! What is wrong with a file of facts: where, in which field, for which stable reason.
//!
//! Nothing here quotes the file: it holds personal data.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use huxin_registry::{HeaderError, LineError};
use serde::Serialize;

use crate::context::Context;
use crate::exit::CliError;
use crate::messages::{self, Text};

/// How many rejected lines are shown; the rest is counted.
pub(super) const MAX_SHOWN: usize = 100;

/// Why a file is refused as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileProblem {
    /// It has no byte.
    Empty,
    /// It has no fact.
    NoFacts,
    /// JSON begins with a byte order mark (RFC 8259 §8.1 forbids it).
    Bom,
    /// The first line of CSV is no header.
    Header(HeaderError),
}

/// One rejection.
#[derive(Debug, Serialize)]
pub(super) struct Rejected {
    /// From 1.
    pub(super) line: u64,
    /// Where one field is to blame.
    pub(super) field: Option<&'static str>,
    /// Stable.
    pub(super) reason: &'static str,
    /// In English.
    pub(super) message: String,
    #[serde(skip)]
    zh: String,
}

/// All rejections of a file.
#[derive(Debug, Default)]
pub(super) struct Rejections {
    /// How many.
    pub(super) count: u64,
    /// The first of them.
    pub(super) shown: Vec<Rejected>,
    all: Option<List>,
}

/// The file that lists all rejections, one JSON object a line.
#[derive(Debug)]
struct List {
    path: PathBuf,
    file: BufWriter<File>,
}

impl FileProblem {
    /// Where, and why.
    pub(super) fn rejected(self) -> Rejected {
        let (reason, text) = match self {
            Self::Empty => ("file_empty", messages::file_empty()),
            Self::NoFacts => ("file_without_facts", messages::file_without_facts()),
            Self::Bom => ("file_bom", messages::file_bom()),
            Self::Header(error) => (error.reason(), messages::header_problem(error)),
        };
        let field = if let Self::Header(error) = self { error.field() } else { None };
        Rejected::new(1, field, reason, text)
    }
}

impl Rejected {
    /// A line that is no fact.
    pub(super) fn line(line: u64, error: LineError) -> Self {
        Self::new(line, error.field(), error.reason(), messages::line_problem(error))
    }

    /// For people.
    pub(super) fn text(&self, file: &Path, context: &Context) -> String {
        let message = Text::new(self.zh.as_str(), self.message.as_str());
        let field = self.field.map(|field| format!(" {field}:")).unwrap_or_default();
        format!("{}:{}: {}:{field} {}\n", file.display(), self.line, self.reason, message.get(context.lang))
    }

    fn new(line: u64, field: Option<&'static str>, reason: &'static str, text: Text) -> Self {
        Self { line, field, reason, message: text.en, zh: text.zh }
    }
}

impl Rejections {
    /// None yet; all will be listed in `list`, which must not exist.
    pub(super) fn new(list: Option<&Path>) -> Result<Self, CliError> {
        let open = |path: &Path| -> Result<List, CliError> {
            let file = OpenOptions::new().write(true).create_new(true).open(path);
            let file = file.map_err(|error| CliError::environment(messages::cannot_write(path, error)))?;
            Ok(List { path: path.to_owned(), file: BufWriter::new(file) })
        };
        Ok(Self { all: list.map(open).transpose()?, ..Self::default() })
    }

    /// One more.
    pub(super) fn add(&mut self, rejected: Rejected) -> Result<(), CliError> {
        self.count += 1;
        if let Some(List { path, file }) = &mut self.all {
            let written = serde_json::to_writer(&mut *file, &rejected).map_err(Into::into);
            let written = written.and_then(|()| file.write_all(b"\n"));
            written.map_err(|error| CliError::environment(messages::cannot_write(path, error)))?;
        }
        if self.shown.len() < MAX_SHOWN {
            self.shown.push(rejected);
        }
        Ok(())
    }

    /// The list is whole.
    pub(super) fn close(&mut self) -> Result<(), CliError> {
        let Some(List { path, mut file }) = self.all.take() else { return Ok(()) };
        file.flush().map_err(|error| CliError::environment(messages::cannot_write(&path, error)))
    }
}
