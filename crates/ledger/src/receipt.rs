//! Receipts: a text that proves one entry offline (c2sp.org/tlog-proof).
//!
//! The extra line carries what the leaf commits to: type, time, salts, public part, and the private part or its hashes.
//! It proves nothing by itself; only what recomputes the leaf, and through the path the signed root, is believed. A
//! receipt with bytes of query and body holds personal data and belongs to whoever may hold those.

mod extra;

use std::fmt::Write;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use huxin_attest::{Digest, UnixMs, sha256};

use crate::cbor::{self, CborError};
use crate::checkpoint::{CheckpointError, LogVerifierKey, SignedCheckpoint, decimal, digest_from_base64};
use crate::leaf::{self, Leaf, LeafType, Salt};
use crate::proof::{MAX_PROOF_LEN, verify_inclusion};

/// The longest receipt that is read, in bytes.
pub const MAX_RECEIPT_LEN: usize = 512 * 1024;

/// The longest extra data, in bytes before base64.
pub const MAX_EXTRA_LEN: usize = 320 * 1024;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// One entry with everything that proves it; nothing is verified yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The entry's index in the log.
    pub index: u64,
    /// The path from the leaf to the checkpoint's root.
    pub path: Vec<Digest>,
    /// The signed checkpoint, exactly as issued.
    pub checkpoint: Arc<str>,
    /// What the leaf commits to.
    pub contents: Contents,
}

/// What a leaf commits to.
#[derive(Clone, PartialEq, Eq)]
pub struct Contents {
    /// The leaf's type.
    pub leaf_type: LeafType,
    /// The leaf's time.
    pub at: UnixMs,
    /// The salt of the public part.
    pub salt1: Salt,
    /// The public part, encoded.
    pub public: Vec<u8>,
    /// The private part.
    pub private: Private,
}

/// The private part, as far as the receipt's holder may know it.
#[derive(Clone, PartialEq, Eq)]
pub enum Private {
    /// Only H(salt₂‖private): for supervisors, and after erasure.
    Sealed(Digest),
    /// Of an answer or a refusal: H(query) ‖ H(body), each part by its bytes or its hash.
    Exchange {
        /// The salt of the private part.
        salt2: Salt,
        /// The query as sent.
        query: Part,
        /// The body as sent.
        body: Part,
    },
    /// Of any other entry: its bytes.
    Bytes {
        /// The salt of the private part.
        salt2: Salt,
        /// The private part.
        bytes: Vec<u8>,
    },
}

/// Bytes, or the hash of bytes that are not shown.
#[derive(Clone, PartialEq, Eq)]
pub enum Part {
    /// The bytes themselves.
    Bytes(Vec<u8>),
    /// Their SHA-256.
    Hash(Digest),
}

/// A receipt whose entry stands in its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedReceipt {
    checkpoint: SignedCheckpoint,
    index: u64,
    leaf: Leaf,
}

/// Why a text is no receipt, or a receipt proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Longer than [`MAX_RECEIPT_LEN`], or more than 64 path lines.
    #[error("the receipt is longer than a receipt can be")]
    TooLong,
    /// Not the lines of a proof.
    #[error("not a receipt: the lines {FIRST_LINE}, extra, index, the path, a blank line and the checkpoint")]
    Form,
    /// The extra line holds something else.
    #[error("the extra line is {0}")]
    Extra(CborError),
    /// The checkpoint is not the log's.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The contents or the path are not those of the entry.
    #[error("the contents are not those of this entry in the signed log; something was changed")]
    NotInLog,
}

impl Receipt {
    /// The text.
    pub fn to_text(&self) -> String {
        let extra = BASE64_STANDARD.encode(cbor::encode(&self.contents));
        let mut text = format!("{FIRST_LINE}\nextra {extra}\nindex {}\n", self.index);
        for hash in &self.path {
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{}", BASE64_STANDARD.encode(hash));
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Reads a text. Nothing of it is verified.
    ///
    /// # Errors
    /// If it is too long or has another form.
    pub fn parse(text: &str) -> Result<Self, ReceiptError> {
        if text.len() > MAX_RECEIPT_LEN {
            return Err(ReceiptError::TooLong);
        }
        let (proof, checkpoint) = text.split_once("\n\n").ok_or(ReceiptError::Form)?;
        let mut lines = proof.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(ReceiptError::Form);
        }
        let mut field =
            |name| lines.next().and_then(|line| line.strip_prefix(name)).ok_or(ReceiptError::Form);
        let extra = BASE64_STANDARD.decode(field("extra ")?).map_err(|_| ReceiptError::Form)?;
        let contents = cbor::decode(&extra).map_err(ReceiptError::Extra)?;
        let index = decimal(field("index ")?).ok_or(ReceiptError::Form)?;
        let mut path = Vec::new();
        for line in lines {
            if path.len() == MAX_PROOF_LEN {
                return Err(ReceiptError::TooLong);
            }
            path.push(digest_from_base64(line).ok_or(ReceiptError::Form)?);
        }
        Ok(Self { index, path, checkpoint: checkpoint.into(), contents })
    }

    /// Verifies everything with the log's key alone: the checkpoint, and that these contents are the entry.
    ///
    /// # Errors
    /// If the checkpoint is not the log's, or the contents and the path do not lead to its root.
    pub fn verify(&self, key: &LogVerifierKey) -> Result<VerifiedReceipt, ReceiptError> {
        let checkpoint = key.verify(&self.checkpoint)?;
        let leaf = self.contents.leaf();
        let head = checkpoint.checkpoint();
        if !verify_inclusion(&leaf.hash(), self.index, head.size, &self.path, &head.root) {
            return Err(ReceiptError::NotInLog);
        }
        Ok(VerifiedReceipt { index: self.index, leaf, checkpoint })
    }
}

impl Contents {
    /// The leaf that commits to these contents.
    pub fn leaf(&self) -> Leaf {
        let public = leaf::half(&self.salt1, &self.public);
        let commitment = leaf::commitment_of_halves(&public, &self.private.half());
        Leaf { leaf_type: self.leaf_type, at: self.at, commitment }
    }

    /// The same contents without salt₂ and the private part: they still prove the entry.
    #[must_use]
    pub fn sealed(&self) -> Self {
        Self { private: Private::Sealed(self.private.half()), ..self.clone() }
    }
}

impl Private {
    /// H(salt₂‖private).
    fn half(&self) -> Digest {
        match self {
            Self::Sealed(half) => *half,
            Self::Exchange { salt2, query, body } => {
                leaf::half(salt2, &leaf::exchange_private_of_hashes(&query.hash(), &body.hash()))
            }
            Self::Bytes { salt2, bytes } => leaf::half(salt2, bytes),
        }
    }
}

impl Part {
    /// The SHA-256 of the bytes.
    pub fn hash(&self) -> Digest {
        match self {
            Self::Bytes(bytes) => sha256(&[bytes]),
            Self::Hash(hash) => *hash,
        }
    }
}

impl VerifiedReceipt {
    /// The checkpoint of the log, signed by its key.
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// The entry's index.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The leaf that stands there.
    pub const fn leaf(&self) -> &Leaf {
        &self.leaf
    }
}
