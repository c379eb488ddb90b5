//! Files for keys and certificates. An existing file is never overwritten unless the function's name says so.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::PkiError;

/// Writes a private key: readable by its owner only.
///
/// # Errors
/// If the file exists or cannot be written.
pub fn write_secret(path: &Path, text: &str) -> Result<(), PkiError> {
    create(path, text, 0o600)
}

/// Writes what anyone may read.
///
/// # Errors
/// If the file exists or cannot be written.
pub fn write_public(path: &Path, text: &str) -> Result<(), PkiError> {
    create(path, text, 0o644)
}

/// Puts a new version of what anyone may read in the place of the old: a reader sees one or the other, whole.
///
/// # Errors
/// If the file cannot be written.
pub fn replace_public(path: &Path, text: &str) -> Result<(), PkiError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    // Left behind by a run that was cut short; nobody reads it.
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(PkiError::Write { path: new, error });
        }
        _ => {}
    }
    create(&new, text, 0o644)?;
    std::fs::rename(&new, path).map_err(|error| PkiError::Write { path: path.to_owned(), error })
}

fn create(path: &Path, text: &str, mode: u32) -> Result<(), PkiError> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => PkiError::Exists(path.to_owned()),
        _ => PkiError::Write { path: path.to_owned(), error },
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = open(path, mode).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}

#[cfg(unix)]
fn open(path: &Path, mode: u32) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path, _mode: u32) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_private_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub/a.key");
        write_secret(&path, "one").unwrap();
        assert!(matches!(write_secret(&path, "two"), Err(PkiError::Exists(_))));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_list_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.crl");
        write_public(&path, "one").unwrap();
        replace_public(&path, "two").unwrap();
        replace_public(&path, "three").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "three");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
