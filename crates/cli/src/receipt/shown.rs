//! What a verified receipt says.

use huxin_attest::RegionCode;
use huxin_ledger::public::{Decision, Exchange, Verdict};
use huxin_ledger::receipt::{Part, Private};
use huxin_ledger::{LeafType, LogVerifierKey, Receipt};
use huxin_trust_policy::Lang;
use huxin_wire::v1;
use prost::Message as _;
use serde::Serialize;

use crate::messages::words::{Lines, Word, spoken};
use crate::messages::{self, Text};

/// A receipt that holds. It exists only where it was verified.
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
        let contents = &receipt.contents;
        let personal = match &contents.private {
            Private::Exchange { query: Part::Hash(_), body: Part::Hash(_), .. } | Private::Sealed(_) => false,
            Private::Exchange { .. } | Private::Bytes { .. } => true,
        };
        let mut shown = Self {
            verified: true,
            log: checkpoint.origin.to_string(),
            region: region.map(|region| region.to_string()),
            index: verified.index(),
            size: checkpoint.size,
            time: verified.leaf().at.to_string(),
            r#type: type_name(contents.leaf_type),
            outcome: None,
            purpose: None,
            rule: None,
            department: None,
            personal,
        };
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
            // Nobody gets receipts of the others yet; that they stand in the log is all that is shown.
            _ => {}
        }
        Ok(shown)
    }

    /// For people.
    pub(crate) fn to_text(&self, lang: Lang) -> String {
        let mut lines = Lines::new(lang);
        lines.add(Word::Verified, messages::receipt_holds().get(lang));
        let region = self.region.as_ref().map(|region| format!(" ({region})")).unwrap_or_default();
        lines.add(Word::Log, format_args!("{}{region}", self.log));
        lines.add(Word::Entry, format_args!("{} / {}", self.index, self.size));
        lines.add(Word::Time, &self.time);
        lines.add(Word::Kind, spoken(self.r#type, lang));
        lines.add(Word::Outcome, spoken(self.outcome.as_deref().unwrap_or_default(), lang));
        lines.add(Word::Purpose, self.purpose.as_deref().unwrap_or_default());
        lines.add(Word::Rule, self.rule.as_deref().unwrap_or_default());
        lines.add(Word::Department, self.department.as_deref().unwrap_or_default());
        let mut text = lines.finish();
        if self.personal {
            text.push_str(messages::receipt_is_personal().get(lang));
        }
        text
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
