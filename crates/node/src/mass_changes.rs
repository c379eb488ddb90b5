//! Who turned how many people's codes red or amber within the last hour, or tried to.
//!
//! For people's eyes: it warns and never refuses, and it is lost when the node stops. People are counted, not requests:
//! who is turned twice within the hour counts once, at the later time. Each assigner's two counts remember
//! [`REMEMBERED`] people at most; beyond, every further code counts, so that a count may be too high and never too low.
//! Who counts is an assigner of the membership list or a department that holds a certificate, so their number is bounded.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use huxin_attest::{DepartmentName, UnixMs};
use huxin_registry::PersonKey;

/// The count above which an operator is warned, unless configured otherwise.
pub const DEFAULT_THRESHOLD: u32 = 100;
/// The greatest threshold that can be configured.
pub const MAX_THRESHOLD: u32 = 1_000_000;
/// The window, in minutes.
const WINDOW: i64 = 60;
/// People that one count remembers, so as not to count them twice.
const REMEMBERED: usize = 10_000;

/// What became of the codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The registry took them.
    Taken,
    /// They were refused.
    Refused,
}

/// One assigner's last hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MassChange {
    /// Who assigned.
    pub assigner: DepartmentName,
    /// People whose codes were turned.
    pub taken: u64,
    /// People whose codes were to be turned, and were not.
    pub refused: u64,
    /// Is the sum above the threshold?
    pub warning: bool,
}

/// The counts of all assigners.
#[derive(Debug)]
pub struct MassChanges {
    threshold: u64,
    tallies: Mutex<BTreeMap<DepartmentName, Tally>>,
}

#[derive(Debug, Default)]
struct Tally {
    taken: Sliding,
    refused: Sliding,
    warned: bool,
}

/// A count of people over the window, in buckets of one minute, the oldest first.
#[derive(Debug, Default)]
struct Sliding {
    buckets: VecDeque<Bucket>,
    /// In which minute each remembered person was last seen.
    last: HashMap<PersonKey, i64>,
}

#[derive(Debug)]
struct Bucket {
    minute: i64,
    people: HashSet<PersonKey>,
    /// Counted without being remembered.
    more: u64,
}

impl MassChanges {
    /// No counts; warns above `threshold` people an hour.
    pub fn new(threshold: u32) -> Self {
        Self { threshold: threshold.into(), tallies: Mutex::default() }
    }

    /// Counts people whose codes `assigner` turned at `now`, or tried to. Warns in the log once when the threshold is
    /// passed, and again only after the count has fallen below it.
    pub fn note(
        &self,
        assigner: DepartmentName,
        people: impl IntoIterator<Item = PersonKey>,
        fate: Fate,
        now: UnixMs,
    ) {
        let mut tallies = self.tallies();
        let tally = tallies.entry(assigner).or_default();
        let sliding = match fate {
            Fate::Taken => &mut tally.taken,
            Fate::Refused => &mut tally.refused,
        };
        let minute = minute(now);
        people.into_iter().for_each(|person| sliding.note(person, minute));
        if let Some((taken, refused)) = tally.passes(self.threshold, minute) {
            tracing::warn!(%assigner, taken, refused, "many people's codes turned red or amber within an hour");
        }
    }

    /// Every assigner of the last hour, in the order of their names.
    pub fn report(&self, now: UnixMs) -> Vec<MassChange> {
        let mut tallies = self.tallies();
        for tally in tallies.values_mut() {
            tally.passes(self.threshold, minute(now));
        }
        tallies.retain(|_, tally| tally.taken.count() + tally.refused.count() > 0);
        let shown = |(assigner, tally): (&DepartmentName, &Tally)| MassChange {
            assigner: *assigner,
            taken: tally.taken.count(),
            refused: tally.refused.count(),
            warning: tally.warned,
        };
        tallies.iter().map(shown).collect()
    }

    fn tallies(&self) -> MutexGuard<'_, BTreeMap<DepartmentName, Tally>> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tally {
    /// Forgets what is older than the window. Both counts, if their sum passes the threshold now and did not before.
    fn passes(&mut self, threshold: u64, minute: i64) -> Option<(u64, u64)> {
        self.taken.forget(minute);
        self.refused.forget(minute);
        let counts = (self.taken.count(), self.refused.count());
        let above = counts.0 + counts.1 > threshold;
        let newly = above && !self.warned;
        self.warned = above;
        newly.then_some(counts)
    }
}

impl Sliding {
    fn count(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.people.len() as u64 + bucket.more).sum()
    }

    fn note(&mut self, person: PersonKey, minute: i64) {
        // A clock that was set back counts in its newest minute.
        let minute = self.buckets.back().map_or(minute, |newest| newest.minute.max(minute));
        self.forget(minute);
        match self.last.get(&person).copied() {
            Some(seen) if seen == minute => return,
            Some(seen) => {
                if let Some(bucket) = self.buckets.iter_mut().find(|bucket| bucket.minute == seen) {
                    bucket.people.remove(&person);
                }
            }
            None => {}
        }
        let remembered = self.last.contains_key(&person) || self.last.len() < REMEMBERED;
        if remembered {
            self.last.insert(person, minute);
        }
        if self.buckets.back().is_none_or(|newest| newest.minute != minute) {
            self.buckets.push_back(Bucket { minute, people: HashSet::new(), more: 0 });
        }
        let Some(bucket) = self.buckets.back_mut() else { return };
        if remembered {
            bucket.people.insert(person);
        } else {
            bucket.more += 1;
        }
    }

    fn forget(&mut self, minute: i64) {
        while self.buckets.front().is_some_and(|oldest| oldest.minute <= minute - WINDOW) {
            for person in self.buckets.pop_front().into_iter().flat_map(|bucket| bucket.people) {
                self.last.remove(&person);
            }
        }
    }
}

fn minute(now: UnixMs) -> i64 {
    now.as_secs().div_euclid(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(number: u32) -> PersonKey {
        let mut key = [0; 32];
        key[..4].copy_from_slice(&number.to_be_bytes());
        PersonKey(key)
    }

    fn at(minutes: i64) -> UnixMs {
        UnixMs::from_secs(1_657_242_000 + minutes * 60).unwrap()
    }

    fn cdc() -> DepartmentName {
        "hb-cdc".parse().unwrap()
    }

    fn counts(changes: &MassChanges, minutes: i64) -> Option<(u64, u64, bool)> {
        let report = changes.report(at(minutes));
        report.first().map(|change| (change.taken, change.refused, change.warning))
    }

    #[test]
    fn people_are_counted_once_an_hour_and_both_fates_apart() {
        let changes = MassChanges::new(100);
        for _ in 0..3 {
            changes.note(cdc(), (0..5).map(person), Fate::Taken, at(0));
            changes.note(cdc(), (3..10).map(person), Fate::Refused, at(0));
        }
        assert_eq!(counts(&changes, 0), Some((5, 7, false)));
        let other = "hb-data".parse().unwrap();
        changes.note(other, [person(1)], Fate::Taken, at(0));
        assert_eq!(changes.report(at(0)).len(), 2);
    }

    #[test]
    fn the_window_slides_by_minutes_and_a_person_stays_an_hour_after_the_last_time() {
        let changes = MassChanges::new(100);
        changes.note(cdc(), [person(1), person(2)], Fate::Taken, at(0));
        changes.note(cdc(), [person(1)], Fate::Taken, at(59));
        assert_eq!(counts(&changes, 59), Some((2, 0, false)));
        assert_eq!(counts(&changes, 60), Some((1, 0, false)));
        assert_eq!(counts(&changes, 118), Some((1, 0, false)));
        assert_eq!(counts(&changes, 119), None);
    }

    #[test]
    fn the_warning_stands_while_the_sum_is_above_the_threshold() {
        let changes = MassChanges::new(10);
        changes.note(cdc(), (0..6).map(person), Fate::Refused, at(0));
        changes.note(cdc(), (0..4).map(person), Fate::Taken, at(30));
        assert_eq!(counts(&changes, 30), Some((4, 6, false)));
        changes.note(cdc(), [person(9)], Fate::Taken, at(31));
        assert_eq!(counts(&changes, 31), Some((5, 6, true)));
        assert_eq!(counts(&changes, 60), Some((5, 0, false)));
    }

    #[test]
    fn beyond_what_is_remembered_every_code_counts_and_memory_stays_bounded() {
        let changes = MassChanges::new(100);
        let many = u32::try_from(REMEMBERED).unwrap();
        changes.note(cdc(), (0..many).map(person), Fate::Taken, at(0));
        for _ in 0..2 {
            changes.note(cdc(), [person(0), person(many)], Fate::Taken, at(1));
        }
        assert_eq!(counts(&changes, 1), Some((u64::from(many) + 2, 0, true)));
        assert_eq!(changes.tallies().get(&cdc()).unwrap().taken.last.len(), REMEMBERED);
        assert_eq!(counts(&changes, 61), None);
    }

    #[test]
    fn a_clock_that_is_set_back_loses_nobody() {
        let changes = MassChanges::new(100);
        changes.note(cdc(), [person(1)], Fate::Taken, at(10));
        changes.note(cdc(), [person(1), person(2)], Fate::Taken, at(0));
        assert_eq!(counts(&changes, 10), Some((2, 0, false)));
    }
}
