//! `by_place`: the baseline's table must have a cell for every place and risk in the rule's box.

use crate::diagnostics::{Code, Sink};
use crate::lang::Phrase;
use crate::model::{Hours, Rule, Within};
use crate::vocabulary::Vocabulary;

pub(super) fn check(sink: &mut Sink<'_>, rules: &[Rule], hours: &Hours, vocabulary: &Vocabulary) {
    for rule in rules {
        for case in &rule.cases {
            let Some((Within::ByPlace, at)) = case.conditions.pcr_within else { continue };
            let Some(places) = rule.when.places else {
                sink.report(Code::HoursWithoutPlace, at, [(*rule.id).into()]);
                continue;
            };
            for place in places.iter() {
                for risk in rule.when.here.unwrap_or_else(|| vocabulary.all()).iter() {
                    if hours.limit(place, risk).is_none() {
                        let names = [
                            Phrase::both(vocabulary.name_zh(place), vocabulary.name(place)),
                            Phrase::both(vocabulary.name_zh(risk), vocabulary.name(risk)),
                        ];
                        sink.report(Code::MissingHours, at, names);
                    }
                }
            }
        }
    }
}
