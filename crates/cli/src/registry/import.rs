//! `huxin registry import`: judges a whole file of facts, signs it where the department's key is, and hands it to the
//! node in batches.
//!
//! A note beside the file names the batches that the node acknowledged, so an import that was cut short goes on where it
//! was: nothing is lost, and what the node took without our noting it is known to it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args as ClapArgs;
use huxin_attest::{
    Clock as _, Digest, Ed25519Key, Random as _, Signer as _, SystemRandom, UnixMs, UnixSecs,
};
use huxin_node::clock::RealClock;
use serde::Serialize;

use super::key::{SigningKey, department};
use super::names::Names;
use super::progress::{Progress, rate};
use super::rejected::{Rejected, Rejections};
use super::resume::{self, Plan, Resume};
use super::send::{LANES, send_all};
use super::source::{FileFormat, Source, Stating};
use crate::connection::{Connection, Peer};
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::files;
use crate::messages::{
    self,
    words::{Lines, Word},
};

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The facts: .csv (RFC 4180 with a header) or .jsonl (JSON Lines)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The form of the file [default: by its extension]
    #[arg(long, value_name = "FORMAT")]
    input_format: Option<FileFormat>,
    /// Import the other lines of a file in which some are no facts; else nothing is sent
    #[arg(long)]
    skip_rejected: bool,
    /// Where to list all rejected lines: JSON Lines with line, field, reason and message
    #[arg(long, value_name = "FILE")]
    rejected: Option<PathBuf>,
    /// The note by which an interrupted import goes on; it is secret, and removed at the end [default: FILE.import]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    #[command(flatten)]
    key: SigningKey,
    /// When the facts are stated, by the node's facts clock; at most 7 days ago [default: now, or as in the note]
    #[arg(long, value_name = "TIME", value_parser = files::time)]
    at: Option<UnixMs>,
    #[command(flatten)]
    connection: Connection,
}

/// Lines were rejected, and nothing was sent.
#[derive(Serialize)]
struct Refused<'a> {
    file: String,
    rejected: u64,
    /// The first of them.
    lines: &'a [Rejected],
}

#[derive(Serialize)]
struct Imported<'a> {
    file: String,
    sha256: String,
    department: String,
    facts: u64,
    /// New to the registry.
    changed: u64,
    /// Known to the registry before.
    unchanged: u64,
    /// Of all these, acknowledged in an earlier run.
    resumed: u64,
    rejected: u64,
    /// The first of the rejected lines.
    lines: &'a [Rejected],
    seconds_checking: f64,
    /// For signing and sending.
    seconds: f64,
    facts_a_second: f64,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let format = args.input_format.or_else(|| FileFormat::of(&args.file));
    let format = format.ok_or_else(|| CliError::usage(messages::name_the_format(&args.file)))?;
    let peers: [Peer; LANES] = [args.connection.open()?, args.connection.open()?];
    let [peer, _] = &peers;
    let department = department(args.key.department, peer)?;
    let key = args.key.open(peer, department)?;
    let now = UnixSecs::at(args.at.unwrap_or_else(|| RealClock.now()));
    let stating = Stating { department, region: peer.region, at: now };

    let began = Instant::now();
    let mut rejections = Rejections::new(args.rejected.as_deref())?;
    let source = {
        let mut progress = Progress::new(context);
        Source::check(&args.file, format, stating, &mut rejections, |line| progress.checked(line))?
    };
    rejections.close()?;
    let checking = began.elapsed();
    let source = source.filter(|source| source.facts > 0 && (args.skip_rejected || rejections.count == 0));
    let Some(mut source) = source else { return refuse(args, &rejections, context) };
    if rejections.count > 0 {
        context.note(&messages::lines_skipped(rejections.count));
    }

    let mut resume = open_resume(args, format, stating, &source, &key)?;
    let stating = Stating { at: resume.plan.stated_at, ..stating };
    let resumed = resume.acknowledged();
    let began = Instant::now();
    let names = Names::new(&resume.plan.seed, source.digest);
    let (facts, digest) = (source.facts, source.digest);
    let batches = source.batches(stating, |line| names.salt(line))?;
    send_all(batches, &key, &names, peers, &mut resume, Progress::new(context), facts)?;
    let imported = imported(args, &resume, &rejections, resumed, [checking, began.elapsed()], facts, digest);
    resume.finish()?;
    context.show(&imported, |imported| imported.to_text(args, context))?;
    Ok(Exit::Clean)
}

fn open_resume(
    args: &Args,
    input_format: FileFormat,
    stating: Stating,
    source: &Source,
    key: &Ed25519Key,
) -> Result<Resume, CliError> {
    let path = args.state.clone().unwrap_or_else(|| resume::path_beside(&args.file));
    let plan = Plan {
        file: source.digest,
        input_format,
        skip_rejected: args.skip_rejected,
        region: stating.region,
        department: stating.department,
        key: key.public_key().id(),
        stated_at: stating.at,
        seed: SystemRandom.array(),
    };
    Resume::open(&path, plan, args.at.map(UnixSecs::at))
}

fn refuse(args: &Args, rejections: &Rejections, context: &Context) -> Result<Exit, CliError> {
    let file = args.file.display().to_string();
    let refused = Refused { file, rejected: rejections.count, lines: &rejections.shown };
    context.show(&refused, |refused| {
        let mut text = listed(args, refused.lines, context);
        text.push_str(messages::lines_rejected(refused.rejected).get(context.lang));
        text
    })?;
    Ok(Exit::Invalid)
}

fn listed(args: &Args, lines: &[Rejected], context: &Context) -> String {
    lines.iter().map(|one| one.text(&args.file, context)).collect()
}

fn imported<'a>(
    args: &Args,
    resume: &Resume,
    rejections: &'a Rejections,
    resumed: u64,
    [checking, sending]: [Duration; 2],
    facts: u64,
    digest: Digest,
) -> Imported<'a> {
    Imported {
        file: args.file.display().to_string(),
        sha256: digest.to_string(),
        department: resume.plan.department.to_string(),
        facts,
        changed: resume.done.values().map(|done| u64::from(done.changed)).sum(),
        unchanged: resume.done.values().map(|done| u64::from(done.unchanged)).sum(),
        resumed,
        rejected: rejections.count,
        lines: &rejections.shown,
        seconds_checking: checking.as_secs_f64(),
        seconds: sending.as_secs_f64(),
        facts_a_second: rate(facts.saturating_sub(resumed), sending),
    }
}

impl Imported<'_> {
    fn to_text(&self, args: &Args, context: &Context) -> String {
        let mut lines = Lines::new(context.lang);
        lines.add(Word::File, &self.file);
        lines.add(Word::Department, &self.department);
        lines.add(Word::Facts, self.facts);
        lines.add(Word::Sent, self.changed);
        lines.add(Word::Known, self.unchanged);
        if self.resumed > 0 {
            lines.add(Word::Skipped, self.resumed);
        }
        if self.rejected > 0 {
            lines.add(Word::Rejected, self.rejected);
        }
        lines.add(Word::Rate, self.facts_a_second);
        listed(args, self.lines, context) + &lines.finish()
    }
}
