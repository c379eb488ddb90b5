//! Is a red or amber code founded? The home province answers for that, so it is resolved here, before the code is taken.
//!
//! Abroad the policy judges form only ([`huxin_trust_policy::State::Unfounded`]): assigner, reason and a reference to
//! evidence must be there and listed. What passes here passes there, unless a policy demands more than the vocabulary.

use huxin_attest::{Attestation, Claims, Clock as _, Digest, Envelope, Kind, Verified};
use huxin_registry::{HistoryEntry, PersonKey, Registry as _, State};
use huxin_trust_policy::{AssignedFor, Assigner, EvidenceKind, Grade, Standing, Statement};
use huxin_wire::{Failure, Reason};

use super::commit::internal;
use crate::rules::Rules;
use crate::shared::Shared;

/// Is it a first-hand code that counts as red or amber, by its status or by what its label or reason maps to? What was
/// only heard from elsewhere decides nothing and needs nothing.
pub fn needs_foundation(shared: &Shared, rules: &Rules, attestation: &Verified<Attestation>) -> bool {
    let claims = &attestation.claims;
    if claims.kind != Kind::HealthCode || claims.hop > 0 {
        return false;
    }
    let listing = rules.listing(&shared.membership, attestation);
    let statement =
        Statement::from_verified(&rules.policy, attestation, listing, shared.facts.now(), Standing::None);
    claims.status.is_some_and(|status| status.needs_foundation()) || statement.grade() > Some(Grade::Green)
}

/// Checks that somebody who may assign the code did so for a listed reason, and that at least one piece of listed
/// evidence behind it holds: a statement of kind evidence about the same person, at first hand, not withdrawn, replaced or
/// run out, by another department than the one that states the code and the one that assigned it. Evidence that goes
/// later does not undo the code.
///
/// # Errors
/// What is missing, or that the registry failed.
pub fn check(
    shared: &Shared,
    rules: &Rules,
    person: &PersonKey,
    attestation: &Verified<Attestation>,
) -> Result<(), Failure> {
    let (claims, vocabulary) = (&attestation.claims, rules.policy.vocabulary());
    let role = claims.assigner_role.and_then(|role| vocabulary.find::<Assigner>(role.as_str()));
    if role.is_none() || !rules.listing(&shared.membership, attestation).assigner_may {
        return Err(Reason::UnfoundedAssigner.into());
    }
    let reason = claims.assigned_for.and_then(|reason| vocabulary.find::<AssignedFor>(reason.as_str()));
    if reason.is_none() {
        return Err(Reason::UnfoundedReason.into());
    }
    for reference in &claims.evidence {
        if vocabulary.find::<EvidenceKind>(reference.kind.as_str()).is_some()
            && holds(shared, person, claims, reference.kind.as_str(), &reference.digest)?
        {
            return Ok(());
        }
    }
    Err(Reason::UnfoundedEvidence.into())
}

fn holds(
    shared: &Shared,
    person: &PersonKey,
    code: &Claims,
    kind: &str,
    digest: &Digest,
) -> Result<bool, Failure> {
    let Some(found) = shared.registry.find(person, digest).map_err(internal)? else { return Ok(false) };
    let HistoryEntry { held, state, department, item, order: _ } = found;
    let by_another = department != code.department && Some(department) != code.assigner;
    let is_evidence = held.kind == Kind::Evidence && held.hop == 0 && item == kind;
    if !is_evidence || !by_another || state != State::Head {
        return Ok(false);
    }
    let envelope = Envelope::parse(&held.envelope).map_err(internal)?;
    let evidence = Claims::from_bytes(envelope.claims()).map_err(internal)?;
    Ok(evidence.valid_until.is_none_or(|until| shared.facts.now() < until.to_ms()))
}
