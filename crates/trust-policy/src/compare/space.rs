//! What a baseline makes of the space: how long a kind can be believed, and the time limits of places.

use huxin_attest::{AreaCode, AreaPrefix, Kind};

use crate::model::{Baseline, Rule, Within};
use crate::situation::Situation;
use crate::tables::Cells;
use crate::terms::{Risk, Set};
use crate::vocabulary::Vocabulary;
use crate::when::When;

/// The space under one baseline.
pub(crate) struct Space<'a> {
    pub(crate) vocabulary: &'a Vocabulary,
    hours: Cells,
    /// In the order of [`Kind::TRAVELLING`].
    oldest: [Option<u32>; 3],
}

/// One situation, for all that the rules cannot tell apart from it, and the `by_place` limit of each side there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) situation: Situation,
    pub(crate) limits: [Option<u32>; 2],
    /// Do the rules look at the risk here, and at the one where the person comes from?
    pub(crate) here_matters: bool,
    pub(crate) from_matters: bool,
}

impl<'a> Space<'a> {
    pub(crate) fn new(baseline: &Baseline, vocabulary: &'a Vocabulary) -> Self {
        let oldest = Kind::TRAVELLING.map(|kind| {
            let entries = baseline.trusts.iter().filter(|trust| trust.kind == kind);
            entries.map(|trust| trust.max_age.get()).max()
        });
        Self { vocabulary, hours: Cells::new(&baseline.hours), oldest }
    }

    /// The greatest age in minutes at which a statement of this kind can be believed; `None` if it never is.
    pub(crate) fn oldest(&self, kind: Kind) -> Option<u32> {
        let mut known = Kind::TRAVELLING.into_iter().zip(self.oldest);
        known.find(|(other, _)| *other == kind).and_then(|(_, oldest)| oldest)
    }

    /// One spot of the box for each time limit that a `by_place` of one of the rules can read in it.
    pub(crate) fn spots(&self, when: &When, sides: &[Option<&Rule>; 2]) -> Vec<Spot> {
        // A box without a purpose holds nothing; the reader lets none through.
        let Some(usual) = self.usual(when) else { return Vec::new() };
        let alone = Spot {
            situation: usual,
            limits: [None; 2],
            here_matters: when.here.is_some(),
            from_matters: when.from.is_some(),
        };
        let (Some(places), true) = (when.places, sides.iter().flatten().any(|rule| rule.reads_hours()))
        else {
            return vec![alone];
        };
        let mut spots: Vec<Spot> = Vec::new();
        let risks = when.here.unwrap_or_else(|| self.vocabulary.all());
        for place in places.iter() {
            for here_risk in self.usual_first(risks) {
                let limits = [self.hours.limit(place, here_risk); 2];
                if !spots.iter().any(|spot| spot.limits == limits) {
                    let situation = Situation { place: Some(place), here_risk, ..usual };
                    spots.push(Spot { situation, limits, here_matters: true, ..alone });
                }
            }
        }
        spots
    }

    /// As [`Self::spots`], where the second side knows no risk here, and the first one does.
    pub(crate) fn spots_without_risk(&self, when: &When, sides: &[Option<&Rule>; 2]) -> Vec<Spot> {
        let unknown = self.vocabulary.unknown();
        let mut spots: Vec<Spot> = Vec::new();
        for spot in self.spots(when, sides) {
            let place = spot.situation.place.filter(|_| spot.limits != [None; 2]);
            let risks = when.here.unwrap_or_else(|| self.vocabulary.all());
            for here_risk in self.usual_first(risks).filter(|risk| *risk != unknown) {
                let limits = match place {
                    Some(place) => [self.hours.limit(place, here_risk), self.hours.limit(place, unknown)],
                    None => [None; 2],
                };
                if !spots.iter().any(|known| known.limits == limits) {
                    let situation = Situation { here_risk, ..spot.situation };
                    spots.push(Spot { situation, limits, here_matters: true, ..spot });
                }
            }
        }
        spots
    }

    /// The situation of the box that is easiest to picture.
    fn usual(&self, when: &When) -> Option<Situation> {
        let risk = |named: Option<Set<Risk>>| match named {
            Some(risks) => self.usual_first(risks).next(),
            None => Some(self.vocabulary.low()),
        };
        Some(Situation {
            purpose: when.purposes.iter().next()?,
            place: when.places.and_then(|places| places.iter().next()),
            area: when.areas.as_ref().and_then(|areas| areas.first().copied()).and_then(first_area),
            here_risk: risk(when.here)?,
            from_risk: risk(when.from)?,
        })
    }

    fn usual_first(&self, risks: Set<Risk>) -> impl Iterator<Item = Risk> + use<> {
        let low = self.vocabulary.low();
        risks.contains(low).then_some(low).into_iter().chain(risks.iter().filter(move |risk| *risk != low))
    }
}

/// The area that stands for all of a prefix.
fn first_area(prefix: AreaPrefix) -> Option<AreaCode> {
    format!("{:0<6}", prefix.to_string()).parse().ok()
}

impl Rule {
    /// Does a case read the table of hours?
    fn reads_hours(&self) -> bool {
        self.cases.iter().any(|case| matches!(case.conditions.pcr_within, Some((Within::ByPlace, _))))
    }
}
