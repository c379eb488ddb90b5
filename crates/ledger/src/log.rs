//! The log itself: entries go in by whole batches, proofs come out.
//!
//! One owner appends; any number of [`LogReader`]s prove. What is not durable is never shown: readers see the size of
//! the last record that the store took.

mod reader;
mod view;

use std::fmt;

use huxin_attest::key::SigningFailed;
use huxin_attest::{Digest, Signer, sha256};

use crate::checkpoint::{CheckpointError, LogSigner, LogVerifierKey, Origin, SignedCheckpoint};
use crate::leaf::Leaf;
use crate::store::{
    Base, LogStore, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, ReadFailed, Record, RecordRefused, RecoverError,
    Step, WriteCost,
};
use crate::tree::{Border, Tree};
use view::View;

pub use crate::store::{Entry, FatalLogError};
pub use reader::{Kept, LogReader, ReadError};

/// The log of one origin over one store.
pub struct Log<S> {
    store: S,
    signer: LogSigner,
    reader: LogReader,
    poisoned: bool,
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
    /// The tiles' checkpoint is none of this log.
    #[error("the checkpoint of the tiles is not this log's: {0}; restore the folder whole")]
    Tiles(CheckpointError),
    /// The tiles' right edge is not what their checkpoint names.
    #[error("the tiles are not those that their checkpoint names; restore the folder whole")]
    TilesChanged,
    /// Something that was integrated cannot be read.
    #[error(transparent)]
    Read(#[from] ReadFailed),
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

impl<S: LogStore> Log<S> {
    /// Recovers the log from its store: verifies where the archive ends, replays every record behind it, and checks each
    /// root and signature, and the watermark. Then records are integrated in the background.
    ///
    /// # Errors
    /// If the store is damaged, belongs to another log or key, or lost its end.
    pub fn open(mut store: S, origin: Origin, signer: Box<dyn Signer>) -> Result<Self, OpenError> {
        let signer = LogSigner::new(origin, signer);
        let own = signer.verifier().origin().clone();
        let (tree, head) = match store.base()? {
            Some(base) => verify_base(&base, signer.verifier())?,
            None => (Tree::new(), signer.sign(0, sha256(&[]))?),
        };
        let mut view = View::new(tree, own.clone(), head);
        store.recover(&mut |record| view.replay(&record, signer.verifier()))?;
        let reader = LogReader::new(view, store.archive());
        if let Some(text) = store.watermark()? {
            check_watermark(&text, signer.verifier(), reader.size(), |size| reader.root(size))?;
        }
        let trimmed = reader.clone();
        store.start(own, Box::new(move |size| trimmed.trim(size)))?;
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
        let (first, border) =
            self.reader.grow(batch).map_err(|error| FatalLogError::new(Step::Batch, error))?;
        let head = self
            .signer
            .sign(border.size(), border.root())
            .map_err(|error| FatalLogError::new(Step::Sign, error))?;
        let cost = self.store.append(first, batch, &head)?;
        self.reader.advance(head.clone());
        self.poisoned = false;
        Ok(Appended { first, head, cost, border })
    }

    /// Moves everything that was appended out of the journals, and waits until it is done.
    ///
    /// # Errors
    /// If that failed. The process must stop.
    pub fn integrate(&mut self) -> Result<(), FatalLogError> {
        self.store.integrate()
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
    /// If the log has no such entry at that size, or it cannot be read.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Digest>, ReadError> {
        self.reader.inclusion(index, size)
    }

    /// See [`LogReader::consistency`].
    ///
    /// # Errors
    /// If the log is smaller than `to`, or `to` than `from`, or it cannot be read.
    pub fn consistency(&self, from: u64, to: u64) -> Result<Vec<Digest>, ReadError> {
        self.reader.consistency(from, to)
    }

    /// See [`LogReader::entry`].
    ///
    /// # Errors
    /// If the log has no such entry, or it cannot be read.
    pub fn entry(&self, index: u64) -> Result<Leaf, ReadError> {
        self.reader.entry(index)
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

/// Verifies where the archive ends: its checkpoint's signature, and that the right edge is what it names.
pub(crate) fn verify_base(base: &Base, key: &LogVerifierKey) -> Result<(Tree, SignedCheckpoint), OpenError> {
    let head = key.verify(&base.checkpoint).map_err(OpenError::Tiles)?;
    let size = head.checkpoint().size;
    let tree = Tree::from_edge(size, &base.edge);
    if tree.size() != size || tree.root(size) != Ok(head.checkpoint().root) {
        return Err(OpenError::TilesChanged);
    }
    Ok((tree, head))
}

/// Do the recovered entries, of which there are `recovered`, reach the watermark, and are they those that it names?
pub(crate) fn check_watermark<E: Into<OpenError>>(
    text: &str,
    key: &LogVerifierKey,
    recovered: u64,
    root: impl FnOnce(u64) -> Result<Digest, E>,
) -> Result<(), OpenError> {
    let watermark = key.verify(text).map_err(OpenError::Watermark)?;
    let watermark = watermark.checkpoint();
    if watermark.size > recovered {
        return Err(OpenError::Behind { recovered, watermark: watermark.size });
    }
    let found = root(watermark.size).map_err(Into::into)?;
    if found == watermark.root { Ok(()) } else { Err(OpenError::Forked) }
}

impl From<ReadError> for OpenError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Failed(failed) => Self::Read(failed),
            ReadError::Beyond(_) | ReadError::NoLeaf { .. } => Self::TilesChanged,
        }
    }
}

impl<S> fmt::Debug for Log<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Log({}, {} entries)", self.signer.verifier().origin(), self.reader.size())
    }
}
