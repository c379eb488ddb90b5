//! Checking a stopped node's log folder with the log's public key alone. Changes no byte of it.
//!
//! Every leaf in the tiles is hashed again and every tile compared; then, as at a start, every journal record's place,
//! leaves, root and signature, and the watermark. While it runs no node can open the folder.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::Path;

use crate::checkpoint::{LogVerifierKey, SignedCheckpoint};
use crate::files::audit::{Found, read, walk};
use crate::log::{Kept, OpenError};
use crate::store::RecoverError;

/// A log folder in which everything holds.
#[derive(Debug)]
pub struct Audited {
    /// The newest head; `None` for a log without entries.
    pub head: Option<SignedCheckpoint>,
    /// The entries in tiles, of which each was hashed again.
    pub integrated: u64,
    /// The records in the journals behind them.
    pub records: u64,
    /// Where a last record begins that was torn while it was written: the next start drops it, nobody was told of it.
    pub torn: Option<u64>,
}

/// Reads a folder that no node has open, and checks everything in it.
///
/// # Errors
/// If a node has it open, it cannot be read, or anything in it does not hold.
pub fn audit(folder: &Path, key: &LogVerifierKey) -> Result<Audited, OpenError> {
    let _lock = lock(&folder.join("lock"))?;
    let Found { head, integrated, records, torn } = walk(folder, key)?;
    Ok(Audited { head, integrated, records, torn })
}

/// As [`audit`]; once everything holds, every entry is handed to `each` in order, with what is kept beside it, until it
/// breaks. That what is kept is what a leaf commits to is for the caller to check.
///
/// # Errors
/// As [`audit`]; then nothing, or nothing more, is handed out.
pub fn entries(
    folder: &Path,
    key: &LogVerifierKey,
    each: &mut dyn FnMut(u64, Kept) -> ControlFlow<()>,
) -> Result<Audited, OpenError> {
    let _lock = lock(&folder.join("lock"))?;
    let Found { head, integrated, records, torn } = walk(folder, key)?;
    read(folder, integrated, each)?;
    Ok(Audited { head, integrated, records, torn })
}

/// Keeps a node from opening the folder meanwhile. A copy of a folder may have left the lock out.
fn lock(path: &Path) -> Result<Option<File>, RecoverError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(RecoverError::Locked),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}
