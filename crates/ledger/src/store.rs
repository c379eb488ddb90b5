//! Where a log's records lie: one trait, so that files and a database can stand behind the same log.
//!
//! A store keeps records in order and makes each durable before it says so. It does not know what they mean: roots and
//! signatures are the log's to check.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use huxin_attest::Digest;

use crate::checkpoint::{Origin, SignedCheckpoint};
use crate::leaf::{LEAF_LEN, Leaf, Salt};
use crate::public::{MAX_PUBLIC_LEN, Mark};

/// The longest details of one entry, in bytes.
pub const MAX_DETAILS_LEN: usize = 128 * 1024;

/// The most entries of one batch.
pub const MAX_BATCH_ENTRIES: usize = 4096;

/// The most bytes that the public parts and the details of one batch have together.
pub const MAX_BATCH_BYTES: usize = 16 * 1024 * 1024;

/// Keeps the records of one log.
pub trait LogStore: Send + 'static {
    /// What was integrated, for any thread to read.
    fn archive(&self) -> Arc<dyn Archive>;

    /// Where what was integrated ends; `None` if nothing was. The log verifies it, and goes on from there.
    ///
    /// # Errors
    /// If it cannot be read.
    fn base(&mut self) -> Result<Option<Base>, RecoverError>;

    /// Hands every durable record that is not integrated to `each`, in order, once, before the first append. A last record that was torn while
    /// it was written is dropped: nobody was told of it.
    ///
    /// # Errors
    /// If the records cannot be read, are damaged before their end, or `each` refuses one.
    fn recover(&mut self, each: &mut EachRecord<'_>) -> Result<(), RecoverError>;

    /// The text of a checkpoint that the store remembers beside the records: what was recovered must reach it. `None`
    /// where there is none yet.
    ///
    /// # Errors
    /// If it cannot be read.
    fn watermark(&mut self) -> Result<Option<String>, RecoverError>;

    /// Begins to integrate in the background, for the log `own`. `integrated` is told each size up to which the archive
    /// holds everything.
    ///
    /// # Errors
    /// If it cannot begin.
    fn start(&mut self, own: Origin, integrated: Integrated) -> Result<(), RecoverError>;

    /// Makes one record durable. When this returns, a crash no longer loses it. `first` is the index of the first
    /// entry.
    ///
    /// # Errors
    /// If it is not known to be durable. The store then takes no more records, and the process must stop.
    fn append(
        &mut self,
        first: u64,
        batch: &[Entry],
        checkpoint: &SignedCheckpoint,
    ) -> Result<WriteCost, FatalLogError>;

    /// Integrates everything that was appended, and waits until it is done.
    ///
    /// # Errors
    /// If that failed; the process must stop.
    fn integrate(&mut self) -> Result<(), FatalLogError>;

    /// Ends cleanly: whatever the store writes in the background is durable when this returns.
    ///
    /// # Errors
    /// If that cannot be made sure.
    fn close(&mut self) -> Result<(), FatalLogError>;
}

/// What was integrated: read from any thread, by index.
pub trait Archive: fmt::Debug + Send + Sync {
    /// How many entries, from the first, are here.
    fn size(&self) -> u64;

    /// When it grew last, in milliseconds since 1970 by the real clock; 0 if it never did.
    fn grown_unix_ms(&self) -> i64;

    /// The hash of a complete subtree of the first [`Archive::size`] leaves.
    ///
    /// # Errors
    /// If it cannot be read.
    fn node(&self, level: u32, index: u64) -> Result<Digest, ReadFailed>;

    /// A leaf.
    ///
    /// # Errors
    /// If it cannot be read.
    fn leaf(&self, index: u64) -> Result<[u8; LEAF_LEN], ReadFailed>;

    /// A leaf with what is kept beside it.
    ///
    /// # Errors
    /// If it cannot be read.
    fn kept(&self, index: u64) -> Result<Archived, ReadFailed>;

    /// Reviews behind `after` that no entry here resolves, in order, at most `limit`.
    ///
    /// # Errors
    /// If they cannot be read.
    fn open_reviews(&self, after: Option<u64>, limit: usize) -> Result<Vec<u64>, ReadFailed>;

    /// The first resolution of a decision.
    ///
    /// # Errors
    /// If it cannot be read.
    fn resolution_of(&self, decision: u64) -> Result<Option<u64>, ReadFailed>;

    /// Reuses behind `after` that were not reported, in order, at most `limit`.
    ///
    /// # Errors
    /// If they cannot be read.
    fn unreported(&self, after: Option<u64>, limit: usize) -> Result<Vec<u64>, ReadFailed>;

    /// A reuse was reported, also one that is not here yet. A crash may forget it.
    fn mark_reported(&self, index: u64);
}

/// Told each size up to which everything is integrated.
pub type Integrated = Box<dyn Fn(u64) + Send>;

/// Where what was integrated ends; nothing of it is verified yet.
#[derive(Debug, Clone)]
pub struct Base {
    /// The text of the checkpoint over it.
    pub checkpoint: String,
    /// The hashes of the incomplete tile at each tile level.
    pub edge: Vec<Vec<Digest>>,
}

/// An integrated entry.
#[derive(Debug, Clone)]
pub struct Archived {
    /// The leaf.
    pub leaf: [u8; LEAF_LEN],
    /// The salt of the public part.
    pub salt1: Salt,
    /// The public part.
    pub public: Vec<u8>,
    /// The details; `None` once they were erased.
    pub details: Option<Vec<u8>>,
}

/// Why something that was integrated cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadFailed {
    /// The file system refuses.
    #[error("{} cannot be read or written: {}", .0.display(), .1)]
    Io(PathBuf, std::io::Error),
    /// A file is not what it should be.
    #[error("{} is missing or damaged; restore the log's folder whole", .0.display())]
    Damaged(PathBuf),
}

/// What takes the recovered records.
pub type EachRecord<'a> = dyn FnMut(Record<'_>) -> Result<(), RecordRefused> + 'a;

/// One entry on its way into the log.
#[derive(Clone)]
pub struct Entry {
    pub(crate) leaf: [u8; LEAF_LEN],
    pub(crate) hash: Digest,
    pub(crate) salt1: Salt,
    pub(crate) public: Bytes,
    pub(crate) details: Bytes,
    pub(crate) mark: Mark,
}

/// One recovered record; nothing of it is verified yet.
#[derive(Clone)]
pub struct Record<'a> {
    /// The index of the first entry.
    pub first: u64,
    /// The entries, in order.
    pub entries: Vec<Recorded<'a>>,
    /// The text of the checkpoint over all entries up to the last of this record.
    pub checkpoint: &'a str,
}

/// One entry of a recovered record.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// The leaf.
    pub leaf: &'a [u8],
    /// The salt of the public part.
    pub salt1: Salt,
    /// The public part.
    pub public: &'a [u8],
    /// The details.
    pub details: &'a [u8],
}

/// What one append cost, for telemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WriteCost {
    /// How often the disk (or the database) was asked to make data durable.
    pub flushes: u64,
    /// Nanoseconds spent writing.
    pub write_ns: u64,
    /// Nanoseconds spent waiting for durability.
    pub sync_ns: u64,
}

/// A part of an entry is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the details of an entry have at most 128 KiB, its public part 8 KiB")]
pub struct EntryTooLong;

/// It is no longer known what is durable: the process must stop, and recovery decides.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the log stopped ({step}: {reason}); stop this process, check disk and key, and start it again")]
pub struct FatalLogError {
    /// What was being done.
    pub step: Step,
    /// Why it failed, in the system's words.
    pub reason: String,
}

/// What a log was doing when it stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Checking a batch against the limits.
    Batch,
    /// Signing a checkpoint.
    Sign,
    /// Writing a record.
    Write,
    /// Making a record durable.
    Sync,
    /// Keeping the watermark.
    Watermark,
    /// Moving records into tiles.
    Integrate,
    /// Running the log's thread.
    Thread,
}

/// Why a store could not be recovered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoverError {
    /// Reading failed.
    #[error("the log cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// Another process has it open.
    #[error("another process has this log open; a log has one writer")]
    Locked,
    /// What was integrated cannot be read.
    #[error(transparent)]
    Archive(ReadFailed),
    /// A folder as earlier versions kept it.
    #[error(
        "the folder holds one file \"journal\", as versions before the tiles kept it; this one begins a new folder"
    )]
    OldLayout,
    /// Not a journal, or of a later format.
    #[error("the first bytes of {} are not those of a journal; restore the folder or name another one", file.display())]
    NotAJournal {
        /// The file.
        file: PathBuf,
    },
    /// What is kept beside the entries ends before the tiles, or behind the last entry.
    #[error(
        "what is kept beside the entries reaches to {kept}, but the tiles to {integrated} and the journals to \
         {recovered}: a part of the folder is older than the rest; restore it whole"
    )]
    Kept {
        /// How many entries it holds.
        kept: u64,
        /// How many the tiles hold.
        integrated: u64,
        /// How many there are with those in the journals.
        recovered: u64,
    },
    /// A record before the last does not hold.
    #[error("the journal is damaged at byte {offset} of {}, before its end; restore it from a copy, never cut it", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Where the damaged record begins.
        offset: u64,
    },
    /// A record was read whole and refused.
    #[error("the record at byte {offset} of {} is refused: {reason}", file.display())]
    Refused {
        /// The file.
        file: PathBuf,
        /// Where the record begins.
        offset: u64,
        /// Why.
        reason: RecordRefused,
    },
}

/// Why a record that was read whole is no continuation of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordRefused {
    /// It does not begin where the last one ended.
    #[error("it does not begin where the record before it ended")]
    Place,
    /// One of its leaves is none.
    #[error("it holds bytes that are no leaf")]
    Leaf,
    /// One of its parts is longer than any part may be.
    #[error("it holds a part that is longer than any may be")]
    Length,
    /// Its checkpoint is not signed by this log's key, or is another log's.
    #[error("its checkpoint is not signed by this log's key")]
    Checkpoint,
    /// Its checkpoint has another size or root than the entries.
    #[error("its checkpoint does not fit its entries")]
    Root,
}

impl Entry {
    /// An entry: hashes the leaf, so do this outside the log's thread. `salt1` and the public part stay beside the log
    /// for good, and supervisors may read them; the details may be erased later.
    ///
    /// # Errors
    /// If the public part is longer than [`MAX_PUBLIC_LEN`] or the details than [`MAX_DETAILS_LEN`].
    pub fn new(
        leaf: &Leaf,
        salt1: Salt,
        public: impl Into<Bytes>,
        details: impl Into<Bytes>,
    ) -> Result<Self, EntryTooLong> {
        let (public, details) = (public.into(), details.into());
        if public.len() > MAX_PUBLIC_LEN || details.len() > MAX_DETAILS_LEN {
            return Err(EntryTooLong);
        }
        let mark = Mark::of(leaf.leaf_type, &public);
        Ok(Self { leaf: leaf.to_bytes(), hash: leaf.hash(), salt1, public, details, mark })
    }

    /// The entry that was recovered from a record.
    pub(crate) fn recovered(recorded: &Recorded<'_>) -> Result<Self, RecordRefused> {
        let leaf = Leaf::from_bytes(recorded.leaf).map_err(|_| RecordRefused::Leaf)?;
        let [public, details] = [recorded.public, recorded.details].map(Bytes::copy_from_slice);
        Self::new(&leaf, recorded.salt1, public, details).map_err(|_| RecordRefused::Length)
    }

    /// The bytes that the entry takes beside its leaf.
    pub(crate) fn kept_len(&self) -> usize {
        self.public.len() + self.details.len()
    }

    /// The leaf's bytes.
    pub const fn leaf(&self) -> &[u8; LEAF_LEN] {
        &self.leaf
    }

    /// The public part.
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// The details, which may be erased later.
    pub fn details(&self) -> &[u8] {
        &self.details
    }
}

impl From<Entry> for Archived {
    fn from(entry: Entry) -> Self {
        let (public, details) = (entry.public.to_vec(), Some(entry.details.to_vec()));
        Self { leaf: entry.leaf, salt1: entry.salt1, public, details }
    }
}

impl FatalLogError {
    /// What failed, and why.
    pub fn new(step: Step, reason: impl fmt::Display) -> Self {
        Self { step, reason: reason.to_string() }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Batch => "checking a batch",
            Self::Sign => "signing a checkpoint",
            Self::Write => "writing a record",
            Self::Sync => "making a record durable",
            Self::Watermark => "keeping the watermark",
            Self::Integrate => "moving records into tiles",
            Self::Thread => "running the log's thread",
        })
    }
}
