//! What holds across errors, ends and openings.

use huxin_attest::TestResult::Negative;
use redb::{ReadableTable as _, TableDefinition};

use super::*;
use crate::error::Refusal;
use crate::store::{Counts, MAX_CHAINS, MAX_WRITES};
use crate::testing::{code, digest, state, test, withdraw};

#[test]
fn a_commit_with_one_bad_write_leaves_nothing() {
    let registry = memory();
    let good = code(1, "d0", "00", 0);
    let bad = withdraw(&code(2, "d0", "00", 0));
    let refused = registry.commit(&[good.clone(), bad, code(3, "d0", "00", 0)], None);
    let reason = Refusal::UnknownStatement;
    assert_eq!(refused, Err(RegistryError::Refused { index: 1, reason }));
    assert_eq!(heads(&registry, 1), []);
    assert_eq!(registry.counts(), Ok(Counts::default()));
    assert_eq!(registry.pending(), Ok(Vec::new()));
    assert_eq!(outcomes(&registry, &[good]), [Outcome::Done]);
}

#[test]
fn limits_are_refused_as_such() {
    let registry = memory();
    let mut long = code(1, "d0", "00", 0);
    if let Write::State { envelope, .. } = &mut long {
        envelope.resize(huxin_attest::MAX_ENVELOPE_LEN + 1, 0);
    }
    let refused = |writes: &[Write]| match registry.commit(writes, None) {
        Err(RegistryError::Refused { index, reason }) => (index, reason),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&[code(1, "d0", "00", 0), long]), (1, Refusal::TooLong));
    let same = code(1, "d0", "00", 0);
    assert_eq!(refused(&vec![same.clone(); MAX_WRITES + 1]), (MAX_WRITES, Refusal::TooManyWrites));
    assert_eq!(outcomes(&registry, &vec![same; MAX_WRITES])[..2], [Outcome::Done, Outcome::Known]);
    let many: Vec<Write> = (1..=MAX_CHAINS).map(|index| code(1, &format!("d{index}"), "00", 0)).collect();
    assert_eq!(refused(&many), (MAX_CHAINS - 1, Refusal::TooManyChains));
}

#[test]
fn the_same_statement_again_changes_nothing() {
    let registry = memory();
    let writes = [code(1, "d0", "00", 0), test(1, "d1", Negative, -60)];
    commit(&registry, &writes);
    let (done, changes) = commit(&registry, &writes);
    assert_eq!((done, changes.len()), (vec![Outcome::Known; 2], 0));
    assert_eq!(registry.counts(), Ok(Counts { people: 1, statements: 2 }));
    let twice = test(2, "d1", Negative, -60);
    assert_eq!(outcomes(&registry, &[twice.clone(), twice]), [Outcome::Done, Outcome::Known]);
    assert_eq!(registry.counts(), Ok(Counts { people: 2, statements: 3 }));
}

#[test]
fn changes_stay_pending_across_a_restart_until_they_are_settled() {
    let folder = Folder::new();
    let registry = folder.open();
    let (_, first) = commit(&registry, &[code(1, "d0", "00", 0), test(1, "d1", Negative, -60)]);
    let (_, second) = commit(&registry, &[code(2, "d0", "00", 0), code(3, "d0", "00", 0)]);
    assert_eq!((first.len(), second.len()), (1, 2));
    assert_eq!(first[0].kinds, [Kind::HealthCode, Kind::NucleicTest].into_iter().collect());
    registry.settle(&[second[0].id]).unwrap();
    drop(registry);

    let registry = folder.open();
    assert_eq!(registry.pending(), Ok(vec![first[0], second[1]]));
    registry.settle(&[first[0].id, second[1].id, ChangeId(99)]).unwrap();
    assert_eq!(registry.pending(), Ok(Vec::new()));
    drop(registry);

    let registry = folder.open();
    assert_eq!(registry.pending(), Ok(Vec::new()));
    let (_, third) = commit(&registry, &[code(1, "d0", "10", 10)]);
    assert!(third[0].id > second[1].id, "an id is never used again");
}

/// The file as it is on the disk while the store is open is what a killed process leaves.
#[test]
fn what_was_committed_survives_a_process_that_is_killed() {
    let (folder, after) = (Folder::new(), Folder::new());
    let registry = folder.open();
    let green = code(1, "d0", "00", 0);
    let (_, changes) = commit(&registry, std::slice::from_ref(&green));
    std::fs::copy(folder.path(), after.path()).unwrap();

    let survivor = after.open();
    assert_eq!(heads(&survivor, 1), [digest(&green)]);
    assert_eq!(survivor.pending(), Ok(changes));
    assert_eq!(survivor.counts(), Ok(Counts { people: 1, statements: 1 }));
}

#[test]
fn a_settled_change_may_come_back_after_a_kill_but_a_pending_one_is_never_lost() {
    let (folder, after) = (Folder::new(), Folder::new());
    let registry = folder.open();
    let (_, first) = commit(&registry, &[code(1, "d0", "00", 0)]);
    registry.settle(&[first[0].id]).unwrap();
    let (_, second) = commit(&registry, &[code(2, "d0", "00", 0)]);
    registry.settle(&[second[0].id]).unwrap();
    std::fs::copy(folder.path(), after.path()).unwrap();
    // The second commit carried the first settlement to the disk; nothing has carried the second yet.
    assert_eq!(after.open().pending(), Ok(second));
}

#[test]
fn a_registry_is_open_once() {
    let folder = Folder::new();
    let first = folder.open();
    assert_eq!(EmbeddedRegistry::open(&folder.path(), &secret()).err(), Some(RegistryError::InUse));
    drop(first);
    folder.open();
}

#[test]
fn another_schema_another_secret_and_another_file_are_refused() {
    let folder = Folder::new();
    drop(folder.open());
    let other = ProvinceSecret::from_bytes(&[8; 32]).unwrap();
    assert_eq!(EmbeddedRegistry::open(&folder.path(), &other).err(), Some(RegistryError::WrongSecret));

    let database = Database::open(folder.path()).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(super::super::tables::META).unwrap().insert("schema", 2).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let error = EmbeddedRegistry::open(&folder.path(), &secret()).err();
    assert_eq!(error, Some(RegistryError::Schema { found: 2, needed: SCHEMA }));

    let strange = Folder::new();
    let database = Database::create(strange.path()).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(TableDefinition::<u64, u64>::new("strange")).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let error = EmbeddedRegistry::open(&strange.path(), &secret()).err();
    assert_eq!(error, Some(RegistryError::NotARegistry));

    let text = Folder::new();
    std::fs::write(text.path(), "no database at all, but some kilobytes of text\n".repeat(200)).unwrap();
    let error = EmbeddedRegistry::open(&text.path(), &secret()).err();
    assert_eq!(error, Some(RegistryError::NotARegistry));
}

#[cfg(unix)]
#[test]
fn nobody_but_its_owner_reads_the_file() {
    let folder = Folder::new();
    let registry = folder.open();
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(folder.path()).unwrap());
    assert_eq!(mode & 0o777, 0o600);
    drop(registry);
}

#[test]
fn a_damaged_row_is_an_error_and_no_empty_answer() {
    let registry = memory();
    commit(&registry, &[state(1, Kind::HealthCode, "d0", |fields| fields.status = "00".parse().ok())]);
    let transaction = registry.begin(Durability::Immediate).unwrap();
    {
        let mut table = transaction.open_table(HEADS).unwrap();
        let value = table.get(&person(1).0).unwrap().unwrap().value().to_vec();
        table.insert(&person(1).0, &value[..value.len() - 1]).unwrap();
    }
    registry.finish(transaction).unwrap();
    assert!(matches!(registry.look_up(&person(1), all()), Err(RegistryError::Damaged(_))));
    assert!(registry.commit(&[code(1, "d0", "00", 9)], None).is_err());
}

#[test]
fn a_look_up_that_begins_after_a_commit_returned_sees_it_from_every_thread() {
    let registry = memory();
    let codes: Vec<Write> = (0..50).map(|after| code(1, "d0", "00", after)).collect();
    let newest = std::sync::atomic::AtomicUsize::new(0);
    commit(&registry, &codes[..1]);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            while newest.load(std::sync::atomic::Ordering::Acquire) < codes.len() - 1 {
                let at_least = newest.load(std::sync::atomic::Ordering::Acquire);
                let seen = heads(&registry, 1)[0];
                let seen = codes.iter().position(|write| digest(write) == seen).unwrap();
                assert!(seen >= at_least, "{seen} {at_least}");
            }
        });
        for at in 1..codes.len() {
            commit(&registry, &codes[at..=at]);
            newest.store(at, std::sync::atomic::Ordering::Release);
        }
        reader.join().unwrap();
    });
}

#[test]
fn a_registry_is_read_only_while_nobody_writes_it_and_after_it_was_closed() {
    let folder = Folder::new();
    let registry = folder.open();
    commit(&registry, &[code(1, "d0", "00", 0), code(1, "d0", "10", 10)]);
    let expected = registry.history(&person(1), 0, 9).unwrap();
    let open = |secret: ProvinceSecret| ReadOnlyRegistry::open(&folder.path(), &secret);
    assert_eq!(open(secret()).err(), Some(RegistryError::InUse));
    let killed = folder.0.path().join("killed.redb");
    std::fs::copy(folder.path(), &killed).unwrap();
    drop(registry);

    let bytes = std::fs::read(folder.path()).unwrap();
    let reader = open(secret()).unwrap();
    assert_eq!(reader.history(&person(1), 0, 9), Ok(expected));
    assert_eq!(reader.history(&person(1), 1, 9).unwrap().len(), 1);
    drop(reader);
    assert_eq!(std::fs::read(folder.path()).unwrap(), bytes);
    let other = ProvinceSecret::from_bytes(&[8; 32]).unwrap();
    assert_eq!(open(other).err(), Some(RegistryError::WrongSecret));
    assert_eq!(ReadOnlyRegistry::open(&killed, &secret()).err(), Some(RegistryError::NotClosed));
}
