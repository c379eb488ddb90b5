//! Reading the files that a command is handed, bounded, and the values of flags.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use huxin_attest::{Document, DocumentType, Ed25519Key, UnixMs};
use huxin_identity::pki::keys::read_private;

use crate::exit::CliError;
use crate::messages;

/// The largest text file that is read whole, in bytes.
const MAX_TEXT: u64 = 16 * 1024 * 1024;

/// Reads a text file of at most 16 MiB.
pub(crate) fn text(path: &Path) -> Result<String, CliError> {
    let unreadable = |error| CliError::environment(messages::cannot_read(path, error));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    let len = file.take(MAX_TEXT + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(len).is_ok_and(|len| len > MAX_TEXT) {
        return Err(CliError::invalid(messages::too_large(path, MAX_TEXT)));
    }
    String::from_utf8(bytes).map_err(|_| CliError::invalid(messages::wrong_file(path, "not UTF-8 text")))
}

/// Reads an Ed25519 key in PEM form.
pub(crate) fn signing_key(path: &Path) -> Result<Ed25519Key, CliError> {
    read_private(text(path)?.as_bytes()).map_err(|error| CliError::invalid(messages::wrong_file(path, error)))
}

/// The value of a flag that is a time.
pub(crate) fn time(text: &str) -> Result<UnixMs, String> {
    UnixMs::parse_rfc3339(text)
        .ok_or_else(|| "write an RFC 3339 time with its offset, such as 2022-07-08T09:00:00+08:00".to_owned())
}

/// The value of a flag that is a document: `TYPE:NUMBER`.
fn document(text: &str) -> Result<Document, String> {
    let (kind, number) =
        text.split_once(':').ok_or("write TYPE:NUMBER, such as 111: and a resident ID number")?;
    let kind = kind.parse::<u32>().map_err(|_| "the type is a number such as 111".to_owned())?;
    let kind = DocumentType::from_number(kind).map_err(|error| error.to_string())?;
    Document::parse(kind, number).map_err(|error| error.to_string())
}

/// A person, named so that the number need not stand on the command line, which shells and process lists keep.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    /// On the command line.
    Given(Document),
    /// On the standard input.
    Input,
}

/// The value of a flag that is a document, or `-` for one on the standard input.
pub(crate) fn subject(text: &str) -> Result<Subject, String> {
    if text == "-" { Ok(Subject::Input) } else { document(text).map(Subject::Given) }
}

impl Subject {
    /// The document, read from the standard input where it is not given.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn read(&self) -> Result<Document, CliError> {
        match self {
            Self::Given(document) => Ok(document.clone()),
            Self::Input => {
                document(input()?.trim()).map_err(|error| CliError::usage(messages::input_wrong(error)))
            }
        }
    }
}

/// What the standard input holds, at most 64 KiB of text.
pub(crate) fn input() -> Result<String, CliError> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(64 * 1024).read_to_string(&mut text);
    read.map_err(|error| CliError::environment(messages::input_wrong(error)))?;
    Ok(text)
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_written_as_type_and_number() {
        assert_eq!(document("111:11010519491231002X").unwrap().number(), "11010519491231002X");
        for bad in ["11010519491231002X", "x:1", "112:1", "111:110105194912310021"] {
            assert!(document(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_time_needs_its_offset() {
        assert!(time("2022-07-08T09:00:00+08:00").is_ok() && time("2022-07-08T09:00:00").is_err());
    }
}
