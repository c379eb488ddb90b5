//! `huxin policy explain`: what the policy files answer to one case, and why, without a node.

use clap::Args as ClapArgs;
use huxin_attest::{Kind, Kinds, UnixMs};
use huxin_node::explanation;
use huxin_trust_policy::{
    Belief, Condition, Decision, Explanation, Gap, Lang, Nearest, Timing, Traced, Vocabulary, Weighed,
};
use serde::Serialize;

use super::given::Given;
use super::loaded::{Loaded, PolicyFiles};
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::files::time;
use crate::messages;
use crate::messages::words::{Lines, Word, spoken};

/// One case, and the policy that answers.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    files: PolicyFiles,
    /// Honour the files' validity at this time [default: as if all were in force]
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<UnixMs>,
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    answer: Answer<'a>,
    title: &'a str,
    basis: &'a str,
    owner: &'a str,
    appeal: Appeal<'a>,
    cases: Vec<Case<'a>>,
    heard: Vec<Heard<'a>>,
    nearest: Option<Remedy<'a>>,
    /// Absent where no overlay's rule answers.
    baseline: Option<Answer<'a>>,
}

/// What is answered, by which rule of which file.
#[derive(Serialize)]
struct Answer<'a> {
    outcome: &'static str,
    ask: Vec<&'static str>,
    rule: Option<&'a str>,
    case: Option<&'a str>,
    file: &'a str,
    say: &'a str,
    must: Vec<&'a str>,
}

#[derive(Serialize)]
struct Appeal<'a> {
    contact: &'a str,
    answer_within: Option<String>,
}

#[derive(Serialize)]
struct Case<'a> {
    case: &'a str,
    outcome: &'static str,
    matched: bool,
    conditions: Vec<Measure<'a>>,
}

#[derive(Serialize)]
struct Measure<'a> {
    condition: &'a str,
    holds: bool,
    found: &'a str,
    needed: &'a str,
    over_minutes: u32,
    text: &'a str,
}

#[derive(Serialize)]
struct Heard<'a> {
    kind: &'static str,
    from: String,
    belief: &'static str,
    deciding: bool,
    distrusted_by: Option<&'a str>,
}

#[derive(Serialize)]
struct Remedy<'a> {
    case: &'a str,
    gaps: Vec<Measure<'a>>,
}

pub(super) fn explain(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let loaded = args.files.load(args.given.beside(), context)?;
    let vocabulary = loaded.draft.trial().vocabulary();
    let case = args.given.read(vocabulary, context)?;
    let explained = loaded.draft.trial().explain_given(&case, args.at.map_or(Timing::Regardless, Timing::At));
    let shown = Shown::of(&explained, &loaded);
    context.show(&shown, |shown| shown.to_text(&explained, vocabulary, context.lang))?;
    Ok(Exit::Clean)
}

impl<'a> Shown<'a> {
    fn of(explained: &'a Explanation<'a>, loaded: &'a Loaded) -> Self {
        let Explanation { decision, cases, nearest, baseline, heard } = explained;
        Self {
            answer: Answer::of(decision, loaded),
            title: decision.title,
            basis: decision.basis,
            owner: decision.owner,
            appeal: Appeal {
                contact: &decision.appeal.contact,
                answer_within: decision.appeal.answer_within.map(|within| within.to_string()),
            },
            cases: cases.iter().map(Case::of).collect(),
            heard: heard.iter().map(Heard::of).collect(),
            nearest: nearest.as_ref().map(|nearest| Remedy {
                case: nearest.case,
                gaps: nearest.gaps.iter().map(|gap| Measure::of(false, gap)).collect(),
            }),
            baseline: baseline.as_ref().map(|decision| Answer::of(decision, loaded)),
        }
    }

    fn to_text(&self, explained: &Explanation<'_>, vocabulary: &Vocabulary, lang: Lang) -> String {
        let decision = &explained.decision;
        let mut lines = Lines::new(lang);
        lines.add(Word::Outcome, spoken(self.answer.outcome, lang));
        match decision.rule {
            Some(rule) => {
                let case = match decision.case {
                    Some(case) => format!(" / {}", spoken(case, lang)),
                    None => String::new(),
                };
                let file = messages::in_file(self.answer.file);
                lines.add(Word::Rule, format_args!("{rule}{case}{}", file.get(lang)));
                lines.add(Word::Title, self.title);
            }
            None => lines.add(Word::Rule, messages::no_rule_reaches().get(lang)),
        }
        lines.add(Word::Asked, asked(decision.asked, lang));
        lines.add(Word::Say, self.answer.say);
        lines.add(Word::Must, obligations(decision, vocabulary, lang));
        lines.add(Word::Basis, self.basis);
        lines.add(Word::Owner, self.owner);
        let within = self.appeal.answer_within.as_deref().map(messages::answered_within);
        let within = within.map(|text| text.get(lang).to_owned()).unwrap_or_default();
        lines.add(Word::Appeal, format_args!("{}{within}", self.appeal.contact));
        for heard in &explained.heard {
            lines.add(Word::Heard, heard_line(heard, lang));
        }
        for case in &explained.cases {
            lines.add(Word::CaseByCase, case_line(case, lang));
        }
        if let Some(nearest) = &explained.nearest {
            lines.add(Word::Nearest, remedy(nearest, lang));
        }
        if let Some(baseline) = &explained.baseline {
            let (outcome, rule) = (baseline.outcome.name(), baseline.rule);
            let must = obligations(baseline, vocabulary, lang);
            lines.add(
                Word::ByBaseline,
                messages::by_baseline_now(&asked(baseline.asked, lang), spoken(outcome, lang), rule, &must)
                    .get(lang),
            );
        }
        lines.finish()
    }
}

impl<'a> Answer<'a> {
    fn of(decision: &'a Decision<'a>, loaded: &'a Loaded) -> Self {
        Self {
            outcome: decision.outcome.name(),
            ask: decision.asked.iter().map(Kind::name).collect(),
            rule: decision.rule,
            case: decision.case,
            file: loaded.file(decision.from_overlay),
            say: decision.say,
            must: decision.must.names().collect(),
        }
    }
}

impl<'a> Case<'a> {
    fn of(traced: &'a Traced<'a>) -> Self {
        let Traced { case, outcome, matched, conditions } = traced;
        let conditions = conditions.iter().map(|one| Measure::of(one.holds, &one.measure));
        Self { case, outcome: outcome.name(), matched: *matched, conditions: conditions.collect() }
    }
}

impl<'a> Measure<'a> {
    fn of(holds: bool, gap: &'a Gap) -> Self {
        let Gap { condition, found, needed, over_minutes, .. } = gap;
        Self { condition, holds, found, needed, over_minutes: *over_minutes, text: gap.text(Lang::En) }
    }
}

impl<'a> Heard<'a> {
    fn of(weighed: &'a Weighed<'a>) -> Self {
        Self {
            kind: weighed.kind.name(),
            from: weighed.issuer.to_string(),
            belief: belief(weighed.belief),
            deciding: weighed.deciding,
            distrusted_by: weighed.distrusted.map(|entry| entry.id),
        }
    }
}

const fn belief(belief: Belief) -> &'static str {
    match belief {
        Belief::Believed { value, .. } => value.name(),
        Belief::Not(state) => state.name(),
    }
}

/// What a rule asks, in words; that it asks nothing, too.
pub(super) fn asked(kinds: Kinds, lang: Lang) -> String {
    if kinds.is_empty() {
        return messages::asks_nothing().get(lang).to_owned();
    }
    let between = if lang == Lang::Zh { "、" } else { ", " };
    kinds.iter().map(|kind| spoken(kind.name(), lang)).collect::<Vec<_>>().join(between)
}

/// The obligations, by their names for people.
pub(super) fn obligations(decision: &Decision<'_>, vocabulary: &Vocabulary, lang: Lang) -> String {
    let terms = decision.must.terms();
    let names = terms.iter().map(|term| match lang {
        Lang::Zh => vocabulary.name_zh(term),
        Lang::En => vocabulary.name_en(term),
    });
    names.collect::<Vec<_>>().join(if lang == Lang::Zh { "、" } else { ", " })
}

fn heard_line(heard: &Weighed<'_>, lang: Lang) -> String {
    let (kind, taken) = (spoken(heard.kind.name(), lang), spoken(belief(heard.belief), lang));
    let why = heard.distrusted.map(|entry| format!(" ({} {})", entry.id, entry.say)).unwrap_or_default();
    let deciding = if heard.deciding { messages::deciding().get(lang).to_owned() } else { String::new() };
    format!("{} {kind}: {taken}{why}{deciding}", heard.issuer)
}

/// One case: what it lacked, or all that held.
fn case_line(case: &Traced<'_>, lang: Lang) -> String {
    let chosen = case.conditions.iter().filter(|condition| condition.holds == case.matched);
    let words: Vec<_> = chosen.map(|Condition { measure, .. }| measure.text(lang)).collect();
    let words = words.join(if lang == Lang::Zh { "；" } else { "; " });
    messages::case_traced(case.case, case.matched, spoken(case.outcome.name(), lang), &words)
        .get(lang)
        .to_owned()
}

fn remedy(nearest: &Nearest<'_>, lang: Lang) -> String {
    explanation::what_would_change(&explanation::nearest_message(nearest), lang)
}
