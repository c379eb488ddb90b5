//! Values of the vocabulary, single and as sets.

use super::MAX_ITEMS;
use crate::diagnostics::{Code, Sink, Span};
use crate::terms::{Set, Term};
use crate::tree::Node;
use crate::vocabulary::Vocabulary;

/// One term of the list that the caller's type names.
pub(crate) fn term<T: Term>(sink: &mut Sink<'_>, node: Node<'_>, vocabulary: &Vocabulary) -> Option<T> {
    let name = node.string(sink)?;
    named(sink, name, node.span, vocabulary)
}

/// As [`term`], for a name that is itself a key.
pub(super) fn named<T: Term>(
    sink: &mut Sink<'_>,
    name: &str,
    at: Span,
    vocabulary: &Vocabulary,
) -> Option<T> {
    let found = vocabulary.find(name);
    if found.is_none() {
        let (list, known) = (T::LIST.name(), vocabulary.names(T::LIST));
        sink.report(Code::NotInVocabulary, at, [list.into(), name.into(), known.into()]);
    }
    found
}

/// A set of terms, not empty and without repetition.
pub(crate) fn terms<T: Term>(sink: &mut Sink<'_>, node: Node<'_>, vocabulary: &Vocabulary) -> Option<Set<T>> {
    let mut set = Set::default();
    let mut good = true;
    for element in node.filled_list(sink, MAX_ITEMS)? {
        match term::<T>(sink, element, vocabulary) {
            Some(term) if set.contains(term) => {
                sink.report(Code::RepeatedValue, element.span, [vocabulary.name(term).into()]);
                good = false;
            }
            Some(term) => set = set.with(term),
            None => good = false,
        }
    }
    good.then_some(set)
}
