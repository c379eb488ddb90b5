//! The one thread that appends to a log, and the handle through which requests reach it.
//!
//! Natural group commit: what arrives while a batch is being made durable is the next batch; there is no timer. A
//! runtime gets everything of one batch in one [`Delivery`] with one wake, and gets nothing that is not durable. Any
//! failure to sign, write or sync, and any panic, ends the thread and calls `on_fatal`, which must stop the process.

mod changes;
mod counters;
mod queue;
mod worker;

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use bytes::Bytes;
use huxin_attest::{Clock, Digest};

use crate::leaf::{Leaf, LeafType, Salt};
use crate::log::{Log, LogReader};
use crate::store::{Entry, EntryTooLong, FatalLogError, LogStore, Step};
use counters::AtomicCounters;
use queue::{Full, Item, Queue};
use worker::Worker;

pub use changes::{Guard, PersonKey};
pub use counters::Counters;

/// One of the node's runtimes, by its place among the wakers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RuntimeId(pub usize);

/// One stream to a peer, which gets this log's heads. Given by [`LogHandle::open_stream`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StreamId(u64);

/// Takes what one batch holds for one runtime: puts it into the runtime's box and wakes it, and never blocks.
pub type Waker = Box<dyn Fn(Delivery) + Send>;

/// Called once if the log stops; a node passes one that aborts the process.
pub type OnFatal = Box<dyn FnOnce(&FatalLogError) + Send>;

/// The writer's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How many submissions may wait before [`SubmitError::Busy`]. Default 4096.
    pub queue: usize,
    /// The most entries of one batch; 1 to 4096. Default 512.
    pub max_batch: usize,
    /// How long a change is remembered, in milliseconds: the request deadline, after which no look-up that began before
    /// it can still come. Default 2000.
    pub change_memory_ms: i64,
}

/// One entry to be logged.
pub struct Submission {
    /// Who waits for it.
    pub runtime: RuntimeId,
    /// The waiter's own number, handed back.
    pub ticket: u64,
    /// The leaf.
    pub leaf: Leaf,
    /// The salt of its public part.
    pub salt1: Salt,
    /// The public part, at most 8 KiB. It stays beside the log for good.
    pub public: Bytes,
    /// What else is kept, at most 128 KiB. It may be erased later.
    pub details: Bytes,
    /// The stream on which the answer goes out: it gets a head that covers the entry.
    pub stream: Option<StreamId>,
    /// For an answer: what the look-up saw.
    pub guard: Option<Guard>,
    /// For a change (leaf type 6), and only for it: whom it is about.
    pub change: Option<PersonKey>,
}

/// What one batch holds for one runtime. Send the heads before the answers.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// One head for each of the runtime's streams that the batch has an entry for.
    pub heads: Vec<(StreamId, Head)>,
    /// What became of the runtime's submissions.
    pub done: Vec<Done>,
    /// The log's size after the batch, to which every path leads.
    pub size: u64,
    /// The signed checkpoint of that size.
    pub checkpoint: Arc<str>,
}

/// A new head for one stream.
#[derive(Debug, Clone)]
pub struct Head {
    /// The signed checkpoint.
    pub checkpoint: Arc<str>,
    /// The proof from the size that this stream had before; empty from 0.
    pub consistency: Vec<Digest>,
}

/// What became of one submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// It is logged and durable.
    Logged {
        /// The waiter's number.
        ticket: u64,
        /// The entry's index.
        index: u64,
        /// The path from the leaf to the root of the delivery's size.
        path: Vec<Digest>,
    },
    /// The person's statements changed after the look-up: nothing was logged; look up again.
    LookAgain {
        /// The waiter's number.
        ticket: u64,
    },
}

/// Why a submission is not taken. Nothing was logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// Too many wait.
    #[error("the log is busy; try again later")]
    Busy,
    /// The log takes nothing more.
    #[error("the log is stopping; ask another node")]
    Stopped,
    /// A part is too long.
    #[error(transparent)]
    TooLong(#[from] EntryTooLong),
    /// A change without its person, or a person on what is no change.
    #[error("an entry names the person whose statements changed if and only if it is a change")]
    NotAChange,
    /// No such runtime.
    #[error("the log knows no such runtime; pass one waker for each")]
    UnknownRuntime,
}

/// Why a stream is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenStreamError {
    /// The peer knows a larger log than this one: one of both lost something, and heads must not start over.
    #[error("the peer has seen {known} entries of this log, which has {size}; find out who lost some")]
    SizeAhead {
        /// The size that the peer knows.
        known: u64,
        /// The size that this log has.
        size: u64,
    },
    /// The log does not take it.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

/// Owns the thread. Dropping it closes the log too, without telling how it went.
pub struct LogWriter {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Result<(), FatalLogError>>>,
}

/// Reaches the log from any thread. Cheap to clone.
#[derive(Clone)]
pub struct LogHandle {
    shared: Arc<Shared>,
}

struct Shared {
    queue: Queue,
    reader: LogReader,
    runtimes: usize,
    next_stream: AtomicU64,
    changes: AtomicU64,
    counters: AtomicCounters,
}

/// A submission in the queue: its leaf is hashed already.
struct Waiting {
    runtime: RuntimeId,
    ticket: u64,
    entry: Entry,
    stream: Option<StreamId>,
    guard: Option<Guard>,
    change: Option<PersonKey>,
}

impl LogWriter {
    /// Starts the thread. `wakers` has one waker for each runtime.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start<S: LogStore>(
        log: Log<S>,
        settings: Settings,
        wakers: Vec<Waker>,
        clock: Arc<dyn Clock>,
        on_fatal: OnFatal,
    ) -> io::Result<(Self, LogHandle)> {
        let shared = Arc::new(Shared {
            queue: Queue::new(settings.queue),
            reader: log.reader().clone(),
            runtimes: wakers.len(),
            next_stream: AtomicU64::new(0),
            changes: AtomicU64::new(0),
            counters: AtomicCounters::default(),
        });
        let mut worker = Worker::new(log, settings, wakers, clock, Arc::clone(&shared));
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("log".into()).spawn(move || {
            let panicked = |_| Err(FatalLogError::new(Step::Thread, "it panicked"));
            let ended = catch_unwind(AssertUnwindSafe(|| worker.run())).unwrap_or_else(panicked);
            theirs.queue.stop();
            // Before the worker is dropped: closing files on a sick disk can take long.
            if let Err(error) = &ended {
                tracing::error!(%error, "the log stopped");
                on_fatal(error);
            }
            drop(worker);
            ended
        })?;
        Ok((Self { shared: Arc::clone(&shared), thread: Some(thread) }, LogHandle { shared }))
    }

    /// Takes no more submissions, logs and delivers those that wait, makes everything durable and ends the thread.
    ///
    /// # Errors
    /// If the log stopped before.
    pub fn close(mut self) -> Result<(), FatalLogError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), FatalLogError> {
        self.shared.queue.stop();
        let Some(thread) = self.thread.take() else { return Ok(()) };
        thread.join().unwrap_or_else(|_| Err(FatalLogError::new(Step::Thread, "it panicked")))
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        // The thread reported its own failure.
        let _ = self.end();
    }
}

impl LogHandle {
    /// Hands over an entry; what became of it comes with a later [`Delivery`].
    ///
    /// # Errors
    /// If the log does not take it; nothing was logged.
    pub fn submit(&self, submission: Submission) -> Result<(), SubmitError> {
        let Submission { runtime, ticket, leaf, salt1, public, details, stream, guard, change } = submission;
        self.check(runtime)?;
        if change.is_some() != (leaf.leaf_type == LeafType::Change) {
            return Err(SubmitError::NotAChange);
        }
        let entry = Entry::new(&leaf, salt1, public, details)?;
        self.push(Item::Submit(Waiting { runtime, ticket, entry, stream, guard, change }))
    }

    /// Announces a stream of this runtime whose peer knows the log up to `known_size` (0: nothing). From then on every
    /// batch with an entry for the stream brings it a head, proved from the size before.
    ///
    /// # Errors
    /// If the peer knows more than the log has, or the log takes nothing now.
    pub fn open_stream(&self, runtime: RuntimeId, known_size: u64) -> Result<StreamId, OpenStreamError> {
        self.check(runtime)?;
        let size = self.shared.reader.size();
        if known_size > size {
            return Err(OpenStreamError::SizeAhead { known: known_size, size });
        }
        let stream = StreamId(self.shared.next_stream.fetch_add(1, Ordering::Relaxed));
        self.push(Item::Open { runtime, stream, known_size })?;
        Ok(stream)
    }

    /// Forgets a stream. Entries that were submitted for it are still logged.
    pub fn close_stream(&self, stream: StreamId) {
        // Refused only once the log has stopped, and then there are no streams.
        let _ = self.push(Item::Close(stream));
    }

    /// The number of changes so far. Read it *before* the snapshot of a look-up, and put it into the [`Guard`].
    pub fn change_counter(&self) -> u64 {
        self.shared.changes.load(Ordering::Acquire)
    }

    /// Heads, inclusion and consistency proofs, entries: answered at once, on the caller's thread. `Join` between two
    /// streams is [`LogReader::consistency`].
    pub fn reader(&self) -> &LogReader {
        &self.shared.reader
    }

    /// The counters since start.
    pub fn counters(&self) -> Counters {
        self.shared.counters.read()
    }

    fn check(&self, runtime: RuntimeId) -> Result<(), SubmitError> {
        if runtime.0 < self.shared.runtimes { Ok(()) } else { Err(SubmitError::UnknownRuntime) }
    }

    fn push(&self, item: Item) -> Result<(), SubmitError> {
        self.shared.queue.push(item).map_err(|full| match full {
            Full::Stopped => SubmitError::Stopped,
            Full::Busy => {
                self.shared.counters.busy();
                SubmitError::Busy
            }
        })
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { queue: 4096, max_batch: 512, change_memory_ms: 2000 }
    }
}

impl fmt::Debug for LogHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogHandle({:?})", self.shared.reader)
    }
}
