//! The decision about one person: the policy judges, the log takes it, then the app is told.

use bytes::Bytes;
use huxin_attest::{Clock as _, Kind, UnixMs, sha256};
use huxin_ledger::LeafType;
use huxin_ledger::leaf::exchange_private_of_hashes;
use huxin_ledger::public::{self, Counts, Label, Verdict};
use huxin_trust_policy::{
    Belief, Decision, Evidence, EvidenceState, Facts, Minutes, Outcome, Policy, Selected, Statement,
};
use huxin_wire::convert::kind_numbers;
use huxin_wire::{Failure, Reason, v1};
use prost::Message as _;
use tokio::sync::oneshot;

use super::ask::{Answers, AskResult, AskedOf};
use super::convert::{Age, Frame, Presentation};
use super::hearing::Heard;
use super::judged::{Judged, Particulars};
use super::receipt;
use super::scene::Scene;
use crate::exchange::Details;
use crate::explanation;
use crate::local::Local;
use crate::log_port::{Entry, Logged, Waiter};
use crate::rules::Rules;
use crate::sealed::{Sealed, seal};

/// A decision that is complete but for its place in the log.
pub struct DecisionDraft {
    entry: Sealed,
    decision: v1::Decision,
    body: Bytes,
}

/// A decision that waits for the log.
pub struct Waiting {
    logged: oneshot::Receiver<Logged>,
    draft: DecisionDraft,
}

/// Admits where the rule asks nothing: no data moves, and only the count of such decisions is logged.
pub fn nothing_asked(
    local: &Local,
    scene: &Scene,
    selected: &Selected<'_>,
    presentation: &Presentation,
) -> v1::Recognised {
    let now = scene.now;
    let decided =
        scene.rules.policy.decide(selected, &Facts { age: presentation.age.years, ..Facts::default() }, now);
    local.aggregates.count(&scene.app, decided.rule.unwrap_or(NO_RULE));
    count(local, decided.outcome);
    local.shared.counters.not_required.one();
    let decision = message(&scene.rules, &decided, presentation.age, now);
    v1::Recognised { decision: Some(decision), receipt: None }
}

/// How the log names a decision that no rule made.
const NO_RULE: &str = "none";

/// Judges what was heard.
///
/// # Errors
/// If a name from the policy cannot be logged.
pub fn draft(
    local: &Local,
    scene: &Scene,
    selected: &Selected<'_>,
    frame: &Frame,
    answers: Answers,
) -> Result<DecisionDraft, Failure> {
    let policy = &scene.rules.policy;
    // The reading by which the rule was selected: by another one the overlay might have begun or ended meanwhile.
    let now = scene.now;
    let Answers { presentation, asked, heard } = answers;
    let kinds = Kind::TRAVELLING.map(|kind| OfKind::gather(policy, kind, &heard, &asked));
    let facts = Facts {
        age: presentation.age.years,
        evidence: kinds
            .each_ref()
            .map(|kind| Evidence { statements: &kind.statements, unreachable: kind.unreachable }),
    };
    let decided = policy.decide(selected, &facts, now);
    count(local, decided.outcome);

    let (request, request_hash) = frame.narrow(&presentation, scene.origin_area);
    let mut decision = message(&scene.rules, &decided, presentation.age, now);
    decision.asked = asked.iter().map(asked_message).collect();
    let mut judged = Judged::of(policy, &selected.situation(), presentation.age.years);
    let silent = Kind::TRAVELLING.iter().zip(&kinds).filter(|(_, of_kind)| of_kind.unreachable);
    judged.unreachable = silent.map(|(kind, _)| kind.number().into()).collect();
    (decision.findings, judged.particulars) = findings(policy, &decided, &kinds, &heard, now);
    if decided.outcome == Outcome::Review {
        decision.nearest = policy.nearest(selected, &facts, now).as_ref().map(explanation::nearest_message);
    }
    decision.request_sha256 = Bytes::copy_from_slice(&request_hash.0);
    let body: Bytes = decision.encode_to_vec().into();

    let public = public_half(scene, &decided, &asked, &heard)?.encode();
    let private = exchange_private_of_hashes(&request_hash, &sha256(&[&body]));
    let judged = Some(judged);
    let kept = Details { request: request.into(), body: body.clone(), judged, ..Details::default() };
    let entry = seal(&local.salts, LeafType::Decision, local.shared.facts.now(), public, &private, kept);
    Ok(DecisionDraft { entry, decision, body })
}

impl DecisionDraft {
    /// Hands the decision to the log.
    ///
    /// # Errors
    /// If the log does not take it: then nothing is told.
    pub fn submit(self, local: &Local) -> Result<Waiting, Failure> {
        let (sender, logged) = oneshot::channel();
        let entry = Entry::new(&self.entry);
        local.log.submit(entry, Waiter::Call(sender)).map_err(|(failure, _)| failure)?;
        Ok(Waiting { logged, draft: self })
    }
}

impl Waiting {
    /// Waits until the decision is durable, and says it with its receipt.
    ///
    /// # Errors
    /// If the log stops.
    pub async fn finish(self, local: &Local) -> Result<v1::Recognised, Failure> {
        let logged = self.logged.await.map_err(|_| Failure::from(Reason::ShuttingDown))?;
        let DecisionDraft { entry, decision, body } = self.draft;
        let Sealed { leaf, salt1, public, salt2, details: _ } = entry;
        let request_sha256 = decision.request_sha256.clone();
        let contents = receipt::Contents { leaf, salt1, public, salt2, request_sha256, body };
        let receipt = receipt::message(local.shared.log_key.origin(), &logged, contents);
        Ok(v1::Recognised { decision: Some(decision), receipt: Some(receipt) })
    }
}

/// What was heard of one kind, as the policy sees it.
struct OfKind {
    statements: Vec<Statement>,
    /// Where each stands among all that was heard.
    places: Vec<usize>,
    unreachable: bool,
}

impl OfKind {
    fn gather(policy: &Policy, kind: Kind, heard: &[Heard], asked: &[AskedOf]) -> Self {
        let mut of_kind = Self { statements: Vec::new(), places: Vec::new(), unreachable: false };
        for (place, one) in heard.iter().enumerate().filter(|(_, one)| one.attestation.claims.kind == kind) {
            of_kind.statements.push(one.statement(policy));
            of_kind.places.push(place);
        }
        // A refusal is as good as silence to the person who stands there.
        of_kind.unreachable = asked.iter().any(|one| {
            one.kinds.contains(kind)
                && match &one.result {
                    AskResult::Own => false,
                    AskResult::Replied { answer } => answer.refused.is_some(),
                    // It is silent now, whatever it said before.
                    AskResult::Reused { .. } | AskResult::Unreachable(_) => true,
                }
        });
        of_kind
    }
}

fn count(local: &Local, outcome: Outcome) {
    match outcome {
        Outcome::Admit => local.shared.counters.admitted.one(),
        Outcome::Review => local.shared.counters.reviewed.one(),
    }
}

fn message(rules: &Rules, decided: &Decision<'_>, age: Age, now: UnixMs) -> v1::Decision {
    let references = &rules.references;
    v1::Decision {
        outcome: match decided.outcome {
            Outcome::Admit => v1::Outcome::Admit.into(),
            Outcome::Review => v1::Outcome::Review.into(),
        },
        rule: decided.rule.unwrap_or_default().to_owned(),
        title: decided.title.to_owned(),
        case: decided.case.unwrap_or_default().to_owned(),
        say: decided.say.to_owned(),
        obligations: decided.must.names().map(ToOwned::to_owned).collect(),
        basis: decided.basis.to_owned(),
        owner: decided.owner.to_owned(),
        appeal: Some(v1::Appeal {
            contact: decided.appeal.contact.to_string(),
            answer_within: decided.appeal.answer_within.as_ref().map(Minutes::to_string).unwrap_or_default(),
        }),
        asked: Vec::new(),
        findings: Vec::new(),
        decided_unix_ms: now.as_ms(),
        policy: references.at(now).message.clone(),
        age_source: age.source.into(),
        request_sha256: Bytes::new(),
        nearest: None,
    }
}

fn asked_message(asked: &AskedOf) -> v1::Asked {
    let mut message = v1::Asked {
        region: asked.region.to_string(),
        kinds: kind_numbers(asked.kinds),
        result: v1::AskedResult::Own.into(),
        ..v1::Asked::default()
    };
    match &asked.result {
        AskResult::Own => {}
        AskResult::Replied { answer } => {
            message.result = match answer.refused {
                None => v1::AskedResult::Answered.into(),
                Some(_) => v1::AskedResult::Refused.into(),
            };
            message.origin = answer.origin.as_str().to_owned();
            message.index = answer.index;
            message.leaf_hash = Bytes::copy_from_slice(&answer.leaf_hash.0);
            message.reason = answer.refused.clone().unwrap_or_default();
        }
        AskResult::Reused { answer, age_ms, index, silence } => {
            message.result = v1::AskedResult::Reused.into();
            message.origin = answer.origin.as_str().to_owned();
            message.index = answer.index;
            message.leaf_hash = Bytes::copy_from_slice(&answer.leaf_hash.0);
            message.reason = silence.to_string();
            (message.reused_age_ms, message.reuse_index) = (*age_ms, *index);
        }
        AskResult::Unreachable(error) => {
            message.result = v1::AskedResult::Unreachable.into();
            message.reason = error.to_string();
        }
    }
    message
}

/// Everything that was heard, how the policy took it, and which statement the decision rests on; beside each what else
/// the policy saw of it.
fn findings(
    policy: &Policy,
    decided: &Decision<'_>,
    kinds: &[OfKind; 3],
    heard: &[Heard],
    now: UnixMs,
) -> (Vec<v1::Finding>, Vec<Particulars>) {
    let (mut findings, mut particulars) = (Vec::with_capacity(heard.len()), Vec::with_capacity(heard.len()));
    for (of_kind, state) in kinds.iter().zip(&decided.states) {
        let deciding = match state {
            EvidenceState::Believed { statement, .. } => *statement,
            EvidenceState::Not { .. } | EvidenceState::NotAsked => None,
        };
        for (number, (statement, place)) in of_kind.statements.iter().zip(&of_kind.places).enumerate() {
            let Some(one) = heard.get(*place) else { continue };
            let Heard { attestation, checked_at, .. } = one;
            particulars.push(Particulars::of(policy, one));
            let belief = match policy.belief(statement, now) {
                Belief::Believed { value, .. } => value.name(),
                Belief::Not(state) => state.name(),
            };
            let claims = &attestation.claims;
            findings.push(v1::Finding {
                kind: i32::from(claims.kind.number()),
                region: attestation.signer_region.to_string(),
                department: attestation.signer_department.to_string(),
                belief: belief.to_owned(),
                deciding: deciding == Some(number),
                digest: Bytes::copy_from_slice(&attestation.digest.0),
                checked_unix_ms: checked_at.as_ms(),
                native_label: claims.native_label.as_ref().map(ToString::to_string).unwrap_or_default(),
            });
        }
    }
    (findings, particulars)
}

fn public_half(
    scene: &Scene,
    decided: &Decision<'_>,
    asked: &[AskedOf],
    heard: &[Heard],
) -> Result<public::Decision, Failure> {
    let label =
        |text: &str| Label::new(text).map_err(|error| Failure::new(Reason::Internal, error.to_string()));
    let rule = match (decided.rule, decided.case) {
        (Some(rule), Some(case)) => label(&format!("{rule}/{case}"))?,
        (rule, _) => label(rule.unwrap_or(NO_RULE))?,
    };
    // What the own registry was read for is covered by the decision itself.
    let asked = asked.iter().filter_map(|one| {
        let reply = match &one.result {
            AskResult::Own => return None,
            AskResult::Replied { answer } => public::Reply::Logged {
                origin: answer.origin.clone(),
                index: answer.index,
                leaf: answer.leaf_hash,
            },
            AskResult::Reused { .. } => public::Reply::Reused,
            AskResult::Unreachable(_) => public::Reply::Unreachable,
        };
        Some(public::Asked { region: one.region, reply })
    });
    Ok(public::Decision {
        purpose: label(&scene.purpose)?,
        outcome: match decided.outcome {
            Outcome::Admit => Verdict::Admit,
            Outcome::Review => Verdict::Review,
        },
        rule,
        department: label(&scene.department)?,
        counts: heard.iter().map(|one| (one.attestation.claims.kind, 1)).collect::<Counts>(),
        asked: asked.collect(),
        policies: scene.rules.references.at(scene.now).log.clone(),
    })
}
