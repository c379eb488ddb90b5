//! Logs to test with: fixed keys, times and randomness, and stores that fail or block on command.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use huxin_attest::{Clock, Ed25519Key, Random, UnixMs, sha256};
use huxin_ledger::log::OpenError;
use huxin_ledger::store::{Archive, Base, EachRecord, Integrated, RecoverError, Step, WriteCost};
use huxin_ledger::{
    Delivery, Entry, FatalLogError, FileSettings, FileStore, Leaf, LeafType, Log, LogSigner, LogStore,
    Origin, Salt, SignedCheckpoint,
};

pub(crate) const NOW_MS: i64 = 1_657_242_000_000;

pub(crate) struct TestRandom(pub(crate) u8);

impl Random for TestRandom {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_mul(181).wrapping_add(101);
            *byte = self.0;
        }
    }
}

pub(crate) struct TestClock(pub(crate) AtomicI64);

impl TestClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(NOW_MS)))
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixMs {
        UnixMs::from_ms(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

pub(crate) fn origin() -> Origin {
    "hb.example/log/0".parse().unwrap()
}

pub(crate) fn key() -> Box<Ed25519Key> {
    Box::new(Ed25519Key::from_seed(&[5; 32]).unwrap())
}

pub(crate) fn signer() -> LogSigner {
    LogSigner::new(origin(), key())
}

pub(crate) fn leaf(number: u64) -> Leaf {
    let commitment = sha256(&[&number.to_be_bytes()]);
    Leaf { leaf_type: LeafType::Answer, at: UnixMs::from_ms(NOW_MS).unwrap(), commitment }
}

pub(crate) fn salt(number: u64) -> Salt {
    Salt([number as u8; 16])
}

pub(crate) fn public(number: u64) -> Vec<u8> {
    format!("public {number}").into_bytes()
}

pub(crate) fn details(number: u64) -> Vec<u8> {
    format!("details {number}").into_bytes()
}

pub(crate) fn entry(number: u64) -> Entry {
    Entry::new(&leaf(number), salt(number), public(number), details(number)).unwrap()
}

pub(crate) fn entries(numbers: std::ops::Range<u64>) -> Vec<Entry> {
    numbers.map(entry).collect()
}

/// Nothing happens by itself: the watermark is written at once and then not again before the end, and records are
/// integrated when a test says so.
pub(crate) fn settings() -> FileSettings {
    let hour = Duration::from_secs(3600);
    FileSettings { watermark_interval: hour, integration_interval: hour, ..FileSettings::default() }
}

pub(crate) fn journal(folder: &Path) -> Result<FileStore, RecoverError> {
    FileStore::open(folder, &mut TestRandom(9), settings())
}

pub(crate) fn open(folder: &Path) -> Result<Log<FileStore>, OpenError> {
    Log::open(journal(folder)?, origin(), key())
}

/// The file of the first journal segment.
pub(crate) const FIRST: &str = "journal-0000000001";

/// What happens at the append with this number, counted from 0.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// The record is lost, and the store says so.
    Failed(usize),
    /// The record is durable, but the store says that it failed.
    FailedButPersisted(usize),
    /// The thread panics.
    Panics(usize),
}

/// A store that fails once.
pub(crate) struct FaultyStore<S> {
    pub(crate) inner: S,
    pub(crate) fault: Fault,
    pub(crate) appends: usize,
}

impl<S> FaultyStore<S> {
    pub(crate) fn new(inner: S, fault: Fault) -> Self {
        Self { inner, fault, appends: 0 }
    }
}

/// What a store that only meddles with appending leaves to the one inside.
macro_rules! all_but_appending {
    () => {
        fn archive(&self) -> Arc<dyn Archive> {
            self.inner.archive()
        }

        fn base(&mut self) -> Result<Option<Base>, RecoverError> {
            self.inner.base()
        }

        fn start(&mut self, own: Origin, integrated: Integrated) -> Result<(), RecoverError> {
            self.inner.start(own, integrated)
        }

        fn integrate(&mut self) -> Result<(), FatalLogError> {
            self.inner.integrate()
        }

        fn recover(&mut self, each: &mut EachRecord<'_>) -> Result<(), RecoverError> {
            self.inner.recover(each)
        }

        fn watermark(&mut self) -> Result<Option<String>, RecoverError> {
            self.inner.watermark()
        }
    };
}

impl<S: LogStore> LogStore for FaultyStore<S> {
    all_but_appending!();

    fn append(
        &mut self,
        first: u64,
        batch: &[Entry],
        checkpoint: &SignedCheckpoint,
    ) -> Result<WriteCost, FatalLogError> {
        let number = self.appends;
        self.appends += 1;
        match self.fault {
            Fault::Failed(at) if at == number => Err(FatalLogError::new(Step::Sync, "injected")),
            Fault::FailedButPersisted(at) if at == number => {
                self.inner.append(first, batch, checkpoint)?;
                Err(FatalLogError::new(Step::Sync, "injected"))
            }
            Fault::Panics(at) if at == number => panic!("injected"),
            _ => self.inner.append(first, batch, checkpoint),
        }
    }

    fn close(&mut self) -> Result<(), FatalLogError> {
        self.inner.close()
    }
}

/// A store whose appends wait until the gate opens.
pub(crate) struct GatedStore<S> {
    pub(crate) inner: S,
    pub(crate) gate: Arc<Gate>,
}

#[derive(Default)]
pub(crate) struct Gate {
    /// Is it open, and how many appends have come to it?
    state: Mutex<(bool, usize)>,
    changed: Condvar,
}

impl Gate {
    pub(crate) fn open(&self) {
        self.state.lock().unwrap().0 = true;
        self.changed.notify_all();
    }

    /// Waits until an append stands at the gate.
    pub(crate) fn wait_for_append(&self) {
        let state = self.state.lock().unwrap();
        drop(self.changed.wait_while(state, |(_, came)| *came == 0).unwrap());
    }

    fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.1 += 1;
        self.changed.notify_all();
        // A test that failed never opens it: its threads must still end.
        let limit = Duration::from_secs(20);
        drop(self.changed.wait_timeout_while(state, limit, |(open, _)| !*open).unwrap());
    }
}

impl<S: LogStore> LogStore for GatedStore<S> {
    all_but_appending!();

    fn append(
        &mut self,
        first: u64,
        batch: &[Entry],
        checkpoint: &SignedCheckpoint,
    ) -> Result<WriteCost, FatalLogError> {
        self.gate.pass();
        self.inner.append(first, batch, checkpoint)
    }

    fn close(&mut self) -> Result<(), FatalLogError> {
        self.inner.close()
    }
}

/// A runtime's box: what was delivered, in order.
#[derive(Clone, Default)]
pub(crate) struct Inbox(Arc<(Mutex<Vec<Delivery>>, Condvar)>);

impl Inbox {
    pub(crate) fn waker(&self) -> Box<dyn Fn(Delivery) + Send> {
        let inbox = self.clone();
        Box::new(move |delivery| {
            inbox.0.0.lock().unwrap().push(delivery);
            inbox.0.1.notify_all();
        })
    }

    /// Waits until `count` submissions are done, and takes everything delivered.
    pub(crate) fn wait_for(&self, count: usize) -> Vec<Delivery> {
        let done = |all: &Vec<Delivery>| all.iter().map(|delivery| delivery.done.len()).sum::<usize>();
        let waiting = self.0.0.lock().unwrap();
        let limit = Duration::from_secs(60);
        let (mut all, timeout) =
            self.0.1.wait_timeout_while(waiting, limit, |all| done(all) < count).unwrap();
        assert!(!timeout.timed_out(), "only {} of {count} were done", done(&all));
        std::mem::take(&mut all)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.0.lock().unwrap().is_empty()
    }
}
