//! Lints: what a person should look at again although the file can be used.
//!
//! A lint never makes a file invalid. It speaks only of what a file shows by itself: false alarms teach people to
//! overlook true ones.

mod hiding;
mod nine;
mod part;
mod seen;

use huxin_attest::UnixMs;

use self::hiding::Hiding;
use crate::compare::Space;
use crate::diagnostics::{Lint, Sink, Span};
use crate::example::Example;
use crate::lang::Phrase;
use crate::model::{Baseline, Disclosure, Header, Overlay, Rule};
use crate::situation::Situation;
use crate::vocabulary::Vocabulary;

pub use seen::SeenLabels;

/// Words of a basis that nobody can look up.
const UNWRITTEN: [&str; 9] = [
    "口头",
    "会议纪要",
    "电话通知",
    "微信通知",
    "oral notice",
    "oral instruction",
    "verbal",
    "by telephone",
    "minutes of",
];
/// How long a file may hold without a warning.
const MAX_DAYS: i64 = 90;
const DAY_MS: i64 = 24 * 60 * 60_000;

/// Lints a baseline that is right by itself.
pub(crate) fn baseline(sink: &mut Sink<'_>, baseline: &Baseline, vocabulary: &Vocabulary) {
    header(sink, &baseline.header);
    for rule in &baseline.rules {
        entry(sink, rule, &baseline.disclosures, vocabulary);
        example(sink, rule, &baseline.examples, |situation| rule.when.holds(situation));
    }
    Hiding::new(Space::new(baseline, vocabulary), &baseline.rules, None).check(sink);
}

/// Lints an overlay that is right by itself and fits its baseline.
pub(crate) fn overlay(sink: &mut Sink<'_>, overlay: &Overlay, baseline: &Baseline, vocabulary: &Vocabulary) {
    header(sink, &overlay.header);
    for distrust in &overlay.distrusts {
        basis(sink, &distrust.basis, distrust.basis_span);
    }
    for rule in &overlay.rules {
        entry(sink, rule, &baseline.disclosures, vocabulary);
        nine::own_checkpoint(sink, rule, vocabulary);
        example(sink, rule, &overlay.examples, |situation| {
            situation.area.is_none_or(|area| area.region() == overlay.region.0) && rule.when.holds(situation)
        });
    }
    let below = Some((overlay.region.0, &*baseline.rules));
    Hiding::new(Space::new(baseline, vocabulary), &overlay.rules, below).check(sink);
}

fn header(sink: &mut Sink<'_>, header: &Header) {
    basis(sink, &header.basis, header.basis_span);
    let days = begun_days(header.from, header.until);
    if days > MAX_DAYS {
        sink.warn(Lint::LongValidity, header.until_span, [days.into()]);
    }
}

/// How many days the time from `from` to `until` begins.
fn begun_days(from: UnixMs, until: UnixMs) -> i64 {
    let ms = until.ms_since(from);
    ms / DAY_MS + i64::from(ms % DAY_MS > 0)
}

/// What a rule shows in either layer.
fn entry(sink: &mut Sink<'_>, rule: &Rule, disclosures: &[Disclosure], vocabulary: &Vocabulary) {
    basis(sink, &rule.basis, rule.basis_span);
    disclosed(sink, rule, disclosures, vocabulary);
    nine::rule(sink, rule, vocabulary);
}

fn basis(sink: &mut Sink<'_>, text: &str, at: Span) {
    let lower = text.to_lowercase();
    if UNWRITTEN.iter().any(|word| lower.contains(word)) {
        sink.warn(Lint::UnwrittenBasis, at, [text.into()]);
    }
}

/// A question goes out with everything that its rule asks for, so one entry must cover it whole.
fn disclosed(sink: &mut Sink<'_>, rule: &Rule, disclosures: &[Disclosure], vocabulary: &Vocabulary) {
    if rule.ask.is_empty() {
        return;
    }
    let told = |purpose| {
        disclosures.iter().any(|entry| rule.ask.is_subset(entry.kinds) && entry.purposes.contains(purpose))
    };
    for purpose in rule.when.purposes.iter().filter(|purpose| !told(*purpose)) {
        let zh: Vec<_> = rule.ask.iter().map(|kind| kind.name_zh()).collect();
        let en: Vec<_> = rule.ask.iter().map(|kind| kind.name()).collect();
        let purpose = Phrase::both(vocabulary.name_zh(purpose), vocabulary.name(purpose));
        let kinds = Phrase::both(zh.join("、"), en.join(" and "));
        sink.warn(Lint::NotDisclosed, rule.ask_span, [(*rule.id).into(), purpose, kinds]);
    }
}

fn example(sink: &mut Sink<'_>, rule: &Rule, examples: &[Example], reaches: impl Fn(&Situation) -> bool) {
    if !examples.iter().any(|example| reaches(&example.situation)) {
        sink.warn(Lint::RuleWithoutExample, rule.id_span, [(*rule.id).into()]);
    }
}
