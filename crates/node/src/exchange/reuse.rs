//! An earlier answer used again while its province is silent, from the asker's side: logged before it is used, and
//! reported to its province as soon as that is reached again.
//!
//! What was not acknowledged is known from the log, so that neither a crash nor a restart loses a report. A report that
//! was logged and not acknowledged is sent again; its province knows it by the entry that it names.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use huxin_attest::{RegionCode, UnixMs, sha256};
use huxin_ledger::leaf::exchange_private_of_hashes;
use huxin_ledger::log::ReadError;
use huxin_ledger::public::{Counts, Label, Reuse};
use huxin_ledger::{LeafType, LogReader};
use huxin_wire::{Failure, Reason, v1};
use prost::Message as _;

use super::details::Details;
use super::link::Expected;
use super::reply::PeerAnswer;
use crate::local::Local;
use crate::log_port::Entry;
use crate::sealed::seal;

/// How many entries are read at once when the node starts.
const PAGE: usize = 1024;

/// Reuses that their provinces have not acknowledged.
#[derive(Debug, Default)]
pub struct Unreported {
    waiting: Mutex<HashMap<RegionCode, BTreeSet<u64>>>,
}

/// What is used again, by whom and about whom.
pub struct Used<'a> {
    /// The earlier answer.
    pub answer: &'a PeerAnswer,
    /// The question that stayed unanswered, as it was sent.
    pub query: &'a Bytes,
    /// Its purpose and department.
    pub expected: &'a Expected,
    /// Its tag, by which retries are known.
    pub request_tag: [u8; 16],
    /// The person's key in the own registry.
    pub person: [u8; 32],
    /// The statements that are used.
    pub counts: Counts,
}

/// Logs that an answer is used again at `now`, and waits until that is durable: the entry's index.
///
/// # Errors
/// If the log does not take it: then the answer must not be used.
pub async fn log_reuse(local: &Local, used: Used<'_>, now: UnixMs) -> Result<u64, Failure> {
    let Used { answer, query, expected, request_tag, person, counts } = used;
    let public = Reuse {
        purpose: label(&expected.purpose)?,
        peer: answer.region,
        department: label(&expected.department)?,
        counts,
        origin: answer.origin.clone(),
        index: answer.index,
    };
    let body: Bytes = v1::Report {
        // Both are known once the entry has its place: they are filled in when it is sent.
        id: 0,
        reuse_index: 0,
        reuse_origin: String::new(),
        origin: answer.origin.to_string(),
        index: answer.index,
        unix_ms: now.as_ms(),
        purpose: expected.purpose.clone(),
        department: expected.department.clone(),
        request_tag: Bytes::copy_from_slice(&request_tag),
    }
    .encode_to_vec()
    .into();
    let private = exchange_private_of_hashes(&sha256(&[query]), &sha256(&[&body]));
    let person = Bytes::copy_from_slice(&person);
    let kept = Details { person, request: query.clone(), body, ..Details::default() };
    let sealed = seal(&local.salts, LeafType::Reuse, now, public.encode(), &private, kept);
    let index = local.log.append(Entry::new(&sealed)).await?.index;
    local.shared.counters.answers_reused.one();
    local.shared.unreported.add(answer.region, index);
    Ok(index)
}

impl Unreported {
    /// Reads from the log what was not acknowledged before the last stop.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub fn load(log: &LogReader) -> Result<Self, ReadError> {
        let all = Self::default();
        let mut after = None;
        loop {
            let page = log.unreported(after, PAGE)?;
            after = page.last().copied();
            if page.is_empty() {
                return Ok(all);
            }
            for index in page {
                match Reuse::decode(&log.kept(index)?.public) {
                    Ok(reuse) => all.add(reuse.peer, index),
                    Err(error) => tracing::error!(index, %error, "a reuse in the log cannot be read"),
                }
            }
        }
    }

    fn add(&self, region: RegionCode, index: u64) {
        self.lock().entry(region).or_default().insert(index);
    }

    /// The oldest of one province, at most `limit`.
    pub fn oldest(&self, region: RegionCode, limit: usize) -> Vec<u64> {
        let waiting = self.lock();
        waiting.get(&region).map(|all| all.iter().take(limit).copied().collect()).unwrap_or_default()
    }

    /// The province acknowledged this one, or will never take it.
    pub fn done(&self, log: &LogReader, region: RegionCode, index: u64) {
        log.mark_reported(index);
        if let Some(all) = self.lock().get_mut(&region) {
            all.remove(&index);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RegionCode, BTreeSet<u64>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The report of the reuse at `index` of the own log; `None` if what it says was erased meanwhile.
///
/// # Errors
/// If the log cannot be read.
pub fn report(local: &Local, index: u64, id: u64) -> Result<Option<v1::Report>, ReadError> {
    let kept = local.shared.log_reader.kept(index)?;
    let details = kept.details.and_then(|details| Details::decode(details.as_slice()).ok());
    let report = details.and_then(|details| v1::Report::decode(details.body).ok());
    let reuse_origin = local.shared.log_key.origin().to_string();
    Ok(report.map(|report| v1::Report { id, reuse_origin, reuse_index: index, ..report }))
}

fn label(text: &str) -> Result<Label, Failure> {
    Label::new(text).map_err(|error| Failure::new(Reason::Internal, error.to_string()))
}
