//! The bytes of a journal segment: a header, then records.
//!
//! ```text
//! header   "huxin journal 2\n"(16) marker(16) SHA-256 of both(32)
//! record   marker(16) length(4) SHA-256 of length and payload(32) payload
//! payload  first(8) count(4) count × leaf(42) count × kept checkpoint text
//! kept     salt₁(16) length(4) public length(4) details
//! ```
//!
//! Integers are big-endian. The marker is random and known to nobody outside: what a peer puts into an entry can never
//! look like the beginning of a record, so a marker always *is* one.

use huxin_attest::{Digest, sha256};

use crate::leaf::{LEAF_LEN, SALT_LEN, Salt};
use crate::note::MAX_NOTE_LEN;
use crate::store::{Entry, FatalLogError, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, Record, Recorded, Step};

pub(super) const HEADER_LEN: usize = 64;

/// Marker, length and checksum.
pub(super) const FRAME_LEN: usize = 52;

/// The longest payload: a batch at all its limits.
pub(super) const MAX_PAYLOAD_LEN: usize =
    MAX_BATCH_BYTES + MAX_BATCH_ENTRIES * (LEAF_LEN + SALT_LEN + 8) + 12 + MAX_NOTE_LEN;

const MAGIC: &[u8; 16] = b"huxin journal 2\n";

/// The bytes that every record of one journal begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marker(pub(super) [u8; 16]);

/// What stands before a payload.
pub(super) struct Frame {
    pub(super) payload_len: usize,
    length: [u8; 4],
    checksum: Digest,
}

pub(super) fn header(marker: &Marker) -> Vec<u8> {
    let checksum = sha256(&[MAGIC, &marker.0]);
    [MAGIC.as_slice(), &marker.0, &checksum.0].concat()
}

pub(super) fn parse_header(bytes: &[u8; HEADER_LEN]) -> Option<Marker> {
    let (marker, _) = bytes.get(MAGIC.len()..)?.split_first_chunk::<16>()?;
    let marker = Marker(*marker);
    (header(&marker) == bytes).then_some(marker)
}

/// Fills `out` with one record.
pub(super) fn encode(
    out: &mut Vec<u8>,
    marker: &Marker,
    first: u64,
    batch: &[Entry],
    checkpoint: &str,
) -> Result<(), FatalLogError> {
    out.clear();
    out.extend_from_slice(&marker.0);
    out.extend_from_slice(&[0; FRAME_LEN - 16]);
    out.extend_from_slice(&first.to_be_bytes());
    out.extend_from_slice(&length(batch.len())?);
    for entry in batch {
        out.extend_from_slice(&entry.leaf);
    }
    for entry in batch {
        out.extend_from_slice(&entry.salt1.0);
        for part in [&entry.public, &entry.details] {
            out.extend_from_slice(&length(part.len())?);
            out.extend_from_slice(part);
        }
    }
    out.extend_from_slice(checkpoint.as_bytes());
    let Some((frame, payload)) = out.split_first_chunk_mut::<FRAME_LEN>() else { return Err(too_large()) };
    if payload.len() > MAX_PAYLOAD_LEN {
        return Err(too_large());
    }
    let length = length(payload.len())?;
    let checksum = sha256(&[&length, payload]);
    let behind_marker = frame.iter_mut().skip(marker.0.len());
    behind_marker.zip(length.into_iter().chain(checksum.0)).for_each(|(to, from)| *to = from);
    Ok(())
}

impl Frame {
    /// Reads what stands before a payload; `None` if it is no record of this journal.
    pub(super) fn parse(bytes: &[u8; FRAME_LEN], marker: &Marker) -> Option<Self> {
        let (found, rest) = bytes.split_first_chunk::<16>()?;
        let (length, checksum) = rest.split_first_chunk::<4>()?;
        let payload_len = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let holds = *found == marker.0 && payload_len <= MAX_PAYLOAD_LEN;
        let checksum = Digest::try_from(checksum).ok()?;
        holds.then_some(Self { payload_len, length: *length, checksum })
    }

    /// Is this the payload that the checksum was made over?
    pub(super) fn fits(&self, payload: &[u8]) -> bool {
        sha256(&[&self.length, payload]) == self.checksum
    }
}

/// Takes a payload apart.
pub(super) fn parse_payload(payload: &[u8]) -> Option<Record<'_>> {
    let (first, rest) = payload.split_first_chunk::<8>()?;
    let (count, rest) = rest.split_first_chunk::<4>()?;
    let count = usize::try_from(u32::from_be_bytes(*count)).ok()?;
    let (leaves, mut rest) = rest.split_at_checked(count.checked_mul(LEAF_LEN)?)?;
    let mut entries = Vec::with_capacity(count);
    for leaf in leaves.chunks_exact(LEAF_LEN) {
        let (salt1, behind) = rest.split_first_chunk::<SALT_LEN>()?;
        let (public, behind) = parse_part(behind)?;
        let (details, behind) = parse_part(behind)?;
        entries.push(Recorded { leaf, salt1: Salt(*salt1), public, details });
        rest = behind;
    }
    let checkpoint = std::str::from_utf8(rest).ok()?;
    Some(Record { first: u64::from_be_bytes(*first), entries, checkpoint })
}

/// A part behind its length, and what follows it.
fn parse_part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

fn length(len: usize) -> Result<[u8; 4], FatalLogError> {
    u32::try_from(len).map(u32::to_be_bytes).map_err(|_| too_large())
}

fn too_large() -> FatalLogError {
    FatalLogError::new(Step::Batch, "a batch is larger than its limits")
}
