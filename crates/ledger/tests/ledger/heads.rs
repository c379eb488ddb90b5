use std::fs;

use huxin_attest::{Digest, sha256};
use huxin_ledger::checkpoint::CheckpointError;
use huxin_ledger::heads::{HeadError, KnownHead, NotInLog};
use huxin_ledger::known_heads::KnownHeadsError;
use huxin_ledger::tree::Tree;
use huxin_ledger::{HeadTracker, KnownHeads};
use tempfile::TempDir;

use crate::support::{leaf, signer};

/// The log whose entries are `leaf(0)`, `leaf(1)` …, but from `forked` on others.
struct FakeLog {
    tree: Tree,
}

impl FakeLog {
    fn new(size: u64, forked: u64) -> Self {
        let mut tree = Tree::new();
        (0..size).for_each(|n| tree.append(leaf(if n < forked { n } else { n + 1000 }).hash()));
        Self { tree }
    }

    fn honest() -> Self {
        Self::new(20, 20)
    }

    fn head(&self, size: u64) -> String {
        signer().sign(size, self.tree.root(size).unwrap()).unwrap().text().to_string()
    }

    fn proof(&self, from: u64, to: u64) -> Vec<Digest> {
        self.tree.consistency(from, &self.tree.border(to).unwrap()).unwrap()
    }

    fn path(&self, index: u64, size: u64) -> Vec<Digest> {
        self.tree.inclusion(index, &self.tree.border(size).unwrap()).unwrap()
    }
}

fn tracker() -> HeadTracker {
    HeadTracker::new(signer().verifier().clone(), KnownHead::default())
}

#[test]
fn heads_grow_and_prove_their_entries() {
    let log = FakeLog::honest();
    let mut tracker = tracker();
    let mut last = 0;
    for size in [1, 2, 7, 8, 8, 20] {
        let head = tracker.accept(&log.head(size), &log.proof(last, size)).unwrap();
        last = size;
        assert_eq!((head.size(), tracker.known().size), (size, size));
        for index in 0..size {
            let entry = head.verify_entry(index, &log.path(index, size), &leaf(index)).unwrap();
            assert_eq!((entry.index(), entry.leaf()), (index, &leaf(index)));
        }
    }
}

#[test]
fn another_leaf_place_or_path_is_not_in_the_log() {
    let log = FakeLog::honest();
    let head = tracker().accept(&log.head(20), &[]).unwrap();
    let path = log.path(3, 20);
    let refused = Err(NotInLog { index: 3, size: 20 });
    assert_eq!(head.verify_entry(3, &path, &leaf(4)), refused);
    assert_eq!(head.verify_entry(3, &path[1..], &leaf(3)), refused);
    assert_eq!(head.verify_entry(3, &log.path(3, 19), &leaf(3)), refused);
    assert!(head.verify_entry(4, &path, &leaf(3)).is_err());
    assert!(head.verify_entry(20, &path, &leaf(3)).is_err());
}

#[test]
fn a_log_that_shrinks_is_refused() {
    let log = FakeLog::honest();
    let mut tracker = tracker();
    tracker.accept(&log.head(8), &[]).unwrap();
    let refused = tracker.accept(&log.head(7), &[]).unwrap_err();
    assert_eq!(refused, HeadError::Smaller { known: 8, size: 7 });
    assert_eq!(tracker.known().size, 8);
}

#[test]
fn a_fork_is_refused_with_its_own_reason() {
    let (log, fork) = (FakeLog::honest(), FakeLog::new(20, 6));
    let mut tracker = tracker();
    tracker.accept(&log.head(8), &[]).unwrap();
    assert_eq!(tracker.accept(&fork.head(8), &[]).unwrap_err(), HeadError::Fork { size: 8 });
    for proof in [fork.proof(8, 12), log.proof(8, 12), Vec::new()] {
        let refused = tracker.accept(&fork.head(12), &proof).unwrap_err();
        assert_eq!(refused, HeadError::NotContinued { known: 8, size: 12 });
    }
    tracker.accept(&log.head(12), &log.proof(8, 12)).unwrap();
}

#[test]
fn an_unsigned_head_is_refused() {
    let log = FakeLog::honest();
    let text = log.head(8).replacen("\n8\n", "\n9\n", 1);
    let refused = tracker().accept(&text, &[]).unwrap_err();
    assert_eq!(refused, HeadError::Checkpoint(CheckpointError::BadSignature));
}

#[test]
fn an_empty_log_with_another_root_is_refused() {
    let text = signer().sign(0, sha256(&[b"something"])).unwrap();
    assert_eq!(tracker().accept(text.text(), &[]).unwrap_err(), HeadError::Fork { size: 0 });
}

#[test]
fn known_heads_survive_a_restart_and_never_go_back() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("known-heads");
    let log = FakeLog::honest();
    let mut tracker = tracker();
    let small = tracker.accept(&log.head(5), &[]).unwrap();
    let large = tracker.accept(&log.head(9), &log.proof(5, 9)).unwrap();
    let mut known = KnownHeads::load(&path).unwrap();
    assert_eq!(known.get(small.origin()), KnownHead::default());
    known.advance(&large).unwrap();
    known.advance(&small).unwrap();
    known.save().unwrap();
    let mut known = KnownHeads::load(&path).unwrap();
    assert_eq!(known.iter().collect::<Vec<_>>(), [(large.origin(), large.head())]);
    let fork = FakeLog::new(20, 6);
    let other = HeadTracker::new(signer().verifier().clone(), KnownHead::default())
        .accept(&fork.head(9), &[])
        .unwrap();
    assert_eq!(known.advance(&other).unwrap_err(), HeadError::Fork { size: 9 });
}

#[test]
fn a_damaged_file_of_known_heads_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("known-heads");
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let line = format!("hb.example/log/0 7 {root}\n");
    for (text, damaged) in [
        (String::new(), 1),
        ("huxin known heads 2\n".to_owned(), 1),
        (format!("huxin known heads 1\n{}", line.trim_end()), 2),
        (format!("huxin known heads 1\n{}", line.replace(" 7 ", " 07 ")), 2),
        (format!("huxin known heads 1\n{line}\n"), 3),
        (format!("huxin known heads 1\n{line}{line}"), 3),
        (format!("huxin known heads 1\n{}", line.replace('\n', " x\n")), 2),
    ] {
        fs::write(&path, &text).unwrap();
        let refused = KnownHeads::load(&path).unwrap_err();
        assert!(matches!(refused, KnownHeadsError::Line { line } if line == damaged), "{text:?}: {refused}");
    }
    fs::write(&path, format!("huxin known heads 1\n{line}")).unwrap();
    assert_eq!(KnownHeads::load(&path).unwrap().iter().count(), 1);
}
