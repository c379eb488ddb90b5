//! What only several parts together can get wrong: overlaps, the overlay's place in the baseline, the table of hours,
//! dead cases.

pub(crate) mod baseline;
mod dead;
mod hours;
mod overlap;
pub(crate) mod overlay;
