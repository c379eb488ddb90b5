//! What this node has verified of its peers' logs, over all streams and over restarts.
//!
//! Each stream follows a log on its own. The board joins them: two streams of one log must be shown to belong to one
//! history, or the log forked, and nothing it says is believed from then on.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use huxin_attest::RegionCode;
use huxin_identity::Membership;
use huxin_ledger::heads::{HeadError, KnownHead};
use huxin_ledger::known_heads::{KnownHeads, KnownHeadsError};
use huxin_ledger::{Origin, VerifiedHead};

/// The verified heads of every peer's logs.
#[derive(Debug)]
pub struct Board {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    known: KnownHeads,
    /// Has anything been verified since the file was written?
    unsaved: bool,
    /// The newest head of each log on each runtime's stream.
    streams: HashMap<(Origin, usize), KnownHead>,
    forked: HashSet<Origin>,
}

impl Board {
    /// Reads what was verified before the last stop.
    ///
    /// # Errors
    /// If the file is damaged: to go on without it would accept another history.
    pub fn load(path: &Path) -> Result<Self, KnownHeadsError> {
        let known = KnownHeads::load(path)?;
        let state = State { known, unsaved: false, streams: HashMap::new(), forked: HashSet::new() };
        Ok(Self { state: Mutex::new(state) })
    }

    /// What was verified of a member's logs: from where a new stream follows them, and what `Open` tells the peer.
    pub fn known(&self, membership: &Membership, region: RegionCode) -> Vec<(Origin, KnownHead)> {
        let state = self.lock();
        let logs = membership.member(region).map(|member| member.logs.as_slice()).unwrap_or_default();
        let origins = logs.iter().filter_map(|log| log.origin.parse::<Origin>().ok());
        origins
            .map(|origin| (origin.clone(), state.known.get(&origin)))
            .filter(|(_, head)| head.size > 0)
            .collect()
    }

    /// Notes a head that was verified on the stream of runtime `runtime`.
    ///
    /// # Errors
    /// If the log is known to have forked, or this head shows that it did.
    pub fn note(&self, runtime: usize, head: &VerifiedHead) -> Result<(), HeadError> {
        let mut state = self.lock();
        if state.forked.contains(head.origin()) {
            return Err(HeadError::Fork { size: head.size() });
        }
        if let Err(fork) = state.known.advance(head) {
            state.forked.insert(head.origin().clone());
            return Err(fork);
        }
        state.unsaved = true;
        state.streams.insert((head.origin().clone(), runtime), head.head());
        Ok(())
    }

    /// Another runtime's head of the same log that differs in size: the two must be joined.
    pub fn other(&self, origin: &Origin, runtime: usize) -> Option<KnownHead> {
        let state = self.lock();
        let own = state.streams.get(&(origin.clone(), runtime))?;
        let others = state.streams.iter().filter(|((name, index), _)| name == origin && *index != runtime);
        others.map(|(_, head)| *head).find(|head| head.size != own.size && head.size > 0)
    }

    /// Believes nothing that this log says from now on.
    pub fn condemn(&self, origin: &Origin) {
        tracing::error!(%origin, "the log forked: it is no longer believed");
        self.lock().forked.insert(origin.clone());
    }

    /// The largest verified size over the logs of a member.
    pub fn verified_size(&self, membership: &Membership, region: RegionCode) -> u64 {
        self.known(membership, region).iter().map(|(_, head)| head.size).max().unwrap_or_default()
    }

    /// Has this log forked? Then nothing that it ever said is believed.
    pub fn has_forked(&self, origin: &Origin) -> bool {
        self.lock().forked.contains(origin)
    }

    /// The logs that forked.
    pub fn forked(&self) -> Vec<String> {
        self.lock().forked.iter().map(ToString::to_string).collect()
    }

    /// Writes the file if there is anything new.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn save(&self) -> Result<(), KnownHeadsError> {
        let mut state = self.lock();
        if state.unsaved {
            state.known.save()?;
            state.unsaved = false;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
