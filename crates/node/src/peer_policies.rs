//! By what the nodes of other provinces judge: what they say is recorded, what they show is verified.
//!
//! A node says by which files it judges when a stream opens, and when that changes ([`own`]). Who hears it writes it into
//! the own log ([`record`]): a province that changes its rules is seen to do so. An overlay that a peer names is fetched
//! and judged as if it were the own one ([`check`]). Nothing that is heard here changes how anybody is judged, and a
//! peer that talks too much costs what its budget allows.

pub mod check;
mod convert;
mod fetch;
mod judge;
mod known;
pub mod own;
pub mod record;
mod said;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use huxin_attest::{RegionCode, UnixMs};
use huxin_identity::Membership;
use huxin_identity::membership::Pin;
use huxin_trust_policy::Reference;
use huxin_wire::convert::InvalidField;
use huxin_wire::{Warning, v1};
use tokio::sync::Notify;

use known::{Found, KnownFile};
pub use known::{Known, KnownError};
pub use own::Own;
use said::{Files, Said};

/// Changes of its policy that are recorded of one peer: so many at once, and one more in each of these milliseconds.
const AT_ONCE: u32 = 8;
const ONE_MORE_MS: i64 = 15_000;
/// That a peer said the same again is kept no more often than this, in milliseconds.
const SAID_AGAIN_MS: i64 = 60_000;

/// What is known of every peer's policy.
#[derive(Debug)]
pub struct PeerPolicies {
    file: KnownFile,
    state: Mutex<State>,
    /// Told when there is something to record.
    changed: Notify,
    /// Told when there is something to check.
    unchecked: Notify,
}

#[derive(Debug, Default)]
struct State {
    known: BTreeMap<RegionCode, Known>,
    /// What was said and is not recorded yet: the newest of each peer.
    waiting: BTreeMap<RegionCode, Files>,
    /// The newest word of each peer, by its own clock.
    newest: BTreeMap<RegionCode, UnixMs>,
    budgets: BTreeMap<RegionCode, Budget>,
    unsaved: bool,
}

/// What may still be recorded of one peer.
#[derive(Debug)]
struct Budget {
    left: u32,
    /// From when the next one is counted.
    since: UnixMs,
}

impl Budget {
    /// Takes one, if there is one at `now`.
    fn take(&mut self, now: UnixMs) -> bool {
        let earned = now.ms_since(self.since).div_euclid(ONE_MORE_MS);
        if earned > 0 {
            self.left = self.left.saturating_add(u32::try_from(earned).unwrap_or(u32::MAX)).min(AT_ONCE);
            self.since = self.since.saturating_add_ms(earned.saturating_mul(ONE_MORE_MS));
        }
        let has_one = self.left > 0;
        self.left = self.left.saturating_sub(1);
        has_one
    }
}

impl PeerPolicies {
    /// Reads what was known before the last stop.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn load(path: &Path) -> Result<Self, KnownError> {
        let (file, known) = KnownFile::load(path)?;
        let state = Mutex::new(State { known, ..State::default() });
        Ok(Self { file, state, changed: Notify::new(), unchecked: Notify::new() })
    }

    /// Takes in what a peer said on one of its streams; silence is nothing.
    ///
    /// # Errors
    /// If it is not of its form.
    pub fn hear(
        &self,
        peer: RegionCode,
        message: Option<v1::InForce>,
        now: UnixMs,
    ) -> Result<(), InvalidField> {
        let Some(message) = message else { return Ok(()) };
        let Said { files, since } = Said::parse(message, now)?;
        let mut state = self.lock();
        let State { known, waiting, newest, unsaved, .. } = &mut *state;
        // Streams overtake each other, and nodes of one province change one after the other.
        let newest = newest.entry(peer).or_insert(since);
        if since < *newest {
            return Ok(());
        }
        *newest = since;
        match known.get_mut(&peer) {
            Some(known) if known.files == files => {
                *unsaved |= now.ms_since(known.said) >= SAID_AGAIN_MS;
                known.said = now;
                waiting.remove(&peer);
            }
            _ => {
                waiting.insert(peer, files);
                self.changed.notify_one();
            }
        }
        Ok(())
    }

    /// What is to be recorded now, and whether anything has to wait for its peer's budget.
    fn due(&self, now: UnixMs) -> (Vec<(RegionCode, Files)>, bool) {
        let mut state = self.lock();
        let State { waiting, budgets, .. } = &mut *state;
        let mut due = Vec::new();
        for (peer, files) in &*waiting {
            let budget = budgets.entry(*peer).or_insert(Budget { left: AT_ONCE, since: now });
            if budget.take(now) {
                due.push((*peer, files.clone()));
            }
        }
        let waits = due.len() < waiting.len();
        (due, waits)
    }

    /// What was known of a peer until now.
    fn before(&self, peer: RegionCode) -> Option<Files> {
        self.lock().known.get(&peer).map(|known| known.files.clone())
    }

    /// The log holds what a peer said.
    fn recorded(&self, peer: RegionCode, files: Files, now: UnixMs) {
        let mut state = self.lock();
        if state.waiting.get(&peer) == Some(&files) {
            state.waiting.remove(&peer);
        }
        let before = state.known.get(&peer).filter(|known| known.files.overlay == files.overlay);
        // Another baseline does not change what its overlay was found to be: that is judged by ours.
        let (found, signers) = match before {
            Some(known) => (known.found, known.signers.clone()),
            None => (Found::Unchecked, Vec::new()),
        };
        state.known.insert(peer, Known { files, said: now, since: now, found, signers });
        state.unsaved = true;
        self.unchecked.notify_one();
    }

    /// The overlays that peers name.
    fn overlays(&self) -> Vec<(RegionCode, Reference)> {
        let state = self.lock();
        let named = |(peer, known): (&RegionCode, &Known)| Some((*peer, known.files.overlay.clone()?));
        state.known.iter().filter_map(named).collect()
    }

    /// Notes what was found of a peer's overlay, unless it names another one by now.
    fn note(&self, peer: RegionCode, overlay: &Reference, found: Found, signers: Vec<String>) {
        let mut state = self.lock();
        let Some(known) = state.known.get_mut(&peer) else { return };
        if known.files.overlay.as_ref() == Some(overlay) && (known.found, &known.signers) != (found, &signers)
        {
            (known.found, known.signers) = (found, signers);
            state.unsaved = true;
        }
    }

    /// What is known of one peer, as it is shown.
    pub fn of(&self, membership: &Membership, peer: RegionCode) -> Option<v1::PeerPolicy> {
        let state = self.lock();
        let known = state.known.get(&peer)?;
        Some(convert::peer_policy(peer.to_string(), known, is_other(&known.files, membership)))
    }

    /// What is known of every peer, as it is shown.
    pub fn all(&self, membership: &Membership) -> Vec<v1::PeerPolicy> {
        let peers: Vec<_> = self.lock().known.keys().copied().collect();
        peers.into_iter().filter_map(|peer| self.of(membership, peer)).collect()
    }

    /// What wants an operator's eye, each with its peer.
    pub fn warnings(&self, membership: &Membership) -> Vec<(Warning, RegionCode)> {
        let state = self.lock();
        let mut warnings = Vec::new();
        for (peer, Known { files, found, .. }) in &state.known {
            if is_other(files, membership) {
                warnings.push((Warning::PeerOtherBaseline, *peer));
            }
            if let (Some(_), Some(warning)) = (&files.overlay, found.warning()) {
                warnings.push((warning, *peer));
            }
        }
        let spent = state.budgets.iter().filter(|(_, budget)| budget.left == 0);
        let restless = spent.filter(|(peer, _)| state.waiting.contains_key(peer));
        warnings.extend(restless.map(|(peer, _)| (Warning::PeerPolicyRestless, *peer)));
        warnings
    }

    /// Writes the file if there is anything new.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn save(&self) -> std::io::Result<()> {
        let known = {
            let mut state = self.lock();
            if !std::mem::take(&mut state.unsaved) {
                return Ok(());
            }
            state.known.clone()
        };
        self.file.save(&known).inspect_err(|_| self.lock().unsaved = true)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does a peer judge by another baseline or vocabulary than the membership list pins?
fn is_other(files: &Files, membership: &Membership) -> bool {
    let differs = |file: &Reference, pin: &Pin| *file != pinned(pin);
    differs(&files.baseline, membership.baseline()) || differs(&files.vocabulary, membership.vocabulary())
}

/// What the membership list pins, as files are named.
fn pinned(pin: &Pin) -> Reference {
    Reference { id: pin.id.as_str().into(), version: pin.version, sha256: pin.sha256 }
}

impl Found {
    const fn warning(self) -> Option<Warning> {
        match self {
            Self::Unchecked | Self::Good => None,
            Self::OverReach => Some(Warning::PeerOverReach),
            Self::Unsigned => Some(Warning::PeerUnsignedOverlay),
            Self::Invalid => Some(Warning::PeerInvalidOverlay),
            Self::Withheld => Some(Warning::PeerWithholdsOverlay),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::known::tests::file;
    use super::*;
    use crate::rules::message;

    fn at(ms: i64) -> UnixMs {
        UnixMs::from_ms(ms).unwrap()
    }

    fn said(overlay: u32, since: i64) -> Option<v1::InForce> {
        Some(v1::InForce {
            baseline: Some(message(&file("CN-BASE", 1))),
            vocabulary: Some(message(&file("CN-VOCAB", 1))),
            overlay: Some(message(&file("HB-42", overlay))),
            since_unix_ms: since,
        })
    }

    /// Records what is due; tells the overlays' versions and whether anything waits.
    fn record(policies: &PeerPolicies, now: i64) -> (Vec<u32>, bool) {
        let (due, waits) = policies.due(at(now));
        let versions = due.iter().map(|(_, files)| files.overlay.as_ref().unwrap().version).collect();
        due.into_iter().for_each(|(peer, files)| policies.recorded(peer, files, at(now)));
        (versions, waits)
    }

    fn fresh() -> (PeerPolicies, RegionCode, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let policies = PeerPolicies::load(&folder.path().join("peer-policies")).unwrap();
        (policies, "42".parse().unwrap(), folder)
    }

    #[test]
    fn what_was_said_earlier_and_arrives_later_is_passed_over() {
        let (policies, peer, _folder) = fresh();
        policies.hear(peer, said(2, 2000), at(2000)).unwrap();
        policies.hear(peer, said(1, 1000), at(2001)).unwrap();
        assert_eq!(record(&policies, 2002), (vec![2], false));
        policies.hear(peer, said(2, 3000), at(3000)).unwrap();
        policies.hear(peer, said(1, 2999), at(3001)).unwrap();
        assert_eq!(record(&policies, 3002), (vec![], false), "the same again, and an older one");
        policies.hear(peer, None, at(3003)).unwrap();
        assert_eq!(policies.lock().known[&peer].since, at(2002));
        assert_eq!(policies.lock().known[&peer].said, at(3000));
    }

    #[test]
    fn a_peer_that_changes_without_rest_is_recorded_by_its_budget_and_its_newest_word_is_kept() {
        let (policies, peer, _folder) = fresh();
        let mut recorded = Vec::new();
        for change in 1..=100 {
            policies.hear(peer, said(change, change.into()), at(0)).unwrap();
            recorded.extend(record(&policies, 0).0);
        }
        assert_eq!(recorded, (1..=AT_ONCE).collect::<Vec<_>>());
        assert_eq!(record(&policies, ONE_MORE_MS - 1), (vec![], true));
        let restless = |policies: &PeerPolicies| {
            let (state, mut found) = (policies.lock(), false);
            for (peer, budget) in &state.budgets {
                found |= budget.left == 0 && state.waiting.contains_key(peer);
            }
            found
        };
        assert!(restless(&policies));
        assert_eq!(record(&policies, ONE_MORE_MS), (vec![100], false), "the newest of all that waited");
        assert!(!restless(&policies));
    }

    #[test]
    fn a_finding_is_kept_for_the_overlay_that_it_was_made_of_alone() {
        let (policies, peer, folder) = fresh();
        policies.hear(peer, said(1, 1), at(1)).unwrap();
        record(&policies, 1);
        let first = file("HB-42", 1);
        policies.note(peer, &first, Found::OverReach, vec!["hb-1".into()]);
        policies.hear(peer, said(2, 2), at(2)).unwrap();
        record(&policies, 2);
        let found = |policies: &PeerPolicies| policies.lock().known[&peer].found;
        assert_eq!(found(&policies), Found::Unchecked);
        policies.note(peer, &first, Found::Good, Vec::new());
        assert_eq!(found(&policies), Found::Unchecked, "the finding came too late");
        policies.note(peer, &file("HB-42", 2), Found::Unsigned, Vec::new());
        policies.save().unwrap();
        let again = PeerPolicies::load(&folder.path().join("peer-policies")).unwrap();
        assert_eq!(again.overlays(), [(peer, file("HB-42", 2))]);
        assert_eq!(found(&again), Found::Unsigned);
    }
}
