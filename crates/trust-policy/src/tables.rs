//! Compiled tables: which rules a purpose can meet, and the time limits by place and risk.

use crate::duration::Minutes;
use crate::model::{Hours, Rule};
use crate::situation::Situation;
use crate::terms::{Index as _, MAX_TERMS, Place, Risk};

/// The rules of one layer by purpose. Boxes are disjoint, so the first that holds is the only one.
#[derive(Debug, Clone)]
pub(crate) struct Finder(Vec<Vec<u16>>);

impl Finder {
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let mut by_purpose = vec![Vec::new(); MAX_TERMS];
        for (index, rule) in rules.iter().enumerate() {
            for purpose in rule.when.purposes.iter() {
                if let (Some(list), Ok(index)) =
                    (by_purpose.get_mut(usize::from(purpose.index())), u16::try_from(index))
                {
                    list.push(index);
                }
            }
        }
        Self(by_purpose)
    }

    pub(crate) fn find<'r>(&self, rules: &'r [Rule], situation: &Situation) -> Option<&'r Rule> {
        let candidates = self.0.get(usize::from(situation.purpose.index()))?;
        candidates
            .iter()
            .filter_map(|index| rules.get(usize::from(*index)))
            .find(|rule| rule.when.holds(situation))
    }
}

/// The time limits; 0 stands for no cell, because no duration is 0.
#[derive(Debug, Clone)]
pub(crate) struct Cells(Vec<u32>);

impl Cells {
    pub(crate) fn new(hours: &Hours) -> Self {
        let mut cells = vec![0; MAX_TERMS * MAX_TERMS];
        for (place, risk, limit) in &hours.0 {
            if let Some(cell) = cells.get_mut(Self::index(*place, *risk)) {
                *cell = limit.get();
            }
        }
        Self(cells)
    }

    /// The limit in minutes.
    pub(crate) fn limit(&self, place: Place, risk: Risk) -> Option<u32> {
        self.0.get(Self::index(place, risk)).copied().filter(|minutes| *minutes > 0)
    }

    fn index(place: Place, risk: Risk) -> usize {
        usize::from(place.index()) * MAX_TERMS + usize::from(risk.index())
    }
}

impl Hours {
    pub(crate) fn limit(&self, place: Place, risk: Risk) -> Option<Minutes> {
        self.0.iter().find(|(at, of, _)| (*at, *of) == (place, risk)).map(|(.., limit)| *limit)
    }
}
