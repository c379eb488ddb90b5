//! The watermark: a recent checkpoint beside the journals, which recovery must reach.
//!
//! It catches a journal that lost its end, as a copy restored from yesterday has: starting on it would fork the log. It
//! is written in the background and never names a checkpoint whose record is not durable.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::disk::{self, Disk};
use crate::note::MAX_NOTE_LEN;
use crate::store::{FatalLogError, Step};

/// Replaces the file in a thread of its own, at most once an interval and at the end.
#[derive(Debug)]
pub(super) struct WatermarkKeeper {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    newest: Option<Arc<str>>,
    closing: bool,
    failed: Option<FatalLogError>,
}

pub(super) fn read(path: &Path) -> io::Result<Option<String>> {
    let Some(bytes) = disk::read(path, MAX_NOTE_LEN)? else { return Ok(None) };
    let text = String::from_utf8(bytes);
    text.map(Some).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the watermark is not text"))
}

impl WatermarkKeeper {
    pub(super) fn start(disk: Disk, path: PathBuf, interval: Duration) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("log-watermark".into())
            .spawn(move || theirs.keep(&disk, &path, interval))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// The checkpoint is durable in a journal.
    pub(super) fn set(&self, checkpoint: Arc<str>) {
        self.shared.lock().newest = Some(checkpoint);
        self.shared.changed.notify_one();
    }

    /// Has writing failed?
    pub(super) fn check(&self) -> Result<(), FatalLogError> {
        self.shared.lock().failed.clone().map_or(Ok(()), Err)
    }

    /// Writes what is newest and ends.
    pub(super) fn close(&mut self) -> Result<(), FatalLogError> {
        self.shared.lock().closing = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            return Err(FatalLogError::new(Step::Watermark, "its thread panicked"));
        }
        self.check()
    }
}

impl Drop for WatermarkKeeper {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(%error, "the watermark was not kept");
        }
    }
}

impl Shared {
    fn keep(&self, disk: &Disk, path: &Path, interval: Duration) {
        let mut state = self.lock();
        loop {
            state = self
                .changed
                .wait_while(state, |state| state.newest.is_none() && !state.closing)
                .unwrap_or_else(PoisonError::into_inner);
            let Some(newest) = state.newest.take() else { return };
            drop(state);
            let replaced = disk.replace(path, newest.as_bytes());
            state = self.lock();
            if let Err(error) = replaced {
                state.failed = Some(FatalLogError::new(Step::Watermark, error));
                return;
            }
            state = self
                .changed
                .wait_timeout_while(state, interval, |state| !state.closing)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
