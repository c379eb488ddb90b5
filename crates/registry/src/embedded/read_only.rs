//! The store of a node that does not run: opened for reading, not a byte of it is changed.

use std::path::Path;

use redb::{ReadOnlyDatabase, ReadableDatabase as _};

use super::{read, tables};
use crate::error::RegistryError;
use crate::person::{PersonKey, ProvinceSecret};
use crate::store::HistoryEntry;

/// A registry that nobody writes.
pub struct ReadOnlyRegistry {
    database: ReadOnlyDatabase,
}

impl ReadOnlyRegistry {
    /// Opens the registry at `path`.
    ///
    /// # Errors
    /// If a node has it open or left it in disorder, or it is not a registry of this layout and secret.
    pub fn open(path: &Path, secret: &ProvinceSecret) -> Result<Self, RegistryError> {
        let database = ReadOnlyDatabase::open(path).map_err(tables::open_failed)?;
        tables::check(&database.begin_read().map_err(tables::failed)?, secret)?;
        Ok(Self { database })
    }

    /// As [`Registry::history`](crate::Registry::history).
    ///
    /// # Errors
    /// If the storage fails or a row is damaged.
    pub fn history(
        &self,
        person: &PersonKey,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<HistoryEntry>, RegistryError> {
        read::history(&self.database.begin_read().map_err(tables::failed)?, None, person, skip, limit)
    }
}

impl std::fmt::Debug for ReadOnlyRegistry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReadOnlyRegistry")
    }
}
