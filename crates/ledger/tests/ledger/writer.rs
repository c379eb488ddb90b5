use std::collections::HashMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use huxin_ledger::heads::KnownHead;
use huxin_ledger::store::EntryTooLong;
use huxin_ledger::writer::{OpenStreamError, Settings, SubmitError};
use huxin_ledger::{
    Delivery, Done, FileStore, Guard, HeadTracker, LeafType, Log, LogHandle, LogStore, LogWriter, RuntimeId,
    Submission,
};
use tempfile::TempDir;

use crate::support::{
    Gate, GatedStore, Inbox, TestClock, details, entries, journal, key, leaf, open, origin, public, salt,
    signer,
};

const PERSON: [u8; 32] = [7; 32];

struct Running {
    folder: TempDir,
    writer: LogWriter,
    handle: LogHandle,
    inboxes: Vec<Inbox>,
    clock: Arc<TestClock>,
}

fn start(runtimes: usize) -> Running {
    let folder = TempDir::new().unwrap();
    let log = open(folder.path()).unwrap();
    start_on(folder, log, runtimes, Settings::default())
}

fn start_on<S: LogStore>(folder: TempDir, log: Log<S>, runtimes: usize, settings: Settings) -> Running {
    let inboxes: Vec<Inbox> = (0..runtimes).map(|_| Inbox::default()).collect();
    let wakers = inboxes.iter().map(Inbox::waker).collect();
    let clock = TestClock::new();
    let on_fatal = Box::new(|error: &_| panic!("{error}"));
    let (writer, handle) = LogWriter::start(log, settings, wakers, clock.clone(), on_fatal).unwrap();
    Running { folder, writer, handle, inboxes, clock }
}

fn gated(settings: Settings) -> (Running, Arc<Gate>) {
    let folder = TempDir::new().unwrap();
    let gate = Arc::new(Gate::default());
    let store = GatedStore { inner: journal(folder.path()).unwrap(), gate: Arc::clone(&gate) };
    let log = Log::open(store, origin(), key()).unwrap();
    (start_on(folder, log, 1, settings), gate)
}

fn submission(ticket: u64) -> Submission {
    Submission {
        runtime: RuntimeId(0),
        ticket,
        leaf: leaf(ticket),
        salt1: salt(ticket),
        public: public(ticket).into(),
        details: details(ticket).into(),
        stream: None,
        guard: None,
        change: None,
    }
}

fn answer(ticket: u64, seen: u64) -> Submission {
    Submission { guard: Some(Guard { person: PERSON, seen }), ..submission(ticket) }
}

fn change(ticket: u64) -> Submission {
    let mut leaf = leaf(ticket);
    leaf.leaf_type = LeafType::Change;
    Submission { leaf, change: Some(PERSON), ..submission(ticket) }
}

/// Follows the deliveries as a peer would: index by ticket, every path verified against the delivery's checkpoint.
fn verified(deliveries: &[Delivery]) -> HashMap<u64, u64> {
    let mut indices = HashMap::new();
    for delivery in deliveries {
        let checkpoint = signer().verifier().verify(&delivery.checkpoint).unwrap();
        let head = checkpoint.checkpoint();
        assert_eq!(head.size, delivery.size);
        for done in &delivery.done {
            let Done::Logged { ticket, index, path } = done else { panic!("{done:?}") };
            let hash = leaf(*ticket).hash();
            assert!(huxin_ledger::proof::verify_inclusion(&hash, *index, head.size, path, &head.root));
            assert_eq!(indices.insert(*ticket, *index), None);
        }
    }
    indices
}

#[test]
fn a_thousand_concurrent_submitters_get_paths_that_verify() {
    let running = start(2);
    std::thread::scope(|scope| {
        for ticket in 0..1000 {
            let handle = running.handle.clone();
            scope.spawn(move || {
                let runtime = RuntimeId((ticket % 2) as usize);
                handle.submit(Submission { runtime, ..submission(ticket) }).unwrap();
            });
        }
    });
    let deliveries: Vec<_> = running.inboxes.iter().map(|inbox| inbox.wait_for(500)).collect();
    for (runtime, deliveries) in deliveries.iter().enumerate() {
        let indices = verified(deliveries);
        assert!(indices.len() == 500 && indices.keys().all(|ticket| (*ticket % 2) as usize == runtime));
    }
    let counters = running.handle.counters();
    assert_eq!((counters.entries, counters.flushes), (1000, counters.batches));
    let most = deliveries.iter().map(|deliveries| deliveries.len() as u64).max().unwrap();
    assert!(most <= counters.batches, "one delivery a runtime and batch");
    running.writer.close().unwrap();
    assert_eq!(open(running.folder.path()).unwrap().head().checkpoint().size, 1000);
}

#[test]
fn what_waits_while_a_batch_is_written_is_the_next_batch() {
    let (running, gate) = gated(Settings::default());
    running.handle.submit(submission(0)).unwrap();
    gate.wait_for_append();
    (1..=40).for_each(|ticket| running.handle.submit(submission(ticket)).unwrap());
    gate.open();
    let deliveries = running.inboxes[0].wait_for(41);
    assert_eq!(deliveries.iter().map(|delivery| delivery.done.len()).collect::<Vec<_>>(), [1, 40]);
    assert_eq!(verified(&deliveries).len(), 41);
    let counters = running.handle.counters();
    assert_eq!((counters.batches, counters.flushes, counters.largest_batch), (2, 2, 40));
}

#[test]
fn nothing_is_delivered_or_proved_before_it_is_durable() {
    let (running, gate) = gated(Settings::default());
    running.handle.submit(submission(0)).unwrap();
    gate.wait_for_append();
    assert!(running.inboxes[0].is_empty());
    let reader = running.handle.reader();
    assert_eq!(reader.size(), 0);
    assert!(reader.entry(0).is_err() && reader.inclusion(0, 1).is_err() && reader.consistency(0, 1).is_err());
    gate.open();
    running.inboxes[0].wait_for(1);
    assert_eq!(reader.entry(0).unwrap(), leaf(0));
}

#[test]
fn a_full_queue_refuses_and_loses_nothing_that_it_took() {
    let (running, gate) = gated(Settings { queue: 8, max_batch: 3, ..Settings::default() });
    running.handle.submit(submission(0)).unwrap();
    gate.wait_for_append();
    (1..=8).for_each(|ticket| running.handle.submit(submission(ticket)).unwrap());
    assert_eq!(running.handle.submit(submission(9)), Err(SubmitError::Busy));
    assert_eq!(running.handle.counters().busy, 1);
    gate.open();
    let deliveries = running.inboxes[0].wait_for(9);
    assert_eq!(deliveries.iter().map(|delivery| delivery.done.len()).collect::<Vec<_>>(), [1, 3, 3, 2]);
    let indices = verified(&deliveries);
    assert!((0..9).all(|ticket| indices[&ticket] == ticket), "first in, first out");
}

#[test]
fn a_submission_that_cannot_be_served_is_refused_at_once() {
    let running = start(1);
    let far = Submission { runtime: RuntimeId(1), ..submission(0) };
    assert_eq!(running.handle.submit(far), Err(SubmitError::UnknownRuntime));
    let long = Submission { details: vec![0; 128 * 1024 + 1].into(), ..submission(0) };
    assert_eq!(running.handle.submit(long), Err(SubmitError::TooLong(EntryTooLong)));
    let nobody = Submission { change: None, ..change(0) };
    assert_eq!(running.handle.submit(nobody), Err(SubmitError::NotAChange));
    let unchanged = Submission { change: Some(PERSON), ..submission(0) };
    assert_eq!(running.handle.submit(unchanged), Err(SubmitError::NotAChange));
    running.writer.close().unwrap();
    assert_eq!(running.handle.submit(submission(0)), Err(SubmitError::Stopped));
}

#[test]
fn an_answer_behind_a_change_that_it_did_not_see_looks_again() {
    let running = start(1);
    let seen = running.handle.change_counter();
    running.handle.submit(change(1)).unwrap();
    running.handle.submit(answer(2, seen)).unwrap();
    let done: Vec<Done> = running.inboxes[0].wait_for(2).into_iter().flat_map(|d| d.done).collect();
    assert!(done.contains(&Done::LookAgain { ticket: 2 }));
    assert_eq!(running.handle.reader().size(), 1, "only the change is logged");
    assert_eq!((running.handle.change_counter(), running.handle.counters().look_agains), (seen + 1, 1));
    running.handle.submit(answer(3, running.handle.change_counter())).unwrap();
    let again = running.inboxes[0].wait_for(1);
    assert!(matches!(again[0].done[..], [Done::Logged { ticket: 3, index: 1, .. }]));
}

#[test]
fn an_answer_before_a_change_is_an_access_that_the_push_will_find() {
    let running = start(1);
    running.handle.submit(answer(1, running.handle.change_counter())).unwrap();
    running.handle.submit(change(2)).unwrap();
    let done: Vec<Done> = running.inboxes[0].wait_for(2).into_iter().flat_map(|d| d.done).collect();
    assert!(matches!(
        done[..],
        [Done::Logged { ticket: 1, index: 0, .. }, Done::Logged { ticket: 2, index: 1, .. }]
    ));
}

#[test]
fn a_look_up_from_before_the_memory_of_changes_looks_again() {
    let running = start(1);
    let seen = running.handle.change_counter();
    running.handle.submit(change(1)).unwrap();
    running.inboxes[0].wait_for(1);
    running.clock.0.fetch_add(2001, Ordering::SeqCst);
    running.handle.submit(answer(2, seen)).unwrap();
    running.handle.submit(answer(3, seen + 1)).unwrap();
    let done: Vec<Done> = running.inboxes[0].wait_for(2).into_iter().flat_map(|d| d.done).collect();
    assert!(matches!(done[..], [Done::LookAgain { ticket: 2 }, Done::Logged { ticket: 3, .. }]), "{done:?}");
}

#[test]
fn each_stream_gets_one_head_a_batch_that_continues_its_last_one() {
    let folder = TempDir::new().unwrap();
    let mut log = open(folder.path()).unwrap();
    let known = log.append(&entries(0..5)).unwrap().head.checkpoint().clone();
    let running = start_on(folder, log, 2, Settings::default());
    let fresh = running.handle.open_stream(RuntimeId(0), 0).unwrap();
    let known_stream = running.handle.open_stream(RuntimeId(1), 5).unwrap();
    let key = || signer().verifier().clone();
    let mut trackers = HashMap::from([
        (fresh, HeadTracker::new(key(), KnownHead::default())),
        (known_stream, HeadTracker::new(key(), KnownHead { size: 5, root: known.root })),
    ]);
    for round in 0..20_u64 {
        let mut expected = Vec::new();
        for (runtime, stream) in [(0, fresh), (1, known_stream)] {
            if runtime == 1 && round % 3 == 0 {
                continue;
            }
            for ticket in [10 * round + 100, 10 * round + 101] {
                let runtime = RuntimeId(runtime);
                running
                    .handle
                    .submit(Submission { runtime, stream: Some(stream), ..submission(ticket) })
                    .unwrap();
            }
            expected.push((runtime, stream));
        }
        for (runtime, stream) in expected {
            for delivery in running.inboxes[runtime].wait_for(2) {
                let [(to, head)] = &delivery.heads[..] else { panic!("{:?}", delivery.heads) };
                assert_eq!(*to, stream);
                assert_eq!(head.checkpoint, delivery.checkpoint);
                let tracker = trackers.get_mut(to).unwrap();
                let before = tracker.known().size;
                let verified = tracker.accept(&head.checkpoint, &head.consistency).unwrap();
                assert!(verified.size() > before);
                for done in &delivery.done {
                    let Done::Logged { ticket, index, path } = done else { panic!("{done:?}") };
                    verified.verify_entry(*index, path, &leaf(*ticket)).unwrap();
                }
            }
        }
    }
    let (a, b) = (trackers[&fresh].known(), trackers[&known_stream].known());
    let (from, to) = if a.size <= b.size { (a, b) } else { (b, a) };
    let join = running.handle.reader().consistency(from.size, to.size).unwrap();
    assert!(huxin_ledger::proof::verify_consistency(from.size, &from.root, to.size, &to.root, &join));
}

#[test]
fn a_batch_without_an_entry_for_a_stream_brings_it_no_head() {
    let running = start(1);
    let stream = running.handle.open_stream(RuntimeId(0), 0).unwrap();
    running.handle.submit(submission(1)).unwrap();
    assert!(running.inboxes[0].wait_for(1)[0].heads.is_empty());
    running.handle.close_stream(stream);
    running.handle.submit(Submission { stream: Some(stream), ..submission(2) }).unwrap();
    let deliveries = running.inboxes[0].wait_for(1);
    assert!(deliveries[0].heads.is_empty(), "the stream is closed");
    assert_eq!(verified(&deliveries).len(), 1, "and its entry is logged all the same");
}

#[test]
fn a_peer_that_knows_more_than_the_log_has_is_refused() {
    let running = start(1);
    let refused = running.handle.open_stream(RuntimeId(0), 1).unwrap_err();
    assert_eq!(refused, OpenStreamError::SizeAhead { known: 1, size: 0 });
}

#[test]
fn a_clean_end_logs_what_waits_and_writes_the_watermark() {
    let (running, gate) = gated(Settings::default());
    running.handle.submit(submission(0)).unwrap();
    gate.wait_for_append();
    (1..30).for_each(|ticket| running.handle.submit(submission(ticket)).unwrap());
    gate.open();
    running.writer.close().unwrap();
    assert_eq!(verified(&running.inboxes[0].wait_for(30)).len(), 30);
    let watermark = fs::read_to_string(running.folder.path().join("watermark")).unwrap();
    let head = running.handle.reader().head();
    assert_eq!((head.checkpoint().size, &*watermark), (30, &**head.text()));
    let _: Log<FileStore> = open(running.folder.path()).unwrap();
}
