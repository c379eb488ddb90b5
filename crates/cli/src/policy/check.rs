//! `huxin policy check`: every file is read strictly, with the files that it rests on.
//!
//! A file that rests on an invalid one is not judged: its findings would be the other's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use huxin_attest::RegionCode;
use huxin_trust_policy::{
    Diagnostics, Draft, Lang, OverReach, Places, Policy, RiskAreas, SeenLabels, Source, Vocabulary,
};
use serde::Serialize;

use super::kind::{FileKind, region};
use super::loaded::PolicyFiles;
use super::{CheckArgs, Files};
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::files::text;
use crate::findings::{Finding, of_diagnostics};
use crate::messages;
use crate::messages::words::spoken;
use crate::traffic::Traffic;

/// One file and what became of it.
pub(super) struct Checked {
    pub(super) name: String,
    pub(super) kind: FileKind,
    pub(super) text: String,
    pub(super) verdict: Verdict,
}

pub(super) enum Verdict {
    /// With the warnings.
    Valid(Diagnostics),
    /// Right by itself, but no node takes it: it goes beyond what the baseline grants.
    OverReach(Box<OverReach>, Diagnostics),
    Invalid(Diagnostics),
    /// The file that it rests on is invalid.
    NotJudged {
        rests_on: String,
    },
}

#[derive(Serialize)]
struct Shown<'a> {
    files: Vec<ShownFile<'a>>,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct ShownFile<'a> {
    file: &'a str,
    kind: &'static str,
    valid: bool,
    warnings: usize,
    /// How an overlay goes beyond what the baseline grants; `huxin policy diff` has it in parts.
    over_reach: Option<String>,
    rests_on_invalid: Option<&'a str>,
}

pub(super) fn check(args: &CheckArgs, context: &Context) -> Result<Exit, CliError> {
    let CheckArgs { files, seen, deny_warnings } = args;
    let checked = Checker { seen: seen.clone(), ..Checker::new(files)? }.run(files)?;
    if seen.is_some() && !checked.iter().any(|file| file.kind == FileKind::Baseline) {
        return Err(CliError::usage(messages::seen_needs_a_baseline()));
    }
    let shown = Shown {
        files: checked
            .iter()
            .map(|file| ShownFile {
                file: &file.name,
                kind: file.kind.name(),
                valid: file.is_valid(),
                warnings: file.warnings(),
                over_reach: match &file.verdict {
                    Verdict::OverReach(over, _) => Some(over.render(Lang::En)),
                    _ => None,
                },
                rests_on_invalid: match &file.verdict {
                    Verdict::NotJudged { rests_on } => Some(rests_on),
                    _ => None,
                },
            })
            .collect(),
        findings: checked.iter().flat_map(findings).collect(),
    };
    context.show(&shown, |_| checked.iter().map(|file| file.to_text(context)).collect())?;
    Ok(exit(&checked, *deny_warnings))
}

/// Invalid comes before over-reach, and that before warnings.
fn exit(checked: &[Checked], deny_warnings: bool) -> Exit {
    let any = |is: fn(&Checked) -> bool| checked.iter().any(is);
    if any(|file| matches!(file.verdict, Verdict::Invalid(_) | Verdict::NotJudged { .. })) {
        Exit::Invalid
    } else if any(|file| matches!(file.verdict, Verdict::OverReach(..))) {
        Exit::OverReach
    } else if deny_warnings && any(|file| file.warnings() > 0) {
        Exit::Finding
    } else {
        Exit::Clean
    }
}

/// The findings of one file, for machines.
pub(super) fn findings(file: &Checked) -> Vec<Finding> {
    match &file.verdict {
        Verdict::Valid(found) | Verdict::OverReach(_, found) | Verdict::Invalid(found) => {
            of_diagnostics(found)
        }
        Verdict::NotJudged { .. } => Vec::new(),
    }
}

impl Checked {
    fn is_valid(&self) -> bool {
        matches!(self.verdict, Verdict::Valid(_))
    }

    fn warnings(&self) -> usize {
        match &self.verdict {
            Verdict::Valid(found) | Verdict::OverReach(_, found) | Verdict::Invalid(found) => {
                found.warnings()
            }
            Verdict::NotJudged { .. } => 0,
        }
    }

    fn to_text(&self, context: &Context) -> String {
        let kind = spoken(self.kind.name(), context.lang);
        match &self.verdict {
            Verdict::Valid(found) => {
                let verdict = messages::valid_file(&self.name, kind, found.warnings());
                format!("{}{}\n", found.render(context.lang, context.colour()), verdict.get(context.lang))
            }
            Verdict::OverReach(over, found) => format!(
                "{}{}\n{}\n",
                found.render(context.lang, context.colour()),
                over.render(context.lang).trim_end(),
                messages::over_reaching_file(&self.name).get(context.lang)
            ),
            Verdict::Invalid(found) => found.render(context.lang, context.colour()),
            Verdict::NotJudged { rests_on } => {
                messages::not_judged(&self.name, rests_on).get(context.lang).to_owned() + "\n"
            }
        }
    }
}

/// Reads files, each of those that others rest on once.
pub(super) struct Checker {
    region: Option<RegionCode>,
    vocabulary: Option<PathBuf>,
    baseline: Option<PathBuf>,
    /// A decision log whose labels a baseline should know.
    seen: Option<PathBuf>,
    /// Texts of vocabularies and baselines, and whether they are valid by themselves.
    bases: BTreeMap<PathBuf, (String, bool)>,
}

impl Checker {
    /// Files named by flag come first, then those among the files.
    pub(super) fn new(args: &Files) -> Result<Self, CliError> {
        let among = |kind: FileKind| -> Result<Option<PathBuf>, CliError> {
            for path in &args.files {
                if FileKind::of(&text(path)?) == Some(kind) {
                    return Ok(Some(path.clone()));
                }
            }
            Ok(None)
        };
        let or_among = |named: &Option<PathBuf>, kind| match named {
            Some(path) => Ok(Some(path.clone())),
            None => among(kind),
        };
        Ok(Self {
            region: args.region,
            vocabulary: or_among(&args.vocabulary, FileKind::Vocabulary)?,
            baseline: or_among(&args.baseline, FileKind::Baseline)?,
            seen: None,
            bases: BTreeMap::new(),
        })
    }

    /// The files with which one of them is read.
    pub(super) fn policy_files(&self, path: &Path) -> PolicyFiles {
        let (vocabulary, baseline) = (self.vocabulary.clone(), self.baseline.clone());
        PolicyFiles { files: vec![path.to_owned()], vocabulary, baseline }
    }

    pub(super) fn run(mut self, args: &Files) -> Result<Vec<Checked>, CliError> {
        args.files.iter().map(|path| self.check(path)).collect()
    }

    fn check(&mut self, path: &Path) -> Result<Checked, CliError> {
        let text = text(path)?;
        let kind = FileKind::of(&text).ok_or_else(|| CliError::invalid(messages::no_policy_file(path)))?;
        let name = path.display().to_string();
        let verdict = self.judge(path, &name, &text, kind)?;
        Ok(Checked { name, kind, text, verdict })
    }

    fn judge(&mut self, path: &Path, name: &str, text: &str, kind: FileKind) -> Result<Verdict, CliError> {
        let source = Source { name, text };
        if kind == FileKind::Vocabulary {
            return Ok(verdict(Vocabulary::parse(name, text)));
        }
        let vocabulary = beside(path, self.vocabulary.as_ref(), "vocabulary.toml");
        let words = self.base(&vocabulary, |source| Vocabulary::parse(source.name, source.text).is_ok())?;
        let words_name = vocabulary.display().to_string();
        let Some(words) = words else { return Ok(Verdict::NotJudged { rests_on: words_name }) };
        let words = Source { name: &words_name, text: &words };
        // Where the file names no province it holds nothing that depends on one.
        let region = match self.region.or_else(|| region(text)) {
            Some(region) => region,
            None => RegionCode::new(11).map_err(|error| CliError::usage(error.to_string()))?,
        };
        Ok(match kind {
            FileKind::Vocabulary => Verdict::Valid(Diagnostics::default()),
            FileKind::Baseline => match Draft::load(region, words, source, None) {
                Ok(draft) => {
                    let labels = self.labels(draft.trial(), source)?;
                    Verdict::Valid(draft.warnings().of_file(name).and(labels))
                }
                Err(found) => Verdict::Invalid(found),
            },
            FileKind::Overlay => {
                let baseline = beside(path, self.baseline.as_ref(), "national.toml");
                let Some(national) =
                    self.base(&baseline, |source| Draft::load(region, words, source, None).is_ok())?
                else {
                    return Ok(Verdict::NotJudged { rests_on: baseline.display().to_string() });
                };
                let baseline_name = baseline.display().to_string();
                let national = Source { name: &baseline_name, text: &national };
                match Draft::load(region, words, national, Some(source)) {
                    Ok(draft) => guarded(draft, name),
                    Err(found) => Verdict::Invalid(found),
                }
            }
            FileKind::Places | FileKind::RiskAreas => match Vocabulary::parse(words.name, words.text) {
                Err(found) => Verdict::Invalid(found),
                Ok(words) if kind == FileKind::Places => verdict(Places::parse(name, text, &words, region)),
                Ok(words) => verdict(RiskAreas::parse(name, text, &words)),
            },
        })
    }

    /// Warnings of labels in the decision log that the baseline does not map.
    fn labels(&self, policy: &Policy, baseline: Source<'_>) -> Result<Diagnostics, CliError> {
        let mut seen = SeenLabels::default();
        if let Some(path) = &self.seen {
            Traffic::open(path)?.each(|_, decision| {
                seen.add(policy, &decision);
                Ok(())
            })?;
        }
        Ok(policy.warn_of_labels(baseline, &seen))
    }

    /// The text of a file that others rest on; `None` if it is invalid by itself.
    fn base(
        &mut self,
        path: &Path,
        valid: impl FnOnce(Source<'_>) -> bool,
    ) -> Result<Option<String>, CliError> {
        if !self.bases.contains_key(path) {
            let text = text(path)?;
            let valid = valid(Source { name: "", text: &text });
            self.bases.insert(path.to_owned(), (text, valid));
        }
        Ok(self.bases.get(path).filter(|(_, valid)| *valid).map(|(text, _)| text.clone()))
    }
}

/// The overlay's own warnings: the other files have their own verdict. What this province distrusted before stands in a
/// node's log, so it is not judged here.
fn guarded(draft: Draft, name: &str) -> Verdict {
    let warnings = draft.warnings().of_file(name);
    match draft.guard(&[]) {
        Ok(_) => Verdict::Valid(warnings),
        Err(over) => Verdict::OverReach(over, warnings),
    }
}

/// A file that knows no warnings.
fn verdict<T>(read: Result<T, Diagnostics>) -> Verdict {
    read.map_or_else(Verdict::Invalid, |_| Verdict::Valid(Diagnostics::default()))
}

fn beside(path: &Path, named: Option<&PathBuf>, name: &str) -> PathBuf {
    named.cloned().unwrap_or_else(|| path.with_file_name(name))
}
