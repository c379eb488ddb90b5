use std::fs;
use std::path::Path;

use huxin_attest::{Digest, Ed25519Key};
use huxin_ledger::log::OpenError;
use huxin_ledger::store::{
    MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_DETAILS_LEN, RecordRefused, Recorded, RecoverError,
};
use huxin_ledger::{Entry, FileStore, Log, LogStore};
use tempfile::TempDir;

use crate::support::{
    FIRST, Fault, FaultyStore, details, entries, entry, journal, key, leaf, open, origin, public, salt,
    signer,
};

/// Three records of 2, 3 and 1 entries; the journal's bytes, and where each record ends.
fn three_records() -> (Vec<u8>, [usize; 3]) {
    let folder = TempDir::new().unwrap();
    let mut log = open(folder.path()).unwrap();
    let ends = [0..2, 2..5, 5..6].map(|numbers| {
        log.append(&entries(numbers)).unwrap();
        fs::metadata(folder.path().join(FIRST)).unwrap().len() as usize
    });
    (fs::read(folder.path().join(FIRST)).unwrap(), ends)
}

fn folder_with(journal: &[u8]) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(FIRST), journal).unwrap();
    folder
}

fn root_of(size: u64) -> Digest {
    let folder = TempDir::new().unwrap();
    let mut log = open(folder.path()).unwrap();
    log.append(&entries(0..size)).unwrap().head.checkpoint().root
}

fn size_of(log: &Log<FileStore>) -> u64 {
    log.head().checkpoint().size
}

#[test]
fn a_restarted_log_continues_where_it_was() {
    let folder = TempDir::new().unwrap();
    let mut log = open(folder.path()).unwrap();
    let before = log.append(&entries(0..5)).unwrap().head;
    log.close().unwrap();
    let mut log = open(folder.path()).unwrap();
    assert_eq!(log.head(), before);
    assert_eq!(log.entry(4).unwrap(), leaf(4));
    assert_eq!(log.append(&entries(5..9)).unwrap().first, 5);
    drop(log);
    let log = open(folder.path()).unwrap();
    assert_eq!((size_of(&log), log.head().checkpoint().root), (9, root_of(9)));
    assert!(log.entry(9).is_err() && log.inclusion(9, 9).is_err() && log.consistency(1, 10).is_err());
}

#[test]
fn the_details_come_back_with_their_leaves() {
    let folder = TempDir::new().unwrap();
    open(folder.path()).unwrap().append(&entries(0..3)).unwrap();
    let mut seen = Vec::new();
    let mut store = journal(folder.path()).unwrap();
    store
        .recover(&mut |record| {
            let owned = |entry: &Recorded<'_>| {
                (entry.leaf.to_vec(), entry.salt1, entry.public.to_vec(), entry.details.to_vec())
            };
            seen.extend(record.entries.iter().map(owned));
            Ok(())
        })
        .unwrap();
    let written: Vec<_> =
        (0..3).map(|n| (leaf(n).to_bytes().to_vec(), salt(n), public(n), details(n))).collect();
    assert_eq!(seen, written);
}

#[test]
fn a_record_torn_at_any_byte_is_dropped_and_the_log_goes_on() {
    let (bytes, [_, second, third]) = three_records();
    for cut in second..third {
        let folder = folder_with(&bytes[..cut]);
        let mut log = open(folder.path()).unwrap();
        assert_eq!(size_of(&log), 5, "cut at {cut}");
        log.append(&entries(5..6)).unwrap();
        drop(log);
        assert!(fs::read(folder.path().join(FIRST)).unwrap() == bytes, "cut at {cut}");
    }
}

#[test]
fn a_torn_end_leaves_nothing_behind_a_shorter_record() {
    let (bytes, [first, second, _]) = three_records();
    let folder = folder_with(&bytes[..second - 1]);
    let mut log = open(folder.path()).unwrap();
    assert_eq!(size_of(&log), 2);
    log.append(&entries(2..3)).unwrap();
    drop(log);
    let clean = folder_with(&bytes[..first]);
    open(clean.path()).unwrap().append(&entries(2..3)).unwrap();
    let journals = [&folder, &clean].map(|folder| fs::read(folder.path().join(FIRST)).unwrap());
    assert!(journals[0] == journals[1]);
}

#[test]
fn a_journal_takes_nothing_after_a_failed_append() {
    let folder = TempDir::new().unwrap();
    let mut store = journal(folder.path()).unwrap();
    store.recover(&mut |_| Ok(())).unwrap();
    let long = Entry::new(&leaf(0), salt(0), public(0), vec![0; MAX_DETAILS_LEN]).unwrap();
    let head = signer().sign(1, root_of(1)).unwrap();
    assert!(store.append(0, &vec![long; 2 * MAX_BATCH_BYTES / MAX_DETAILS_LEN], &head).is_err());
    assert!(store.append(0, &entries(0..1), &head).is_err());
}

#[test]
fn a_record_of_which_only_some_blocks_arrived_is_dropped() {
    let (bytes, [_, second, third]) = three_records();
    for at in (second..third).step_by(7) {
        for kept_from_start in [true, false] {
            let mut torn = bytes.clone();
            if kept_from_start {
                torn[at..third].fill(0);
            } else {
                torn[second..=at].fill(0);
            }
            let log = open(folder_with(&torn).path()).unwrap();
            assert_eq!(size_of(&log), 5, "zeros at {at}");
        }
    }
}

#[test]
fn a_changed_byte_before_the_last_record_is_refused() {
    let (bytes, [_, second, _]) = three_records();
    for at in 0..second {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x40;
        let folder = folder_with(&damaged);
        let refused = open(folder.path()).unwrap_err();
        assert!(
            matches!(
                refused,
                OpenError::Recover(RecoverError::Damaged { .. } | RecoverError::NotAJournal { .. })
            ),
            "byte {at}: {refused}"
        );
        assert!(fs::read(folder.path().join(FIRST)).unwrap() == damaged, "a refusal must change nothing");
    }
}

#[test]
fn damage_is_refused_also_when_the_last_record_is_torn() {
    let (bytes, [first, _, third]) = three_records();
    let mut damaged = bytes[..third - 9].to_vec();
    damaged[first + 60] ^= 1;
    let refused = open(folder_with(&damaged).path()).unwrap_err();
    assert!(
        matches!(refused, OpenError::Recover(RecoverError::Damaged { offset, .. }) if offset == first as u64),
        "{refused}"
    );
}

#[test]
fn a_record_that_was_left_out_is_missed() {
    let (bytes, [first, second, _]) = three_records();
    let without = [&bytes[..first], &bytes[second..]].concat();
    let refused = open(folder_with(&without).path()).unwrap_err();
    let OpenError::Recover(RecoverError::Refused { reason, .. }) = refused else { panic!("{refused}") };
    assert_eq!(reason, RecordRefused::Place);
}

#[test]
fn a_log_does_not_start_behind_its_watermark() {
    let folder = TempDir::new().unwrap();
    let mut log = open(folder.path()).unwrap();
    log.append(&entries(0..2)).unwrap();
    let yesterday = fs::read(folder.path().join(FIRST)).unwrap();
    log.append(&entries(2..5)).unwrap();
    log.close().unwrap();
    fs::write(folder.path().join(FIRST), &yesterday).unwrap();
    let refused = open(folder.path()).unwrap_err();
    assert!(matches!(refused, OpenError::Behind { recovered: 2, watermark: 5 }), "{refused}");
    fs::remove_file(folder.path().join(FIRST)).unwrap();
    let refused = open(folder.path()).unwrap_err();
    assert!(matches!(refused, OpenError::Behind { recovered: 0, watermark: 5 }), "{refused}");
}

#[test]
fn a_last_record_that_was_published_is_not_taken_for_torn() {
    let folder = TempDir::new().unwrap();
    let mut log = open(folder.path()).unwrap();
    log.append(&entries(0..2)).unwrap();
    log.append(&entries(2..5)).unwrap();
    log.close().unwrap();
    let mut damaged = fs::read(folder.path().join(FIRST)).unwrap();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    fs::write(folder.path().join(FIRST), &damaged).unwrap();
    let refused = open(folder.path()).unwrap_err();
    assert!(matches!(refused, OpenError::Behind { recovered: 2, watermark: 5 }), "{refused}");
    assert!(fs::read(folder.path().join(FIRST)).unwrap() == damaged, "a refusal must change nothing");
}

#[test]
fn a_journal_takes_nothing_before_it_was_recovered() {
    let folder = TempDir::new().unwrap();
    open(folder.path()).unwrap().append(&entries(0..2)).unwrap();
    let head = signer().sign(1, root_of(1)).unwrap();
    assert!(journal(folder.path()).unwrap().append(0, &entries(0..1), &head).is_err());
    assert_eq!(size_of(&open(folder.path()).unwrap()), 2);
}

#[test]
fn a_log_does_not_start_beside_its_watermark() {
    let folder = TempDir::new().unwrap();
    open(folder.path()).unwrap().append(&entries(0..5)).unwrap();
    let mark = |text: &str| fs::write(folder.path().join("watermark"), text).unwrap();
    mark(signer().sign(3, root_of(3)).unwrap().text());
    assert_eq!(size_of(&open(folder.path()).unwrap()), 5);
    mark(signer().sign(3, root_of(4)).unwrap().text());
    assert!(matches!(open(folder.path()).unwrap_err(), OpenError::Forked));
    mark("hb.example/log/0\n3\n");
    assert!(matches!(open(folder.path()).unwrap_err(), OpenError::Watermark(_)));
}

#[test]
fn the_watermark_follows_in_the_background_and_at_the_end() {
    let folder = TempDir::new().unwrap();
    let mut log = open(folder.path()).unwrap();
    log.append(&entries(0..2)).unwrap();
    let first = wait_for_watermark(folder.path());
    let last = log.append(&entries(2..4)).unwrap().head;
    // The next one is an hour away.
    assert_eq!(fs::read_to_string(folder.path().join("watermark")).unwrap(), first);
    log.close().unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("watermark")).unwrap(), **last.text());
}

fn wait_for_watermark(folder: &Path) -> String {
    for _ in 0..6000 {
        if let Ok(text) = fs::read_to_string(folder.join("watermark")) {
            return text;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("no watermark was written");
}

#[test]
fn a_log_has_one_writer() {
    let folder = TempDir::new().unwrap();
    let log = open(folder.path()).unwrap();
    assert!(matches!(journal(folder.path()).unwrap_err(), RecoverError::Locked));
    drop(log);
    assert!(journal(folder.path()).is_ok());
}

#[test]
fn another_key_or_another_origin_does_not_open_the_log() {
    let folder = TempDir::new().unwrap();
    open(folder.path()).unwrap().append(&entries(0..2)).unwrap();
    let other_key = Box::new(Ed25519Key::from_seed(&[6; 32]).unwrap());
    let other_origin = "hb.example/log/1".parse().unwrap();
    for (origin, key) in [(origin(), other_key), (other_origin, key())] {
        let refused = Log::open(journal(folder.path()).unwrap(), origin, key).unwrap_err();
        let OpenError::Recover(RecoverError::Refused { reason, .. }) = refused else { panic!("{refused}") };
        assert_eq!(reason, RecordRefused::Checkpoint);
    }
}

#[test]
fn after_a_failed_append_nothing_is_published_and_nothing_more_is_taken() {
    for (fault, recovered) in [(Fault::Failed(1), 2), (Fault::FailedButPersisted(1), 5)] {
        let folder = TempDir::new().unwrap();
        let store = FaultyStore::new(journal(folder.path()).unwrap(), fault);
        let mut log = Log::open(store, origin(), key()).unwrap();
        let before = log.append(&entries(0..2)).unwrap().head;
        assert!(log.append(&entries(2..5)).is_err());
        assert!(log.append(&entries(5..6)).is_err());
        assert_eq!(log.head(), before);
        assert!(log.entry(2).is_err() && log.inclusion(2, 3).is_err() && log.consistency(2, 5).is_err());
        drop(log);
        let log = open(folder.path()).unwrap();
        assert_eq!((size_of(&log), log.head().checkpoint().root), (recovered, root_of(recovered)));
    }
}

#[test]
fn a_batch_beyond_the_limits_is_not_written() {
    for batch in [Vec::new(), vec![entry(0); MAX_BATCH_ENTRIES + 1]] {
        let folder = TempDir::new().unwrap();
        let mut log = open(folder.path()).unwrap();
        assert!(log.append(&batch).is_err());
        drop(log);
        assert_eq!(size_of(&open(folder.path()).unwrap()), 0);
    }
}

#[test]
fn what_a_file_cannot_be_is_no_journal() {
    for bytes in [&b""[..], b"huxin journal 1\n", &[0; 64]] {
        let refused = journal(folder_with(bytes).path()).unwrap_err();
        assert!(matches!(refused, RecoverError::NotAJournal { .. }), "{refused}");
    }
}
