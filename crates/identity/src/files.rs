//! Files that a membership list names, read from one folder and never from outside it.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The most characters of a [`FileName`].
pub const MAX_FILE_NAME: usize = 200;

/// The most bytes that are read of a file: a revocation list of about 200,000 certificates.
pub const MAX_FILE: u64 = 8 * 1024 * 1024;

/// A file's name relative to a folder. Segments of `A–Z a–z 0–9 . _ -` between slashes, none beginning with a dot, so
/// that no name leads out of the folder or to a hidden file.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileName(String);

/// Text that is no [`FileName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a file name inside the folder: letters, digits, dot, underscore and hyphen between slashes, no part beginning with a dot"
)]
pub struct BadFileName;

/// Where named files are read.
pub trait FileSource {
    /// The whole file, at most [`MAX_FILE`] bytes.
    ///
    /// # Errors
    /// If it cannot be read or is larger.
    fn read(&self, name: &FileName) -> io::Result<Vec<u8>>;
}

/// A folder on disk. Symbolic links inside it are followed (Kubernetes mounts files as such): who may write to the
/// folder is trusted.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

/// Files in memory, for tests and tools.
pub type MemoryFiles = BTreeMap<FileName, Vec<u8>>;

impl Folder {
    /// The folder at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The path of a file in this folder.
    pub fn path(&self, name: &FileName) -> PathBuf {
        self.0.join(name.as_str())
    }
}

impl FileSource for Folder {
    fn read(&self, name: &FileName) -> io::Result<Vec<u8>> {
        read_bounded(&self.path(name))
    }
}

impl FileSource for MemoryFiles {
    fn read(&self, name: &FileName) -> io::Result<Vec<u8>> {
        self.get(name).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// Reads a file of at most [`MAX_FILE`] bytes.
pub(crate) fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len <= MAX_FILE) {
        Ok(bytes)
    } else {
        Err(io::Error::new(io::ErrorKind::FileTooLarge, "the file is larger than 8 MiB"))
    }
}

impl FileName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FileName {
    type Err = BadFileName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let segment = |segment: &str| {
            !segment.is_empty()
                && !segment.starts_with('.')
                && segment
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
        };
        if text.len() <= MAX_FILE_NAME && text.split('/').all(segment) {
            Ok(Self(text.into()))
        } else {
            Err(BadFileName)
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileName({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for good in ["hb.pem", "members/hb.crl", "a_b-1"] {
            assert_eq!(good.parse::<FileName>().unwrap().as_str(), good);
        }
        for bad in
            ["", "/etc/passwd", "..", "../hb.pem", "a/../b", "a//b", "a/", ".ssh", "a\\b", "c:x", "a\0b", "é"]
        {
            assert_eq!(bad.parse::<FileName>(), Err(BadFileName), "{bad:?}");
        }
    }

    #[test]
    fn a_file_over_the_bound_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = std::fs::File::create(folder.path().join("big")).unwrap();
        file.set_len(MAX_FILE + 1).unwrap();
        let error = Folder::new(folder.path()).read(&"big".parse().unwrap()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        file.set_len(MAX_FILE).unwrap();
        assert!(Folder::new(folder.path()).read(&"big".parse().unwrap()).is_ok());
    }
}
