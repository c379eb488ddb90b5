//! What a receipt says, and whether it was verified.

use huxin_attest::{RegionCode, UnixMs};
use huxin_ledger::public::{self, Decision, Exchange, Resolved, Verdict};
use huxin_ledger::receipt::{Part, Private};
use huxin_ledger::{LeafType, LogVerifierKey, Receipt};
use huxin_trust_policy::Lang;
use huxin_wire::v1;
use prost::Message as _;
use serde::Serialize;

use crate::files::hex;
use crate::messages::words::{Lines, Word, spoken};
use crate::messages::{self, Text};

/// What stands on the outside of a receipt.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    verified: bool,
    pub(crate) log: String,
    region: Option<String>,
    pub(crate) index: u64,
    /// Entries that the signed checkpoint covers.
    size: u64,
    time: String,
    r#type: &'static str,
    outcome: Option<String>,
    purpose: Option<String>,
    rule: Option<String>,
    department: Option<String>,
    /// Of a resolution: the entry of the decision in the same log.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision_index: Option<u64>,
    /// Are query and body in it?
    personal: bool,
}

impl Shown {
    /// Verifies a receipt, and that its two halves say the same.
    pub(crate) fn verify(
        receipt: &Receipt,
        key: &LogVerifierKey,
        region: Option<RegionCode>,
    ) -> Result<Self, Text> {
        let verified = receipt.verify(key).map_err(|error| Text::from(error.to_string()))?;
        let checkpoint = verified.checkpoint().checkpoint();
        let (log, size) = (checkpoint.origin.to_string(), checkpoint.size);
        Self::read(receipt, Self::outside(receipt, true, log, size, region))
    }

    /// What a receipt says of itself: nothing of it is verified.
    pub(crate) fn unverified(receipt: &Receipt) -> Result<Self, Text> {
        let mut lines = receipt.checkpoint.lines();
        let log = lines.next().unwrap_or_default().to_owned();
        let size = lines.next().and_then(|size| size.parse().ok()).unwrap_or_default();
        Self::read(receipt, Self::outside(receipt, false, log, size, None))
    }

    fn outside(
        receipt: &Receipt,
        verified: bool,
        log: String,
        size: u64,
        region: Option<RegionCode>,
    ) -> Self {
        let contents = &receipt.contents;
        let personal = match &contents.private {
            Private::Exchange { query: Part::Hash(_), body: Part::Hash(_), .. } | Private::Sealed(_) => false,
            Private::Exchange { .. } | Private::Bytes { .. } => true,
        };
        Self {
            verified,
            log,
            region: region.map(|region| region.to_string()),
            index: receipt.index,
            size,
            time: contents.at.to_string(),
            r#type: type_name(contents.leaf_type),
            outcome: None,
            purpose: None,
            rule: None,
            department: None,
            decision_index: None,
            personal,
        }
    }

    /// Reads the two halves, which must say the same.
    fn read(receipt: &Receipt, mut shown: Self) -> Result<Self, Text> {
        let contents = &receipt.contents;
        match contents.leaf_type {
            LeafType::Decision => {
                let public = Decision::decode(&contents.public).map_err(|_| messages::public_half())?;
                if let Private::Exchange { body: Part::Bytes(body), .. } = &contents.private
                    && body_outcome(body) != Some(public.outcome)
                {
                    return Err(messages::halves_differ());
                }
                shown.outcome = Some(verdict(public.outcome).to_owned());
                shown.purpose = Some(public.purpose.as_str().to_owned());
                shown.rule = Some(public.rule.as_str().to_owned());
                shown.department = Some(public.department.as_str().to_owned());
            }
            LeafType::Answer | LeafType::Refusal => {
                let public = Exchange::decode(&contents.public).map_err(|_| messages::public_half())?;
                shown.outcome = Some(public.outcome.as_str().to_owned());
                shown.purpose = Some(public.purpose.as_str().to_owned());
                shown.rule = public.rule.map(|rule| rule.as_str().to_owned());
                shown.department = Some(public.department.as_str().to_owned());
            }
            LeafType::Resolution => {
                let public =
                    public::Resolution::decode(&contents.public).map_err(|_| messages::public_half())?;
                if let Private::Exchange { body: Part::Bytes(body), .. } = &contents.private
                    && body_resolution(body) != Some((public.resolution, public.decision))
                {
                    return Err(messages::halves_differ());
                }
                shown.outcome = Some(resolved(public.resolution).to_owned());
                shown.department = Some(public.department.as_str().to_owned());
                shown.decision_index = Some(public.decision);
            }
            // Nobody gets receipts of the others yet; that they stand in the log is all that is shown.
            _ => {}
        }
        Ok(shown)
    }

    /// For people: what the log says in public.
    pub(crate) fn to_text(&self, lang: Lang) -> String {
        let mut lines = Lines::new(lang);
        let outcome = self.outcome.as_deref().unwrap_or_default();
        // A person's refusal is another thing than a node that refuses an answer.
        let outcome = match (self.decision_index, outcome, lang) {
            (Some(_), "refused", Lang::Zh) => "不予通行",
            _ => spoken(outcome, lang),
        };
        lines.add(Word::Outcome, outcome);
        lines.add(Word::Purpose, self.purpose.as_deref().unwrap_or_default());
        lines.add(Word::Rule, self.rule.as_deref().unwrap_or_default());
        lines.add(Word::Department, self.department.as_deref().unwrap_or_default());
        lines.add(Word::Decision, self.decision_index.map(|index| format!("#{index}")).unwrap_or_default());
        self.heading(lang) + &lines.finish() + &self.note(lang)
    }

    /// Whether it was verified, and where it stands.
    pub(super) fn heading(&self, lang: Lang) -> String {
        let mut lines = Lines::new(lang);
        let held = if self.verified { messages::receipt_holds() } else { messages::only_shown() };
        lines.add(Word::Verified, held.get(lang));
        let region = self.region.as_ref().map(|region| format!(" ({region})")).unwrap_or_default();
        lines.add(Word::Log, format_args!("{}{region}", self.log));
        lines.add(Word::Entry, format_args!("{} / {}", self.index, self.size));
        lines.add(Word::Time, &self.time);
        lines.add(Word::Kind, spoken(self.r#type, lang));
        lines.finish()
    }

    /// What its holder must mind.
    pub(super) fn note(&self, lang: Lang) -> String {
        if self.personal { messages::receipt_is_personal().get(lang).to_owned() } else { String::new() }
    }
}

/// A resolution as people and machines read it.
#[derive(Debug, Serialize)]
pub(crate) struct Resolution {
    log: String,
    /// The entry of the decision.
    index: u64,
    decision_sha256: String,
    resolution: &'static str,
    officer: String,
    reason: String,
    resolved_at: String,
    open_ms: i64,
    app: String,
}

impl Resolution {
    pub(crate) fn of(record: &v1::ResolutionRecord) -> Self {
        let v1::ResolutionRecord {
            origin,
            index,
            decision_sha256,
            resolution: _,
            officer,
            reason,
            resolved_unix_ms,
            open_ms,
            app,
        } = record;
        Self {
            log: origin.clone(),
            index: *index,
            decision_sha256: hex(decision_sha256),
            resolution: of_message(record.resolution()).map_or("unspecified", resolved),
            officer: officer.clone(),
            reason: reason.clone(),
            resolved_at: UnixMs::from_ms(*resolved_unix_ms).map(|time| time.to_string()).unwrap_or_default(),
            open_ms: *open_ms,
            app: app.clone(),
        }
    }
}

/// What a resolution's body says, and of which decision; `None` for anything else.
fn body_resolution(body: &[u8]) -> Option<(Resolved, u64)> {
    let record = v1::ResolutionRecord::decode(body).ok()?;
    Some((of_message(record.resolution())?, record.index))
}

const fn of_message(resolution: v1::Resolution) -> Option<Resolved> {
    match resolution {
        v1::Resolution::Admitted => Some(Resolved::Admitted),
        v1::Resolution::Refused => Some(Resolved::Refused),
        v1::Resolution::Unspecified => None,
    }
}

const fn resolved(resolved: Resolved) -> &'static str {
    match resolved {
        Resolved::Admitted => "admitted",
        Resolved::Refused => "refused",
    }
}

/// The outcome in a decision's body; `None` for anything else.
fn body_outcome(body: &[u8]) -> Option<Verdict> {
    match v1::Decision::decode(body).ok()?.outcome() {
        v1::Outcome::Admit => Some(Verdict::Admit),
        v1::Outcome::Review => Some(Verdict::Review),
        v1::Outcome::Unspecified => None,
    }
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Admit => "admit",
        Verdict::Review => "review",
    }
}

/// The stable name of a type of entry.
pub(crate) const fn type_name(leaf_type: LeafType) -> &'static str {
    match leaf_type {
        LeafType::Answer => "answer",
        LeafType::Refusal => "refusal",
        LeafType::Decision => "decision",
        LeafType::Resolution => "resolution",
        LeafType::Aggregate => "aggregate",
        LeafType::Change => "change",
        LeafType::RefusedStatement => "refused_statement",
        LeafType::Reuse => "reuse",
        LeafType::Policy => "policy",
        LeafType::Membership => "membership",
    }
}
