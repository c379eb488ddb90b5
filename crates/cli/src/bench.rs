//! `huxin bench`: what the main paths cost, beside a bare floor in the same run.
//!
//! Servers are processes of their own, callers wait for each answer (closed loop), everything is on loopback and bounded
//! in time, stores lie on a disk file system with every flush on. A figure alone says little: machines differ. The ratio
//! to the echo is what is kept.

mod echo;
mod federation;
mod import;
mod load;
mod process;
mod raw;
mod report;
mod run;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args as ClapArgs, Subcommand};
use huxin_identity::{Credentials, Folder, Membership, TrustStore, server_config};
use huxin_node::{Config, Listeners};
use huxin_registry::synthetic::MAX_PEOPLE;

use federation::text;
use load::Plan;
use run::{Kind, Scale, bench};

/// Which bench, and how hard.
#[derive(Debug, ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A question that another province answers: verified, decided, logged on both sides.
    TwoHop(Options),
    /// A question for which nothing is asked.
    NotRequired(Options),
    /// A department imports a file of facts, beside a raw load of the same rows into redb.
    Import(ImportOptions),
    /// The bare echo that the others are measured beside.
    #[command(hide = true)]
    EchoServer(EchoOptions),
}

#[derive(Debug, ClapArgs)]
struct Options {
    /// Measured seconds of each side of each round.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Rounds of echo and nodes in turn; the median ratio counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Synthetic people to draw from.
    #[arg(long, default_value_t = 20_000)]
    people: u32,
    /// Connections of the callers.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Callers, each with one request in flight.
    #[arg(long, default_value_t = 512)]
    callers: usize,
    /// Threads of the callers.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Runtimes of each server.
    #[arg(long, default_value_t = 2)]
    runtimes: usize,
    /// Where to put the files; a fresh folder inside is removed afterwards.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
}

#[derive(Debug, ClapArgs)]
struct ImportOptions {
    /// Synthetic people, each with one code.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_PEOPLE)))]
    people: u32,
    /// Runtimes of the node.
    #[arg(long, default_value_t = 2)]
    runtimes: usize,
    /// Where to put the files; a fresh folder inside is removed afterwards.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
}

#[derive(Debug, ClapArgs)]
struct EchoOptions {
    #[arg(long)]
    config: PathBuf,
    #[arg(long)]
    address: SocketAddr,
    #[arg(long)]
    reply: PathBuf,
    #[arg(long)]
    runtimes: usize,
}

/// Runs the bench and returns what to print.
///
/// # Errors
/// If it cannot be set up, or a reply is not what it must be.
pub fn run(args: Args, json: bool) -> Result<String, String> {
    let (kind, options) = match args.command {
        Command::TwoHop(options) => (Kind::TwoHop, options),
        Command::NotRequired(options) => (Kind::NotRequired, options),
        Command::Import(options) => return import(&options, json),
        Command::EchoServer(options) => return echo_server(options).map(|()| String::new()),
    };
    let folder = tempfile::Builder::new().prefix("huxin-bench-").tempdir_in(&options.dir).map_err(text)?;
    let scale = Scale {
        plan: Plan {
            threads: options.threads.max(1),
            connections: options.connections.max(1),
            callers: options.callers.max(1),
            warm_up: Duration::from_secs(2),
            measured: Duration::from_secs(options.seconds.clamp(1, 600)),
        },
        rounds: options.rounds.clamp(1, 100),
        people: options.people.max(1),
        runtimes: options.runtimes.clamp(1, 64),
    };
    let report = bench(kind, folder.path(), scale)?;
    if json { serde_json::to_string_pretty(&report).map_err(text) } else { Ok(report.text()) }
}

fn import(options: &ImportOptions, json: bool) -> Result<String, String> {
    let folder = tempfile::Builder::new().prefix("huxin-bench-").tempdir_in(&options.dir).map_err(text)?;
    let report = import::bench(folder.path(), options.people, options.runtimes.clamp(1, 64))?;
    if json { serde_json::to_string_pretty(&report).map_err(text) } else { Ok(report.text()) }
}

/// Serves until the process is killed.
fn echo_server(options: EchoOptions) -> Result<(), String> {
    let config = Config::load(&options.config).map_err(text)?;
    let membership = Arc::new(Membership::load(&config.federation).map_err(text)?);
    let files = Folder::new(config.federation.parent().map(PathBuf::from).unwrap_or_default());
    let trust = Arc::new(TrustStore::new(membership, &files));
    let own = Credentials::load(&config.certificate, &config.certificate_key).map_err(text)?;
    let tls = server_config(&own, trust).map_err(text)?;
    let reply = std::fs::read(&options.reply).map_err(text)?;
    let listeners = Listeners::bind(options.address, options.runtimes).map_err(text)?;
    echo::serve(listeners, &tls, &reply.into()).map_err(text)
}
