//! The overlays that peers name, fetched and judged one after the other, beside everything else.
//!
//! Each is judged again after a start, when the own baseline may be another one. What was found before stands until then.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use huxin_attest::RegionCode;
use huxin_trust_policy::Reference;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use super::fetch::fetch;
use super::judge::judge;
use super::known::Found;
use crate::local::Local;

/// The pauses before a peer is asked again: where it did not answer, or showed another file than it names.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30), Duration::from_secs(300)];
/// So often a peer may show another file than it names before it is said to withhold that: it may just be changing.
const PATIENCE: usize = 3;

/// What is still to be found of a peer's overlay.
struct Task {
    overlay: Reference,
    /// How often it was tried in vain, and how often the peer answered then.
    tries: usize,
    answers: usize,
    due: Instant,
    done: bool,
}

/// Checks for ever; for one runtime of a node.
pub async fn check(local: Arc<Local>) {
    let policies = &local.shared.peer_policies;
    let mut tasks: BTreeMap<RegionCode, Task> = BTreeMap::new();
    loop {
        let named = policies.overlays();
        tasks.retain(|peer, task| {
            named.iter().any(|(known, overlay)| (known, overlay) == (peer, &task.overlay))
        });
        for (peer, overlay) in named {
            let due = Instant::now();
            tasks.entry(peer).or_insert(Task { overlay, tries: 0, answers: 0, due, done: false });
        }
        let next = tasks.iter_mut().filter(|(_, task)| !task.done).min_by_key(|(_, task)| task.due);
        let Some((peer, task)) = next else {
            policies.unchecked.notified().await;
            continue;
        };
        if timeout_at(task.due, policies.unchecked.notified()).await.is_ok() {
            continue;
        }
        one(&local, *peer, task).await;
    }
}

/// Tries once.
async fn one(local: &Arc<Local>, peer: RegionCode, task: &mut Task) {
    let shown = fetch(local, peer).await;
    let pause = PAUSES.get(task.tries).or(PAUSES.last()).copied().unwrap_or_default();
    task.tries += 1;
    task.due = Instant::now() + pause;
    // None of its endpoints answered: nothing is found of it.
    let Some(shown) = shown else { return };
    task.answers += 1;
    let found = match shown.filter(|shown| huxin_attest::sha256(&[&shown.text]) == task.overlay.sha256) {
        Some(shown) => {
            let (shared, overlay) = (Arc::clone(&local.shared), task.overlay.clone());
            let judged = spawn_blocking(move || judge(&shared.rules.load(), peer, &overlay, &shown));
            judged.await.ok()
        }
        None if task.answers >= PATIENCE => Some((Found::Withheld, Vec::new())),
        None => None,
    };
    let Some((found, signers)) = found else { return };
    task.done = found != Found::Withheld;
    match found {
        Found::Good | Found::Unchecked => {
            tracing::info!(%peer, sha256 = %task.overlay.sha256, found = found.name(), "a peer's overlay");
        }
        _ => tracing::error!(%peer, sha256 = %task.overlay.sha256, found = found.name(), "a peer's overlay"),
    }
    local.shared.peer_policies.note(peer, &task.overlay, found, signers);
}
