//! The grid of two rules: everything that either of them can tell apart about a person, and no more.
//!
//! A rule sees a value only through membership in a set, or through a limit. So each dimension falls into few classes,
//! and both rules are constant on each cell of their product. One person a cell is exact: nothing is sampled. A cell's
//! case is the first whose bit is left when the classes' cases are intersected.

use huxin_attest::{Kind, Kinds};

use super::cases::{Both, Cases, Class, both, quotient};
use super::person::Person;
use super::space::{Space, Spot};
use crate::belief::View;
use crate::model::{Rule, Within};
use crate::state::{Belief, State, Value};
use crate::terms::{Set, Term};

/// The most cells that one pair of rules may have. More is a load error: what cannot be compared is not applied.
pub(crate) const MAX_CELLS: usize = 1 << 18;

/// Of a rule that asks little an age of 35 shows best that the age does not matter.
const USUAL_AGE: u8 = 35;
/// How old a statement is whose age does not matter, in minutes.
const USUAL_MINUTES: u32 = 60;

/// What one kind amounts to; `None` where neither rule asks for it.
type Seen = Option<Belief>;

/// All classes of people of one pair of rules.
pub(crate) struct Grid {
    ages: Vec<Class<Option<u8>>>,
    codes: Vec<Class<Seen>>,
    exams: Vec<Class<Seen>>,
    /// By spot: the classes of tests depend on the limits there.
    tests: Vec<(Spot, Vec<Class<Seen>>)>,
    /// The first side's cases that are met without a kind, in the order of kinds; `None` where it does not ask for it.
    withheld: [Option<Cases>; 3],
}

/// One cell.
pub(crate) struct Cell<'g> {
    pub(crate) cases: Both,
    /// The lower, the easier to picture.
    pub(crate) cost: u32,
    spot: &'g Spot,
    age: Option<u8>,
    views: [Seen; 3],
}

impl Cell<'_> {
    /// The case of each side; `None` is `otherwise`, or that nothing is asked.
    pub(crate) fn first(&self) -> [Option<usize>; 2] {
        self.cases.map(Cases::first)
    }

    pub(crate) fn person(&self) -> Person {
        let [code, pcr, exam] = self.views;
        let Spot { situation, limits: _, here_matters, from_matters } = *self.spot;
        Person { situation, age: self.age, code, pcr, exam, here_matters, from_matters }
    }
}

impl Grid {
    /// The grid of two rules, or of one; `None` stands for no rule. `None` as the result: it has more than [`MAX_CELLS`]
    /// cells, or more than are left of `budget`, which all grids of one run share.
    pub(crate) fn new(
        space: &Space<'_>,
        sides: [Option<&Rule>; 2],
        spots: &[Spot],
        budget: &mut usize,
    ) -> Option<Self> {
        let asked = sides.iter().flatten().flat_map(|rule| rule.ask.iter()).fold(Kinds::NONE, Kinds::with);
        let ages = ages(&sides);
        let codes = codes(space, &sides, asked);
        let exams = exams(space, &sides, asked)?;
        let tests: Vec<_> = spots.iter().map(|spot| (*spot, tests(space, &sides, asked, spot))).collect();
        let of_tests = tests.iter().fold(0_usize, |sum, (_, tests)| sum.saturating_add(tests.len()));
        let size = [ages.len(), codes.len(), exams.len()].into_iter().fold(of_tests, usize::saturating_mul);
        *budget = budget.checked_sub(size).filter(|_| size <= MAX_CELLS)?;
        let [first, _] = sides;
        let withheld =
            Kind::TRAVELLING.map(|kind| withheld(first.filter(|rule| rule.ask.contains(kind))?, kind));
        Some(Self { ages, codes, exams, tests, withheld })
    }

    /// Every cell, and the first side's case if the person withheld a kind, in the order of kinds; `None` where that
    /// side does not ask for it.
    pub(crate) fn visit_withheld(&self, mut see: impl FnMut(&Cell<'_>, [Option<Option<usize>>; 3])) {
        let [no_code, no_test, no_exam] = self.withheld;
        for (spot, tests) in &self.tests {
            for (age, code, exam) in self.untested() {
                let ([age_cases, _], [code_cases, _], [exam_cases, _]) = (age.cases, code.cases, exam.cases);
                let cases = both(both(age.cases, code.cases), exam.cases);
                for test in tests {
                    let [test_cases, _] = test.cases;
                    let without_code =
                        no_code.map(|none| none.and(age_cases).and(exam_cases).and(test_cases));
                    let without_test =
                        no_test.map(|none| none.and(age_cases).and(code_cases).and(exam_cases));
                    let without_exam =
                        no_exam.map(|none| none.and(age_cases).and(code_cases).and(test_cases));
                    let cell = Cell {
                        cases: both(cases, test.cases),
                        cost: age.cost + code.cost + exam.cost + test.cost,
                        spot,
                        age: age.witness,
                        views: [code.witness, test.witness, exam.witness],
                    };
                    let withheld = [without_code, without_test, without_exam];
                    see(&cell, withheld.map(|cases| cases.map(Cases::first)));
                }
            }
        }
    }

    /// Every class of people but for their tests.
    fn untested(&self) -> impl Iterator<Item = (&Class<Option<u8>>, &Class<Seen>, &Class<Seen>)> {
        self.ages.iter().flat_map(move |age| {
            self.codes.iter().flat_map(move |code| self.exams.iter().map(move |exam| (age, code, exam)))
        })
    }

    /// Every cell.
    pub(crate) fn visit(&self, mut see: impl FnMut(&Cell<'_>)) {
        for (spot, tests) in &self.tests {
            for age in &self.ages {
                for code in &self.codes {
                    let cases = both(age.cases, code.cases);
                    for exam in &self.exams {
                        let cases = both(cases, exam.cases);
                        let cost = age.cost + code.cost + exam.cost;
                        for test in tests {
                            see(&Cell {
                                cases: both(cases, test.cases),
                                cost: cost + test.cost,
                                spot,
                                age: age.witness,
                                views: [code.witness, test.witness, exam.witness],
                            });
                        }
                    }
                }
            }
        }
    }
}

fn ages(sides: &[Option<&Rule>; 2]) -> Vec<Class<Option<u8>>> {
    let conditions = sides.iter().flatten().flat_map(|rule| &rule.cases).map(|case| &case.conditions);
    let mut limits: Vec<u8> = conditions.filter_map(|conditions| conditions.age_below).collect();
    limits.sort_unstable();
    limits.dedup();
    // Each class begins at a limit and ends below the next; limits are 150 at most, so that the last is never empty.
    let starts = std::iter::once(0).chain(limits.iter().copied());
    let ends = limits.iter().map(|limit| limit - 1).chain([u8::MAX]);
    let known = starts.zip(ends).map(|(first, last)| Some(USUAL_AGE.clamp(first, last)));
    let classes = known.chain([None]).map(|age| {
        let cost = match age {
            Some(USUAL_AGE) => 0,
            Some(_) => 1,
            None => 2,
        };
        Class::new(sides, cost, age, |_, conditions| conditions.age_holds(age))
    });
    quotient(classes.collect())
}

fn codes(space: &Space<'_>, sides: &[Option<&Rule>; 2], asked: Kinds) -> Vec<Class<Seen>> {
    if !asked.contains(Kind::HealthCode) {
        return unseen(sides);
    }
    let values = space.oldest(Kind::HealthCode).into_iter().flat_map(|oldest| {
        let age_minutes = oldest.min(USUAL_MINUTES);
        [(0, Value::Green), (2, Value::Red), (3, Value::Amber), (4, Value::Contested)]
            .map(|(cost, value)| (cost, Belief::Believed { value, age_minutes }))
    });
    let classes = values.chain(states()).map(|(cost, belief)| {
        let view = seen(belief);
        Class::new(sides, cost, Some(belief), |_, conditions| conditions.code_holds(&view))
    });
    quotient(classes.collect())
}

fn tests(space: &Space<'_>, sides: &[Option<&Rule>; 2], asked: Kinds, spot: &Spot) -> Vec<Class<Seen>> {
    if !asked.contains(Kind::NucleicTest) {
        return unseen(sides);
    }
    let limit = |side: usize, within: Within| match within {
        Within::Minutes(limit) => Some(limit.get()),
        Within::ByPlace => spot.limits.get(side).copied().flatten(),
    };
    let limits = sides.iter().enumerate().flat_map(|(side, rule)| {
        let cases = rule.iter().flat_map(|rule| &rule.cases);
        cases.filter_map(move |case| limit(side, case.conditions.pcr_within?.0))
    });
    let minutes = space.oldest(Kind::NucleicTest).map(|oldest| minutes(limits.collect(), oldest));
    let values = minutes.into_iter().flatten().flat_map(|age_minutes| {
        [(0, Value::Negative), (2, Value::Positive)]
            .map(|(cost, value)| (cost, Belief::Believed { value, age_minutes }))
    });
    let classes = values.chain(states()).map(|(cost, belief)| {
        let view = seen(belief);
        Class::new(sides, cost, Some(belief), |side, conditions| {
            conditions.pcr_holds(&view, |within| limit(side, within))
        })
    });
    quotient(classes.collect())
}

/// `None` if there are too many.
fn exams(space: &Space<'_>, sides: &[Option<&Rule>; 2], asked: Kinds) -> Option<Vec<Class<Seen>>> {
    if !asked.contains(Kind::ExamResult) {
        return Some(unseen(sides));
    }
    let conditions = || sides.iter().flatten().flat_map(|rule| &rule.cases).map(|case| &case.conditions);
    let limits = conditions().filter_map(|conditions| conditions.exam_within).map(|limit| limit.get());
    let minutes = space.oldest(Kind::ExamResult).map(|oldest| minutes(limits.collect(), oldest));
    let minutes = minutes.unwrap_or_default();
    let items = told_apart(space.vocabulary.all(), conditions().filter_map(|it| it.exam_item));
    let qualities = told_apart(space.vocabulary.all(), conditions().filter_map(|it| it.exam_quality));
    if items.len().saturating_mul(qualities.len()).saturating_mul(minutes.len()) > MAX_CELLS {
        return None;
    }
    let values = items.into_iter().flat_map(|item| qualities.iter().map(move |quality| (item, *quality)));
    let believed = values.flat_map(|(item, quality)| {
        let cost = u32::from(item.is_none()) * 2 + u32::from(quality.is_none()) * 2;
        let value = Value::Exam { item, quality };
        minutes.iter().map(move |age_minutes| (cost, Belief::Believed { value, age_minutes: *age_minutes }))
    });
    let classes = believed.chain(states()).map(|(cost, belief)| {
        let view = seen(belief);
        Class::new(sides, cost, Some(belief), |_, conditions| conditions.exam_holds(&view))
    });
    Some(quotient(classes.collect()))
}

/// The cases of a rule that are met where nothing of `kind` is shown.
fn withheld(rule: &Rule, kind: Kind) -> Option<Cases> {
    let nothing = seen(Belief::Not(State::None));
    Some(Cases::of(&rule.cases, |conditions| match kind {
        Kind::HealthCode => conditions.code_holds(&nothing),
        Kind::NucleicTest => conditions.pcr_holds(&nothing, |_| None),
        Kind::ExamResult | Kind::Evidence => conditions.exam_holds(&nothing),
    }))
}

/// Neither side looks.
fn unseen(sides: &[Option<&Rule>; 2]) -> Vec<Class<Seen>> {
    vec![Class::new(sides, 0, None, |_, _| true)]
}

fn seen(belief: Belief) -> Option<View> {
    Some(View { belief, deciding: None })
}

/// Every state counts as possible. That there is nothing is the easiest to picture.
fn states() -> impl Iterator<Item = (u32, Belief)> {
    State::ALL.into_iter().zip(5..).map(|(state, cost)| match state {
        State::None => (1, Belief::Not(state)),
        _ => (cost, Belief::Not(state)),
    })
}

/// One number of minutes a class, up to `oldest`: a usual one, and those that just passed a limit.
fn minutes(mut limits: Vec<u32>, oldest: u32) -> Vec<u32> {
    limits.retain(|limit| *limit < oldest);
    limits.sort_unstable();
    limits.dedup();
    let first = limits.first().copied().unwrap_or(oldest).min(USUAL_MINUTES);
    std::iter::once(first).chain(limits.into_iter().map(|limit| limit + 1)).collect()
}

/// One term of each class that the sets tell apart; `None` is a word that the vocabulary does not list.
fn told_apart<T: Term>(all: Set<T>, sets: impl Iterator<Item = Set<T>>) -> Vec<Option<T>> {
    let mut classes = vec![all];
    for set in sets {
        classes = classes
            .into_iter()
            .flat_map(|class| [class.intersection(set), class.minus(set)])
            .filter(|class| !class.is_empty())
            .collect();
    }
    classes.into_iter().map(|class| class.iter().next()).chain([None]).collect()
}
