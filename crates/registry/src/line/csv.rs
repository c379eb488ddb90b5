//! A line of CSV (RFC 4180): comma, double quotes, a header with the names of the fields in any order.
//!
//! No value of a fact may hold a line break, so a line is a record: a quote that is left open spoils one line only. An
//! empty cell is a field that is not stated. Evidence is written `kind:digest`, several of them with `;` between.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use csv::{ReaderBuilder, StringRecord, WriterBuilder};

use super::raw::{self, Raw, RawEvidence, Text};
use super::{FactLine, HeaderError, LineError};

/// The columns, in the order in which they are written.
const COLUMNS: [&str; 21] = [
    "document_type",
    "number",
    "kind",
    "hop",
    "region",
    "native_label",
    "status",
    "local_reason",
    "assigner",
    "assigner_role",
    "assigned_for",
    "evidence",
    "sampled_at",
    "reported_at",
    "result",
    "item",
    "quality",
    "valid_until",
    "appeal",
    "stated_at",
    "subject_salt",
];
/// The columns without which a line is no fact.
const MANDATORY: [&str; 3] = ["document_type", "number", "kind"];

/// Which column of a file is which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header(Vec<&'static str>);

impl Header {
    /// Reads the first line.
    pub(super) fn read(line: &str) -> Result<Self, HeaderError> {
        let cells = record(line).map_err(|_| HeaderError::Quote)?;
        let mut columns = Vec::with_capacity(cells.len());
        for (cell, column) in cells.iter().zip(1..) {
            let known = COLUMNS.into_iter().find(|name| *name == cell);
            let name = known.ok_or(HeaderError::UnknownColumn { column })?;
            if columns.contains(&name) {
                return Err(HeaderError::DuplicateColumn { column, name });
            }
            columns.push(name);
        }
        match MANDATORY.into_iter().find(|name| !columns.contains(name)) {
            Some(name) => Err(HeaderError::MissingColumn { name }),
            None => Ok(Self(columns)),
        }
    }

    /// Reads a line below the header.
    pub(super) fn read_line(&self, line: &str) -> Result<FactLine, LineError> {
        let cells = record(line)?;
        if cells.len() != self.0.len() {
            return Err(LineError::Columns { found: cells.len(), expected: self.0.len() });
        }
        let mut raw = Raw::default();
        for (column, cell) in self.0.iter().zip(cells.iter()) {
            if !cell.is_empty() {
                put(&mut raw, column, cell)?;
            }
        }
        raw::read(raw)
    }
}

/// The header of all columns, without a line feed.
pub(super) fn header() -> String {
    join(&COLUMNS)
}

pub(super) fn write(fact: &FactLine) -> String {
    let mut raw = raw::write(fact);
    join(&COLUMNS.map(|column| cell(&mut raw, column)))
}

/// The cells of one line.
fn record(line: &str) -> Result<StringRecord, LineError> {
    // The reader takes an open quote at the end of its input for a closed one.
    if line.bytes().filter(|byte| *byte == b'"').count() % 2 != 0 {
        return Err(LineError::Quote);
    }
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .buffer_capacity(line.len().max(1))
        .from_reader(line.as_bytes());
    let mut record = StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(_) if reader.position().line() <= 2 => Ok(record),
        _ => Err(LineError::Quote),
    }
}

fn put<'a>(raw: &mut Raw<'a>, column: &'static str, cell: &'a str) -> Result<(), LineError> {
    match column {
        "document_type" => raw.document_type = number(cell, column)?,
        "number" => raw.number = cell.into(),
        "kind" => raw.kind = cell.into(),
        "hop" => raw.hop = number(cell, column)?,
        "evidence" => raw.evidence = cell.split(';').map(evidence).collect::<Result<_, _>>()?,
        _ => {
            if let Some(text) = text(raw, column) {
                *text = Some(cell.into());
            }
        }
    }
    Ok(())
}

fn cell<'a>(raw: &mut Raw<'a>, column: &'static str) -> Cow<'a, str> {
    match column {
        "document_type" => raw.document_type.to_string().into(),
        "number" => std::mem::take(&mut raw.number),
        "kind" => std::mem::take(&mut raw.kind),
        "hop" if raw.hop > 0 => raw.hop.to_string().into(),
        "evidence" => {
            let all = raw.evidence.iter().map(|RawEvidence { kind, digest }| format!("{kind}:{digest}"));
            all.collect::<Vec<_>>().join(";").into()
        }
        _ => text(raw, column).and_then(Option::take).unwrap_or_default(),
    }
}

/// The field of a column that holds text.
fn text<'r, 'a>(raw: &'r mut Raw<'a>, column: &str) -> Option<&'r mut Text<'a>> {
    Some(match column {
        "region" => &mut raw.region,
        "native_label" => &mut raw.native_label,
        "status" => &mut raw.status,
        "local_reason" => &mut raw.local_reason,
        "assigner" => &mut raw.assigner,
        "assigner_role" => &mut raw.assigner_role,
        "assigned_for" => &mut raw.assigned_for,
        "sampled_at" => &mut raw.sampled_at,
        "reported_at" => &mut raw.reported_at,
        "result" => &mut raw.result,
        "item" => &mut raw.item,
        "quality" => &mut raw.quality,
        "valid_until" => &mut raw.valid_until,
        "appeal" => &mut raw.appeal,
        "stated_at" => &mut raw.stated_at,
        "subject_salt" => &mut raw.subject_salt,
        _ => return None,
    })
}

fn number<N: FromStr + Display>(cell: &str, column: &'static str) -> Result<N, LineError> {
    let number: N = cell.parse().map_err(|_| LineError::Field(column))?;
    // `+1` and `01` are other files' ways to write a number.
    if number.to_string() == cell { Ok(number) } else { Err(LineError::Field(column)) }
}

fn evidence(text: &str) -> Result<RawEvidence<'_>, LineError> {
    let (kind, digest) = text.split_once(':').ok_or(LineError::Field("evidence"))?;
    Ok(RawEvidence { kind: kind.into(), digest: digest.into() })
}

/// One line of cells, quoted where they must be.
fn join(cells: &[impl AsRef<str>]) -> String {
    let mut writer = WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    // A vector takes whatever is written.
    let _ = writer.write_record(cells.iter().map(AsRef::as_ref));
    let mut line = writer.into_inner().unwrap_or_default();
    line.truncate(line.trim_ascii_end().len());
    String::from_utf8(line).unwrap_or_default()
}
