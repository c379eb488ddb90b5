//! Requests that were answered: the same id with the same payload gets the same result for 24 hours.

use huxin_attest::{Digest, UnixMs, sha256};
use redb::{ReadTransaction, ReadableTable, WriteTransaction};

use super::tables::{REQUEST_TIMES, REQUESTS, failed};
use crate::error::RegistryError;
use crate::store::{Outcome, REMEMBER_MS, Recall, RequestRecord};

const DAMAGED: RegistryError = RegistryError::Damaged("a remembered request has a wrong form");

pub(super) fn recall(
    view: &ReadTransaction,
    caller: &str,
    request_id: &str,
    payload: &Digest,
) -> Result<Recall, RegistryError> {
    let requests = view.open_table(REQUESTS).map_err(failed)?;
    let Some(value) = ReadableTable::get(&requests, &key(caller, request_id)).map_err(failed)? else {
        return Ok(Recall::New);
    };
    let (_time, rest) = value.value().split_first_chunk::<8>().ok_or(DAMAGED)?;
    let (known, result) = rest.split_first_chunk::<32>().ok_or(DAMAGED)?;
    Ok(if *known == payload.0 { Recall::Same(result.to_vec()) } else { Recall::Different })
}

pub(super) fn remember(
    transaction: &WriteTransaction,
    request: &RequestRecord,
    outcomes: &[Outcome],
) -> Result<(), RegistryError> {
    let key = key(&request.caller, &request.request_id);
    let time = request.at.as_ms().unsigned_abs().to_be_bytes();
    let value = [time.as_slice(), request.payload.as_bytes(), &(request.result)(outcomes)].concat();
    transaction.open_table(REQUESTS).map_err(failed)?.insert(&key, value.as_slice()).map_err(failed)?;
    let mut times = transaction.open_table(REQUEST_TIMES).map_err(failed)?;
    times.insert(&time_key(time, &key), ()).map_err(failed)?;
    Ok(())
}

pub(super) fn purge(transaction: &WriteTransaction, now: UnixMs) -> Result<u64, RegistryError> {
    let mut requests = transaction.open_table(REQUESTS).map_err(failed)?;
    let mut times = transaction.open_table(REQUEST_TIMES).map_err(failed)?;
    let oldest = now.saturating_add_ms(-REMEMBER_MS).as_ms().unsigned_abs().to_be_bytes();
    let end = time_key(oldest, &[0; 32]);
    let mut purged = 0;
    for entry in times.extract_from_if::<&[u8; 40], _>(..&end, |_, ()| true).map_err(failed)? {
        let (time_key, _) = entry.map_err(failed)?;
        let (_, key) = time_key.value().split_first_chunk::<8>().ok_or(DAMAGED)?;
        let key: &[u8; 32] = key.try_into().map_err(|_| DAMAGED)?;
        requests.remove(key).map_err(failed)?;
        purged += 1;
    }
    Ok(purged)
}

/// A fixed length for whatever the caller sends; the length of the first part frames it against the second.
fn key(caller: &str, request_id: &str) -> [u8; 32] {
    let frame = (caller.len() as u64).to_be_bytes();
    sha256(&[&frame, caller.as_bytes(), request_id.as_bytes()]).0
}

fn time_key(time: [u8; 8], key: &[u8; 32]) -> [u8; 40] {
    let mut out = [0; 40];
    let (head, tail) = out.split_at_mut(8);
    head.copy_from_slice(&time);
    tail.copy_from_slice(key);
    out
}
