//! The log itself: entries go in by whole batches, proofs come out.
//!
//! One owner appends; any number of [`LogReader`]s prove. What is not durable is never shown: readers see the size of
//! the last record that the store took.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use huxin_attest::key::SigningFailed;
use huxin_attest::{Digest, Signer};

use crate::blocks::Blocks;
use crate::checkpoint::{CheckpointError, LogSigner, LogVerifierKey, Origin, SignedCheckpoint};
use crate::leaf::{Leaf, Salt};
use crate::store::{
    LogStore, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, Record, RecordRefused, RecoverError, Step, WriteCost,
};
use crate::tree::{BeyondTree, Border, Tree};
use crate::worklist::Worklist;

pub use crate::store::{Entry, FatalLogError};

/// The log of one origin over one store.
pub struct Log<S> {
    store: S,
    signer: LogSigner,
    reader: LogReader,
    poisoned: bool,
}

/// Proves what the log holds, from any thread.
#[derive(Clone)]
pub struct LogReader {
    view: Arc<RwLock<View>>,
}

/// A batch that is durable.
#[derive(Debug, Clone)]
pub struct Appended {
    /// The index of the first entry.
    pub first: u64,
    /// The head that covers the batch.
    pub head: SignedCheckpoint,
    /// What the store spent.
    pub cost: WriteCost,
    border: Border,
}

/// Why a log does not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The store's records cannot be recovered.
    #[error(transparent)]
    Recover(#[from] RecoverError),
    /// The watermark is no checkpoint of this log.
    #[error("the watermark is not this log's: {0}; restore the folder whole")]
    Watermark(CheckpointError),
    /// The log lost entries that it had published.
    #[error(
        "the log has {recovered} entries, but its watermark names {watermark}: it lost its end, and to go on would \
         fork it; restore it from a newer copy"
    )]
    Behind {
        /// How many entries were recovered.
        recovered: u64,
        /// How many the watermark names.
        watermark: u64,
    },
    /// The recovered entries are others than the watermark names.
    #[error("the recovered entries are not those that the watermark names; restore the folder whole")]
    Forked,
    /// The first checkpoint cannot be signed.
    #[error(transparent)]
    Sign(#[from] SigningFailed),
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
}

struct View {
    tree: Tree,
    entries: Blocks<Entry>,
    worklist: Worklist,
    own: Origin,
    /// The last durable head: the tree may be ahead of it, by one batch that is being written.
    head: SignedCheckpoint,
}

impl<S: LogStore> Log<S> {
    /// Recovers the log from its store: replays every record, and checks each root and signature, and the watermark.
    ///
    /// # Errors
    /// If the store is damaged, belongs to another log or key, or lost its end.
    pub fn open(mut store: S, origin: Origin, signer: Box<dyn Signer>) -> Result<Self, OpenError> {
        let signer = LogSigner::new(origin, signer);
        let head = signer.sign(0, Tree::new().border(0).map(|border| border.root()).unwrap_or_default())?;
        let mut view = View {
            tree: Tree::new(),
            entries: Blocks::default(),
            worklist: Worklist::default(),
            own: signer.verifier().origin().clone(),
            head,
        };
        store.recover(&mut |record| view.replay(&record, signer.verifier()))?;
        if let Some(text) = store.watermark()? {
            check_watermark(&view.tree, &text, signer.verifier())?;
        }
        let reader = LogReader { view: Arc::new(RwLock::new(view)) };
        Ok(Self { store, signer, reader, poisoned: false })
    }

    /// Appends a batch and makes it durable; only then is it part of the log.
    ///
    /// # Errors
    /// If it could not be signed or made durable, or breaks a limit. The log then takes nothing more and the process
    /// must stop: whether the batch is in the log is known after recovery only.
    pub fn append(&mut self, batch: &[Entry]) -> Result<Appended, FatalLogError> {
        if self.poisoned {
            return Err(FatalLogError::new(Step::Write, "the log was closed, or an earlier batch failed"));
        }
        self.poisoned = true;
        check_limits(batch)?;
        let (first, border) = self.reader.write().grow(batch)?;
        let head = self
            .signer
            .sign(border.size(), border.root())
            .map_err(|error| FatalLogError::new(Step::Sign, error))?;
        let cost = self.store.append(first, batch, &head)?;
        self.reader.write().head = head.clone();
        self.poisoned = false;
        Ok(Appended { first, head, cost, border })
    }

    /// Ends cleanly.
    ///
    /// # Errors
    /// If the store cannot make durable what it writes in the background.
    pub fn close(mut self) -> Result<(), FatalLogError> {
        self.end()
    }

    pub(crate) fn end(&mut self) -> Result<(), FatalLogError> {
        self.poisoned = true;
        self.store.close()
    }

    /// Proves from other threads.
    pub const fn reader(&self) -> &LogReader {
        &self.reader
    }

    /// The key that verifies this log's checkpoints.
    pub const fn verifier(&self) -> &LogVerifierKey {
        self.signer.verifier()
    }

    /// See [`LogReader::head`].
    pub fn head(&self) -> SignedCheckpoint {
        self.reader.head()
    }

    /// See [`LogReader::inclusion`].
    ///
    /// # Errors
    /// If the log has no such entry at that size.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Digest>, BeyondTree> {
        self.reader.inclusion(index, size)
    }

    /// See [`LogReader::consistency`].
    ///
    /// # Errors
    /// If the log is smaller than `to`, or `to` than `from`.
    pub fn consistency(&self, from: u64, to: u64) -> Result<Vec<Digest>, BeyondTree> {
        self.reader.consistency(from, to)
    }

    /// See [`LogReader::entry`].
    ///
    /// # Errors
    /// If the log has no such entry.
    pub fn entry(&self, index: u64) -> Result<Leaf, BeyondTree> {
        self.reader.entry(index)
    }
}

impl LogReader {
    /// The newest durable head.
    pub fn head(&self) -> SignedCheckpoint {
        self.read().head.clone()
    }

    /// The size of the newest durable head.
    pub fn size(&self) -> u64 {
        self.read().size()
    }

    /// The path of entry `index` to the root at `size`.
    ///
    /// # Errors
    /// If the log has no such entry at that size.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Digest>, BeyondTree> {
        let view = self.read();
        view.tree.inclusion(index, &view.border(size)?)
    }

    /// The proof that the log at `from` is the beginning of the log at `to`.
    ///
    /// # Errors
    /// If the log is smaller than `to`, or `to` than `from`.
    pub fn consistency(&self, from: u64, to: u64) -> Result<Vec<Digest>, BeyondTree> {
        let view = self.read();
        view.tree.consistency(from, &view.border(to)?)
    }

    /// The leaf at `index`.
    ///
    /// # Errors
    /// If the log has no such entry.
    pub fn entry(&self, index: u64) -> Result<Leaf, BeyondTree> {
        let view = self.read();
        view.entry(index).and_then(|entry| Leaf::from_bytes(&entry.leaf).ok()).ok_or_else(|| view.beyond())
    }

    /// The entry at `index` with what is kept beside it.
    ///
    /// # Errors
    /// If the log has no such entry, or it cannot be read.
    pub fn kept(&self, index: u64) -> Result<Kept, ReadError> {
        let view = self.read();
        let entry = view.entry(index).ok_or_else(|| view.beyond())?;
        let leaf = Leaf::from_bytes(&entry.leaf).map_err(|_| view.beyond())?;
        let (public, details) = (entry.public.to_vec(), Some(entry.details.to_vec()));
        Ok(Kept { leaf, salt1: entry.salt1, public, details })
    }

    /// Decisions that say review and that no resolution names yet, behind `after`, in the order of the log, at most
    /// `limit`.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn open_reviews(&self, after: Option<u64>, limit: usize) -> Result<Vec<u64>, ReadError> {
        Ok(self.read().worklist.open_reviews(after, limit))
    }

    /// The index of the first resolution of the decision at `decision`; `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn resolution_of(&self, decision: u64) -> Result<Option<u64>, ReadError> {
        Ok(self.read().worklist.resolutions.get(&decision).copied())
    }

    /// Reuses of other logs' answers that were not reported to them, behind `after`, in the order of the log, at most
    /// `limit`. What was reported to this log about its own answers is never among them.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn unreported(&self, after: Option<u64>, limit: usize) -> Result<Vec<u64>, ReadError> {
        Ok(self.read().worklist.unreported(after, limit))
    }

    /// The reuse at `index` was reported. A crash may forget it: to report twice does no harm.
    pub fn mark_reported(&self, index: u64) {
        self.write().worklist.unreported.remove(&index);
    }

    /// The paths of a batch's entries, in order, to the root that covers the batch.
    pub(crate) fn paths(
        &self,
        batch: &Appended,
    ) -> impl FnMut(u64) -> Result<Vec<Digest>, BeyondTree> + use<'_> {
        let view = self.read();
        let border = batch.border.clone();
        move |index| view.tree.inclusion(index, &border)
    }

    /// The proof from an earlier size to the root that covers the batch.
    pub(crate) fn consistency_to(&self, from: u64, batch: &Appended) -> Result<Vec<Digest>, BeyondTree> {
        self.read().tree.consistency(from, &batch.border)
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

impl View {
    fn size(&self) -> u64 {
        self.head.checkpoint().size
    }

    fn border(&self, size: u64) -> Result<Border, BeyondTree> {
        if size > self.size() {
            return Err(self.beyond());
        }
        self.tree.border(size)
    }

    fn grow(&mut self, batch: &[Entry]) -> Result<(u64, Border), FatalLogError> {
        let first = self.tree.size();
        for entry in batch {
            self.push(entry.clone());
        }
        let border = self.tree.border(self.tree.size());
        Ok((first, border.map_err(|error| FatalLogError::new(Step::Batch, error))?))
    }

    fn replay(&mut self, record: &Record<'_>, key: &LogVerifierKey) -> Result<(), RecordRefused> {
        let mut entries = Vec::with_capacity(record.entries.len());
        self.head = replay(&mut self.tree, record, key, |entry| entries.push(entry))?;
        for (entry, index) in entries.into_iter().zip(record.first..) {
            self.keep(index, entry);
        }
        Ok(())
    }

    fn push(&mut self, entry: Entry) {
        let index = self.tree.size();
        self.tree.append(entry.hash);
        self.keep(index, entry);
    }

    fn keep(&mut self, index: u64, entry: Entry) {
        self.worklist.note(index, &entry.mark, &self.own);
        self.entries.push(entry);
    }

    /// A durable entry.
    fn entry(&self, index: u64) -> Option<&Entry> {
        if index < self.size() { self.entries.get(index) } else { None }
    }

    fn beyond(&self) -> BeyondTree {
        BeyondTree { size: self.size() }
    }
}

/// Appends a recovered record to the tree that is before it, if it continues it: `each` gets the entries. Returns the
/// record's head.
pub(crate) fn replay(
    tree: &mut Tree,
    record: &Record<'_>,
    key: &LogVerifierKey,
    mut each: impl FnMut(Entry),
) -> Result<SignedCheckpoint, RecordRefused> {
    if record.first != tree.size() {
        return Err(RecordRefused::Place);
    }
    for recorded in &record.entries {
        let entry = Entry::recovered(recorded)?;
        tree.append(entry.hash);
        each(entry);
    }
    let head = key.verify(record.checkpoint).map_err(|_| RecordRefused::Checkpoint)?;
    let size = tree.size();
    if head.checkpoint().size != size || tree.root(size) != Ok(head.checkpoint().root) {
        return Err(RecordRefused::Root);
    }
    Ok(head)
}

fn check_limits(batch: &[Entry]) -> Result<(), FatalLogError> {
    let bytes: usize = batch.iter().map(Entry::kept_len).sum();
    if batch.is_empty() || batch.len() > MAX_BATCH_ENTRIES || bytes > MAX_BATCH_BYTES {
        return Err(FatalLogError::new(Step::Batch, "a batch is empty or larger than its limits"));
    }
    Ok(())
}

/// Do the recovered entries reach the watermark, and are they those that it names?
pub(crate) fn check_watermark(tree: &Tree, text: &str, key: &LogVerifierKey) -> Result<(), OpenError> {
    let watermark = key.verify(text).map_err(OpenError::Watermark)?;
    let watermark = watermark.checkpoint();
    match tree.root(watermark.size) {
        Err(BeyondTree { size }) => Err(OpenError::Behind { recovered: size, watermark: watermark.size }),
        Ok(root) if root != watermark.root => Err(OpenError::Forked),
        Ok(_) => Ok(()),
    }
}

impl<S> fmt::Debug for Log<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Log({}, {} entries)", self.signer.verifier().origin(), self.reader.size())
    }
}

impl fmt::Debug for LogReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogReader({} entries)", self.size())
    }
}
