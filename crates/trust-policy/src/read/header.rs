//! `[policy]`: what a file is, who answers for it, and when it holds.

use huxin_attest::{RegionCode, UnixMs, sha256};

use crate::diagnostics::{Code, Sink, Span};
use crate::model::Header;
use crate::tree::{Fields, Node};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    National,
    Provincial,
}

impl Layer {
    const fn name(self) -> &'static str {
        match self {
            Self::National => "national",
            Self::Provincial => "provincial",
        }
    }
}

/// Reads the keys that both layers share; the caller reads its own and finishes.
pub(super) fn read_common(sink: &mut Sink<'_>, fields: &mut Fields<'_>, layer: Layer) -> Option<Header> {
    check_format(sink, fields);
    check_layer(sink, fields, layer);
    let id = fields.required(sink, "id").and_then(|node| Some((node.id(sink)?, node.span)));
    let version = fields.required(sink, "version").and_then(|node| node.count(sink));
    let title = fields.required(sink, "title").and_then(|node| node.text(sink));
    let owner = fields.required(sink, "owner").and_then(|node| node.text(sink));
    let basis = read_basis(sink, fields);
    let period = read_period(sink, fields);
    let digest = sha256(&[sink.source().text.as_bytes()]);
    let ((id, id_span), (basis, basis_span)) = (id?, basis?);
    let Period { from, until, until_span } = period?;
    Some(Header {
        id: id.into(),
        id_span,
        version: version?,
        title: title?.into(),
        owner: owner?.into(),
        basis,
        basis_span,
        from,
        until,
        until_span,
        digest,
    })
}

/// `basis`, with its place.
pub(super) fn read_basis(sink: &mut Sink<'_>, fields: &mut Fields<'_>) -> Option<(Box<str>, Span)> {
    let node = fields.required(sink, "basis")?;
    Some((node.text(sink)?.into(), node.span))
}

/// When something holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Period {
    /// Inclusive.
    pub(crate) from: UnixMs,
    /// Exclusive, and later than `from`.
    pub(crate) until: UnixMs,
    pub(crate) until_span: Span,
}

/// `from` and `until`.
pub(crate) fn read_period(sink: &mut Sink<'_>, fields: &mut Fields<'_>) -> Option<Period> {
    let from = fields.required(sink, "from").and_then(|node| node.instant(sink));
    let until_node = fields.required(sink, "until");
    let until = until_node.and_then(|node| node.instant(sink));
    let (from, until, until_span) = (from?, until?, until_node?.span);
    if from >= until {
        sink.report(Code::PeriodReversed, until_span, []);
        return None;
    }
    Some(Period { from, until, until_span })
}

fn check_format(sink: &mut Sink<'_>, fields: &mut Fields<'_>) {
    let Some(node) = fields.required(sink, "format") else { return };
    match node.integer(sink, i64::MIN, i64::MAX) {
        Some(1) | None => {}
        Some(other) => sink.report(Code::UnknownFormat, node.span, [other.into()]),
    }
}

fn check_layer(sink: &mut Sink<'_>, fields: &mut Fields<'_>, wanted: Layer) {
    let Some(node) = fields.required(sink, "layer") else { return };
    let words = [Layer::National, Layer::Provincial].map(|layer| (layer.name(), layer));
    match node.word(sink, &words) {
        Some(layer) if layer != wanted => {
            sink.report(Code::WrongLayer, node.span, [layer.name().into(), wanted.name().into()]);
        }
        _ => {}
    }
}

/// `vocabulary = { id, version }` of a baseline.
pub(super) fn read_vocabulary(sink: &mut Sink<'_>, fields: &mut Fields<'_>) -> Option<(Box<str>, u32, Span)> {
    let node = fields.required(sink, "vocabulary")?;
    let mut reference = node.table(sink)?;
    let id = reference.required(sink, "id").and_then(|node| node.id(sink));
    let version = reference.required(sink, "version").and_then(|node| node.count(sink));
    reference.finish(sink);
    Some((id?.into(), version?, node.span))
}

/// A text that stays with its place.
pub(super) fn spanned_id(sink: &mut Sink<'_>, node: Option<Node<'_>>) -> Option<(Box<str>, Span)> {
    node.and_then(|node| Some((node.id(sink)?.into(), node.span)))
}

/// A region that stays with its place.
pub(super) fn spanned_region(sink: &mut Sink<'_>, node: Option<Node<'_>>) -> Option<(RegionCode, Span)> {
    node.and_then(|node| Some((node.region(sink)?, node.span)))
}
