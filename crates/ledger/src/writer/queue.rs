//! What waits for the log's thread: bounded, first in first out, taken whole.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::{RuntimeId, StreamId, Waiting};
use crate::store::{MAX_BATCH_BYTES, MAX_BATCH_ENTRIES};

/// The most bytes of public parts and details that wait, whatever the number of entries.
const MAX_WAITING_BYTES: usize = 64 * 1024 * 1024;

#[allow(
    clippy::large_enum_variant,
    reason = "nearly every item is a submission: a box for each would only be one more"
)]
pub(super) enum Item {
    Submit(Waiting),
    Open { runtime: RuntimeId, stream: StreamId, known_size: u64 },
    Close(StreamId),
}

/// Why the queue does not take an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    Busy,
    Stopped,
}

pub(super) struct Queue {
    bound: usize,
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Default)]
struct State {
    items: VecDeque<Item>,
    bytes: usize,
    /// No new items; those that wait are still taken.
    stopping: bool,
    /// Does the thread sleep? Only then is a wake worth its system call.
    idle: bool,
}

impl Item {
    fn len(&self) -> usize {
        match self {
            Self::Submit(waiting) => waiting.entry.kept_len(),
            Self::Open { .. } | Self::Close(_) => 0,
        }
    }
}

impl Queue {
    pub(super) fn new(bound: usize) -> Self {
        Self { bound, state: Mutex::default(), filled: Condvar::new() }
    }

    pub(super) fn push(&self, item: Item) -> Result<(), Full> {
        let mut state = self.lock();
        if state.stopping {
            return Err(Full::Stopped);
        }
        let len = item.len();
        // A close always fits: there are no more of them than opens that were taken.
        let closes = matches!(item, Item::Close(_));
        if !closes && (state.items.len() >= self.bound || state.bytes + len > MAX_WAITING_BYTES) {
            return Err(Full::Busy);
        }
        state.bytes += len;
        state.items.push_back(item);
        let wake = std::mem::take(&mut state.idle);
        drop(state);
        if wake {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Waits until something waits, then fills the empty `batch` with it, up to the limits of one batch; `false` once
    /// the queue is stopped and empty.
    pub(super) fn take(&self, batch: &mut VecDeque<Item>, max_entries: usize) -> bool {
        let mut state = self.lock();
        while state.items.is_empty() {
            if state.stopping {
                return false;
            }
            state.idle = true;
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let max_entries = max_entries.clamp(1, MAX_BATCH_ENTRIES);
        if state.items.len() <= max_entries && state.bytes <= MAX_BATCH_BYTES {
            state.bytes = 0;
            std::mem::swap(&mut state.items, batch);
            return true;
        }
        let mut bytes = 0;
        let mut count = 0;
        for item in state.items.iter().take(max_entries) {
            bytes += item.len();
            if bytes > MAX_BATCH_BYTES {
                bytes -= item.len();
                break;
            }
            count += 1;
        }
        state.bytes -= bytes;
        batch.extend(state.items.drain(..count));
        true
    }

    /// Takes no more items.
    pub(super) fn stop(&self) {
        self.lock().stopping = true;
        self.filled.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
