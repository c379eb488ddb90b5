//! Reading journal segments back: every record in order, and a decision about the end.
//!
//! A record is written only after the one before it was synced. So what is torn can only be the last record, and it may
//! hold anything; where a marker follows, a later record was begun, and what does not hold before it is damage.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::frame::{self, FRAME_LEN, Frame, HEADER_LEN, MAX_PAYLOAD_LEN, Marker};
use super::segment::Segment;
use crate::disk::{Change, Disk};
use crate::store::{EachRecord, RecoverError};

pub(super) fn read_header(path: &Path, file: &mut File) -> Result<Marker, RecoverError> {
    let mut header = [0; HEADER_LEN];
    file.seek(SeekFrom::Start(0))?;
    match file.read_exact(&mut header) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(RecoverError::NotAJournal { file: path.to_owned() });
        }
        read => read?,
    }
    frame::parse_header(&header).ok_or_else(|| RecoverError::NotAJournal { file: path.to_owned() })
}

/// Hands every record of the segment to `each` and notes where the last whole one ends, and whether a torn one follows.
/// Changes no byte. Returns where the last whole record begins.
pub(super) fn read(segment: &mut Segment, each: &mut EachRecord<'_>) -> Result<u64, RecoverError> {
    let Segment { path, file, marker, .. } = segment;
    let end = file.metadata()?.len();
    let mut offset = HEADER_LEN as u64;
    file.seek(SeekFrom::Start(offset))?;
    let mut input = BufReader::with_capacity(1024 * 1024, &mut *file);
    let mut payload = Vec::new();
    let mut last = offset;
    while offset < end && read_record(&mut input, end - offset, marker, &mut payload)? {
        // The checksum holds, so these are the bytes that were written.
        let record = frame::parse_payload(&payload).ok_or_else(|| damaged(path, offset))?;
        each(record).map_err(|reason| RecoverError::Refused { file: path.clone(), offset, reason })?;
        last = offset;
        offset += (FRAME_LEN + payload.len()) as u64;
    }
    drop(input);
    segment.end = offset;
    segment.torn = offset < end;
    if segment.torn {
        check_torn(segment, end)?;
    }
    Ok(last)
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

/// Makes the last whole record, which begins at `last`, durable before anybody is told of it, and leaves the file
/// positioned behind it. It may be whole in the system's memory only, because the process ended before its sync or
/// because the sync failed. After a failed sync another one alone does nothing, so the same bytes are written again.
pub(super) fn settle(disk: &Disk, segment: &mut Segment, last: u64) -> Result<(), RecoverError> {
    let Segment { path, file, end, .. } = segment;
    let mut record = Vec::new();
    file.seek(SeekFrom::Start(last))?;
    (&mut *file).take(*end - last).read_to_end(&mut record)?;
    file.seek(SeekFrom::Start(last))?;
    disk.write(path, file, &record)?;
    disk.make(Change::Sync(path), || file.sync_all())?;
    Ok(())
}

/// Is what stands from the last whole record to the end of the file one record that was torn, and not damage?
fn check_torn(segment: &mut Segment, end: u64) -> Result<(), RecoverError> {
    let Segment { path, file, marker, end: offset, .. } = segment;
    let left = end - *offset;
    if left > (FRAME_LEN + MAX_PAYLOAD_LEN) as u64 {
        return Err(damaged(path, *offset));
    }
    file.seek(SeekFrom::Start(*offset))?;
    let mut rest = Vec::new();
    file.take(left).read_to_end(&mut rest)?;
    if rest.windows(marker.0.len()).skip(1).any(|window| window == marker.0) {
        return Err(damaged(path, *offset));
    }
    tracing::warn!(file = %path.display(), offset, bytes = left, "the last record was torn while written and is dropped");
    Ok(())
}

pub(super) fn damaged(path: &Path, offset: u64) -> RecoverError {
    RecoverError::Damaged { file: path.to_owned(), offset }
}
