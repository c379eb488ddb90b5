//! `[grades]` and `[hours.by_place]`.

use huxin_attest::{Label, RegionCode};

use super::terms::named;
use crate::diagnostics::{Code, Sink};
use crate::grade::Grade;
use crate::lang::Phrase;
use crate::model::{Grades, Hours, Labels};
use crate::tree::Node;
use crate::vocabulary::Vocabulary;

/// The table for every province.
const ALL: &str = "all";

pub(super) fn read_grades(sink: &mut Sink<'_>, node: Node<'_>) -> Grades {
    let mut grades = Grades::default();
    let Some(fields) = node.table(sink) else { return grades };
    for (key, at, node) in fields.entries() {
        let table = read_labels(sink, node);
        match (key, key.parse::<RegionCode>()) {
            (ALL, _) => {
                grades.all = table;
                grades.spans.push((None, at));
            }
            (_, Ok(region)) => {
                grades.by_region.push((region, table));
                grades.spans.push((Some(region), at));
            }
            (_, Err(_)) => {
                let or_all = Phrase::both("，或 all（各省通用）", ", or all");
                sink.report(Code::BadRegion, at, [key.into(), or_all]);
            }
        }
    }
    grades.by_region.sort_by_key(|(region, _)| *region);
    grades
}

fn read_labels(sink: &mut Sink<'_>, node: Node<'_>) -> Labels {
    let words = Grade::ALL.map(|grade| (grade.name(), grade));
    let mut labels = Vec::new();
    let Some(fields) = node.table(sink) else { return labels };
    for (label, at, node) in fields.entries() {
        if label.parse::<Label>().is_err() {
            sink.report(Code::BadText, at, [label.into(), Label::MAX_LEN.into()]);
        }
        labels.extend(node.word(sink, &words).map(|grade| (label.into(), grade)));
    }
    labels.sort();
    labels
}

pub(super) fn read_hours(sink: &mut Sink<'_>, node: Node<'_>, vocabulary: &Vocabulary) -> Hours {
    let mut cells = Vec::new();
    let Some(mut fields) = node.table(sink) else { return Hours::default() };
    let table = fields.required(sink, "by_place").and_then(|node| node.table(sink));
    fields.finish(sink);
    for (name, at, node) in table.into_iter().flat_map(|table| table.entries()) {
        let place = named(sink, name, at, vocabulary);
        let Some(row) = node.table(sink) else { continue };
        for (name, at, node) in row.entries() {
            let risk = named(sink, name, at, vocabulary);
            let limit = node.duration(sink);
            if let (Some(place), Some(risk), Some(limit)) = (place, risk, limit) {
                cells.push((place, risk, limit));
            }
        }
    }
    Hours(cells)
}
