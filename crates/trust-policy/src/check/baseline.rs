//! The baseline by itself, and beside its vocabulary.

use super::{hours, overlap};
use crate::diagnostics::{Code, Sink};
use crate::model::Baseline;
use crate::vocabulary::Vocabulary;

pub(crate) fn check(sink: &mut Sink<'_>, baseline: &Baseline, vocabulary: &Vocabulary) {
    let (id, version, at) = &baseline.vocabulary;
    if **id != *vocabulary.id || *version != vocabulary.version {
        let named = format!("{id} v{version}");
        let given = format!("{} v{}", vocabulary.id, vocabulary.version);
        sink.report(Code::WrongVocabulary, *at, [named.into(), given.into()]);
    }
    overlap::rules(sink, &baseline.rules, vocabulary);
    overlap::trusts(sink, &baseline.trusts, vocabulary);
    overlap::disclosures(sink, &baseline.disclosures, vocabulary);
    hours::check(sink, &baseline.rules, &baseline.hours, vocabulary);
}
