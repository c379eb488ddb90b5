//! Which cases of a file, and which regions of its difference from the baseline, its examples reach.
//!
//! What none reaches comes with an example person as it stands in a file, so that somebody can paste it and say what is
//! right. A person is offered only where the policy itself, asked about that very text, answers by that case.

mod person;

use std::fmt;

use crate::compare::{BUDGET, Grid, RuleRef, Space, regions};
use crate::draft::Draft;
use crate::example;
use crate::model::{Overlay, Rule};
use crate::policy::Policy;
use crate::read::OTHERWISE;

/// What the examples of one file reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Every case of every rule of the file, and its last branch; a rule that asks nothing counts once.
    pub cases: Vec<Covered>,
    /// Of an overlay: every region in which its rules can be told from the baseline's. Of a baseline, which is compared
    /// with nothing, a region is a case.
    pub regions: Vec<Covered>,
}

/// One case or region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// The rule and branch of the file.
    pub rule: RuleRef,
    /// What the baseline alone goes by, in a region of an overlay.
    pub baseline: Option<RuleRef>,
    /// How many examples reach it.
    pub examples: usize,
    /// Where none does: an `[[example]]` of TOML that would. `None` also where no statement in the language of examples
    /// leads there.
    pub skeleton: Option<String>,
}

/// A share in whole hundredths, never rounded up: 100 stands for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u8);

impl Percent {
    /// The share; of nothing it is 100.
    pub fn of(part: usize, whole: usize) -> Self {
        if part >= whole {
            return Self(100);
        }
        // Less than the whole is 99 at most: the division is exact in integers.
        let share = (part as u128 * 100) / whole as u128;
        Self(u8::try_from(share).unwrap_or(99))
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl Coverage {
    /// The share of cases.
    pub fn of_cases(&self) -> Percent {
        share(&self.cases)
    }

    /// The share of regions.
    pub fn of_regions(&self) -> Percent {
        share(&self.regions)
    }
}

fn share(all: &[Covered]) -> Percent {
    Percent::of(all.iter().filter(|one| one.examples > 0).count(), all.len())
}

impl Draft {
    /// What the baseline's examples reach in the baseline.
    pub fn baseline_coverage(&self) -> Coverage {
        let policy = self.trial();
        let reached: Vec<_> = policy
            .baseline
            .examples
            .iter()
            .map(|one| reference(&example::decide(policy, None, one)))
            .collect();
        let cases = rules(policy, None, &policy.baseline.rules, &reached);
        Coverage { regions: cases.clone(), cases }
    }

    /// What the overlay's examples reach in the overlay; `None` without one.
    pub fn overlay_coverage(&self) -> Option<Coverage> {
        let policy = self.trial();
        let overlay = policy.overlay.as_ref()?;
        let decide = |by, one| reference(&example::decide(policy, by, one));
        let reached: Vec<_> =
            overlay.examples.iter().map(|one| (decide(Some(overlay), one), decide(None, one))).collect();
        let after: Vec<_> = reached.iter().map(|(after, _)| after.clone()).collect();
        Some(Coverage {
            cases: rules(policy, Some(overlay), &overlay.rules, &after),
            regions: of_regions(policy, overlay, &reached),
        })
    }
}

fn reference(decision: &crate::decide::Decision<'_>) -> RuleRef {
    RuleRef { rule: decision.rule.map(Into::into), case: decision.case.map(Into::into) }
}

/// The cases of one file's rules. `reached` is what each of its examples was decided by.
fn rules(policy: &Policy, overlay: Option<&Overlay>, rules: &[Rule], reached: &[RuleRef]) -> Vec<Covered> {
    let space = Space::new(&policy.baseline, &policy.vocabulary);
    let mut budget = BUDGET;
    let mut all = Vec::new();
    for rule in rules {
        let cases = rule.cases.iter().map(|case| Some(case.id.clone()));
        let last = rule.otherwise.as_ref().map(|_| OTHERWISE.into());
        let branches = cases.chain([last]).map(|case| RuleRef { rule: Some(rule.id.clone()), case });
        // Made only where something is not reached.
        let mut people = None;
        for branch in branches {
            let examples = reached.iter().filter(|one| **one == branch).count();
            let people = (examples == 0).then(|| {
                &*people.get_or_insert_with(|| {
                    let sides = [Some(rule), None];
                    let grid = Grid::new(&space, sides, &space.spots(&rule.when, &sides), &mut budget);
                    grid.map(|grid| regions(&grid, sides)).unwrap_or_default()
                })
            });
            let sides = [Some(rule), None];
            let region =
                people.and_then(|people| people.iter().find(|one| one.references(sides)[0] == branch));
            let skeleton =
                region.and_then(|region| person::skeleton(policy, overlay, &region.person, &branch, None));
            all.push(Covered { rule: branch, baseline: None, examples, skeleton });
        }
    }
    all
}

/// The regions of an overlay. `reached` is what each of its examples was decided by, with and without the overlay.
fn of_regions(policy: &Policy, overlay: &Overlay, reached: &[(RuleRef, RuleRef)]) -> Vec<Covered> {
    let space = Space::new(&policy.baseline, &policy.vocabulary);
    let mut budget = BUDGET;
    let mut all = Vec::new();
    for rule in &overlay.rules {
        let replaced = rule
            .replaces
            .as_ref()
            .and_then(|(id, _)| policy.baseline.rules.iter().find(|candidate| candidate.id == *id));
        let sides = [replaced, Some(rule)];
        // A draft's overlay was compared when it was read, so it is not too large.
        let Some(grid) = Grid::new(&space, sides, &space.spots(&rule.when, &sides), &mut budget) else {
            continue;
        };
        for region in regions(&grid, sides) {
            let [baseline, rule] = region.references(sides);
            let examples =
                reached.iter().filter(|(after, before)| *after == rule && *before == baseline).count();
            let skeleton = (examples == 0)
                .then(|| person::skeleton(policy, Some(overlay), &region.person, &rule, Some(&baseline)))
                .flatten();
            all.push(Covered { rule, baseline: Some(baseline), examples, skeleton });
        }
    }
    all
}
