//! `huxin policy test`: the examples inside policy files, counted.
//!
//! A failing example makes a file invalid for a node; here it is a finding, and anything else that is wrong is an error
//! of the file.

use std::collections::BTreeSet;

use huxin_trust_policy::Severity;
use serde::Serialize;

use super::Files;
use super::check::{Checked, Checker, Verdict, findings};
use super::kind::FileKind;
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::findings::{Finding, invalid};
use crate::messages;

/// The code of a failing example.
const EXAMPLE_FAILED: &str = "E044";

#[derive(Serialize)]
struct Shown {
    files: Vec<Counted>,
}

#[derive(Serialize)]
struct Counted {
    file: String,
    passed: usize,
    failed: usize,
    findings: Vec<Finding>,
}

pub(super) fn test(args: &Files, context: &Context) -> Result<Exit, CliError> {
    let mut shown = Shown { files: Vec::new() };
    let mut text = String::new();
    for file in Checker::new(args)?.run(args)? {
        let counted = count(&file, context, &mut text)?;
        text.push_str(messages::examples(&counted.file, counted.passed, counted.failed).get(context.lang));
        text.push('\n');
        shown.files.push(counted);
    }
    context.show(&shown, |_| text)?;
    let failed = shown.files.iter().any(|file| file.failed > 0);
    Ok(if failed { Exit::Finding } else { Exit::Clean })
}

fn count(file: &Checked, context: &Context, text: &mut String) -> Result<Counted, CliError> {
    if !matches!(file.kind, FileKind::Baseline | FileKind::Overlay) {
        return Err(CliError::usage(messages::no_examples(&file.name)));
    }
    let mut findings = findings(file);
    findings.retain(|finding| finding.severity == Severity::Error.name());
    match &file.verdict {
        Verdict::NotJudged { rests_on } => {
            return Err(CliError::invalid(messages::not_judged(&file.name, rests_on)));
        }
        Verdict::Invalid(found) => {
            if findings.iter().any(|finding| finding.code.as_deref() != Some(EXAMPLE_FAILED)) {
                return Err(invalid(found, context.colour()));
            }
            text.push_str(&found.render(context.lang, context.colour()));
        }
        Verdict::Valid(_) | Verdict::OverReach(..) => {}
    }
    // An example fails at one place, however many of its expectations do not hold.
    let failed: BTreeSet<_> = findings.iter().map(|finding| (finding.line, finding.column)).collect();
    let passed = examples_in(&file.text).saturating_sub(failed.len());
    Ok(Counted { file: file.name.clone(), passed, failed: failed.len(), findings })
}

/// How many examples the text holds. It was read before, so it is valid TOML.
fn examples_in(text: &str) -> usize {
    let tree: toml::Table = toml::from_str(text).unwrap_or_default();
    tree.get("example").and_then(toml::Value::as_array).map_or(0, Vec::len)
}
