//! The asker's side: which head of another's log was verified last, and what is proved against it.
//!
//! A head only grows, and only into what it was the beginning of. A [`VerifiedHead`] and a [`VerifiedEntry`] exist only
//! where this module verified them; nothing here believes a log about anything but its own entries.

use std::sync::Arc;

use huxin_attest::{Digest, sha256};

use crate::checkpoint::{CheckpointError, LogVerifierKey, Origin};
use crate::leaf::Leaf;
use crate::proof::{verify_consistency, verify_inclusion};

/// A size and root of a log, as they were verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownHead {
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
}

/// Follows one log on one stream.
#[derive(Debug)]
pub struct HeadTracker {
    key: LogVerifierKey,
    head: KnownHead,
}

/// A head that is signed by its log and continues what was known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedHead {
    origin: Origin,
    head: KnownHead,
    text: Arc<str>,
}

/// A leaf that stands in a verified head's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedEntry {
    origin: Origin,
    index: u64,
    leaf: Leaf,
}

/// Why a head is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// Not a signed checkpoint of this log.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The log shrank.
    #[error("the log shows {size} entries after it had shown {known}; a log never shrinks")]
    Smaller {
        /// The size that was known.
        known: u64,
        /// The size of the new head.
        size: u64,
    },
    /// Two signed heads of one size differ: proof that the log forked.
    #[error("the log signed two different heads of size {size}: it forked; keep both as evidence")]
    Fork {
        /// The size.
        size: u64,
    },
    /// The proof does not lead from what was known to the new head.
    #[error("the log at {size} entries is not shown to continue the log at {known}")]
    NotContinued {
        /// The size that was known.
        known: u64,
        /// The size of the new head.
        size: u64,
    },
}

/// The path does not lead from the leaf to the head's root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("entry {index} is not shown to be in the log at {size} entries")]
pub struct NotInLog {
    /// The index that was claimed.
    pub index: u64,
    /// The size of the head.
    pub size: u64,
}

impl HeadTracker {
    /// Follows the log of `key` from what was verified before; [`KnownHead::default`] from nothing.
    pub const fn new(key: LogVerifierKey, known: KnownHead) -> Self {
        Self { key, head: known }
    }

    /// The last verified size and root.
    pub const fn known(&self) -> KnownHead {
        self.head
    }

    /// The log's key.
    pub const fn key(&self) -> &LogVerifierKey {
        &self.key
    }

    /// Verifies a head: its signature, and that it continues the last one. A refused head changes nothing.
    ///
    /// # Errors
    /// If the head is not signed by the log, is smaller than the last, or does not continue it.
    pub fn accept(&mut self, checkpoint: &str, consistency: &[Digest]) -> Result<VerifiedHead, HeadError> {
        let signed = self.key.verify(checkpoint)?;
        let head = KnownHead { size: signed.checkpoint().size, root: signed.checkpoint().root };
        let known = self.head;
        if head.size < known.size {
            return Err(HeadError::Smaller { known: known.size, size: head.size });
        }
        if head.size == known.size && head.root != known.root {
            return Err(HeadError::Fork { size: head.size });
        }
        if !verify_consistency(known.size, &known.root, head.size, &head.root, consistency) {
            return Err(HeadError::NotContinued { known: known.size, size: head.size });
        }
        self.head = head;
        Ok(VerifiedHead { origin: self.key.origin().clone(), head, text: Arc::clone(signed.text()) })
    }
}

impl VerifiedHead {
    /// Verifies that `leaf` is entry `index` of this head's log.
    ///
    /// # Errors
    /// If the path does not show that.
    pub fn verify_entry(&self, index: u64, path: &[Digest], leaf: &Leaf) -> Result<VerifiedEntry, NotInLog> {
        if !verify_inclusion(&leaf.hash(), index, self.head.size, path, &self.head.root) {
            return Err(NotInLog { index, size: self.head.size });
        }
        Ok(VerifiedEntry { origin: self.origin.clone(), index, leaf: *leaf })
    }

    /// Which log.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Size and root.
    pub const fn head(&self) -> KnownHead {
        self.head
    }

    /// How many entries.
    pub const fn size(&self) -> u64 {
        self.head.size
    }

    /// The signed checkpoint, for receipts.
    pub const fn checkpoint(&self) -> &Arc<str> {
        &self.text
    }
}

impl VerifiedEntry {
    /// Which log.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The entry's index there.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The leaf.
    pub const fn leaf(&self) -> &Leaf {
        &self.leaf
    }
}

impl Default for KnownHead {
    /// The empty log, which every log continues.
    fn default() -> Self {
        Self { size: 0, root: sha256(&[]) }
    }
}
