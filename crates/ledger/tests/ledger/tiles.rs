//! Tiles: the same proofs wherever an entry lies, the layout of the specification, and what is refused.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use huxin_attest::{Ed25519Key, merkle::leaf_hash};
use huxin_ledger::audit::audit;
use huxin_ledger::disk::{Change, Watcher};
use huxin_ledger::log::OpenError;
use huxin_ledger::store::{ReadFailed, RecoverError, Step};
use huxin_ledger::tree::Tree;
use huxin_ledger::{FileSettings, FileStore, Kept, Log};
use proptest::prelude::*;
use sha2::Sha256;
use tempfile::TempDir;

use crate::support::{
    FIRST, TestRandom, details, entries, journal, key, leaf, open, origin, public, salt, settings, signer,
};

fn open_with(folder: &Path, settings: FileSettings) -> Log<FileStore> {
    let store = FileStore::open(folder, &mut TestRandom(9), settings).unwrap();
    Log::open(store, origin(), key()).unwrap()
}

fn plain(size: u64) -> Tree {
    let mut tree = Tree::new();
    (0..size).for_each(|number| tree.append(leaf_hash(&leaf(number).to_bytes())));
    tree
}

/// 300 entries: a full tile and bundle, a partial one, and a tile above them.
fn integrated() -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut log = open(folder.path()).unwrap();
    for numbers in [0..5, 5..300] {
        log.append(&entries(numbers)).unwrap();
        log.integrate().unwrap();
    }
    log.close().unwrap();
    folder
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !done() {
        assert!(begin.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Append(u64),
    Integrate,
    Restart,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => prop_oneof![1..200_u64, Just(128), Just(256)].prop_map(Act::Append),
        2 => Just(Act::Integrate),
        1 => Just(Act::Restart),
    ];
    proptest::collection::vec(act, 1..16)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn proofs_are_those_of_a_plain_tree_wherever_the_entries_lie(
        acts in acts(),
        picks in proptest::collection::vec(any::<[u64; 2]>(), 40),
    ) {
        let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
        let mut log = open(folder.path()).unwrap();
        let mut size = 0;
        for act in acts {
            match act {
                Act::Append(count) => {
                    log.append(&entries(size..size + count)).unwrap();
                    size += count;
                }
                Act::Integrate => log.integrate().unwrap(),
                Act::Restart => {
                    drop(log);
                    log = open(folder.path()).unwrap();
                }
            }
        }
        let tree = plain(size);
        let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        (0..size).for_each(|number| theirs.push(leaf(number).to_bytes().to_vec()));
        let head = log.head();
        prop_assert_eq!((head.checkpoint().size, head.checkpoint().root), (size, tree.root(size).unwrap()));
        for [to, index] in picks {
            let to = to % (size + 1);
            let border = tree.border(to).unwrap();
            let from = index % (to + 1);
            prop_assert_eq!(log.consistency(from, to).unwrap(), tree.consistency(from, &border).unwrap());
            if to > 0 {
                let index = index % to;
                prop_assert_eq!(log.inclusion(index, to).unwrap(), tree.inclusion(index, &border).unwrap());
                let path: Vec<u8> =
                    log.inclusion(index, size).unwrap().iter().flat_map(|hash| hash.0).collect();
                let their_path = theirs.prove_inclusion(index as usize);
                prop_assert_eq!(their_path.as_bytes(), path);
                prop_assert_eq!(log.entry(index).unwrap(), leaf(index));
            }
        }
        prop_assert!(log.inclusion(size, size).is_err() && log.entry(size).is_err());
        prop_assert!(log.consistency(0, size + 1).is_err());
    }
}

#[test]
fn the_folder_is_laid_out_as_the_specification_says() {
    let folder = integrated();
    let read = |path: &str| fs::read(folder.path().join(path)).unwrap();
    let head = open(folder.path()).unwrap().head();
    assert_eq!(read("checkpoint"), head.text().as_bytes());
    let hashes = |numbers: std::ops::Range<u64>| -> Vec<u8> {
        numbers.flat_map(|number| leaf(number).hash().0).collect()
    };
    assert_eq!(read("tile/0/000"), hashes(0..256));
    assert_eq!(read("tile/0/001.p/44"), hashes(256..300));
    assert_eq!(read("tile/1/000.p/1"), plain(256).root(256).unwrap().0);
    let bundle = read("tile/entries/001.p/44");
    assert_eq!(bundle.len(), 44 * 44);
    assert_eq!(bundle[..44], [&[0, 42][..], &leaf(256).to_bytes()].concat());
    assert_eq!(read("tile/entries/000").len(), 256 * 44);
    // Partial forms stay until the tile is complete.
    assert!(
        !folder.path().join("tile/0/000.p").exists() && !folder.path().join("tile/entries/000.p").exists()
    );
}

#[test]
fn a_log_goes_on_from_its_tiles_alone() {
    let folder = integrated();
    assert!(!folder.path().join(FIRST).exists(), "what is in tiles is in no journal");
    let mut log = open(folder.path()).unwrap();
    assert_eq!(log.reader().integrated().0, 300);
    assert!(log.reader().integrated().1 > 1_700_000_000_000);
    assert_eq!(log.append(&entries(300..302)).unwrap().first, 300);
    let (tree, border) = (plain(302), plain(302).border(302).unwrap());
    assert_eq!(log.head().checkpoint().root, border.root());
    assert_eq!(log.consistency(5, 302).unwrap(), tree.consistency(5, &border).unwrap());
    for number in [0, 255, 256, 299, 301] {
        let details = Some(details(number));
        let kept = Kept { leaf: leaf(number), salt1: salt(number), public: public(number), details };
        assert_eq!(log.reader().kept(number).unwrap(), kept);
    }
}

#[test]
fn a_log_whose_tiles_are_all_complete_starts_again() {
    for size in [256, 512, 1024] {
        let folder = TempDir::new().unwrap();
        let mut log = open(folder.path()).unwrap();
        log.append(&entries(0..size)).unwrap();
        log.integrate().unwrap();
        log.close().unwrap();
        let mut log = open(folder.path()).unwrap();
        assert_eq!(log.append(&entries(size..size + 1)).unwrap().first, size);
        let (tree, border) = (plain(size + 1), plain(size + 1).border(size + 1).unwrap());
        assert_eq!(log.head().checkpoint().root, border.root());
        assert_eq!(log.consistency(size, size + 1).unwrap(), tree.consistency(size, &border).unwrap());
        log.close().unwrap();
        assert_eq!(audit(folder.path(), signer().verifier()).unwrap().integrated, size);
    }
}

#[test]
fn a_log_is_integrated_in_the_background_by_size_and_by_time() {
    let by_size = FileSettings { segment_len: 2000, ..settings() };
    let by_time = FileSettings { integration_interval: Duration::from_millis(20), ..settings() };
    for settings in [by_size, by_time] {
        let folder = TempDir::new().unwrap();
        let mut log = open_with(folder.path(), settings);
        for first in (0..300).step_by(10) {
            log.append(&entries(first..first + 10)).unwrap();
        }
        wait_until("never integrated", || log.reader().integrated().0 > 200);
        assert_eq!(log.head().checkpoint().root, plain(300).root(300).unwrap());
        log.close().unwrap();
        let found = audit(folder.path(), signer().verifier()).unwrap();
        assert_eq!((found.head.unwrap().checkpoint().size, found.torn), (300, None));
        assert!(found.integrated > 200);
    }
}

#[test]
fn appends_wait_while_too_much_is_not_integrated() {
    let folder = TempDir::new().unwrap();
    let mut log = open_with(folder.path(), FileSettings { segment_len: 1, max_waiting: 1, ..settings() });
    for first in 0..20 {
        log.append(&entries(first..first + 1)).unwrap();
        assert!(log.reader().integrated().0 >= first, "the one before waits no longer");
    }
}

#[test]
fn a_damaged_or_older_part_of_the_folder_is_refused_and_audited() {
    let key = signer().verifier().clone();
    type Refused = fn(&OpenError) -> bool;
    let cases: [(&str, Refused); 5] = [
        ("checkpoint", |error| {
            matches!(error, OpenError::Tiles(_) | OpenError::Recover(RecoverError::Archive(_)))
        }),
        ("tile/0/001.p/44", |error| matches!(error, OpenError::TilesChanged)),
        ("tile/1/000.p/1", |error| matches!(error, OpenError::TilesChanged)),
        ("tile/entries/001.p/44", |error| {
            matches!(error, OpenError::Recover(RecoverError::Archive(ReadFailed::Damaged(_))))
        }),
        ("watermark", |error| matches!(error, OpenError::Watermark(_))),
    ];
    for (file, refused) in cases {
        let folder = integrated();
        let path = folder.path().join(file);
        let whole = fs::read(&path).unwrap();
        let mut changed = whole.clone();
        changed[30] ^= 1;
        fs::write(&path, &changed).unwrap();
        let error = open(folder.path()).unwrap_err();
        assert!(refused(&error), "{file}: {error}");
        assert!(audit(folder.path(), &key).is_err(), "{file}");
        if file.starts_with("tile") {
            fs::remove_file(&path).unwrap();
            assert!(open(folder.path()).is_err() && audit(folder.path(), &key).is_err(), "{file} is gone");
        }
        fs::write(&path, &whole).unwrap();
        assert_eq!(audit(folder.path(), &key).unwrap().integrated, 300);
    }
    // What is behind the right edge is found when it is read, and by the audit.
    for file in ["tile/0/000", "tile/entries/000"] {
        let folder = integrated();
        let path = folder.path().join(file);
        let mut changed = fs::read(&path).unwrap();
        changed[40] ^= 1;
        fs::write(&path, &changed).unwrap();
        assert!(matches!(audit(folder.path(), &key), Err(OpenError::Read(ReadFailed::Damaged(_)))), "{file}");
        fs::remove_file(&path).unwrap();
        let log = open(folder.path()).unwrap();
        let read = log.inclusion(7, 300).err().or(log.entry(7).err());
        assert!(read.unwrap().to_string().contains(file), "{file}");
    }
}

#[test]
fn parts_of_different_age_are_refused() {
    let folder = integrated();
    let copy = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let (kept, checkpoint) = (copy("kept.redb"), copy("checkpoint"));
    let mut log = open(folder.path()).unwrap();
    log.append(&entries(300..310)).unwrap();
    log.integrate().unwrap();
    log.close().unwrap();
    let (newer_kept, newer_checkpoint) = (copy("kept.redb"), copy("checkpoint"));
    let put = |kept: &[u8], checkpoint: Option<&[u8]>| {
        fs::write(folder.path().join("kept.redb"), kept).unwrap();
        match checkpoint {
            Some(bytes) => fs::write(folder.path().join("checkpoint"), bytes).unwrap(),
            None => fs::remove_file(folder.path().join("checkpoint")).unwrap(),
        }
        (open(folder.path()).unwrap_err(), audit(folder.path(), signer().verifier()).unwrap_err())
    };
    let older_kept = put(&kept, Some(&newer_checkpoint));
    let older_tiles = put(&newer_kept, Some(&checkpoint));
    let no_tiles = put(&newer_kept, None);
    for (refused, audited) in [older_kept, older_tiles, no_tiles] {
        assert!(matches!(refused, OpenError::Recover(RecoverError::Kept { .. })), "{refused}");
        assert!(
            matches!(
                audited,
                OpenError::Recover(RecoverError::Kept { .. } | RecoverError::NotAJournal { .. })
            ),
            "{audited}"
        );
    }
    // Both older: what was published is missed.
    let (refused, _) = put(&kept, Some(&checkpoint));
    assert!(matches!(refused, OpenError::Behind { recovered: 300, watermark: 310 }), "{refused}");
    fs::write(folder.path().join("kept.redb"), newer_kept).unwrap();
    fs::write(folder.path().join("checkpoint"), newer_checkpoint).unwrap();
    open(folder.path()).unwrap();
}

#[test]
fn a_watermark_inside_the_tiles_is_checked_too() {
    let folder = integrated();
    let mark = |size: u64, root_of: u64| {
        let text = signer().sign(size, plain(root_of).root(root_of).unwrap()).unwrap();
        fs::write(folder.path().join("watermark"), &**text.text()).unwrap();
    };
    mark(270, 270);
    open(folder.path()).unwrap().close().unwrap();
    mark(270, 271);
    assert!(matches!(open(folder.path()).unwrap_err(), OpenError::Forked));
    assert!(matches!(audit(folder.path(), signer().verifier()), Err(OpenError::Forked)));
}

#[test]
fn another_key_does_not_open_the_tiles() {
    let folder = integrated();
    let other = Box::new(Ed25519Key::from_seed(&[6; 32]).unwrap());
    let refused = Log::open(journal(folder.path()).unwrap(), origin(), other).unwrap_err();
    assert!(matches!(refused, OpenError::Tiles(_)), "{refused}");
}

#[test]
fn a_folder_of_an_earlier_version_is_named_and_left_alone() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("journal"), b"huxin journal 1\n").unwrap();
    assert!(matches!(journal(folder.path()).unwrap_err(), RecoverError::OldLayout));
    let audited = audit(folder.path(), signer().verifier()).unwrap_err();
    assert!(matches!(audited, OpenError::Recover(RecoverError::OldLayout)));
    assert_eq!(fs::read(folder.path().join("journal")).unwrap(), b"huxin journal 1\n");
}

/// A disk on which one file cannot be synced.
struct Unsynced(PathBuf);

impl Watcher for Unsynced {
    fn before(&self, change: Change<'_>) -> io::Result<Option<usize>> {
        if change == Change::Sync(&self.0) { Err(io::Error::other("injected")) } else { Ok(None) }
    }

    fn after(&self, _: Change<'_>) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_failed_sync_of_a_tile_stops_the_log_and_loses_nothing() {
    let folder = TempDir::new().unwrap();
    let tile = folder.path().join("tile/0/000.p/5");
    let mut log =
        open_with(folder.path(), FileSettings { watcher: Some(Arc::new(Unsynced(tile))), ..settings() });
    log.append(&entries(0..5)).unwrap();
    assert_eq!(log.integrate().unwrap_err().step, Step::Integrate);
    assert_eq!(log.append(&entries(5..6)).unwrap_err().step, Step::Integrate);
    assert_eq!(log.entry(4).unwrap(), leaf(4), "it is read as before");
    assert_eq!(log.close().unwrap_err().step, Step::Integrate);
    let mut log = open(folder.path()).unwrap();
    assert_eq!((log.head().checkpoint().size, log.reader().integrated().0), (5, 0));
    log.integrate().unwrap();
    assert_eq!(log.reader().integrated().0, 5);
}
