//! `huxin policy diff`: what an overlay makes different from its baseline, exactly, and whether it may.
//!
//! The comparison covers the whole space; nothing is sampled. A difference that the baseline does not grant ends the
//! command with 3, as it keeps a node from taking the file.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use huxin_attest::Kind;
use huxin_trust_policy::{
    Answer, Belief, Comparison, Difference, Distrusting, Draft, Excess, Lang, Limit, Person, RuleRef, Value,
    Vocabulary,
};
use serde::Serialize;

use super::kind::FileKind;
use super::loaded::PolicyFiles;
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::files::text;
use crate::messages;

/// What to compare.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The national baseline
    baseline: PathBuf,
    /// The overlay that is held against it
    overlay: PathBuf,
    /// The vocabulary [default: vocabulary.toml beside the baseline]
    #[arg(long, value_name = "FILE")]
    vocabulary: Option<PathBuf>,
    /// 有任何不同即以 1 结束 / End with 1 if there is any difference
    #[arg(long)]
    exit_code: bool,
}

#[derive(Serialize)]
struct Shown<'a> {
    baseline: &'a str,
    overlay: &'a str,
    over_reach: bool,
    counts: Counts,
    regions: Vec<Region<'a>>,
    distrusts: Vec<Distrust<'a>>,
}

/// How many regions of the overlay's rules are what.
#[derive(Serialize)]
struct Counts {
    same: u32,
    stricter: u32,
    looser: u32,
    mixed: u32,
}

#[derive(Serialize)]
struct Region<'a> {
    baseline: Branch<'a>,
    overlay: Branch<'a>,
    kind: &'static str,
    granted: bool,
    province_may: &'static str,
    basis: &'a str,
    owner: &'a str,
    person: ShownPerson<'a>,
    baseline_answer: ShownAnswer<'a>,
    overlay_answer: ShownAnswer<'a>,
}

/// A rule, and its case or `otherwise`; nothing where no rule reaches, or nothing is asked.
#[derive(Serialize)]
struct Branch<'a> {
    rule: Option<&'a str>,
    case: Option<&'a str>,
}

#[derive(Serialize)]
struct ShownPerson<'a> {
    purpose: &'a str,
    place: Option<&'a str>,
    area: Option<String>,
    here_risk: &'a str,
    from_risk: &'a str,
    age: Option<u8>,
    /// By kind; a kind that neither rule asks for is absent.
    evidence: Vec<Evidence<'a>>,
    text_zh: String,
    text_en: String,
}

#[derive(Serialize)]
struct Evidence<'a> {
    kind: &'static str,
    /// A believed value, or the state that says why nothing is believed.
    belief: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    age_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality: Option<&'a str>,
}

#[derive(Serialize)]
struct ShownAnswer<'a> {
    ask: Vec<&'static str>,
    outcome: &'static str,
    must: Vec<&'a str>,
    say: &'a str,
}

#[derive(Serialize)]
struct Distrust<'a> {
    id: &'a str,
    kind: &'static str,
    /// `all` alone is every member.
    issuers: Vec<String>,
    departments: Option<Vec<&'a str>>,
    from: String,
    until: String,
    granted: bool,
    excesses: Vec<Exceeded<'a>>,
}

#[derive(Serialize)]
struct Exceeded<'a> {
    trust: &'a str,
    limit: &'static str,
    granted: u32,
    found: u32,
    text_zh: String,
    text_en: String,
}

pub(super) fn diff(args: &Args, context: &Context) -> Result<Exit, CliError> {
    for (path, wanted) in [(&args.baseline, FileKind::Baseline), (&args.overlay, FileKind::Overlay)] {
        if FileKind::of(&text(path)?) != Some(wanted) {
            return Err(CliError::usage(messages::not_of_kind(path, wanted.name())));
        }
    }
    let files = PolicyFiles {
        files: vec![args.baseline.clone(), args.overlay.clone()],
        vocabulary: args.vocabulary.clone(),
        baseline: None,
    };
    let draft = files.load(&args.baseline, context)?.draft;
    // What was distrusted before stands in the node's log: pauses are counted there, when the file is applied.
    let distrusts = draft.distrusts(&[]);
    let over_reach = draft.compare().over_reaching().next().is_some()
        || distrusts.iter().any(|distrust| !distrust.excesses.is_empty());
    let shown = Shown::of(&draft, &distrusts, over_reach);
    context.show(&shown, |_| to_text(&draft, &distrusts, context.lang))?;
    let differs = !draft.compare().differences.is_empty() || !distrusts.is_empty();
    Ok(match (over_reach, args.exit_code && differs) {
        (true, _) => Exit::OverReach,
        (false, true) => Exit::Finding,
        (false, false) => Exit::Clean,
    })
}

fn to_text(draft: &Draft, distrusts: &[Distrusting], lang: Lang) -> String {
    let Comparison { same, stricter, looser, mixed, .. } = draft.compare();
    let counts = messages::regions_compared(*same, *stricter, *looser, *mixed);
    format!("{}{}\n", draft.report(distrusts, lang), counts.get(lang))
}

impl<'a> Shown<'a> {
    fn of(draft: &'a Draft, distrusts: &'a [Distrusting], over_reach: bool) -> Self {
        let (references, vocabulary) = (draft.references(), draft.vocabulary());
        let Comparison { differences, same, stricter, looser, mixed } = draft.compare();
        Self {
            baseline: &references.baseline.id,
            overlay: references.overlay.as_ref().map_or("", |overlay| &overlay.id),
            over_reach,
            counts: Counts { same: *same, stricter: *stricter, looser: *looser, mixed: *mixed },
            regions: differences.iter().map(|difference| Region::of(difference, vocabulary)).collect(),
            distrusts: distrusts.iter().map(|distrust| Distrust::of(distrust, vocabulary)).collect(),
        }
    }
}

impl<'a> Region<'a> {
    fn of(difference: &'a Difference, vocabulary: &'a Vocabulary) -> Self {
        Self {
            baseline: Branch::of(&difference.baseline),
            overlay: Branch::of(&difference.overlay),
            kind: difference.kind.name(),
            granted: difference.granted,
            province_may: difference.province_may.name(),
            basis: &difference.basis,
            owner: &difference.owner,
            person: ShownPerson::of(&difference.person, vocabulary),
            baseline_answer: ShownAnswer::of(&difference.baseline_answer, vocabulary),
            overlay_answer: ShownAnswer::of(&difference.overlay_answer, vocabulary),
        }
    }
}

impl<'a> Branch<'a> {
    fn of(reference: &'a RuleRef) -> Self {
        Self { rule: reference.rule.as_deref(), case: reference.case.as_deref() }
    }
}

impl<'a> ShownPerson<'a> {
    fn of(person: &Person, vocabulary: &'a Vocabulary) -> Self {
        let situation = &person.situation;
        let evidence = person.evidence().into_iter();
        let evidence =
            evidence.filter_map(|(kind, belief)| Some(Evidence::of(kind, belief?, vocabulary))).collect();
        Self {
            purpose: vocabulary.name(situation.purpose),
            place: situation.place.map(|place| vocabulary.name(place)),
            area: situation.area.map(|area| area.to_string()),
            here_risk: vocabulary.name(situation.here_risk),
            from_risk: vocabulary.name(situation.from_risk),
            age: person.age,
            evidence,
            text_zh: person.words(vocabulary, Lang::Zh),
            text_en: person.words(vocabulary, Lang::En),
        }
    }
}

impl<'a> Evidence<'a> {
    fn of(kind: Kind, belief: Belief, vocabulary: &'a Vocabulary) -> Self {
        let plain =
            |belief, age_minutes| Self { kind: kind.name(), belief, age_minutes, item: None, quality: None };
        match belief {
            Belief::Not(state) => plain(state.name(), None),
            Belief::Believed { value, age_minutes } => match value {
                Value::Exam { item, quality } => Self {
                    item: item.map(|item| vocabulary.name(item)),
                    quality: quality.map(|quality| vocabulary.name(quality)),
                    ..plain(value.name(), Some(age_minutes))
                },
                value => plain(value.name(), Some(age_minutes)),
            },
        }
    }
}

impl<'a> ShownAnswer<'a> {
    fn of(answer: &'a Answer, vocabulary: &'a Vocabulary) -> Self {
        let Answer { ask, outcome, must, say } = answer;
        Self {
            ask: ask.iter().map(Kind::name).collect(),
            outcome: outcome.name(),
            must: must.iter().map(|duty| vocabulary.name(duty)).collect(),
            say,
        }
    }
}

impl<'a> Distrust<'a> {
    fn of(distrust: &'a Distrusting, vocabulary: &'a Vocabulary) -> Self {
        let Distrusting { id, kind, issuers, departments, from, until, say: _, excesses } = distrust;
        let named = |issuers: &Vec<_>| issuers.iter().map(ToString::to_string).collect();
        Self {
            id,
            kind: kind.name(),
            issuers: issuers.as_ref().map_or_else(|| vec!["all".to_owned()], named),
            departments: departments.map(|departments| {
                departments.iter().map(|department| vocabulary.name(department)).collect()
            }),
            from: from.to_string(),
            until: until.to_string(),
            granted: excesses.is_empty(),
            excesses: excesses.iter().map(Exceeded::of).collect(),
        }
    }
}

impl<'a> Exceeded<'a> {
    fn of(excess: &'a Excess) -> Self {
        let Excess { trust, limit } = excess;
        let (name, granted, found) = match *limit {
            Limit::NotGranted => ("not_granted", 0, 0),
            Limit::Days { granted, found } => ("days", granted, found),
            Limit::Issuers { granted, found } => ("issuers", granted, found),
            Limit::Pause { granted, found, issuer: _ } => ("again_after_days", granted, found),
        };
        Self {
            trust,
            limit: name,
            granted,
            found,
            text_zh: excess.words(Lang::Zh),
            text_en: excess.words(Lang::En),
        }
    }
}
