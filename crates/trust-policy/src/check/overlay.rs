//! An overlay by itself, and its place in the baseline. Whether it is lighter or heavier is for the guard to judge.

use std::collections::BTreeSet;

use huxin_attest::{AreaPrefix, RegionCode};

use super::{dead, hours, overlap};
use crate::compare::Space;
use crate::diagnostics::{Code, Sink};
use crate::lang::Phrase;
use crate::model::{Baseline, Overlay, Rule};
use crate::read::overlay::Parts;
use crate::vocabulary::Vocabulary;

/// Whether its entries fit each other and the node, as far as they could be read.
pub(crate) fn check_entries(sink: &mut Sink<'_>, parts: &Parts, node: RegionCode, vocabulary: &Vocabulary) {
    if let Some((region, at)) = parts.region {
        if region != node {
            sink.report(Code::WrongRegion, at, [region.to_string().into(), node.to_string().into()]);
        }
        parts.rules.iter().for_each(|rule| check_areas(sink, rule, region));
    }
    overlap::rules(sink, &parts.rules, vocabulary);
}

fn check_areas(sink: &mut Sink<'_>, rule: &Rule, region: RegionCode) {
    for (area, at) in rule.when.areas.iter().flatten().zip(&rule.area_spans) {
        if !AreaPrefix::from(region).contains(*area) {
            sink.report(Code::AreaOutside, *at, [area.to_string().into(), region.to_string().into()]);
        }
    }
}

/// Whether its distrusts keep to its validity.
pub(crate) fn check_validity(sink: &mut Sink<'_>, overlay: &Overlay) {
    for distrust in &overlay.distrusts {
        if distrust.from < overlay.header.from || overlay.header.until < distrust.until {
            sink.report(Code::OutsideValidity, distrust.id_span, [(*distrust.id).into()]);
        }
    }
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
    check_ids(sink, overlay, baseline);
    for rule in &overlay.rules {
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
    dead::check(sink, &overlay.rules, &Space::new(baseline, vocabulary));
}

/// No id of the overlay stands in the baseline: decisions, logs and comparisons name entries by their ids.
fn check_ids(sink: &mut Sink<'_>, overlay: &Overlay, baseline: &Baseline) {
    let header = &baseline.header;
    let rules = baseline.rules.iter().map(|rule| &rule.id);
    let trusts = baseline.trusts.iter().map(|trust| &trust.id);
    let disclosures = baseline.disclosures.iter().map(|disclosure| &disclosure.id);
    let used: BTreeSet<&str> =
        rules.chain(trusts).chain(disclosures).chain([&header.id]).map(|id| &**id).collect();
    let rules = overlay.rules.iter().map(|rule| (&*rule.id, rule.id_span));
    let distrusts = overlay.distrusts.iter().map(|distrust| (&*distrust.id, distrust.id_span));
    for (id, at) in rules.chain(distrusts).chain([(&*overlay.header.id, overlay.header.id_span)]) {
        if used.contains(id) {
            let place =
                Phrase::both(format!("国家基线 {} ", header.id), format!("by the baseline {}", header.id));
            sink.report(Code::DuplicateId, at, [id.into(), place]);
        }
    }
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
