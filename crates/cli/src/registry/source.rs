//! The file that a department hands in: read twice, so that nothing is signed before every line was judged.
//!
//! The second reading must find the same bytes: before a batch is handed on, everything read so far is compared with what
//! was read the first time. Memory grows by 32 bytes a batch.

use std::fs::File;
use std::io::{self, Seek as _};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use huxin_attest::{DepartmentName, Digest, MAX_BATCH, RegionCode, SubjectSalt, UnixSecs};
use huxin_registry::line::{FactLine, LineParser, MAX_LINE, ToSign};
use huxin_registry::{HeaderError, LineError};
use serde::{Deserialize, Serialize};

use super::rejected::{FileProblem, Rejected, Rejections};
use crate::exit::CliError;
use crate::lines::{Line, Lines};
use crate::messages;

/// The form of a file of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FileFormat {
    /// RFC 4180 with a header
    Csv,
    /// JSON Lines
    Jsonl,
}

/// Who states the facts of a file, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stating {
    pub(super) department: DepartmentName,
    pub(super) region: RegionCode,
    pub(super) at: UnixSecs,
}

/// A file whose lines were judged.
#[derive(Debug)]
pub(super) struct Source {
    path: PathBuf,
    file: File,
    format: FileFormat,
    /// SHA-256 of everything up to the end of each batch.
    marks: Vec<Digest>,
    /// SHA-256 of the file.
    pub(super) digest: Digest,
    /// How many lines are facts.
    pub(super) facts: u64,
}

impl FileFormat {
    /// How names of such files end.
    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }

    /// By the file's extension.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            _ => None,
        }
    }
}

impl Source {
    /// Reads every line and signs none. What is no fact goes to `rejections`; a file that is refused as a whole is one
    /// rejection and `None`. `told` hears the number of each line.
    pub(super) fn check(
        path: &Path,
        format: FileFormat,
        stating: Stating,
        rejections: &mut Rejections,
        mut told: impl FnMut(u64),
    ) -> Result<Option<Self>, CliError> {
        let unreadable = |error| unreadable(path, error);
        let mut file = File::open(path).map_err(unreadable)?;
        let mut marks = Vec::new();
        let mut facts = 0;
        let opened = Facts::open(&mut file, format).map_err(unreadable)?;
        let mut lines = match opened {
            Ok(lines) => lines,
            Err(problem) => {
                rejections.add(problem.rejected())?;
                return Ok(None);
            }
        };
        while let Some((number, fact)) = lines.next().map_err(unreadable)? {
            told(number);
            match fact.and_then(|fact| to_sign(fact, stating, SubjectSalt([0; 16]))) {
                Ok(_) => {
                    facts += 1;
                    if facts % u64::from(MAX_BATCH) == 0 {
                        marks.push(lines.digest());
                    }
                }
                Err(error) => rejections.add(Rejected::line(number, error))?,
            }
        }
        let digest = lines.digest();
        if facts % u64::from(MAX_BATCH) != 0 {
            marks.push(digest);
        }
        if facts == 0 && rejections.count == 0 {
            rejections.add(FileProblem::NoFacts.rejected())?;
            return Ok(None);
        }
        Ok(Some(Self { path: path.to_owned(), file, format, marks, digest, facts }))
    }

    /// The facts in batches, each fact under the salt that `salt` has for its line.
    ///
    /// # Errors
    /// If the file cannot be read from its beginning again, or was changed.
    pub(super) fn batches<S: Fn(u64) -> SubjectSalt>(
        &mut self,
        stating: Stating,
        salt: S,
    ) -> Result<Batches<'_, S>, CliError> {
        self.file.rewind().map_err(|error| unreadable(&self.path, error))?;
        let facts =
            Facts::open(&mut self.file, self.format).map_err(|error| unreadable(&self.path, error))?;
        let facts = facts.map_err(|_| changed(&self.path))?;
        Ok(Batches {
            path: &self.path,
            facts,
            marks: &self.marks,
            digest: self.digest,
            stating,
            salt,
            number: 0,
        })
    }
}

/// A file's facts on their way, batch by batch.
pub(super) struct Batches<'a, S> {
    path: &'a Path,
    facts: Facts<'a>,
    marks: &'a [Digest],
    digest: Digest,
    stating: Stating,
    salt: S,
    number: usize,
}

impl<S: Fn(u64) -> SubjectSalt> Batches<'_, S> {
    /// The next batch with its number from 0; `None` at the end. Lines that were rejected are passed over.
    ///
    /// # Errors
    /// If the file can no longer be read, or is not what was judged.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Vec<ToSign>)>, CliError> {
        let Some(mark) = self.marks.get(self.number) else { return self.end() };
        let last = self.number + 1 == self.marks.len();
        let mut batch = Vec::with_capacity(MAX_BATCH.into());
        while batch.len() < MAX_BATCH.into() {
            let Some((line, fact)) = self.facts.next().map_err(|error| unreadable(self.path, error))? else {
                break;
            };
            let fact = fact.and_then(|fact| to_sign(fact, self.stating, (self.salt)(line)));
            batch.extend(fact.ok());
        }
        if self.facts.digest() != *mark {
            return Err(changed(self.path));
        }
        let number = u64::try_from(self.number).unwrap_or(u64::MAX);
        self.number += 1;
        if last {
            self.end()?;
        }
        Ok(Some((number, batch)))
    }

    /// Reads what is left, which holds no fact.
    fn end(&mut self) -> Result<Option<(u64, Vec<ToSign>)>, CliError> {
        while self.facts.next().map_err(|error| unreadable(self.path, error))?.is_some() {}
        if self.facts.digest() == self.digest { Ok(None) } else { Err(changed(self.path)) }
    }
}

/// The facts of a file, one a line.
struct Facts<'a> {
    lines: Lines<'a>,
    parser: LineParser,
    /// A last line of CSV without its line feed may have lost its end and still look whole.
    needs_end: bool,
}

impl<'a> Facts<'a> {
    /// Reads what stands before the first fact.
    fn open(file: &'a mut File, format: FileFormat) -> io::Result<Result<Self, FileProblem>> {
        if file.metadata()?.len() == 0 {
            return Ok(Err(FileProblem::Empty));
        }
        let mut lines = Lines::new(file, MAX_LINE);
        let bom = lines.skip_bom()?;
        let (parser, needs_end) = match format {
            FileFormat::Jsonl if bom => return Ok(Err(FileProblem::Bom)),
            FileFormat::Jsonl => (Ok(LineParser::json()), false),
            FileFormat::Csv => match lines.next()? {
                None => return Ok(Err(FileProblem::NoFacts)),
                Some(Line { bytes: None, .. }) => (Err(HeaderError::TooLong), true),
                Some(Line { bytes: Some(header), .. }) => (LineParser::csv(header), true),
            },
        };
        Ok(parser.map(|parser| Self { lines, parser, needs_end }).map_err(FileProblem::Header))
    }

    /// The next line's number and fact; `None` at the end.
    fn next(&mut self) -> io::Result<Option<(u64, Result<FactLine, LineError>)>> {
        let Some(Line { number, bytes, ended }) = self.lines.next()? else { return Ok(None) };
        let fact = match bytes {
            None => Err(LineError::TooLong),
            Some(_) if !ended && self.needs_end => Err(LineError::CutOff),
            Some(line) => match self.parser.parse(line) {
                Err(LineError::NotJson { .. } | LineError::NotUtf8) if !ended => Err(LineError::CutOff),
                fact => fact,
            },
        };
        Ok(Some((number, fact)))
    }

    fn digest(&self) -> Digest {
        self.lines.digest()
    }
}

fn to_sign(fact: FactLine, stating: Stating, salt: SubjectSalt) -> Result<ToSign, LineError> {
    let Stating { department, region, at } = stating;
    Ok(fact.into_claims(department, region, at, salt)?)
}

fn unreadable(path: &Path, error: io::Error) -> CliError {
    CliError::environment(messages::cannot_read(path, error))
}

fn changed(path: &Path) -> CliError {
    CliError::environment(messages::file_changed(path))
}

#[cfg(test)]
mod tests;
