//! The matrix as comma-separated values (RFC 4180): a line for each label and each single situation, in English.

use super::{Sheet, outcome};

const HEADER: [&str; 13] = [
    "purpose",
    "place",
    "here_risk",
    "from_risk",
    "area",
    "issuer",
    "label",
    "grade",
    "outcome",
    "code_asked",
    "rule",
    "case",
    "obligations",
];

pub(super) fn render(sheet: &Sheet<'_>) -> String {
    let mut text = line(&HEADER);
    let area = sheet.area.map(|area| area.to_string()).unwrap_or_default();
    for section in &sheet.sections {
        let purpose = sheet.vocabulary.name(section.purpose);
        for row in &section.matrix.rows {
            let issuer = row.issuer.map_or_else(|| "others".to_owned(), |region| region.to_string());
            for (column, cell) in section.matrix.columns.iter().zip(&row.cells) {
                let (asked, obligations) = (cell.code_asked.to_string(), cell.obligations.to_string());
                for place in each(sheet.names(&column.places)) {
                    for here in each(sheet.names(&column.here)) {
                        for from in each(sheet.names(&column.from)) {
                            text.push_str(&line(&[
                                purpose,
                                place,
                                here,
                                from,
                                &area,
                                &issuer,
                                row.label,
                                row.grade.name(),
                                outcome(cell),
                                &asked,
                                cell.rule.unwrap_or_default(),
                                cell.case.unwrap_or_default(),
                                &obligations,
                            ]));
                        }
                    }
                }
            }
        }
    }
    text
}

/// What no rule tells apart is one empty value.
fn each(names: Vec<&str>) -> Vec<&str> {
    if names.is_empty() { vec![""] } else { names }
}

fn line(fields: &[&str; HEADER.len()]) -> String {
    fields.map(field).join(",") + "\r\n"
}

/// One field. A spreadsheet takes what begins with `=`, `+`, `-`, `@` or a control character for a formula, so such a
/// text gets an apostrophe, which spreadsheets do not show.
fn field(text: &str) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if risky { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) || risky {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_break_a_line_is_quoted_and_what_would_be_a_formula_is_text() {
        for (text, shown) in [
            ("绿码", "绿码"),
            ("a,b", "\"a,b\""),
            ("say \"a\"", "\"say \"\"a\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("-", "\"'-\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("", ""),
        ] {
            assert_eq!(field(text), shown);
        }
    }
}
