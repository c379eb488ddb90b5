//! Who is asked for what, and what came back: verified statements, each with where it came from.
//!
//! Codes are asked of the home province; tests and examinations of the own registry, the home province and those that
//! the holder names. All questions leave at once; each province gets one. The own registry is also read for copies of
//! the code: what a department here only heard is hearsay, reported beside the home's answer and never deciding.

use std::sync::Arc;

use aws_lc_rs::hmac;
use bytes::Bytes;
use huxin_attest::{Clock as _, Kind, Kinds, RegionCode};
use huxin_identity::PeerIdentity;
use huxin_trust_policy::{Belief, Selected, State};
use huxin_wire::convert::{document_message, kind_numbers};
use huxin_wire::{Failure, v1};
use prost::Message as _;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::convert::Presentation;
use super::hearing::{Heard, Hearing};
use super::scene::Scene;
use crate::exchange::{AskError, Expected, PeerAnswer, Subject, Used, log_reuse};
use crate::limits;
use crate::local::Local;
use crate::rules::Rules;
use crate::shared::Shared;

/// One person's questions, on their way.
pub struct Asking {
    presentation: Presentation,
    own: Option<(Kinds, Vec<Heard>)>,
    peers: Vec<Asked>,
    expected: Arc<Expected>,
    tag: [u8; 16],
}

/// One question to another province, on its way.
struct Asked {
    region: RegionCode,
    kinds: Kinds,
    query: Bytes,
    wait: Wait,
}

/// A question whose answer is awaited, or why it was not sent.
enum Wait {
    Sent(oneshot::Receiver<Result<PeerAnswer, AskError>>),
    Not(AskError),
}

/// What one person's questions brought.
pub struct Answers {
    /// Who stands there.
    pub presentation: Presentation,
    /// Who was asked, and how it went.
    pub asked: Vec<AskedOf>,
    /// The authentic statements.
    pub heard: Vec<Heard>,
}

/// One province that was asked.
pub struct AskedOf {
    /// The province.
    pub region: RegionCode,
    /// What it was asked for.
    pub kinds: Kinds,
    /// How it went.
    pub result: AskResult,
}

/// How a question went.
pub enum AskResult {
    /// Read from the own registry.
    Own,
    /// Answered or refused; both stand in the other province's log.
    Replied {
        /// The reply.
        answer: Arc<PeerAnswer>,
    },
    /// The province was silent, and its last answer to this question was used again.
    Reused {
        /// The earlier answer.
        answer: Arc<PeerAnswer>,
        /// How long before its registry was read, in milliseconds.
        age_ms: i64,
        /// The entry of the own log that records the reuse.
        index: u64,
        /// What the silence was.
        silence: AskError,
    },
    /// No verified reply in time, for this reason.
    Unreachable(AskError),
}

/// The same for retries of one question: it lets the answerer show them as one.
pub fn request_tag(shared: &Shared, caller: &PeerIdentity, request_id: &[u8; 16]) -> [u8; 16] {
    let mut context = hmac::Context::with_key(&shared.tag_key);
    context.update(caller.uri.as_bytes());
    context.update(request_id);
    let mut tag = [0; 16];
    tag.iter_mut().zip(context.sign().as_ref()).for_each(|(out, byte)| *out = *byte);
    tag
}

/// Sends one person's questions.
///
/// # Errors
/// If the own registry fails.
pub fn ask(
    local: &Local,
    scene: &Scene,
    selected: &Selected<'_>,
    presentation: Presentation,
    tag: [u8; 16],
    deadline: Instant,
) -> Result<Asking, Failure> {
    let own_region = local.shared.region;
    let targets = targets(own_region, &presentation, selected.ask());
    let expected = Expected { purpose: scene.purpose.clone(), department: scene.department.clone() };
    let expected = Arc::new(expected);
    let mut asking = Asking { presentation, own: None, peers: Vec::new(), expected, tag };
    // Peers first: their answers travel while the own registry is read.
    for (region, kinds) in targets.iter().filter(|(region, _)| *region != own_region) {
        let query = query(local, scene, selected, &asking.presentation, *kinds, tag, deadline);
        local.shared.counters.queries_sent.one();
        let wait = match local.link(*region) {
            Some(link) => Wait::Sent(link.ask(query.clone(), Arc::clone(&asking.expected), deadline)),
            None => Wait::Not(AskError::NotMember),
        };
        asking.peers.push(Asked { region: *region, kinds: *kinds, query, wait });
    }
    if let Some((_, kinds)) = targets.iter().find(|(region, _)| *region == own_region) {
        asking.own =
            Some((*kinds, Hearing::of(local, &scene.rules, &asking.presentation).own_registry(*kinds)?));
    }
    Ok(asking)
}

/// Every province to be asked, once, with what it is asked for.
fn targets(own: RegionCode, presentation: &Presentation, ask: Kinds) -> Vec<(RegionCode, Kinds)> {
    let mut targets: Vec<(RegionCode, Kinds)> = Vec::with_capacity(4);
    let mut add =
        |region: RegionCode, kind: Kind| match targets.iter_mut().find(|(known, _)| *known == region) {
            Some((_, kinds)) => *kinds = kinds.with(kind),
            None => targets.push((region, Kinds::NONE.with(kind))),
        };
    for kind in ask.iter() {
        add(presentation.home, kind);
        add(own, kind);
        if kind != Kind::HealthCode {
            presentation.test_regions.iter().for_each(|region| add(*region, kind));
        }
    }
    targets
}

fn query(
    local: &Local,
    scene: &Scene,
    selected: &Selected<'_>,
    presentation: &Presentation,
    kinds: Kinds,
    tag: [u8; 16],
    deadline: Instant,
) -> Bytes {
    let left = deadline.saturating_duration_since(Instant::now()).min(limits::REQUEST_DEADLINE);
    let nonce: [u8; 16] = local.salts.take();
    let query = v1::Query {
        subject: Some(document_message(&presentation.document)),
        kinds: kind_numbers(kinds),
        purpose: scene.purpose.clone(),
        legal_basis: selected.basis().to_owned(),
        department: scene.department.clone(),
        nonce: Bytes::copy_from_slice(&nonce),
        deadline_ms: u32::try_from(left.as_millis()).unwrap_or(u32::MAX).max(1),
        request_tag: Bytes::copy_from_slice(&tag),
    };
    query.encode_to_vec().into()
}

impl Asking {
    /// Waits for the answers, at most until `deadline` less what the decision needs, and verifies their statements. Where
    /// a province is silent, its last answer may stand in: that is logged before this returns.
    ///
    /// # Errors
    /// If the log does not take what is to be used again.
    pub async fn hear(self, local: &Local, rules: &Rules, deadline: Instant) -> Result<Answers, Failure> {
        let Self { presentation, own, peers, expected, tag } = self;
        let mut answers =
            Answers { presentation, asked: Vec::with_capacity(peers.len() + 1), heard: Vec::new() };
        if let Some((kinds, heard)) = own {
            answers.asked.push(AskedOf { region: local.shared.region, kinds, result: AskResult::Own });
            answers.heard = heard;
        }
        let until = deadline - limits::DEADLINE_RESERVE;
        for Asked { region, kinds, query, wait } in peers {
            let reply = match wait {
                Wait::Sent(receiver) => match timeout_at(until, receiver).await {
                    Ok(Ok(reply)) => reply,
                    Ok(Err(_)) => Err(AskError::Lost),
                    Err(_) => Err(AskError::Late),
                },
                Wait::Not(error) => Err(error),
            };
            let result = match reply {
                Ok(answer) => {
                    let answer = Arc::new(answer);
                    let heard = Hearing::of(local, rules, &answers.presentation).statements(&answer, kinds);
                    answers.heard.extend(heard);
                    let subject = Subject::of(&answers.presentation.document, region);
                    local.shared.last.keep(subject, kinds, &expected, &answer);
                    AskResult::Replied { answer }
                }
                Err(silence) if silence.is_silence() => {
                    let question = OpenQuestion { region, kinds, query: &query, expected: &expected, tag };
                    // Rare, so its room is not kept in every call.
                    Box::pin(answers.reuse(local, rules, question, silence)).await?
                }
                Err(error) => AskResult::Unreachable(error),
            };
            answers.asked.push(AskedOf { region, kinds, result });
        }
        Ok(answers)
    }
}

/// A question that a silent province left without an answer.
struct OpenQuestion<'a> {
    region: RegionCode,
    kinds: Kinds,
    query: &'a Bytes,
    expected: &'a Expected,
    tag: [u8; 16],
}

impl Answers {
    /// Uses the last answer to the same question again, if there is one that is fresh enough by our own bound and of which
    /// the policy takes anything as fresh. It is authenticated again, judged with the time at which its registry was
    /// read, and logged before it is used.
    async fn reuse(
        &mut self,
        local: &Local,
        rules: &Rules,
        question: OpenQuestion<'_>,
        silence: AskError,
    ) -> Result<AskResult, Failure> {
        let OpenQuestion { region, kinds, query, expected, tag } = question;
        let (shared, document, now) = (&local.shared, &self.presentation.document, local.shared.facts.now());
        let last = shared.last.find(Subject::of(document, region), kinds, expected, now);
        let Some(answer) = last.filter(|answer| !shared.board.has_forked(&answer.origin)) else {
            return Ok(AskResult::Unreachable(silence));
        };
        let heard = Hearing::of(local, rules, &self.presentation).statements(&answer, kinds);
        let is_fresh = |one: &Heard| {
            rules.policy.belief(&one.statement(&rules.policy), now) != Belief::Not(State::Stale)
        };
        if !heard.iter().any(is_fresh) {
            return Ok(AskResult::Unreachable(silence));
        }
        let used = Used {
            answer: &answer,
            query,
            expected,
            request_tag: tag,
            person: shared.secret.person(document).0,
            counts: heard.iter().map(|one| (one.attestation.claims.kind, 1)).collect(),
        };
        let index = log_reuse(local, used, now).await?;
        self.heard.extend(heard);
        let age_ms = now.ms_since(answer.checked_at).max(0);
        Ok(AskResult::Reused { answer, age_ms, index, silence })
    }
}
