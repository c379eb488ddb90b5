//! What is wrong with a file, for machines: one form, whichever reader found it.

use std::path::Path;

use huxin_identity::Problem;
use huxin_trust_policy::{Diagnostic, Diagnostics, Lang, Severity};
use serde::Serialize;

use crate::exit::CliError;
use crate::messages::Text;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The stable code of a policy's finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// `error`: the file cannot be used; `warning`: it can.
    pub severity: &'static str,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1, where the reader knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// Behind the last character that it is about: the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_line: Option<usize>,
    /// Behind the last character that it is about: the column in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_column: Option<usize>,
    /// What is wrong, in Chinese, where the reader speaks it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message_zh: String,
    /// What is wrong.
    pub message_en: String,
    /// What to do, in Chinese.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help_zh: String,
    /// What to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help_en: String,
}

/// What a policy's reader found.
pub(crate) fn of_diagnostics(found: &Diagnostics) -> Vec<Finding> {
    let finding = |found: Diagnostic<'_>| Finding {
        code: Some(found.code),
        severity: found.severity.name(),
        file: found.file.to_owned(),
        line: found.line,
        column: Some(found.column),
        end_line: Some(found.end.line),
        end_column: Some(found.end.column),
        message_zh: found.message_zh,
        message_en: found.message_en,
        help_zh: found.help_zh,
        help_en: found.help_en,
    };
    found.iter().map(finding).collect()
}

/// What the reader of any other file found.
pub(crate) fn of_problems(path: &Path, problems: &[Problem]) -> Vec<Finding> {
    let finding = |problem: &Problem| Finding {
        code: None,
        severity: Severity::Error.name(),
        file: path.display().to_string(),
        line: problem.line,
        column: None,
        end_line: None,
        end_column: None,
        message_zh: String::new(),
        message_en: problem.message.clone(),
        help_zh: String::new(),
        help_en: String::new(),
    };
    problems.iter().map(finding).collect()
}

/// A policy's file is not what it should be.
pub(crate) fn invalid(found: &Diagnostics, colour: bool) -> CliError {
    let text = Text::new(found.render(Lang::Zh, colour), found.render(Lang::En, colour));
    CliError::invalid(text).with(of_diagnostics(found))
}
