//! Applies a batch of writes inside one transaction.
//!
//! People are taken in the order of their keys, so that neighbouring pages are touched once. Nothing here commits.

use huxin_attest::{Digest, Kinds, MAX_ENVELOPE_LEN};
use redb::{ReadableTable, Table, WriteTransaction};

use super::read::find_past;
use super::tables::{HEADS, META, NEXT_CHANGE, PAST, PENDING, PastKey, STATEMENTS, add, failed};
use crate::chain::{Chains, Failed, Past};
use crate::error::{Refusal, RegistryError};
use crate::person::PersonKey;
use crate::row::{self, Life, Place, Row};
use crate::store::{ChangeId, MAX_WRITES, Outcome, PendingChange, Write};

/// What the writes did.
pub(super) struct Applied {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) changes: Vec<PendingChange>,
    /// Is there anything to commit?
    pub(super) wrote: bool,
}

/// Applies all writes; on an error the caller drops the transaction.
pub(super) fn apply(transaction: &WriteTransaction, writes: &[Write]) -> Result<Applied, RegistryError> {
    if writes.len() > MAX_WRITES {
        return Err(RegistryError::Refused { index: MAX_WRITES, reason: Refusal::TooManyWrites });
    }
    let rows = Rows::encode(writes)?;
    let mut queue: Vec<(PersonKey, usize)> =
        writes.iter().map(person_of).enumerate().map(|(index, person)| (person, index)).collect();
    queue.sort_unstable();

    let mut outcomes = vec![Outcome::Known; writes.len()];
    let mut changed: Vec<(PersonKey, Kinds)> = Vec::new();
    let mut heads = transaction.open_table(HEADS).map_err(failed)?;
    let mut past = transaction.open_table(PAST).map_err(failed)?;
    let mut value = Vec::new();
    for group in queue.chunk_by(|a, b| a.0 == b.0) {
        let Some((person, _)) = group.first() else { continue };
        value.clear();
        if let Some(kept) = heads.get(&person.0).map_err(failed)? {
            value.extend_from_slice(kept.value());
        }
        let mut chains = Chains::read(&value)?;
        let mut past = PastOf { table: &mut past, person: *person };
        for (_, index) in group {
            let outcome =
                one(&mut chains, &mut past, writes, &rows, *index).map_err(|failed| match failed {
                    Failed::Store(error) => error,
                    Failed::Write(reason) => RegistryError::Refused { index: *index, reason },
                })?;
            if let Some(slot) = outcomes.get_mut(*index) {
                *slot = outcome;
            }
        }
        if !chains.changed().is_empty() {
            changed.push((*person, chains.changed()));
        }
        if let Some(rows) = chains.answer() {
            put_rows(&mut heads, person, rows)?;
        }
    }
    let stated = writes
        .iter()
        .zip(&outcomes)
        .filter(|(write, outcome)| matches!(write, Write::State { .. }) && **outcome != Outcome::Known);
    let stated = stated.count() as u64;
    let changes = note(transaction, &changed, stated)?;
    let wrote = outcomes.iter().any(|outcome| *outcome != Outcome::Known);
    Ok(Applied { outcomes, changes, wrote })
}

fn one<'a>(
    chains: &mut Chains<'a>,
    past: &mut PastOf<'_, '_>,
    writes: &[Write],
    rows: &'a Rows,
    index: usize,
) -> Result<Outcome, Failed> {
    match writes.get(index) {
        Some(Write::State { .. }) => chains.state(rows.row(index)?, past),
        Some(Write::Withdraw { digest, by, .. }) => chains.withdraw(digest, by, past),
        Some(Write::Contest { digest, standing, .. }) => chains.contest(digest, *standing, past),
        None => Ok(Outcome::Known),
    }
}

fn person_of(write: &Write) -> PersonKey {
    match write {
        Write::State { person, .. } | Write::Withdraw { person, .. } | Write::Contest { person, .. } => {
            *person
        }
    }
}

/// The rows of all statements of a call, one after the other in one allocation.
struct Rows {
    bytes: Vec<u8>,
    /// Where the row of each write ends; a write that is no statement ends where it begins.
    ends: Vec<usize>,
}

impl Rows {
    fn encode(writes: &[Write]) -> Result<Self, RegistryError> {
        let mut rows = Self { bytes: Vec::new(), ends: Vec::with_capacity(writes.len()) };
        for (index, write) in writes.iter().enumerate() {
            if let Write::State { attestation, envelope, salt, .. } = write {
                if envelope.len() > MAX_ENVELOPE_LEN {
                    return Err(RegistryError::Refused { index, reason: Refusal::TooLong });
                }
                row::encode(&mut rows.bytes, attestation, salt, envelope);
            }
            rows.ends.push(rows.bytes.len());
        }
        Ok(rows)
    }

    fn row(&self, index: usize) -> Result<Row<'_>, RegistryError> {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(index).copied().unwrap_or(start);
        Row::take(&mut self.bytes.get(start..end).unwrap_or_default())
    }
}

fn put_rows(
    heads: &mut Table<'_, &'static [u8; 32], &'static [u8]>,
    person: &PersonKey,
    rows: &[Row<'_>],
) -> Result<(), RegistryError> {
    let len = rows.iter().map(|row| row.bytes().len()).sum();
    let mut slot = heads.insert_reserve(&person.0, len).map_err(failed)?;
    let mut rest = slot.as_mut();
    for row in rows {
        let (place, tail) = rest
            .split_at_mut_checked(row.bytes().len())
            .ok_or(RegistryError::Damaged("a value is too short"))?;
        place.copy_from_slice(row.bytes());
        rest = tail;
    }
    Ok(())
}

/// Numbers the changes and counts the statements.
fn note(
    transaction: &WriteTransaction,
    changed: &[(PersonKey, Kinds)],
    stated: u64,
) -> Result<Vec<PendingChange>, RegistryError> {
    let mut meta = transaction.open_table(META).map_err(failed)?;
    if stated > 0 {
        add(&mut meta, STATEMENTS, stated)?;
    }
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    let first = add(&mut meta, NEXT_CHANGE, changed.len() as u64)?;
    let mut pending = transaction.open_table(PENDING).map_err(failed)?;
    let mut changes = Vec::with_capacity(changed.len());
    for (id, (person, kinds)) in (first..).zip(changed) {
        let mut value = [0; 33];
        let (key, mask) = value.split_at_mut(32);
        key.copy_from_slice(&person.0);
        mask.fill(kinds.iter().fold(0, |mask, kind| mask | 1 << kind.number()));
        pending.insert(id, &value).map_err(failed)?;
        changes.push(PendingChange { id: ChangeId(id), person: *person, kinds: *kinds });
    }
    Ok(changes)
}

/// One person's part of the table of what is no head.
struct PastOf<'t, 'txn> {
    table: &'t mut Table<'txn, &'static PastKey, &'static [u8]>,
    person: PersonKey,
}

impl PastOf<'_, '_> {
    fn key(&self, row: &Row<'_>) -> PastKey {
        past_key(&self.person, row.kind.number(), row.place.order, &row.place.digest)
    }
}

impl Past for PastOf<'_, '_> {
    fn holds(&self, row: &Row<'_>) -> Result<bool, RegistryError> {
        Ok(self.table.get(&self.key(row)).map_err(failed)?.is_some())
    }

    fn put(&mut self, row: &Row<'_>) -> Result<(), RegistryError> {
        let key = self.key(row);
        self.table.insert(&key, row.bytes()).map_err(failed)?;
        Ok(())
    }

    fn take_newest(&mut self, row: &Row<'_>) -> Result<Option<Row<'static>>, RegistryError> {
        let mut best: Option<(Place, Vec<u8>)> = None;
        let kind = row.kind.number();
        let first = past_key(&self.person, kind, 0, &[0; 32]);
        let last = past_key(&self.person, kind, u64::MAX, &[0xff; 32]);
        for entry in self.table.range::<&PastKey>(&first..=&last).map_err(failed)?.rev() {
            let (_, value) = entry.map_err(failed)?;
            let other = Row::take(&mut value.value())?;
            // Keys go down by order; among equals the key knows the digest only, the place decides.
            if best.as_ref().is_some_and(|(place, _)| other.place.order < place.order) {
                break;
            }
            let better = best.as_ref().is_none_or(|(place, _)| other.place > *place);
            if other.life == Life::Past && other.shares_chain_with(row) && better {
                best = Some((other.place, other.bytes().to_vec()));
            }
        }
        let Some((_, bytes)) = best else { return Ok(None) };
        let newest = Row::owned(bytes)?;
        let key = self.key(&newest);
        self.table.remove(&key).map_err(failed)?;
        Ok(Some(newest))
    }

    fn find(&self, digest: &Digest) -> Result<Option<Row<'static>>, RegistryError> {
        find_past(self.table, &self.person, digest)
    }
}

/// The key of a statement that is no head.
pub(super) fn past_key(person: &PersonKey, kind: u8, order: u64, digest: &[u8; 32]) -> PastKey {
    let mut key = [0; 73];
    let (head, tail) = key.split_at_mut(32);
    head.copy_from_slice(&person.0);
    if let Some((first, tail)) = tail.split_first_mut() {
        *first = kind;
        let (time, name) = tail.split_at_mut(8);
        time.copy_from_slice(&order.to_be_bytes());
        name.copy_from_slice(digest);
    }
    key
}
