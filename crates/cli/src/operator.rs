//! `huxin operator`: what an operator of the own province sees of its node, and makes it do.

use std::collections::BTreeMap;

use clap::{Args as ClapArgs, Subcommand};
use huxin_attest::UnixMs;
use huxin_node::limits::REQUEST_DEADLINE;
use huxin_wire::v1;
use huxin_wire::v1::operator_client::OperatorClient;
use serde::Serialize;
use tonic::Response;

use crate::connection::{Connection, block_on};
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::files::hex;
use crate::messages::{
    self,
    words::{Lines, Word},
};
use crate::retry;

/// What to do with the node.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 节点状态，先列告警 / What the node is doing, warnings first
    Status(Connection),
    /// 重读场所清单和风险区清单，两者一并生效或都不生效 / Read places and risk areas again: both come into force, or neither
    Reload(Connection),
}

#[derive(Serialize)]
struct File {
    id: String,
    version: u64,
    sha256: String,
}

#[derive(Serialize)]
struct Reloaded {
    region: String,
    changed: Vec<File>,
}

#[derive(Serialize)]
struct Status {
    region: String,
    version: String,
    warnings: Vec<String>,
    facts_time: Option<String>,
    facts_offset_ms: i64,
    policy: Vec<File>,
    federation: Option<File>,
    federation_expires: Option<String>,
    log: String,
    log_size: u64,
    log_entries: u64,
    log_flushes: u64,
    people: u64,
    statements: u64,
    runtimes: u32,
    peers: Vec<Peer>,
    counters: BTreeMap<&'static str, u64>,
}

#[derive(Serialize)]
struct Peer {
    region: String,
    streams: u32,
    verified_size: u64,
}

/// Runs the command.
///
/// # Errors
/// If the node is not reached or refuses.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    match &args.command {
        Command::Status(connection) => status(connection, context),
        Command::Reload(connection) => reload(connection, context),
    }?;
    Ok(Exit::Clean)
}

fn reload(connection: &Connection, context: &Context) -> Result<(), CliError> {
    let mut peer = connection.open()?;
    let reply = block_on(async {
        let call = retry::call(&mut peer, REQUEST_DEADLINE, async |channel| {
            OperatorClient::new(channel).reload(v1::ReloadRequest {}).await.map(Response::into_inner)
        });
        Ok(call.await?)
    })?;
    let changed = reply.changed.iter().map(file).collect();
    context.show(&Reloaded { region: peer.region.to_string(), changed }, |reloaded| {
        let mut lines = Lines::new(context.lang);
        if reloaded.changed.is_empty() {
            lines.add(Word::Policy, messages::nothing_changed().get(context.lang));
        }
        reloaded.changed.iter().for_each(|file| lines.add(Word::InForce, file.to_text()));
        lines.finish()
    })
}

fn status(connection: &Connection, context: &Context) -> Result<(), CliError> {
    let mut peer = connection.open()?;
    let reply = block_on(async {
        let call = retry::call(&mut peer, REQUEST_DEADLINE, async |channel| {
            OperatorClient::new(channel).status(v1::StatusRequest {}).await.map(Response::into_inner)
        });
        Ok(call.await?)
    })?;
    context.show(&Status::of(reply), |status| status.to_text(context))
}

fn file(file: &v1::FileReference) -> File {
    File { id: file.id.clone(), version: file.version, sha256: hex(&file.sha256) }
}

fn time(unix_ms: i64) -> Option<String> {
    UnixMs::from_ms(unix_ms).map(|time| time.to_string())
}

impl File {
    fn to_text(&self) -> String {
        format!("{} v{} SHA-256 {}", self.id, self.version, self.sha256)
    }
}

impl Status {
    fn of(reply: v1::StatusReply) -> Self {
        let peer = |peer: v1::PeerStatus| Peer {
            region: peer.region,
            streams: peer.streams,
            verified_size: peer.verified_size,
        };
        Self {
            region: reply.region,
            version: reply.version,
            warnings: reply.warnings,
            facts_time: time(reply.facts_unix_ms),
            facts_offset_ms: reply.facts_offset_ms,
            policy: reply.policy.iter().map(file).collect(),
            federation: reply.federation.as_ref().map(file),
            federation_expires: time(reply.federation_expires_unix_ms),
            log: reply.origin,
            log_size: reply.log_size,
            log_entries: reply.log_entries,
            log_flushes: reply.log_flushes,
            people: reply.people,
            statements: reply.statements,
            runtimes: reply.runtimes,
            peers: reply.peers.into_iter().map(peer).collect(),
            counters: reply.counters.map(counters).unwrap_or_default(),
        }
    }

    fn to_text(&self, context: &Context) -> String {
        let mut lines = Lines::new(context.lang);
        self.warnings.iter().for_each(|warning| lines.add(Word::Warning, warning));
        lines.add(Word::Region, &self.region);
        lines.add(Word::Version, &self.version);
        lines.add(Word::Time, self.facts_time.as_deref().unwrap_or_default());
        self.policy.iter().for_each(|file| lines.add(Word::InForce, file.to_text()));
        lines.add(Word::Federation, self.federation.as_ref().map(File::to_text).unwrap_or_default());
        lines.add(Word::Log, &self.log);
        lines.add(Word::Size, self.log_size);
        lines.add(Word::People, self.people);
        lines.add(Word::Facts, self.statements);
        for Peer { region, streams, verified_size } in &self.peers {
            lines.add(Word::Peer, format!("{region}: streams {streams}, verified size {verified_size}"));
        }
        let counted = self.counters.iter().filter(|(_, count)| **count > 0);
        counted.for_each(|(name, count)| lines.add(Word::Counted, format!("{name} {count}")));
        lines.finish()
    }
}

fn counters(counted: v1::Counters) -> BTreeMap<&'static str, u64> {
    BTreeMap::from([
        ("recognised", counted.recognised),
        ("not_required", counted.not_required),
        ("admitted", counted.admitted),
        ("reviewed", counted.reviewed),
        ("queries_sent", counted.queries_sent),
        ("answers_verified", counted.answers_verified),
        ("answers_rejected", counted.answers_rejected),
        ("queries_answered", counted.queries_answered),
        ("queries_refused", counted.queries_refused),
        ("queries_declined", counted.queries_declined),
        ("statements_verified", counted.statements_verified),
        ("signatures_checked", counted.signatures_checked),
        ("heads_verified", counted.heads_verified),
        ("looked_again", counted.looked_again),
        ("errors", counted.errors),
        ("answers_reused", counted.answers_reused),
        ("reports_received", counted.reports_received),
        ("statements_refused", counted.statements_refused),
        ("resolutions", counted.resolutions),
    ])
}
