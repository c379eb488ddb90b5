//! `Operator.Status`: what an operator sees of the node, warnings first.

use std::sync::Arc;

use huxin_attest::{Clock as _, UnixMs};
use huxin_registry::Registry as _;
use huxin_trust_policy::Phase;
use huxin_wire::{Failure, Reason, v1};

use crate::clock::RealClock;
use crate::local::Local;
use crate::mass_changes::MassChange;
use crate::rules::{Rules, message};
use crate::shared::Shared;

/// The end of a list or policy is announced so long before, in milliseconds: 14 days.
const ANNOUNCED_MS: i64 = 14 * 24 * 3_600_000;

/// The node's state.
///
/// # Errors
/// If the registry cannot be read.
pub fn status(local: &Arc<Local>) -> Result<v1::StatusReply, Failure> {
    let shared = &local.shared;
    let counts =
        shared.registry.counts().map_err(|error| Failure::new(Reason::Internal, error.to_string()))?;
    let log = shared.log.counters();
    let (tiles_size, integrated_unix_ms) = shared.log_reader.integrated();
    let rules = shared.rules.load();
    let changes = shared.stating.mass_changes.report(shared.facts.now());
    Ok(v1::StatusReply {
        region: shared.region.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        facts_unix_ms: shared.facts.now().as_ms(),
        facts_offset_ms: shared.facts.offset_ms(),
        policy: rules.references.message.iter().cloned().chain([message(&rules.places_file)]).collect(),
        unguarded_overlay: rules.references.unguarded,
        federation: Some(v1::FileReference {
            id: "federation".to_owned(),
            version: shared.membership.version().into(),
            sha256: shared.membership.sha256().0.to_vec().into(),
        }),
        federation_expires_unix_ms: shared.membership.expires().as_ms(),
        origin: shared.log_key.origin().to_string(),
        log_size: shared.log_reader.size(),
        log_entries: log.entries,
        log_flushes: log.flushes,
        people: counts.people,
        statements: counts.statements,
        peers: peers(shared),
        counters: Some(shared.counters.message()),
        warnings: warnings(shared, &rules, &changes),
        runtimes: u32::try_from(shared.runtimes).unwrap_or_default(),
        mass_changes: changes.into_iter().map(mass_change).collect(),
        tiles_size,
        integrated_unix_ms,
    })
}

fn peers(shared: &Shared) -> Vec<v1::PeerStatus> {
    let others = shared.membership.members().iter().filter(|member| member.region != shared.region);
    others
        .map(|member| v1::PeerStatus {
            region: member.region.to_string(),
            streams: shared.open_streams(member.region),
            verified_size: shared.board.verified_size(&shared.membership, member.region),
        })
        .collect()
}

fn mass_change(change: MassChange) -> v1::MassChange {
    let MassChange { assigner, taken, refused, warning } = change;
    v1::MassChange { assigner: assigner.to_string(), taken, refused, warning }
}

/// What wants an operator's eye: stable names, the subject behind a colon.
fn warnings(shared: &Shared, rules: &Rules, changes: &[MassChange]) -> Vec<String> {
    let (facts, real) = (shared.facts.now(), RealClock.now());
    let mut warnings = Vec::new();
    let mut warn = |when: bool, name: String| {
        if when {
            warnings.push(name)
        }
    };
    warn(rules.references.unguarded, "unguarded_overlay".into());
    warn(shared.stating.skip_foundedness, "foundedness_skipped".into());
    for change in changes {
        warn(change.warning, format!("mass_change:{}", change.assigner));
    }
    warn(shared.facts.offset_ms() != 0, "facts_clock_moved".into());
    let ends_soon = |until: UnixMs, now: UnixMs| until.ms_since(now) < ANNOUNCED_MS;
    warn(ends_soon(shared.membership.expires(), real), "federation_ends_soon".into());
    let validity = rules.policy.validity(facts);
    warn(validity.baseline.phase != Phase::InForce, "baseline_not_in_force".into());
    warn(ends_soon(validity.baseline.until, facts), "baseline_ends_soon".into());
    if let Some(overlay) = validity.overlay {
        warn(overlay.phase != Phase::InForce, "overlay_not_in_force".into());
    }
    warn(rules.risk_areas.until() <= facts, "risk_areas_expired".into());
    for warning in shared.reloader.warnings() {
        warn(true, warning);
    }
    for crl in shared.trust.crl_status() {
        let fails = crl.fails_at.is_none_or(|at| at <= real);
        warn(fails, format!("revocation_list_stale:{}", crl.trust_domain));
    }
    for origin in shared.board.forked() {
        warn(true, format!("log_forked:{origin}"));
    }
    warnings
}
