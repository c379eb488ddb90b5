//! 检查检验结果: that an examination was made, of which quality. The findings themselves stay with the hospital; the
//! digests under `evidence` tie the statement to them.

use super::Definition;
use crate::claims::{Field, Fields};

pub(super) const DEFINITION: Definition = Definition {
    name: "exam_result",
    name_zh: "检查检验结果",
    travels: true,
    mandatory: Fields::of(&[Field::ReportedAt, Field::Item, Field::Quality]),
    allowed: Fields::of(&[
        Field::NativeLabel,
        Field::Evidence,
        Field::SampledAt,
        Field::ReportedAt,
        Field::Item,
        Field::Quality,
        Field::ValidUntil,
        Field::Appeal,
    ]),
};
