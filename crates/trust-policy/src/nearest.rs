//! What would change a review: the case of the same rule that came nearest to admitting, and what it lacks.
//!
//! Only what can really be vouched for is offered: whichever way all gaps of a case are mended, [`Policy::decide`] then
//! admits. So a case is passed over if somebody would have to be younger, or a statement less believed; and where an
//! earlier case would send the person to review all the same, what must change for that is a gap too.
//!
//! Several cases may be offered. Nearest is, in this order: the one with the fewest gaps; one that a new test or
//! examination mends before one that needs a statement changed; the one with the fewest minutes too many; the first of
//! the file.

mod gaps;
mod mended;

use huxin_attest::UnixMs;

use crate::belief::View;
use crate::decide::Facts;
use crate::model::{Case, Outcome, Rule};
use crate::policy::{Policy, Selected};
use crate::situation::Situation;
use mended::Mended;

pub use gaps::Gap;
pub(crate) use gaps::{conditions, spoken};

/// The case that came nearest to admitting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest<'p> {
    /// The case's id.
    pub case: &'p str,
    /// What it tells the person; may be empty.
    pub say: &'p str,
    /// What is missing for it, at least one.
    pub gaps: Vec<Gap>,
}

/// What the gaps are measured by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) age: Option<u8>,
    /// In the order of [`huxin_attest::Kind::TRAVELLING`].
    pub(crate) views: [Option<View>; 3],
    /// How old the statement is that each view rests on, believed or not, in whole minutes.
    pub(crate) minutes: [Option<u32>; 3],
    pub(crate) situation: Situation,
}

impl Policy {
    /// For a review by the same rule, facts and `now`: the nearest case that would admit. `None` for an admission, and
    /// where nothing that a department can state or the person can bring would admit.
    pub fn nearest<'p>(
        &'p self,
        selected: &Selected<'p>,
        facts: &Facts<'_>,
        now: UnixMs,
    ) -> Option<Nearest<'p>> {
        let views = self.views(selected, facts, now);
        let ground = self.ground(self.overlay_at(now), now, false);
        let mut kinds = facts.evidence.iter();
        let minutes = views.map(|view| {
            let statement = kinds.next()?.statements.get(view?.deciding?)?;
            ground.age_minutes(statement)
        });
        self.nearest_to(selected, &Known { age: facts.age, views, minutes, situation: selected.situation })
    }

    /// As [`Self::nearest`], from what is known.
    pub(crate) fn nearest_to<'p>(&'p self, selected: &Selected<'p>, known: &Known) -> Option<Nearest<'p>> {
        let rule = selected.rule?;
        if self.conclude(selected, known.age, known.views).outcome != Outcome::Review {
            return None;
        }
        let offers = rule
            .cases
            .iter()
            .enumerate()
            .filter(|(_, case)| case.branch.outcome == Outcome::Admit)
            .filter_map(|(place, case)| {
                let gaps = self.gaps_of(rule, place, case, known)?;
                let another_statement = !gaps.iter().all(Gap::is_mended_by_a_test);
                let over = gaps.iter().fold(0_u32, |sum, gap| sum.saturating_add(gap.over_minutes));
                Some(((gaps.len(), another_statement, over, place), case, gaps))
            });
        let (_, case, gaps) = offers.min_by_key(|(distance, ..)| *distance)?;
        Some(Nearest { case: &case.id, say: &case.branch.say, gaps })
    }

    /// The gaps of one admitting case; `None` if it cannot be offered.
    fn gaps_of(&self, rule: &Rule, place: usize, case: &Case, known: &Known) -> Option<Vec<Gap>> {
        let mut mended = Mended::of(self, &case.conditions, known)?;
        let reviews = || {
            let earlier = rule.cases.iter().take(place);
            earlier.filter(|case| case.branch.outcome == Outcome::Review)
        };
        // Each turn shuts an earlier case out for good, or opens a kind that was left as found; both are few.
        while let Some(catching) = reviews().find(|earlier| mended.meets(self, &earlier.conditions, known)) {
            mended.shut_out(&catching.conditions, &case.conditions)?;
        }
        let gaps = gaps::of(self, &case.conditions, known, &mended);
        (!gaps.is_empty()).then_some(gaps)
    }
}
