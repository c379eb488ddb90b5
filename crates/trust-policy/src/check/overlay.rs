//! An overlay by itself, and its place in the baseline. Whether it is lighter or heavier is not judged here.

use huxin_attest::{AreaPrefix, RegionCode};

use super::{hours, overlap};
use crate::diagnostics::{Code, Sink};
use crate::lang::Phrase;
use crate::model::{Baseline, Overlay, Rule};
use crate::vocabulary::Vocabulary;

/// What an overlay can be wrong about without looking at the baseline.
pub(crate) fn check_alone(sink: &mut Sink<'_>, overlay: &Overlay, node: RegionCode, vocabulary: &Vocabulary) {
    let (region, region_span) = overlay.region;
    if region != node {
        sink.report(Code::WrongRegion, region_span, [region.to_string().into(), node.to_string().into()]);
    }
    for rule in &overlay.rules {
        for area in rule.when.areas.iter().flatten() {
            if !AreaPrefix::from(region).contains(*area) {
                let args = [area.to_string().into(), region.to_string().into()];
                sink.report(Code::AreaOutside, rule.when_span, args);
            }
        }
    }
    for distrust in &overlay.distrusts {
        if distrust.from < overlay.header.from || overlay.header.until < distrust.until {
            sink.report(Code::OutsideValidity, distrust.id_span, [(*distrust.id).into()]);
        }
    }
    overlap::rules(sink, &overlay.rules, vocabulary);
}

/// What only the baseline shows.
pub(crate) fn check_against(
    sink: &mut Sink<'_>,
    overlay: &Overlay,
    baseline: &Baseline,
    vocabulary: &Vocabulary,
) {
    let (extends, at) = &overlay.extends;
    if **extends != *baseline.header.id {
        sink.report(Code::WrongBaseline, *at, [(**extends).into(), (*baseline.header.id).into()]);
    }
    for rule in &overlay.rules {
        if let Some(earlier) = baseline.rules.iter().find(|other| other.id == rule.id) {
            let place = format!("{} {}", baseline.header.id, earlier.id);
            let place = Phrase::both(format!("国家基线 {place} "), format!("by the baseline {place}"));
            sink.report(Code::DuplicateId, rule.id_span, [(*rule.id).into(), place]);
        }
        match &rule.replaces {
            Some((id, at)) => match baseline.rules.iter().find(|other| other.id == *id) {
                Some(replaced) => check_inside(sink, rule, replaced, vocabulary),
                None => {
                    let known = baseline.rules.iter().map(|other| &*other.id).collect::<Vec<_>>().join(", ");
                    sink.report(Code::NothingToReplace, *at, [(**id).into(), known.into()]);
                }
            },
            None => check_free_ground(sink, rule, overlay.region.0, baseline, vocabulary),
        }
    }
    hours::check(sink, &overlay.rules, &baseline.hours, vocabulary);
}

fn check_inside(sink: &mut Sink<'_>, rule: &Rule, replaced: &Rule, vocabulary: &Vocabulary) {
    if let Some(cell) = rule.when.beyond(&replaced.when, vocabulary) {
        let args = [(*rule.id).into(), (*replaced.id).into(), cell.describe(vocabulary)];
        sink.report(Code::OutsideReplaced, rule.when_span, args);
    }
}

/// A rule of its own may stand only where no rule of the baseline reaches.
fn check_free_ground(
    sink: &mut Sink<'_>,
    rule: &Rule,
    region: RegionCode,
    baseline: &Baseline,
    vocabulary: &Vocabulary,
) {
    let applied = rule.when.within(region);
    for governing in &baseline.rules {
        if let Some(cell) = applied.shared(&governing.when) {
            let args = [(*rule.id).into(), (*governing.id).into(), cell.describe(vocabulary)];
            sink.report(Code::MissingReplaces, rule.when_span, args);
        }
    }
}
