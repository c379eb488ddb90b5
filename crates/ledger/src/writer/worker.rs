//! What the log's thread does with a batch: judge look-ups, append, make heads and paths, deliver.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use huxin_attest::Clock;

use super::changes::Changes;
use super::queue::Item;
use super::{Delivery, Done, Head, RuntimeId, Settings, Shared, StreamId, Waiting, Waker};
use crate::log::{Appended, Log, ReadError};
use crate::store::{Entry, FatalLogError, LogStore, Step};

pub(super) struct Worker<S> {
    log: Log<S>,
    max_batch: usize,
    wakers: Vec<Waker>,
    clock: Arc<dyn Clock>,
    shared: Arc<Shared>,
    changes: Changes,
    streams: HashMap<StreamId, Stream>,
    entries: Vec<Entry>,
    logged: Vec<Ticket>,
}

struct Stream {
    runtime: RuntimeId,
    /// The size of the last head that was made for it.
    size: u64,
}

/// Who waits for the entry at the same place in the batch.
struct Ticket {
    runtime: RuntimeId,
    ticket: u64,
    stream: Option<StreamId>,
}

impl<S: LogStore> Worker<S> {
    pub(super) fn new(
        log: Log<S>,
        settings: Settings,
        wakers: Vec<Waker>,
        clock: Arc<dyn Clock>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            log,
            max_batch: settings.max_batch,
            wakers,
            clock,
            shared,
            changes: Changes::new(settings.change_memory_ms),
            streams: HashMap::new(),
            entries: Vec::new(),
            logged: Vec::new(),
        }
    }

    pub(super) fn run(&mut self) -> Result<(), FatalLogError> {
        let mut batch = VecDeque::new();
        while self.shared.queue.take(&mut batch, self.max_batch) {
            self.process(&mut batch)?;
        }
        self.log.end()
    }

    fn process(&mut self, batch: &mut VecDeque<Item>) -> Result<(), FatalLogError> {
        let mut deliveries = self.empty_deliveries();
        self.changes.forget(self.clock.now());
        for item in batch.drain(..) {
            match item {
                Item::Open { runtime, stream, known_size } => {
                    self.streams.insert(stream, Stream { runtime, size: known_size });
                }
                Item::Close(stream) => {
                    self.streams.remove(&stream);
                }
                Item::Submit(waiting) => self.judge(waiting, &mut deliveries),
            }
        }
        if !self.entries.is_empty() {
            let appended = self.log.append(&self.entries)?;
            self.shared.counters.batch(self.entries.len(), appended.cost);
            self.entries.clear();
            self.prove(&appended, &mut deliveries).map_err(|error| FatalLogError::new(Step::Batch, error))?;
        }
        self.deliver(deliveries);
        Ok(())
    }

    /// In the order of the queue: an answer before its person's change is an access that the push will find, an answer
    /// behind it is sent back.
    fn judge(&mut self, waiting: Waiting, deliveries: &mut [Delivery]) {
        let Waiting { runtime, ticket, entry, stream, guard, change } = waiting;
        if guard.is_some_and(|guard| !self.changes.holds(&guard)) {
            self.shared.counters.look_again();
            if let Some(delivery) = deliveries.get_mut(runtime.0) {
                delivery.done.push(Done::LookAgain { ticket });
            }
            return;
        }
        if let Some(person) = change {
            let counter = self.changes.note(person, self.clock.now());
            self.shared.changes.store(counter, Ordering::Release);
        }
        self.entries.push(entry);
        self.logged.push(Ticket { runtime, ticket, stream });
    }

    fn prove(&mut self, appended: &Appended, deliveries: &mut [Delivery]) -> Result<(), ReadError> {
        let head = appended.head.checkpoint();
        for stream in self.logged.iter().filter_map(|waiter| waiter.stream) {
            // A stream that was closed meanwhile gets nothing; one that has its head already does not get it twice.
            let Some(state) = self.streams.get_mut(&stream).filter(|state| state.size < head.size) else {
                continue;
            };
            let consistency = self.log.reader().consistency_to(state.size, appended)?;
            state.size = head.size;
            if let Some(delivery) = deliveries.get_mut(state.runtime.0) {
                let checkpoint = Arc::clone(appended.head.text());
                delivery.heads.push((stream, Head { checkpoint, consistency }));
            }
        }
        let mut path_of = self.log.reader().paths(appended);
        for (waiter, index) in self.logged.drain(..).zip(appended.first..) {
            let path = path_of(index)?;
            if let Some(delivery) = deliveries.get_mut(waiter.runtime.0) {
                delivery.done.push(Done::Logged { ticket: waiter.ticket, index, path });
            }
        }
        Ok(())
    }

    fn empty_deliveries(&self) -> Vec<Delivery> {
        let empty = || Delivery { heads: Vec::new(), done: Vec::new(), size: 0, checkpoint: Arc::from("") };
        self.wakers.iter().map(|_| empty()).collect()
    }

    fn deliver(&self, deliveries: Vec<Delivery>) {
        let head = self.log.head();
        for (waker, mut delivery) in self.wakers.iter().zip(deliveries) {
            if delivery.heads.is_empty() && delivery.done.is_empty() {
                continue;
            }
            delivery.size = head.checkpoint().size;
            delivery.checkpoint = Arc::clone(head.text());
            waker(delivery);
        }
    }
}
