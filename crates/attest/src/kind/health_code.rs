//! 健康码: a graded health code, in its province's own words and in the national status.
//!
//! A red or amber code without assigner, reason or evidence is well formed: that it is unfounded is belief, not form.

use super::Definition;
use crate::claims::{Field, Fields};

pub(super) const DEFINITION: Definition = Definition {
    name: "health_code",
    name_zh: "健康码",
    travels: true,
    mandatory: Fields::of(&[Field::Status]),
    allowed: Fields::of(&[
        Field::NativeLabel,
        Field::Status,
        Field::LocalReason,
        Field::Assigner,
        Field::AssignerRole,
        Field::AssignedFor,
        Field::Evidence,
        Field::ValidUntil,
        Field::Appeal,
    ]),
};
