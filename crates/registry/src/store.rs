//! The store as the node sees it: one trait, so that an embedded file and a database cluster are interchangeable.
//!
//! A store never judges. It keeps what was verified, orders it in chains and hands back the newest of each; whether a
//! statement is believed, still valid or answered to a peer is decided elsewhere.
//!
//! # Order of things
//! A chain is (kind, item, department), for copies (`hop` ≥ 1) one of its own per region that they speak of. It is
//! ordered by `sampled_at`, else `reported_at`, else `stated_at`; among equals by `stated_at`, then by digest. The
//! newest live statement is the chain's *head*.
//!
//! Withdrawing a health code that is its chain's head ends the chain: what it had replaced does not come back, and
//! only a newer code starts it again. Withdrawing a test, an examination or a piece of evidence removes that event
//! alone: the events beside it happened all the same. What was withdrawn never returns, not even when stated again.
//!
//! # Snapshots
//! Each look-up reads one consistent state that holds everything of every [`Registry::commit`] that returned before
//! the look-up began. Who reads a change counter first, looks up, and sees the counter unmoved therefore missed
//! nothing, provided the counter moves only after `commit` returned.

use huxin_attest::{Attestation, DepartmentName, Digest, Kind, Kinds, SubjectSalt, UnixMs, Verified};

use crate::error::RegistryError;
use crate::person::PersonKey;

/// The most heads that a look-up returns of a kind: so many of the province's own, and as many copies.
pub const MAX_HEADS: usize = 8;
/// The most chains that a person may have.
pub const MAX_CHAINS: usize = 128;
/// The most writes of one call.
pub const MAX_WRITES: usize = 4096;
/// How long a request id is remembered, in milliseconds: 24 hours.
pub const REMEMBER_MS: i64 = 24 * 60 * 60 * 1000;

/// A province's own data.
pub trait Registry: Send + Sync {
    /// The heads of one person's chains of these kinds, in the snapshot described above. An unknown person is an empty
    /// answer.
    ///
    /// # Errors
    /// If the storage fails or a row is damaged.
    fn look_up(&self, person: &PersonKey, kinds: Kinds) -> Result<Found, RegistryError>;

    /// Makes all writes durable, or none. What was already stored is reported so and changes nothing. A request whose
    /// id was committed before with the same payload is answered from memory.
    ///
    /// # Errors
    /// If one write is refused, the request id is reused, or the storage fails; nothing is written then.
    fn commit(&self, writes: &[Write], request: Option<&RequestRecord>) -> Result<Committed, RegistryError>;

    /// The changes that were committed and not yet settled, oldest first: after a crash, those that may not have
    /// reached the log.
    ///
    /// # Errors
    /// If the storage fails or a row is damaged.
    fn pending(&self) -> Result<Vec<PendingChange>, RegistryError>;

    /// Forgets pending changes once the log holds them. A crash right after may bring them back: logging a change
    /// twice does no harm, losing one does. Unknown ids are passed over.
    ///
    /// # Errors
    /// If the storage fails.
    fn settle(&self, changes: &[ChangeId]) -> Result<(), RegistryError>;

    /// What is known of a request id.
    ///
    /// # Errors
    /// If the storage fails or a row is damaged.
    fn recall(&self, caller: &str, request_id: &str, payload: &Digest) -> Result<Recall, RegistryError>;

    /// Forgets the requests that are older than 24 hours at `now`, and says how many.
    ///
    /// # Errors
    /// If the storage fails.
    fn purge(&self, now: UnixMs) -> Result<u64, RegistryError>;

    /// The statement about this person with this digest, whatever became of it.
    ///
    /// # Errors
    /// If the storage fails or a row is damaged.
    fn find(&self, person: &PersonKey, digest: &Digest) -> Result<Option<HistoryEntry>, RegistryError>;

    /// All statements about this person: the heads first, then the past, newest first within a kind; `skip` of them
    /// are left out and at most `limit` returned.
    ///
    /// # Errors
    /// If the storage fails or a row is damaged.
    fn history(
        &self,
        person: &PersonKey,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<HistoryEntry>, RegistryError>;

    /// What one department stated about this person, in the order of [`Registry::history`], which counts and cuts in
    /// the same way.
    ///
    /// # Errors
    /// If the storage fails or a row is damaged.
    fn history_by(
        &self,
        department: &DepartmentName,
        person: &PersonKey,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<HistoryEntry>, RegistryError>;

    /// How much is stored.
    ///
    /// # Errors
    /// If the storage fails.
    fn counts(&self) -> Result<Counts, RegistryError>;
}

/// How the person concerned contests a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(u8)]
pub enum Standing {
    /// Nobody contests it.
    #[default]
    None = 0,
    /// An appeal is open.
    Contested = 1,
    /// An appeal is open and its deadline has passed.
    Overdue = 2,
}

/// A head: the newest live statement of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What it is about.
    pub kind: Kind,
    /// 0: stated by the province itself; more: a copy of what was heard, never answered to a peer.
    pub hop: u8,
    /// How it is contested.
    pub standing: Standing,
    /// The digest by which others name it.
    pub digest: Digest,
    /// The salt that opens the subject commitment.
    pub subject_salt: SubjectSalt,
    /// The exact signed bytes.
    pub envelope: Vec<u8>,
}

/// What a look-up found: by kind, the province's own heads before copies, the worst first, then the newest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The heads.
    pub heads: Vec<Held>,
    /// Some of the province's own heads were left out, because a kind had more than [`MAX_HEADS`].
    pub more: bool,
}

/// One change to the store.
#[allow(
    clippy::large_enum_variant,
    reason = "nearly all writes are statements; a box each would slow an import"
)]
#[derive(Debug, Clone)]
pub enum Write {
    /// Keeps a statement.
    State {
        /// Whom it is about.
        person: PersonKey,
        /// What it says; verified, so it is authentic.
        attestation: Verified<Attestation>,
        /// The exact signed bytes, at most [`huxin_attest::MAX_ENVELOPE_LEN`].
        envelope: Vec<u8>,
        /// The salt that opens its subject commitment.
        salt: SubjectSalt,
    },
    /// Takes a statement back.
    Withdraw {
        /// Whom it is about.
        person: PersonKey,
        /// The statement.
        digest: Digest,
        /// Who takes it back: the department that stated it, or the write is refused.
        by: DepartmentName,
    },
    /// Notes how a statement is contested.
    Contest {
        /// Whom it is about.
        person: PersonKey,
        /// The statement.
        digest: Digest,
        /// How it stands from now on.
        standing: Standing,
    },
}

/// What became of one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The statement is its chain's head now, or what was to be withdrawn or contested is.
    Done,
    /// The statement is kept, but its chain has a newer one or ended after it.
    Late,
    /// Nothing changed: it was so already.
    Known,
}

/// Makes what a caller is told from what became of its writes.
pub type ResultOf = Box<dyn Fn(&[Outcome]) -> Vec<u8> + Send + Sync>;

/// A request whose repetition must give the same result.
pub struct RequestRecord {
    /// Who asks: the identity of its certificate.
    pub caller: String,
    /// The caller's name for the request.
    pub request_id: String,
    /// The hash of what was asked.
    pub payload: Digest,
    /// What the caller is told, made from what became of the writes.
    pub result: ResultOf,
    /// When.
    pub at: UnixMs,
}

/// What is known of a request id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recall {
    /// Nothing.
    New,
    /// The same request was answered so.
    Same(Vec<u8>),
    /// The id stands for another request.
    Different,
}

/// What a commit did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// The writes were made.
    Now {
        /// One per write, in their order.
        outcomes: Vec<Outcome>,
        /// One per person whose answer changed or of whom a statement was withdrawn; each is pending until settled.
        changes: Vec<PendingChange>,
    },
    /// The same request had been committed before, with this result.
    Before(Vec<u8>),
}

/// Names a change; grows with every change and is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChangeId(pub u64);

/// A committed change that the log may not hold yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingChange {
    /// Its name.
    pub id: ChangeId,
    /// Whose answer changed.
    pub person: PersonKey,
    /// In which kinds.
    pub kinds: Kinds,
}

/// A statement and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The statement.
    pub held: Held,
    /// What became of it.
    pub state: State,
    /// Its place in its chain: when it was sampled, else reported, else stated.
    pub order: UnixMs,
    /// Who stated it.
    pub department: DepartmentName,
    /// The item that it is about; empty where its kind has none.
    pub item: String,
}

/// What became of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is its chain's head.
    Head,
    /// Its chain has a newer one or has ended.
    Past,
    /// It was withdrawn.
    Withdrawn,
}

/// How much is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// People with at least one statement, withdrawn ones included.
    pub people: u64,
    /// Statements, past and withdrawn ones included.
    pub statements: u64,
}
