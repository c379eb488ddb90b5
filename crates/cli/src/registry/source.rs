//! The file that a department hands in: read twice, so that nothing is signed before every line was found good.
//!
//! Lines are bounded and never quoted: they hold personal data.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context as Hasher, SHA256};
use huxin_attest::{DepartmentName, Digest, RegionCode, SubjectSalt, UnixSecs};
use huxin_registry::line::{FactLine, MAX_LINE, ToSign, parse_line};
use serde::Serialize;

use crate::exit::CliError;
use crate::messages;

/// How many rejected lines are listed; the rest is counted.
const MAX_LISTED: usize = 100;

/// Who states the facts of a file, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stating {
    pub(super) department: DepartmentName,
    pub(super) region: RegionCode,
    pub(super) at: UnixSecs,
}

/// A file in which every line is a fact that the department can state.
#[derive(Debug)]
pub(super) struct Source {
    path: PathBuf,
    file: File,
    stating: Stating,
    pub(super) digest: Digest,
    pub(super) facts: u64,
}

/// Lines that are no facts.
#[derive(Debug, Default, Serialize)]
pub(super) struct Rejections {
    pub(super) rejected: u64,
    pub(super) lines: Vec<Rejected>,
}

/// Why a line is rejected.
#[derive(Debug, Serialize)]
pub(super) struct Rejected {
    /// From 1.
    pub(super) line: u64,
    /// Stable.
    pub(super) reason: &'static str,
    pub(super) message: String,
}

impl Source {
    /// Reads every line and signs none.
    pub(super) fn check(path: &Path, stating: Stating) -> Result<Result<Self, Rejections>, CliError> {
        let mut file = File::open(path).map_err(|error| unreadable(path, error))?;
        let mut lines = LineReader::new(&mut file);
        let mut rejections = Rejections::default();
        let mut facts = 0;
        while let Some(line) = lines.next().map_err(|error| unreadable(path, error))? {
            facts += 1;
            let read = read_line(line).and_then(|fact| to_sign(fact, stating, SubjectSalt([0; 16])));
            if let Err((reason, message)) = read {
                rejections.rejected += 1;
                if rejections.lines.len() < MAX_LISTED {
                    rejections.lines.push(Rejected { line: facts, reason, message });
                }
            }
        }
        let digest = lines.finish();
        if rejections.rejected > 0 {
            return Ok(Err(rejections));
        }
        Ok(Ok(Self { path: path.to_owned(), file, stating, digest, facts }))
    }

    /// The facts in batches of at most `size`, each fact with a fresh salt from `salt`.
    ///
    /// # Errors
    /// If the file cannot be read from its beginning again.
    pub(super) fn batches<S: FnMut() -> SubjectSalt>(
        &mut self,
        size: usize,
        salt: S,
    ) -> Result<Batches<'_, S>, CliError> {
        self.file.rewind().map_err(|error| unreadable(&self.path, error))?;
        let Self { path, file, stating, digest, .. } = self;
        let lines = Some(LineReader::new(file));
        Ok(Batches { path, lines, stating: *stating, digest: *digest, size, salt, number: 0 })
    }
}

/// A file's facts on their way, batch by batch.
pub(super) struct Batches<'a, S> {
    path: &'a Path,
    lines: Option<LineReader<'a>>,
    stating: Stating,
    digest: Digest,
    size: usize,
    salt: S,
    number: u64,
}

impl<S: FnMut() -> SubjectSalt> Batches<'_, S> {
    /// The next batch with its number from 0; `None` at the end, by which a change of the file is noticed at the latest.
    ///
    /// # Errors
    /// If the file can no longer be read, or was changed meanwhile.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Vec<ToSign>)>, CliError> {
        let changed = || CliError::environment(messages::file_changed(self.path));
        let mut batch = Vec::with_capacity(self.size);
        while let Some(lines) = &mut self.lines {
            match lines.next().map_err(|error| unreadable(self.path, error))? {
                Some(line) => {
                    let fact = read_line(line).and_then(|fact| to_sign(fact, self.stating, (self.salt)()));
                    batch.push(fact.map_err(|_| changed())?);
                    if batch.len() == self.size {
                        break;
                    }
                }
                None => {
                    if self.lines.take().is_some_and(|lines| lines.finish() != self.digest) {
                        return Err(changed());
                    }
                }
            }
        }
        self.number += 1;
        Ok((!batch.is_empty()).then_some((self.number - 1, batch)))
    }
}

fn unreadable(path: &Path, error: io::Error) -> CliError {
    CliError::environment(messages::cannot_read(path, error))
}

type Reason = (&'static str, String);

/// `None`: the line is longer than any fact.
fn read_line(line: Option<&[u8]>) -> Result<FactLine, Reason> {
    let too_long = huxin_registry::LineError::TooLong;
    let line = line.ok_or_else(|| (too_long.reason(), too_long.to_string()))?;
    let line =
        std::str::from_utf8(line).map_err(|_| ("line_not_utf8", "the line is not UTF-8 text".to_owned()))?;
    parse_line(line).map_err(|error| (error.reason(), error.to_string()))
}

fn to_sign(fact: FactLine, stating: Stating, salt: SubjectSalt) -> Result<ToSign, Reason> {
    let Stating { department, region, at } = stating;
    fact.into_claims(department, region, at, salt).map_err(|error| ("line_claims", error.to_string()))
}

/// Lines of bounded length, and the hash of all bytes.
struct LineReader<'a> {
    input: BufReader<&'a mut File>,
    hasher: Hasher,
    line: Vec<u8>,
}

impl<'a> LineReader<'a> {
    /// A line with its carriage return and line feed.
    const MAX: usize = MAX_LINE + 2;

    fn new(file: &'a mut File) -> Self {
        Self {
            input: BufReader::with_capacity(1 << 20, file),
            hasher: Hasher::new(&SHA256),
            line: Vec::new(),
        }
    }

    /// The next line, `Some(None)` for one that is too long; `None` at the end.
    fn next(&mut self) -> io::Result<Option<Option<&[u8]>>> {
        self.line.clear();
        let limit = u64::try_from(Self::MAX + 1).unwrap_or(u64::MAX);
        let mut read = (&mut self.input).take(limit).read_until(b'\n', &mut self.line)?;
        self.hasher.update(&self.line);
        if read == 0 {
            return Ok(None);
        }
        let fits = read <= Self::MAX;
        // What is left of a line that is too long.
        while read > Self::MAX && self.line.last() != Some(&b'\n') {
            self.line.clear();
            read = (&mut self.input).take(limit).read_until(b'\n', &mut self.line)?;
            self.hasher.update(&self.line);
        }
        Ok(Some(fits.then_some(&self.line)))
    }

    fn finish(self) -> Digest {
        Digest::try_from(self.hasher.finish().as_ref()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use huxin_attest::sha256;

    use super::*;

    const GOOD: &str =
        r#"{"document_type":111,"number":"11010519491231002X","kind":"health_code","status":"01"}"#;

    fn check(text: &str) -> Result<Source, Rejections> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let stating = Stating {
            department: "hb-data".parse().unwrap(),
            region: RegionCode::new(42).unwrap(),
            at: UnixSecs::new(1_657_242_000).unwrap(),
        };
        Source::check(file.path(), stating).unwrap()
    }

    #[test]
    fn every_bad_line_is_named_with_its_number_and_reason_and_none_is_quoted() {
        let long = "x".repeat(MAX_LINE * 3);
        let no_status = GOOD.replace(r#","status":"01""#, "");
        let rejected = check(&format!("{GOOD}\n{long}\nno\n{GOOD}\n\n{no_status}\n{GOOD}")).unwrap_err();
        let found: Vec<_> = rejected.lines.iter().map(|one| (one.line, one.reason)).collect();
        assert_eq!(
            found,
            [(2, "line_too_long"), (3, "line_not_json"), (5, "line_not_json"), (6, "line_claims")]
        );
        assert!(rejected.lines.iter().all(|one| !one.message.contains("1101")));
    }

    #[test]
    fn batches_hold_every_line_once_and_the_digest_is_the_files() {
        let text = format!("{GOOD}\n").repeat(7);
        let mut source = check(&text).unwrap();
        assert_eq!((source.facts, source.digest), (7, sha256(&[text.as_bytes()])));
        let mut batches = source.batches(3, || SubjectSalt([7; 16])).unwrap();
        let mut sizes = Vec::new();
        while let Some((number, batch)) = batches.next().unwrap() {
            sizes.push((number, batch.len()));
        }
        assert_eq!(sizes, [(0, 3), (1, 3), (2, 1)]);
    }

    #[test]
    fn a_file_that_changes_after_it_was_checked_is_not_sent_to_its_end() {
        let mut source = check(&format!("{GOOD}\n{GOOD}")).unwrap();
        source.digest = sha256(&[]);
        let mut batches = source.batches(3, || SubjectSalt([7; 16])).unwrap();
        assert_eq!(batches.next().unwrap_err().exit, crate::Exit::Environment);
    }

    #[test]
    fn rejected_lines_are_counted_beyond_those_that_are_listed() {
        let rejected = check(&"no\n".repeat(250)).unwrap_err();
        assert_eq!((rejected.rejected, rejected.lines.len()), (250, MAX_LISTED));
    }
}
