//! What is read: the look-up, which is the hot path, and what people and supervisors ask now and then.

use huxin_attest::{DepartmentName, Digest, Kind, Kinds};
use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata};

use super::Heads;
use super::commit::past_key;
use super::tables::{HEADS, META, PAST, PENDING, PastKey, STATEMENTS, failed, number};
use crate::error::RegistryError;
use crate::person::PersonKey;
use crate::row::{Life, Row};
use crate::store::{ChangeId, Counts, Found, HistoryEntry, MAX_HEADS, PendingChange};

/// One read; the value lies in the order of the answer.
pub(super) fn look_up(heads: &Heads, person: &PersonKey, kinds: Kinds) -> Result<Found, RegistryError> {
    let mut found = Found::default();
    let Some(value) = ReadableTable::get(heads, &person.0).map_err(failed)? else { return Ok(found) };
    let mut rest = value.value();
    let mut run = (None, 0);
    while !rest.is_empty() {
        let row = Row::take(&mut rest)?;
        if row.life != Life::Head || !kinds.contains(row.kind) {
            continue;
        }
        let own = row.hop == 0;
        run = if run.0 == Some((row.kind, own)) { (run.0, run.1 + 1) } else { (Some((row.kind, own)), 1) };
        if run.1 <= MAX_HEADS {
            found.heads.push(row.held()?);
        } else {
            found.more |= own;
        }
    }
    Ok(found)
}

pub(super) fn pending(view: &ReadTransaction) -> Result<Vec<PendingChange>, RegistryError> {
    let table = view.open_table(PENDING).map_err(failed)?;
    let mut changes = Vec::new();
    for entry in table.iter().map_err(failed)? {
        let (id, value) = entry.map_err(failed)?;
        let [person @ .., mask] = value.value();
        let kinds = Kind::ALL.into_iter().filter(|kind| *mask & 1 << kind.number() != 0).collect();
        changes.push(PendingChange { id: ChangeId(id.value()), person: PersonKey(*person), kinds });
    }
    Ok(changes)
}

pub(super) fn find(
    view: &ReadTransaction,
    person: &PersonKey,
    digest: &Digest,
) -> Result<Option<HistoryEntry>, RegistryError> {
    let heads = view.open_table(HEADS).map_err(failed)?;
    let Some(value) = ReadableTable::get(&heads, &person.0).map_err(failed)? else { return Ok(None) };
    let mut rest = value.value();
    while !rest.is_empty() {
        let row = Row::take(&mut rest)?;
        if row.life == Life::Head && row.place.digest == digest.0 {
            return row.entry();
        }
    }
    let past = view.open_table(PAST).map_err(failed)?;
    find_past(&past, person, digest)?.map_or(Ok(None), |row| row.entry())
}

/// The statement that is no head and has this digest.
pub(super) fn find_past(
    past: &impl ReadableTable<&'static PastKey, &'static [u8]>,
    person: &PersonKey,
    digest: &Digest,
) -> Result<Option<Row<'static>>, RegistryError> {
    let (first, last) = span(person);
    for entry in past.range::<&PastKey>(&first..=&last).map_err(failed)? {
        let (key, value) = entry.map_err(failed)?;
        if key.value().ends_with(&digest.0) {
            return Row::owned(value.value().to_vec()).map(Some);
        }
    }
    Ok(None)
}

pub(super) fn history(
    view: &ReadTransaction,
    by: Option<&DepartmentName>,
    person: &PersonKey,
    mut skip: usize,
    limit: usize,
) -> Result<Vec<HistoryEntry>, RegistryError> {
    let mut entries = Vec::new();
    let mut keep = |row: &Row<'_>| -> Result<bool, RegistryError> {
        if entries.len() >= limit {
            return Ok(false);
        }
        let counts =
            row.life != Life::Ended && by.is_none_or(|by| row.department() == by.as_str().as_bytes());
        match skip.checked_sub(1) {
            _ if !counts => {}
            Some(left) => skip = left,
            None => entries.extend(row.entry()?),
        }
        Ok(true)
    };
    let heads = view.open_table(HEADS).map_err(failed)?;
    if let Some(value) = ReadableTable::get(&heads, &person.0).map_err(failed)? {
        let mut rest = value.value();
        while !rest.is_empty() && keep(&Row::take(&mut rest)?)? {}
    }
    let (first, last) = span(person);
    let past = view.open_table(PAST).map_err(failed)?;
    for entry in ReadableTable::range::<&PastKey>(&past, &first..=&last).map_err(failed)?.rev() {
        let (_, value) = entry.map_err(failed)?;
        if !keep(&Row::take(&mut value.value())?)? {
            break;
        }
    }
    Ok(entries)
}

pub(super) fn counts(view: &ReadTransaction) -> Result<Counts, RegistryError> {
    let people = view.open_table(HEADS).map_err(failed)?.len().map_err(failed)?;
    let statements = number(&view.open_table(META).map_err(failed)?, STATEMENTS)?;
    Ok(Counts { people, statements })
}

fn span(person: &PersonKey) -> (PastKey, PastKey) {
    (past_key(person, 0, 0, &[0; 32]), past_key(person, u8::MAX, u64::MAX, &[0xff; 32]))
}
