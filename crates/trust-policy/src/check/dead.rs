//! Dead cases: such as can never be the first to match. An official who writes one believes something that is not so.

use crate::compare::{BUDGET, Grid, Space};
use crate::diagnostics::{Code, Sink};
use crate::lang::Phrase;
use crate::model::Rule;

/// Judged once the file is right otherwise: a broken trust entry would make every case that rests on it look dead.
pub(super) fn check(sink: &mut Sink<'_>, rules: &[Rule], space: &Space<'_>) {
    if !sink.is_clean() {
        return;
    }
    let mut budget = BUDGET;
    for rule in rules.iter().filter(|rule| !rule.cases.is_empty()) {
        let sides = [Some(rule), None];
        let Some(grid) = Grid::new(space, sides, &space.spots(&rule.when, &sides), &mut budget) else {
            sink.report(Code::TooComplex, rule.id_span, [(*rule.id).into()]);
            continue;
        };
        let mut alive = vec![false; rule.cases.len()];
        grid.visit(|cell| {
            let [first, _] = cell.first();
            if let Some(alive) = first.and_then(|index| alive.get_mut(index)) {
                *alive = true;
            }
        });
        for (index, case) in
            rule.cases.iter().enumerate().filter(|(index, _)| alive.get(*index) == Some(&false))
        {
            let why = match shadows(&grid, rule, index).as_slice() {
                [] => Phrase::both("它的条件永远不会全部成立", "its conditions never hold together"),
                earlier => Phrase::both(
                    format!("前面的 {} 已全部涵盖", earlier.join("、")),
                    format!("all of it falls to {} before it", earlier.join(", ")),
                ),
            };
            sink.report(Code::DeadCase, case.id_span, [(*case.id).into(), (*rule.id).into(), why]);
        }
    }
}

/// The earlier cases that take what meets case `index`, in order.
fn shadows<'r>(grid: &Grid, rule: &'r Rule, index: usize) -> Vec<&'r str> {
    let mut taken = vec![false; index];
    grid.visit(|cell| {
        let ([cases, _], [first, _]) = (cell.cases, cell.first());
        if cases.contains(index)
            && let Some(taken) = first.and_then(|first| taken.get_mut(first))
        {
            *taken = true;
        }
    });
    rule.cases.iter().zip(taken).filter(|(_, taken)| *taken).map(|(case, _)| &*case.id).collect()
}
