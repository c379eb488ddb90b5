//! What the log's thread counts, for telemetry.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::store::WriteCost;

/// A reading of the counters since start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Batches made durable.
    pub batches: u64,
    /// Entries made durable.
    pub entries: u64,
    /// How often durability was asked for.
    pub flushes: u64,
    /// The most entries of one batch.
    pub largest_batch: u64,
    /// Look-ups that had to be repeated.
    pub look_agains: u64,
    /// Submissions refused because the queue was full.
    pub busy: u64,
    /// Nanoseconds spent writing.
    pub write_ns: u64,
    /// Nanoseconds spent waiting for durability.
    pub sync_ns: u64,
}

#[derive(Default)]
pub(super) struct AtomicCounters {
    batches: AtomicU64,
    entries: AtomicU64,
    flushes: AtomicU64,
    largest_batch: AtomicU64,
    look_agains: AtomicU64,
    busy: AtomicU64,
    write_ns: AtomicU64,
    sync_ns: AtomicU64,
}

impl AtomicCounters {
    pub(super) fn batch(&self, entries: usize, cost: WriteCost) {
        self.batches.fetch_add(1, Relaxed);
        self.entries.fetch_add(entries as u64, Relaxed);
        self.largest_batch.fetch_max(entries as u64, Relaxed);
        self.flushes.fetch_add(cost.flushes, Relaxed);
        self.write_ns.fetch_add(cost.write_ns, Relaxed);
        self.sync_ns.fetch_add(cost.sync_ns, Relaxed);
    }

    pub(super) fn look_again(&self) {
        self.look_agains.fetch_add(1, Relaxed);
    }

    pub(super) fn busy(&self) {
        self.busy.fetch_add(1, Relaxed);
    }

    pub(super) fn read(&self) -> Counters {
        Counters {
            batches: self.batches.load(Relaxed),
            entries: self.entries.load(Relaxed),
            flushes: self.flushes.load(Relaxed),
            largest_batch: self.largest_batch.load(Relaxed),
            look_agains: self.look_agains.load(Relaxed),
            busy: self.busy.load(Relaxed),
            write_ns: self.write_ns.load(Relaxed),
            sync_ns: self.sync_ns.load(Relaxed),
        }
    }
}
