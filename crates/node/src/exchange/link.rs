//! One exchange stream to one peer, from one runtime.
//!
//! A link is down, connecting or up. Asking never waits here: a question is queued while the link connects, sent at
//! once while it is up, and fails as soon as every endpoint has failed. Nothing that arrives is used before
//! [`super::conversation`] has verified it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use huxin_attest::{Digest, RegionCode, sha256};
use huxin_wire::{Unanswered, v1};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};

use super::conversation::Conversation;
use super::dial;
use super::reply::PeerAnswer;
use crate::limits;
use crate::local::Local;

/// The pause between rounds of dialling, from the first failure on; it doubles up to the last.
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
    /// The stream ended before the answer came.
    #[error("{}", Unanswered::StreamLost.name())]
    Lost,
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

/// What the answer must be about, beside the hash of the question.
#[derive(Debug, Clone)]
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
    pub expected: Expected,
    /// Where the verified answer goes.
    pub answer: oneshot::Sender<Result<PeerAnswer, AskError>>,
    /// When nobody waits any more.
    pub deadline: Instant,
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
        expected: Expected,
        deadline: Instant,
    ) -> oneshot::Receiver<Result<PeerAnswer, AskError>> {
        let (answer, receiver) = oneshot::channel();
        let hash = sha256(&[&query]);
        let job = Job { query, hash, expected, answer, deadline };
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
        loop {
            let began = Instant::now();
            match dial::dial(&local, self.region).await {
                Ok(stream) => {
                    pause = FIRST_PAUSE;
                    let out = stream.out.clone();
                    tracing::info!(peer = %self.region, endpoint = %stream.endpoint, "exchange stream up");
                    self.go_up(out);
                    *local.shared.streams.entry(self.region).or_insert(0) += 1;
                    let end = Conversation::new(&self, &local, stream).run().await;
                    *local.shared.streams.entry(self.region).or_insert(1) -= 1;
                    local.report_lost_stream(self.region, &end);
                    self.go_down(AskError::Lost);
                }
                Err(error) => {
                    tracing::info!(peer = %self.region, %error, "no endpoint answers");
                    self.go_down(AskError::Unreachable);
                }
            }
            // A question that arrives meanwhile dials at once, though never more often than the first pause.
            sleep_until(began + FIRST_PAUSE).await;
            if timeout(pause, self.wanted.notified()).await.is_err() {
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

    fn connect(&self) {
        let mut state = self.lock();
        if matches!(*state, State::Down) {
            *state = State::Connecting(Vec::new());
        }
    }

    fn go_up(&self, out: mpsc::Sender<v1::PeerRequest>) {
        let mut state = self.lock();
        let mut up = Up { out, in_flight: HashMap::new(), next_id: 1 };
        if let State::Connecting(waiting) = &mut *state {
            std::mem::take(waiting).into_iter().for_each(|job| up.send(job));
        }
        *state = State::Up(up);
    }

    fn go_down(&self, why: AskError) {
        let previous = std::mem::replace(&mut *self.lock(), State::Down);
        let jobs: Vec<Job> = match previous {
            State::Down => Vec::new(),
            State::Connecting(waiting) => waiting,
            State::Up(up) => up.in_flight.into_values().collect(),
        };
        jobs.into_iter().for_each(|job| fail(job, why.clone()));
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

fn fail(job: Job, why: AskError) {
    // The asker may have given up; then nobody needs to know.
    let _ = job.answer.send(Err(why));
}
