//! What is kept beside an entry, and the lists of what waits for somebody.

use huxin_attest::{Kind, RegionCode};
use huxin_ledger::public::{
    Asked, Counts, Decision, Label, PolicyRef, PolicyRefs, Reply, Resolution, Resolved, Reuse, Verdict,
};
use huxin_ledger::{Entry, Kept, Leaf, LeafType};
use tempfile::TempDir;

use crate::support::{details, entries, leaf, open, origin, public, salt};

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

fn of_type(leaf_type: LeafType, number: u64, public: Vec<u8>) -> Entry {
    let leaf = Leaf { leaf_type, ..leaf(number) };
    Entry::new(&leaf, salt(number), public, details(number)).unwrap()
}

pub(crate) fn decision(number: u64, outcome: Verdict) -> Entry {
    let policy = PolicyRef { id: label("CN"), version: 1, digest: leaf(0).commitment };
    let asked = Asked { region: RegionCode::new(42).unwrap(), reply: Reply::Unreachable };
    let decision = Decision {
        purpose: label("visit"),
        outcome,
        rule: label("N-20"),
        department: label("gd-commerce"),
        counts: Counts::default(),
        asked: vec![asked],
        policies: PolicyRefs { baseline: policy.clone(), overlay: None, vocabulary: policy },
    };
    of_type(LeafType::Decision, number, decision.encode())
}

pub(crate) fn resolution(number: u64, decision: u64) -> Entry {
    let resolution = Resolved::Admitted;
    let record = Resolution { resolution, department: label("gd-transport"), decision };
    of_type(LeafType::Resolution, number, record.encode())
}

pub(crate) fn reuse(number: u64, log: &str) -> Entry {
    let record = Reuse {
        purpose: label("visit"),
        peer: RegionCode::new(42).unwrap(),
        department: label("gd-commerce"),
        counts: Counts::from_iter([(Kind::HealthCode, 1)]),
        origin: log.parse().unwrap(),
        index: 3,
    };
    of_type(LeafType::Reuse, number, record.encode())
}

#[test]
fn what_is_kept_is_read_back_also_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let mut log = open(folder.path()).unwrap();
    log.append(&entries(0..3)).unwrap();
    let kept = |n| Kept { leaf: leaf(n), salt1: salt(n), public: public(n), details: Some(details(n)) };
    assert_eq!(log.reader().kept(2).unwrap(), kept(2));
    assert!(log.reader().kept(3).is_err());
    drop(log);
    let log = open(folder.path()).unwrap();
    (0..3).for_each(|n| assert_eq!(log.reader().kept(n).unwrap(), kept(n)));
}

#[test]
fn a_review_is_open_until_a_resolution_names_it() {
    let folder = TempDir::new().unwrap();
    let mut log = open(folder.path()).unwrap();
    let reviews = [decision(0, Verdict::Review), decision(1, Verdict::Admit), decision(2, Verdict::Review)];
    log.append(&reviews).unwrap();
    log.append(&[decision(3, Verdict::Review), resolution(4, 2), resolution(5, 2)]).unwrap();
    for _ in 0..2 {
        let reader = log.reader();
        assert_eq!(reader.open_reviews(None, 10).unwrap(), [0, 3]);
        assert_eq!(reader.open_reviews(None, 1).unwrap(), [0]);
        assert_eq!(reader.open_reviews(Some(0), 10).unwrap(), [3]);
        assert_eq!(reader.open_reviews(Some(3), 10).unwrap(), [0_u64; 0]);
        assert_eq!(reader.resolution_of(2).unwrap(), Some(4), "the first one");
        assert_eq!(reader.resolution_of(0).unwrap(), None);
        drop(log);
        log = open(folder.path()).unwrap();
    }
}

#[test]
fn a_reuse_of_anothers_answer_is_unreported_until_it_is_marked() {
    let folder = TempDir::new().unwrap();
    let mut log = open(folder.path()).unwrap();
    log.append(&[reuse(0, "sx.example/log/0"), reuse(1, origin().as_str()), reuse(2, "gd.example/log/0")])
        .unwrap();
    let reader = log.reader();
    assert_eq!(reader.unreported(None, 10).unwrap(), [0, 2], "a report about an own answer is none");
    assert_eq!(reader.unreported(Some(0), 10).unwrap(), [2]);
    assert_eq!(reader.unreported(None, 1).unwrap(), [0]);
    reader.mark_reported(0);
    reader.mark_reported(1);
    assert_eq!(reader.unreported(None, 10).unwrap(), [2]);
}

#[test]
fn the_lists_go_on_across_tiles_and_remember_what_was_reported() {
    let folder = TempDir::new().unwrap();
    let mut log = open(folder.path()).unwrap();
    let others = "sx.example/log/0";
    log.append(&[decision(0, Verdict::Review), reuse(1, others), reuse(2, origin().as_str())]).unwrap();
    log.integrate().unwrap();
    log.append(&[decision(3, Verdict::Review), reuse(4, others), resolution(5, 0)]).unwrap();
    let reader = log.reader().clone();
    assert_eq!(reader.open_reviews(None, 10).unwrap(), [3], "the newer entry resolves the older one");
    assert_eq!(reader.resolution_of(0).unwrap(), Some(5));
    assert_eq!(reader.unreported(None, 10).unwrap(), [1, 4]);
    assert_eq!(reader.unreported(None, 1).unwrap(), [1]);
    assert_eq!(reader.unreported(Some(1), 10).unwrap(), [4]);
    // One that is in tiles, and one on its way into them.
    reader.mark_reported(1);
    reader.mark_reported(4);
    log.integrate().unwrap();
    for _ in 0..2 {
        assert_eq!(log.reader().open_reviews(None, 10).unwrap(), [3]);
        assert_eq!(log.reader().resolution_of(0).unwrap(), Some(5));
        assert_eq!(log.reader().unreported(None, 10).unwrap(), [0_u64; 0]);
        drop(log);
        log = open(folder.path()).unwrap();
    }
}
