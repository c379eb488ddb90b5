//! The log is stopped at every single change that it makes to the disk, and must come back as the same log.

use std::path::Path;
use std::sync::Arc;

use huxin_ledger::audit::audit;
use huxin_ledger::public::Verdict;
use huxin_ledger::tree::Tree;
use huxin_ledger::{Entry, FatalLogError, FileSettings, FileStore, Kept, Log};
use tempfile::TempDir;

use crate::kept::{decision, resolution, reuse};
use crate::power::{Death, DyingDisk};
use crate::support::{TestRandom, details, entry, key, open, origin, salt, settings, signer};

/// What happens to the log, in order: how many entries are appended, or everything is integrated.
#[derive(Clone, Copy)]
enum Act {
    Append(u64),
    Integrate,
}

/// Across a full tile and bundle, with partial ones of several widths, and records behind the tiles at the end.
const ACTS: [Act; 9] = [
    Act::Append(3),
    Act::Integrate,
    Act::Append(4),
    Act::Append(250),
    Act::Integrate,
    Act::Append(2),
    Act::Integrate,
    Act::Append(7),
    Act::Append(1),
];

const REVIEWS: [u64; 3] = [1, 5, 260];
const RESOLUTION: u64 = 258;
const REUSE: u64 = 6;

fn entry_of(number: u64) -> Entry {
    match number {
        _ if REVIEWS.contains(&number) => decision(number, Verdict::Review),
        RESOLUTION => resolution(number, 5),
        REUSE => reuse(number, "sx.example/log/0"),
        _ => entry(number),
    }
}

fn batch(first: u64, count: u64) -> Vec<Entry> {
    (first..first + count).map(entry_of).collect()
}

/// What was confirmed, and how far an append may have come that was not.
#[derive(Debug, Default, Clone, Copy)]
struct Told {
    confirmed: u64,
    attempted: u64,
}

fn act(folder: &Path, disk: Arc<DyingDisk>) -> Told {
    let mut told = Told::default();
    let settings = FileSettings { watcher: Some(disk), ..settings() };
    let Ok(store) = FileStore::open(folder, &mut TestRandom(9), settings) else { return told };
    let Ok(mut log) = Log::open(store, origin(), key()) else { return told };
    for act in ACTS {
        let done: Result<(), FatalLogError> = match act {
            Act::Append(count) => {
                told.attempted += count;
                log.append(&batch(told.confirmed, count)).map(|_| told.confirmed = told.attempted)
            }
            Act::Integrate => log.integrate(),
        };
        if done.is_err() {
            break;
        }
    }
    told
}

/// The log in the folder is the one of the first `size` entries, wherever each of them lies.
fn check(log: &Log<FileStore>, oracle: &Tree, size: u64) {
    let head = log.head();
    assert_eq!((head.checkpoint().size, head.checkpoint().root), (size, oracle.root(size).unwrap()));
    for to in (0..=size).step_by(29).chain([size]) {
        let border = oracle.border(to).unwrap();
        for index in (0..to).step_by(31) {
            assert_eq!(log.inclusion(index, to).unwrap(), oracle.inclusion(index, &border).unwrap());
            assert_eq!(log.consistency(index, to).unwrap(), oracle.consistency(index, &border).unwrap());
        }
    }
    for index in 0..size {
        let entry = entry_of(index);
        let kept = log.reader().kept(index).unwrap();
        let Kept { leaf, salt1, public, details: found } = kept;
        assert_eq!((leaf.to_bytes(), salt1), (*entry.leaf(), salt(index)));
        assert_eq!((public.as_slice(), found), (entry.public(), Some(details(index))));
    }
    let resolved = size > RESOLUTION;
    let open = REVIEWS.into_iter().filter(|review| *review < size && !(resolved && *review == 5));
    assert_eq!(log.reader().open_reviews(None, 10).unwrap(), open.collect::<Vec<_>>());
    assert_eq!(log.reader().resolution_of(5).unwrap(), resolved.then_some(RESOLUTION));
    let unreported = log.reader().unreported(None, 10).unwrap();
    assert_eq!(unreported, (size > REUSE).then_some(REUSE).into_iter().collect::<Vec<_>>());
}

/// Whatever the crash left, the log comes back, goes on, moves everything into tiles, and the audit finds it whole.
fn comes_back(folder: &Path, oracle: &Tree, told: Told) {
    let mut log = open(folder).unwrap();
    let size = log.head().checkpoint().size;
    assert!([told.confirmed, told.attempted].contains(&size), "{size} entries, {told:?}");
    check(&log, oracle, size);
    log.append(&batch(size, 2)).unwrap();
    log.integrate().unwrap();
    assert_eq!(log.reader().integrated().0, size + 2);
    drop(log);
    check(&open(folder).unwrap(), oracle, size + 2);
    let found = audit(folder, signer().verifier()).unwrap();
    assert_eq!((found.integrated, found.records, found.torn), (size + 2, 0, None));
}

/// In memory: what a sync makes durable is followed by the disk that dies, not by a real one.
fn scratch() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap()
}

fn die_and_come_back(death: Death, oracle: &Tree) {
    let (folder, cut) = (scratch(), scratch());
    let disk = Arc::new(DyingDisk::new(death));
    let told = act(folder.path(), Arc::clone(&disk));
    assert!(disk.died(), "{death:?} was never reached");
    disk.after_power_cut(folder.path(), cut.path());
    for (left, how) in [(folder, "process killed"), (cut, "power cut")] {
        let back = std::panic::catch_unwind(|| comes_back(left.path(), oracle, told));
        back.unwrap_or_else(|_| panic!("not after {death:?}, {how}"));
    }
}

#[test]
fn a_log_that_is_stopped_at_any_change_comes_back_as_the_same_log() {
    let mut oracle = Tree::new();
    (0..300).for_each(|number| oracle.append(huxin_attest::merkle::leaf_hash(entry_of(number).leaf())));
    let folder = scratch();
    let disk = Arc::new(DyingDisk::new(Death::Never));
    let told = act(folder.path(), Arc::clone(&disk));
    assert_eq!((told.confirmed, told.attempted), (267, 267));
    let (changes, writes) = disk.counted();
    assert!(changes > 100 && writes.len() > 20, "{changes} changes, {} writes", writes.len());

    // Before one change is after the one before it.
    let deaths = std::iter::once(Death::Before(0)).chain((0..changes).map(Death::After));
    let deaths: Vec<Death> = deaths.chain(writes.into_iter().map(Death::Within)).collect();
    let (oracle, deaths) = (&oracle, &deaths);
    std::thread::scope(|scope| {
        for part in 0..4 {
            scope.spawn(move || {
                deaths.iter().skip(part).step_by(4).for_each(|death| die_and_come_back(*death, oracle));
            });
        }
    });
}
