//! Where, why and under what risk: what selects a rule. The person states none of it.

use huxin_attest::AreaCode;

use crate::terms::{Place, Purpose, Risk};

/// One situation. Place and area come from `places.toml`, risks from the signed risk areas; a missing risk is
/// [`crate::Vocabulary::unknown`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// Why something is asked.
    pub purpose: Purpose,
    /// The category of the place, if there is one.
    pub place: Option<Place>,
    /// The area of the place, if there is one.
    pub area: Option<AreaCode>,
    /// The risk at the place.
    pub here_risk: Risk,
    /// The risk where the person comes from.
    pub from_risk: Risk,
}
