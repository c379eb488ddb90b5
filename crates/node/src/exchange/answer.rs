//! Answering one question of a peer: admission, disclosure, look-up, body, leaf. Nothing is sent from here.
//!
//! Whether the question may be asked is decided before any look-up, so that a refusal cannot tell whether somebody
//! exists. Refusals take the same road as answers: they are logged, then sent.

use bytes::Bytes;
use huxin_attest::{Clock as _, RegionCode, UnixMs, sha256};
use huxin_ledger::leaf::exchange_private_of_hashes;
use huxin_ledger::public::{Counts, Exchange, Label};
use huxin_ledger::{Guard, LeafType};
use huxin_registry::{Held, Registry as _, Standing};
use huxin_wire::{Failure, Reason, v1};
use prost::Message as _;

use super::convert::Question;
use super::details::Details;
use super::guarded;
use crate::local::Local;
use crate::sealed::{Sealed, seal};

/// Answers the questions of one peer.
pub struct Answerer<'a> {
    local: &'a Local,
    peer: RegionCode,
}

/// An answer or a refusal that is complete but for its place in the log.
pub struct AnswerDraft {
    /// The entry, with what opens it.
    pub entry: Sealed,
    /// The serialised `Answer`.
    pub body: Bytes,
    /// Whom the look-up was about and what it had seen; `None` for a refusal, which looked nothing up.
    pub guard: Option<Guard>,
}

/// What a question may be told, decided before anybody is looked up.
enum Admitted {
    /// The disclosure rule that covers it.
    Under(String),
    /// The reason, and the rule where one covered it.
    Refused(Reason, Option<String>),
}

impl<'a> Answerer<'a> {
    /// Answers `peer` from one runtime.
    pub const fn new(local: &'a Local, peer: RegionCode) -> Self {
        Self { local, peer }
    }

    /// Reads a question and drafts its answer or refusal.
    ///
    /// # Errors
    /// If the query is malformed or the registry fails: then nothing is answered and nothing logged.
    pub fn draft(&self, query: &Bytes) -> Result<AnswerDraft, Failure> {
        let question = Question::parse(query)?;
        match self.admit(&question) {
            Admitted::Under(rule) => self.look_up(query, &question, &rule, true),
            Admitted::Refused(reason, rule) => self.refuse(query, &question, reason, rule.as_deref()),
        }
    }

    /// Looks up again, because the person's facts changed after the first look-up. Admission was counted before.
    ///
    /// # Errors
    /// As [`Self::draft`].
    pub fn draft_again(&self, query: &Bytes) -> Result<AnswerDraft, Failure> {
        let question = Question::parse(query)?;
        self.local.shared.counters.looked_again.one();
        match self.disclosure(&question) {
            Ok(rule) => self.look_up(query, &question, &rule.0, false),
            Err(reason) => self.refuse(query, &question, reason, None),
        }
    }

    fn admit(&self, question: &Question) -> Admitted {
        let (rule, budget) = match self.disclosure(question) {
            Ok(disclosure) => disclosure,
            Err(reason) => return Admitted::Refused(reason, None),
        };
        let now = self.local.shared.facts.now();
        match self.local.shared.admission.question(self.peer, &rule, budget, now) {
            Ok(()) => Admitted::Under(rule),
            Err(reason) => Admitted::Refused(reason, Some(rule)),
        }
    }

    /// The disclosure rule that covers the whole question, with its budget: questions a minute, misses an hour.
    fn disclosure(&self, question: &Question) -> Result<(String, (u32, u32)), Reason> {
        let shared = &self.local.shared;
        let rules = shared.rules.load();
        let policy = &rules.policy;
        let purpose = policy.vocabulary().purpose(&question.purpose).ok_or(Reason::PurposeUnknown)?;
        let department = rules
            .department_category(&shared.membership, self.peer, question.department.as_str())
            .ok_or(Reason::DepartmentNotListed)?;
        let rule = policy
            .disclose(purpose, department, question.kinds, shared.facts.now())
            .ok_or(Reason::NotDisclosed)?;
        Ok((rule.id.to_string(), (rule.per_peer_per_minute, rule.misses_per_peer_per_hour)))
    }

    fn look_up(
        &self,
        query: &Bytes,
        question: &Question,
        rule: &str,
        count_miss: bool,
    ) -> Result<AnswerDraft, Failure> {
        let shared = &self.local.shared;
        let person = shared.secret.person(&question.subject);
        let counter = || shared.log.change_counter();
        let found = guarded::look_up(&person, counter, || shared.registry.look_up(&person, question.kinds));
        let (found, guard) = found.map_err(|error| Failure::new(Reason::Internal, error.to_string()))?;
        let checked_at = shared.facts.now();
        // What this province only heard from others never travels on.
        let own: Vec<Held> = found.heads.into_iter().filter(|held| held.hop == 0).collect();
        if own.is_empty() && count_miss {
            shared.admission.miss(self.peer, rule, checked_at);
        }
        let counts: Counts = own.iter().map(|held| (held.kind, 1)).collect();
        let digests: Vec<u8> = own.iter().flat_map(|held| held.digest.0).collect();
        let answer = v1::Answer {
            statements: own.into_iter().map(answered).collect(),
            more: found.more,
            ..self.answer(v1::AnswerOutcome::Answered, checked_at)
        };
        shared.counters.queries_answered.one();
        let kept = Details {
            person: Bytes::copy_from_slice(&person.0),
            statements: digests.into(),
            checked_unix_ms: checked_at.as_ms(),
            ..Details::default()
        };
        self.finish(query, question, answer, Some(rule), counts, Some(guard), kept)
    }

    fn refuse(
        &self,
        query: &Bytes,
        question: &Question,
        reason: Reason,
        rule: Option<&str>,
    ) -> Result<AnswerDraft, Failure> {
        let now = self.local.shared.facts.now();
        let answer =
            v1::Answer { reason: reason.name().to_owned(), ..self.answer(v1::AnswerOutcome::Refused, now) };
        self.local.shared.counters.queries_refused.one();
        self.finish(query, question, answer, rule, Counts::default(), None, Details::default())
    }

    fn answer(&self, outcome: v1::AnswerOutcome, checked_at: UnixMs) -> v1::Answer {
        v1::Answer {
            // Filled in once the entry is made.
            request_hash: Bytes::new(),
            audience: self.peer.as_u8().into(),
            region: self.local.shared.region.as_u8().into(),
            outcome: outcome.into(),
            checked_unix_ms: checked_at.as_ms(),
            statements: Vec::new(),
            more: false,
            reason: String::new(),
        }
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "each is one part of the entry, assembled here and nowhere else"
    )]
    fn finish(
        &self,
        query: &Bytes,
        question: &Question,
        mut answer: v1::Answer,
        rule: Option<&str>,
        counts: Counts,
        guard: Option<Guard>,
        kept: Details,
    ) -> Result<AnswerDraft, Failure> {
        let outcome = answer.outcome();
        let public = Exchange {
            purpose: label(&question.purpose)?,
            outcome: label(outcome_name(outcome))?,
            rule: rule.map(label).transpose()?,
            peer: self.peer,
            department: label(question.department.as_str())?,
            counts,
        };
        let request_hash = sha256(&[query]);
        answer.request_hash = Bytes::copy_from_slice(&request_hash.0);
        let body: Bytes = answer.encode_to_vec().into();
        let (leaf_type, kept_body) = match outcome {
            v1::AnswerOutcome::Answered => (LeafType::Answer, Bytes::new()),
            _ => (LeafType::Refusal, body.clone()),
        };
        let private = exchange_private_of_hashes(&request_hash, &sha256(&[&body]));
        let kept = Details { request: query.clone(), body: kept_body, ..kept };
        let now = self.local.shared.facts.now();
        let entry = seal(&self.local.salts, leaf_type, now, public.encode(), &private, kept);
        Ok(AnswerDraft { entry, body, guard })
    }
}

/// The outcome's name in the public half.
pub(super) fn outcome_name(outcome: v1::AnswerOutcome) -> &'static str {
    match outcome {
        v1::AnswerOutcome::Answered => "answered",
        v1::AnswerOutcome::Refused => "refused",
        v1::AnswerOutcome::Unspecified => "unspecified",
    }
}

fn answered(held: Held) -> v1::AnsweredStatement {
    v1::AnsweredStatement {
        attestation: held.envelope.into(),
        subject_salt: Bytes::copy_from_slice(&held.subject_salt.0),
        standing: standing_message(held.standing).into(),
    }
}

/// How a statement is contested, as it travels.
pub fn standing_message(standing: Standing) -> v1::Standing {
    match standing {
        Standing::None => v1::Standing::None,
        Standing::Contested => v1::Standing::Contested,
        Standing::Overdue => v1::Standing::Overdue,
    }
}

fn label(text: &str) -> Result<Label, Failure> {
    Label::new(text).map_err(|error| Failure::new(Reason::InvalidRequest, error.to_string()))
}
