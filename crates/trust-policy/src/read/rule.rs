//! `[[rule]]`: its box, what it asks, and its branches.

use huxin_attest::{AreaPrefix, Kinds};

use super::case::{read_branch, read_case};
use super::header::{read_basis, spanned_id};
use super::{MAX_ITEMS, terms};
use crate::diagnostics::{Code, Sink, Span};
use crate::model::{Branch, Case, ProvinceMay, Rule};
use crate::tree::{Fields, Ids, Node};
use crate::vocabulary::Vocabulary;
use crate::when::When;

/// What an overlay may do to a rule, as files write it.
pub(super) const PROVINCE_MAY: [(&str, ProvinceMay); 4] = words();

const fn words() -> [(&'static str, ProvinceMay); 4] {
    let [a, b, c, d] = ProvinceMay::ALL;
    [(a.name(), a), (b.name(), b), (c.name(), c), (d.name(), d)]
}

/// Which file a rule stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Baseline,
    Overlay,
}

pub(super) fn read_rule<'t>(
    sink: &mut Sink<'_>,
    mut fields: Fields<'t>,
    slot: Slot,
    ids: &mut Ids<'t>,
    vocabulary: &Vocabulary,
) -> Option<Rule> {
    let id_node = fields.required(sink, "id");
    let id = id_node.and_then(|node| node.new_id(sink, ids));
    let shown = id.unwrap_or("?");
    let title = fields.required(sink, "title").and_then(|node| node.text(sink));
    let when_node = fields.required(sink, "when");
    let mut area_spans = Vec::new();
    let when = when_node.and_then(|node| read_when(sink, node, vocabulary, &mut area_spans));
    let ask_node = fields.required(sink, "ask");
    let ask = ask_node.and_then(|node| node.kinds(sink));
    let branches = read_branches(sink, &mut fields, shown, ask, vocabulary);
    let owner = fields.required(sink, "owner").and_then(|node| node.text(sink));
    let basis = read_basis(sink, &mut fields);
    let province_may = match slot {
        Slot::Baseline => {
            let node = fields.required(sink, "province_may");
            node.and_then(|node| node.word(sink, &PROVINCE_MAY)).map(Some)
        }
        Slot::Overlay => Some(None),
    };
    let replaces = match slot {
        Slot::Baseline => None,
        Slot::Overlay => fields.optional("replaces").map(|node| spanned_id(sink, Some(node))),
    };
    fields.finish(sink);
    let ((cases, otherwise), (basis, basis_span)) = (branches?, basis?);
    Some(Rule {
        id: id?.into(),
        id_span: id_node?.span,
        title: title?.into(),
        when: when?,
        when_span: when_node?.span,
        area_spans,
        ask: ask?,
        ask_span: ask_node?.span,
        cases,
        otherwise,
        owner: owner?.into(),
        basis,
        basis_span,
        province_may: province_may?,
        replaces: present(replaces)?,
    })
}

fn read_when(
    sink: &mut Sink<'_>,
    node: Node<'_>,
    vocabulary: &Vocabulary,
    area_spans: &mut Vec<Span>,
) -> Option<When> {
    let mut fields = node.table(sink)?;
    let purposes = fields.required(sink, "purpose").and_then(|node| terms(sink, node, vocabulary));
    let places = fields.optional("place").map(|node| terms(sink, node, vocabulary));
    let here = fields.optional("here_risk").map(|node| terms(sink, node, vocabulary));
    let from = fields.optional("from_risk").map(|node| terms(sink, node, vocabulary));
    let areas = fields.optional("area").map(|node| read_areas(sink, node, area_spans));
    fields.finish(sink);
    Some(When {
        purposes: purposes?,
        places: present(places)?,
        here: present(here)?,
        from: present(from)?,
        areas: present(areas)?,
    })
}

/// A key that is absent is fine; one that is there and wrong is not.
pub(super) fn present<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        None => Some(None),
        Some(value) => value.map(Some),
    }
}

fn read_areas(sink: &mut Sink<'_>, node: Node<'_>, spans: &mut Vec<Span>) -> Option<Vec<AreaPrefix>> {
    let mut areas: Vec<AreaPrefix> = Vec::new();
    let mut good = true;
    for element in node.filled_list(sink, MAX_ITEMS)? {
        match element.prefix(sink) {
            Some(area) if areas.contains(&area) => {
                sink.report(Code::RepeatedValue, element.span, [area.to_string().into()]);
                good = false;
            }
            Some(area) => {
                areas.push(area);
                spans.push(element.span);
            }
            None => good = false,
        }
    }
    good.then_some(areas)
}

fn read_branches(
    sink: &mut Sink<'_>,
    fields: &mut Fields<'_>,
    rule: &str,
    ask: Option<Kinds>,
    vocabulary: &Vocabulary,
) -> Option<(Vec<Case>, Option<Branch>)> {
    let cases_node = fields.optional("cases");
    let otherwise_node = fields.optional("otherwise");
    let mut cases = Some(Vec::new());
    let mut ids = Ids::default();
    for node in cases_node.and_then(|node| node.list(sink, MAX_ITEMS)).unwrap_or_default() {
        let case = read_case(sink, node, ask, &mut ids, vocabulary);
        cases = cases.zip(case).map(|(mut all, case)| {
            all.push(case);
            all
        });
    }
    let otherwise = otherwise_node.map(|node| read_branch_alone(sink, node, vocabulary));
    match ask {
        Some(ask) if ask.is_empty() => {
            let extra = [cases_node, otherwise_node].into_iter().flatten();
            extra.for_each(|node| sink.report(Code::NothingAsked, node.span, [rule.into(), node.key.into()]));
        }
        Some(_) if otherwise_node.is_none() => {
            let at: Span = fields.span;
            sink.report(Code::MissingOtherwise, at, [rule.into()]);
        }
        _ => {}
    }
    Some((cases?, present(otherwise)?))
}

fn read_branch_alone(sink: &mut Sink<'_>, node: Node<'_>, vocabulary: &Vocabulary) -> Option<Branch> {
    let mut fields = node.table(sink)?;
    let branch = read_branch(sink, &mut fields, vocabulary);
    fields.finish(sink);
    branch
}
