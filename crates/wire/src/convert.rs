//! Statements and documents: from the wire into the domain's types and back.
//!
//! Messages are destructured in full, so that a new field breaks the build here and not silently in production.

use huxin_attest::text::is_unprintable;
use huxin_attest::{Document, DocumentError, DocumentType, Kind, Kinds};

use crate::v1;

/// Why a message is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidField {
    /// A mandatory message is absent.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field of fixed length has another one.
    #[error("{field} must have {expected} bytes")]
    Length {
        /// The field's name.
        field: &'static str,
        /// The bytes it must have.
        expected: usize,
    },
    /// A field is over its bound, or its form is wrong.
    #[error("{field}: {problem}")]
    Form {
        /// The field's name.
        field: &'static str,
        /// What is wrong, without the value.
        problem: String,
    },
}

impl InvalidField {
    /// A field whose form is wrong.
    pub fn form(field: &'static str, problem: impl ToString) -> Self {
        Self::Form { field, problem: problem.to_string() }
    }
}

impl From<InvalidField> for crate::Failure {
    fn from(field: InvalidField) -> Self {
        Self::new(crate::Reason::InvalidRequest, field.to_string())
    }
}

/// Reads a document.
///
/// # Errors
/// If it is absent, or its type or number is not of the right form.
pub fn document(message: Option<v1::Document>, field: &'static str) -> Result<Document, InvalidField> {
    let v1::Document { r#type, number } = message.ok_or(InvalidField::Missing(field))?;
    let parse = |_: ()| -> Result<Document, DocumentError> {
        Document::parse(DocumentType::from_number(r#type)?, &number)
    };
    parse(()).map_err(|error| InvalidField::form(field, error))
}

/// Writes a document.
pub fn document_message(document: &Document) -> v1::Document {
    v1::Document { r#type: document.kind().number().into(), number: document.number().to_owned() }
}

/// Reads a set of kinds, at least one.
///
/// # Errors
/// If it is empty, or holds a kind that is unknown or never leaves its province.
pub fn kinds(numbers: &[i32], field: &'static str) -> Result<Kinds, InvalidField> {
    let read = |number: &i32| {
        let known = u64::try_from(*number).ok().and_then(Kind::from_number).filter(|kind| kind.travels());
        known.ok_or_else(|| InvalidField::form(field, "unknown kind"))
    };
    let kinds: Kinds = numbers.iter().map(read).collect::<Result<_, _>>()?;
    if kinds.is_empty() { Err(InvalidField::Missing(field)) } else { Ok(kinds) }
}

/// Writes a set of kinds.
pub fn kind_numbers(kinds: Kinds) -> Vec<i32> {
    kinds.iter().map(|kind| kind.number().into()).collect()
}

/// Reads a field of fixed length.
///
/// # Errors
/// If it has another length.
pub fn fixed<const N: usize>(bytes: &[u8], field: &'static str) -> Result<[u8; N], InvalidField> {
    bytes.try_into().map_err(|_| InvalidField::Length { field, expected: N })
}

/// Checks that a text is within its bound and holds no control character.
///
/// # Errors
/// If it is longer, or would garble a log line.
pub fn text(value: String, field: &'static str, max: usize) -> Result<String, InvalidField> {
    if value.len() > max {
        return Err(InvalidField::form(field, format_args!("longer than {max} bytes")));
    }
    if value.chars().any(char::is_control) {
        return Err(InvalidField::form(field, "holds control characters"));
    }
    Ok(value)
}

/// Checks that a text is one filled line of at most `max` characters, with nothing in it that is unprintable.
///
/// # Errors
/// If it is blank, longer, or would not be seen as it is.
pub fn line(value: String, field: &'static str, max: usize) -> Result<String, InvalidField> {
    if value.trim().is_empty() {
        return Err(InvalidField::Missing(field));
    }
    if value.chars().nth(max).is_some() {
        return Err(InvalidField::form(field, format_args!("longer than {max} characters")));
    }
    if value.contains(is_unprintable) {
        return Err(InvalidField::form(field, "holds control or direction characters"));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_kinds_are_those_inside_signed_statements() {
        for kind in Kind::TRAVELLING {
            let message = v1::Kind::try_from(i32::from(kind.number())).unwrap();
            assert_eq!(message.as_str_name(), format!("KIND_{}", kind.name().to_uppercase()));
        }
        assert!(
            kinds(&[], "kinds").is_err() && kinds(&[0], "kinds").is_err() && kinds(&[-1], "kinds").is_err()
        );
    }

    #[test]
    fn a_document_error_names_the_field_and_not_the_number() {
        let message = v1::Document { r#type: 111, number: "110105194912310021".into() };
        let error = document(Some(message), "subject").unwrap_err().to_string();
        assert!(error.starts_with("subject: ") && !error.contains("1101"), "{error}");
        assert_eq!(document(None, "subject"), Err(InvalidField::Missing("subject")));
    }

    #[test]
    fn fixed_and_bounded_fields_are_held_to_their_bounds() {
        assert_eq!(fixed::<2>(&[1, 2], "f"), Ok([1, 2]));
        assert!(fixed::<2>(&[1], "f").is_err());
        assert!(text("a\nb".into(), "f", 10).is_err() && text("abc".into(), "f", 2).is_err());
    }
}
