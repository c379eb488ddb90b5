use std::fs;

use huxin_attest::Ed25519Key;
use huxin_ledger::LogSigner;
use huxin_ledger::audit::audit;
use huxin_ledger::log::OpenError;
use huxin_ledger::store::{RecordRefused, RecoverError};
use tempfile::TempDir;

use crate::support::{FIRST, entries, open, origin, signer};

/// A closed log of two records and five entries.
fn closed() -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut log = open(folder.path()).unwrap();
    log.append(&entries(0..2)).unwrap();
    log.append(&entries(2..5)).unwrap();
    log.close().unwrap();
    folder
}

#[test]
fn an_audit_finds_the_newest_head_and_changes_nothing() {
    let folder = closed();
    let journal = folder.path().join(FIRST);
    // A torn end: the first bytes of a third record.
    let mut bytes = fs::read(&journal).unwrap();
    let whole = bytes.len();
    bytes.extend_from_within(16..40);
    fs::write(&journal, &bytes).unwrap();
    let changed = fs::metadata(&journal).unwrap().modified().unwrap();

    let found = audit(folder.path(), signer().verifier()).unwrap();
    assert_eq!((found.records, found.head.unwrap().checkpoint().size), (2, 5));
    assert_eq!(found.torn, Some(whole as u64));
    assert_eq!(fs::read(&journal).unwrap(), bytes);
    assert_eq!(fs::metadata(&journal).unwrap().modified().unwrap(), changed);
}

#[test]
fn an_audit_waits_for_no_running_node() {
    let folder = TempDir::new().unwrap();
    let log = open(folder.path()).unwrap();
    let refused = audit(folder.path(), signer().verifier());
    assert!(matches!(refused, Err(OpenError::Recover(RecoverError::Locked))));
    log.close().unwrap();
    assert!(audit(folder.path(), signer().verifier()).unwrap().head.is_none());
}

#[test]
fn an_audit_refuses_another_key_a_changed_byte_and_a_lost_end() {
    let folder = closed();
    let other = LogSigner::new(origin(), Box::new(Ed25519Key::from_seed(&[6; 32]).unwrap()));
    let refused = audit(folder.path(), other.verifier()).unwrap_err();
    let OpenError::Recover(RecoverError::Refused { reason, .. }) = refused else { panic!("{refused}") };
    assert_eq!(reason, RecordRefused::Checkpoint);

    let journal = folder.path().join(FIRST);
    let whole = fs::read(&journal).unwrap();
    let mut changed = whole.clone();
    changed[64 + 52 + 20] ^= 1;
    fs::write(&journal, &changed).unwrap();
    let refused = audit(folder.path(), signer().verifier());
    assert!(matches!(refused, Err(OpenError::Recover(RecoverError::Damaged { offset: 64, .. }))));

    fs::write(&journal, &whole[..64]).unwrap();
    let refused = audit(folder.path(), signer().verifier());
    assert!(matches!(refused, Err(OpenError::Behind { recovered: 0, watermark: 2.. })));
}
