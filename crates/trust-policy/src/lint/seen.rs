//! Labels seen in traffic that no table of `[grades]` maps.

use std::collections::BTreeMap;

use huxin_attest::{CodeStatus, RegionCode};

use crate::diagnostics::{Diagnostics, Lint, Sink, Source, Span};
use crate::logged::{LoggedDecision, UnmappedLabel};
use crate::model::Grades;
use crate::policy::Policy;

/// The most different labels that are kept: a log comes from outside.
const MAX_LABELS: usize = 10_000;

/// Labels that a policy has no grade for, and how often a log shows each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeenLabels(BTreeMap<(RegionCode, String), u64>);

impl SeenLabels {
    /// Counts what one decision shows. Beyond 10,000 different labels no new one is kept.
    pub fn add(&mut self, policy: &Policy, decision: &LoggedDecision) {
        for label in policy.unmapped_labels(decision).into_iter().filter(is_missing) {
            let key = (label.region, label.label);
            if self.0.contains_key(&key) || self.0.len() < MAX_LABELS {
                *self.0.entry(key).or_default() += 1;
            }
        }
    }
}

/// A label should map. A local reason need not while another part of its statement does, and status 11 says that no
/// status is stated.
fn is_missing(found: &UnmappedLabel) -> bool {
    match found.key {
        "label" => true,
        "status" => found.label != CodeStatus::NoneStated.code(),
        _ => found.undecided,
    }
}

impl Policy {
    /// Warns of `seen` in the text from which this policy's baseline was read.
    pub fn warn_of_labels(&self, baseline: Source<'_>, seen: &SeenLabels) -> Diagnostics {
        let mut sink = Sink::new(baseline);
        for ((region, label), count) in &seen.0 {
            let at = table_of(&self.baseline.grades, *region);
            let args = [region.to_string().into(), label.as_str().into(), count.to_string().into()];
            sink.warn(Lint::LabelNotMapped, at, args);
        }
        Diagnostics::of(sink)
    }
}

/// Where the mapping should stand: the province's own table, else the one for all, else the head of the file.
fn table_of(grades: &Grades, region: RegionCode) -> Span {
    let find = |wanted| grades.spans.iter().find(|(of, _)| *of == wanted).map(|(_, span)| *span);
    find(Some(region)).or_else(|| find(None)).unwrap_or_default()
}
