//! Verifying one reply: the leaf is recomputed from our own question and the body as received, nothing is taken on trust.

use bytes::Bytes;
use huxin_attest::{Clock as _, Digest, RegionCode, UnixMs};
use huxin_ledger::leaf::{commitment, exchange_private_of_hashes};
use huxin_ledger::public::Exchange;
use huxin_ledger::{Leaf, LeafType, Origin, Salt, VerifiedHead};
use huxin_wire::convert::fixed;
use huxin_wire::{Unanswered, v1};
use prost::Message as _;

use super::answer::outcome_name;
use super::convert::{hashes, is_reason};
use super::link::Job;
use crate::limits;
use crate::local::Local;

/// An answer that is proved to stand in its province's log and to be about our question. What its statements are worth
/// is not judged yet.
#[derive(Debug, Clone)]
pub struct PeerAnswer {
    /// Who answered.
    pub region: RegionCode,
    /// Its log.
    pub origin: Origin,
    /// The answer's place there.
    pub index: u64,
    /// The hash of its leaf.
    pub leaf_hash: Digest,
    /// When the registry was read.
    pub checked_at: UnixMs,
    /// The statements, unverified; empty of a refusal.
    pub statements: Vec<v1::AnsweredStatement>,
    /// The reason if the question was refused.
    pub refused: Option<String>,
}

/// Verifies a reply to `job` of the node of `region`.
///
/// # Errors
/// Why it proves nothing.
pub fn verify(
    local: &Local,
    region: RegionCode,
    reply: &v1::Reply,
    job: &Job,
    head: &VerifiedHead,
) -> Result<PeerAnswer, Unanswered> {
    let v1::Reply { id: _, origin, head_size, index, path, unix_ms, salt1, public, salt2, body } = reply;
    if origin != head.origin().as_str() || *head_size != head.size() {
        return Err(Unanswered::ReplyOfAnotherHead);
    }
    let now = local.shared.facts.now();
    let at = UnixMs::from_ms(*unix_ms).ok_or(Unanswered::ReplyTimeMalformed)?;
    if at.ms_since(now).abs() > limits::CLOCK_SKEW_MS {
        return Err(Unanswered::ReplyTimeOff);
    }
    let answer = v1::Answer::decode(body.clone()).map_err(|_| Unanswered::AnswerMalformed)?;
    check_body(local.shared.region, region, &answer, job)?;
    check_public(local.shared.region, public, &answer, job)?;

    let salt = |bytes: &Bytes| fixed(bytes, "salt").map(Salt).map_err(|_| Unanswered::SaltMalformed);
    let private = exchange_private_of_hashes(&job.hash, &huxin_attest::sha256(&[body]));
    let leaf = Leaf {
        leaf_type: if answer.outcome() == v1::AnswerOutcome::Answered {
            LeafType::Answer
        } else {
            LeafType::Refusal
        },
        at,
        commitment: commitment(&salt(salt1)?, public, &salt(salt2)?, &private),
    };
    let path = hashes(path).ok_or(Unanswered::PathMalformed)?;
    head.verify_entry(*index, &path, &leaf).map_err(|_| Unanswered::NotInLog)?;

    let checked_at = UnixMs::from_ms(answer.checked_unix_ms).ok_or(Unanswered::AnswerTimeMalformed)?;
    if checked_at.ms_since(now).abs() > limits::CLOCK_SKEW_MS {
        return Err(Unanswered::AnswerTimeOff);
    }
    let refused = (answer.outcome() == v1::AnswerOutcome::Refused).then_some(answer.reason);
    Ok(PeerAnswer {
        region,
        origin: head.origin().clone(),
        index: *index,
        leaf_hash: leaf.hash(),
        checked_at,
        statements: answer.statements,
        refused,
    })
}

/// Is the body about our question, for us, from them?
fn check_body(own: RegionCode, peer: RegionCode, answer: &v1::Answer, job: &Job) -> Result<(), Unanswered> {
    if answer.request_hash.as_ref() != job.hash.0 {
        return Err(Unanswered::AnswerToAnotherQuestion);
    }
    if answer.audience != u32::from(own.as_u8()) {
        return Err(Unanswered::AnswerForAnotherProvince);
    }
    if answer.region != u32::from(peer.as_u8()) {
        return Err(Unanswered::AnswerFromAnotherProvince);
    }
    match answer.outcome() {
        v1::AnswerOutcome::Answered if answer.reason.is_empty() => Ok(()),
        v1::AnswerOutcome::Refused if answer.statements.is_empty() && is_reason(&answer.reason) => Ok(()),
        _ => Err(Unanswered::AnswerInconsistent),
    }
}

/// Does the public half say what we asked and what the body says?
fn check_public(own: RegionCode, public: &[u8], answer: &v1::Answer, job: &Job) -> Result<(), Unanswered> {
    let public = Exchange::decode(public).map_err(|_| Unanswered::PublicMalformed)?;
    let Exchange { purpose, outcome, rule: _, peer, department, counts } = public;
    let most = u64::try_from(limits::STATEMENTS_PER_KIND).unwrap_or(u64::MAX);
    if counts.iter().any(|(_, count)| u64::from(count) > most) {
        return Err(Unanswered::AnswerTooLong);
    }
    let counted: u64 = counts.iter().map(|(_, count)| u64::from(count)).sum();
    let agrees = purpose.as_str() == job.expected.purpose
        && department.as_str() == job.expected.department
        && peer == own
        && outcome.as_str() == outcome_name(answer.outcome())
        && counted == answer.statements.len() as u64;
    if agrees { Ok(()) } else { Err(Unanswered::PublicDisagrees) }
}
