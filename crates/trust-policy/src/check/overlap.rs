//! Inside one layer nothing overlaps: one rule, one trust entry, one disclosure at most for each question.

use huxin_attest::Kinds;

use crate::diagnostics::{Code, Sink, Span};
use crate::lang::Phrase;
use crate::model::{Disclosure, Rule, Trust};
use crate::vocabulary::Vocabulary;

/// Every pair, the later one first: that is the one to report.
fn pairs<T>(items: &[T]) -> impl Iterator<Item = (&T, &T)> {
    items
        .iter()
        .enumerate()
        .flat_map(|(index, later)| items.iter().take(index).map(move |earlier| (later, earlier)))
}

pub(super) fn rules(sink: &mut Sink<'_>, rules: &[Rule], vocabulary: &Vocabulary) {
    for (later, earlier) in pairs(rules) {
        let Some(cell) = later.when.shared(&earlier.when) else { continue };
        let line = sink.line(earlier.id_span);
        let example = cell.describe(vocabulary);
        let args = [(*later.id).into(), (*earlier.id).into(), example, line.into()];
        sink.report(Code::RulesOverlap, later.when_span, args);
    }
}

pub(super) fn trusts(sink: &mut Sink<'_>, trusts: &[Trust], vocabulary: &Vocabulary) {
    for (later, earlier) in pairs(trusts).filter(|(later, earlier)| later.kind == earlier.kind) {
        let (issuer, by) = (
            later.issuers.shared(earlier.issuers),
            later.departments.intersection(earlier.departments).iter().next(),
        );
        let (Some(issuer), Some(by)) = (issuer, by) else { continue };
        let (issuer_zh, issuer_en) = match issuer {
            Some(region) => (region.to_string(), region.to_string()),
            None => ("任一省".to_owned(), "any region".to_owned()),
        };
        let shared = Phrase::both(
            format!("{}，{issuer_zh}，{}", later.kind.name_zh(), vocabulary.name_zh(by)),
            format!("{}, {issuer_en}, {}", later.kind, vocabulary.name(by)),
        );
        entries(sink, (&later.id, later.id_span), (&earlier.id, earlier.id_span), shared);
    }
}

pub(super) fn disclosures(sink: &mut Sink<'_>, disclosures: &[Disclosure], vocabulary: &Vocabulary) {
    for (later, earlier) in pairs(disclosures) {
        let kinds: Kinds = later.kinds.intersection(earlier.kinds);
        let shared = (
            kinds.iter().next(),
            later.purposes.intersection(earlier.purposes).iter().next(),
            later.to_departments.intersection(earlier.to_departments).iter().next(),
        );
        let (Some(kind), Some(purpose), Some(to)) = shared else { continue };
        let shared = Phrase::both(
            format!("{}，{}，{}", kind.name_zh(), vocabulary.name_zh(purpose), vocabulary.name_zh(to)),
            format!("{kind}, {}, {}", vocabulary.name(purpose), vocabulary.name(to)),
        );
        entries(sink, (&later.id, later.id_span), (&earlier.id, earlier.id_span), shared);
    }
}

fn entries(sink: &mut Sink<'_>, later: (&str, Span), earlier: (&str, Span), shared: Phrase) {
    let line = sink.line(earlier.1);
    sink.report(Code::EntriesOverlap, later.1, [later.0.into(), earlier.0.into(), shared, line.into()]);
}
