//! `huxin registry import`: signs a file of facts where the department's key is, and hands it to the node in batches.
//!
//! A batch is named by the file's hash and its number. So an import that was cut short can be run again: what the node
//! took before it does not take twice.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args as ClapArgs;
use huxin_attest::{
    Clock as _, DepartmentName, Digest, Ed25519Key, MAX_BATCH, Signer as _, SubjectSalt, SystemRandom,
    UnixMs, UnixSecs, sha256,
};
use huxin_node::clock::RealClock;
use huxin_node::limits::IMPORT_DEADLINE;
use huxin_registry::ToSign;
use huxin_wire::Reason;
use huxin_wire::v1::ImportReply;
use huxin_wire::v1::registry_client::RegistryClient;
use serde::Serialize;

use super::source::{Rejections, Source, Stating};
use crate::connection::{Connection, Peer, block_on};
use crate::context::Context;
use crate::department::{self, Fact};
use crate::exit::{CliError, Exit};
use crate::messages::{
    self,
    words::{Lines, Word},
};
use crate::{files, retry};

/// How often progress is told.
const TOLD: Duration = Duration::from_secs(1);

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The facts: JSON Lines
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// The department that states them [default: the one of the certificate]
    #[arg(long, value_name = "NAME")]
    department: Option<DepartmentName>,
    /// The department's statement key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// When the facts are stated, by the node's facts clock; at most 7 days ago [default: now]
    #[arg(long, value_name = "TIME", value_parser = files::time)]
    at: Option<UnixMs>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Default, Serialize)]
struct Imported {
    file: String,
    department: String,
    facts: u64,
    changed: u64,
    unchanged: u64,
    /// In batches that an earlier run imported.
    skipped: u64,
    seconds: f64,
    facts_a_second: f64,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let mut peer = args.connection.open()?;
    let department = department(args, &peer)?;
    let key = files::signing_key(&args.key)?;
    check_listed(args, &peer, department, &key)?;
    let at = UnixSecs::at(args.at.unwrap_or_else(|| RealClock.now()));
    let mut source = match Source::check(&args.file, Stating { department, region: peer.region, at })? {
        Ok(source) => source,
        Err(rejections) => return reject(args, &rejections, context),
    };
    let mut imported = Imported {
        file: args.file.display().to_string(),
        department: department.to_string(),
        facts: source.facts,
        ..Imported::default()
    };
    let began = Instant::now();
    block_on(async { import(&mut source, &key, &mut peer, &mut imported, context).await })?;
    imported.seconds = began.elapsed().as_secs_f64();
    #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
    let facts = imported.facts as f64;
    imported.facts_a_second = (facts / imported.seconds.max(1e-6)).round();
    context.show(&imported, |imported| imported.to_text(context))?;
    Ok(Exit::Clean)
}

/// The department that the certificate names, which must be the one that is meant.
fn department(args: &Args, peer: &Peer) -> Result<DepartmentName, CliError> {
    let name = peer.own.role.department().map(|name| name.as_str()).unwrap_or_default();
    let named: Option<DepartmentName> = name.parse().ok();
    match (named, args.department) {
        (Some(named), None) => Ok(named),
        (Some(named), Some(meant)) if named == meant => Ok(named),
        _ => Err(CliError::usage(messages::not_the_departments_certificate(&peer.own))),
    }
}

/// A key that the membership list does not give the department would sign in vain.
fn check_listed(
    args: &Args,
    peer: &Peer,
    department: DepartmentName,
    key: &Ed25519Key,
) -> Result<(), CliError> {
    let listed = peer.membership.department(peer.region, department.as_str());
    let listed = listed.is_some_and(|listed| listed.keys.iter().any(|one| one.public == *key.public_key()));
    if listed {
        return Ok(());
    }
    let problem = messages::key_not_listed(&args.key, department);
    Err(CliError::invalid(problem))
}

fn reject(args: &Args, rejections: &Rejections, context: &Context) -> Result<Exit, CliError> {
    context.show(rejections, |rejections| {
        let file = args.file.display();
        let line =
            |one: &super::source::Rejected| format!("{file}:{}: {}: {}\n", one.line, one.reason, one.message);
        let mut text: String = rejections.lines.iter().map(line).collect();
        text.push_str(messages::lines_rejected(rejections.rejected).get(context.lang));
        text
    })?;
    Ok(Exit::Invalid)
}

async fn import(
    source: &mut Source,
    key: &Ed25519Key,
    peer: &mut Peer,
    imported: &mut Imported,
    context: &Context,
) -> Result<(), CliError> {
    let (digest, total) = (source.digest, source.facts);
    let mut told = Instant::now();
    let mut batches = source.batches(usize::from(MAX_BATCH), || SubjectSalt::random(&mut SystemRandom))?;
    while let Some((number, batch)) = batches.next()? {
        let len = u64::try_from(batch.len()).unwrap_or_default();
        let sent = send(peer, request_id(&digest, number), batch, key).await;
        match sent.map_err(|error| stopped(imported, total, error))? {
            Some(ImportReply { changed, unchanged }) => {
                imported.changed += u64::from(changed);
                imported.unchanged += u64::from(unchanged);
            }
            None => imported.skipped += len,
        }
        if told.elapsed() >= TOLD {
            told = Instant::now();
            context.note(&messages::progress(imported.done(), total));
        }
    }
    Ok(())
}

/// Sends one batch, the same bytes in every attempt. `None`: an earlier run imported it.
async fn send(
    peer: &mut Peer,
    request_id: [u8; 16],
    batch: Vec<ToSign>,
    key: &Ed25519Key,
) -> Result<Option<ImportReply>, CliError> {
    let fact = |ToSign { claims, document, salt }| Fact { claims, document, salt };
    let facts: Vec<Fact> = batch.into_iter().map(fact).collect();
    let statements =
        department::sign(&facts, key).map_err(|error| CliError::environment(error.to_string()))?;
    let reply = retry::call(peer, IMPORT_DEADLINE, async |channel| {
        department::send(&mut RegistryClient::new(channel), request_id, statements.clone()).await
    });
    match reply.await {
        Ok(reply) => Ok(Some(reply)),
        // The id is of this file and batch alone: an earlier run sent the same facts under other salts.
        Err(error) if error.reason() == Some(Reason::RequestIdReused) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The first 16 bytes of SHA-256(file digest ‖ batch number in 8 bytes, big-endian).
fn request_id(file: &Digest, number: u64) -> [u8; 16] {
    let digest = sha256(&[&file.0, &number.to_be_bytes()]);
    digest.0.first_chunk::<16>().copied().unwrap_or_default()
}

fn stopped(imported: &Imported, total: u64, error: CliError) -> CliError {
    CliError::new(error.exit, messages::import_stopped(imported.done(), total, &error.message))
}

impl Imported {
    const fn done(&self) -> u64 {
        self.changed + self.unchanged + self.skipped
    }

    fn to_text(&self, context: &Context) -> String {
        let mut lines = Lines::new(context.lang);
        lines.add(Word::File, &self.file);
        lines.add(Word::Department, &self.department);
        lines.add(Word::Facts, self.facts);
        lines.add(Word::Sent, self.changed);
        lines.add(Word::Known, self.unchanged);
        if self.skipped > 0 {
            lines.add(Word::Skipped, self.skipped);
        }
        lines.add(Word::Rate, self.facts_a_second);
        lines.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_named_by_its_file_and_number() {
        let (a, b) = (sha256(&[b"a"]), sha256(&[b"b"]));
        assert_eq!(request_id(&a, 1), request_id(&a, 1));
        assert_ne!(request_id(&a, 1), request_id(&a, 2));
        assert_ne!(request_id(&a, 1), request_id(&b, 1));
        assert_eq!(request_id(&a, 1), sha256(&[&a.0, &[0, 0, 0, 0, 0, 0, 0, 1]]).0[..16]);
    }
}
