//! A loaded policy: the baseline and at most one overlay, compiled, immutable.
//!
//! Loading is all or nothing. Whoever holds a [`Policy`] holds one whose examples all came out as written, and whose
//! overlay the guard let pass.

use huxin_attest::{Digest, Kinds, RegionCode, UnixMs};

use crate::compare::Comparison;
use crate::diagnostics::Diagnostics;
use crate::grade::Grade;
use crate::model::{Appeal, Baseline, Disclosure, Overlay, Rule};
use crate::situation::Situation;
use crate::tables::{Cells, Finder};
use crate::terms::{DepartmentCategory, Purpose};
use crate::vocabulary::Vocabulary;

/// One file in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its id.
    pub id: Box<str>,
    /// Its version.
    pub version: u32,
    /// SHA-256 of its exact bytes.
    pub sha256: Digest,
}

/// The files in force, as decisions name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct References {
    /// The national baseline.
    pub baseline: Reference,
    /// The vocabulary.
    pub vocabulary: Reference,
    /// The overlay, if one is loaded.
    pub overlay: Option<Reference>,
}

/// Where a time lies in a file's validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Before `from`.
    NotYet,
    /// From `from`, inclusive, to `until`, exclusive.
    InForce,
    /// From `until` on.
    Expired,
}

/// The validity of one file at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileValidity {
    /// The first instant at which the file holds.
    pub from: UnixMs,
    /// The first instant at which it no longer holds.
    pub until: UnixMs,
    /// Where the asked time lies.
    pub phase: Phase,
}

/// The validity of a policy at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// Of the baseline: unless in force, nothing may be asked.
    pub baseline: FileValidity,
    /// Of the overlay, if one is loaded: unless in force, the baseline alone rules.
    pub overlay: Option<FileValidity>,
}

/// The policy of one node. It is made by the guard alone, and not copied.
#[derive(Debug)]
pub struct Policy {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) baseline: Baseline,
    pub(crate) overlay: Option<Overlay>,
    pub(crate) hours: Cells,
    baseline_rules: Finder,
    overlay_rules: Finder,
    references: References,
    pub(crate) warnings: Diagnostics,
    comparison: Comparison,
}

/// The one rule that governs a situation, or none.
#[derive(Debug, Clone, Copy)]
pub struct Selected<'p> {
    pub(crate) rule: Option<&'p Rule>,
    pub(crate) situation: Situation,
    pub(crate) from_overlay: bool,
}

impl<'p> Selected<'p> {
    /// What the rule asks, and all that may be asked. Empty: the person is admitted without a question.
    pub fn ask(&self) -> Kinds {
        self.rule.map_or(Kinds::NONE, |rule| rule.ask)
    }

    /// The rule's id; `None` where no rule reaches or the baseline is not in force.
    pub fn rule_id(&self) -> Option<&'p str> {
        self.rule.map(|rule| &*rule.id)
    }

    /// The legal basis that the rule names; empty where no rule reaches.
    pub fn basis(&self) -> &'p str {
        self.rule.map_or("", |rule| &rule.basis)
    }

    /// Does the rule stand in the overlay?
    pub fn from_overlay(&self) -> bool {
        self.from_overlay
    }

    /// The situation that was looked up.
    pub fn situation(&self) -> Situation {
        self.situation
    }
}

impl Policy {
    /// Compiles files that were checked; the draft that holds the result guards it.
    pub(crate) fn compile(
        vocabulary: Vocabulary,
        baseline: Baseline,
        overlay: Option<Overlay>,
        comparison: Comparison,
    ) -> Self {
        let reference = |header: &crate::model::Header| Reference {
            id: header.id.clone(),
            version: header.version,
            sha256: header.digest,
        };
        let references = References {
            baseline: reference(&baseline.header),
            vocabulary: Reference {
                id: vocabulary.id.clone(),
                version: vocabulary.version,
                sha256: vocabulary.digest,
            },
            overlay: overlay.as_ref().map(|overlay| reference(&overlay.header)),
        };
        Self {
            hours: Cells::new(&baseline.hours),
            baseline_rules: Finder::new(&baseline.rules),
            overlay_rules: Finder::new(overlay.as_ref().map_or(&[], |overlay| &overlay.rules)),
            vocabulary,
            baseline,
            overlay,
            references,
            warnings: Diagnostics::default(),
            comparison,
        }
    }

    /// The vocabulary that the policy was read with.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// What the lints found. It never keeps a policy from being used.
    pub fn warnings(&self) -> &Diagnostics {
        &self.warnings
    }

    /// The files in force.
    pub fn references(&self) -> &References {
        &self.references
    }

    /// The province of the overlay, if one is loaded.
    pub fn overlay_region(&self) -> Option<RegionCode> {
        self.overlay.as_ref().map(|overlay| overlay.region.0)
    }

    /// What the overlay makes different from the baseline; all of it is granted.
    pub fn comparison(&self) -> &Comparison {
        &self.comparison
    }

    /// How to appeal; the baseline says so for every rule.
    pub fn appeal(&self) -> &Appeal {
        &self.baseline.fallback.appeal
    }

    /// Which files hold at `now`.
    pub fn validity(&self, now: UnixMs) -> Validity {
        let of = |header: &crate::model::Header| FileValidity {
            from: header.from,
            until: header.until,
            phase: match now {
                now if now < header.from => Phase::NotYet,
                now if now < header.until => Phase::InForce,
                _ => Phase::Expired,
            },
        };
        Validity {
            baseline: of(&self.baseline.header),
            overlay: self.overlay.as_ref().map(|overlay| of(&overlay.header)),
        }
    }

    /// The one rule that governs `situation` at `now`. Unless the baseline is in force there is none, and nothing may
    /// be asked.
    pub fn select(&self, situation: &Situation, now: UnixMs) -> Selected<'_> {
        self.select_with(situation, now, self.overlay_at(now))
    }

    /// As [`Self::select`], where it is known which overlay counts.
    pub(crate) fn select_with<'p>(
        &'p self,
        situation: &Situation,
        now: UnixMs,
        overlay: Option<&'p Overlay>,
    ) -> Selected<'p> {
        match in_force(&self.baseline.header, now) {
            true => self.find(situation, overlay),
            false => Selected { rule: None, situation: *situation, from_overlay: false },
        }
    }

    /// The rule, whatever the time; `overlay` says whether an overlay counts.
    pub(crate) fn find<'p>(&'p self, situation: &Situation, overlay: Option<&'p Overlay>) -> Selected<'p> {
        let of_overlay = overlay
            .filter(|overlay| situation.area.is_none_or(|area| area.region() == overlay.region.0))
            .and_then(|overlay| self.overlay_rules.find(&overlay.rules, situation));
        let rule = of_overlay.or_else(|| self.baseline_rules.find(&self.baseline.rules, situation));
        Selected { rule, situation: *situation, from_overlay: of_overlay.is_some() }
    }

    /// The overlay, if it is in force.
    pub(crate) fn overlay_at(&self, now: UnixMs) -> Option<&Overlay> {
        self.overlay.as_ref().filter(|overlay| in_force(&overlay.header, now))
    }

    /// The one `[[disclose]]` entry that covers all `kinds` asked by a department of category `to`. `None`: nothing
    /// may be told; so it is, too, where nothing is asked or the baseline is not in force.
    pub fn disclose(
        &self,
        purpose: Purpose,
        to: DepartmentCategory,
        kinds: Kinds,
        now: UnixMs,
    ) -> Option<&Disclosure> {
        if kinds.is_empty() || !in_force(&self.baseline.header, now) {
            return None;
        }
        self.baseline.disclosures.iter().find(|entry| {
            kinds.is_subset(entry.kinds)
                && entry.purposes.contains(purpose)
                && entry.to_departments.contains(to)
        })
    }

    /// The worst grade of those `labels` that map, for every province or for `region`.
    pub(crate) fn grade(&self, region: RegionCode, labels: [Option<&str>; 3]) -> Option<Grade> {
        let grades = &self.baseline.grades;
        let own = grades.by_region.iter().find(|(known, _)| *known == region).map(|(_, table)| table);
        let tables = [Some(&grades.all), own].into_iter().flatten();
        let found = tables.flat_map(|table| {
            labels.into_iter().flatten().filter_map(|label| {
                let index = table.binary_search_by(|(known, _)| (**known).cmp(label)).ok()?;
                table.get(index).map(|(_, grade)| *grade)
            })
        });
        found.max()
    }
}

fn in_force(header: &crate::model::Header, now: UnixMs) -> bool {
    header.from <= now && now < header.until
}
