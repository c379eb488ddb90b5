//! Hiding: to show less must never turn review into admit. Else honest people are held up, and others learn to hide.
//!
//! Withheld are a kind of evidence, which becomes `none`, and a risk, which becomes `unknown`. Each warning rests on one
//! concrete person whom the rules really answer so.

use huxin_attest::{Kind, RegionCode};

use super::part::{Hidden, intersection, minus};
use crate::compare::{BUDGET, Grid, Person, Space};
use crate::diagnostics::{Lint, Sink};
use crate::lang::Phrase;
use crate::model::{Outcome, Rule};
use crate::terms::Set;
use crate::when::When;

/// Looks for what it pays to hide, under one baseline.
pub(super) struct Hiding<'a> {
    pub(super) space: Space<'a>,
    /// The rules of the file.
    pub(super) rules: &'a [Rule],
    /// The province whose overlay the file is, and the rules that govern where none of the file does.
    pub(super) below: Option<(RegionCode, &'a [Rule])>,
    budget: usize,
}

impl<'a> Hiding<'a> {
    pub(super) fn new(space: Space<'a>, rules: &'a [Rule], below: Option<(RegionCode, &'a [Rule])>) -> Self {
        Self { space, rules, below, budget: BUDGET }
    }

    pub(super) fn check(mut self, sink: &mut Sink<'_>) {
        for rule in self.rules {
            let mut found = self.withheld(rule);
            for hidden in [Hidden::Here, Hidden::From] {
                let person = self.unknown(rule, hidden).or_else(|| self.unknown_before(rule, hidden));
                found.extend(person.map(|person| (words(hidden), person)));
            }
            for (what, person) in found {
                let person = person.phrase(self.space.vocabulary);
                sink.warn(Lint::HidingPays, rule.id_span, [(*rule.id).into(), what, person]);
            }
        }
    }

    /// The kinds whose absence turns review into admit, each with a person.
    fn withheld(&mut self, rule: &Rule) -> Vec<(Phrase, Person)> {
        let sides = [Some(rule), None];
        let spots = self.space.spots(&rule.when, &sides);
        let Some(grid) = Grid::new(&self.space, sides, &spots, &mut self.budget) else { return Vec::new() };
        let mut best: [Option<(u32, Person)>; 3] = [None; 3];
        grid.visit_withheld(|cell, without| {
            let [first, _] = cell.first();
            if outcome(Some(rule), first) == Outcome::Admit {
                return;
            }
            for (best, case) in best.iter_mut().zip(without) {
                if case.is_some_and(|case| outcome(Some(rule), case) == Outcome::Admit)
                    && best.is_none_or(|(cost, _)| cell.cost < cost)
                {
                    *best = Some((cell.cost, cell.person()));
                }
            }
        });
        let kinds = Kind::TRAVELLING.map(|kind| Phrase::both(kind.name_zh(), kind.name()));
        kinds.into_iter().zip(best).filter_map(|(kind, best)| Some((kind, best?.1))).collect()
    }

    /// A person whom `rule` reviews, and whom what governs an unknown risk admits.
    fn unknown(&mut self, rule: &Rule, hidden: Hidden) -> Option<Person> {
        if rule.ask.is_empty() {
            return None;
        }
        let vocabulary = self.space.vocabulary;
        let known = hidden.known(&rule.when, vocabulary)?;
        let unknown = Set::default().with(vocabulary.unknown());
        let mut open = vec![hidden.put(self.applied(rule), unknown)];
        let below = self.below.map_or(&[][..], |(_, rules)| rules);
        for governing in self.rules.iter().chain(below) {
            let mut left = Vec::new();
            for part in open {
                match intersection(&part, &governing.when) {
                    Some(shared) => {
                        let found = self.turned(rule, Some(governing), hidden.put(shared, known), hidden);
                        if found.is_some() {
                            return found;
                        }
                        left.extend(minus(&part, &governing.when, vocabulary));
                    }
                    None => left.push(part),
                }
            }
            open = left;
        }
        open.into_iter().find_map(|part| self.turned(rule, None, hidden.put(part, known), hidden))
    }

    /// A person whom a rule below reviews, and whom `rule`, which governs an unknown risk, admits.
    fn unknown_before(&mut self, rule: &Rule, hidden: Hidden) -> Option<Person> {
        let vocabulary = self.space.vocabulary;
        let unknown = Set::default().with(vocabulary.unknown());
        let (_, below) = self.below?;
        let applied = self.applied(rule);
        below.iter().filter(|before| !before.ask.is_empty()).find_map(|before| {
            let known = hidden.known(&before.when, vocabulary)?;
            let part = intersection(&hidden.put(before.when.clone(), unknown), &applied)?;
            // Where the file itself governs the known risk, the rule below does not.
            let parts = self.rules.iter().fold(vec![hidden.put(part, known)], |parts, over| {
                let left = |part: When| match intersection(&part, &over.when) {
                    Some(_) => minus(&part, &over.when, vocabulary),
                    None => vec![part],
                };
                parts.into_iter().flat_map(left).collect()
            });
            parts.into_iter().find_map(|part| self.turned(before, Some(rule), part, hidden))
        })
    }

    /// A person in `part` whom `before` reviews and `after` admits.
    fn turned(&mut self, before: &Rule, after: Option<&Rule>, part: When, hidden: Hidden) -> Option<Person> {
        let sides = [Some(before), after];
        let spots = match hidden {
            Hidden::Here => self.space.spots_without_risk(&part, &sides),
            Hidden::From => self.space.spots(&part, &sides),
        };
        let mut best: Option<(u32, Person)> = None;
        Grid::new(&self.space, sides, &spots, &mut self.budget)?.visit(|cell| {
            let [first, second] = cell.first();
            if outcome(Some(before), first) == Outcome::Review
                && outcome(after, second) == Outcome::Admit
                && best.is_none_or(|(cost, _)| cell.cost < cost)
            {
                best = Some((cell.cost, cell.person()));
            }
        });
        best.map(|(_, person)| person)
    }

    /// The box in which a rule of the file applies.
    fn applied(&self, rule: &Rule) -> When {
        match self.below {
            Some((region, _)) => rule.when.within(region),
            None => rule.when.clone(),
        }
    }
}

/// Where no rule reaches, and where nothing is asked, everybody is admitted.
fn outcome(rule: Option<&Rule>, case: Option<usize>) -> Outcome {
    let branch = rule.and_then(|rule| match case {
        Some(index) => rule.cases.get(index).map(|case| &case.branch),
        None => rule.otherwise.as_ref(),
    });
    branch.map_or(Outcome::Admit, |branch| branch.outcome)
}

fn words(hidden: Hidden) -> Phrase {
    match hidden {
        Hidden::Here => Phrase::both("本地风险", "the risk here"),
        Hidden::From => Phrase::both("来源地风险", "the risk where one comes from"),
    }
}
