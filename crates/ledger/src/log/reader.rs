//! Reads the log from any thread: the newest entries from memory, everything older from the archive.
//!
//! Nothing that is not durable is shown. The lock is never held while a file is read, but for the proofs of a batch that
//! was just appended, whose nodes are in memory.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use huxin_attest::Digest;

use super::Appended;
use super::view::View;
use crate::checkpoint::SignedCheckpoint;
use crate::leaf::{Leaf, LeafError, Salt};
use crate::store::{Archive, Archived, Entry, ReadFailed};
use crate::tree::{self, BeyondTree, Border, Nodes};

/// Proves what the log holds and reads it, from any thread.
#[derive(Clone)]
pub struct LogReader {
    view: Arc<RwLock<View>>,
    archive: Arc<dyn Archive>,
}

/// An entry with everything that is kept beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The leaf.
    pub leaf: Leaf,
    /// The salt of the public part.
    pub salt1: Salt,
    /// The public part.
    pub public: Vec<u8>,
    /// What else was kept; `None` once it was erased.
    pub details: Option<Vec<u8>>,
}

/// Why something is not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// There is no such entry, or not at that size.
    #[error(transparent)]
    Beyond(#[from] BeyondTree),
    /// The archive cannot be read.
    #[error(transparent)]
    Failed(#[from] ReadFailed),
    /// The archive holds bytes that are no leaf.
    #[error("entry {index} is damaged in the log's folder ({error}); restore it whole")]
    NoLeaf {
        /// The entry.
        index: u64,
        /// Why it is no leaf.
        error: LeafError,
    },
}

impl LogReader {
    pub(super) fn new(view: View, archive: Arc<dyn Archive>) -> Self {
        Self { view: Arc::new(RwLock::new(view)), archive }
    }

    /// The newest durable head.
    pub fn head(&self) -> SignedCheckpoint {
        self.read().head.clone()
    }

    /// The size of the newest durable head.
    pub fn size(&self) -> u64 {
        self.read().size()
    }

    /// How many entries, from the first, were moved out of the journals, and when the last were, in milliseconds since
    /// 1970 by the real clock (0: never).
    pub fn integrated(&self) -> (u64, i64) {
        (self.archive.size(), self.archive.grown_unix_ms())
    }

    /// The path of entry `index` to the root at `size`.
    ///
    /// # Errors
    /// If the log has no such entry at that size, or it cannot be read.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Digest>, ReadError> {
        tree::inclusion(self, index, &self.border(size)?)
    }

    /// The proof that the log at `from` is the beginning of the log at `to`.
    ///
    /// # Errors
    /// If the log is smaller than `to`, or `to` than `from`, or it cannot be read.
    pub fn consistency(&self, from: u64, to: u64) -> Result<Vec<Digest>, ReadError> {
        tree::consistency(self, from, &self.border(to)?)
    }

    /// The leaf at `index`.
    ///
    /// # Errors
    /// If the log has no such entry, or it cannot be read.
    pub fn entry(&self, index: u64) -> Result<Leaf, ReadError> {
        let recent = self.read().entry(index)?.map(|entry| entry.leaf);
        let bytes = match recent {
            Some(leaf) => leaf,
            None => self.archive.leaf(index)?,
        };
        Leaf::from_bytes(&bytes).map_err(|error| ReadError::NoLeaf { index, error })
    }

    /// The entry at `index` with what is kept beside it.
    ///
    /// # Errors
    /// If the log has no such entry, or it cannot be read.
    pub fn kept(&self, index: u64) -> Result<Kept, ReadError> {
        let recent = self.read().entry(index)?.cloned();
        let Archived { leaf, salt1, public, details } = match recent {
            Some(entry) => entry.into(),
            None => self.archive.kept(index)?,
        };
        let leaf = Leaf::from_bytes(&leaf).map_err(|error| ReadError::NoLeaf { index, error })?;
        Ok(Kept { leaf, salt1, public, details })
    }

    /// Decisions that say review and that no resolution names yet, behind `after`, in the order of the log, at most
    /// `limit`.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn open_reviews(&self, after: Option<u64>, limit: usize) -> Result<Vec<u64>, ReadError> {
        // The view before the archive, here and below: what is moved in between is found in both, never in neither.
        let (recent, resolved) = {
            let view = self.read();
            let durable = |index: &u64| *index < view.size();
            let resolutions = view.worklist.resolutions.iter().filter(|(_, index)| durable(index));
            let resolved: Vec<u64> = resolutions.map(|(decision, _)| *decision).collect();
            let mut recent = view.worklist.open_reviews(after, limit);
            recent.retain(durable);
            (recent, resolved)
        };
        let older = self.archive.open_reviews(after, limit.saturating_add(resolved.len()))?;
        let open = older.into_iter().filter(|review| resolved.binary_search(review).is_err());
        Ok(merged(open, recent, limit))
    }

    /// The index of the first resolution of the decision at `decision`; `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn resolution_of(&self, decision: u64) -> Result<Option<u64>, ReadError> {
        let recent = {
            let view = self.read();
            view.worklist.resolutions.get(&decision).copied().filter(|index| *index < view.size())
        };
        Ok(self.archive.resolution_of(decision)?.or(recent))
    }

    /// Reuses of other logs' answers that were not reported to them, behind `after`, in the order of the log, at most
    /// `limit`. What was reported to this log about its own answers is never among them.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn unreported(&self, after: Option<u64>, limit: usize) -> Result<Vec<u64>, ReadError> {
        let recent = {
            let view = self.read();
            let mut recent = view.worklist.unreported(after, limit);
            recent.retain(|index| *index < view.size());
            recent
        };
        Ok(merged(self.archive.unreported(after, limit)?, recent, limit))
    }

    /// The reuse at `index` was reported. A crash may forget it: to report twice does no harm.
    pub fn mark_reported(&self, index: u64) {
        // The archive first: it must know when the entry comes to it.
        self.archive.mark_reported(index);
        self.write().worklist.unreported.remove(&index);
    }

    /// The paths of a batch's entries, in order, to the root that covers the batch.
    pub(crate) fn paths(
        &self,
        batch: &Appended,
    ) -> impl FnMut(u64) -> Result<Vec<Digest>, ReadError> + use<'_> {
        let nodes = Locked { view: self.read(), archive: &*self.archive };
        let border = batch.border.clone();
        move |index| tree::inclusion(&nodes, index, &border)
    }

    /// The proof from an earlier size to the root that covers the batch.
    pub(crate) fn consistency_to(&self, from: u64, batch: &Appended) -> Result<Vec<Digest>, ReadError> {
        tree::consistency(self, from, &batch.border)
    }

    /// The root at `size`.
    pub(super) fn root(&self, size: u64) -> Result<Digest, ReadError> {
        self.border(size).map(|border| border.root())
    }

    /// Appends a batch that is not durable yet; returns its first index and the border behind it.
    pub(super) fn grow(&self, batch: &[Entry]) -> Result<(u64, Border), BeyondTree> {
        self.write().grow(batch)
    }

    /// The batch is durable.
    pub(super) fn advance(&self, head: SignedCheckpoint) {
        self.write().head = head;
    }

    fn border(&self, size: u64) -> Result<Border, ReadError> {
        let durable = self.size();
        if size > durable {
            return Err(BeyondTree { size: durable }.into());
        }
        tree::border(self, size)
    }

    /// Forgets what the archive holds.
    pub(super) fn trim(&self, size: u64) {
        let given_back = self.write().trim(size);
        // Freed here, behind the lock: the log's thread wants it.
        drop(given_back);
    }

    // A poisoned lock means that the appending thread panicked, which stops the process; what readers see until then
    // is bounded by the last durable head and complete.
    fn read(&self) -> RwLockReadGuard<'_, View> {
        self.view.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, View> {
        self.view.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Nodes for LogReader {
    type Error = ReadError;

    fn complete(&self, level: u32, index: u64) -> Result<Digest, ReadError> {
        let recent = self.read().tree.node(level, index);
        recent.map_or_else(|| archived(&*self.archive, level, index), Ok)
    }
}

/// The nodes under a lock that is held for many of them.
struct Locked<'a> {
    view: RwLockReadGuard<'a, View>,
    archive: &'a dyn Archive,
}

impl Nodes for Locked<'_> {
    type Error = ReadError;

    fn complete(&self, level: u32, index: u64) -> Result<Digest, ReadError> {
        self.view.tree.node(level, index).map_or_else(|| archived(self.archive, level, index), Ok)
    }
}

/// A node that the tree in memory no longer has.
fn archived(archive: &dyn Archive, level: u32, index: u64) -> Result<Digest, ReadError> {
    let size = archive.size();
    let complete = size.checked_shr(level).is_some_and(|nodes| index < nodes);
    if complete { Ok(archive.node(level, index)?) } else { Err(BeyondTree { size }.into()) }
}

/// Two lists in order, without doubles.
fn merged(older: impl IntoIterator<Item = u64>, newer: Vec<u64>, limit: usize) -> Vec<u64> {
    let mut all: Vec<u64> = older.into_iter().chain(newer).collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(limit);
    all
}

impl fmt::Debug for LogReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogReader({} entries)", self.size())
    }
}
