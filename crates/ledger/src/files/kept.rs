//! What is kept beside integrated entries: one redb file.
//!
//! The salt and the public part of an entry stay for good; its details are a table of their own, from which they can be
//! erased. Small lists say which reviews are open, what resolved a decision, and which reuses were not reported.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use redb::{
    Database, ReadTransaction, ReadableDatabase, ReadableTable as _, Table, TableDefinition, WriteTransaction,
};

use super::pages::{Pages, ReadOnlyPages};
use crate::checkpoint::Origin;
use crate::disk::Disk;
use crate::leaf::{SALT_LEN, Salt};
use crate::public::Mark;
use crate::store::{Entry, ReadFailed};

/// Salt and public part, by index.
const PUBLIC: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("public");

/// Details, by index; what was erased is not here.
const DETAILS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("details");

/// Decisions that say review and were not resolved.
const REVIEWS: TableDefinition<'_, u64, ()> = TableDefinition::new("reviews");

/// The first resolution of a decision, by the decision's index.
const RESOLUTIONS: TableDefinition<'_, u64, u64> = TableDefinition::new("resolutions");

/// Reuses that were not reported.
const UNREPORTED: TableDefinition<'_, u64, ()> = TableDefinition::new("unreported");

/// Under `size` the number of entries that were taken in, under `format` the version of these tables.
const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");

const FORMAT: u64 = 1;

/// Memory for cached pages. Recent entries are read from memory, older ones seldom.
const CACHE_LEN: usize = 16 * 1024 * 1024;

/// The name of the file in the log's folder.
pub(super) const FILE: &str = "kept.redb";

/// The store.
pub(super) struct KeptStore {
    path: PathBuf,
    disk: Disk,
    database: OnceLock<Database>,
    /// Reported, but still in the list on disk.
    reported: Mutex<BTreeSet<u64>>,
}

/// What is kept beside one entry.
pub(super) struct Row {
    pub(super) salt1: Salt,
    pub(super) public: Vec<u8>,
    pub(super) details: Option<Vec<u8>>,
}

/// Entries on their way in: durable all together, or none.
pub(super) struct Batch<'a> {
    store: &'a KeptStore,
    transaction: WriteTransaction,
    own: &'a Origin,
}

/// The tables of a batch, open.
pub(super) struct Rows<'t> {
    own: &'t Origin,
    public: Table<'t, u64, &'static [u8]>,
    details: Table<'t, u64, &'static [u8]>,
    reviews: Table<'t, u64, ()>,
    resolutions: Table<'t, u64, u64>,
    unreported: Table<'t, u64, ()>,
}

impl KeptStore {
    /// The store in a log's folder. It is made when the first entries are taken in.
    pub(super) fn open(disk: Disk, path: PathBuf) -> Result<Self, ReadFailed> {
        let store = Self { path, disk, database: OnceLock::new(), reported: Mutex::default() };
        if store.path.exists() {
            store.fill(store.reach(&store.path)?)?;
        }
        Ok(store)
    }

    /// The store as it is read that must change nothing.
    pub(super) fn open_read_only(path: PathBuf) -> Result<Self, ReadFailed> {
        let store =
            Self { path, disk: Disk::default(), database: OnceLock::new(), reported: Mutex::default() };
        let pages = ReadOnlyPages::open(&store.path).map_err(|error| refused(&store.path, error.into()))?;
        let database = builder().create_with_backend(pages);
        store.fill(database.map_err(|error| refused(&store.path, error.into()))?)?;
        Ok(store)
    }

    /// Reaches a file of this store.
    fn reach(&self, path: &Path) -> Result<Database, ReadFailed> {
        let open = || -> Result<Database, redb::Error> {
            let pages = Pages::open(self.disk.clone(), path.to_owned())?;
            Ok(builder().create_with_backend(pages)?)
        };
        open().map_err(|error| refused(path, error))
    }

    fn fill(&self, database: Database) -> Result<&Database, ReadFailed> {
        let database = self.database.get_or_init(|| database);
        if self.meta("format")? == Some(FORMAT) {
            Ok(database)
        } else {
            Err(ReadFailed::Damaged(self.path.clone()))
        }
    }

    /// The database; makes it under another name first, so that there is none or a whole one.
    fn begun(&self) -> Result<&Database, ReadFailed> {
        if let Some(database) = self.database.get() {
            return Ok(database);
        }
        let mut new = self.path.clone().into_os_string();
        new.push(".new");
        let new = PathBuf::from(new);
        let failed = |error: std::io::Error| ReadFailed::Io(self.path.clone(), error);
        self.disk.remove(&new).map_err(failed)?;
        let database = self.reach(&new)?;
        make_tables(&database).map_err(|error| refused(&new, error))?;
        drop(database);
        self.disk.rename(&new, &self.path).map_err(failed)?;
        self.fill(self.reach(&self.path)?)
    }

    /// How many entries were taken in.
    pub(super) fn size(&self) -> Result<u64, ReadFailed> {
        self.meta("size").map(Option::unwrap_or_default)
    }

    fn meta(&self, name: &str) -> Result<Option<u64>, ReadFailed> {
        self.read(|transaction| Ok(transaction.open_table(META)?.get(name)?.map(|value| value.value())))
    }

    /// What is kept beside entry `index`; `None` if it was not taken in.
    pub(super) fn row(&self, index: u64) -> Result<Option<Row>, ReadFailed> {
        let found = self.read(|transaction| {
            let public = transaction.open_table(PUBLIC)?.get(index)?.map(|row| row.value().to_vec());
            let details = transaction.open_table(DETAILS)?.get(index)?.map(|row| row.value().to_vec());
            Ok(public.map(|public| (public, details)))
        })?;
        let Some((mut salted, details)) = found else { return Ok(None) };
        let Some((salt1, _)) = salted.split_first_chunk::<SALT_LEN>() else {
            return Err(ReadFailed::Damaged(self.path.clone()));
        };
        let salt1 = Salt(*salt1);
        salted.drain(..SALT_LEN);
        Ok(Some(Row { salt1, public: salted, details }))
    }

    /// Is there a row for each of the first `size` entries? Their details may have been erased.
    pub(super) fn check(&self, size: u64) -> Result<(), ReadFailed> {
        let rows = self.read(|transaction| {
            let mut expected = 0;
            for row in transaction.open_table(PUBLIC)?.range(..size)? {
                let (index, salted) = row?;
                if index.value() != expected || salted.value().len() < SALT_LEN {
                    break;
                }
                expected += 1;
            }
            Ok(expected)
        })?;
        if rows == size && self.size()? >= size {
            Ok(())
        } else {
            Err(ReadFailed::Damaged(self.path.clone()))
        }
    }

    /// Reviews without a resolution behind `after`, at most `limit`.
    pub(super) fn open_reviews(&self, after: Option<u64>, limit: usize) -> Result<Vec<u64>, ReadFailed> {
        self.list(REVIEWS, after, limit)
    }

    /// The first resolution of a decision.
    pub(super) fn resolution_of(&self, decision: u64) -> Result<Option<u64>, ReadFailed> {
        self.read(|transaction| {
            Ok(transaction.open_table(RESOLUTIONS)?.get(decision)?.map(|index| index.value()))
        })
    }

    /// Reuses behind `after` that were not reported, at most `limit`.
    pub(super) fn unreported(&self, after: Option<u64>, limit: usize) -> Result<Vec<u64>, ReadFailed> {
        let reported = self.reported().clone();
        let found = self.list(UNREPORTED, after, limit.saturating_add(reported.len()))?;
        Ok(found.into_iter().filter(|index| !reported.contains(index)).take(limit).collect())
    }

    /// A reuse was reported; the list on disk follows later.
    pub(super) fn mark_reported(&self, index: u64) {
        self.reported().insert(index);
    }

    /// Begins to take in entries of the log `own`.
    pub(super) fn batch<'a>(&'a self, own: &'a Origin) -> Result<Batch<'a>, ReadFailed> {
        let transaction = begin_write(self.begun()?).map_err(|error| refused(&self.path, error))?;
        Ok(Batch { store: self, transaction, own })
    }

    /// Takes what was reported off the list on disk.
    pub(super) fn settle_reported(&self, own: &Origin) -> Result<(), ReadFailed> {
        let size = self.size()?;
        if self.reported().range(..size).next().is_none() {
            return Ok(());
        }
        self.batch(own)?.commit(size)
    }

    fn list(
        &self,
        table: TableDefinition<'_, u64, ()>,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<u64>, ReadFailed> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.read(|transaction| {
            let table = transaction.open_table(table)?;
            let rows = table.range::<u64>((from, Bound::Unbounded))?.take(limit);
            Ok(rows.map(|row| row.map(|(index, _)| index.value())).collect::<Result<_, _>>()?)
        })
    }

    fn read<T: Default>(
        &self,
        read: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, ReadFailed> {
        let Some(database) = self.database.get() else { return Ok(T::default()) };
        let found = database.begin_read().map_err(redb::Error::from).and_then(|begun| read(&begun));
        found.map_err(|error| refused(&self.path, error))
    }

    fn reported(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.reported.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Batch<'_> {
    /// Opens the tables: close them before the commit.
    pub(super) fn rows(&self) -> Result<Rows<'_>, ReadFailed> {
        let open = || -> Result<Rows<'_>, redb::Error> {
            Ok(Rows {
                own: self.own,
                public: self.transaction.open_table(PUBLIC)?,
                details: self.transaction.open_table(DETAILS)?,
                reviews: self.transaction.open_table(REVIEWS)?,
                resolutions: self.transaction.open_table(RESOLUTIONS)?,
                unreported: self.transaction.open_table(UNREPORTED)?,
            })
        };
        open().map_err(|error| refused(&self.store.path, error))
    }

    /// Makes everything durable. The store then holds `size` entries.
    pub(super) fn commit(self, size: u64) -> Result<(), ReadFailed> {
        let Self { store, transaction, own: _ } = self;
        // Copied: nobody waits for the disk who only marks one.
        let reported = store.reported().clone();
        let commit = || -> Result<(), redb::Error> {
            transaction.open_table(META)?.insert("size", size)?;
            let mut unreported = transaction.open_table(UNREPORTED)?;
            for index in reported.range(..size) {
                unreported.remove(index)?;
            }
            drop(unreported);
            Ok(transaction.commit()?)
        };
        commit().map_err(|error| refused(&store.path, error))?;
        store.reported().retain(|index| *index >= size || !reported.contains(index));
        Ok(())
    }
}

impl Rows<'_> {
    pub(super) fn insert(&mut self, index: u64, entry: &Entry) -> Result<(), redb::StorageError> {
        let mut salted = Vec::with_capacity(SALT_LEN + entry.public.len());
        salted.extend_from_slice(&entry.salt1.0);
        salted.extend_from_slice(&entry.public);
        self.public.insert(index, salted.as_slice())?;
        self.details.insert(index, &*entry.details)?;
        match &entry.mark {
            Mark::Review => {
                self.reviews.insert(index, ())?;
            }
            Mark::Resolution(decision) => {
                if self.resolutions.get(decision)?.is_none() {
                    self.resolutions.insert(decision, index)?;
                    self.reviews.remove(decision)?;
                }
            }
            Mark::Reuse(origin) if origin != self.own => {
                self.unreported.insert(index, ())?;
            }
            Mark::Reuse(_) | Mark::None => {}
        }
        Ok(())
    }
}

fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_LEN);
    builder
}

/// Makes the tables of a new store.
fn make_tables(database: &Database) -> Result<(), redb::Error> {
    let transaction = begin_write(database)?;
    transaction.open_table(PUBLIC)?;
    transaction.open_table(DETAILS)?;
    transaction.open_table(REVIEWS)?;
    transaction.open_table(RESOLUTIONS)?;
    transaction.open_table(UNREPORTED)?;
    let mut meta = transaction.open_table(META)?;
    meta.insert("format", FORMAT)?;
    meta.insert("size", 0)?;
    drop(meta);
    Ok(transaction.commit()?)
}

/// A commit after which a crash needs no walk over the whole file.
fn begin_write(database: &Database) -> Result<WriteTransaction, redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_quick_repair(true);
    Ok(transaction)
}

fn refused(path: &Path, error: redb::Error) -> ReadFailed {
    match error {
        redb::Error::Io(error) => ReadFailed::Io(path.to_owned(), error),
        redb::Error::Corrupted(_) => ReadFailed::Damaged(path.to_owned()),
        other => ReadFailed::Io(path.to_owned(), std::io::Error::other(other)),
    }
}

impl fmt::Debug for KeptStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptStore({})", self.path.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaf::{Leaf, LeafType};
    use huxin_attest::{UnixMs, sha256};

    #[test]
    fn erased_details_leave_the_salt_and_the_public_part() {
        let folder = tempfile::TempDir::new().unwrap();
        let own = "hb.example/log/0".parse().unwrap();
        let store = KeptStore::open(Disk::default(), folder.path().join(FILE)).unwrap();
        assert!(store.row(0).unwrap().is_none() && store.size().unwrap() == 0);
        let leaf = Leaf { leaf_type: LeafType::Answer, at: UnixMs::default(), commitment: sha256(&[]) };
        let entry = Entry::new(&leaf, Salt([7; SALT_LEN]), &b"public"[..], &b"details"[..]).unwrap();
        let batch = store.batch(&own).unwrap();
        batch.rows().unwrap().insert(0, &entry).unwrap();
        batch.commit(1).unwrap();
        assert_eq!(store.row(0).unwrap().unwrap().details.as_deref(), Some(&b"details"[..]));

        let transaction = store.database.get().unwrap().begin_write().unwrap();
        transaction.open_table(DETAILS).unwrap().remove(0).unwrap();
        transaction.commit().unwrap();
        let row = store.row(0).unwrap().unwrap();
        assert_eq!((row.salt1, row.public, row.details), (Salt([7; SALT_LEN]), b"public".to_vec(), None));
        store.check(1).unwrap();
        assert!(store.check(2).is_err());
    }
}
