//! The tables of the file, the check at its opening, and what its errors mean.

use redb::{
    Database, DatabaseError, ReadTransaction, ReadableDatabase, ReadableTable, Table, TableDefinition,
    TableHandle, WriteTransaction,
};

use super::SCHEMA;
use crate::error::RegistryError;
use crate::person::ProvinceSecret;

/// Person → the rows of heads and ends, in the order of an answer.
pub(super) const HEADS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("heads");
/// Person ‖ kind ‖ order ‖ digest → one row that is no head.
pub(super) const PAST: TableDefinition<'_, &PastKey, &[u8]> = TableDefinition::new("past");
/// Change → person ‖ kinds (bit n: kind n).
pub(super) const PENDING: TableDefinition<'_, u64, &[u8; 33]> = TableDefinition::new("pending");
/// Hash of caller and request id → time ‖ payload ‖ result.
pub(super) const REQUESTS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("requests");
/// Time ‖ key in [`REQUESTS`], so that the old ones are found without a scan.
pub(super) const REQUEST_TIMES: TableDefinition<'_, &[u8; 40], ()> = TableDefinition::new("request_times");
/// Numbers of the whole file.
pub(super) const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
/// One row: the fingerprint of the secret.
pub(super) const SECRET: TableDefinition<'_, (), &[u8; 32]> = TableDefinition::new("secret");

pub(super) type PastKey = [u8; 73];

pub(super) const NEXT_CHANGE: &str = "next_change";
pub(super) const STATEMENTS: &str = "statements";
const SCHEMA_VERSION: &str = "schema";

/// Checks that the file is ours; makes the tables in a new one.
pub(super) fn prepare(database: &Database, secret: &ProvinceSecret) -> Result<(), RegistryError> {
    if is_new(database)? {
        let transaction = database.begin_write().map_err(failed)?;
        create(&transaction, secret)?;
        return transaction.commit().map_err(failed);
    }
    check(&database.begin_read().map_err(failed)?, secret)
}

/// Checks that the file is a registry of this layout that was filled under this secret.
pub(super) fn check(transaction: &ReadTransaction, secret: &ProvinceSecret) -> Result<(), RegistryError> {
    let meta = transaction.open_table(META).map_err(|_| RegistryError::NotARegistry)?;
    let found = meta.get(SCHEMA_VERSION).map_err(failed)?.ok_or(RegistryError::NotARegistry)?.value();
    if found != SCHEMA {
        return Err(RegistryError::Schema { found, needed: SCHEMA });
    }
    let kept = transaction.open_table(SECRET).map_err(failed)?;
    let kept = kept.get(()).map_err(failed)?.ok_or(RegistryError::Damaged("the secret's mark is missing"))?;
    if *kept.value() != secret.fingerprint() {
        return Err(RegistryError::WrongSecret);
    }
    Ok(())
}

fn is_new(database: &Database) -> Result<bool, RegistryError> {
    let transaction = database.begin_read().map_err(failed)?;
    let mut tables = transaction.list_tables().map_err(failed)?.map(|table| table.name().to_owned());
    Ok(tables.next().is_none())
}

fn create(transaction: &WriteTransaction, secret: &ProvinceSecret) -> Result<(), RegistryError> {
    transaction.open_table(HEADS).map_err(failed)?;
    transaction.open_table(PAST).map_err(failed)?;
    transaction.open_table(PENDING).map_err(failed)?;
    transaction.open_table(REQUESTS).map_err(failed)?;
    transaction.open_table(REQUEST_TIMES).map_err(failed)?;
    let fingerprint = secret.fingerprint();
    transaction.open_table(SECRET).map_err(failed)?.insert((), &fingerprint).map_err(failed)?;
    transaction.open_table(META).map_err(failed)?.insert(SCHEMA_VERSION, SCHEMA).map_err(failed)?;
    Ok(())
}

/// A number of the whole file; 0 where it was never written.
pub(super) fn number(meta: &impl ReadableTable<&'static str, u64>, name: &str) -> Result<u64, RegistryError> {
    Ok(meta.get(name).map_err(failed)?.map_or(0, |value| value.value()))
}

/// Adds to a number of the whole file, and returns what it was.
pub(super) fn add(
    meta: &mut Table<'_, &'static str, u64>,
    name: &str,
    more: u64,
) -> Result<u64, RegistryError> {
    let before = number(meta, name)?;
    meta.insert(name, before.saturating_add(more)).map_err(failed)?;
    Ok(before)
}

/// What is left to say when the database under the store fails.
pub(super) fn failed(error: impl Into<redb::Error>) -> RegistryError {
    match error.into() {
        redb::Error::Corrupted(_) => RegistryError::Damaged("the database file is corrupted"),
        other => RegistryError::Storage(other.to_string()),
    }
}

/// Why the file cannot be opened.
pub(super) fn open_failed(error: DatabaseError) -> RegistryError {
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => RegistryError::InUse,
        DatabaseError::RepairAborted => RegistryError::NotClosed,
        DatabaseError::Storage(redb::StorageError::Io(error))
            if error.kind() == std::io::ErrorKind::InvalidData =>
        {
            RegistryError::NotARegistry
        }
        other => failed(other),
    }
}
