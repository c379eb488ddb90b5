//! The few changes that this crate makes to a disk, each in one place, so that a test can stop before, in or after each.
//!
//! Nothing here decides anything. What a change did is durable only once the matching sync returned.

use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Owner only: what the log keeps may concern people.
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

/// So many files are synced at the same time.
const SYNCED_TOGETHER: usize = 8;

/// One change that is about to be made, or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change<'a> {
    /// Bytes are written to a file, which is made if it is missing.
    Write(&'a Path),
    /// A file's bytes are made durable.
    Sync(&'a Path),
    /// A file is cut to a length.
    Cut(&'a Path),
    /// A file takes another's place.
    Rename(&'a Path, &'a Path),
    /// A file's name is removed.
    Remove(&'a Path),
    /// A folder is made.
    Folder(&'a Path),
    /// The names in a folder are made durable.
    SyncFolder(&'a Path),
}

/// Watches every change, and may make it fail. Tests stop a log at any of them; a node has none.
pub trait Watcher: Send + Sync {
    /// Before the change. `Some(n)`: at most the first `n` bytes of a write are written, and then it fails.
    ///
    /// # Errors
    /// If the change must fail without effect.
    fn before(&self, change: Change<'_>) -> io::Result<Option<usize>>;

    /// After the change took effect.
    ///
    /// # Errors
    /// If the change must be reported as failed all the same.
    fn after(&self, change: Change<'_>) -> io::Result<()>;
}

/// Makes the changes.
#[derive(Clone, Default)]
pub(crate) struct Disk {
    watcher: Option<Arc<dyn Watcher>>,
}

impl Disk {
    pub(crate) const fn watched(watcher: Option<Arc<dyn Watcher>>) -> Self {
        Self { watcher }
    }

    /// Opens a file to read and write it; with `new` an empty one is made, or an old one emptied. That is part of the
    /// first write.
    pub(crate) fn open(path: &Path, new: bool) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(new).truncate(new).mode(FILE_MODE).open(path)
    }

    pub(crate) fn write(&self, path: &Path, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let part = self.before(Change::Write(path))?;
        write_part(file, bytes, part)?;
        self.after(Change::Write(path))
    }

    /// Makes the bytes durable, and what of the file's name and length is needed to read them.
    pub(crate) fn sync(&self, path: &Path, file: &File) -> io::Result<()> {
        self.make(Change::Sync(path), || file.sync_data())
    }

    pub(crate) fn cut(&self, path: &Path, file: &File, len: u64) -> io::Result<()> {
        self.make(Change::Cut(path), || file.set_len(len))?;
        self.make(Change::Sync(path), || file.sync_all())
    }

    /// Writes a whole file and syncs it. Only for names that nobody reads yet.
    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let file = self.write_unsynced(path, bytes)?;
        self.make(Change::Sync(path), || file.sync_all())
    }

    /// Writes a whole file under its own name, to be synced with others. Only for names that nobody reads yet.
    pub(crate) fn write_unsynced(&self, path: &Path, bytes: &[u8]) -> io::Result<File> {
        let part = self.before(Change::Write(path))?;
        let mut file = Self::open(path, true)?;
        write_part(&mut file, bytes, part)?;
        self.after(Change::Write(path))?;
        Ok(file)
    }

    /// Syncs many files. Several at a time: a file system makes those that wait together durable together.
    pub(crate) fn sync_together(&self, files: &[(PathBuf, File)]) -> io::Result<()> {
        let sync = |files: &[(PathBuf, File)]| {
            files.iter().try_for_each(|(path, file)| self.make(Change::Sync(path), || file.sync_all()))
        };
        // One after the other where somebody watches: every run then has the same order.
        let threads = if self.watcher.is_some() { 1 } else { SYNCED_TOGETHER };
        if files.len() <= 1 || threads == 1 {
            return sync(files);
        }
        std::thread::scope(|scope| {
            let parts = files.chunks(files.len().div_ceil(threads));
            let running: Vec<_> = parts.map(|part| scope.spawn(move || sync(part))).collect();
            let panicked = |_| Err(io::Error::other("a thread that syncs files panicked"));
            running.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(panicked))
        })
    }

    /// Replaces a file: a reader sees the old bytes or the new ones, also after a crash. One writer at a time.
    pub(crate) fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut neighbour = path.as_os_str().to_owned();
        neighbour.push(".new");
        let neighbour = Path::new(&neighbour);
        self.write_new(neighbour, bytes)?;
        self.rename(neighbour, path)
    }

    /// Puts a file in another's place, durably.
    pub(crate) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.make(Change::Rename(from, to), || std::fs::rename(from, to))?;
        self.sync_folder(to.parent())
    }

    /// Removes a file's name. A name that is gone already is no error: a crash may have been behind the removal.
    pub(crate) fn remove(&self, path: &Path) -> io::Result<()> {
        self.make(Change::Remove(path), || match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
    }

    /// Removes a folder and what is in it, if there is one. A crash in between leaves less of it.
    pub(crate) fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        if !folder.is_dir() {
            return Ok(());
        }
        self.make(Change::Remove(folder), || std::fs::remove_dir_all(folder))
    }

    /// Makes the folder and what is missing above it, durably: files must not vanish with their folder's name.
    pub(crate) fn create_folder(&self, folder: &Path) -> io::Result<()> {
        if folder.as_os_str().is_empty() || folder.is_dir() {
            return Ok(());
        }
        if let Some(above) = folder.parent() {
            self.create_folder(above)?;
        }
        self.make(Change::Folder(folder), || match DirBuilder::new().mode(FOLDER_MODE).create(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        })?;
        self.sync_folder(folder.parent())
    }

    /// Makes the names inside the folder durable.
    pub(crate) fn sync_folder(&self, folder: Option<&Path>) -> io::Result<()> {
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        self.make(Change::SyncFolder(folder), || File::open(folder)?.sync_all())
    }

    pub(crate) fn make(&self, change: Change<'_>, effect: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        self.before(change)?;
        effect()?;
        self.after(change)
    }

    fn before(&self, change: Change<'_>) -> io::Result<Option<usize>> {
        self.watcher.as_ref().map_or(Ok(None), |watcher| watcher.before(change))
    }

    fn after(&self, change: Change<'_>) -> io::Result<()> {
        self.watcher.as_ref().map_or(Ok(()), |watcher| watcher.after(change))
    }
}

fn write_part(file: &mut File, bytes: &[u8], part: Option<usize>) -> io::Result<()> {
    let Some(len) = part else { return file.write_all(bytes) };
    file.write_all(bytes.get(..len).unwrap_or(bytes))?;
    Err(io::Error::other("the write was stopped in the middle"))
}

/// Replaces a small file: a reader sees the old bytes or the new ones, also after a crash. One writer at a time.
///
/// # Errors
/// If the file system refuses; then the old bytes stay.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Disk::default().replace(path, bytes)
}

/// Reads a whole file; `None` if there is none.
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

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.watcher.is_some() { "Disk(watched)" } else { "Disk" })
    }
}
