//! The exact comparison of an overlay with its baseline, over the whole space and without sampling.
//!
//! An overlay rule's box lies inside the one baseline rule that it replaces, or on ground where the baseline asks
//! nothing. So each overlay rule is held against one rule, over its own box; everywhere else the two layers are the
//! same. Rules are compared by state, and every state counts as possible; who is believed, a distrust included, is not
//! looked at here.

mod answer;
mod cases;
mod grid;
mod person;
pub(crate) mod render;
mod space;

use std::collections::HashMap;

use crate::model::{Baseline, Overlay, ProvinceMay, Rule};
use crate::read::OTHERWISE;

pub use answer::{Answer, Relation};
pub(crate) use grid::Grid;
pub use person::Person;
pub(crate) use space::Space;

/// How many cells all pairs of one comparison may have together.
pub(crate) const BUDGET: usize = 1 << 23;

/// What an overlay makes different, region by region. A region is where rule and case are the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// The regions whose answers differ in burden, in the order of the overlay's rules.
    pub differences: Vec<Difference>,
    /// How many regions of the overlay's rules are no different.
    pub same: u32,
    /// How many are stricter.
    pub stricter: u32,
    /// How many are looser.
    pub looser: u32,
    /// How many are neither lighter nor heavier, but different.
    pub mixed: u32,
}

/// One region where the answers differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What the baseline goes by.
    pub baseline: RuleRef,
    /// What the overlay goes by.
    pub overlay: RuleRef,
    /// The overlay's answer, measured by the baseline's; never [`Relation::Same`].
    pub kind: Relation,
    /// Does the baseline let a province do that here?
    pub granted: bool,
    /// What the baseline lets a province do here.
    pub province_may: ProvinceMay,
    /// On what the overlay's rule says that it rests.
    pub basis: Box<str>,
    /// Who answers for the overlay's rule.
    pub owner: Box<str>,
    /// Somebody who meets both answers.
    pub person: Person,
    /// The baseline's answer.
    pub baseline_answer: Answer,
    /// The overlay's answer.
    pub overlay_answer: Answer,
}

/// A rule and a branch of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRef {
    /// The rule's id; `None`: no rule reaches, so nothing is asked.
    pub rule: Option<Box<str>>,
    /// The case's id, or `otherwise`; `None` where nothing is asked.
    pub case: Option<Box<str>>,
}

impl Comparison {
    /// The differences that the baseline does not let a province make.
    pub fn over_reaching(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|difference| !difference.granted)
    }

    fn count(&mut self, kind: Relation) {
        match kind {
            Relation::Same => self.same += 1,
            Relation::Stricter => self.stricter += 1,
            Relation::Looser => self.looser += 1,
            Relation::Mixed => self.mixed += 1,
        }
    }
}

/// Compares; the files are right by themselves. The error names the overlay's rules that have too many cells.
pub(crate) fn compare<'o>(
    space: &Space<'_>,
    baseline: &Baseline,
    overlay: &'o Overlay,
) -> Result<Comparison, Vec<&'o Rule>> {
    let mut comparison = Comparison::default();
    let mut too_complex = Vec::new();
    let mut budget = BUDGET;
    let by_id: HashMap<&str, &Rule> = baseline.rules.iter().map(|rule| (&*rule.id, rule)).collect();
    for rule in &overlay.rules {
        let replaced = rule.replaces.as_ref().and_then(|(id, _)| by_id.get(&**id).copied());
        let may = replaced.and_then(|rule| rule.province_may).unwrap_or(baseline.fallback.province_may);
        let sides = [replaced, Some(rule)];
        let Some(grid) = Grid::new(space, sides, &space.spots(&rule.when, &sides), &mut budget) else {
            too_complex.push(rule);
            continue;
        };
        for region in regions(&grid, sides) {
            let [before, after] = region.answers(sides, &baseline.fallback.say);
            let kind = Relation::of(&before, &after);
            comparison.count(kind);
            if kind == Relation::Same {
                continue;
            }
            let [baseline, overlay] = region.references(sides);
            comparison.differences.push(Difference {
                baseline,
                overlay,
                kind,
                granted: kind.is_granted(may),
                province_may: may,
                basis: rule.basis.clone(),
                owner: rule.owner.clone(),
                person: region.person,
                baseline_answer: before,
                overlay_answer: after,
            });
        }
    }
    if too_complex.is_empty() { Ok(comparison) } else { Err(too_complex) }
}

/// The cells that share both cases, with the one that is easiest to picture.
pub(crate) struct Region {
    cost: u32,
    /// `None` is `otherwise`, or that nothing is asked.
    cases: [Option<usize>; 2],
    pub(crate) person: Person,
}

impl Region {
    fn answers(&self, [before, after]: [Option<&Rule>; 2], silent: &str) -> [Answer; 2] {
        let [case_before, case_after] = self.cases;
        [Answer::of(before, case_before, silent), Answer::of(after, case_after, silent)]
    }

    pub(crate) fn references(&self, [before, after]: [Option<&Rule>; 2]) -> [RuleRef; 2] {
        let [case_before, case_after] = self.cases;
        [RuleRef::of(before, case_before), RuleRef::of(after, case_after)]
    }
}

/// Every region of a grid, in the order of the first side's cases.
pub(crate) fn regions(grid: &Grid, sides: [Option<&Rule>; 2]) -> Vec<Region> {
    let [rows, columns] = sides.map(|rule| rule.map_or(0, |rule| rule.cases.len()) + 1);
    let mut table: Vec<Option<Region>> = std::iter::repeat_with(|| None).take(rows * columns).collect();
    grid.visit(|cell| {
        let cases @ [row, column] = cell.first();
        let index = row.unwrap_or(rows - 1) * columns + column.unwrap_or(columns - 1);
        let Some(place) = table.get_mut(index) else { return };
        if place.as_ref().is_none_or(|known| cell.cost < known.cost) {
            *place = Some(Region { cost: cell.cost, cases, person: cell.person() });
        }
    });
    table.into_iter().flatten().collect()
}

impl RuleRef {
    fn of(rule: Option<&Rule>, case: Option<usize>) -> Self {
        let named = |rule: &Rule| match case {
            Some(index) => rule.cases.get(index).map(|case| case.id.clone()),
            None => rule.otherwise.as_ref().map(|_| OTHERWISE.into()),
        };
        Self { rule: rule.map(|rule| rule.id.clone()), case: rule.and_then(named) }
    }
}
