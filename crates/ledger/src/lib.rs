//! The tamper-evident log: leaves, tree, checkpoints, journals, tiles, proofs.
//!
//! An answer *is* a log proof: nothing about a person leaves a node before it is a leaf of this log, durably written
//! and covered by a signed checkpoint. One thread appends ([`writer`]); what it hands out is checked by the asker
//! ([`heads`]) and kept as a text that anyone can verify ([`receipt`]). This crate depends on `huxin-attest` only,
//! reads no clock of its own to decide anything, and never logs what an entry is about.

pub mod audit;
mod blocks;
mod cbor;
pub mod checkpoint;
pub mod disk;
pub mod files;
pub mod heads;
pub mod known_heads;
pub mod leaf;
pub mod log;
pub mod note;
pub mod proof;
pub mod public;
pub mod receipt;
pub mod store;
pub mod tree;
mod worklist;
pub mod writer;

pub use checkpoint::{Checkpoint, LogSigner, LogVerifierKey, Origin, SignedCheckpoint};
pub use files::{FileSettings, FileStore};
pub use heads::{HeadTracker, VerifiedEntry, VerifiedHead};
pub use known_heads::KnownHeads;
pub use leaf::{Leaf, LeafType, Salt};
pub use log::{Entry, Kept, Log, LogReader, ReadError};
pub use receipt::{Receipt, VerifiedReceipt};
pub use store::{FatalLogError, LogStore, ReadFailed};
pub use writer::{Delivery, Done, Guard, Head, LogHandle, LogWriter, RuntimeId, StreamId, Submission};
