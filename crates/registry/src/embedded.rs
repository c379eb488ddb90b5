//! The store of a single node: one redb file.
//!
//! A person's heads lie in one value, so a look-up is one read; what is no longer a head moves to a table of its own.
//! Every commit is on the disk before it returns. Only one process, and only once, may have the file open.

mod commit;
mod read;
mod read_only;
mod requests;
mod tables;

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use huxin_attest::{DepartmentName, Digest, Kinds, UnixMs};
use redb::{Database, Durability, ReadOnlyTable, ReadTransaction, ReadableDatabase, WriteTransaction};

use crate::error::RegistryError;
use crate::person::{PersonKey, ProvinceSecret};
use crate::store::{
    ChangeId, Committed, Counts, Found, HistoryEntry, PendingChange, Recall, Registry, RequestRecord, Write,
};
pub use read_only::ReadOnlyRegistry;
use tables::{HEADS, PENDING, failed};

/// The version of the layout that this program writes and reads.
pub const SCHEMA: u64 = 1;
/// The most memory for cached pages unless chosen otherwise, in bytes. A person with a code and a test takes about 2 KiB;
/// whoever does not fit is read from the file, and a look-up then takes twice as long.
pub const DEFAULT_CACHE: usize = 2048 * 1024 * 1024;

/// The store in one file.
pub struct EmbeddedRegistry {
    // Before the database, so that it is gone when the database closes.
    snapshot: RwLock<Arc<Heads>>,
    writer: Mutex<()>,
    database: Database,
}

type Heads = ReadOnlyTable<&'static [u8; 32], &'static [u8]>;

impl EmbeddedRegistry {
    /// Opens the registry at `path`, or makes one where no file is.
    ///
    /// # Errors
    /// If it is open elsewhere, has another schema, was filled under another secret, is no registry, or cannot be read.
    pub fn open(path: &Path, secret: &ProvinceSecret) -> Result<Self, RegistryError> {
        Self::open_with_cache(path, secret, DEFAULT_CACHE)
    }

    /// Opens the registry with so many bytes of memory for cached pages.
    ///
    /// # Errors
    /// As [`EmbeddedRegistry::open`].
    pub fn open_with_cache(
        path: &Path,
        secret: &ProvinceSecret,
        cache_bytes: usize,
    ) -> Result<Self, RegistryError> {
        create_file(path).map_err(|error| failed(redb::StorageError::from(error)))?;
        let database =
            Database::builder().set_cache_size(cache_bytes).create(path).map_err(tables::open_failed)?;
        Self::over(database, secret)
    }

    fn over(database: Database, secret: &ProvinceSecret) -> Result<Self, RegistryError> {
        tables::prepare(&database, secret)?;
        let snapshot = RwLock::new(Arc::new(heads(&database)?));
        Ok(Self { snapshot, writer: Mutex::new(()), database })
    }

    /// One writer at a time, over the commit *and* the new snapshot: two commits must not swap theirs in reverse order.
    fn turn(&self) -> MutexGuard<'_, ()> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, durability: Durability) -> Result<WriteTransaction, RegistryError> {
        let mut transaction = self.database.begin_write().map_err(failed)?;
        transaction.set_durability(durability).map_err(failed)?;
        Ok(transaction)
    }

    /// Commits, and lets look-ups see it before anyone is told.
    fn finish(&self, transaction: WriteTransaction) -> Result<(), RegistryError> {
        transaction.commit().map_err(failed)?;
        let fresh = Arc::new(heads(&self.database)?);
        let mut snapshot = self.snapshot.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *snapshot, fresh);
        drop(snapshot);
        // Letting go of old pages is work that no look-up should wait for.
        drop(old);
        Ok(())
    }

    fn view(&self) -> Result<ReadTransaction, RegistryError> {
        self.database.begin_read().map_err(failed)
    }
}

impl Registry for EmbeddedRegistry {
    fn look_up(&self, person: &PersonKey, kinds: Kinds) -> Result<Found, RegistryError> {
        // The lock is held for a copy of the pointer only: a read that waits for the disk must not hold up a commit.
        let heads = Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner));
        read::look_up(&heads, person, kinds)
    }

    fn commit(&self, writes: &[Write], request: Option<&RequestRecord>) -> Result<Committed, RegistryError> {
        let _turn = self.turn();
        if let Some(request) = request {
            match requests::recall(&self.view()?, &request.caller, &request.request_id, &request.payload)? {
                Recall::New => {}
                Recall::Same(result) => return Ok(Committed::Before(result)),
                Recall::Different => return Err(RegistryError::RequestIdReused),
            }
        }
        let transaction = self.begin(Durability::Immediate)?;
        let done = commit::apply(&transaction, writes)?;
        if let Some(request) = request {
            requests::remember(&transaction, request, &done.outcomes)?;
        } else if !done.wrote {
            // Everything was durable already: no flush for nothing.
            transaction.abort().map_err(failed)?;
            return Ok(Committed::Now { outcomes: done.outcomes, changes: done.changes });
        }
        self.finish(transaction)?;
        Ok(Committed::Now { outcomes: done.outcomes, changes: done.changes })
    }

    fn pending(&self) -> Result<Vec<PendingChange>, RegistryError> {
        read::pending(&self.view()?)
    }

    fn settle(&self, changes: &[ChangeId]) -> Result<(), RegistryError> {
        let _turn = self.turn();
        // Not flushed: the next commit carries it. Lost in a crash, it makes the log hold a change twice.
        let transaction = self.begin(Durability::None)?;
        {
            let mut pending = transaction.open_table(PENDING).map_err(failed)?;
            for change in changes {
                pending.remove(change.0).map_err(failed)?;
            }
        }
        self.finish(transaction)
    }

    fn recall(&self, caller: &str, request_id: &str, payload: &Digest) -> Result<Recall, RegistryError> {
        requests::recall(&self.view()?, caller, request_id, payload)
    }

    fn purge(&self, now: UnixMs) -> Result<u64, RegistryError> {
        let _turn = self.turn();
        let transaction = self.begin(Durability::Immediate)?;
        let purged = requests::purge(&transaction, now)?;
        self.finish(transaction)?;
        Ok(purged)
    }

    fn find(&self, person: &PersonKey, digest: &Digest) -> Result<Option<HistoryEntry>, RegistryError> {
        read::find(&self.view()?, person, digest)
    }

    fn history(
        &self,
        person: &PersonKey,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<HistoryEntry>, RegistryError> {
        read::history(&self.view()?, None, person, skip, limit)
    }

    fn history_by(
        &self,
        department: &DepartmentName,
        person: &PersonKey,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<HistoryEntry>, RegistryError> {
        read::history(&self.view()?, Some(department), person, skip, limit)
    }

    fn counts(&self) -> Result<Counts, RegistryError> {
        read::counts(&self.view()?)
    }
}

impl std::fmt::Debug for EmbeddedRegistry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EmbeddedRegistry")
    }
}

fn heads(database: &Database) -> Result<Heads, RegistryError> {
    database.begin_read().map_err(failed)?.open_table(HEADS).map_err(failed)
}

/// Makes the file, for its owner only, and its name durable; leaves an existing one alone.
fn create_file(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(error),
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests;
