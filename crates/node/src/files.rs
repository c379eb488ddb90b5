//! Text files, read bounded.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The largest text file that is read, in bytes.
const MAX_TEXT: u64 = 4 * 1024 * 1024;

/// Why a file is no text that can be read.
#[derive(Debug)]
pub enum TextError {
    /// The system said no.
    Read(io::Error),
    /// It was read, and is none.
    Not(NotText),
}

/// What a file is that is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
    /// Longer than any file that belongs here.
    #[error("is larger than 4 MiB; check whether it is the right file")]
    TooLarge,
    /// In another encoding, or no text at all.
    #[error("is not UTF-8 text; check whether it is the right file")]
    Encoding,
}

/// Reads a text file of at most 4 MiB.
///
/// # Errors
/// If it cannot be read or is no such text.
pub fn text(path: &Path) -> Result<String, TextError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_TEXT + 1).read_to_end(&mut bytes));
    let len = read.map_err(TextError::Read)?;
    if u64::try_from(len).is_ok_and(|len| len > MAX_TEXT) {
        return Err(TextError::Not(NotText::TooLarge));
    }
    String::from_utf8(bytes).map_err(|_| TextError::Not(NotText::Encoding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_or_no_text_is_told_apart_from_what_cannot_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        assert!(matches!(text(&path), Err(TextError::Read(_))));
        std::fs::write(&path, [0xff]).unwrap();
        assert!(matches!(text(&path), Err(TextError::Not(NotText::Encoding))));
        std::fs::write(&path, vec![b' '; 4 * 1024 * 1024 + 1]).unwrap();
        assert!(matches!(text(&path), Err(TextError::Not(NotText::TooLarge))));
        std::fs::write(&path, vec![b' '; 4 * 1024 * 1024]).unwrap();
        assert_eq!(text(&path).unwrap().len(), 4 * 1024 * 1024);
        assert!(matches!(text(Path::new("/dev/zero")), Err(TextError::Not(NotText::TooLarge))));
    }
}
