//! Which cases of a rule a value meets, as bits; and classes of values that two rules cannot tell apart.

use crate::model::{Case, Conditions, Rule};
use crate::read::MAX_ITEMS;

const WORDS: usize = MAX_ITEMS / 64;

/// Bit `i` stands for case `i`. What no bit is left of falls to `otherwise`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Cases([u64; WORDS]);

impl Cases {
    /// The cases whose conditions hold.
    pub(super) fn of(cases: &[Case], holds: impl Fn(&Conditions) -> bool) -> Self {
        let mut bits = [0; WORDS];
        for (word, cases) in bits.iter_mut().zip(cases.chunks(64)) {
            for (index, case) in cases.iter().enumerate() {
                *word |= u64::from(holds(&case.conditions)) << index;
            }
        }
        Self(bits)
    }

    /// What both hold.
    pub(super) fn and(self, other: Self) -> Self {
        let mut bits = self.0;
        bits.iter_mut().zip(other.0).for_each(|(word, other)| *word &= other);
        Self(bits)
    }

    /// The first case that matches.
    pub(crate) fn first(self) -> Option<usize> {
        let (word, bits) = self.0.iter().enumerate().find(|(_, bits)| **bits != 0)?;
        usize::try_from(bits.trailing_zeros()).ok().map(|bit| word * 64 + bit)
    }

    /// Does it hold case `index`?
    pub(crate) fn contains(self, index: usize) -> bool {
        self.0.get(index / 64).is_some_and(|bits| bits & (1 << (index % 64)) != 0)
    }
}

/// The cases of both sides that one value meets.
pub(super) type Both = [Cases; 2];

/// Values of one dimension that neither side tells apart, and the one that is easiest to picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Class<W> {
    pub(super) cases: Both,
    /// The lower, the easier to picture.
    pub(super) cost: u32,
    pub(super) witness: W,
}

impl<W> Class<W> {
    pub(super) fn new(
        sides: &[Option<&Rule>; 2],
        cost: u32,
        witness: W,
        holds: impl Fn(usize, &Conditions) -> bool,
    ) -> Self {
        let [a, b] = sides.map(|rule| rule.map_or(&[][..], |rule| &rule.cases));
        let cases = [Cases::of(a, |conditions| holds(0, conditions)), Cases::of(b, |it| holds(1, it))];
        Self { cases, cost, witness }
    }
}

/// One class for all values that meet the same cases.
pub(super) fn quotient<W>(mut classes: Vec<Class<W>>) -> Vec<Class<W>> {
    classes.sort_by_key(|class| (class.cases, class.cost));
    classes.dedup_by_key(|class| class.cases);
    classes
}

pub(super) fn both(a: Both, b: Both) -> Both {
    let ([a0, a1], [b0, b1]) = (a, b);
    [a0.and(b0), a1.and(b1)]
}
