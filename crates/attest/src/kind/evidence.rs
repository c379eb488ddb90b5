//! 赋码依据: one department's word that a fact behind a code exists. `item` names the kind of evidence.

use super::Definition;
use crate::claims::{Field, Fields};

pub(super) const DEFINITION: Definition = Definition {
    name: "evidence",
    name_zh: "赋码依据",
    travels: false,
    mandatory: Fields::of(&[Field::Item]),
    allowed: Fields::of(&[
        Field::NativeLabel,
        Field::SampledAt,
        Field::ReportedAt,
        Field::Item,
        Field::ValidUntil,
        Field::Appeal,
    ]),
};
