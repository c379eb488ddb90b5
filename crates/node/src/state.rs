//! How departments of this province state facts: verify, make durable, log the change, only then acknowledge.
//!
//! A commit that began is carried through even if the caller goes away: between the registry and the log nothing may be
//! dropped, or an answer could rest on what is no longer so.

mod convert;

use std::sync::Arc;
use std::time::Duration;

use huxin_attest::{Clock as _, Digest, sha256};
use huxin_identity::PeerIdentity;
use huxin_ledger::LeafType;
use huxin_ledger::public::{Change, Counts, Label};
use huxin_registry::{Committed, Outcome, PendingChange, Registry as _, RegistryError, RequestRecord, Write};
use huxin_wire::{Failure, Reason, v1};
use tokio::task::spawn_blocking;
use tonic::Streaming;

use crate::exchange::Details;
use crate::limits;
use crate::local::Local;
use crate::log_port::Entry;
use crate::sealed::seal;
use crate::unread::unread;
use convert::Received;

/// The pause before a change is offered to a busy log again.
const LOG_PAUSE: Duration = Duration::from_millis(10);

/// States one fact.
///
/// # Errors
/// If the statement is not the caller's to make, not authentic, or cannot be stored.
pub async fn state(
    local: &Arc<Local>,
    caller: &PeerIdentity,
    request: v1::StateRequest,
) -> Result<v1::StateReply, Failure> {
    let (request_id, received) = convert::state(request)?;
    let write = admit(local, caller, received, limits::STATED_AT_MS)?;
    let digest = digest_of(&write);
    let [changed, _] = commit(local, caller, request_id, vec![write]).await?;
    Ok(v1::StateReply { digest: digest.0.to_vec().into(), changed: changed > 0 })
}

/// States one batch, all or none.
///
/// # Errors
/// As [`state`], for the first statement that is refused; the detail names its number, from 0.
pub async fn import(
    local: &Arc<Local>,
    caller: &PeerIdentity,
    mut requests: Streaming<v1::ImportRequest>,
) -> Result<v1::ImportReply, Failure> {
    let first = requests.message().await.map_err(|status| unread(&status))?;
    let convert::Header { request_id, count } = convert::header(first)?;
    let mut writes = Vec::with_capacity(count);
    while let Some(request) = requests.message().await.map_err(|status| unread(&status))? {
        for statement in convert::items(request)? {
            let number = writes.len();
            if number == count {
                return Err(Failure::new(
                    Reason::InvalidRequest,
                    format!("more than the {count} items announced"),
                ));
            }
            let at =
                |failure: Failure| Failure::new(failure.reason, format!("item {number}: {}", failure.detail));
            let received = Received::read(statement).map_err(Failure::from).map_err(at)?;
            writes.push(admit(local, caller, received, limits::IMPORTED_AT_MS).map_err(at)?);
        }
    }
    if writes.len() != count {
        let detail = format!("{} items arrived, {count} were announced", writes.len());
        return Err(Failure::new(Reason::InvalidRequest, detail));
    }
    let [changed, unchanged] = commit(local, caller, request_id, writes).await?;
    Ok(v1::ImportReply { changed, unchanged })
}

/// Is the statement authentic, and this caller's to make now?
fn admit(local: &Local, caller: &PeerIdentity, received: Received, old_ms: i64) -> Result<Write, Failure> {
    let Received { attestation: envelope, subject, salt } = received;
    let shared = &local.shared;
    let verified = local.verifier().verify(&envelope, shared.region, &*shared.membership, &subject, &salt);
    let attestation = verified.map_err(|error| Failure::new(Reason::StatementRefused, error.reason()))?;
    let department = attestation.signer_department.as_str();
    if caller.id.role.department().is_none_or(|name| name.as_str() != department) {
        return Err(Failure::new(
            Reason::NotYoursToState,
            "certificate and signature are of different departments",
        ));
    }
    let listed = shared.membership.department(shared.region, department);
    if !listed.is_some_and(|listed| listed.may_state.contains(attestation.claims.kind)) {
        return Err(Failure::new(Reason::NotYoursToState, "the membership list does not allow the kind"));
    }
    let age = shared.facts.now().ms_since(attestation.claims.stated_at.to_ms());
    if !(-limits::STATED_AT_MS..=old_ms).contains(&age) {
        return Err(Reason::StatedAtOff.into());
    }
    let person = shared.secret.person(&subject);
    Ok(Write::State { person, attestation, envelope, salt })
}

fn digest_of(write: &Write) -> Digest {
    match write {
        Write::State { attestation, .. } => attestation.digest,
        Write::Withdraw { digest, .. } | Write::Contest { digest, .. } => *digest,
    }
}

/// Commits and logs on a task of its own. Returns how many statements were new and how many were known.
async fn commit(
    local: &Arc<Local>,
    caller: &PeerIdentity,
    request_id: [u8; 16],
    writes: Vec<Write>,
) -> Result<[u32; 2], Failure> {
    let payload: Vec<u8> = writes.iter().flat_map(|write| digest_of(write).0).collect();
    let record = RequestRecord {
        caller: caller.uri.to_string(),
        request_id: hex(&request_id),
        payload: sha256(&[&payload]),
        result: Box::new(summary),
        at: local.shared.facts.now(),
    };
    let department = caller.id.role.department().map(ToString::to_string).unwrap_or_default();
    let local = Arc::clone(local);
    let carried_through = tokio::spawn(async move {
        let shared = Arc::clone(&local.shared);
        let committed = spawn_blocking(move || shared.registry.commit(&writes, Some(&record))).await;
        match committed.map_err(internal)?.map_err(registry_failure)? {
            Committed::Before(result) => Ok(read_summary(&result)),
            Committed::Now { outcomes, changes } => {
                log_changes(&local, &department, changes).await?;
                Ok(read_summary(&summary(&outcomes)))
            }
        }
    });
    carried_through.await.map_err(internal)?
}

/// What a repeated request is told: how many statements were new, how many known; four bytes each.
fn summary(outcomes: &[Outcome]) -> Vec<u8> {
    let known = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Known)).count();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes();
    [count(outcomes.len() - known), count(known)].concat()
}

fn read_summary(bytes: &[u8]) -> [u32; 2] {
    let (counts, _) = bytes.as_chunks::<4>();
    let count = |n: usize| counts.get(n).copied().map(u32::from_be_bytes).unwrap_or_default();
    [count(0), count(1)]
}

/// Logs that people's facts changed, and settles the changes. Offers them to a busy log until it takes them.
///
/// # Errors
/// If the node stops meanwhile: then the changes are logged at the next start, before any question is answered.
pub async fn log_changes(
    local: &Local,
    department: &str,
    changes: Vec<PendingChange>,
) -> Result<(), Failure> {
    let mut ids = Vec::with_capacity(changes.len());
    let mut waiting = Vec::with_capacity(changes.len());
    for change in changes {
        ids.push(change.id);
        waiting.push(loop {
            let (sender, logged) = tokio::sync::oneshot::channel();
            let entry = change_entry(local, department, &change)?;
            match local.log.submit(entry, crate::log_port::Waiter::Call(sender)) {
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
    if ids.is_empty() {
        return Ok(());
    }
    let shared = Arc::clone(&local.shared);
    spawn_blocking(move || shared.registry.settle(&ids)).await.map_err(internal)?.map_err(registry_failure)
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

fn registry_failure(error: RegistryError) -> Failure {
    match error {
        RegistryError::RequestIdReused => Reason::RequestIdReused.into(),
        RegistryError::Refused { .. } => Failure::new(Reason::StatementRefused, error.to_string()),
        other => internal(other),
    }
}

fn internal(error: impl std::fmt::Display) -> Failure {
    Failure::new(Reason::Internal, error.to_string())
}

fn hex(bytes: &[u8; 16]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
