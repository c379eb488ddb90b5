//! What only several parts together can get wrong: overlaps, the overlay's place in the baseline, the table of hours.

pub(crate) mod baseline;
mod hours;
mod overlap;
pub(crate) mod overlay;
