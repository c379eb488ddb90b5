//! Commits writes and logs the changes; only then is anybody told.

use std::sync::Arc;
use std::time::Duration;

use huxin_attest::{Clock as _, Digest, UnixMs, sha256};
use huxin_identity::PeerIdentity;
use huxin_ledger::LeafType;
use huxin_ledger::public::{Change, Counts, Label};
use huxin_registry::{Committed, Outcome, PendingChange, PersonKey, Recall, Registry as _};
use huxin_registry::{RegistryError, RequestRecord, Write};
use huxin_wire::{Failure, Reason};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use super::in_flight::carry;
use super::refused;
use crate::exchange::Details;
use crate::local::Local;
use crate::log_port::{Entry, Waiter};
use crate::mass_changes::Fate;
use crate::sealed::seal;

/// The pause before an entry is offered to a busy log again.
const LOG_PAUSE: Duration = Duration::from_millis(10);

/// A request whose repetition gets the same reply.
#[derive(Debug, Clone)]
pub struct Request {
    caller: String,
    department: String,
    request_id: String,
    payload: Digest,
}

/// How many writes changed something, and how many found that all was so already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Changed something.
    pub changed: u32,
    /// Changed nothing.
    pub known: u32,
}

impl Request {
    /// A request of `caller` for these writes.
    pub fn new(caller: &PeerIdentity, request_id: &[u8; 16], writes: &[Write]) -> Self {
        let payload: Vec<u8> = writes.iter().flat_map(identity).collect();
        Self {
            caller: caller.uri.to_string(),
            department: caller.id.role.department().map(ToString::to_string).unwrap_or_default(),
            request_id: request_id.iter().map(|byte| format!("{byte:02x}")).collect(),
            payload: sha256(&[&payload]),
        }
    }

    /// The department that asks.
    pub fn department(&self) -> &str {
        &self.department
    }

    /// Was this very request carried out before?
    ///
    /// # Errors
    /// If its id stands for another request, or the registry fails.
    pub fn is_repeated(&self, local: &Local) -> Result<bool, Failure> {
        let known = local.shared.registry.recall(&self.caller, &self.request_id, &self.payload);
        match known.map_err(internal)? {
            Recall::New => Ok(false),
            Recall::Same(_) => Ok(true),
            Recall::Different => Err(Reason::RequestIdReused.into()),
        }
    }

    fn record(&self, at: UnixMs) -> RequestRecord {
        let Self { caller, request_id, payload, .. } = self.clone();
        RequestRecord {
            caller,
            request_id,
            payload,
            result: Box::new(|outcomes| Summary::of(outcomes).to_bytes()),
            at,
        }
    }
}

/// What a write is, for telling a repeated request from another one.
fn identity(write: &Write) -> Vec<u8> {
    match write {
        // The digest names person and content.
        Write::State { attestation, .. } => attestation.digest.0.to_vec(),
        Write::Withdraw { person, digest, .. } => [b"withdraw", &person.0[..], &digest.0[..]].concat(),
        Write::Contest { person, digest, standing } => {
            [b"contest", &person.0[..], &digest.0[..], &[*standing as u8]].concat()
        }
    }
}

impl Summary {
    fn of(outcomes: &[Outcome]) -> Self {
        let known = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Known)).count();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { changed: count(outcomes.len() - known), known: count(known) }
    }

    fn to_bytes(self) -> Vec<u8> {
        [self.changed.to_be_bytes(), self.known.to_be_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let (counts, _) = bytes.as_chunks::<4>();
        let count = |n: usize| counts.get(n).copied().map(u32::from_be_bytes).unwrap_or_default();
        Self { changed: count(0), known: count(1) }
    }
}

/// Commits and logs on a task of its own, so that it is carried through even if the caller goes away: between the
/// registry and the log nothing may be dropped, or an answer could rest on what is no longer so.
///
/// # Errors
/// If the registry refuses a write, the request id stands for another request, or the node fails or stops.
pub async fn commit(local: &Arc<Local>, request: Request, writes: Vec<Write>) -> Result<Summary, Failure> {
    let local = Arc::clone(local);
    let carried_through = tokio::spawn(async move {
        let now = local.shared.facts.now();
        let people = writes.iter().map(person_of).collect();
        let (shared, record, writes) = (Arc::clone(&local.shared), request.record(now), Arc::new(writes));
        let to_commit = Arc::clone(&writes);
        let commit = async {
            let committed = spawn_blocking(move || shared.registry.commit(&to_commit, Some(&record))).await;
            match committed.map_err(internal)? {
                Ok(committed) => Ok(committed),
                Err(error) => Err(refusal(&local, request.department(), &writes, error).await?),
            }
        };
        let log = |changes| log_changes(&local, request.department(), changes);
        match carry(&local.shared.stating.in_flight, people, commit, log).await? {
            Committed::Before(result) => Ok(Summary::from_bytes(&result)),
            Committed::Now { outcomes, .. } => {
                let done = writes.iter().zip(&outcomes).filter(|(_, outcome)| **outcome == Outcome::Done);
                refused::count(&local, done.map(|(write, _)| write), Fate::Taken);
                Ok(Summary::of(&outcomes))
            }
        }
    });
    carried_through.await.map_err(internal)?
}

/// What the caller is told of a commit that the registry does not make. A statement that it does not take is logged.
async fn refusal(
    local: &Local,
    department: &str,
    writes: &[Write],
    error: RegistryError,
) -> Result<Failure, Failure> {
    Ok(match error {
        RegistryError::RequestIdReused => Reason::RequestIdReused.into(),
        RegistryError::Refused { index, .. } => match writes.get(index) {
            Some(write @ Write::State { .. }) => {
                let failure = Failure::new(Reason::StatementRefused, error.to_string());
                refused::log(local, department, &[(write, failure.reason)]).await?;
                refused::count(local, writes, Fate::Refused);
                failure
            }
            // Whether another department made it or nobody did is not the caller's to learn.
            _ => Reason::StatementUnknown.into(),
        },
        other => internal(other),
    })
}

/// Whom a write is about.
pub fn person_of(write: &Write) -> PersonKey {
    match write {
        Write::State { person, .. } | Write::Withdraw { person, .. } | Write::Contest { person, .. } => {
            *person
        }
    }
}

/// Logs that people's facts changed, and settles the changes.
///
/// # Errors
/// If the node stops meanwhile: then the changes are logged at the next start, before any question is answered.
pub async fn log_changes(
    local: &Local,
    department: &str,
    changes: Vec<PendingChange>,
) -> Result<(), Failure> {
    if changes.is_empty() {
        return Ok(());
    }
    log_each(local, &changes, |change| change_entry(local, department, change)).await?;
    let shared = Arc::clone(&local.shared);
    let ids: Vec<_> = changes.iter().map(|change| change.id).collect();
    spawn_blocking(move || shared.registry.settle(&ids)).await.map_err(internal)?.map_err(internal)
}

/// Logs one entry for each item and waits until all are durable. Offers them to a busy log until it takes them.
///
/// # Errors
/// If an entry cannot be made, or the log stops.
pub async fn log_each<T>(
    local: &Local,
    items: &[T],
    entry: impl Fn(&T) -> Result<Entry, Failure>,
) -> Result<(), Failure> {
    let mut waiting = Vec::with_capacity(items.len());
    for item in items {
        waiting.push(loop {
            let (sender, logged) = oneshot::channel();
            match local.log.submit(entry(item)?, Waiter::Call(sender)) {
                Ok(()) => break logged,
                Err((failure, _)) if failure.reason == Reason::Overloaded => {
                    tokio::time::sleep(LOG_PAUSE).await
                }
                Err((failure, _)) => return Err(failure),
            }
        });
    }
    for logged in waiting {
        logged.await.map_err(|_| Failure::from(Reason::ShuttingDown))?;
    }
    Ok(())
}

fn change_entry(local: &Local, department: &str, change: &PendingChange) -> Result<Entry, Failure> {
    let department = Label::new(department).map_err(internal)?;
    let counts: Counts = change.kinds.iter().map(|kind| (kind, 1)).collect();
    let public = Change { department, counts }.encode();
    let person = change.person.0;
    let kept = Details { person: person.to_vec().into(), ..Details::default() };
    let now = local.shared.facts.now();
    let sealed = seal(&local.salts, LeafType::Change, now, public, &person, kept);
    Ok(Entry { change: Some(person), ..Entry::new(&sealed) })
}

/// A failure of the node itself.
pub fn internal(error: impl std::fmt::Display) -> Failure {
    Failure::new(Reason::Internal, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_survives_the_store() {
        let summary = Summary::of(&[Outcome::Done, Outcome::Known, Outcome::Late]);
        assert_eq!(summary, Summary { changed: 2, known: 1 });
        assert_eq!(Summary::from_bytes(&summary.to_bytes()), summary);
    }
}
