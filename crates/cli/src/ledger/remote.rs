//! The log of a running node: nothing of it is believed but what the key and the proofs show.

use std::time::Duration;

use bytes::Bytes;
use huxin_attest::Digest;
use huxin_identity::pki::write::replace_public;
use huxin_ledger::heads::KnownHead;
use huxin_ledger::{HeadTracker, Leaf, LogVerifierKey, VerifiedHead};
use huxin_node::limits::REQUEST_DEADLINE;
use huxin_wire::v1;
use huxin_wire::v1::ledger_client::LedgerClient;
use serde::Serialize;
use tonic::{Request, Response};

use super::Remote;
use crate::connection::{Peer, block_on};
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::messages::words::{Lines, Word};
use crate::messages::{self, Text};
use crate::{federation, files, retry};

const DEADLINE: Duration = REQUEST_DEADLINE.saturating_add(Duration::from_secs(1));

#[derive(Serialize)]
struct Shown {
    verified: bool,
    log: String,
    region: String,
    size: u64,
    root: String,
    /// The size that the log was shown to continue.
    continues: Option<u64>,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    index: u64,
    time: String,
    r#type: String,
}

pub(super) fn verify(args: &Remote, context: &Context) -> Result<Exit, CliError> {
    let mut peer = args.connection.open()?;
    let (shown, checkpoint) = block_on(check(args, &mut peer))?;
    if let Some(path) = &args.save {
        replace_public(path, &checkpoint).map_err(|error| CliError::environment(error.to_string()))?;
    }
    context.show(&shown, |shown| {
        let mut lines = Lines::new(context.lang);
        lines.add(Word::Verified, messages::log_holds().get(context.lang));
        lines.add(Word::Log, format_args!("{} ({})", shown.log, shown.region));
        lines.add(Word::Size, shown.size);
        lines.add(Word::Root, &shown.root);
        if let Some(from) = shown.continues {
            lines.add(Word::Verified, messages::continues(from).get(context.lang));
        }
        for entry in &shown.entries {
            let kind = crate::messages::words::spoken(&entry.r#type, context.lang);
            lines.add(Word::Entry, format_args!("{}: {kind}, {}", entry.index, entry.time));
        }
        lines.finish()
    })?;
    Ok(Exit::Clean)
}

async fn check(args: &Remote, peer: &mut Peer) -> Result<(Shown, String), CliError> {
    let origin = args.origin.clone().unwrap_or_default();
    let checkpoint = fetch_checkpoint(peer, &origin).await?;
    // Which log it is says the checkpoint; whose key signs it says the membership list.
    let named = checkpoint.lines().next().unwrap_or_default();
    let (region, key) = federation::log_key(&peer.membership, named)?;
    if region != peer.region || (!origin.is_empty() && origin != named) {
        return Err(finding(messages::another_log(named)));
    }
    let known = known(args, &key)?;
    let mut tracker = HeadTracker::new(key, known.unwrap_or_default());
    let signed = tracker.key().verify(&checkpoint).map_err(|error| finding(error.to_string()))?;
    let size = signed.checkpoint().size;
    let consistency = match known {
        Some(known) if (1..size).contains(&known.size) => consistency(peer, named, known.size, size).await?,
        _ => Vec::new(),
    };
    let head = tracker.accept(&checkpoint, &consistency).map_err(|error| finding(error.to_string()))?;
    let mut entries = Vec::new();
    for index in &args.index {
        entries.push(entry(peer, named, *index, &head).await?);
    }
    let shown = Shown {
        verified: true,
        log: named.to_owned(),
        region: region.to_string(),
        size,
        root: head.head().root.to_string(),
        continues: known.map(|known| known.size),
        entries,
    };
    Ok((shown, checkpoint))
}

/// What was seen of the log before.
fn known(args: &Remote, key: &LogVerifierKey) -> Result<Option<KnownHead>, CliError> {
    if let (Some(size), Some(root)) = (args.from, args.root) {
        return Ok(Some(KnownHead { size, root }));
    }
    let Some(path) = &args.saved else { return Ok(None) };
    let signed = key.verify(&files::text(path)?);
    let signed = signed.map_err(|error| CliError::invalid(messages::wrong_file(path, error)))?;
    Ok(Some(KnownHead { size: signed.checkpoint().size, root: signed.checkpoint().root }))
}

async fn fetch_checkpoint(peer: &mut Peer, origin: &str) -> Result<String, CliError> {
    let reply = retry::call(peer, DEADLINE, async |channel| {
        let request = Request::new(v1::CheckpointRequest { origin: origin.to_owned() });
        LedgerClient::new(channel).checkpoint(request).await.map(Response::into_inner)
    });
    Ok(reply.await?.checkpoint)
}

async fn consistency(peer: &mut Peer, origin: &str, from: u64, to: u64) -> Result<Vec<Digest>, CliError> {
    let reply = retry::call(peer, DEADLINE, async |channel| {
        let request = Request::new(v1::ConsistencyRequest { origin: origin.to_owned(), from, to });
        LedgerClient::new(channel).consistency(request).await.map(Response::into_inner)
    });
    hashes(&reply.await?.consistency).map_err(finding)
}

async fn entry(peer: &mut Peer, origin: &str, index: u64, head: &VerifiedHead) -> Result<Entry, CliError> {
    let reply = retry::call(peer, DEADLINE, async |channel| {
        let request = Request::new(v1::ProofRequest { origin: origin.to_owned(), index, size: head.size() });
        LedgerClient::new(channel).proof(request).await.map(Response::into_inner)
    });
    let v1::ProofReply { leaf, path, size: _ } = reply.await?;
    let leaf = Leaf::from_bytes(&leaf).map_err(|error| finding(error.to_string()))?;
    let path = hashes(&path).map_err(finding)?;
    let verified = head.verify_entry(index, &path, &leaf).map_err(|error| finding(error.to_string()))?;
    let kind = crate::receipt::type_name(verified.leaf().leaf_type).to_owned();
    Ok(Entry { index, time: verified.leaf().at.to_string(), r#type: kind })
}

/// Hashes that stand one behind the other.
///
/// # Errors
/// If their length is no multiple of 32 bytes.
fn hashes(bytes: &Bytes) -> Result<Vec<Digest>, String> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if rest.is_empty() {
        Ok(hashes.iter().copied().map(Digest).collect())
    } else {
        Err("a proof must have 32 bytes a hash".to_owned())
    }
}

fn finding(problem: impl Into<Text>) -> CliError {
    CliError::new(Exit::Finding, messages::not_verified(problem.into()))
}
