//! What is under way on the exchange streams of one runtime.
//!
//! A question is answered without a task of its own: its draft waits for the log, and the runtime's delivery completes
//! and sends it. A report gets a task, because reports are rare.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use huxin_attest::{Digest, RegionCode};
use huxin_ledger::{Head, StreamId};
use huxin_wire::v1::{self, peer_reply};
use huxin_wire::{Failure, Reason, Retry};
use tokio::sync::Notify;
use tokio::sync::mpsc::{self, error::TrySendError};
use tonic::Status;

use super::answer::{AnswerDraft, Answerer};
use super::convert::hash_bytes;
use super::reported::{self, Taken};
use crate::limits;
use crate::local::Local;
use crate::log_port::{Entry, Waiter, read_failure};
use crate::sealed::Sealed;

/// What goes out on a stream.
pub type Outgoing = Result<v1::PeerReply, Status>;

/// The open streams of one runtime.
#[derive(Debug, Default)]
pub struct Streams {
    open: Mutex<HashMap<StreamId, Open>>,
}

#[derive(Debug)]
struct Open {
    peer: RegionCode,
    out: mpsc::Sender<Outgoing>,
    in_flight: HashSet<u64>,
    reports: HashSet<u64>,
    /// Told when the peer does not read what it asked for.
    congested: Arc<Notify>,
}

/// An answer that waits for the log.
pub struct PendingAnswer {
    stream: StreamId,
    ask: u64,
    peer: RegionCode,
    query: Bytes,
    draft: AnswerDraft,
}

impl Streams {
    /// Takes a stream in; false if the peer has as many as it may.
    pub(super) fn open(
        &self,
        stream: StreamId,
        peer: RegionCode,
        out: &mpsc::Sender<Outgoing>,
        congested: &Arc<Notify>,
    ) -> bool {
        let mut all = self.lock();
        if all.values().filter(|open| open.peer == peer).count() >= limits::EXCHANGE_STREAMS {
            return false;
        }
        let (out, congested) = (out.clone(), Arc::clone(congested));
        let open = Open { peer, out, in_flight: HashSet::new(), reports: HashSet::new(), congested };
        all.insert(stream, open);
        true
    }

    /// Forgets a stream that ended.
    pub(super) fn close(&self, stream: StreamId) {
        self.lock().remove(&stream);
    }

    /// Sends a head, before the answers that it proves.
    pub fn send_head(&self, stream: StreamId, head: Head) {
        let Head { checkpoint, consistency } = head;
        let head = v1::Head { checkpoint: checkpoint.as_ref().into(), consistency: hash_bytes(&consistency) };
        self.send(stream, peer_reply::Message::Head(head));
    }

    /// Sends an answer that the log holds now.
    pub fn send_answer(
        &self,
        answer: PendingAnswer,
        index: u64,
        path: &[Digest],
        origin: &str,
        head_size: u64,
    ) {
        let PendingAnswer { stream, ask, draft, .. } = answer;
        let AnswerDraft { entry: Sealed { leaf, salt1, public, salt2, .. }, body, guard: _ } = draft;
        let reply = v1::Reply {
            id: ask,
            origin: origin.to_owned(),
            head_size,
            index,
            path: hash_bytes(path),
            unix_ms: leaf.at.as_ms(),
            salt1: Bytes::copy_from_slice(&salt1.0),
            public,
            salt2: Bytes::copy_from_slice(&salt2.0),
            body,
        };
        self.landed(stream, ask);
        self.send(stream, peer_reply::Message::Reply(reply));
    }

    /// Looks up again: the person's facts changed after the look-up, and nothing was logged.
    pub fn answer_again(&self, local: &Local, answer: PendingAnswer) {
        let PendingAnswer { stream, ask, peer, query, .. } = answer;
        match Answerer::new(local, peer).draft_again(&query) {
            Ok(draft) => self.submit(local, PendingAnswer { stream, ask, peer, query, draft }),
            Err(failure) => self.decline(local, stream, ask, &failure),
        }
    }

    /// Takes a question in: it is answered, refused or declined on its stream.
    ///
    /// # Errors
    /// If its id is in flight already, which ends the stream.
    pub(super) fn ask(
        &self,
        local: &Local,
        stream: StreamId,
        peer: RegionCode,
        ask: v1::Ask,
    ) -> Result<(), Failure> {
        let v1::Ask { id, query } = ask;
        match self.take_off(stream, id) {
            TakeOff::Full => {
                self.send_declined(local, stream, id, &Reason::Overloaded.into());
                return Ok(());
            }
            TakeOff::Twice => {
                return Err(Failure::new(Reason::InvalidRequest, "an ask with this id is in flight already"));
            }
            TakeOff::Clear => {}
        }
        match Answerer::new(local, peer).draft(&query) {
            Ok(draft) => self.submit(local, PendingAnswer { stream, ask: id, peer, query, draft }),
            Err(failure) => self.decline(local, stream, id, &failure),
        }
        Ok(())
    }

    /// Takes a report in; it is acknowledged once it is logged.
    ///
    /// # Errors
    /// If its id is under way already, or too many are, which ends the stream.
    pub(super) fn report(
        &self,
        local: &Arc<Local>,
        stream: StreamId,
        peer: RegionCode,
        report: v1::Report,
    ) -> Result<(), Failure> {
        let id = report.id;
        {
            let mut all = self.lock();
            let Some(open) = all.get_mut(&stream) else { return Ok(()) };
            if open.reports.len() >= limits::REPORTS_IN_FLIGHT {
                return Err(Failure::new(Reason::InvalidRequest, "too many reports under way"));
            }
            if !open.reports.insert(id) {
                return Err(Failure::new(
                    Reason::InvalidRequest,
                    "a report with this id is under way already",
                ));
            }
        }
        let local = Arc::clone(local);
        tokio::spawn(async move {
            let taken = reported::take(&local, peer, report).await;
            local.streams.reported(&local, stream, peer, id, taken);
        });
        Ok(())
    }

    fn reported(&self, local: &Local, stream: StreamId, peer: RegionCode, id: u64, taken: Taken) {
        if let Some(open) = self.lock().get_mut(&stream) {
            open.reports.remove(&id);
        }
        let (failure, done) = match &taken {
            Taken::Logged => (None, true),
            Taken::Never(failure) => (Some(failure), true),
            Taken::Later(failure) => (Some(failure), false),
        };
        if let Some(failure) = failure {
            let (error_id, reason) = (local.error_id(), failure.reason.name());
            tracing::warn!(%peer, %error_id, reason, detail = %failure.detail, done, "a report is not logged");
        }
        if done {
            let reason = failure.map(|failure| failure.reason.name().to_owned()).unwrap_or_default();
            self.send(stream, peer_reply::Message::Reported(v1::Reported { id, reason }));
        }
    }

    /// Says how two sizes of the log belong together.
    ///
    /// # Errors
    /// If the log never had them, which ends the stream.
    pub(super) fn join(&self, local: &Local, stream: StreamId, join: v1::Join) -> Result<(), Failure> {
        let v1::Join { origin, from, to } = join;
        if origin != local.shared.log_key.origin().as_str() {
            return Err(Failure::new(Reason::NotInLog, "origin"));
        }
        let proof = local.shared.log_reader.consistency(from, to).map_err(read_failure)?;
        let joined = v1::Joined { origin, from, to, consistency: hash_bytes(&proof) };
        self.send(stream, peer_reply::Message::Joined(joined));
        Ok(())
    }

    fn submit(&self, local: &Local, answer: PendingAnswer) {
        let entry = Entry {
            stream: Some(answer.stream),
            guard: answer.draft.guard,
            ..Entry::new(&answer.draft.entry)
        };
        let (stream, ask) = (answer.stream, answer.ask);
        if let Err((failure, _)) = local.log.submit(entry, Waiter::Answer(Box::new(answer))) {
            self.decline(local, stream, ask, &failure);
        }
    }

    /// Says that the question is not taken: nothing was logged and nothing about the person left.
    fn decline(&self, local: &Local, stream: StreamId, ask: u64, failure: &Failure) {
        self.landed(stream, ask);
        self.send_declined(local, stream, ask, failure);
    }

    fn send_declined(&self, local: &Local, stream: StreamId, id: u64, failure: &Failure) {
        let error_id = local.error_id();
        let reason = failure.reason.name();
        tracing::info!(%error_id, reason, detail = %failure.detail, "a question was declined");
        local.shared.counters.queries_declined.one();
        let retry_after_ms = match failure.reason.retry() {
            Retry::After(delay) => u32::try_from(delay.as_millis()).unwrap_or(u32::MAX),
            Retry::Never | Retry::SameId => 0,
        };
        let reason = reason.to_owned();
        let declined = v1::Declined { id, reason, retry_after_ms, error_id: error_id.to_string() };
        self.send(stream, peer_reply::Message::Declined(declined));
    }

    fn take_off(&self, stream: StreamId, ask: u64) -> TakeOff {
        let mut open = self.lock();
        let Some(open) = open.get_mut(&stream) else { return TakeOff::Full };
        match open.in_flight.len() {
            full if full >= limits::IN_FLIGHT => TakeOff::Full,
            _ if open.in_flight.insert(ask) => TakeOff::Clear,
            _ => TakeOff::Twice,
        }
    }

    fn landed(&self, stream: StreamId, ask: u64) {
        if let Some(open) = self.lock().get_mut(&stream) {
            open.in_flight.remove(&ask);
        }
    }

    /// Tells every peer by what this node judges now.
    pub fn tell_all(&self, news: &v1::InForce) {
        let streams: Vec<StreamId> = self.lock().keys().copied().collect();
        for stream in streams {
            self.send(stream, peer_reply::Message::InForce(news.clone()));
        }
    }

    /// Sends a message, unless the peer does not read.
    pub(super) fn send(&self, stream: StreamId, message: peer_reply::Message) {
        let all = self.lock();
        let Some(open) = all.get(&stream) else { return };
        if let Err(TrySendError::Full(_)) = open.out.try_send(Ok(v1::PeerReply { message: Some(message) })) {
            tracing::warn!(peer = %open.peer, "a peer does not read its stream; it is closed");
            open.congested.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<StreamId, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// May a question be taken?
enum TakeOff {
    Clear,
    /// The id is in flight already.
    Twice,
    /// Too many are in flight.
    Full,
}
