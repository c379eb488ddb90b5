//! One runtime's port to the log: tickets out, deliveries in, one wake a batch.
//!
//! Waiters are completed by a task of the same runtime ([`crate::delivery`]), so no wake crosses threads but one for
//! each batch.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use huxin_attest::Digest;
use huxin_ledger::writer::SubmitError;
use huxin_ledger::{Guard, Leaf, LogHandle, ReadError, RuntimeId, Salt, StreamId, Submission};
use huxin_wire::{Failure, Reason};
use tokio::sync::oneshot;

use crate::exchange::PendingAnswer;
use crate::inbox::Inbox;
use crate::sealed::Sealed;

/// A durable entry, with its proof.
#[derive(Debug, Clone)]
pub struct Logged {
    /// Its place in the log.
    pub index: u64,
    /// Its inclusion path in the tree of the checkpoint.
    pub path: Vec<Digest>,
    /// The signed checkpoint.
    pub checkpoint: Arc<str>,
}

/// Who waits for an entry.
pub enum Waiter {
    /// A call of this runtime.
    Call(oneshot::Sender<Logged>),
    /// A peer, on its stream.
    Answer(Box<PendingAnswer>),
    /// Nobody: the entry is written for the record.
    Nobody,
}

/// What is to be logged.
pub struct Entry {
    /// The leaf.
    pub leaf: Leaf,
    /// The salt of its public half.
    pub salt1: Salt,
    /// The public half.
    pub public: Bytes,
    /// What is kept beside it and may be erased.
    pub details: Bytes,
    /// The peer's stream that gets a head for it.
    pub stream: Option<StreamId>,
    /// What the look-up behind it saw.
    pub guard: Option<Guard>,
    /// The person whose facts it says to have changed.
    pub change: Option<[u8; 32]>,
}

impl Entry {
    /// An entry that neither rests on a look-up nor is a change.
    pub fn new(sealed: &Sealed) -> Self {
        let Sealed { leaf, salt1, public, salt2: _, details } = sealed;
        Self {
            leaf: *leaf,
            salt1: *salt1,
            public: public.clone(),
            details: details.clone(),
            stream: None,
            guard: None,
            change: None,
        }
    }
}

/// The port.
pub struct LogPort {
    runtime: RuntimeId,
    handle: LogHandle,
    inbox: Arc<Inbox>,
    next_ticket: AtomicU64,
    waiting: Mutex<HashMap<u64, Waiter>>,
}

impl LogPort {
    /// The port of runtime `index`, whose deliveries arrive in `inbox`.
    pub fn new(index: usize, handle: LogHandle, inbox: Arc<Inbox>) -> Self {
        let runtime = RuntimeId(index);
        Self { runtime, handle, inbox, next_ticket: AtomicU64::new(0), waiting: Mutex::default() }
    }

    /// Which runtime's port this is.
    pub const fn runtime(&self) -> RuntimeId {
        self.runtime
    }

    /// Where deliveries arrive.
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Hands an entry to the log.
    ///
    /// # Errors
    /// If the log does not take it; the waiter is given back.
    pub fn submit(&self, entry: Entry, waiter: Waiter) -> Result<(), (Failure, Waiter)> {
        let ticket = self.next_ticket.fetch_add(1, Ordering::Relaxed);
        let Entry { leaf, salt1, public, details, stream, guard, change } = entry;
        self.waiting().insert(ticket, waiter);
        let runtime = self.runtime;
        let submission = Submission { runtime, ticket, leaf, salt1, public, details, stream, guard, change };
        self.handle.submit(submission).map_err(|error| {
            let waiter = self.take(ticket).unwrap_or(Waiter::Nobody);
            (submit_failure(error), waiter)
        })
    }

    /// Logs an entry and waits until it is durable.
    ///
    /// # Errors
    /// If the log does not take it, or stops.
    pub async fn append(&self, entry: Entry) -> Result<Logged, Failure> {
        let (sender, receiver) = oneshot::channel();
        self.submit(entry, Waiter::Call(sender)).map_err(|(failure, _)| failure)?;
        receiver.await.map_err(|_| Failure::from(Reason::ShuttingDown))
    }

    /// Takes the waiter of a ticket.
    pub fn take(&self, ticket: u64) -> Option<Waiter> {
        self.waiting().remove(&ticket)
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<u64, Waiter>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why the log does not show something, as it is told outside.
pub fn read_failure(error: ReadError) -> Failure {
    let reason = match error {
        ReadError::Beyond(_) => Reason::NotInLog,
        _ => Reason::Internal,
    };
    Failure::new(reason, error.to_string())
}

fn submit_failure(error: SubmitError) -> Failure {
    match error {
        SubmitError::Busy => Reason::Overloaded.into(),
        SubmitError::Stopped => Reason::ShuttingDown.into(),
        SubmitError::TooLong(_) | SubmitError::UnknownRuntime | SubmitError::NotAChange => {
            Failure::new(Reason::Internal, error.to_string())
        }
    }
}
