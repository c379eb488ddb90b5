//! The asker's side of one stream: heads are verified as they come, replies against the newest, streams joined.

use std::collections::HashMap;
use std::time::Duration;

use huxin_attest::Clock as _;
use huxin_ledger::heads::{HeadError, KnownHead};
use huxin_ledger::proof::verify_consistency;
use huxin_ledger::{HeadTracker, LogVerifierKey, Origin, VerifiedHead};
use huxin_wire::Unanswered;
use huxin_wire::v1::{self, peer_reply, peer_request};
use tokio::time::{MissedTickBehavior, interval};
use tonic::{Status, Streaming};

use super::convert::{hashes, is_reason};
use super::dial::OpenStream;
use super::link::{AskError, Link};
use super::{reply, reuse};
use crate::limits;
use crate::local::Local;

/// How often streams are joined and expired questions forgotten.
const TICK: Duration = Duration::from_secs(1);
/// A report that was not acknowledged for so many ticks is sent again.
const REPORT_AGAIN: u32 = 5;
/// How often a stream is looked at for silence. A peer that says nothing at all for one to two of these, though it was
/// asked before, is taken for gone where it has another endpoint: what waits still has half of its deadline.
const LISTEN: Duration = Duration::from_millis(500);

/// How a stream ended.
#[derive(Debug)]
pub enum End {
    /// The peer closed it.
    Closed,
    /// The peer ended it with a status.
    Status(Box<Status>),
    /// Something that came does not verify, for this stable reason.
    Rejected(Unanswered),
    /// Nothing came, though something was asked, and there is another endpoint to ask at.
    Silent,
}

/// One open stream.
pub struct Conversation<'a> {
    link: &'a Link,
    local: &'a Local,
    replies: Streaming<v1::PeerReply>,
    known: Vec<(Origin, KnownHead)>,
    logs: HashMap<Origin, Followed>,
    joining: Option<Joining>,
    reporting: Reporting,
    told: u64,
}

/// Reports of reuses that wait for their acknowledgement.
#[derive(Default)]
struct Reporting {
    /// The entry of the own log by the report's id.
    waiting: HashMap<u64, u64>,
    next_id: u64,
    /// How many ticks ago these were sent.
    ticks: u32,
}

/// A log that the peer shows on this stream.
struct Followed {
    tracker: HeadTracker,
    head: VerifiedHead,
}

/// A question how two heads belong together.
struct Joining {
    origin: Origin,
    from: KnownHead,
    to: KnownHead,
}

impl<'a> Conversation<'a> {
    /// A conversation over an open stream.
    pub fn new(link: &'a Link, local: &'a Local, stream: OpenStream) -> Self {
        let OpenStream { replies, known, told, .. } = stream;
        Self {
            link,
            local,
            replies,
            known,
            logs: HashMap::new(),
            joining: None,
            reporting: Reporting::default(),
            told,
        }
    }

    /// Listens until the stream ends; `give_up` if it is to end when the peer is silent.
    pub async fn run(mut self, give_up: bool) -> End {
        let (mut tick, mut listen) = (interval(TICK), interval(LISTEN));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        listen.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = true;
        loop {
            let message = tokio::select! {
                message = self.replies.message() => message,
                now = tick.tick() => {
                    self.link.expire(now);
                    self.join();
                    self.report();
                    self.tell_news();
                    continue;
                }
                _ = listen.tick(), if give_up => {
                    let waits = self.link.waits_since_last_look();
                    if waits && !heard {
                        return End::Silent;
                    }
                    heard = false;
                    continue;
                }
            };
            heard = true;
            let message = match message {
                Ok(Some(message)) => message.message,
                Ok(None) => return End::Closed,
                Err(status) => return End::Status(Box::new(status)),
            };
            if let Err(reason) = self.hear(message) {
                return End::Rejected(reason);
            }
        }
    }

    fn hear(&mut self, message: Option<peer_reply::Message>) -> Result<(), Unanswered> {
        match message.ok_or(Unanswered::EmptyMessage)? {
            peer_reply::Message::Head(head) => self.head(head),
            peer_reply::Message::Reply(reply) => self.reply(&reply),
            peer_reply::Message::Joined(joined) => self.joined(&joined),
            peer_reply::Message::Declined(declined) => {
                self.declined(declined);
                Ok(())
            }
            peer_reply::Message::Opened(_) => Err(Unanswered::OpenedTwice),
            peer_reply::Message::Reported(reported) => self.reported(reported),
            peer_reply::Message::InForce(news) => {
                let shared = &self.local.shared;
                let heard = shared.peer_policies.hear(self.link.region, Some(news), shared.facts.now());
                heard.map_err(|_| Unanswered::InForceMalformed)
            }
        }
    }

    fn head(&mut self, head: v1::Head) -> Result<(), Unanswered> {
        let v1::Head { checkpoint, consistency } = head;
        let origin: Origin = checkpoint
            .lines()
            .next()
            .and_then(|line| line.parse().ok())
            .ok_or(Unanswered::HeadWithoutOrigin)?;
        let consistency = hashes(&consistency).ok_or(Unanswered::HeadProofMalformed)?;
        let mut tracker = match self.logs.remove(&origin) {
            Some(followed) => followed.tracker,
            None => self.follow(&origin)?,
        };
        let head = tracker.accept(&checkpoint, &consistency);
        let board = &self.local.shared.board;
        let noted = head.and_then(|head| board.note(self.local.index, &head).map(|()| head));
        let head = noted.map_err(|error| self.refuse_head(&origin, error))?;
        self.local.shared.counters.heads_verified.one();
        self.logs.insert(origin, Followed { tracker, head });
        Ok(())
    }

    fn refuse_head(&self, origin: &Origin, error: HeadError) -> Unanswered {
        match error {
            HeadError::Checkpoint(_) => Unanswered::HeadNotSignedByLog,
            HeadError::Smaller { .. } => Unanswered::HeadSmallerThanKnown,
            HeadError::NotContinued { .. } => Unanswered::HeadDoesNotExtend,
            HeadError::Fork { .. } => {
                self.local.shared.board.condemn(origin);
                Unanswered::LogForked
            }
        }
    }

    /// Begins to follow a log, from what was known when the stream was opened.
    fn follow(&self, origin: &Origin) -> Result<HeadTracker, Unanswered> {
        let (owner, vkey) =
            self.local.shared.membership.log(origin.as_str()).ok_or(Unanswered::HeadOfUnknownLog)?;
        if owner != self.link.region {
            return Err(Unanswered::HeadOfAnotherProvince);
        }
        let key = LogVerifierKey::parse(vkey).map_err(|_| Unanswered::LogKeyUnreadable)?;
        let known = self.known.iter().find(|(known, _)| known == origin).map(|(_, head)| *head);
        Ok(HeadTracker::new(key, known.unwrap_or_default()))
    }

    fn reply(&mut self, reply: &v1::Reply) -> Result<(), Unanswered> {
        // A reply to a question that expired is late, not wrong; one never asked cannot be told from it.
        let Some(job) = self.link.take(reply.id) else { return Ok(()) };
        let head = reply.origin.parse::<Origin>().ok().and_then(|origin| self.logs.get(&origin));
        let verified = match head {
            Some(followed) => reply::verify(self.local, self.link.region, reply, &job, &followed.head),
            None => Err(Unanswered::ReplyWithoutHead),
        };
        match verified {
            Ok(answer) => {
                self.local.shared.counters.answers_verified.one();
                let _ = job.answer.send(Ok(answer));
                Ok(())
            }
            Err(reason) => {
                let _ = job.answer.send(Err(AskError::Rejected(reason)));
                Err(reason)
            }
        }
    }

    fn declined(&self, declined: v1::Declined) {
        let v1::Declined { id, reason, retry_after_ms: _, error_id } = declined;
        let reason = if is_reason(&reason) { reason } else { Unanswered::Declined.name().to_owned() };
        let error_id: String = error_id.chars().take(16).filter(char::is_ascii_hexdigit).collect();
        tracing::info!(peer = %self.link.region, reason, error_id, "the peer declined a question");
        if let Some(job) = self.link.take(id) {
            let _ = job.answer.send(Err(AskError::Declined(reason)));
        }
    }

    /// Reports what the peer does not know of yet. The first runtime reports for all.
    fn report(&mut self) {
        if self.local.index != 0 {
            return;
        }
        self.reporting.ticks += 1;
        if !self.reporting.waiting.is_empty() && self.reporting.ticks < REPORT_AGAIN {
            return;
        }
        let (shared, peer) = (&self.local.shared, self.link.region);
        self.reporting.waiting.clear();
        self.reporting.ticks = 0;
        for index in shared.unreported.oldest(peer, limits::REPORTS_IN_FLIGHT / 2) {
            self.reporting.next_id += 1;
            let id = self.reporting.next_id;
            match reuse::report(self.local, index, id) {
                Ok(Some(report)) => {
                    self.link.send(peer_request::Message::Report(report));
                    self.reporting.waiting.insert(id, index);
                }
                Ok(None) => {
                    tracing::warn!(%peer, index, "a reuse was erased before it was reported");
                    shared.unreported.done(&shared.log_reader, peer, index);
                }
                Err(error) => tracing::error!(%peer, index, %error, "a reuse cannot be read"),
            }
        }
    }

    fn reported(&mut self, reported: v1::Reported) -> Result<(), Unanswered> {
        let v1::Reported { id, reason } = reported;
        if id == 0 || id > self.reporting.next_id {
            return Err(Unanswered::NothingReported);
        }
        // What was sent again meanwhile is acknowledged again.
        let Some(index) = self.reporting.waiting.remove(&id) else { return Ok(()) };
        let (shared, peer) = (&self.local.shared, self.link.region);
        if !reason.is_empty() {
            let reason = if is_reason(&reason) { &reason } else { Unanswered::Declined.name() };
            tracing::error!(%peer, index, reason, "the peer will not log that its answer was used again");
        }
        shared.unreported.done(&shared.log_reader, peer, index);
        if self.reporting.waiting.is_empty() {
            self.report();
        }
        Ok(())
    }

    /// Tells the peer when this node judges by other files.
    fn tell_news(&mut self) {
        if let Some(news) = self.local.shared.own_policy.news(&mut self.told) {
            self.link.send(peer_request::Message::InForce(news));
        }
    }

    /// Asks how the newest head of this stream belongs to another stream's.
    fn join(&mut self) {
        if self.joining.is_some() {
            return;
        }
        for (origin, followed) in &self.logs {
            let Some(other) = self.local.shared.board.other(origin, self.local.index) else { continue };
            let own = followed.head.head();
            let (from, to) = if own.size < other.size { (own, other) } else { (other, own) };
            let join = v1::Join { origin: origin.to_string(), from: from.size, to: to.size };
            self.link.send(peer_request::Message::Join(join));
            self.joining = Some(Joining { origin: origin.clone(), from, to });
            return;
        }
    }

    fn joined(&mut self, joined: &v1::Joined) -> Result<(), Unanswered> {
        let Joining { origin, from, to } = self.joining.take().ok_or(Unanswered::JoinedUnasked)?;
        let v1::Joined { origin: named, from: from_size, to: to_size, consistency } = joined;
        if named != origin.as_str() || *from_size != from.size || *to_size != to.size {
            return Err(Unanswered::JoinedOfAnotherQuestion);
        }
        let proof = hashes(consistency).ok_or(Unanswered::JoinedProofMalformed)?;
        if verify_consistency(from.size, &from.root, to.size, &to.root, &proof) {
            return Ok(());
        }
        self.local.shared.board.condemn(&origin);
        Err(Unanswered::StreamsDoNotJoin)
    }
}
