//! By what this node judges, as it tells other provinces: looked at each second, told when it has changed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use huxin_attest::{Clock as _, UnixMs};
use huxin_trust_policy::Phase;
use huxin_wire::v1;
use tokio::time::{MissedTickBehavior, interval};

use crate::local::Local;
use crate::rules::ends::Announcer;
use crate::rules::{Rules, message};

/// How often it is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What this node tells of itself.
#[derive(Debug)]
pub struct Own {
    said: ArcSwap<v1::InForce>,
    /// Counts the changes, so that a stream knows whether it has told the newest.
    changes: AtomicU64,
}

impl Own {
    /// What `rules` say at `now`.
    pub fn new(rules: &Rules, now: UnixMs) -> Self {
        Self { said: ArcSwap::from_pointee(in_force(rules, now)), changes: AtomicU64::new(0) }
    }

    /// What to tell a peer.
    pub fn message(&self) -> v1::InForce {
        self.said.load().as_ref().clone()
    }

    /// How often it has changed since start: what was told at this count is what is in force.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// What to tell a peer now, and the count of what it is told.
    pub fn current(&self) -> (u64, v1::InForce) {
        // The count first: what changes in between is told once too often, never once too little.
        (self.changes(), self.message())
    }

    /// What to tell a peer that was told last at the count `told`, which is moved on; `None` if nothing has changed.
    pub fn news(&self, told: &mut u64) -> Option<v1::InForce> {
        let changes = self.changes();
        (std::mem::replace(told, changes) != changes).then(|| self.message())
    }

    /// Looks whether what is in force is still what is told.
    fn look(&self, rules: &Rules, now: UnixMs) {
        let current = in_force(rules, now);
        let told = self.said.load();
        if current == (v1::InForce { since_unix_ms: current.since_unix_ms, ..told.as_ref().clone() }) {
            return;
        }
        self.said.store(Arc::new(current));
        self.changes.fetch_add(1, Ordering::Release);
    }
}

fn in_force(rules: &Rules, now: UnixMs) -> v1::InForce {
    let references = rules.policy.references();
    let overlay = rules.policy.validity(now).overlay.filter(|overlay| overlay.phase == Phase::InForce);
    v1::InForce {
        baseline: Some(message(&references.baseline)),
        vocabulary: Some(message(&references.vocabulary)),
        overlay: overlay.and(references.overlay.as_ref()).map(message),
        since_unix_ms: now.as_ms(),
    }
}

/// Watches what is in force, for one runtime of a node: an overlay begins and ends without anybody's doing.
pub async fn watch(local: Arc<Local>) {
    let mut announcer = Announcer::default();
    let mut tick = interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let shared = &local.shared;
        let rules = shared.rules.load_full();
        announcer.look(&rules.policy, &shared.facts);
        shared.own_policy.look(&rules, shared.facts.now());
    }
}
