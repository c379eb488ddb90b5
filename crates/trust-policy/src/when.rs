//! Boxes: the `when` of a rule, a product of sets over purpose, place, risks and area.
//!
//! Inside one layer boxes are disjoint, so that one rule at most governs; that is proved here, cell by example cell.

use huxin_attest::{AreaCode, AreaPrefix, RegionCode};

use crate::lang::Phrase;
use crate::model::Areas;
use crate::situation::Situation;
use crate::terms::{Place, Purpose, Risk, Set, Term};
use crate::vocabulary::Vocabulary;

/// A box. What is `None` is not looked at.
#[derive(Debug, Clone)]
pub(crate) struct When {
    pub(crate) purposes: Set<Purpose>,
    pub(crate) places: Option<Set<Place>>,
    pub(crate) here: Option<Set<Risk>>,
    pub(crate) from: Option<Set<Risk>>,
    pub(crate) areas: Areas,
}

/// A part of the space, as an example for people: one value a dimension, where it matters.
pub(crate) struct Cell {
    purpose: Option<Purpose>,
    place: Option<Place>,
    here: Option<Risk>,
    from: Option<Risk>,
    area: Option<AreaPrefix>,
    /// The area is missing, and that is the point.
    no_area: bool,
    no_place: bool,
}

impl When {
    /// A missing place or area lies in no box that names one.
    pub(crate) fn holds(&self, situation: &Situation) -> bool {
        self.purposes.contains(situation.purpose)
            && self.places.is_none_or(|places| situation.place.is_some_and(|place| places.contains(place)))
            && self.here.is_none_or(|risks| risks.contains(situation.here_risk))
            && self.from.is_none_or(|risks| risks.contains(situation.from_risk))
            && self.areas.as_ref().is_none_or(|areas| {
                situation.area.is_some_and(|area: AreaCode| areas.iter().any(|prefix| prefix.covers(area)))
            })
    }

    /// A cell that both boxes hold.
    pub(crate) fn shared(&self, other: &Self) -> Option<Cell> {
        let purpose = self.purposes.intersection(other.purposes).iter().next()?;
        let area = shared_area(&self.areas, &other.areas)?;
        Some(Cell {
            purpose: Some(purpose),
            place: shared_term(self.places, other.places)?,
            here: shared_term(self.here, other.here)?,
            from: shared_term(self.from, other.from)?,
            area,
            no_area: false,
            no_place: false,
        })
    }

    /// This box as the overlay of `region` applies it.
    pub(crate) fn within(&self, region: RegionCode) -> Self {
        let areas = self.areas.clone().unwrap_or_else(|| vec![region.into()]);
        Self { areas: Some(areas), ..self.clone() }
    }

    /// A cell of this box that `outer` does not hold.
    pub(crate) fn beyond(&self, outer: &Self, vocabulary: &Vocabulary) -> Option<Cell> {
        let mut cell = Cell {
            purpose: self.purposes.iter().next(),
            place: self.places.and_then(|places| places.iter().next()),
            here: self.here.and_then(|risks| risks.iter().next()),
            from: self.from.and_then(|risks| risks.iter().next()),
            area: self.areas.as_ref().and_then(|areas| areas.first().copied()),
            no_area: false,
            no_place: false,
        };
        if let Some(purpose) = self.purposes.minus(outer.purposes).iter().next() {
            cell.purpose = Some(purpose);
        } else if let Some(outside) = beyond_places(self.places, outer.places) {
            (cell.place, cell.no_place) = (outside, outside.is_none());
        } else if let Some(risk) = beyond_risks(self.here, outer.here, vocabulary) {
            cell.here = Some(risk);
        } else if let Some(risk) = beyond_risks(self.from, outer.from, vocabulary) {
            cell.from = Some(risk);
        } else if let Some(outside) = beyond_areas(&self.areas, &outer.areas) {
            (cell.area, cell.no_area) = (outside, outside.is_none());
        } else {
            return None;
        }
        Some(cell)
    }
}

/// `None`: nothing is shared. `Some(None)`: neither names a value.
fn shared_term<T: Term>(a: Option<Set<T>>, b: Option<Set<T>>) -> Option<Option<T>> {
    match (a, b) {
        (None, None) => Some(None),
        (Some(one), None) | (None, Some(one)) => one.iter().next().map(Some),
        (Some(a), Some(b)) => a.intersection(b).iter().next().map(Some),
    }
}

fn shared_area(a: &Areas, b: &Areas) -> Option<Option<AreaPrefix>> {
    match (a, b) {
        (None, None) => Some(None),
        (Some(one), None) | (None, Some(one)) => one.first().copied().map(Some),
        (Some(a), Some(b)) => {
            let mut pairs = a.iter().flat_map(|x| b.iter().map(move |y| (*x, *y)));
            pairs.find_map(|(x, y)| {
                let narrower = if x.digits() >= y.digits() { (y, x) } else { (x, y) };
                narrower.0.contains(narrower.1).then_some(Some(narrower.1))
            })
        }
    }
}

/// `Some(None)`: a missing place lies outside.
fn beyond_places(inner: Option<Set<Place>>, outer: Option<Set<Place>>) -> Option<Option<Place>> {
    match (inner, outer?) {
        (None, _) => Some(None),
        (Some(inner), outer) => inner.minus(outer).iter().next().map(Some),
    }
}

/// A risk always has a value, `unknown` at least: a box that names every risk holds all.
fn beyond_risks(inner: Option<Set<Risk>>, outer: Option<Set<Risk>>, vocabulary: &Vocabulary) -> Option<Risk> {
    inner.unwrap_or_else(|| vocabulary.all()).minus(outer?).iter().next()
}

/// `Some(None)`: a missing area lies outside.
fn beyond_areas(inner: &Areas, outer: &Areas) -> Option<Option<AreaPrefix>> {
    let outer = outer.as_ref()?;
    match inner {
        None => Some(None),
        Some(inner) => {
            inner.iter().find(|area| !outer.iter().any(|prefix| prefix.contains(**area))).copied().map(Some)
        }
    }
}

impl Cell {
    /// One situation, with the risks that matter.
    pub(crate) fn of(situation: &Situation, here_matters: bool, from_matters: bool) -> Self {
        Self {
            purpose: Some(situation.purpose),
            place: situation.place,
            here: here_matters.then_some(situation.here_risk),
            from: from_matters.then_some(situation.from_risk),
            area: situation.area.map(AreaPrefix::from),
            no_area: false,
            no_place: false,
        }
    }

    /// The cell in words: `visit, shop, here low` in the names of the vocabulary.
    pub(crate) fn describe(&self, vocabulary: &Vocabulary) -> Phrase {
        let (mut zh, mut en): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        if let Some(purpose) = self.purpose {
            zh.push(vocabulary.name_zh(purpose).into());
            en.push(vocabulary.name(purpose).into());
        }
        if let Some(place) = self.place {
            zh.push(vocabulary.name_zh(place).into());
            en.push(format!("place {}", vocabulary.name(place)));
        }
        if self.no_place {
            zh.push("没有场所".into());
            en.push("no place".into());
        }
        if let Some(area) = self.area {
            zh.push(format!("区划 {area}"));
            en.push(format!("area {area}"));
        }
        if self.no_area {
            zh.push("没有区划".into());
            en.push("no area".into());
        }
        if let Some(risk) = self.here {
            zh.push(format!("本地{}", vocabulary.name_zh(risk)));
            en.push(format!("here_risk {}", vocabulary.name(risk)));
        }
        if let Some(risk) = self.from {
            zh.push(format!("来源地{}", vocabulary.name_zh(risk)));
            en.push(format!("from_risk {}", vocabulary.name(risk)));
        }
        Phrase::both(zh.join("，"), en.join(", "))
    }
}
