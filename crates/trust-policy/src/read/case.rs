//! One case: its conditions, and what follows.

use huxin_attest::{Kind, Kinds};

use super::rule::present;
use super::{MAX_ITEMS, terms};
use crate::diagnostics::{Code, Sink, Span};
use crate::model::{Branch, Case, Conditions, Outcome, Within};
use crate::state::{Mask, State, Value};
use crate::terms::Set;
use crate::tree::{Fields, Ids, Node};
use crate::vocabulary::Vocabulary;

/// The id that decisions and examples use for the last branch.
pub(crate) const OTHERWISE: &str = "otherwise";
/// The time limit that the baseline's table gives.
const BY_PLACE: &str = "by_place";
/// The words for an outcome.
pub(super) const OUTCOMES: [(&str, Outcome); 2] = [("admit", Outcome::Admit), ("review", Outcome::Review)];

const CODE_VALUES: [Value; 4] = [Value::Green, Value::Contested, Value::Amber, Value::Red];
const TEST_VALUES: [Value; 2] = [Value::Negative, Value::Positive];

pub(super) fn read_case<'t>(
    sink: &mut Sink<'_>,
    node: Node<'t>,
    ask: Option<Kinds>,
    ids: &mut Ids<'t>,
    vocabulary: &Vocabulary,
) -> Option<Case> {
    let mut fields = node.table(sink)?;
    let id_node = fields.required(sink, "id");
    let id = id_node.and_then(|node| node.new_id(sink, ids));
    if let (Some(OTHERWISE), Some(node)) = (id, id_node) {
        sink.report(Code::ReservedId, node.span, [OTHERWISE.into()]);
    }
    let shown = id.unwrap_or("?");
    let conditions = read_conditions(sink, &mut fields, shown, ask, vocabulary);
    let branch = read_branch(sink, &mut fields, vocabulary);
    fields.finish(sink);
    Some(Case { id: id?.into(), id_span: id_node?.span, conditions: conditions?, branch: branch? })
}

/// `then`, `say`, `must`; the caller finishes the table.
pub(super) fn read_branch(
    sink: &mut Sink<'_>,
    fields: &mut Fields<'_>,
    vocabulary: &Vocabulary,
) -> Option<Branch> {
    let outcome = fields.required(sink, "then").and_then(|node| read_outcome(sink, node));
    let say = fields.optional("say").map(|node| node.text(sink));
    let must = fields.optional("must").map(|node| terms(sink, node, vocabulary));
    let (say, must) = (present(say)?, present(must)?);
    Some(Branch { outcome: outcome?, say: say.unwrap_or_default().into(), must: must.unwrap_or_default() })
}

pub(super) fn read_outcome(sink: &mut Sink<'_>, node: Node<'_>) -> Option<Outcome> {
    let word = node.string(sink)?;
    let found = OUTCOMES.iter().find(|(name, _)| *name == word).map(|(_, outcome)| *outcome);
    if found.is_none() {
        sink.report(Code::UnknownOutcome, node.span, [word.into()]);
    }
    found
}

fn read_conditions(
    sink: &mut Sink<'_>,
    fields: &mut Fields<'_>,
    case: &str,
    ask: Option<Kinds>,
    vocabulary: &Vocabulary,
) -> Option<Conditions> {
    let age_below = fields
        .optional("age_below")
        .map(|node| node.integer(sink, 1, 150).and_then(|age| u8::try_from(age).ok()));
    let mut evidence = |sink: &mut Sink<'_>, key: &'static str, kind: Kind| {
        let node = fields.optional(key)?;
        if ask.is_some_and(|ask| !ask.contains(kind)) {
            sink.report(Code::NotAsked, node.span, [case.into(), key.into(), kind.name().into()]);
        }
        Some(node)
    };
    let code = evidence(sink, "code", Kind::HealthCode).map(|node| read_mask(sink, node, &CODE_VALUES));
    let pcr = evidence(sink, "pcr", Kind::NucleicTest).map(|node| read_mask(sink, node, &TEST_VALUES));
    let pcr_within = evidence(sink, "pcr_within", Kind::NucleicTest).map(|node| read_within(sink, node));
    let exam_item = evidence(sink, "exam_item", Kind::ExamResult).map(|node| terms(sink, node, vocabulary));
    let exam_quality =
        evidence(sink, "exam_quality", Kind::ExamResult).map(|node| terms(sink, node, vocabulary));
    let exam_within = evidence(sink, "exam_within", Kind::ExamResult).map(|node| {
        if node.is_word(BY_PLACE) {
            sink.report(Code::ByPlaceOnlyTests, node.span, [node.key.into()]);
            return None;
        }
        node.duration(sink)
    });
    Some(Conditions {
        age_below: present(age_below)?,
        code: present(code)?,
        pcr: present(pcr)?,
        pcr_within: present(pcr_within)?,
        exam_item: present::<Set<_>>(exam_item)?,
        exam_quality: present::<Set<_>>(exam_quality)?,
        exam_within: present(exam_within)?,
    })
}

fn read_within(sink: &mut Sink<'_>, node: Node<'_>) -> Option<(Within, Span)> {
    if node.is_word(BY_PLACE) {
        return Some((Within::ByPlace, node.span));
    }
    node.duration(sink).map(|limit| (Within::Minutes(limit), node.span))
}

/// Values and states by name.
fn read_mask(sink: &mut Sink<'_>, node: Node<'_>, values: &[Value]) -> Option<Mask> {
    let words: Vec<(&str, Mask)> = values
        .iter()
        .map(|value| (value.name(), Mask::of_value(*value)))
        .chain(State::ALL.map(|state| (state.name(), Mask::of_state(state))))
        .collect();
    let mut all = Mask::default();
    let mut good = true;
    for element in node.filled_list(sink, MAX_ITEMS)? {
        let Some(word) = element.string(sink) else {
            good = false;
            continue;
        };
        match words.iter().find(|(name, _)| *name == word) {
            Some((name, bit)) if all.meets(*bit) => {
                sink.report(Code::RepeatedValue, element.span, [(*name).into()]);
                good = false;
            }
            Some((_, bit)) => all = all.with(*bit),
            None => {
                let known = words.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                let args = [node.key.into(), word.into(), known.into()];
                sink.report(Code::UnknownEvidence, element.span, args);
                good = false;
            }
        }
    }
    good.then_some(all)
}
