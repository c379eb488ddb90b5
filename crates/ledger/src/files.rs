//! The log's store in files: journal segments that grow, tiles and a store of what is kept for everything older.
//!
//! The folder holds `journal-<number>` (segments), `checkpoint` and `tile/` (tiles), `kept.redb` (what is kept beside
//! integrated entries), `watermark` (a recent checkpoint that recovery must reach) and `lock`. A record is one write and
//! one `fdatasync` to the newest segment. A thread of its own closes that segment now and then and integrates it; the
//! log's thread never waits for it unless very much is left to integrate. The store must never report a record that is
//! not durable, and never drop one that somebody was told of.

mod archive;
pub(crate) mod audit;
mod background;
mod frame;
mod integrator;
mod kept;
mod pages;
mod parts;
mod recovery;
mod rows;
mod segment;
mod tiles;
mod watermark;

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use huxin_attest::Random;

use crate::checkpoint::{Origin, SignedCheckpoint};
use crate::disk::{Disk, Watcher};
use crate::store::{
    Archive, Base, EachRecord, Entry, FatalLogError, Integrated, LogStore, ReadFailed, RecoverError, Step,
    WriteCost,
};
use archive::FileArchive;
use background::{Background, Journals};
use kept::KeptStore;
use segment::{MarkerSeed, Segment};
use watermark::WatermarkKeeper;

/// How a log's files are kept.
#[derive(Clone)]
pub struct FileSettings {
    /// How often the watermark is replaced at most. Default 1 s.
    pub watermark_interval: Duration,
    /// How often what is in the journals is integrated at least. Default 30 s, so that tiles are never a minute old.
    pub integration_interval: Duration,
    /// A segment with so many bytes is integrated at once. Default 16 MiB.
    pub segment_len: u64,
    /// Appends wait while so many bytes are not integrated, which bounds the memory for recent entries. Default 128 MiB.
    pub max_waiting: u64,
    /// Watches every change on the disk; for tests. Default none.
    pub watcher: Option<Arc<dyn Watcher>>,
}

/// A buffer that one large batch blew up is given back.
const KEPT_BUFFER_LEN: usize = 1024 * 1024;

/// A log's records in a folder of its own.
#[derive(Debug)]
pub struct FileStore {
    disk: Disk,
    archive: Arc<FileArchive>,
    background: Background,
    /// Until they are recovered.
    segments: Vec<Segment>,
    buffer: Vec<u8>,
    watermark: WatermarkKeeper,
    state: State,
    /// Held as long as the store is open.
    _lock: File,
}

/// May records be appended?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not before the records were recovered.
    Opened,
    /// Yes.
    Ready,
    /// Never again: after a failed write or sync nobody knows what the disk holds.
    Failed,
}

impl Default for FileSettings {
    fn default() -> Self {
        Self {
            watermark_interval: Duration::from_secs(1),
            integration_interval: Duration::from_secs(30),
            segment_len: 16 * 1024 * 1024,
            max_waiting: 128 * 1024 * 1024,
            watcher: None,
        }
    }
}

impl FileStore {
    /// Opens the log in `folder`, or begins one; `random` makes the markers of new segments.
    ///
    /// # Errors
    /// If another process has it open, a file is not what it should be, or the file system refuses.
    pub fn open(
        folder: &Path,
        random: &mut impl Random,
        settings: FileSettings,
    ) -> Result<Self, RecoverError> {
        let disk = Disk::watched(settings.watcher.clone());
        disk.create_folder(folder)?;
        let lock = lock(&folder.join("lock"))?;
        let found = segment::list(folder)?;
        let seed = MarkerSeed(random.array());
        let mut segments = found
            .into_iter()
            .map(|(number, path)| Segment::open(path, number, true))
            .collect::<Result<Vec<_>, _>>()?;
        if segments.is_empty() {
            segments.push(Segment::create(&disk, folder, 1, &seed)?);
        }
        let kept = KeptStore::open(disk.clone(), folder.join(kept::FILE))?;
        let archive = Arc::new(FileArchive::open(folder, kept)?);
        let watermark =
            WatermarkKeeper::start(disk.clone(), folder.join("watermark"), settings.watermark_interval)?;
        let background =
            Background::new(disk.clone(), folder.to_owned(), Arc::clone(&archive), seed, settings);
        Ok(Self {
            disk,
            archive,
            background,
            segments,
            buffer: Vec::new(),
            watermark,
            state: State::Opened,
            _lock: lock,
        })
    }

    /// Writes the record in the buffer behind the newest segment's last one.
    fn write(&mut self, journals: &mut Journals) -> Result<WriteCost, FatalLogError> {
        let segment = journals.active()?;
        let failed = |step| move |error: std::io::Error| FatalLogError::new(step, error);
        if segment.torn {
            // A torn end stays until something takes its place: a start that is refused must have changed nothing.
            self.disk.cut(&segment.path, &segment.file, segment.end).map_err(failed(Step::Write))?;
            segment.torn = false;
        }
        // Telemetry only: nothing is decided by these clocks.
        let begin = Instant::now();
        self.disk.write(&segment.path, &mut segment.file, &self.buffer).map_err(failed(Step::Write))?;
        let written = Instant::now();
        self.disk.sync(&segment.path, &segment.file).map_err(failed(Step::Sync))?;
        segment.end += self.buffer.len() as u64;
        let nanos = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let (write_ns, sync_ns) = (nanos(written - begin), nanos(written.elapsed()));
        Ok(WriteCost { flushes: 1, write_ns, sync_ns })
    }
}

impl LogStore for FileStore {
    fn archive(&self) -> Arc<dyn Archive> {
        Arc::clone(&self.archive) as Arc<dyn Archive>
    }

    fn base(&mut self) -> Result<Option<Base>, RecoverError> {
        Ok(self.archive.base()?)
    }

    fn recover(&mut self, each: &mut EachRecord<'_>) -> Result<(), RecoverError> {
        if self.state != State::Opened {
            return Err(std::io::Error::other("the log was recovered before; open it again").into());
        }
        let recovered = recover(&mut self.segments, self.archive.size(), each)?;
        check_kept(&self.archive.kept, self.archive.size(), recovered.size)?;
        let mut segments = std::mem::take(&mut self.segments);
        if let Some((active, last)) = recovered.last
            && let Some(segment) = segments.get_mut(active)
        {
            recovery::settle(&self.disk, segment, last)?;
        }
        self.background.begin(segments, recovered.last.map(|(active, _)| active));
        self.state = State::Ready;
        Ok(())
    }

    fn watermark(&mut self) -> Result<Option<String>, RecoverError> {
        Ok(watermark::read(&self.background.folder().join("watermark"))?)
    }

    fn start(&mut self, own: Origin, integrated: Integrated) -> Result<(), RecoverError> {
        self.background.start(own, integrated)
    }

    fn append(
        &mut self,
        first: u64,
        batch: &[Entry],
        checkpoint: &SignedCheckpoint,
    ) -> Result<WriteCost, FatalLogError> {
        if self.state != State::Ready {
            return Err(FatalLogError::new(Step::Write, "not recovered, or an earlier write failed"));
        }
        // Until everything went well.
        self.state = State::Failed;
        self.watermark.check()?;
        let shared = self.background.shared();
        let mut journals = shared.with_room()?;
        frame::encode(&mut self.buffer, &journals.active()?.marker, first, batch, checkpoint.text())?;
        let cost = self.write(&mut journals)?;
        shared.grown(journals);
        if self.buffer.capacity() > KEPT_BUFFER_LEN {
            self.buffer = Vec::new();
        }
        self.watermark.set(checkpoint.text().clone());
        self.state = State::Ready;
        Ok(cost)
    }

    fn integrate(&mut self) -> Result<(), FatalLogError> {
        self.background.integrate()
    }

    fn close(&mut self) -> Result<(), FatalLogError> {
        let integrated = self.background.close();
        self.watermark.close().and(integrated)
    }
}

/// What the segments hold.
pub(crate) struct Recovered {
    /// How many entries there are, with those that the tiles hold.
    size: u64,
    /// The newest segment that holds a record, and where its last one begins.
    last: Option<(usize, u64)>,
}

/// Hands every record that is not integrated to `each`. Only the end of the newest record may be torn.
fn recover(
    segments: &mut [Segment],
    integrated: u64,
    each: &mut EachRecord<'_>,
) -> Result<Recovered, RecoverError> {
    let mut recovered = Recovered { size: integrated, last: None };
    let mut torn: Option<(std::path::PathBuf, u64)> = None;
    for (number, segment) in segments.iter_mut().enumerate() {
        let last = recovery::read(segment, &mut |record| {
            if integrator::ends_before(&record, integrated)? {
                return Ok(());
            }
            recovered.size = record.first.saturating_add(record.entries.len() as u64);
            each(record)
        })?;
        // A later record was begun after this one was synced, so what does not hold here is damage.
        if let Some((path, offset)) = &torn
            && (segment.torn || !segment.is_empty())
        {
            return Err(recovery::damaged(path, *offset));
        }
        if segment.torn {
            torn = Some((segment.path.clone(), segment.end));
        }
        if segment.torn || !segment.is_empty() {
            recovered.last = Some((number, last));
        }
    }
    Ok(recovered)
}

/// Does what is kept reach from the tiles to what was recovered?
fn check_kept(kept: &KeptStore, integrated: u64, recovered: u64) -> Result<(), RecoverError> {
    let size = kept.size()?;
    if (integrated..=recovered).contains(&size) {
        Ok(())
    } else {
        Err(RecoverError::Kept { kept: size, integrated, recovered })
    }
}

fn lock(path: &Path) -> Result<File, RecoverError> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(RecoverError::Locked),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

impl From<ReadFailed> for RecoverError {
    fn from(error: ReadFailed) -> Self {
        Self::Archive(error)
    }
}

impl fmt::Debug for FileSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { watermark_interval, integration_interval, segment_len, max_waiting, watcher } = self;
        f.debug_struct("FileSettings")
            .field("watermark_interval", watermark_interval)
            .field("integration_interval", integration_interval)
            .field("segment_len", segment_len)
            .field("max_waiting", max_waiting)
            .field("watched", &watcher.is_some())
            .finish()
    }
}
