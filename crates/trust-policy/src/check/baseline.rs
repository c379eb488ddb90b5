//! The baseline by itself, and beside its vocabulary.

use super::{dead, hours, overlap};
use crate::compare::Space;
use crate::diagnostics::{Code, Sink};
use crate::model::Baseline;
use crate::read::baseline::Parts;
use crate::vocabulary::Vocabulary;

/// Whether its entries fit each other, as far as they could be read.
pub(crate) fn check_entries(sink: &mut Sink<'_>, parts: &Parts, vocabulary: &Vocabulary) {
    overlap::rules(sink, &parts.rules, vocabulary);
    overlap::trusts(sink, &parts.trusts, vocabulary);
    overlap::disclosures(sink, &parts.disclosures, vocabulary);
    hours::check(sink, &parts.rules, &parts.hours, vocabulary);
}

/// Whether it names the vocabulary that was given.
pub(crate) fn check_vocabulary(sink: &mut Sink<'_>, baseline: &Baseline, vocabulary: &Vocabulary) {
    let (id, version, at) = &baseline.vocabulary;
    if **id != *vocabulary.id || *version != vocabulary.version {
        let named = format!("{id} v{version}");
        let given = format!("{} v{}", vocabulary.id, vocabulary.version);
        sink.report(Code::WrongVocabulary, *at, [named.into(), given.into()]);
    }
}

/// Whether every case of its rules can match.
pub(crate) fn check_cases(sink: &mut Sink<'_>, baseline: &Baseline, vocabulary: &Vocabulary) {
    dead::check(sink, &baseline.rules, &Space::new(baseline, vocabulary));
}
