//! Entries on their way into the store of what is kept: parts are gathered into blocks, marks go into the lists.
//!
//! Nothing here is durable before the batch is committed.

use redb::{ReadableTable as _, StorageError, Table, WriteTransaction};

use super::kept::{DETAILS, META, PUBLIC, RESOLUTIONS, REVIEWS, UNREPORTED};
use super::parts::{BLOCK_ENTRIES, Filling, Parts, TooLong};
use crate::checkpoint::Origin;
use crate::leaf::LeafType;
use crate::public::Mark;
use crate::store::Recorded;

/// The tables of a batch, open, and the blocks that are being filled.
pub(super) struct Rows<'t> {
    own: &'t Origin,
    /// How many entries there were before.
    before: u64,
    /// The index of the next entry.
    next: u64,
    salted: Filling,
    detailed: Filling,
    public: Table<'t, u64, &'static [u8]>,
    details: Table<'t, u64, &'static [u8]>,
    reviews: Table<'t, u64, ()>,
    resolutions: Table<'t, u64, u64>,
    unreported: Table<'t, u64, ()>,
}

impl<'t> Rows<'t> {
    /// Opens the tables, to go on behind what they hold.
    pub(super) fn open(transaction: &'t WriteTransaction, own: &'t Origin) -> Result<Self, redb::Error> {
        let before = transaction.open_table(META)?.get("size")?.map_or(0, |size| size.value());
        let mut rows = Self {
            own,
            before,
            next: before,
            salted: Filling::default(),
            detailed: Filling::default(),
            public: transaction.open_table(PUBLIC)?,
            details: transaction.open_table(DETAILS)?,
            reviews: transaction.open_table(REVIEWS)?,
            resolutions: transaction.open_table(RESOLUTIONS)?,
            unreported: transaction.open_table(UNREPORTED)?,
        };
        rows.resume()?;
        Ok(rows)
    }

    /// Goes on in the last block if it is not full.
    fn resume(&mut self) -> Result<(), StorageError> {
        let (block, count) = (self.next / BLOCK_ENTRIES, place(self.next));
        if count == 0 {
            return Ok(());
        }
        for (table, filling) in [(&self.public, &mut self.salted), (&self.details, &mut self.detailed)] {
            let stored = table.get(block)?.ok_or_else(no_block)?;
            let parts = Parts::parse(stored.value()).filter(|parts| parts.count() == count);
            filling.resume(&parts.ok_or_else(no_block)?);
        }
        Ok(())
    }

    /// Takes in entry `index`, unless it was taken in before.
    pub(super) fn insert(
        &mut self,
        index: u64,
        leaf_type: LeafType,
        entry: &Recorded<'_>,
    ) -> Result<(), StorageError> {
        if index < self.next {
            return Ok(());
        }
        if index > self.next {
            return Err(StorageError::Corrupted("entries are missing before one that is taken in".into()));
        }
        self.salted.push(&[&entry.salt1.0, entry.public])?;
        self.detailed.push(&[entry.details])?;
        match Mark::of(leaf_type, entry.public) {
            Mark::Review => {
                self.reviews.insert(index, ())?;
            }
            Mark::Resolution(decision) => {
                if self.resolutions.get(decision)?.is_none() {
                    self.resolutions.insert(decision, index)?;
                    self.reviews.remove(decision)?;
                }
            }
            Mark::Reuse(origin) if origin != *self.own => {
                self.unreported.insert(index, ())?;
            }
            Mark::Reuse(_) | Mark::None => {}
        }
        self.next += 1;
        if place(self.next) == 0 { self.store(index / BLOCK_ENTRIES) } else { Ok(()) }
    }

    /// Stores the last block, which may not be full, and closes the tables. Returns how many entries there are to
    /// commit; `None` if each was taken in before.
    pub(super) fn finish(mut self) -> Result<Option<u64>, StorageError> {
        if self.next == self.before {
            return Ok(None);
        }
        if place(self.next) != 0 {
            self.store(self.next / BLOCK_ENTRIES)?;
        }
        Ok(Some(self.next))
    }

    fn store(&mut self, block: u64) -> Result<(), StorageError> {
        for (table, filling) in
            [(&mut self.public, &mut self.salted), (&mut self.details, &mut self.detailed)]
        {
            filling.store(|bytes| table.insert(block, bytes).map(drop))?;
            filling.clear();
        }
        Ok(())
    }
}

/// An entry's place in its block.
pub(super) const fn place(index: u64) -> usize {
    (index % BLOCK_ENTRIES) as usize
}

/// What a table answers in which a block is missing or damaged.
pub(super) fn no_block() -> StorageError {
    StorageError::Corrupted("a block of entries is missing or damaged".into())
}

impl From<TooLong> for StorageError {
    fn from(_: TooLong) -> Self {
        Self::ValueTooLarge(u32::MAX as usize)
    }
}
