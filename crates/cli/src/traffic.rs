//! The decision log as a file: JSON Lines, one decision a line, read one after the other. Memory does not grow with it.

use std::fs::File;
use std::path::{Path, PathBuf};

use huxin_trust_policy::{LoggedDecision, MAX_LINE};

use crate::exit::CliError;
use crate::lines::Lines;
use crate::messages;

/// A decision log that is read.
pub(crate) struct Traffic {
    path: PathBuf,
    file: File,
}

impl Traffic {
    /// Opens a decision log, as `huxin ledger decisions` writes it.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub(crate) fn open(path: &Path) -> Result<Self, CliError> {
        let file =
            File::open(path).map_err(|error| CliError::environment(messages::cannot_read(path, error)))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Hands each decision with the number of its line, from 1, to `each`; empty lines are passed over. Returns how many
    /// decisions there are.
    ///
    /// # Errors
    /// If the file cannot be read, at the first line that is no decision, or what `each` says.
    pub(crate) fn each(
        mut self,
        mut each: impl FnMut(u64, LoggedDecision) -> Result<(), CliError>,
    ) -> Result<u64, CliError> {
        let path = &self.path;
        let unreadable = |error| CliError::environment(messages::cannot_read(path, error));
        let mut lines = Lines::new(&mut self.file, MAX_LINE);
        lines.skip_bom().map_err(unreadable)?;
        let mut count = 0;
        while let Some(line) = lines.next().map_err(unreadable)? {
            let wrong = |problem: &dyn std::fmt::Display| {
                CliError::invalid(messages::no_decision_line(path, line.number, problem))
            };
            let bytes =
                line.bytes.ok_or_else(|| wrong(&format_args!("the line has more than {MAX_LINE} bytes")))?;
            let text = str::from_utf8(bytes).map_err(|_| wrong(&"not UTF-8 text"))?.trim();
            if text.is_empty() {
                continue;
            }
            let decision = LoggedDecision::parse(text).map_err(|error| wrong(&error))?;
            each(line.number, decision)?;
            count += 1;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const LINE: &str =
        r#"{"at":"2022-07-08T09:00:00+08:00","given":{"purpose":"visit"},"was":{"then":"admit","ask":[]}}"#;

    fn read(text: &str) -> Result<(u64, Vec<u64>), CliError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let mut numbers = Vec::new();
        let count = Traffic::open(file.path())?.each(|number, _| {
            numbers.push(number);
            Ok(())
        })?;
        Ok((count, numbers))
    }

    #[test]
    fn every_decision_is_read_with_the_number_of_its_line() {
        assert_eq!(read(&format!("{LINE}\n\n{LINE}\r\n{LINE}")).unwrap(), (3, vec![1, 3, 4]));
        assert_eq!(read("").unwrap(), (0, vec![]));
    }

    #[test]
    fn the_first_line_that_is_none_is_named() {
        let long = format!("{LINE}{}", " ".repeat(MAX_LINE));
        for (text, says) in [
            (format!("{LINE}\n{{}}\n"), ":2: column 2: missing field `at`"),
            (format!("{LINE}\n\n{long}"), ":3: the line has more than 65536 bytes"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.message.en.contains(says), "{}", error.message.en);
        }
        assert_eq!(
            Traffic::open(Path::new("/no/such")).err().map(|error| error.exit),
            Some(crate::Exit::Environment)
        );
    }
}
