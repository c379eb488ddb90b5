//! Where a log's records lie: one trait, so that files and a database can stand behind the same log.
//!
//! A store keeps records in order and makes each durable before it says so. It does not know what they mean: roots and
//! signatures are the log's to check.

use bytes::Bytes;
use huxin_attest::Digest;

use crate::checkpoint::SignedCheckpoint;
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
    /// Hands every durable record to `each`, in order, once, before the first append. A last record that was torn while
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

    /// Ends cleanly: whatever the store writes in the background is durable when this returns.
    ///
    /// # Errors
    /// If that cannot be made sure.
    fn close(&mut self) -> Result<(), FatalLogError>;
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
    /// Not a journal, or of a later format.
    #[error("the journal's first bytes are not those of a journal; restore the folder or name another one")]
    NotAJournal,
    /// A record before the last does not hold.
    #[error("the journal is damaged at byte {offset}, before its end; restore it from a copy, never cut it")]
    Damaged {
        /// Where the damaged record begins.
        offset: u64,
    },
    /// A record was read whole and refused.
    #[error("the record at byte {offset} is refused: {reason}")]
    Refused {
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

impl FatalLogError {
    /// What failed, and why.
    pub fn new(step: Step, reason: impl std::fmt::Display) -> Self {
        Self { step, reason: reason.to_string() }
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Batch => "checking a batch",
            Self::Sign => "signing a checkpoint",
            Self::Write => "writing a record",
            Self::Sync => "making a record durable",
            Self::Watermark => "keeping the watermark",
            Self::Thread => "running the log's thread",
        })
    }
}
