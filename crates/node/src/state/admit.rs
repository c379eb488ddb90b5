//! Whether a statement is authentic, and whether it is this caller's to make now.

use huxin_attest::Clock as _;
use huxin_identity::PeerIdentity;
use huxin_registry::Write;
use huxin_wire::{Failure, Reason};

use super::commit::{Request, internal};
use super::convert::Received;
use super::{founded, refused};
use crate::limits;
use crate::local::Local;
use crate::mass_changes::Fate;
use crate::rules::Rules;

/// Checks that a statement is authentic.
///
/// # Errors
/// If it is not; nothing is logged then.
pub fn authenticate(local: &Local, received: Received) -> Result<Write, Failure> {
    let Received { attestation: envelope, subject, salt } = received;
    let shared = &local.shared;
    let verified = local.verifier().verify(&envelope, shared.region, &*shared.membership, &subject, &salt);
    let attestation = verified.map_err(|error| Failure::new(Reason::StatementRefused, error.reason()))?;
    Ok(Write::State { person: shared.secret.person(&subject), attestation, envelope, salt })
}

/// Judges authentic statements, all or none: may the caller state each, is each dated at most `old_ms` milliseconds ago,
/// and is each red or amber code founded? If one is refused, every refused one is logged and no code of the request is
/// taken.
///
/// # Errors
/// The reason of the first that is refused, and its number among them, from 0.
pub async fn judge(
    local: &Local,
    caller: &PeerIdentity,
    request: &Request,
    writes: &[Write],
    old_ms: i64,
) -> Result<(), (usize, Failure)> {
    let rules = local.shared.rules.load_full();
    let mut first = None;
    let mut all = Vec::new();
    for (number, write) in writes.iter().enumerate() {
        let Err(failure) = judge_one(local, &rules, caller, write, old_ms) else { continue };
        if failure.reason == Reason::Internal {
            return Err((number, failure));
        }
        all.push((write, failure.reason));
        first.get_or_insert((number, failure));
    }
    let Some((number, failure)) = first else { return Ok(()) };
    refused::count(local, writes, Fate::Refused);
    refused::log(local, request.department(), &all).await.map_err(|failure| (number, failure))?;
    Err((number, failure))
}

fn judge_one(
    local: &Local,
    rules: &Rules,
    caller: &PeerIdentity,
    write: &Write,
    old_ms: i64,
) -> Result<(), Failure> {
    let Write::State { person, attestation, .. } = write else {
        return Err(internal("only statements are judged"));
    };
    let shared = &local.shared;
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
    if !shared.stating.skip_foundedness && founded::needs_foundation(shared, rules, attestation) {
        founded::check(shared, rules, person, attestation)?;
    }
    Ok(())
}
