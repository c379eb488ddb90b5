//! A peer's report that it used an answer of this node again: held to the log, and logged as one more access.
//!
//! Nothing that a report says is taken on trust: the answer must stand in the own log, made to this very peer for this
//! purpose and department, and not long before. So a peer can only add accesses of its own to people about whom it was
//! told.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use huxin_attest::{Clock as _, RegionCode, sha256};
use huxin_ledger::leaf::exchange_private_of_hashes;
use huxin_ledger::public::{Exchange, Reuse};
use huxin_ledger::{LeafType, Origin};
use huxin_wire::{Failure, Reason, v1};
use prost::Message as _;

use super::convert::ReportedReuse;
use super::details::Details;
use crate::limits;
use crate::local::Local;
use crate::log_port::Entry;
use crate::sealed::seal;

/// What became of a report.
pub enum Taken {
    /// It is logged, now or before.
    Logged,
    /// It will never be logged, for this reason.
    Never(Failure),
    /// It is not logged yet; the peer will report it again.
    Later(Failure),
}

/// The newest reports that were logged: a report that comes again is acknowledged and not logged again.
#[derive(Debug, Default)]
pub struct Reported {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// By the entry that records the reuse: is it logged already?
    known: HashMap<(Origin, u64), bool>,
    logged: VecDeque<(Origin, u64)>,
}

/// Takes in a report of `peer`.
pub async fn take(local: &Local, peer: RegionCode, report: v1::Report) -> Taken {
    let used = match ReportedReuse::parse(&report) {
        Ok(used) => used,
        Err(field) => return Taken::Never(field.into()),
    };
    let shared = &local.shared;
    let (owner, now) = (shared.membership.log(used.reuse.0.as_str()), shared.facts.now());
    if owner.is_none_or(|(owner, _)| owner != peer) {
        return Taken::Never(Failure::new(Reason::InvalidRequest, "reuse_origin: not your log"));
    }
    if let Err(reason) = shared.admission.report(peer, now) {
        return Taken::Later(reason.into());
    }
    match shared.reported.begin(&used.reuse) {
        Some(true) => return Taken::Logged,
        Some(false) => return Taken::Later(Reason::Overloaded.into()),
        None => {}
    }
    let taken = log(local, peer, &used, &report).await;
    shared.reported.end(used.reuse, matches!(taken, Taken::Logged));
    taken
}

async fn log(local: &Local, peer: RegionCode, used: &ReportedReuse, report: &v1::Report) -> Taken {
    let shared = &local.shared;
    let not_ours = || Taken::Never(Reason::NotInLog.into());
    if used.origin != *shared.log_key.origin() || used.index >= shared.log_reader.size() {
        return not_ours();
    }
    let answer = match shared.log_reader.kept(used.index) {
        Ok(answer) => answer,
        Err(error) => return Taken::Later(Failure::new(Reason::Internal, error.to_string())),
    };
    let exchange = Exchange::decode(&answer.public).ok();
    let exchange = exchange.filter(|_| answer.leaf.leaf_type == LeafType::Answer);
    // What was told to others is as good as not there.
    let Some(exchange) = exchange.filter(|exchange| exchange.peer == peer) else { return not_ours() };
    if exchange.purpose != used.purpose || exchange.department != used.department {
        return Taken::Never(Failure::new(Reason::InvalidRequest, "told for another purpose or department"));
    }
    let now = shared.facts.now();
    let age = used.at.ms_since(answer.leaf.at);
    let in_time = (-limits::CLOCK_SKEW_MS..=limits::REUSE_MS + limits::CLOCK_SKEW_MS).contains(&age);
    if !in_time || used.at.ms_since(now) > limits::CLOCK_SKEW_MS {
        return Taken::Never(Failure::new(Reason::InvalidRequest, "unix_ms: not within reach of the answer"));
    }
    // Where the details of the answer were erased, nothing names the person any more, and the access stands without.
    let person = answer.details.and_then(|details| Details::decode(details.as_slice()).ok());
    let person = person.map(|details| details.person).unwrap_or_default();
    let request: Bytes = report.encode_to_vec().into();
    let private = exchange_private_of_hashes(&sha256(&[&request]), &sha256(&[]));
    let public = Reuse {
        purpose: exchange.purpose,
        peer,
        department: exchange.department,
        counts: exchange.counts,
        origin: used.origin.clone(),
        index: used.index,
    };
    let kept = Details { person, request, ..Details::default() };
    let sealed = seal(&local.salts, LeafType::Reuse, now, public.encode(), &private, kept);
    match local.log.append(Entry::new(&sealed)).await {
        Ok(_) => {
            shared.counters.reports_received.one();
            Taken::Logged
        }
        Err(failure) => Taken::Later(failure),
    }
}

impl Reported {
    /// Is a report of this reuse logged, or being logged? If neither, it is being logged from now on.
    fn begin(&self, reuse: &(Origin, u64)) -> Option<bool> {
        let mut state = self.lock();
        if let Some(logged) = state.known.get(reuse) {
            return Some(*logged);
        }
        state.known.insert(reuse.clone(), false);
        None
    }

    /// It is logged, or is not.
    fn end(&self, reuse: (Origin, u64), logged: bool) {
        let mut state = self.lock();
        if !logged {
            state.known.remove(&reuse);
            return;
        }
        state.known.insert(reuse.clone(), true);
        state.logged.push_back(reuse);
        if state.logged.len() > limits::REPORTS_REMEMBERED
            && let Some(oldest) = state.logged.pop_front()
        {
            state.known.remove(&oldest);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_logged_once_as_far_as_memory_reaches() {
        let reported = Reported::default();
        let reuse = |index: usize| ("gd.example/log/0".parse::<Origin>().unwrap(), index as u64);
        assert_eq!(reported.begin(&reuse(0)), None);
        assert_eq!(reported.begin(&reuse(0)), Some(false), "it is being logged");
        reported.end(reuse(0), false);
        assert_eq!(reported.begin(&reuse(0)), None, "the log did not take it");
        reported.end(reuse(0), true);
        assert_eq!(reported.begin(&reuse(0)), Some(true));
        for index in 1..=limits::REPORTS_REMEMBERED {
            assert_eq!(reported.begin(&reuse(index)), None);
            reported.end(reuse(index), true);
        }
        assert_eq!(reported.lock().known.len(), limits::REPORTS_REMEMBERED);
        assert_eq!(reported.begin(&reuse(0)), None, "forgotten, and logged again");
    }
}
