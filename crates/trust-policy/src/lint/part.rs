//! Parts of boxes: where a rule governs once a risk is hidden.
//!
//! Where two boxes divide an area, or one names areas and the other none, a part counts as taken whole: a lint may
//! overlook something there, but never speaks of what is not so.

use huxin_attest::AreaPrefix;

use crate::model::Areas;
use crate::terms::{Risk, Set, Term};
use crate::vocabulary::Vocabulary;
use crate::when::When;

/// Which risk is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hidden {
    /// The risk at the place.
    Here,
    /// The risk where the person comes from.
    From,
}

impl Hidden {
    /// The box in which this risk is one of `risks`.
    pub(super) fn put(self, part: When, risks: Set<Risk>) -> When {
        match self {
            Self::Here => When { here: Some(risks), ..part },
            Self::From => When { from: Some(risks), ..part },
        }
    }

    /// The risks of a box that are known; `None` if there are none.
    pub(super) fn known(self, part: &When, vocabulary: &Vocabulary) -> Option<Set<Risk>> {
        let risks = match self {
            Self::Here => part.here,
            Self::From => part.from,
        };
        let unknown = Set::default().with(vocabulary.unknown());
        Some(risks.unwrap_or_else(|| vocabulary.all()).minus(unknown)).filter(|known| !known.is_empty())
    }
}

/// What both boxes hold.
pub(super) fn intersection(a: &When, b: &When) -> Option<When> {
    let purposes = a.purposes.intersection(b.purposes);
    if purposes.is_empty() {
        return None;
    }
    Some(When {
        purposes,
        places: both(a.places, b.places)?,
        here: both(a.here, b.here)?,
        from: both(a.from, b.from)?,
        areas: both_areas(&a.areas, &b.areas)?,
    })
}

/// What of `part` lies outside `taken`. Both share something.
pub(super) fn minus(part: &When, taken: &When, vocabulary: &Vocabulary) -> Vec<When> {
    let purposes = part.purposes.intersection(taken.purposes);
    let inner = When { purposes, ..part.clone() };
    let places = outside(part.places, taken.places, vocabulary);
    let here = outside(part.here, taken.here, vocabulary);
    let from = outside(part.from, taken.from, vocabulary);
    let mut left = vec![When { purposes: part.purposes.minus(taken.purposes), ..part.clone() }];
    left.extend(places.map(|places| When { places: Some(places), ..inner.clone() }));
    let inner = When { places: both(part.places, taken.places).unwrap_or_default(), ..inner };
    left.extend(here.map(|here| When { here: Some(here), ..inner.clone() }));
    let inner = When { here: both(part.here, taken.here).unwrap_or_default(), ..inner };
    left.extend(from.map(|from| When { from: Some(from), ..inner }));
    left.retain(|part| !part.purposes.is_empty());
    left
}

/// What both name; `None` if that is nothing.
fn both<T: Term>(a: Option<Set<T>>, b: Option<Set<T>>) -> Option<Option<Set<T>>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.intersection(b)).filter(|both| !both.is_empty()).map(Some),
        (one, other) => Some(one.or(other)),
    }
}

/// What `inner` names and `outer` does not.
fn outside<T: Term>(inner: Option<Set<T>>, outer: Option<Set<T>>, vocabulary: &Vocabulary) -> Option<Set<T>> {
    let left = inner.unwrap_or_else(|| vocabulary.all()).minus(outer?);
    Some(left).filter(|left| !left.is_empty())
}

fn both_areas(a: &Areas, b: &Areas) -> Option<Areas> {
    let (Some(a), Some(b)) = (a, b) else { return Some(a.clone().or_else(|| b.clone())) };
    let narrower = |x: AreaPrefix, y: AreaPrefix| match (x.contains(y), y.contains(x)) {
        (true, _) => Some(y),
        (_, true) => Some(x),
        _ => None,
    };
    let shared: Vec<_> = a.iter().flat_map(|x| b.iter().filter_map(move |y| narrower(*x, *y))).collect();
    Some(shared).filter(|shared| !shared.is_empty()).map(Some)
}
