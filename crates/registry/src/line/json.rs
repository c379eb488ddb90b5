//! A line of JSON Lines (RFC 8259, one object a line).

use super::raw::{self, Raw};
use super::{FactLine, LineError};

pub(super) fn read(line: &str) -> Result<FactLine, LineError> {
    // serde's own message may quote the line, so only the place is kept.
    let line: Raw<'_> = serde_json::from_str(line).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => LineError::NotAFact { column: error.column() },
        _ => LineError::NotJson { column: error.column() },
    })?;
    raw::read(line)
}

pub(super) fn write(fact: &FactLine) -> String {
    // Strings and numbers alone always serialise.
    serde_json::to_string(&raw::write(fact)).unwrap_or_default()
}
