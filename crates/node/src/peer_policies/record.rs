//! What peers say of their policies becomes entries of the own log: a change of rules is seen by those it concerns.

use std::sync::Arc;
use std::time::Duration;

use huxin_attest::{Clock as _, RegionCode};
use huxin_ledger::public::Label;
use huxin_trust_policy::Reference;
use huxin_wire::{Failure, Reason};
use tokio::time::timeout;

use super::pinned;
use super::said::Files;
use crate::local::Local;
use crate::rules::reload::log_change;

/// How soon something that had to wait for its budget is looked at again.
const AGAIN: Duration = Duration::from_secs(1);

/// Records for ever; for one runtime of a node.
pub async fn record(local: Arc<Local>) {
    let policies = &local.shared.peer_policies;
    loop {
        let (due, mut waits) = policies.due(local.shared.facts.now());
        for (peer, files) in due {
            match log(&local, peer, &files).await {
                Ok(()) => policies.recorded(peer, files, local.shared.facts.now()),
                Err(failure) => {
                    tracing::error!(%peer, %failure, "what a peer judges by cannot be logged");
                    waits = true;
                }
            }
        }
        let changed = policies.changed.notified();
        if waits {
            let _ = timeout(AGAIN, changed).await;
        } else {
            changed.await;
        }
    }
}

/// Logs what differs from what was known; of a peer that never spoke, from what the membership list pins.
async fn log(local: &Local, peer: RegionCode, files: &Files) -> Result<(), Failure> {
    let shared = &local.shared;
    let membership = &shared.membership;
    let before = shared.peer_policies.before(peer).unwrap_or_else(|| Files {
        baseline: pinned(membership.baseline()),
        vocabulary: pinned(membership.vocabulary()),
        overlay: None,
    });
    let domain = membership.member(peer).map(|member| member.trust_domain.as_str()).unwrap_or_default();
    let by = Label::new(domain).map_err(|error| Failure::new(Reason::Internal, error.to_string()))?;
    for (what, file) in changes(&before, files) {
        log_change(local, what, file, &by).await?;
        tracing::info!(%peer, what, version = file.version, sha256 = %file.sha256, "a peer judges by another file");
    }
    Ok(())
}

/// Each change, by the name that the log gives it.
fn changes<'a>(before: &'a Files, after: &'a Files) -> Vec<(&'static str, &'a Reference)> {
    let mut changes = Vec::new();
    if before.baseline != after.baseline {
        changes.push(("peer_baseline", &after.baseline));
    }
    if before.vocabulary != after.vocabulary {
        changes.push(("peer_vocabulary", &after.vocabulary));
    }
    match (&before.overlay, &after.overlay) {
        (before, Some(overlay)) if before.as_ref() != Some(overlay) => {
            changes.push(("peer_overlay", overlay))
        }
        (Some(ended), None) => changes.push(("peer_overlay_ended", ended)),
        _ => {}
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::super::known::tests::file;
    use super::*;

    #[test]
    fn each_change_is_named_and_what_stays_is_not() {
        let files = |overlay: Option<u32>| Files {
            baseline: file("CN-BASE", 1),
            vocabulary: file("CN-VOCAB", 1),
            overlay: overlay.map(|version| file("HB-42", version)),
        };
        let names = |before: &Files, after: &Files| {
            changes(before, after).iter().map(|(what, file)| (*what, file.version)).collect::<Vec<_>>()
        };
        assert_eq!(names(&files(None), &files(None)), []);
        assert_eq!(names(&files(None), &files(Some(1))), [("peer_overlay", 1)]);
        assert_eq!(names(&files(Some(1)), &files(Some(2))), [("peer_overlay", 2)]);
        assert_eq!(names(&files(Some(2)), &files(Some(2))), []);
        assert_eq!(names(&files(Some(2)), &files(None)), [("peer_overlay_ended", 2)]);
        let other = Files { baseline: file("CN-BASE", 2), vocabulary: file("CN-VOCAB", 2), ..files(None) };
        assert_eq!(names(&files(None), &other), [("peer_baseline", 2), ("peer_vocabulary", 2)]);
    }
}
