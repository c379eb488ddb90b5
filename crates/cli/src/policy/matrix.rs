//! `huxin policy matrix`: which province's which label is admitted where, as a table, CSV or SVG.

mod csv;
mod svg;
mod table;

use std::path::Path;

use clap::{Args as ClapArgs, ValueEnum};
use huxin_attest::{AreaCode, TestResult};
use huxin_trust_policy::{
    Grade, Lang, Matrix, MatrixCell, MatrixColumn, MatrixQuestion, MatrixRow, Minutes, Outcome, Purpose,
    Term, Vocabulary,
};
use serde::Serialize;

use super::loaded::PolicyFiles;
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::messages;

/// The policy, and who stands there.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(flatten)]
    files: PolicyFiles,
    /// The purpose; may be repeated [default: all for which a code is asked]
    #[arg(long, value_name = "WORD")]
    purpose: Vec<String>,
    /// The area of the place, six digits [default: the overlay's province as a whole, else none]
    #[arg(long, value_name = "AREA")]
    area: Option<AreaCode>,
    /// Full years of the person
    #[arg(long, value_name = "YEARS", default_value_t = 35)]
    age: u8,
    /// A believed test beside the code, with its age: negative:12h [default: none]
    #[arg(long, value_name = "RESULT:AGE", value_parser = test)]
    pcr: Option<(TestResult, Minutes)>,
    /// The form of what people read
    #[arg(long = "as", value_name = "FORM", default_value = "table")]
    form: Form,
}

/// The form of a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A table of text
    Table,
    /// Comma-separated values (RFC 4180), one line for each label and situation
    Csv,
    /// A picture without any outside part
    Svg,
}

/// The matrix of one purpose.
struct Section<'a> {
    purpose: Purpose,
    matrix: Matrix<'a>,
}

/// All that is shown.
struct Sheet<'a> {
    vocabulary: &'a Vocabulary,
    sections: Vec<Section<'a>>,
    /// The policy's files, by id and version.
    policy: String,
    area: Option<AreaCode>,
    age: u8,
    test: Option<(TestResult, Minutes)>,
}

fn test(text: &str) -> Result<(TestResult, Minutes), String> {
    let wrong = || "write a result and an age, such as negative:12h".to_owned();
    let (result, age) = text.split_once(':').ok_or_else(wrong)?;
    let result = TestResult::ALL.into_iter().find(|known| known.name() == result).ok_or_else(wrong)?;
    Ok((result, Minutes::parse(age).ok_or_else(wrong)?))
}

pub(super) fn matrix(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let loaded = args.files.load(Path::new("."), context)?;
    let policy = loaded.draft.trial();
    let vocabulary = policy.vocabulary();
    let purposes: Vec<Purpose> = match args.purpose.as_slice() {
        [] => policy.purposes_with_codes().iter().collect(),
        named => named
            .iter()
            .map(|name| vocabulary.find(name).ok_or_else(|| CliError::usage(messages::no_such_purpose(name))))
            .collect::<Result<_, _>>()?,
    };
    let whole = policy.overlay_region().map(|region| format!("{region}0000"));
    let area = args.area.or_else(|| whole.and_then(|area| area.parse().ok()));
    let mut sections = Vec::new();
    for purpose in purposes {
        let question = MatrixQuestion { purpose, area, age: Some(args.age), test: args.pcr };
        let matrix = policy.matrix(&question);
        let matrix = matrix.map_err(|large| CliError::invalid(messages::matrix_too_large(large.cells)))?;
        sections.push(Section { purpose, matrix });
    }
    let references = policy.references();
    let files = references.overlay.iter().chain([&references.baseline, &references.vocabulary]);
    let files: Vec<_> = files.map(|file| format!("{} v{}", file.id, file.version)).collect();
    let policy = files.join(", ");
    let sheet = Sheet { vocabulary, sections, policy, area, age: args.age, test: args.pcr };
    context.show(&sheet.shown(), |_| match args.form {
        Form::Table => table::render(&sheet, context.lang),
        Form::Csv => csv::render(&sheet),
        Form::Svg => svg::render(&sheet),
    })?;
    Ok(Exit::Clean)
}

/// The matrix for machines.
#[derive(Serialize)]
struct Shown<'a> {
    policy: &'a str,
    area: Option<String>,
    age: u8,
    pcr: Option<String>,
    purposes: Vec<ShownSection<'a>>,
}

#[derive(Serialize)]
struct ShownSection<'a> {
    purpose: &'a str,
    columns: Vec<ShownColumn<'a>>,
    rows: Vec<ShownRow<'a>>,
}

#[derive(Serialize)]
struct ShownColumn<'a> {
    places: Vec<&'a str>,
    here_risks: Vec<&'a str>,
    from_risks: Vec<&'a str>,
}

#[derive(Serialize)]
struct ShownRow<'a> {
    /// Absent: every province that has no row of its own for this label.
    issuer: Option<String>,
    label: &'a str,
    grade: &'static str,
    answers: Vec<ShownCell<'a>>,
}

#[derive(Serialize)]
struct ShownCell<'a> {
    outcome: &'static str,
    code_asked: bool,
    rule: Option<&'a str>,
    case: Option<&'a str>,
    obligations: usize,
}

impl Sheet<'_> {
    fn shown(&self) -> Shown<'_> {
        let sections = self.sections.iter().map(|Section { purpose, matrix }| ShownSection {
            purpose: self.vocabulary.name(*purpose),
            columns: matrix
                .columns
                .iter()
                .map(|column| ShownColumn {
                    places: self.names(&column.places),
                    here_risks: self.names(&column.here),
                    from_risks: self.names(&column.from),
                })
                .collect(),
            rows: matrix.rows.iter().map(shown_row).collect(),
        });
        Shown {
            policy: &self.policy,
            area: self.area.map(|area| area.to_string()),
            age: self.age,
            pcr: self.test.map(|(result, age)| format!("{}:{age}", result.name())),
            purposes: sections.collect(),
        }
    }

    fn names<T: Term>(&self, terms: &[T]) -> Vec<&str> {
        terms.iter().map(|term| self.vocabulary.name(*term)).collect()
    }

    /// Who stands there, in words.
    fn who(&self, lang: Lang) -> String {
        messages::who_stands_there(
            self.age,
            self.area,
            self.test.map(|(result, age)| (result, age.to_string())),
        )
        .get(lang)
        .to_owned()
    }

    /// A column's situations, in words.
    fn situations(&self, column: &MatrixColumn, lang: Lang) -> String {
        let MatrixColumn { places, here, from } = column;
        let between = if lang == Lang::Zh { "、" } else { ", " };
        let join = |names: Vec<&str>| names.join(between);
        let mut parts = Vec::new();
        if !places.is_empty() {
            parts.push(join(places.iter().map(|place| self.word(*place, lang)).collect()));
        }
        if !here.is_empty() {
            let risks = join(here.iter().map(|risk| self.word(*risk, lang)).collect());
            parts.push(messages::risk_here(&risks).get(lang).to_owned());
        }
        if !from.is_empty() {
            let risks = join(from.iter().map(|risk| self.word(*risk, lang)).collect());
            parts.push(messages::risk_from(&risks).get(lang).to_owned());
        }
        if parts.is_empty() {
            return messages::everywhere().get(lang).to_owned();
        }
        parts.join(" · ")
    }

    fn word<T: Term>(&self, term: T, lang: Lang) -> &str {
        match lang {
            Lang::Zh => self.vocabulary.name_zh(term),
            Lang::En => self.vocabulary.name_en(term),
        }
    }

    fn grade(&self, grade: Grade, lang: Lang) -> &str {
        let (zh, en) = self.vocabulary.grade_names(grade);
        if lang == Lang::Zh { zh } else { en }
    }
}

/// The province of a row, in words.
fn issuer(row: &MatrixRow<'_>, lang: Lang) -> String {
    match (row.issuer, lang) {
        (None, _) => messages::other_provinces().get(lang).to_owned(),
        (Some(region), Lang::Zh) => format!("{region} {}", region.name_zh()),
        (Some(region), Lang::En) => format!("{region} {}", region.name_en()),
    }
}

fn shown_row<'a>(row: &MatrixRow<'a>) -> ShownRow<'a> {
    let cell = |cell: &MatrixCell<'a>| ShownCell {
        outcome: outcome(cell),
        code_asked: cell.code_asked,
        rule: cell.rule,
        case: cell.case,
        obligations: cell.obligations,
    };
    ShownRow {
        issuer: row.issuer.map(|region| region.to_string()),
        label: row.label,
        grade: row.grade.name(),
        answers: row.cells.iter().map(cell).collect(),
    }
}

/// The stable word of an answer.
const fn outcome(cell: &MatrixCell<'_>) -> &'static str {
    match cell.outcome {
        Some(outcome) => outcome.name(),
        None => "depends",
    }
}

/// The word of an answer for people.
fn answer(cell: &MatrixCell<'_>) -> messages::Text {
    match cell.outcome {
        Some(Outcome::Admit) => messages::Text::new("放行", "admit"),
        Some(Outcome::Review) => messages::Text::new("转人工", "review"),
        None => messages::Text::new("看部门", "depends"),
    }
}
