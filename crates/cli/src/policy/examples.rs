//! `huxin policy test`: the examples inside policy files, counted, and what they reach.
//!
//! A failing example makes a file invalid for a node; here it is a finding, and anything else that is wrong is an error
//! of the file.

use std::collections::BTreeSet;

use clap::Args as ClapArgs;
use huxin_trust_policy::{Coverage, Covered, Severity};
use serde::Serialize;

use super::Files;
use super::check::{Checked, Checker, Verdict, findings};
use super::kind::FileKind;
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::findings::{Finding, invalid};
use crate::messages;

/// Policy files, and how much of them examples must reach.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(flatten)]
    files: Files,
    /// Exit with 1 if the examples of a file reach fewer of its cases or regions, in percent; never rounded up
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(..=100))]
    min_coverage: Option<u8>,
}

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
    /// Absent where an example fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<Reached>,
}

/// What the examples of one file reach.
#[derive(Serialize)]
struct Reached {
    cases: Share,
    /// Of an overlay: where its rules can be told from the baseline's; of a baseline: its cases.
    regions: Share,
}

#[derive(Serialize)]
struct Share {
    percent: u8,
    reached: usize,
    all: usize,
    missing: Vec<Missing>,
}

#[derive(Serialize)]
struct Missing {
    rule: String,
    case: Option<String>,
    /// What the baseline alone goes by, where that tells regions apart.
    baseline_rule: Option<String>,
    baseline_case: Option<String>,
    /// An example that reaches it, to paste into the file.
    example: Option<String>,
}

pub(super) fn test(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let mut shown = Shown { files: Vec::new() };
    let mut text = String::new();
    let checker = Checker::new(&args.files)?;
    let files: Vec<_> = args.files.files.iter().map(|path| checker.policy_files(path)).collect();
    for (file, policy) in checker.run(&args.files)?.into_iter().zip(files) {
        let mut counted = count(&file, context, &mut text)?;
        text.push_str(messages::examples(&counted.file, counted.passed, counted.failed).get(context.lang));
        text.push('\n');
        if matches!(file.verdict, Verdict::Valid(_)) {
            let draft = policy.load(std::path::Path::new("."), context)?.draft;
            let coverage = draft.overlay_coverage().unwrap_or_else(|| draft.baseline_coverage());
            let reached = Reached::of(&coverage);
            text.push_str(&reached.to_text(file.kind == FileKind::Overlay, context));
            counted.coverage = Some(reached);
        }
        shown.files.push(counted);
    }
    context.show(&shown, |_| text)?;
    let failed = shown.files.iter().any(|file| file.failed > 0);
    let least = args.min_coverage.unwrap_or_default();
    let reaches = |reached: &Reached| reached.cases.percent.min(reached.regions.percent) >= least;
    let too_little = shown.files.iter().any(|file| file.coverage.as_ref().is_some_and(|one| !reaches(one)));
    Ok(if failed || too_little { Exit::Finding } else { Exit::Clean })
}

impl Reached {
    fn of(coverage: &Coverage) -> Self {
        Self {
            cases: Share::of(&coverage.cases, coverage.of_cases().get()),
            regions: Share::of(&coverage.regions, coverage.of_regions().get()),
        }
    }

    /// Both shares, and once each example that is missing.
    fn to_text(&self, of_overlay: bool, context: &Context) -> String {
        let Self { cases, regions } = self;
        let mut text =
            messages::cases_reached(cases.percent, cases.reached, cases.all).get(context.lang).to_owned();
        if of_overlay {
            let regions = messages::regions_reached(regions.percent, regions.reached, regions.all);
            text.push_str(regions.get(context.lang));
        }
        text.push('\n');
        let of_regions = regions.missing.iter().filter(|_| of_overlay);
        for one in cases.missing.iter().chain(of_regions) {
            let (region, to_write) = (one.name(), one.example.is_some());
            text.push_str(messages::not_reached_by_examples(&region, to_write).get(context.lang));
            text.push('\n');
        }
        // What reaches every region of an overlay reaches every case of it.
        let missing = if of_overlay { &regions.missing } else { &cases.missing };
        let examples: Vec<_> = missing.iter().filter_map(|one| one.example.as_deref()).collect();
        if !examples.is_empty() {
            text.push_str(messages::examples_to_paste().get(context.lang));
            text.push('\n');
            text.push_str(&examples.join("\n"));
        }
        text
    }
}

impl Share {
    fn of(all: &[Covered], percent: u8) -> Self {
        let missing: Vec<_> = all.iter().filter(|one| one.examples == 0).map(Missing::of).collect();
        Self { percent, reached: all.len() - missing.len(), all: all.len(), missing }
    }
}

impl Missing {
    fn of(covered: &Covered) -> Self {
        let id = |id: &Option<Box<str>>| id.as_deref().map(ToOwned::to_owned);
        let baseline = covered.baseline.as_ref();
        Self {
            rule: id(&covered.rule.rule).unwrap_or_default(),
            case: id(&covered.rule.case),
            baseline_rule: baseline.and_then(|reference| id(&reference.rule)),
            baseline_case: baseline.and_then(|reference| id(&reference.case)),
            example: covered.skeleton.clone(),
        }
    }

    /// `P2/tested`, or `R2/positive → P2/tested` in a region.
    fn name(&self) -> String {
        let joined = |rule: &str, case: &Option<String>| match case {
            Some(case) => format!("{rule}/{case}"),
            None => rule.to_owned(),
        };
        let own = joined(&self.rule, &self.case);
        match (&self.baseline_rule, &self.baseline_case) {
            (Some(rule), case) => format!("{} → {own}", joined(rule, case)),
            (None, _) => own,
        }
    }
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
    Ok(Counted { file: file.name.clone(), passed, failed: failed.len(), findings, coverage: None })
}

/// How many examples the text holds. It was read before, so it is valid TOML.
fn examples_in(text: &str) -> usize {
    let tree: toml::Table = toml::from_str(text).unwrap_or_default();
    tree.get("example").and_then(toml::Value::as_array).map_or(0, Vec::len)
}
