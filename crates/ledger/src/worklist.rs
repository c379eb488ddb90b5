//! What waits for somebody among the newest entries: reviews for a person, reuses of answers for a report to their
//! origin.

use std::collections::{BTreeMap, BTreeSet};

use crate::checkpoint::Origin;
use crate::public::Mark;

/// The lists over a run of entries.
#[derive(Debug, Default)]
pub(crate) struct Worklist {
    /// Decisions that say review, resolved or not.
    pub(crate) reviews: BTreeSet<u64>,
    /// The first resolution of each decision.
    pub(crate) resolutions: BTreeMap<u64, u64>,
    /// Reuses of answers of other logs that were not reported.
    pub(crate) unreported: BTreeSet<u64>,
}

impl Worklist {
    /// Takes in entry `index` of the log `own`.
    pub(crate) fn note(&mut self, index: u64, mark: &Mark, own: &Origin) {
        match mark {
            Mark::Review => drop(self.reviews.insert(index)),
            Mark::Resolution(decision) => drop(self.resolutions.entry(*decision).or_insert(index)),
            Mark::Reuse(origin) if origin != own => drop(self.unreported.insert(index)),
            Mark::Reuse(_) | Mark::None => {}
        }
    }

    /// Forgets the entries before `size`: the archive has them.
    pub(crate) fn trim(&mut self, size: u64) {
        self.reviews = self.reviews.split_off(&size);
        self.resolutions.retain(|_, index| *index >= size);
        self.unreported = self.unreported.split_off(&size);
    }

    /// Reviews behind `after` without a resolution.
    pub(crate) fn open_reviews(&self, after: Option<u64>, limit: usize) -> Vec<u64> {
        behind(&self.reviews, after).filter(|review| self.is_open(*review)).take(limit).collect()
    }

    /// Does no entry here resolve the decision?
    pub(crate) fn is_open(&self, decision: u64) -> bool {
        !self.resolutions.contains_key(&decision)
    }

    /// Reuses behind `after` that were not reported.
    pub(crate) fn unreported(&self, after: Option<u64>, limit: usize) -> Vec<u64> {
        behind(&self.unreported, after).take(limit).collect()
    }
}

fn behind(list: &BTreeSet<u64>, after: Option<u64>) -> impl Iterator<Item = u64> {
    let from = after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
    list.range((from, std::ops::Bound::Unbounded)).copied()
}
