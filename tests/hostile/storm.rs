//! The requests: rounds of mutations, many in flight, each outcome checked.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use huxin_attest::Document;
use huxin_ledger::LogVerifierKey;
use huxin_tests::raw::{Ended, call, is_error_id, named};
use huxin_tests::{Federation, region};
use huxin_wire::v1::peer_client::PeerClient;
use huxin_wire::v1::{self, peer_reply, peer_request};
use prost::Message as _;
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;

use crate::NODE;
use crate::mutation::{frames, mutated, mutated_message};
use crate::random::Random;
use crate::rpcs::{Rpc, rpcs};
use crate::seeds::{Seeds, open};
use crate::tally::Tally;

/// Where the numbers begin.
const SEED: u64 = 0x2022_0708;
/// Requests in one round.
const ROUND: usize = 2000;
/// Of these, questions on one exchange stream.
const QUESTIONS: usize = 400;
/// Calls in flight.
const IN_FLIGHT: usize = 48;
/// The longest query that is sent; a longer message would end the stream that the questions share.
const LONGEST_QUERY: usize = 60_000;

/// What the requests did.
pub struct Storm {
    /// What became of them.
    pub tally: Tally,
    /// Statements that the node accepted, and about whom.
    pub accepted: Vec<(Vec<u8>, Document)>,
}

/// One round's state, shared by its callers.
struct Round {
    seeds: Seeds,
    rpcs: Arc<Vec<Rpc>>,
    log_key: LogVerifierKey,
    first: usize,
    calls: usize,
    next: AtomicUsize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    tally: Tally,
    /// Digests of statements that were taken.
    taken: Vec<Vec<u8>>,
}

impl Storm {
    /// Sends so many requests.
    pub async fn run(federation: &Federation, requests: usize) -> Self {
        let member = federation.exercise.membership().member(region(NODE)).unwrap();
        let log_key = LogVerifierKey::parse(&member.logs[0].vkey).unwrap();
        let (mut seen, mut accepted, mut round) = (Seen::default(), HashMap::new(), 0);
        for first in (0..requests).step_by(ROUND) {
            let all = ROUND.min(requests - first);
            let questions = QUESTIONS.min(all / 4);
            // On connections of its own: a node closes one on which too many streams broke, whoever is to blame.
            let rpcs = Arc::new(rpcs(federation).await);
            let seeds = Seeds::make(federation, &rpcs, round, &mut Random::of(SEED, first)).await;
            let shared = Arc::new(Round {
                seeds,
                rpcs,
                log_key: log_key.clone(),
                first,
                calls: all - questions,
                next: AtomicUsize::new(0),
                seen: Mutex::new(std::mem::take(&mut seen)),
            });
            let mut callers = JoinSet::new();
            for _ in 0..IN_FLIGHT {
                callers.spawn(send(Arc::clone(&shared)));
            }
            ask(federation, &shared, questions).await;
            while let Some(caller) = callers.join_next().await {
                caller.unwrap();
            }
            let shared = Arc::into_inner(shared).unwrap();
            seen = shared.seen.into_inner().unwrap();
            accepted.extend([shared.seeds.stated]);
            for digest in seen.taken.drain(..) {
                let subject = shared.seeds.statements.get(&digest);
                match subject.cloned() {
                    Some(subject) => _ = accepted.insert(digest, subject),
                    None => seen.tally.problem("a statement was accepted that nobody signed".into()),
                }
            }
            round += 1;
        }
        Self { tally: seen.tally, accepted: accepted.into_iter().collect() }
    }
}

/// One caller: takes the next request until none is left.
async fn send(round: Arc<Round>) {
    loop {
        let number = round.next.fetch_add(1, Ordering::Relaxed);
        if number >= round.calls {
            return;
        }
        let number = round.first + number;
        let rpc = &round.rpcs[number % round.rpcs.len()];
        let mut random = Random::of(SEED, number);
        let seed = round.seeds.of(rpc, &mut random);
        let body = Bytes::from(mutated(seed, &mut random));
        let proper = body == frames(seed);
        let stranger = rpc.stranger.as_ref().filter(|_| random.one_in(40));
        let headers: &[_] = if random.one_in(50) { &[("grpc-encoding", "gzip")] } else { &[] };
        let ended = call(stranger.unwrap_or(&rpc.caller), &rpc.path, headers, body).await;
        round.seen.lock().unwrap().note(&round, rpc, proper, ended);
    }
}

impl Seen {
    fn note(&mut self, round: &Round, rpc: &Rpc, proper: bool, ended: Result<Ended, String>) {
        let checked = ended.and_then(|ended| {
            // A standard service has a word of its own for what it does not know.
            if rpc.input.is_none() && ended.status.code() == tonic::Code::NotFound {
                return Ok(None);
            }
            let reason = ended.reason()?;
            if reason.is_none() {
                self.accepted(round, rpc, proper, &ended)?;
            }
            Ok(reason)
        });
        self.tally.count(&rpc.path, checked);
    }

    /// Looks at what an accepted request was answered with.
    fn accepted(&mut self, round: &Round, rpc: &Rpc, proper: bool, ended: &Ended) -> Result<(), String> {
        let unreadable = |error: prost::DecodeError| format!("the reply cannot be read: {error}");
        let messages = ended.messages();
        let name = rpc.path.rsplit('/').next().unwrap();
        match (name, messages.first().cloned()) {
            ("State", Some(message)) => {
                let reply = v1::StateReply::decode(message).map_err(unreadable)?;
                self.taken.push(reply.digest.to_vec());
            }
            ("Import", Some(_)) if proper => self.taken.extend_from_slice(&round.seeds.imported),
            ("Recognise", Some(message)) => {
                let reply = v1::RecogniseReply::decode(message).map_err(unreadable)?;
                for receipt in reply.results.into_iter().filter_map(|result| result.receipt) {
                    let receipt = huxin_cli::receipts::from_message(receipt);
                    let receipt = receipt.map_err(|error| error.to_string())?;
                    receipt.verify(&round.log_key).map_err(|error| error.to_string())?;
                }
            }
            ("QueryStream", _) => {
                for message in messages {
                    check_reply(v1::PeerReply::decode(message).map_err(unreadable)?)?;
                }
            }
            (_, Some(_)) => {}
            // Reflection is a stream: it may have nothing to say.
            (_, None) if rpc.input.is_none() => {}
            (_, None) => return Err("accepted without a reply".into()),
        }
        Ok(())
    }
}

/// Asks mutated questions in proper messages on one stream, and hears an answer to each.
async fn ask(federation: &Federation, round: &Round, questions: usize) {
    let channel = federation.channel(42, "node/node-1", NODE).await;
    let (out, requests) = tokio::sync::mpsc::channel(questions + 1);
    let say = |message| out.try_send(v1::PeerRequest { message: Some(message) }).unwrap();
    say(peer_request::Message::Open(open(federation)));
    for id in 0..questions {
        let mut random = Random::of(!SEED, round.first + id);
        let mut query = mutated_message(&round.seeds.query, &mut random);
        query.truncate(LONGEST_QUERY);
        say(peer_request::Message::Ask(v1::Ask { id: id as u64, query: query.into() }));
    }
    let reply = PeerClient::new(channel).query_stream(ReceiverStream::new(requests)).await;
    let mut replies = reply.unwrap().into_inner();
    let mut heard = 0;
    while heard < questions {
        let message = replies.message().await.unwrap().expect("the stream ended before all was answered");
        if let Some(outcome) = check_reply(message).transpose() {
            heard += 1;
            round.seen.lock().unwrap().tally.count("question", outcome);
        }
    }
}

/// What a message on an exchange stream says of a question: `None` for other messages.
fn check_reply(reply: v1::PeerReply) -> Result<Option<Option<huxin_wire::Reason>>, String> {
    match reply.message {
        Some(peer_reply::Message::Declined(declined)) => {
            if !is_error_id(&declined.error_id) {
                return Err(format!("declined with the error id {:?}", declined.error_id));
            }
            named(&declined.reason).map(|reason| Some(Some(reason)))
        }
        Some(peer_reply::Message::Reply(reply)) => {
            let answer = v1::Answer::decode(reply.body).map_err(|error| error.to_string())?;
            match answer.outcome() {
                v1::AnswerOutcome::Answered => Ok(Some(None)),
                _ => named(&answer.reason).map(|reason| Some(Some(reason))),
            }
        }
        Some(_) => Ok(None),
        None => Err("an empty message on the stream".into()),
    }
}
