//! Why a line, or the header of a file, is refused. Each has a stable reason for machines; none quotes what was read.

use huxin_attest::{ClaimsError, DocumentError};

use super::MAX_LINE;

/// Why a line is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Longer than [`MAX_LINE`].
    #[error("the line is longer than {MAX_LINE} bytes")]
    TooLong,
    /// Not UTF-8.
    #[error("the line is not UTF-8 text; save the file in UTF-8")]
    NotUtf8,
    /// The file ends inside this line.
    #[error("the file ends inside this line; it was cut off, or lacks the line feed at its end")]
    CutOff,
    /// Not JSON.
    #[error("the line is not JSON at column {column}")]
    NotJson {
        /// Counted in bytes from 1.
        column: usize,
    },
    /// JSON, but not an object with the known fields, each once and of its type.
    #[error(
        "the line is no object with the known fields, each once and of its type; see column {column} and before"
    )]
    NotAFact {
        /// Counted in bytes from 1.
        column: usize,
    },
    /// A quoted cell that does not end on its line.
    #[error("a quoted cell is not closed on its line; no value may hold a line break")]
    Quote,
    /// Another number of cells than the header has.
    #[error("the line has {found} cells, the header {expected}")]
    Columns {
        /// In the line.
        found: usize,
        /// In the header.
        expected: usize,
    },
    /// The document is none.
    #[error("{0}")]
    Document(#[from] DocumentError),
    /// A field has a value that it cannot have.
    #[error("the field {0} has a value that it cannot have; see the format")]
    Field(&'static str),
    /// The fields do not make a statement.
    #[error("{0}")]
    Claims(#[from] ClaimsError),
}

/// Why a file of CSV is refused by its first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Not UTF-8.
    #[error("the header is not UTF-8 text; save the file in UTF-8")]
    NotUtf8,
    /// Longer than [`MAX_LINE`].
    #[error("the header is longer than {MAX_LINE} bytes")]
    TooLong,
    /// A quoted name that does not end on its line.
    #[error("a quoted name in the header is not closed on its line")]
    Quote,
    /// A name that no field has.
    #[error(
        "column {column} of the header is named like no field; the first line must be a header, see the format"
    )]
    UnknownColumn {
        /// Counted from 1.
        column: usize,
    },
    /// A name that stands twice.
    #[error("column {column} of the header names {name} a second time")]
    DuplicateColumn {
        /// Counted from 1.
        column: usize,
        /// The field.
        name: &'static str,
    },
    /// A mandatory field has no column.
    #[error("the header has no column {name}, which every fact needs")]
    MissingColumn {
        /// The field.
        name: &'static str,
    },
}

impl LineError {
    /// The stable reason.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TooLong => "line_too_long",
            Self::NotUtf8 => "line_not_utf8",
            Self::CutOff => "line_cut_off",
            Self::NotJson { .. } => "line_not_json",
            Self::NotAFact { .. } => "line_not_a_fact",
            Self::Quote => "line_quote_open",
            Self::Columns { .. } => "line_cells",
            Self::Document(_) => "line_document",
            Self::Field(_) => "line_field",
            Self::Claims(_) => "line_claims",
        }
    }

    /// The field that is to blame, where it is one.
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Field(name) => Some(name),
            Self::Document(DocumentError::Type) => Some("document_type"),
            Self::Document(_) => Some("number"),
            Self::Claims(ClaimsError::Missing { field, .. } | ClaimsError::Forbidden { field, .. }) => {
                Some(field.name())
            }
            Self::Claims(ClaimsError::SampledAfterReport) => Some("sampled_at"),
            _ => None,
        }
    }
}

impl HeaderError {
    /// The stable reason.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotUtf8 => "header_not_utf8",
            Self::TooLong => "header_too_long",
            Self::Quote => "header_quote_open",
            Self::UnknownColumn { .. } => "header_unknown_column",
            Self::DuplicateColumn { .. } => "header_duplicate_column",
            Self::MissingColumn { .. } => "header_missing_column",
        }
    }

    /// The field that is to blame, where it is one.
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::DuplicateColumn { name, .. } | Self::MissingColumn { name } => Some(name),
            _ => None,
        }
    }
}
