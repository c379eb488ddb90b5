//! What is kept beside integrated entries: one redb file.
//!
//! The salt and the public part of an entry stay for good; its details are a table of their own, from which they can be
//! erased. Both lie there in blocks of entries that follow each other. Small lists say which reviews are open, what resolved a decision, and which reuses were not reported.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use redb::{
    Database, ReadTransaction, ReadableDatabase, ReadableTable as _, StorageError, TableDefinition,
    WriteTransaction,
};

use super::pages::{Pages, ReadOnlyPages};
use super::parts::{BLOCK_ENTRIES, Parts};
use super::rows::{Rows, no_block, place};
use crate::checkpoint::Origin;
use crate::disk::Disk;
use crate::leaf::{SALT_LEN, Salt};
use crate::store::ReadFailed;

/// Salts and public parts, by block.
pub(super) const PUBLIC: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("public");

/// Details, by block.
pub(super) const DETAILS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("details");

/// Decisions that say review and were not resolved.
pub(super) const REVIEWS: TableDefinition<'_, u64, ()> = TableDefinition::new("reviews");

/// The first resolution of a decision, by the decision's index.
pub(super) const RESOLUTIONS: TableDefinition<'_, u64, u64> = TableDefinition::new("resolutions");

/// Reuses that were not reported.
pub(super) const UNREPORTED: TableDefinition<'_, u64, ()> = TableDefinition::new("unreported");

/// Under `size` the number of entries that were taken in, under `format` the version of these tables.
pub(super) const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");

const FORMAT: u64 = 2;

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
        match self.meta("format")? {
            Some(FORMAT) => Ok(database),
            Some(other) => {
                let reason = format!("its form is {other}, and this version reads form {FORMAT} only");
                Err(ReadFailed::Io(self.path.clone(), std::io::Error::other(reason)))
            }
            None => Err(ReadFailed::Damaged(self.path.clone())),
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
        let block = index / BLOCK_ENTRIES;
        self.read(|transaction| {
            let public = transaction.open_table(PUBLIC)?.get(block)?;
            let details = transaction.open_table(DETAILS)?.get(block)?;
            let (Some(public), Some(details)) = (public, details) else { return Ok(None) };
            Ok(row(public.value(), details.value(), place(index))?)
        })
    }

    /// Is there a part for each of the first `size` entries? Their details may have been erased.
    pub(super) fn check(&self, size: u64) -> Result<(), ReadFailed> {
        let taken = self.size()?;
        let whole = self.read(|transaction| {
            let (public, details) = (transaction.open_table(PUBLIC)?, transaction.open_table(DETAILS)?);
            let mut blocks = public.iter()?.zip(details.iter()?);
            for block in 0..taken.div_ceil(BLOCK_ENTRIES) {
                let Some((public, details)) = blocks.next() else { return Ok(false) };
                let ((public_key, public), (details_key, details)) = (public?, details?);
                let count = (taken - block * BLOCK_ENTRIES).min(BLOCK_ENTRIES);
                if public_key.value() != block
                    || details_key.value() != block
                    || !is_block(public.value(), details.value(), count)
                {
                    return Ok(false);
                }
            }
            Ok(true)
        })?;
        if (taken == 0 || whole) && taken >= size {
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
        Rows::open(&self.transaction, self.own).map_err(|error| refused(&self.store.path, error))
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

/// The row at a place of two blocks; `None` if they end before it.
fn row(public: &[u8], details: &[u8], place: usize) -> Result<Option<Row>, StorageError> {
    let parts = Parts::parse(public).zip(Parts::parse(details));
    let (public, details) = parts.ok_or_else(no_block)?;
    let Some((salted, details)) = public.get(place).zip(details.get(place)) else { return Ok(None) };
    let salted = salted.and_then(|salted| salted.split_first_chunk::<SALT_LEN>());
    let (salt1, public) = salted.ok_or_else(no_block)?;
    Ok(Some(Row { salt1: Salt(*salt1), public: public.to_vec(), details: details.map(<[u8]>::to_vec) }))
}

/// Do both blocks hold `count` parts, and is there a salt in each of the public ones?
fn is_block(public: &[u8], details: &[u8], count: u64) -> bool {
    let Some((public, details)) = Parts::parse(public).zip(Parts::parse(details)) else { return false };
    let salted = |place| public.get(place).flatten().is_some_and(|salted| salted.len() >= SALT_LEN);
    [public.count(), details.count()].map(|found| found as u64) == [count; 2]
        && (0..public.count()).all(salted)
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
    use crate::leaf::LeafType;
    use crate::store::Recorded;

    fn insert(rows: &mut Rows<'_>, index: u64) -> Result<(), StorageError> {
        let (salt1, details) = (Salt([7; SALT_LEN]), &index.to_be_bytes());
        rows.insert(index, LeafType::Answer, &Recorded { leaf: &[], salt1, public: b"public", details })
    }

    #[test]
    fn erased_details_leave_the_salt_and_the_public_part() {
        let folder = tempfile::TempDir::new().unwrap();
        let own: Origin = "hb.example/log/0".parse().unwrap();
        let store = KeptStore::open(Disk::default(), folder.path().join(FILE)).unwrap();
        assert!(store.row(0).unwrap().is_none() && store.size().unwrap() == 0);
        let taken_in = |range: std::ops::Range<u64>| {
            let batch = store.batch(&own).unwrap();
            let mut rows = batch.rows().unwrap();
            // The first one again: it is known.
            for index in (0..1).chain(range) {
                insert(&mut rows, index).unwrap();
            }
            assert!(insert(&mut rows, 1000).is_err(), "there is a gap before it");
            rows.finish().unwrap().map(|size| batch.commit(size).unwrap())
        };
        let size = BLOCK_ENTRIES * 2 + 2;
        taken_in(0..2).unwrap();
        taken_in(2..BLOCK_ENTRIES).unwrap();
        assert!(taken_in(0..1).is_none());
        taken_in(BLOCK_ENTRIES..size).unwrap();
        let details = |index: u64| store.row(index).unwrap().unwrap().details;
        (0..size).for_each(|index| assert_eq!(details(index), Some(index.to_be_bytes().to_vec())));
        assert!(store.row(size).unwrap().is_none() && store.row(size * 2).unwrap().is_none());
        store.check(size).unwrap();
        assert!(store.check(size + 1).is_err());

        let put = |block, bytes: &[u8]| {
            let transaction = store.database.get().unwrap().begin_write().unwrap();
            transaction.open_table(DETAILS).unwrap().insert(block, bytes).unwrap();
            transaction.commit().unwrap();
        };
        // The last block's two parts without the bytes of the first.
        let second = size - 1;
        let ends = [1_u32 << 31, 8, 2].map(u32::to_be_bytes).concat();
        let erased = [second.to_be_bytes().as_slice(), &ends].concat();
        put(2, &erased);
        let row = store.row(second - 1).unwrap().unwrap();
        assert_eq!((row.salt1, row.public, row.details), (Salt([7; SALT_LEN]), b"public".to_vec(), None));
        store.check(size).unwrap();
        taken_in(size..size + 1).unwrap();
        assert_eq!(details(second - 1), None);
        assert_eq!(details(second), Some(second.to_be_bytes().to_vec()));

        put(1, &erased);
        assert!(store.check(size).is_err(), "a block that is not full before the last");
        put(1, b"");
        assert!(store.row(BLOCK_ENTRIES).is_err() && store.check(size).is_err());
    }

    #[test]
    fn a_store_of_another_form_is_refused_by_name() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join(FILE);
        let store = KeptStore::open(Disk::default(), path.clone()).unwrap();
        let transaction = store.begun().unwrap().begin_write().unwrap();
        transaction.open_table(META).unwrap().insert("format", 1).unwrap();
        transaction.commit().unwrap();
        drop(store);
        let refused = KeptStore::open(Disk::default(), path).unwrap_err().to_string();
        assert!(refused.contains("its form is 1, and this version reads form 2 only"), "{refused}");
    }
}
