//! Who is asked for what, and what came back: verified statements, each with where it came from.
//!
//! Codes are asked of the home province; tests and examinations of the own registry, the home province and those that
//! the holder names. All questions leave at once; each province gets one. The own registry is also read for copies of
//! the code: what a department here only heard is hearsay, reported beside the home's answer and never deciding.

use aws_lc_rs::hmac;
use bytes::Bytes;
use huxin_attest::{
    Attestation, Clock as _, Document, Kind, Kinds, RegionCode, SubjectSalt, UnixMs, Verified,
};
use huxin_identity::{Membership, PeerIdentity};
use huxin_registry::Registry as _;
use huxin_trust_policy::{Listing, Selected, Standing};
use huxin_wire::convert::{document_message, fixed, kind_numbers};
use huxin_wire::{Failure, Reason, v1};
use prost::Message as _;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::convert::Presentation;
use super::scene::Scene;
use crate::exchange::{AskError, Expected, PeerAnswer};
use crate::limits;
use crate::local::Local;
use crate::rules::Rules;
use crate::shared::Shared;

/// One person's questions, on their way.
pub struct Asking {
    presentation: Presentation,
    own: Option<(Kinds, Vec<Heard>)>,
    peers: Vec<(RegionCode, Kinds, Wait)>,
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
        /// The reply's place in its log; its statements were taken out.
        answer: Box<PeerAnswer>,
    },
    /// No verified reply in time, for this reason.
    Unreachable(AskError),
}

/// One authentic statement.
pub struct Heard {
    /// What it says.
    pub attestation: Verified<Attestation>,
    /// When its province last confirmed it.
    pub checked_at: UnixMs,
    /// Whether the person contests it.
    pub standing: Standing,
    /// What the membership list says of its signer.
    pub listing: Listing,
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
    let mut asking = Asking { presentation, own: None, peers: Vec::new() };
    // Peers first: their answers travel while the own registry is read.
    for (region, kinds) in targets.iter().filter(|(region, _)| *region != own_region) {
        let query = query(local, scene, selected, &asking.presentation, *kinds, tag, deadline);
        let expected = Expected { purpose: scene.purpose.clone(), department: scene.department.clone() };
        local.shared.counters.queries_sent.one();
        let wait = match local.link(*region) {
            Some(link) => Wait::Sent(link.ask(query, expected, deadline)),
            None => Wait::Not(AskError::NotMember),
        };
        asking.peers.push((*region, *kinds, wait));
    }
    if let Some((_, kinds)) = targets.iter().find(|(region, _)| *region == own_region) {
        asking.own = Some((*kinds, own_registry(local, &scene.rules, &asking.presentation, *kinds)?));
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

fn own_registry(
    local: &Local,
    rules: &Rules,
    presentation: &Presentation,
    kinds: Kinds,
) -> Result<Vec<Heard>, Failure> {
    let shared = &local.shared;
    let person = shared.secret.person(&presentation.document);
    let found = shared.registry.look_up(&person, kinds);
    let found = found.map_err(|error| Failure::new(Reason::Internal, error.to_string()))?;
    let checked_at = shared.facts.now();
    let mut heard = Vec::with_capacity(found.heads.len());
    let hearing = Hearing { local, rules, subject: &presentation.document };
    // Only the home province says what the code is.
    let is_home = presentation.home == shared.region;
    for held in
        found.heads.into_iter().filter(|held| is_home || held.kind != Kind::HealthCode || held.hop > 0)
    {
        let standing = match held.standing {
            huxin_registry::Standing::None => Standing::None,
            huxin_registry::Standing::Contested => Standing::Contested,
            huxin_registry::Standing::Overdue => Standing::Overdue,
        };
        let (envelope, salt) = (&held.envelope, &held.subject_salt);
        heard.extend(hearing.verify(shared.region, envelope, salt, checked_at, standing));
    }
    Ok(heard)
}

impl Asking {
    /// Waits for the answers, at most until `deadline` less what the decision needs, and verifies their statements.
    pub async fn hear(self, local: &Local, rules: &Rules, deadline: Instant) -> Answers {
        let Self { presentation, own, peers } = self;
        let mut answers =
            Answers { presentation, asked: Vec::with_capacity(peers.len() + 1), heard: Vec::new() };
        if let Some((kinds, heard)) = own {
            answers.asked.push(AskedOf { region: local.shared.region, kinds, result: AskResult::Own });
            answers.heard = heard;
        }
        let until = deadline - limits::DEADLINE_RESERVE;
        for (region, kinds, wait) in peers {
            let reply = match wait {
                Wait::Sent(receiver) => match timeout_at(until, receiver).await {
                    Ok(Ok(reply)) => reply,
                    Ok(Err(_)) => Err(AskError::Lost),
                    Err(_) => Err(AskError::Late),
                },
                Wait::Not(error) => Err(error),
            };
            let result = match reply {
                Ok(mut answer) => {
                    let statements = std::mem::take(&mut answer.statements);
                    answers.take_in(local, rules, &answer, statements, kinds);
                    AskResult::Replied { answer: Box::new(answer) }
                }
                Err(error) => AskResult::Unreachable(error),
            };
            answers.asked.push(AskedOf { region, kinds, result });
        }
        answers
    }
}

impl Answers {
    fn take_in(
        &mut self,
        local: &Local,
        rules: &Rules,
        answer: &PeerAnswer,
        statements: Vec<v1::AnsweredStatement>,
        kinds: Kinds,
    ) {
        let hearing = Hearing { local, rules, subject: &self.presentation.document };
        for statement in statements {
            let v1::AnsweredStatement { attestation, subject_salt, standing } = statement;
            let standing = match v1::Standing::try_from(standing) {
                Ok(v1::Standing::None) => Standing::None,
                Ok(v1::Standing::Contested) => Standing::Contested,
                // A standing that we do not know is taken as the one that believes least.
                _ => Standing::Overdue,
            };
            let Ok(salt) = fixed(&subject_salt, "subject_salt").map(SubjectSalt) else {
                tracing::warn!(region = %answer.region, "a statement's salt has not 16 bytes");
                local.shared.counters.answers_rejected.one();
                continue;
            };
            let heard = hearing.verify(answer.region, &attestation, &salt, answer.checked_at, standing);
            self.heard.extend(heard.filter(|heard| kinds.contains(heard.attestation.claims.kind)));
        }
    }
}

/// What one person's statements are verified with.
struct Hearing<'a> {
    local: &'a Local,
    rules: &'a Rules,
    subject: &'a Document,
}

impl Hearing<'_> {
    /// Authenticates one statement; what is not authentic is counted, logged and left out.
    fn verify(
        &self,
        region: RegionCode,
        envelope: &[u8],
        salt: &SubjectSalt,
        checked_at: UnixMs,
        standing: Standing,
    ) -> Option<Heard> {
        let Self { local, rules, subject } = *self;
        let membership = &*local.shared.membership;
        let verified = {
            let mut verifier = local.verifier();
            let before = verifier.counters().signatures_checked;
            let verified = verifier.verify(envelope, region, membership, subject, salt);
            local.shared.counters.signatures_checked.add(verifier.counters().signatures_checked - before);
            verified
        };
        let attestation = match verified {
            Ok(attestation) => attestation,
            Err(error) => {
                let error_id = local.error_id();
                tracing::warn!(%region, reason = error.reason(), %error_id, "a statement is not authentic");
                local.shared.counters.answers_rejected.one();
                return None;
            }
        };
        local.shared.counters.statements_verified.one();
        let listing = listing(membership, rules, &attestation);
        Some(Heard { attestation, checked_at, standing, listing })
    }
}

/// What the membership list says of a statement's signer.
fn listing(membership: &Membership, rules: &Rules, attestation: &Attestation) -> Listing {
    let Attestation { claims, signer_region, signer_department, .. } = attestation;
    let Some(department) = membership.department(*signer_region, signer_department.as_str()) else {
        return Listing { category: None, may_state: false, assigner_may: false };
    };
    let assigner_may = match (&claims.assigner, &claims.assigner_role) {
        (Some(assigner), Some(role)) => membership
            .department(*signer_region, assigner.as_str())
            .is_some_and(|assigner| assigner.may_assign(role.as_str())),
        _ => false,
    };
    Listing {
        category: rules.policy.vocabulary().department(department.category.as_str()),
        may_state: department.may_state.contains(claims.kind),
        assigner_may,
    }
}
