//! Authentic statements that the registry does not take: each attempt is an entry of the log before anybody is told.
//!
//! What is not authentic is nobody's word and leaves no entry. The details keep the signed statement itself: it shows
//! who tried what, and is erased with the person's other details.

use std::collections::BTreeMap;

use bytes::Bytes;
use huxin_attest::{Clock as _, DepartmentName};
use huxin_ledger::LeafType;
use huxin_ledger::public::{Label, RefusedStatement};
use huxin_registry::{PersonKey, Write};
use huxin_wire::{Failure, Reason};

use super::commit::{internal, log_each};
use super::founded::needs_foundation;
use crate::exchange::Details;
use crate::local::Local;
use crate::log_port::Entry;
use crate::mass_changes::Fate;
use crate::sealed::seal;

/// Logs each refused statement with its reason and waits until all are durable. Writes that state nothing are passed
/// over.
///
/// # Errors
/// If the log stops.
pub async fn log(local: &Local, department: &str, refused: &[(&Write, Reason)]) -> Result<(), Failure> {
    local.shared.counters.statements_refused.add(refused.len() as u64);
    log_each(local, refused, |(write, reason)| entry(local, department, write, *reason)).await
}

fn entry(local: &Local, department: &str, write: &Write, reason: Reason) -> Result<Entry, Failure> {
    let Write::State { person, attestation, envelope, .. } = write else {
        return Err(internal("only a statement is refused"));
    };
    let public = RefusedStatement {
        department: Label::new(department).map_err(internal)?,
        counts: [(attestation.claims.kind, 1)].into_iter().collect(),
        reason: Label::new(reason.name()).map_err(internal)?,
    };
    let kept = Details {
        person: Bytes::copy_from_slice(&person.0),
        request: Bytes::copy_from_slice(envelope),
        statements: Bytes::copy_from_slice(&attestation.digest.0),
        ..Details::default()
    };
    let private = [person.0, attestation.digest.0].concat();
    let now = local.shared.facts.now();
    let sealed = seal(&local.salts, LeafType::RefusedStatement, now, public.encode(), &private, kept);
    Ok(Entry::new(&sealed))
}

/// Counts the people whose codes these statements turn red or amber, by who assigned them. An assigner that the
/// membership list does not name for this province is a mere word: then the department that states the code counts.
pub fn count<'w>(local: &Local, writes: impl IntoIterator<Item = &'w Write>, fate: Fate) {
    let shared = &local.shared;
    let rules = shared.rules.load();
    let mut people: BTreeMap<DepartmentName, Vec<PersonKey>> = BTreeMap::new();
    for write in writes {
        let Write::State { person, attestation, .. } = write else { continue };
        if !needs_foundation(shared, &rules, attestation) {
            continue;
        }
        let listed =
            |name: &DepartmentName| shared.membership.department(shared.region, name.as_str()).is_some();
        let assigner = attestation.claims.assigner.filter(listed).unwrap_or(attestation.signer_department);
        people.entry(assigner).or_default().push(*person);
    }
    let now = shared.facts.now();
    for (assigner, people) in people {
        shared.stating.mass_changes.note(assigner, people, fate, now);
    }
}
