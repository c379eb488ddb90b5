//! The same request twice, and another one under its name.

use huxin_attest::sha256;

use super::*;
use crate::store::REMEMBER_MS;
use crate::testing::{code, secs, withdraw};

fn request(caller: &str, request_id: &str, payload: &[u8], result: &[u8]) -> RequestRecord {
    let at = secs(0).to_ms();
    let (caller, request_id) = (caller.to_owned(), request_id.to_owned());
    let result = result.to_vec();
    let result = Box::new(move |_: &[Outcome]| result.clone());
    RequestRecord { caller, request_id, payload: sha256(&[payload]), result, at }
}

fn recall(registry: &EmbeddedRegistry, request: &RequestRecord) -> Recall {
    registry.recall(&request.caller, &request.request_id, &request.payload).unwrap()
}

#[test]
fn a_request_is_remembered_with_its_result_across_a_restart() {
    let folder = Folder::new();
    let registry = folder.open();
    let first = request("app", "r1", b"payload", b"result");
    assert_eq!(recall(&registry, &first), Recall::New);
    registry.commit(&[code(1, "d0", "00", 0)], Some(&first)).unwrap();
    drop(registry);

    let registry = folder.open();
    assert_eq!(recall(&registry, &first), Recall::Same(b"result".to_vec()));
    assert_eq!(recall(&registry, &request("app", "r1", b"other", b"")), Recall::Different);
    assert_eq!(recall(&registry, &request("ap", "pr1", b"payload", b"")), Recall::New);
}

#[test]
fn the_same_request_is_answered_from_memory_and_another_under_its_id_is_refused() {
    let registry = memory();
    let first = request("app", "r1", b"payload", b"first");
    registry.commit(&[code(1, "d0", "00", 0)], Some(&first)).unwrap();
    let again = request("app", "r1", b"payload", b"second");
    let repeated = registry.commit(&[code(2, "d0", "00", 0)], Some(&again));
    assert_eq!(repeated, Ok(Committed::Before(b"first".to_vec())));
    let other = request("app", "r1", b"other", b"third");
    let reused = registry.commit(&[code(2, "d0", "00", 0)], Some(&other));
    assert_eq!(reused, Err(RegistryError::RequestIdReused));
    assert_eq!(heads(&registry, 2), []);
}

#[test]
fn a_refused_request_is_not_remembered() {
    let registry = memory();
    let first = request("app", "r1", b"payload", b"result");
    assert!(registry.commit(&[withdraw(&code(1, "d0", "00", 0))], Some(&first)).is_err());
    assert_eq!(recall(&registry, &first), Recall::New);
}

#[test]
fn a_request_that_writes_nothing_is_remembered_all_the_same() {
    let registry = memory();
    let first = request("app", "r1", b"payload", b"result");
    registry.commit(&[], Some(&first)).unwrap();
    assert_eq!(recall(&registry, &first), Recall::Same(b"result".to_vec()));
}

#[test]
fn requests_are_forgotten_after_24_hours_and_not_before() {
    let registry = memory();
    let mut old = request("app", "old", b"payload", b"result");
    let young = request("app", "young", b"payload", b"result");
    old.at = old.at.saturating_add_ms(-1);
    registry.commit(&[], Some(&old)).unwrap();
    registry.commit(&[], Some(&young)).unwrap();
    let day_later = young.at.saturating_add_ms(REMEMBER_MS);
    assert_eq!(registry.purge(old.at.saturating_add_ms(REMEMBER_MS)), Ok(0));
    assert_eq!(registry.purge(day_later), Ok(1));
    assert_eq!(recall(&registry, &old), Recall::New);
    assert_eq!(recall(&registry, &young), Recall::Same(b"result".to_vec()));
    assert_eq!(registry.purge(day_later.saturating_add_ms(1)), Ok(1));
    assert_eq!(recall(&registry, &young), Recall::New);
}
