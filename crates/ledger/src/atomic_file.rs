//! Small files that are replaced whole: a reader sees the old bytes or the new ones, also after a crash.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Owner only: what the log keeps may concern people.
pub(crate) const FILE_MODE: u32 = 0o600;

/// Replaces the file: writes a neighbour, syncs it, renames it over the old one and syncs the folder. One writer at a
/// time.
///
/// # Errors
/// If the file system refuses; then the old bytes stay.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut neighbour = path.as_os_str().to_owned();
    neighbour.push(".new");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(&neighbour)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&neighbour, path)?;
    sync_folder(path.parent())
}

/// Makes the names inside the folder durable.
pub(crate) fn sync_folder(folder: Option<&Path>) -> io::Result<()> {
    match folder {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

/// Reads the file; `None` if there is none.
///
/// # Errors
/// If it cannot be read or has more than `max_len` bytes.
pub fn read(path: &Path, max_len: usize) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    file.take(max_len as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > max_len {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the file is longer than its form allows"));
    }
    Ok(Some(bytes))
}
