//! One exchange stream to one peer, from one runtime.
//!
//! A link is down, connecting or up. Asking never waits here: a question is queued while the link connects, sent at
//! once while it is up, and fails as soon as every endpoint has failed. Nothing that arrives is used before
//! [`super::conversation`] has verified it.
//!
//! A question whose stream died before its reply goes out once more on the next stream, while somebody waits for it.
//! That is safe, because it is the same question: the same bytes, and so the same nonce, hash and request tag. Only one
//! reply is ever taken (the old stream is gone, and with it its ids), and it is held to the hash of these bytes. Should
//! the peer have logged the first one before it died, its log holds two accesses with one request tag, which it shows
//! as one. A question is never asked a third time, and not again where the peer said something that does not verify.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use huxin_attest::{Digest, RegionCode, sha256};
use huxin_wire::{Unanswered, v1};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};

use super::conversation::{Conversation, End};
use super::dial;
use super::ranking::Ranking;
use super::reply::PeerAnswer;
use crate::limits;
use crate::local::Local;

/// The pause between rounds of dialling, from the first failure on; it doubles up to the last. Each is shortened or
/// lengthened by up to a quarter, by chance, so that provinces do not come back to a peer all at once.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LAST_PAUSE: Duration = Duration::from_secs(5);
/// Requests that wait to be written to the stream.
const OUT_QUEUE: usize = limits::IN_FLIGHT + 64;

/// Why no answer came. Its text is a stable word: it stands in decisions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The region is no member.
    #[error("{}", Unanswered::NotMember.name())]
    NotMember,
    /// No endpoint of the peer could be reached.
    #[error("{}", Unanswered::Unreachable.name())]
    Unreachable,
    /// An endpoint was reached, and what was said there keeps the stream from being opened.
    #[error("{}", Unanswered::Unreachable.name())]
    NotLetIn,
    /// The peer's stream ended before the answer came.
    #[error("{}", Unanswered::StreamLost.name())]
    Lost,
    /// The stream was ended before the answer came, because something else that came on it does not verify.
    #[error("{}", Unanswered::StreamLost.name())]
    Cut,
    /// No answer came in time.
    #[error("{}", Unanswered::Late.name())]
    Late,
    /// Too many questions are in flight.
    #[error("{}", Unanswered::Busy.name())]
    Busy,
    /// The peer did not take the question, for this stable reason.
    #[error("{0}")]
    Declined(String),
    /// What came does not verify.
    #[error("{}", .0.name())]
    Rejected(Unanswered),
}

impl AskError {
    /// Was the province silent? Then its last answer may be used again. It was not where we did not ask (it is no member,
    /// or too much is in flight), where it said that it does not take the stream or the question, and where what it said,
    /// on this question or beside it, does not verify.
    pub const fn is_silence(&self) -> bool {
        match self {
            Self::Unreachable | Self::Lost | Self::Late => true,
            Self::NotMember
            | Self::NotLetIn
            | Self::Busy
            | Self::Cut
            | Self::Declined(_)
            | Self::Rejected(_) => false,
        }
    }
}

/// What the answer must be about, beside the hash of the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The purpose asked for.
    pub purpose: String,
    /// The department asked for.
    pub department: String,
}

/// A question whose answer is awaited.
#[derive(Debug)]
pub struct Job {
    /// The exact bytes that are sent.
    pub query: Bytes,
    /// Their hash.
    pub hash: Digest,
    /// What the answer must be about.
    pub expected: Arc<Expected>,
    /// Where the verified answer goes.
    pub answer: oneshot::Sender<Result<PeerAnswer, AskError>>,
    /// When nobody waits any more.
    pub deadline: Instant,
    /// Was it sent on a stream that died?
    pub sent_before: bool,
}

impl Job {
    /// Does anybody wait for the answer?
    fn is_awaited(&self, now: Instant) -> bool {
        now < self.deadline && !self.answer.is_closed()
    }
}

/// A link to one peer.
#[derive(Debug)]
pub struct Link {
    /// The peer.
    pub region: RegionCode,
    state: Mutex<State>,
    wanted: Notify,
}

#[derive(Debug)]
enum State {
    Down,
    Connecting(Vec<Job>),
    Up(Up),
}

#[derive(Debug)]
struct Up {
    out: mpsc::Sender<v1::PeerRequest>,
    in_flight: HashMap<u64, Job>,
    next_id: u64,
    /// The next id when the stream was last looked at for silence.
    looked_at: u64,
}

impl Link {
    /// A link that is not up yet; [`Link::run`] brings it up.
    pub fn new(region: RegionCode) -> Self {
        Self { region, state: Mutex::new(State::Connecting(Vec::new())), wanted: Notify::new() }
    }

    /// Is the stream open?
    pub fn is_up(&self) -> bool {
        matches!(*self.lock(), State::Up(_))
    }

    /// Sends one question. The answer arrives verified, or an error says why not; the caller bounds the wait.
    pub fn ask(
        &self,
        query: Bytes,
        expected: Arc<Expected>,
        deadline: Instant,
    ) -> oneshot::Receiver<Result<PeerAnswer, AskError>> {
        let (answer, receiver) = oneshot::channel();
        let hash = sha256(&[&query]);
        let job = Job { query, hash, expected, answer, deadline, sent_before: false };
        let mut state = self.lock();
        match &mut *state {
            State::Up(up) => up.send(job),
            State::Connecting(waiting) if waiting.len() >= limits::IN_FLIGHT => fail(job, AskError::Busy),
            State::Connecting(waiting) => waiting.push(job),
            State::Down => {
                *state = State::Connecting(vec![job]);
                self.wanted.notify_one();
            }
        }
        receiver
    }

    /// Keeps the link up until the runtime ends.
    pub async fn run(self: Arc<Self>, local: Arc<Local>) {
        let mut pause = FIRST_PAUSE;
        let mut ranking = Ranking::default();
        loop {
            let began = Instant::now();
            let mut waits = false;
            match dial::dial(&local, self.region, &mut ranking).await {
                Ok(stream) => {
                    pause = FIRST_PAUSE;
                    let (out, endpoint) = (stream.out.clone(), stream.endpoint.clone());
                    tracing::info!(peer = %self.region, %endpoint, "exchange stream up");
                    self.go_up(out);
                    *local.shared.streams.entry(self.region).or_insert(0) += 1;
                    let member = local.shared.membership.member(self.region);
                    let give_up = member.is_some_and(|member| member.endpoints.len() > 1);
                    let end = Conversation::new(&self, &local, stream).run(give_up).await;
                    *local.shared.streams.entry(self.region).or_insert(1) -= 1;
                    ranking.failed(&endpoint);
                    local.report_lost_stream(self.region, &end);
                    waits = self.lose(&end);
                }
                Err(error) => {
                    tracing::info!(peer = %self.region, %error, "no endpoint answers");
                    self.go_down(if error.is_silence() { AskError::Unreachable } else { AskError::NotLetIn });
                }
            }
            // A question that waits or arrives meanwhile dials at once, though never more often than the first pause.
            sleep_until(began + FIRST_PAUSE).await;
            if !waits && timeout(by_chance(pause, &local), self.wanted.notified()).await.is_err() {
                pause = (pause * 2).min(LAST_PAUSE);
            }
            self.connect();
        }
    }

    /// Takes the question that a reply names out of flight.
    pub(super) fn take(&self, id: u64) -> Option<Job> {
        match &mut *self.lock() {
            State::Up(up) => up.in_flight.remove(&id),
            _ => None,
        }
    }

    /// Sends a message that is not a question, unless the stream is congested.
    pub(super) fn send(&self, message: v1::peer_request::Message) {
        if let State::Up(up) = &*self.lock() {
            let _ = up.out.try_send(v1::PeerRequest { message: Some(message) });
        }
    }

    /// Forgets the questions that nobody waits for any more.
    pub(super) fn expire(&self, now: Instant) {
        if let State::Up(up) = &mut *self.lock() {
            up.in_flight.retain(|_, job| now < job.deadline);
        }
    }

    /// Is anything in flight that was sent before the last call? Called by the conversation, again and again.
    pub(super) fn waits_since_last_look(&self) -> bool {
        let State::Up(up) = &mut *self.lock() else { return false };
        let looked_at = std::mem::replace(&mut up.looked_at, up.next_id);
        up.in_flight.keys().any(|id| *id < looked_at)
    }

    fn connect(&self) {
        let mut state = self.lock();
        if matches!(*state, State::Down) {
            *state = State::Connecting(Vec::new());
        }
    }

    fn go_up(&self, out: mpsc::Sender<v1::PeerRequest>) {
        let mut state = self.lock();
        let mut up = Up { out, in_flight: HashMap::new(), next_id: 1, looked_at: 1 };
        if let State::Connecting(waiting) = &mut *state {
            let now = Instant::now();
            let waiting = std::mem::take(waiting).into_iter();
            waiting.filter(|job| job.is_awaited(now)).for_each(|job| up.send(job));
        }
        *state = State::Up(up);
    }

    /// The stream ended. What may go out once more waits for the next; tells whether anything does.
    fn lose(&self, end: &End) -> bool {
        let mut state = self.lock();
        let State::Up(up) = std::mem::replace(&mut *state, State::Down) else { return false };
        let now = Instant::now();
        let mut again = Vec::new();
        for job in up.in_flight.into_values() {
            match end {
                End::Rejected(_) => fail(job, AskError::Cut),
                _ if job.sent_before || !job.is_awaited(now) => fail(job, AskError::Lost),
                _ => again.push(Job { sent_before: true, ..job }),
            }
        }
        let waits = !again.is_empty();
        if waits {
            *state = State::Connecting(again);
        }
        waits
    }

    /// No endpoint let us in: nothing waits any longer.
    fn go_down(&self, why: AskError) {
        if let State::Connecting(waiting) = std::mem::replace(&mut *self.lock(), State::Down) {
            waiting.into_iter().for_each(|job| fail(job, why.clone()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Up {
    fn send(&mut self, job: Job) {
        if self.in_flight.len() >= limits::IN_FLIGHT {
            return fail(job, AskError::Busy);
        }
        let id = self.next_id;
        self.next_id += 1;
        let ask = v1::Ask { id, query: job.query.clone() };
        let request = v1::PeerRequest { message: Some(v1::peer_request::Message::Ask(ask)) };
        match self.out.try_send(request) {
            Ok(()) => {
                self.in_flight.insert(id, job);
            }
            Err(mpsc::error::TrySendError::Full(_)) => fail(job, AskError::Busy),
            Err(mpsc::error::TrySendError::Closed(_)) => fail(job, AskError::Lost),
        }
    }
}

/// A channel of requests, bounded by what may be in flight.
pub(super) fn request_channel() -> (mpsc::Sender<v1::PeerRequest>, mpsc::Receiver<v1::PeerRequest>) {
    mpsc::channel(OUT_QUEUE)
}

/// The pause, by chance up to a quarter shorter or longer.
fn by_chance(pause: Duration, local: &Local) -> Duration {
    let [byte] = local.salts.take();
    pause.mul_f64(0.75 + f64::from(byte) / 510.0)
}

fn fail(job: Job, why: AskError) {
    // The asker may have given up; then nobody needs to know.
    let _ = job.answer.send(Err(why));
}
