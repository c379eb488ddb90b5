//! The journal: a log's records in one file, each written with one write and one `fdatasync`.
//!
//! The folder holds `journal`, `watermark` (a recent checkpoint) and `lock`. A background task will move old records
//! into tiles and an erasable store; until then everything stays here. The journal must never report a record that is
//! not durable, and never drop one that somebody was told of.

mod frame;
mod recovery;
mod watermark;

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use huxin_attest::Random;

use crate::atomic_file;
use crate::checkpoint::SignedCheckpoint;
use crate::store::{EachRecord, Entry, FatalLogError, LogStore, RecoverError, Step, WriteCost};
use frame::Marker;
use watermark::WatermarkKeeper;

/// How often the watermark is replaced at most.
pub const WATERMARK_INTERVAL: Duration = Duration::from_secs(1);

/// A buffer that one large batch blew up is given back.
const KEPT_BUFFER_LEN: usize = 1024 * 1024;

/// A log's records in a folder of its own.
#[derive(Debug)]
pub struct FileJournal {
    folder: PathBuf,
    /// Positioned behind the last whole record once the records were recovered.
    file: File,
    marker: Marker,
    buffer: Vec<u8>,
    watermark: WatermarkKeeper,
    state: State,
    /// Held as long as the journal is open.
    _lock: File,
}

/// May records be appended?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not before the records were recovered.
    Opened,
    /// Yes. A torn end, if there is one, begins at this offset and is cut off first.
    Ready { torn: Option<u64> },
    /// Never again: after a failed write or sync nobody knows what the disk holds.
    Failed,
}

impl FileJournal {
    /// Opens the journal in `folder`, or begins one; `random` makes the marker of a new one.
    ///
    /// # Errors
    /// If another process has it open, its first bytes are not a journal's, or the file system refuses.
    pub fn open(folder: &Path, random: &mut impl Random) -> Result<Self, RecoverError> {
        Self::open_with(folder, random, WATERMARK_INTERVAL)
    }

    /// The same with another pause between two watermarks.
    ///
    /// # Errors
    /// As [`FileJournal::open`].
    pub fn open_with(
        folder: &Path,
        random: &mut impl Random,
        watermark_interval: Duration,
    ) -> Result<Self, RecoverError> {
        create_folder(folder)?;
        let lock = lock(&folder.join("lock"))?;
        let path = folder.join("journal");
        if !path.exists() {
            atomic_file::replace(&path, &frame::header(&Marker::random(random)))?;
        }
        let mut file = OpenOptions::new().read(true).write(true).open(&path)?;
        let marker = recovery::read_header(&mut file)?;
        let watermark = WatermarkKeeper::start(folder.join("watermark"), watermark_interval)?;
        Ok(Self {
            folder: folder.to_owned(),
            file,
            marker,
            buffer: Vec::new(),
            watermark,
            state: State::Opened,
            _lock: lock,
        })
    }

    /// A torn end stays until something takes its place: a start that is refused after all must have changed nothing.
    fn cut(&mut self, torn: Option<u64>) -> Result<(), FatalLogError> {
        let Some(offset) = torn else { return Ok(()) };
        let cut = self.file.set_len(offset).and_then(|()| self.file.sync_all());
        cut.map_err(|error| FatalLogError::new(Step::Write, error))
    }

    fn write(&mut self) -> Result<WriteCost, FatalLogError> {
        // Telemetry only: nothing is decided by these clocks.
        let begin = Instant::now();
        self.file.write_all(&self.buffer).map_err(|error| FatalLogError::new(Step::Write, error))?;
        let written = Instant::now();
        self.file.sync_data().map_err(|error| FatalLogError::new(Step::Sync, error))?;
        let nanos = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let (write_ns, sync_ns) = (nanos(written - begin), nanos(written.elapsed()));
        Ok(WriteCost { flushes: 1, write_ns, sync_ns })
    }
}

impl LogStore for FileJournal {
    fn recover(&mut self, each: &mut EachRecord<'_>) -> Result<(), RecoverError> {
        if self.state != State::Opened {
            return Err(std::io::Error::other("the journal was recovered before; open it again").into());
        }
        let torn = recovery::replay(&mut self.file, &self.marker, each)?;
        self.state = State::Ready { torn };
        Ok(())
    }

    fn watermark(&mut self) -> Result<Option<String>, RecoverError> {
        read_watermark(&self.folder)
    }

    fn append(
        &mut self,
        first: u64,
        batch: &[Entry],
        checkpoint: &SignedCheckpoint,
    ) -> Result<WriteCost, FatalLogError> {
        let State::Ready { torn } = self.state else {
            return Err(FatalLogError::new(Step::Write, "not recovered, or an earlier write failed"));
        };
        // Until everything went well.
        self.state = State::Failed;
        self.watermark.check()?;
        frame::encode(&mut self.buffer, &self.marker, first, batch, checkpoint.text())?;
        self.cut(torn)?;
        let cost = self.write()?;
        if self.buffer.capacity() > KEPT_BUFFER_LEN {
            self.buffer = Vec::new();
        }
        self.watermark.set(checkpoint.text().clone());
        self.state = State::Ready { torn: None };
        Ok(cost)
    }

    fn close(&mut self) -> Result<(), FatalLogError> {
        self.watermark.close()
    }
}

/// Hands every record of the journal in `folder` to `each` without opening it for writing; returns where a torn end
/// begins. Changes no byte.
pub(crate) fn read(folder: &Path, each: &mut EachRecord<'_>) -> Result<Option<u64>, RecoverError> {
    let mut file = File::open(folder.join("journal"))?;
    let marker = recovery::read_header(&mut file)?;
    recovery::read(&mut file, &marker, each).map(|found| found.torn.then_some(found.last.end))
}

/// The text of the watermark in `folder`; `None` where there is none yet.
pub(crate) fn read_watermark(folder: &Path) -> Result<Option<String>, RecoverError> {
    Ok(watermark::read(&folder.join("watermark"))?)
}

/// Creates the folder and what is missing above it, durably: records must not vanish with their folder's name.
fn create_folder(folder: &Path) -> Result<(), RecoverError> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|path| !path.exists()).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    missing.into_iter().try_for_each(|path| atomic_file::sync_folder(path.parent()))?;
    Ok(())
}

fn lock(path: &Path) -> Result<File, RecoverError> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(atomic_file::FILE_MODE)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(RecoverError::Locked),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}
