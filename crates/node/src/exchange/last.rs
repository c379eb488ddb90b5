//! The last verified answers about people, for as long as one may be used again: in memory only, so that a restart
//! forgets them all.
//!
//! Bounded in entries, in bytes and in time. An answer is kept as it was received and is authenticated and judged anew
//! each time it is used. Whoever uses one has to log that first: [`super::reuse`].

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use huxin_attest::{Document, Kinds, RegionCode, UnixMs, sha256};
use huxin_wire::v1;

use super::link::Expected;
use super::reply::PeerAnswer;
use crate::limits;

const SHARDS: usize = 16;
/// What an entry costs beside its statements, in bytes, generously.
const ENTRY_COST: usize = 512;

/// Who was asked about whom. A hash, so that the map holds no document number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subject([u8; 32]);

impl Subject {
    /// One person, as `region` knows them.
    pub fn of(document: &Document, region: RegionCode) -> Self {
        let (kind, number) = (document.kind().number(), document.number());
        Self(sha256(&[&[region.as_u8()], &kind.to_be_bytes(), number.as_bytes()]).0)
    }
}

/// The last verified answers of a node's peers.
#[derive(Debug)]
pub struct LastAnswers {
    shards: [Mutex<Shard>; SHARDS],
    most: Most,
}

/// The bounds of one shard.
#[derive(Debug, Clone, Copy)]
struct Most {
    entries: usize,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Shard {
    people: HashMap<Subject, Vec<Last>>,
    /// Every entry in the order in which it came, also if it was replaced since.
    order: VecDeque<(Subject, u64, UnixMs)>,
    bytes: usize,
    next: u64,
}

#[derive(Debug)]
struct Last {
    number: u64,
    kinds: Kinds,
    expected: Arc<Expected>,
    answer: Arc<PeerAnswer>,
}

impl Default for LastAnswers {
    fn default() -> Self {
        Self::with(limits::LAST_ANSWERS, limits::LAST_ANSWERS_BYTES)
    }
}

impl LastAnswers {
    fn with(entries: usize, bytes: usize) -> Self {
        let most = Most { entries: (entries / SHARDS).max(1), bytes: (bytes / SHARDS).max(1) };
        Self { shards: std::array::from_fn(|_| Mutex::default()), most }
    }

    /// Keeps a verified answer, in place of what was kept of this person for the same question.
    ///
    /// What a newer answer gainsays is forgotten too: answers for other purposes or departments stay only while they say
    /// the very same. A refusal or an answer that knows nothing is not kept, and takes the place of what was.
    pub fn keep(&self, subject: Subject, kinds: Kinds, expected: &Arc<Expected>, answer: &Arc<PeerAnswer>) {
        let mut shard = self.shard(subject);
        let refused = answer.refused.is_some();
        if !shard.people.is_empty() {
            shard.forget(subject, |last| {
                let same_question = last.kinds == kinds && last.expected == *expected;
                // Looked at last: what is kept lies in memory that nothing touched for a while.
                let gainsaid = || last.kinds != kinds || last.answer.statements != answer.statements;
                same_question || (!refused && gainsaid())
            });
        }
        if refused || answer.statements.is_empty() {
            return;
        }
        let number = shard.next;
        shard.next += 1;
        shard.bytes += cost(&answer.statements);
        shard.order.push_back((subject, number, answer.checked_at));
        let last = Last { number, kinds, expected: Arc::clone(expected), answer: Arc::new(detached(answer)) };
        shard.people.entry(subject).or_default().push(last);
        shard.shrink(self.most, answer.checked_at);
    }

    /// The last answer to this very question, if its registry was read at most [`limits::REUSE_MS`] before `now`.
    pub fn find(
        &self,
        subject: Subject,
        kinds: Kinds,
        expected: &Expected,
        now: UnixMs,
    ) -> Option<Arc<PeerAnswer>> {
        let shard = self.shard(subject);
        let last = shard.people.get(&subject)?.iter();
        let mut same = last.filter(|last| last.kinds == kinds && *last.expected == *expected);
        let found = same.next().filter(|last| !is_over(last.answer.checked_at, now))?;
        Some(Arc::clone(&found.answer))
    }

    /// Forgets what is over.
    pub fn forget_old(&self, now: UnixMs) {
        for shard in &self.shards {
            lock(shard).shrink(self.most, now);
        }
    }

    fn shard(&self, Subject(hash): Subject) -> MutexGuard<'_, Shard> {
        let [first, ..] = hash;
        #[allow(clippy::indexing_slicing, reason = "a remainder of the length is an index")]
        lock(&self.shards[usize::from(first) % SHARDS])
    }
}

impl Shard {
    /// Forgets the oldest until everything is within its bounds.
    fn shrink(&mut self, most: Most, now: UnixMs) {
        while let Some(&(subject, number, checked_at)) = self.order.front() {
            let fits = self.order.len() <= most.entries && self.bytes <= most.bytes;
            if fits && !is_over(checked_at, now) {
                return;
            }
            self.order.pop_front();
            self.forget(subject, |last| last.number == number);
        }
    }

    fn forget(&mut self, subject: Subject, which: impl Fn(&Last) -> bool) {
        let Some(person) = self.people.get_mut(&subject) else { return };
        let mut freed = 0;
        person.retain(|last| {
            let goes = which(last);
            freed += if goes { cost(&last.answer.statements) } else { 0 };
            !goes
        });
        self.bytes = self.bytes.saturating_sub(freed);
        if person.is_empty() {
            self.people.remove(&subject);
        }
    }
}

/// The answer in memory of its own. The statements of one that just arrived lie in the connection's buffer, which is many
/// times as large and wanted for the next: what is kept must not keep it.
fn detached(answer: &PeerAnswer) -> PeerAnswer {
    let bytes = answer.statements.iter().map(|one| one.attestation.len() + one.subject_salt.len());
    let mut memory = BytesMut::with_capacity(bytes.sum());
    let mut own = |bytes: &Bytes| {
        memory.extend_from_slice(bytes);
        memory.split().freeze()
    };
    let statements = answer.statements.iter().map(|one| {
        let v1::AnsweredStatement { attestation, subject_salt, standing } = one;
        let (attestation, subject_salt) = (own(attestation), own(subject_salt));
        v1::AnsweredStatement { attestation, subject_salt, standing: *standing }
    });
    PeerAnswer { statements: statements.collect(), origin: answer.origin.clone(), refused: None, ..*answer }
}

fn is_over(checked_at: UnixMs, now: UnixMs) -> bool {
    now.ms_since(checked_at) > limits::REUSE_MS
}

fn cost(statements: &[v1::AnsweredStatement]) -> usize {
    let bytes = statements.iter().map(|one| one.attestation.len() + one.subject_salt.len());
    ENTRY_COST + bytes.sum::<usize>()
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
