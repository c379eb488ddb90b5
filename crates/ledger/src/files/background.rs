//! The thread that integrates, and what it shares with the log's thread: which segment grows, which ones are closed.
//!
//! The next segment is made by this thread, so to close one costs the log's thread nothing. Any failure here stops
//! the log at its next append, before anybody is told of anything.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::FileSettings;
use super::archive::FileArchive;
use super::integrator::Integrator;
use super::segment::{MarkerSeed, Segment};
use crate::checkpoint::Origin;
use crate::disk::Disk;
use crate::store::{FatalLogError, Integrated, RecoverError, Step};

/// The thread and its half of the store.
#[derive(Debug)]
pub(super) struct Background {
    shared: Arc<Shared>,
    archive: Arc<FileArchive>,
    thread: Option<JoinHandle<()>>,
}

pub(super) struct Shared {
    disk: Disk,
    folder: PathBuf,
    seed: MarkerSeed,
    settings: FileSettings,
    journals: Mutex<Journals>,
    changed: Condvar,
}

/// The segments of a log that was recovered.
#[derive(Debug, Default)]
pub(super) struct Journals {
    active: Option<Segment>,
    /// Empty, and durable in the folder: a crash came before it was used.
    spare: Option<Segment>,
    closed: VecDeque<Segment>,
    next_number: u64,
    /// Bytes of records in closed segments.
    waiting: u64,
    /// Somebody waits until everything that was there is integrated.
    urged: bool,
    closing: bool,
    failed: Option<FatalLogError>,
}

impl Journals {
    pub(super) fn active(&mut self) -> Result<&mut Segment, FatalLogError> {
        self.active.as_mut().ok_or_else(|| FatalLogError::new(Step::Write, "the log was not recovered"))
    }

    fn active_len(&self) -> u64 {
        self.active.as_ref().map_or(0, Segment::len)
    }

    fn check(&self) -> Result<(), FatalLogError> {
        self.failed.clone().map_or(Ok(()), Err)
    }
}

impl Background {
    pub(super) fn new(
        disk: Disk,
        folder: PathBuf,
        archive: Arc<FileArchive>,
        seed: MarkerSeed,
        settings: FileSettings,
    ) -> Self {
        let (journals, changed) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { disk, folder, seed, settings, journals, changed });
        Self { shared, archive, thread: None }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.shared.folder
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// Takes over the recovered segments; `active` is the newest with a record, behind which the log goes on.
    pub(super) fn begin(&self, segments: Vec<Segment>, active: Option<usize>) {
        let mut journals = self.shared.lock();
        journals.next_number = segments.last().map_or(1, |segment| segment.number + 1);
        let active = active.unwrap_or_default();
        for (place, segment) in segments.into_iter().enumerate() {
            if place < active {
                journals.waiting += segment.len();
                journals.closed.push_back(segment);
            } else if place == active {
                journals.active = Some(segment);
            } else if journals.spare.is_none() {
                journals.spare = Some(segment);
            } else {
                // Empty too: integrating it removes it.
                journals.closed.push_back(segment);
            }
        }
    }

    /// Starts the thread. `integrated` is told each size up to which everything is integrated.
    pub(super) fn start(&mut self, own: Origin, integrated: Integrated) -> Result<(), RecoverError> {
        let Shared { disk, folder, .. } = &*self.shared;
        let integrator =
            Integrator::new(disk.clone(), folder.clone(), Arc::clone(&self.archive), own.clone())?;
        let (shared, archive) = (Arc::clone(&self.shared), Arc::clone(&self.archive));
        let thread = std::thread::Builder::new().name("log-integrator".into()).spawn(move || {
            let run = || shared.run(integrator, &archive, &own, &*integrated);
            let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
            let ended = ended.unwrap_or_else(|_| Err(FatalLogError::new(Step::Integrate, "it panicked")));
            if let Err(error) = ended {
                tracing::error!(%error, "the log's integration stopped");
                shared.lock().failed = Some(error);
            }
            shared.changed.notify_all();
        })?;
        self.thread = Some(thread);
        Ok(())
    }

    /// Integrates everything that is there now, and waits.
    pub(super) fn integrate(&self) -> Result<(), FatalLogError> {
        let mut journals = self.shared.lock();
        journals.check()?;
        if self.thread.is_none() || journals.closing {
            return Err(FatalLogError::new(Step::Integrate, "the log is not running"));
        }
        journals.urged = true;
        self.shared.changed.notify_all();
        let done =
            self.shared.changed.wait_while(journals, |journals| journals.urged && journals.failed.is_none());
        done.unwrap_or_else(PoisonError::into_inner).check()
    }

    /// Ends the thread behind the segment that it is at; the others wait for the next start.
    pub(super) fn close(&mut self) -> Result<(), FatalLogError> {
        self.shared.lock().closing = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // It reports its own panic as a failure.
            let _ = thread.join();
        }
        self.shared.lock().check()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // The thread reported its own failure.
        let _ = self.close();
    }
}

impl Shared {
    /// Waits until there is room for one more record.
    pub(super) fn with_room(&self) -> Result<MutexGuard<'_, Journals>, FatalLogError> {
        let full = |journals: &mut Journals| {
            let waiting = journals.waiting + journals.active_len();
            waiting > self.settings.max_waiting && journals.failed.is_none() && !journals.closing
        };
        let journals = self.changed.wait_while(self.lock(), full).unwrap_or_else(PoisonError::into_inner);
        journals.check()?;
        Ok(journals)
    }

    /// A record was appended.
    pub(super) fn grown(&self, journals: MutexGuard<'_, Journals>) {
        let full = journals.active_len() >= self.settings.segment_len;
        drop(journals);
        if full {
            self.changed.notify_all();
        }
    }

    fn run(
        &self,
        mut integrator: Integrator,
        archive: &FileArchive,
        own: &Origin,
        integrated: &(dyn Fn(u64) + Send),
    ) -> Result<(), FatalLogError> {
        let refused = |error: io::Error| FatalLogError::new(Step::Integrate, error);
        loop {
            let urged = self.wait();
            self.rotate().map_err(refused)?;
            while let Some((mut segment, crowded)) = self.next_closed() {
                let size = integrator.integrate(&mut segment, crowded || urged)?;
                integrated(size);
                self.done(&segment);
            }
            archive.kept.settle_reported(own).map_err(|error| FatalLogError::new(Step::Integrate, error))?;
            let mut journals = self.lock();
            if urged {
                journals.urged = false;
            }
            if journals.closing {
                return Ok(());
            }
            drop(journals);
            self.changed.notify_all();
        }
    }

    /// Waits until there is something to do. Does somebody wait for it?
    fn wait(&self) -> bool {
        let idle = |journals: &mut Journals| {
            let full = journals.active_len() >= self.settings.segment_len;
            !(full || journals.urged || journals.closing || !journals.closed.is_empty())
        };
        let waited = self.changed.wait_timeout_while(self.lock(), self.settings.integration_interval, idle);
        waited.unwrap_or_else(PoisonError::into_inner).0.urged
    }

    /// Closes the segment that grows, if it holds anything; an empty one takes its place.
    fn rotate(&self) -> io::Result<()> {
        let mut journals = self.lock();
        if journals.closing || journals.active_len() == 0 {
            return Ok(());
        }
        let next = match journals.spare.take() {
            Some(spare) => spare,
            None => {
                let number = journals.next_number;
                journals.next_number += 1;
                // Records go on into the old one meanwhile.
                drop(journals);
                let created = Segment::create(&self.disk, &self.folder, number, &self.seed)?;
                journals = self.lock();
                created
            }
        };
        journals.waiting += journals.active_len();
        let closed = journals.active.replace(next);
        journals.closed.extend(closed);
        Ok(())
    }

    /// The oldest closed segment, and whether so much waits that appends will have to.
    fn next_closed(&self) -> Option<(Segment, bool)> {
        let mut journals = self.lock();
        let crowded = journals.waiting + journals.active_len() > self.settings.max_waiting / 4;
        let segment = if journals.closing { None } else { journals.closed.pop_front() };
        segment.map(|segment| (segment, crowded))
    }

    /// The segment is integrated.
    fn done(&self, segment: &Segment) {
        let mut journals = self.lock();
        journals.waiting = journals.waiting.saturating_sub(segment.len());
        drop(journals);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Journals> {
        self.journals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shared({})", self.folder.display())
    }
}
