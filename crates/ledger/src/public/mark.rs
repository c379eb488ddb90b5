//! What an entry means for the log's own lists: a review that waits, its resolution, a reuse to be reported.

use minicbor::Decoder;

use super::{Resolution, Reuse, Verdict};
use crate::cbor;
use crate::checkpoint::Origin;
use crate::leaf::LeafType;

/// Into which list an entry goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Into none.
    None,
    /// A decision that a person must look at.
    Review,
    /// The resolution of the decision at this index.
    Resolution(u64),
    /// An answer of this log that was used again.
    Reuse(Origin),
}

impl Mark {
    /// Reads a public part. Bytes that are no record mean nothing: the log keeps whatever it is given.
    pub(crate) fn of(leaf_type: LeafType, public: &[u8]) -> Self {
        match leaf_type {
            LeafType::Decision if verdict(public) == Some(Verdict::Review as u64) => Self::Review,
            LeafType::Resolution => {
                Resolution::decode(public).map_or(Self::None, |found| Self::Resolution(found.decision))
            }
            LeafType::Reuse => Reuse::decode(public).map_or(Self::None, |found| Self::Reuse(found.origin)),
            _ => Self::None,
        }
    }
}

/// The verdict alone: every decision passes here on its way into the log, so the rest is left unread.
fn verdict(public: &[u8]) -> Option<u64> {
    let mut input = Decoder::new(public);
    cbor::map_len(&mut input).ok()?;
    cbor::key(&mut input, 1).ok()?;
    input.str().ok()?;
    cbor::key(&mut input, 2).ok()?;
    input.u64().ok()
}
