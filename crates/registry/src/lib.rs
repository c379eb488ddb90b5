//! The data that a province keeps about its own people: one trait, one embedded store.
//!
//! The store keeps verified statements in chains, hands back their heads, remembers what was withdrawn or contested,
//! and notes each change until the log holds it. It knows people by a keyed hash only, never judges a statement and
//! opens no connection. [`mod@line`] is the format in which departments hand in facts in bulk; [`synthetic`] makes people
//! who do not exist, for exercises and measurements.

mod chain;
pub mod embedded;
pub mod error;
pub mod line;
pub mod person;
mod row;
pub mod store;
pub mod synthetic;
#[cfg(test)]
mod testing;

pub use embedded::{EmbeddedRegistry, ReadOnlyRegistry};
pub use error::{Refusal, RegistryError};
pub use line::{FactLine, HeaderError, LineError, LineParser, ToSign, parse_line};
pub use person::{BadSecret, PersonKey, ProvinceSecret};
pub use store::{
    ChangeId, Committed, Counts, Found, Held, HistoryEntry, Outcome, PendingChange, Recall, Registry,
    RequestRecord, Standing, State, Write,
};
