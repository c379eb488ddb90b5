//! `huxin policy check`: every file is read strictly, with the files that it rests on.
//!
//! A file that rests on an invalid one is not judged: its findings would be the other's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use huxin_attest::RegionCode;
use huxin_trust_policy::{Diagnostics, Draft, Places, RiskAreas, Source, Vocabulary};
use serde::Serialize;

use super::Files;
use super::kind::{FileKind, region};
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::files::text;
use crate::findings::{Finding, of_diagnostics};
use crate::messages;
use crate::messages::words::spoken;

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
    rests_on_invalid: Option<&'a str>,
}

pub(super) fn check(args: &Files, deny_warnings: bool, context: &Context) -> Result<Exit, CliError> {
    let checked = Checker::new(args)?.run(args)?;
    let shown = Shown {
        files: checked
            .iter()
            .map(|file| ShownFile {
                file: &file.name,
                kind: file.kind.name(),
                valid: file.is_valid(),
                warnings: file.warnings(),
                rests_on_invalid: match &file.verdict {
                    Verdict::NotJudged { rests_on } => Some(rests_on),
                    Verdict::Valid(_) | Verdict::Invalid(_) => None,
                },
            })
            .collect(),
        findings: checked.iter().flat_map(findings).collect(),
    };
    context.show(&shown, |_| checked.iter().map(|file| file.to_text(context)).collect())?;
    let warned = checked.iter().any(|file| file.warnings() > 0);
    Ok(match checked.iter().all(Checked::is_valid) {
        false => Exit::Invalid,
        true if warned && deny_warnings => Exit::Finding,
        true => Exit::Clean,
    })
}

/// The findings of one file, for machines.
pub(super) fn findings(file: &Checked) -> Vec<Finding> {
    match &file.verdict {
        Verdict::Valid(found) | Verdict::Invalid(found) => of_diagnostics(found),
        Verdict::NotJudged { .. } => Vec::new(),
    }
}

impl Checked {
    fn is_valid(&self) -> bool {
        matches!(self.verdict, Verdict::Valid(_))
    }

    fn warnings(&self) -> usize {
        match &self.verdict {
            Verdict::Valid(found) | Verdict::Invalid(found) => found.warnings(),
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
            bases: BTreeMap::new(),
        })
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
            FileKind::Baseline => policy_verdict(Draft::load(region, words, source, None), name),
            FileKind::Overlay => {
                let baseline = beside(path, self.baseline.as_ref(), "national.toml");
                let Some(national) =
                    self.base(&baseline, |source| Draft::load(region, words, source, None).is_ok())?
                else {
                    return Ok(Verdict::NotJudged { rests_on: baseline.display().to_string() });
                };
                let baseline_name = baseline.display().to_string();
                let national = Source { name: &baseline_name, text: &national };
                policy_verdict(Draft::load(region, words, national, Some(source)), name)
            }
            FileKind::Places | FileKind::RiskAreas => match Vocabulary::parse(words.name, words.text) {
                Err(found) => Verdict::Invalid(found),
                Ok(words) if kind == FileKind::Places => verdict(Places::parse(name, text, &words, region)),
                Ok(words) => verdict(RiskAreas::parse(name, text, &words)),
            },
        })
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

/// The files' warnings about this file alone: the other files have their own verdict.
fn policy_verdict(loaded: Result<Draft, Diagnostics>, name: &str) -> Verdict {
    loaded.map_or_else(Verdict::Invalid, |draft| Verdict::Valid(draft.warnings().of_file(name)))
}

/// A file that knows no warnings.
fn verdict<T>(read: Result<T, Diagnostics>) -> Verdict {
    read.map_or_else(Verdict::Invalid, |_| Verdict::Valid(Diagnostics::default()))
}

fn beside(path: &Path, named: Option<&PathBuf>, name: &str) -> PathBuf {
    named.cloned().unwrap_or_else(|| path.with_file_name(name))
}
