//! Reading a journal back: every record in order, and a decision about its end.
//!
//! A record is written only after the one before it was synced. So what is torn can only be the last record, and it may
//! hold anything; where a marker follows, a later record was begun, and what does not hold before it is damage.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use super::frame::{self, FRAME_LEN, Frame, HEADER_LEN, MAX_PAYLOAD_LEN, Marker};
use crate::store::{EachRecord, RecoverError};

pub(super) fn read_header(file: &mut File) -> Result<Marker, RecoverError> {
    let mut header = [0; HEADER_LEN];
    file.seek(SeekFrom::Start(0))?;
    match file.read_exact(&mut header) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(RecoverError::NotAJournal),
        read => read?,
    }
    frame::parse_header(&header).ok_or(RecoverError::NotAJournal)
}

/// What stands in a journal.
pub(super) struct Found {
    /// The last whole record.
    pub(super) last: Range<u64>,
    /// Does a record that was torn while it was written follow?
    pub(super) torn: bool,
}

/// Hands every record to `each`, makes the last whole one durable and leaves the file positioned behind it; returns
/// where a torn end begins. Changes no byte.
pub(super) fn replay(
    file: &mut File,
    marker: &Marker,
    each: &mut EachRecord<'_>,
) -> Result<Option<u64>, RecoverError> {
    let Found { last, torn } = read(file, marker, each)?;
    let end = last.end;
    settle(file, last)?;
    file.seek(SeekFrom::Start(end))?;
    Ok(torn.then_some(end))
}

/// Hands every record to `each`. Writes nothing.
pub(super) fn read(
    file: &mut File,
    marker: &Marker,
    each: &mut EachRecord<'_>,
) -> Result<Found, RecoverError> {
    let end = file.metadata()?.len();
    let mut offset = HEADER_LEN as u64;
    file.seek(SeekFrom::Start(offset))?;
    let mut input = BufReader::with_capacity(1024 * 1024, &mut *file);
    let mut payload = Vec::new();
    let mut last = offset..offset;
    while offset < end && read_record(&mut input, end - offset, marker, &mut payload)? {
        // The checksum holds, so these are the bytes that were written.
        let record = frame::parse_payload(&payload).ok_or(RecoverError::Damaged { offset })?;
        each(record).map_err(|reason| RecoverError::Refused { offset, reason })?;
        last = offset..offset + (FRAME_LEN + payload.len()) as u64;
        offset = last.end;
    }
    drop(input);
    let torn = offset < end;
    if torn {
        check_torn(file, marker, offset, end)?;
    }
    Ok(Found { last, torn })
}

/// Reads the next record's payload; `false` if what stands there is not a whole record.
fn read_record(
    input: &mut impl Read,
    left: u64,
    marker: &Marker,
    payload: &mut Vec<u8>,
) -> Result<bool, RecoverError> {
    if left < FRAME_LEN as u64 {
        return Ok(false);
    }
    let mut head = [0; FRAME_LEN];
    input.read_exact(&mut head)?;
    let Some(frame) = Frame::parse(&head, marker) else { return Ok(false) };
    if left - (FRAME_LEN as u64) < frame.payload_len as u64 {
        return Ok(false);
    }
    payload.resize(frame.payload_len, 0);
    input.read_exact(payload)?;
    Ok(frame.fits(payload))
}

/// Makes the last record durable before anybody is told of it: it may be whole in the system's memory only, because the
/// process ended before its sync or because the sync failed. After a failed sync another one alone does nothing, so the
/// same bytes are written again.
fn settle(file: &mut File, last: Range<u64>) -> Result<(), RecoverError> {
    let mut record = Vec::new();
    file.seek(SeekFrom::Start(last.start))?;
    file.take(last.end - last.start).read_to_end(&mut record)?;
    file.seek(SeekFrom::Start(last.start))?;
    file.write_all(&record)?;
    file.sync_all()?;
    Ok(())
}

/// Is what stands from `offset` to the end one record that was torn, and not damage?
fn check_torn(file: &mut File, marker: &Marker, offset: u64, end: u64) -> Result<(), RecoverError> {
    let left = end - offset;
    if left > (FRAME_LEN + MAX_PAYLOAD_LEN) as u64 {
        return Err(RecoverError::Damaged { offset });
    }
    file.seek(SeekFrom::Start(offset))?;
    let mut rest = Vec::new();
    file.take(left).read_to_end(&mut rest)?;
    if rest.windows(marker.0.len()).skip(1).any(|window| window == marker.0) {
        return Err(RecoverError::Damaged { offset });
    }
    tracing::warn!(offset, bytes = left, "the last record was torn while written and is dropped");
    Ok(())
}
