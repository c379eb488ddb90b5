//! A decision as people and machines read it.

use std::path::Path;

use huxin_attest::{Kind, UnixMs};
use huxin_node::explanation;
use huxin_trust_policy::Lang;
use huxin_wire::v1;
use serde::Serialize;

use crate::files::hex;
use crate::messages;
use crate::messages::words::{Lines, Word, spoken};
use crate::receipt;

#[derive(Debug, Serialize)]
pub(crate) struct Shown<'a> {
    outcome: &'static str,
    rule: &'a str,
    case: &'a str,
    title: &'a str,
    say: &'a str,
    obligations: &'a [String],
    basis: &'a str,
    owner: &'a str,
    appeal: Appeal<'a>,
    asked: Vec<Asked<'a>>,
    findings: Vec<Finding<'a>>,
    decided_at: String,
    policy: Vec<File<'a>>,
    age_source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<Nearest<'a>>,
    receipt: Option<Place<'a>>,
    /// The same gaps as sentences.
    #[serde(skip)]
    remedy: Option<&'a v1::Nearest>,
}

#[derive(Debug, Serialize)]
struct Nearest<'a> {
    case: &'a str,
    say: &'a str,
    gaps: Vec<Gap<'a>>,
}

#[derive(Debug, Serialize)]
struct Gap<'a> {
    condition: &'a str,
    found: &'a str,
    needed: &'a str,
    over_minutes: u32,
    text: &'a str,
}

#[derive(Debug, Serialize)]
struct Appeal<'a> {
    contact: &'a str,
    answer_within: &'a str,
}

#[derive(Debug, Serialize)]
struct Asked<'a> {
    region: &'a str,
    kinds: Vec<&'static str>,
    result: &'static str,
    log: &'a str,
    index: u64,
    leaf_hash: String,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reused: Option<Reused>,
}

#[derive(Debug, Serialize)]
struct Reused {
    age_ms: i64,
    own_index: u64,
}

#[derive(Debug, Serialize)]
struct Finding<'a> {
    kind: &'static str,
    region: &'a str,
    department: &'a str,
    belief: &'a str,
    deciding: bool,
    digest: String,
    checked_at: String,
    native_label: &'a str,
}

#[derive(Debug, Serialize)]
struct File<'a> {
    id: &'a str,
    version: u64,
    sha256: String,
}

#[derive(Debug, Serialize)]
struct Place<'a> {
    log: &'a str,
    index: u64,
    file: Option<String>,
}

impl<'a> Shown<'a> {
    pub(crate) fn new(decision: &'a v1::Decision, receipt: Option<&'a receipt::Shown>) -> Self {
        let (contact, answer_within) = decision
            .appeal
            .as_ref()
            .map(|appeal| (&*appeal.contact, &*appeal.answer_within))
            .unwrap_or_default();
        Self {
            outcome: outcome(decision.outcome()),
            rule: &decision.rule,
            case: &decision.case,
            title: &decision.title,
            say: &decision.say,
            obligations: &decision.obligations,
            basis: &decision.basis,
            owner: &decision.owner,
            appeal: Appeal { contact, answer_within },
            asked: decision.asked.iter().map(asked).collect(),
            findings: decision.findings.iter().map(finding).collect(),
            decided_at: time(decision.decided_unix_ms),
            policy: decision.policy.iter().map(file).collect(),
            age_source: age_source(decision.age_source()),
            nearest: decision.nearest.as_ref().map(nearest),
            remedy: decision.nearest.as_ref(),
            receipt: receipt.map(|receipt| Place { log: &receipt.log, index: receipt.index, file: None }),
        }
    }

    pub(crate) fn saved(&mut self, path: &Path) {
        if let Some(receipt) = &mut self.receipt {
            receipt.file = Some(path.display().to_string());
        }
    }

    pub(crate) fn to_text(&self, lang: Lang) -> String {
        let mut lines = Lines::new(lang);
        lines.add(Word::Outcome, spoken(self.outcome, lang));
        lines.add(Word::Say, self.say);
        lines.add(Word::Must, self.obligations.join(", "));
        lines.add(Word::Rule, joined(self.rule, " / ", self.case));
        lines.add(Word::Title, self.title);
        lines.add(Word::Basis, self.basis);
        lines.add(Word::Owner, self.owner);
        lines.add(Word::Appeal, joined(self.appeal.contact, ", ", self.appeal.answer_within));
        for asked in &self.asked {
            let kinds: Vec<_> = asked.kinds.iter().map(|kind| spoken(kind, lang)).collect();
            let result = spoken(asked.result, lang);
            let place =
                if asked.log.is_empty() { String::new() } else { format!(" {} #{}", asked.log, asked.index) };
            let reason = if asked.reason.is_empty() { String::new() } else { format!(" ({})", asked.reason) };
            lines.add(
                Word::Asked,
                format_args!("{} {}: {result}{place}{reason}", asked.region, kinds.join(", ")),
            );
        }
        for heard in &self.findings {
            let deciding =
                if heard.deciding { messages::deciding().get(lang).to_owned() } else { String::new() };
            let label = if heard.native_label.is_empty() {
                String::new()
            } else {
                format!(" {}", heard.native_label)
            };
            let (kind, belief) = (spoken(heard.kind, lang), spoken(heard.belief, lang));
            lines.add(
                Word::Heard,
                format_args!("{} {} {kind}{label}: {belief}{deciding}", heard.region, heard.department),
            );
        }
        if let Some(nearest) = self.remedy {
            lines.add(Word::Nearest, explanation::what_would_change(nearest, lang));
        }
        lines.add(Word::Age, spoken(self.age_source, lang));
        lines.add(Word::Time, &self.decided_at);
        let files: Vec<_> = self.policy.iter().map(|file| format!("{} v{}", file.id, file.version)).collect();
        lines.add(Word::Policy, files.join(", "));
        match &self.receipt {
            Some(Place { log, index, file }) => {
                let file = file.as_ref().map(|file| format!(" → {file}")).unwrap_or_default();
                lines.add(Word::Receipt, format_args!("{log} #{index}{file}"));
            }
            None => lines.add(Word::Receipt, messages::nothing_was_asked().get(lang)),
        }
        lines.finish()
    }
}

fn joined(first: &str, between: &str, second: &str) -> String {
    if second.is_empty() { first.to_owned() } else { format!("{first}{between}{second}") }
}

fn asked(asked: &v1::Asked) -> Asked<'_> {
    let v1::Asked { region, kinds, result: _, origin, index, leaf_hash, reason, reused_age_ms, reuse_index } =
        asked;
    let result = match asked.result() {
        v1::AskedResult::Answered => "answered",
        v1::AskedResult::Refused => "refused",
        v1::AskedResult::Unreachable => "unreachable",
        v1::AskedResult::Own => "own",
        v1::AskedResult::Reused => "reused",
        v1::AskedResult::Unspecified => "unspecified",
    };
    let kinds = kinds.iter().copied().map(kind).collect();
    let reused = (asked.result() == v1::AskedResult::Reused)
        .then_some(Reused { age_ms: *reused_age_ms, own_index: *reuse_index });
    Asked { region, kinds, result, log: origin, index: *index, leaf_hash: hex(leaf_hash), reason, reused }
}

fn finding(finding: &v1::Finding) -> Finding<'_> {
    let v1::Finding {
        kind: number,
        region,
        department,
        belief,
        deciding,
        digest,
        checked_unix_ms,
        native_label,
    } = finding;
    Finding {
        kind: kind(*number),
        region,
        department,
        belief,
        deciding: *deciding,
        digest: hex(digest),
        checked_at: time(*checked_unix_ms),
        native_label,
    }
}

fn nearest(nearest: &v1::Nearest) -> Nearest<'_> {
    let v1::Nearest { case, say, gaps } = nearest;
    Nearest { case, say, gaps: gaps.iter().map(gap).collect() }
}

fn gap(gap: &v1::Gap) -> Gap<'_> {
    let v1::Gap { condition, found, needed, over_minutes, text_zh: _, text_en: text } = gap;
    Gap { condition, found, needed, over_minutes: *over_minutes, text }
}

fn file(file: &v1::FileReference) -> File<'_> {
    let v1::FileReference { id, version, sha256 } = file;
    File { id, version: *version, sha256: hex(sha256) }
}

fn kind(number: i32) -> &'static str {
    let known = u64::try_from(number).ok().and_then(Kind::from_number);
    known.map_or("unspecified", Kind::name)
}

fn time(unix_ms: i64) -> String {
    UnixMs::from_ms(unix_ms).map(|time| time.to_string()).unwrap_or_default()
}

const fn outcome(outcome: v1::Outcome) -> &'static str {
    match outcome {
        v1::Outcome::Admit => "admit",
        v1::Outcome::Review => "review",
        v1::Outcome::Unspecified => "unspecified",
    }
}

const fn age_source(source: v1::AgeSource) -> &'static str {
    match source {
        v1::AgeSource::Document => "document",
        v1::AgeSource::Declared => "declared",
        v1::AgeSource::Unknown => "unknown",
        v1::AgeSource::Unspecified => "unspecified",
    }
}
