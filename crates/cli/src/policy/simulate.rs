//! `huxin policy simulate`: what other policy files would have answered to the decisions of a log.
//!
//! Of a kind that was not asked at the time nothing is known; where the new files would ask for it, their answer is not
//! guessed.

mod tally;

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use huxin_attest::Kind;
use huxin_trust_policy::{Decision, Draft, LoggedDecision, LoggedOutcome, Policy, Timing};
use serde::Serialize;

use self::tally::Tally;
use super::loaded::PolicyFiles;
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::messages;
use crate::traffic::Traffic;

pub(crate) use tally::Change;

/// A decision log, and the files that are compared on it.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The decision log: JSON Lines, as huxin ledger decisions writes it
    #[arg(long, value_name = "FILE")]
    log: PathBuf,
    /// The new files: an overlay, a baseline, a vocabulary [the latter two default to those beside the first]
    #[arg(long, value_name = "POLICY", required = true, num_args = 1..)]
    new: Vec<PathBuf>,
    /// The old files [default: what the log says was answered]
    #[arg(long, value_name = "POLICY", num_args = 1..)]
    old: Vec<PathBuf>,
    /// How many examples of each change are shown
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(..=100))]
    examples: u8,
    /// Honour the files' validity at the time of each decision [default: as if all were in force]
    #[arg(long)]
    at_its_time: bool,
    /// Exit with 1 if anything is answered differently
    #[arg(long)]
    exit_code: bool,
}

/// An answer, in the names of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Answer {
    then: String,
    ask: Vec<String>,
    by: Option<String>,
    case: Option<String>,
    must: Vec<String>,
}

pub(super) fn simulate(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let load = |files: &[PathBuf]| PolicyFiles::of(files.to_vec()).load(Path::new("."), context);
    let new = load(&args.new)?.draft;
    let old = if args.old.is_empty() { None } else { Some(load(&args.old)?.draft) };
    let mut tally = Tally::new(usize::from(args.examples));
    Traffic::open(&args.log)?.each(|number, decision| {
        let timing = match args.at_its_time {
            true => {
                let wrong =
                    |problem| CliError::invalid(messages::no_decision_line(&args.log, number, problem));
                Timing::At(decision.at().map_err(wrong)?)
            }
            false => Timing::Regardless,
        };
        one(&mut tally, number, &decision, old.as_ref().map(Draft::trial), new.trial(), timing);
        Ok(())
    })?;
    let shown = tally.shown();
    context.show(&shown, |shown| shown.to_text(context.lang))?;
    Ok(if args.exit_code && tally.differs() { Exit::Finding } else { Exit::Clean })
}

fn one(
    tally: &mut Tally,
    number: u64,
    decision: &LoggedDecision,
    old: Option<&Policy>,
    new: &Policy,
    timing: Timing,
) {
    tally.labels(new.unmapped_labels(decision));
    let answer = |policy: &Policy| {
        let case = decision.case(policy.vocabulary()).map_err(|problem| problem.message)?;
        let answered = policy.decide_given(&case, timing);
        Ok::<_, String>((Answer::of(&answered), unknown_kinds(decision, &answered)))
    };
    let before = match old {
        Some(policy) => answer(policy).map(|(answer, unknown)| (answer, !unknown)),
        None => Ok((Answer::recorded(&decision.was), true)),
    };
    match (before, answer(new)) {
        (Ok((before, true)), Ok((after, unknown))) => {
            let changes = Change::between(&before, &after, unknown);
            tally.compared(number, decision, &before, &after, &changes);
        }
        (Ok((_, false)), _) => tally.not_judged("the old files ask for what was not asked at the time"),
        (Err(why), _) | (_, Err(why)) => tally.not_judged(&why),
    }
}

/// Does the answer rest on a kind of which nothing is known, because it was not asked at the time?
fn unknown_kinds(decision: &LoggedDecision, answered: &Decision<'_>) -> bool {
    let given = &decision.given;
    let stated = [&given.code, &given.pcr, &given.exam];
    Kind::TRAVELLING.into_iter().zip(stated).any(|(kind, stated)| {
        answered.asked.contains(kind)
            && stated.is_nothing()
            && !decision.was.ask.iter().chain(&decision.unreachable).any(|asked| asked == kind.name())
    })
}

impl Answer {
    fn of(decision: &Decision<'_>) -> Self {
        Self {
            then: decision.outcome.name().to_owned(),
            ask: decision.asked.iter().map(|kind| kind.name().to_owned()).collect(),
            by: decision.rule.map(ToOwned::to_owned),
            case: decision.case.map(ToOwned::to_owned),
            must: decision.must.names().map(ToOwned::to_owned).collect(),
        }
    }

    fn recorded(was: &LoggedOutcome) -> Self {
        let LoggedOutcome { then, ask, by, case, must } = was.clone();
        Self { then, ask, by, case, must }
    }
}
