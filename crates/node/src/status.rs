//! `Operator.Status`: what an operator sees of the node, warnings first.

use std::sync::Arc;

use huxin_attest::Clock as _;
use huxin_registry::Registry as _;
use huxin_wire::{Failure, Reason, Warning, v1};

use crate::clock::RealClock;
use crate::local::Local;
use crate::mass_changes::MassChange;
use crate::rules::{Rules, ends, message};
use crate::shared::Shared;

/// The end of the membership list is announced so long before, in milliseconds: 14 days.
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
    let now = shared.facts.now();
    let changes = shared.stating.mass_changes.report(now);
    let validity = rules.policy.validity(now);
    Ok(v1::StatusReply {
        region: shared.region.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        facts_unix_ms: now.as_ms(),
        facts_offset_ms: shared.facts.offset_ms(),
        policy: rules
            .references
            .at(now)
            .message
            .iter()
            .cloned()
            .chain([message(&rules.places_file)])
            .collect(),
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
        baseline_until_unix_ms: validity.baseline.until.as_ms(),
        overlay_from_unix_ms: validity.overlay.map_or(0, |overlay| overlay.from.as_ms()),
        overlay_until_unix_ms: validity.overlay.map_or(0, |overlay| overlay.until.as_ms()),
        shadow: None,
    })
}

fn peers(shared: &Shared) -> Vec<v1::PeerStatus> {
    let others = shared.membership.members().iter().filter(|member| member.region != shared.region);
    others
        .map(|member| v1::PeerStatus {
            region: member.region.to_string(),
            streams: shared.open_streams(member.region),
            verified_size: shared.board.verified_size(&shared.membership, member.region),
            policy: shared.peer_policies.of(&shared.membership, member.region),
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
    let mut warn = |when: bool, warning: Warning| {
        if when {
            warnings.push(warning.name().to_owned());
        }
    };
    warn(shared.stating.skip_foundedness, Warning::FoundednessSkipped);
    warn(shared.facts.offset_ms() != 0, Warning::FactsClockMoved);
    warn(shared.membership.expires().ms_since(real) < ANNOUNCED_MS, Warning::FederationEndsSoon);
    ends::warnings(&rules.policy, facts).for_each(|warning| warn(true, warning));
    warn(rules.risk_areas.until() <= facts, Warning::RiskAreasExpired);
    warnings.extend(shared.reloader.warnings());
    let mut warn_of = |warning: Warning, whom: &dyn std::fmt::Display| {
        warnings.push(format!("{}:{whom}", warning.name()));
    };
    for change in changes.iter().filter(|change| change.warning) {
        warn_of(Warning::MassChange, &change.assigner);
    }
    for (warning, peer) in shared.peer_policies.warnings(&shared.membership) {
        warn_of(warning, &peer);
    }
    for crl in shared.trust.crl_status().iter().filter(|crl| crl.fails_at.is_none_or(|at| at <= real)) {
        warn_of(Warning::RevocationListStale, &crl.trust_domain);
    }
    for origin in shared.board.forked() {
        warn_of(Warning::LogForked, &origin);
    }
    warnings
}
