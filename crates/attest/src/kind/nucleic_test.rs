//! 核酸检测: a nucleic acid test. It counts from its report (2022-07-29), so the report's time is mandatory.

use super::Definition;
use crate::claims::{Field, Fields};

pub(super) const DEFINITION: Definition = Definition {
    name: "nucleic_test",
    name_zh: "核酸检测",
    travels: true,
    mandatory: Fields::of(&[Field::ReportedAt, Field::Result]),
    allowed: Fields::of(&[
        Field::NativeLabel,
        Field::SampledAt,
        Field::ReportedAt,
        Field::Result,
        Field::Item,
        Field::ValidUntil,
        Field::Appeal,
    ]),
};
