//! What a decision was judged by, beyond what it tells: kept beside it in the log and erased with it.
//!
//! An app is told what it must know to act; this stays at home. With it a decision can be judged again, by the same
//! policy or another. It names no person.

use huxin_attest::UnixSecs;
use huxin_trust_policy::{Policy, Situation, Standing};
use prost::Message;

use super::hearing::Heard;

/// The case of one decision.
#[derive(Clone, PartialEq, Message)]
pub struct Judged {
    /// Names of the vocabulary; an empty place or area is none.
    #[prost(string, tag = "1")]
    pub purpose: String,
    /// See `purpose`.
    #[prost(string, tag = "2")]
    pub place: String,
    /// Six digits, or empty.
    #[prost(string, tag = "3")]
    pub area: String,
    /// See `purpose`.
    #[prost(string, tag = "4")]
    pub here_risk: String,
    /// See `purpose`.
    #[prost(string, tag = "5")]
    pub from_risk: String,
    /// Full years; absent: unknown.
    #[prost(uint32, optional, tag = "6")]
    pub age: Option<u32>,
    /// The kinds, by number, about which a province that was asked was silent or refused.
    #[prost(uint32, repeated, tag = "7")]
    pub unreachable: Vec<u32>,
    /// One for each finding of the decision, in their order.
    #[prost(message, repeated, tag = "8")]
    pub particulars: Vec<Particulars>,
}

/// What the policy saw of a statement, beyond what the finding tells. Words are the department's own.
#[derive(Clone, PartialEq, Message)]
pub struct Particulars {
    /// The category of its department by the membership list; empty: none.
    #[prost(string, tag = "1")]
    pub category: String,
    /// The department may state this kind.
    #[prost(bool, tag = "2")]
    pub may_state: bool,
    /// It repeats what another said.
    #[prost(bool, tag = "3")]
    pub copy: bool,
    /// Two digits, or empty.
    #[prost(string, tag = "4")]
    pub status: String,
    /// The local reason, or empty.
    #[prost(string, tag = "5")]
    pub reason: String,
    /// The assigner's role, where the membership list has the assigner for it; else empty.
    #[prost(string, tag = "6")]
    pub assigner: String,
    /// What it was assigned for, or empty.
    #[prost(string, tag = "7")]
    pub assigned_for: String,
    /// The kinds of evidence.
    #[prost(string, repeated, tag = "8")]
    pub evidence: Vec<String>,
    /// `open` or `overdue`, as examples say it; empty: no appeal.
    #[prost(string, tag = "9")]
    pub appeal: String,
    /// The result of a test, or empty.
    #[prost(string, tag = "10")]
    pub result: String,
    /// What was examined, or empty.
    #[prost(string, tag = "11")]
    pub item: String,
    /// The quality mark, or empty.
    #[prost(string, tag = "12")]
    pub quality: String,
    /// Milliseconds since 1970, as are all times here.
    #[prost(int64, optional, tag = "13")]
    pub sampled_unix_ms: Option<i64>,
    /// See `sampled_unix_ms`.
    #[prost(int64, optional, tag = "14")]
    pub reported_unix_ms: Option<i64>,
    /// See `sampled_unix_ms`.
    #[prost(int64, optional, tag = "15")]
    pub valid_until_unix_ms: Option<i64>,
}

impl Judged {
    /// Of a situation; what was heard comes later.
    pub fn of(policy: &Policy, situation: &Situation, age: Option<u8>) -> Self {
        let vocabulary = policy.vocabulary();
        Self {
            purpose: vocabulary.name(situation.purpose).to_owned(),
            place: situation.place.map(|place| vocabulary.name(place).to_owned()).unwrap_or_default(),
            area: situation.area.map(|area| area.to_string()).unwrap_or_default(),
            here_risk: vocabulary.name(situation.here_risk).to_owned(),
            from_risk: vocabulary.name(situation.from_risk).to_owned(),
            age: age.map(u32::from),
            unreachable: Vec::new(),
            particulars: Vec::new(),
        }
    }
}

impl Particulars {
    /// Of a statement that was heard.
    pub fn of(policy: &Policy, heard: &Heard) -> Self {
        let Heard { attestation, checked_at: _, standing, listing } = heard;
        let claims = &attestation.claims;
        let vocabulary = policy.vocabulary();
        let role = claims.assigner_role.as_ref().filter(|_| listing.assigner_may);
        let ms = |time: Option<UnixSecs>| time.map(|time| time.to_ms().as_ms());
        Self {
            category: listing.category.map(|by| vocabulary.name(by).to_owned()).unwrap_or_default(),
            may_state: listing.may_state,
            copy: claims.hop > 0 || claims.region != attestation.signer_region,
            status: claims.status.map(|status| status.code().to_owned()).unwrap_or_default(),
            reason: text(&claims.local_reason),
            assigner: role.map(ToString::to_string).unwrap_or_default(),
            assigned_for: text(&claims.assigned_for),
            evidence: claims.evidence.iter().map(|reference| reference.kind.to_string()).collect(),
            appeal: match standing {
                Standing::None => String::new(),
                Standing::Contested => "open".to_owned(),
                Standing::Overdue => "overdue".to_owned(),
            },
            result: claims.result.map(|result| result.name().to_owned()).unwrap_or_default(),
            item: text(&claims.item),
            quality: text(&claims.quality),
            sampled_unix_ms: ms(claims.sampled_at),
            reported_unix_ms: ms(claims.reported_at),
            valid_until_unix_ms: ms(claims.valid_until),
        }
    }
}

fn text(value: &Option<impl ToString>) -> String {
    value.as_ref().map(ToString::to_string).unwrap_or_default()
}
