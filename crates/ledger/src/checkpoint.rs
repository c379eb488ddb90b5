//! Checkpoints (c2sp.org/tlog-checkpoint): which log, how many entries, which root, signed by the log's key.
//!
//! A [`SignedCheckpoint`] exists only where this module signed it or verified it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use huxin_attest::key::SigningFailed;
use huxin_attest::{Digest, PublicKey, Signer, Verifier};

use crate::note::{self, Note, NoteError};

/// The longest origin, in bytes.
pub const MAX_ORIGIN_LEN: usize = 128;

/// The name of a log, for example `hb.example/log/0`: also the name of its key in signed notes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(Arc<str>);

/// The head of a log at one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: Origin,
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
}

/// A checkpoint whose signature by the log's key holds, and the exact text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    text: Arc<str>,
}

/// The public key of a log under its name, written `name+key id+base64` (a "vkey").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogVerifierKey {
    origin: Origin,
    key: PublicKey,
    key_id: u32,
}

/// The signing key of a log under its name.
pub struct LogSigner {
    verifier: LogVerifierKey,
    signer: Box<dyn Signer>,
}

/// Text that is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a log name: 1 to 128 visible ASCII characters without space or plus, such as hb.example/log/0")]
pub struct BadOrigin;

/// Text that is no verifier key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadVerifierKey {
    /// Not three parts.
    #[error("not a verifier key: name+key id (8 hexadecimal digits)+base64 of 0x01 and the Ed25519 key")]
    Form,
    /// The key id does not belong to the name and the key.
    #[error("the key id does not belong to this name and key; copy the whole line again")]
    KeyId,
}

/// Why a text is no checkpoint of the log that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not a signed note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text is not origin, size and root.
    #[error("not a checkpoint: exactly the lines origin, size in decimal, root in base64")]
    Form,
    /// Another log's checkpoint.
    #[error("the checkpoint belongs to another log than the key")]
    Origin,
    /// No line of the log's key.
    #[error("the log's key has not signed this checkpoint")]
    Unsigned,
    /// A line of the log's key that does not hold.
    #[error("the signature of the log's key over this checkpoint does not hold")]
    BadSignature,
}

impl LogVerifierKey {
    /// The key of the log `origin`.
    pub fn new(origin: Origin, key: PublicKey) -> Self {
        let key_id = note::ed25519_key_id(origin.as_str(), &key);
        Self { origin, key, key_id }
    }

    /// Reads `name+key id+base64(0x01 ‖ key)`.
    ///
    /// # Errors
    /// If the text has another form or the key id does not fit.
    pub fn parse(vkey: &str) -> Result<Self, BadVerifierKey> {
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(key_id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(BadVerifierKey::Form);
        };
        let origin: Origin = name.parse().map_err(|_| BadVerifierKey::Form)?;
        let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| BadVerifierKey::Form)?;
        let Some((&note::ED25519, key)) = bytes.split_first() else { return Err(BadVerifierKey::Form) };
        let key = Self::new(origin, PublicKey::from_bytes(key).map_err(|_| BadVerifierKey::Form)?);
        if key_id.len() != 8 || u32::from_str_radix(key_id, 16) != Ok(key.key_id) {
            return Err(BadVerifierKey::KeyId);
        }
        Ok(key)
    }

    /// The name of the log.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key itself.
    pub const fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// Reads a checkpoint of this log and verifies its signature. Lines of other keys (witnesses) are kept in the text
    /// and not judged.
    ///
    /// # Errors
    /// If the text is no checkpoint, is another log's, or this key has not signed it.
    pub fn verify(&self, text: &str) -> Result<SignedCheckpoint, CheckpointError> {
        let note = Note::parse(text)?;
        let checkpoint = Checkpoint::from_text(note.text)?;
        if checkpoint.origin != self.origin {
            return Err(CheckpointError::Origin);
        }
        let mut signed = false;
        for line in &note.signatures {
            if line.key_id == self.key_id && line.name == self.origin.as_str() {
                self.key
                    .verify(note.text.as_bytes(), &line.signature)
                    .map_err(|_| CheckpointError::BadSignature)?;
                signed = true;
            }
        }
        if signed {
            Ok(SignedCheckpoint { checkpoint, text: text.into() })
        } else {
            Err(CheckpointError::Unsigned)
        }
    }
}

impl fmt::Display for LogVerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = BASE64_STANDARD.encode([&[note::ED25519], self.key.as_bytes().as_slice()].concat());
        write!(f, "{}+{:08x}+{encoded}", self.origin, self.key_id)
    }
}

impl LogSigner {
    /// The signer of the log `origin`.
    pub fn new(origin: Origin, signer: Box<dyn Signer>) -> Self {
        Self { verifier: LogVerifierKey::new(origin, signer.public_key().clone()), signer }
    }

    /// The key that verifies what this one signs.
    pub const fn verifier(&self) -> &LogVerifierKey {
        &self.verifier
    }

    /// Signs the head of this log. Whoever calls this must never sign two heads of which one is not the beginning of
    /// the other.
    ///
    /// # Errors
    /// If the key cannot be used now.
    pub fn sign(&self, size: u64, root: Digest) -> Result<SignedCheckpoint, SigningFailed> {
        let checkpoint = Checkpoint { origin: self.verifier.origin.clone(), size, root };
        let text = checkpoint.to_text();
        let signature = self.signer.sign(text.as_bytes())?;
        let line = note::signature_line(checkpoint.origin.as_str(), self.verifier.key_id, &signature);
        Ok(SignedCheckpoint { checkpoint, text: format!("{text}\n{line}").into() })
    }
}

impl fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSigner({})", self.verifier)
    }
}

impl SignedCheckpoint {
    /// What was signed.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The signed note, exactly as it was made or received.
    pub const fn text(&self) -> &Arc<str> {
        &self.text
    }
}

impl Checkpoint {
    /// The text that is signed.
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64_STANDARD.encode(self.root))
    }

    /// Reads a signed checkpoint without verifying who signed it: only for what this log wrote itself.
    ///
    /// # Errors
    /// If the text is no checkpoint.
    pub(crate) fn unverified(text: &str) -> Result<Self, CheckpointError> {
        Self::from_text(Note::parse(text)?.text)
    }

    /// Reads the signed text. Extension lines, which no monitor can audit, are refused.
    fn from_text(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root), Some(""), None) =
            (lines.next(), lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Form);
        };
        let origin = origin.parse().map_err(|_| CheckpointError::Form)?;
        let size = decimal(size).ok_or(CheckpointError::Form)?;
        let root = digest_from_base64(root).ok_or(CheckpointError::Form)?;
        Ok(Self { origin, size, root })
    }
}

impl Origin {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = BadOrigin;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.len() <= MAX_ORIGIN_LEN && visible && note::is_key_name(text) {
            Ok(Self(text.into()))
        } else {
            Err(BadOrigin)
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A decimal number without sign or leading zero.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// A digest in standard base64.
pub(crate) fn digest_from_base64(text: &str) -> Option<Digest> {
    // 32 bytes are 44 characters: what is longer need not be decoded.
    if text.len() != 44 {
        return None;
    }
    Digest::try_from(BASE64_STANDARD.decode(text).ok()?.as_slice()).ok()
}

#[cfg(test)]
mod tests;
