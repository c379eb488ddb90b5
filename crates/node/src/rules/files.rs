//! The exact bytes of the policy's files, so that anyone can read what this node judges by.

use bytes::Bytes;
use huxin_attest::UnixMs;
use huxin_wire::v1;

/// What a policy was read from.
#[derive(Debug, Clone)]
pub struct PolicyFiles {
    /// The national baseline.
    pub baseline: InForceText,
    /// The vocabulary.
    pub vocabulary: InForceText,
    /// The overlay, if there is one.
    pub overlay: Option<OverlayText>,
}

/// One file.
#[derive(Debug, Clone)]
pub struct InForceText {
    /// Its exact bytes, at most [`crate::limits::POLICY_FILE`].
    pub text: Bytes,
    /// Since when this node has judged by it; the epoch where that is not known.
    pub applied: UnixMs,
}

/// An overlay, and what vouches for it.
#[derive(Debug, Clone)]
pub struct OverlayText {
    /// The file.
    pub file: InForceText,
    /// The exact bytes of its signature file.
    pub signatures: Bytes,
    /// Who signed it: ids of the membership list.
    pub signers: Vec<String>,
    /// How it departs from the baseline; made once, when it was read.
    pub comparison: v1::PolicyComparison,
}
