//! What can go wrong with the store, and who has to do something about it.

use huxin_attest::MAX_ENVELOPE_LEN;

use crate::store::MAX_CHAINS;

/// Why the store did not do what was asked. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Another process, or this one, has the file open.
    #[error("the registry is open elsewhere; stop the other node before starting this one")]
    InUse,
    /// The program that wrote it was killed, and only a writer may put it in order.
    #[error("the registry was not closed; start its node once, which puts it in order, and stop it")]
    NotClosed,
    /// The file was written under another layout.
    #[error("the registry has schema version {found}, this program needs {needed}; use the matching program")]
    Schema {
        /// The version in the file.
        found: u64,
        /// The version that this program writes.
        needed: u64,
    },
    /// The file is a database, but no registry.
    #[error("the file is no registry; check the path")]
    NotARegistry,
    /// The file was filled under another province secret.
    #[error("the registry belongs to another province secret; restore the secret that it was filled with")]
    WrongSecret,
    /// One write of the call cannot be made, so none was.
    #[error("write {index} of the call is refused: {reason}")]
    Refused {
        /// The place of the write in the call, from 0.
        index: usize,
        /// Why.
        reason: Refusal,
    },
    /// The request id was used for other content in the last 24 hours.
    #[error("the request id was used for another payload; use a new one")]
    RequestIdReused,
    /// A row has not the form in which it was written.
    #[error("the registry is damaged ({0}); restore it from a backup")]
    Damaged(&'static str),
    /// The disk or the database under the store failed. After a failed write the process must stop: what is durable
    /// is unknown.
    #[error("the registry's storage failed: {0}")]
    Storage(String),
}

/// Why a single write cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No statement with this digest is stored for this person.
    #[error("no statement with this digest is known for this person")]
    UnknownStatement,
    /// The statement was made by another department.
    #[error("another department made the statement; only that one may withdraw it")]
    OtherDepartment,
    /// The signed bytes are too long.
    #[error("the signed statement is longer than {MAX_ENVELOPE_LEN} bytes")]
    TooLong,
    /// Too many departments state something about this person.
    #[error("more than {MAX_CHAINS} chains about one person; withdraw those that nobody needs")]
    TooManyChains,
    /// The call has too many writes.
    #[error("too many writes in one call; split it")]
    TooManyWrites,
}
