//! `[[trust]]`, `[[disclose]]` and `[[distrust]]`.

use huxin_attest::{Kind, Kinds};

use super::header::{Period, read_basis, read_period};
use super::rule::present;
use super::{MAX_ITEMS, terms};
use crate::diagnostics::{Code, Sink};
use crate::lang::Phrase;
use crate::model::{Disclosure, Distrust, DistrustLimits, Foundation, Issuers, MeasuredFrom, Trust};
use crate::tree::{Fields, Ids, Node};
use crate::vocabulary::Vocabulary;

const MEASURED_FROM: [(&str, MeasuredFrom); 3] = [
    ("sampled_at", MeasuredFrom::Sample),
    ("reported_at", MeasuredFrom::Report),
    ("checked_at", MeasuredFrom::Check),
];

pub(super) fn read_trust<'t>(
    sink: &mut Sink<'_>,
    mut fields: Fields<'t>,
    ids: &mut Ids<'t>,
    vocabulary: &Vocabulary,
) -> Option<Trust> {
    let id_node = fields.required(sink, "id");
    let id = id_node.and_then(|node| node.new_id(sink, ids));
    let kind = fields.required(sink, "kind").and_then(|node| node.kind(sink));
    let issuers = fields.required(sink, "issuers").and_then(|node| read_issuers(sink, node));
    let departments = fields.required(sink, "departments").and_then(|node| terms(sink, node, vocabulary));
    let max_age = fields.required(sink, "max_age").and_then(|node| node.duration(sink));
    let measured_from =
        fields.required(sink, "measured_from").and_then(|node| node.word(sink, &MEASURED_FROM));
    let red_or_amber = fields.optional("red_or_amber").map(|node| {
        if kind.is_some_and(|kind| kind != Kind::HealthCode) {
            sink.report(Code::CodeOnly, node.span, [node.key.into()]);
        }
        read_foundation(sink, node, vocabulary)
    });
    let limits = fields.optional("province_may_distrust").map(|node| read_limits(sink, node));
    fields.finish(sink);
    Some(Trust {
        id: id?.into(),
        id_span: id_node?.span,
        kind: kind?,
        issuers: issuers?,
        departments: departments?,
        max_age: max_age?,
        measured_from: measured_from?,
        red_or_amber: present(red_or_amber)?,
        province_may_distrust: present(limits)?,
    })
}

fn read_foundation(sink: &mut Sink<'_>, node: Node<'_>, vocabulary: &Vocabulary) -> Option<Foundation> {
    let mut fields = node.table(sink)?;
    let assigners = fields.required(sink, "assigners").and_then(|node| terms(sink, node, vocabulary));
    let assigned_for = fields.required(sink, "assigned_for").and_then(|node| terms(sink, node, vocabulary));
    let evidence_any = fields.required(sink, "evidence_any").and_then(|node| terms(sink, node, vocabulary));
    fields.finish(sink);
    Some(Foundation { assigners: assigners?, assigned_for: assigned_for?, evidence_any: evidence_any? })
}

fn read_limits(sink: &mut Sink<'_>, node: Node<'_>) -> Option<DistrustLimits> {
    let mut fields = node.table(sink)?;
    let days = fields.required(sink, "days").and_then(|node| node.count(sink));
    let issuers = fields.required(sink, "issuers").and_then(|node| node.count(sink));
    let pause = fields.required(sink, "again_after_days").and_then(|node| node.integer(sink, 0, 36_500));
    let again_after_days = pause.and_then(|days| u32::try_from(days).ok());
    fields.finish(sink);
    Some(DistrustLimits { days: days?, issuers: issuers?, again_after_days: again_after_days? })
}

/// Two-digit member codes, or `all` alone.
fn read_issuers(sink: &mut Sink<'_>, node: Node<'_>) -> Option<Issuers> {
    let elements = node.filled_list(sink, MAX_ITEMS)?;
    if let [only] = elements.as_slice()
        && only.is_word("all")
    {
        return Some(Issuers::ALL);
    }
    let mut issuers = Issuers::NONE;
    let mut good = true;
    for element in elements {
        let Some(text) = element.string(sink) else {
            good = false;
            continue;
        };
        match text.parse() {
            Ok(region) if issuers.contains(region) => {
                sink.report(Code::RepeatedValue, element.span, [text.into()]);
                good = false;
            }
            Ok(region) => issuers = issuers.with(region),
            Err(_) => {
                let or_all =
                    Phrase::both("；全部成员只写 [\"all\"]", "; for every member write [\"all\"] alone");
                sink.report(Code::BadRegion, element.span, [text.into(), or_all]);
                good = false;
            }
        }
    }
    good.then_some(issuers)
}

pub(super) fn read_disclosure<'t>(
    sink: &mut Sink<'_>,
    mut fields: Fields<'t>,
    ids: &mut Ids<'t>,
    vocabulary: &Vocabulary,
) -> Option<Disclosure> {
    let id_node = fields.required(sink, "id");
    let id = id_node.and_then(|node| node.new_id(sink, ids));
    let kinds = fields.required(sink, "kinds").and_then(|node| filled_kinds(sink, node));
    let purposes = fields.required(sink, "purposes").and_then(|node| terms(sink, node, vocabulary));
    let to_departments =
        fields.required(sink, "to_departments").and_then(|node| terms(sink, node, vocabulary));
    let rate = fields.required(sink, "per_peer_per_minute").and_then(|node| node.count(sink));
    let misses = fields.required(sink, "misses_per_peer_per_hour").and_then(|node| node.count(sink));
    fields.finish(sink);
    Some(Disclosure {
        id: id?.into(),
        kinds: kinds?,
        purposes: purposes?,
        to_departments: to_departments?,
        per_peer_per_minute: rate?,
        misses_per_peer_per_hour: misses?,
        id_span: id_node?.span,
    })
}

fn filled_kinds(sink: &mut Sink<'_>, node: Node<'_>) -> Option<Kinds> {
    let kinds = node.kinds(sink)?;
    if kinds.is_empty() {
        sink.report(Code::Empty, node.span, [node.key.into()]);
        return None;
    }
    Some(kinds)
}

pub(super) fn read_distrust<'t>(
    sink: &mut Sink<'_>,
    mut fields: Fields<'t>,
    ids: &mut Ids<'t>,
    vocabulary: &Vocabulary,
) -> Option<Distrust> {
    let id_node = fields.required(sink, "id");
    let id = id_node.and_then(|node| node.new_id(sink, ids));
    let kind = fields.required(sink, "kind").and_then(|node| node.kind(sink));
    let issuers = fields.required(sink, "issuers").and_then(|node| read_issuers(sink, node));
    let departments = fields.optional("departments").map(|node| terms(sink, node, vocabulary));
    let say = fields.required(sink, "say").and_then(|node| node.text(sink));
    let owner = fields.required(sink, "owner").and_then(|node| node.text(sink));
    let basis = read_basis(sink, &mut fields);
    let period = read_period(sink, &mut fields);
    fields.finish(sink);
    let ((basis, basis_span), Period { from, until, .. }) = (basis?, period?);
    Some(Distrust {
        id: id?.into(),
        id_span: id_node?.span,
        kind: kind?,
        issuers: issuers?,
        departments: present(departments)?,
        say: say?.into(),
        owner: owner?.into(),
        basis,
        basis_span,
        from,
        until,
    })
}
