//! The public part of an entry: what supervisors may read of it.
//!
//! Deterministic CBOR with integer keys, in ascending order. Names come from policies, lists and certificates; nothing
//! here may ever name a person, a document or a statement.

macro_rules! public_codec {
    ($record:ty) => {
        impl $record {
            /// The deterministic encoding.
            pub fn encode(&self) -> Vec<u8> {
                cbor::encode(self)
            }

            /// Reads a record.
            ///
            /// # Errors
            /// If the bytes are not the deterministic encoding of such a record, or too long.
            pub fn decode(bytes: &[u8]) -> Result<Self, CborError> {
                cbor::decode(bytes)
            }
        }
    };
}

mod events;
mod mark;
mod parts;
mod policy_change;

pub use events::{RefusedStatement, Resolution, Resolved, Reuse};
pub(crate) use mark::Mark;
pub use parts::{BadLabel, Counts, Label, MAX_LABEL_LEN, PolicyRef, PolicyRefs};
pub use policy_change::{MAX_SIGNERS, OverlayAct, OverlayChange, PolicyChange};

use huxin_attest::{Digest, RegionCode};
use minicbor::Decoder;

use crate::cbor::{self, Canonical, Writer};
use crate::checkpoint::Origin;

pub use crate::cbor::CborError;

/// The longest public part, in bytes.
pub const MAX_PUBLIC_LEN: usize = 8 * 1024;

/// The most questions that one decision lists.
pub const MAX_ASKED: usize = 16;

/// An answer or a refusal: `{1 purpose, 2 outcome, 3 rule, 4 peer, 5 department, 6 counts}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What was asked for.
    pub purpose: Label,
    /// What came of it, as the body says.
    pub outcome: Label,
    /// The disclosure rule that was applied; absent where none applied.
    pub rule: Option<Label>,
    /// Who asked.
    pub peer: RegionCode,
    /// The department that the peer names.
    pub department: Label,
    /// How many statements the answer holds.
    pub counts: Counts,
}

/// A decision: `{1 purpose, 2 outcome, 3 rule, 5 department, 6 counts, 7 asked, 8 policies}`. Its peers are those that
/// it asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was decided about.
    pub purpose: Label,
    /// Admit or review.
    pub outcome: Verdict,
    /// The rule that decided.
    pub rule: Label,
    /// The department of the app that asked.
    pub department: Label,
    /// How many statements were weighed.
    pub counts: Counts,
    /// Every question to another province, at most [`MAX_ASKED`].
    pub asked: Vec<Asked>,
    /// The policy files in force.
    pub policies: PolicyRefs,
}

/// What the machine may say: only a person refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Verdict {
    /// The person may pass.
    Admit = 1,
    /// A person must look.
    Review = 2,
}

/// One question of a decision, and what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who was asked.
    pub region: RegionCode,
    /// What came back.
    pub reply: Reply,
}

/// What came back on one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// An answer or a refusal, by its place in the answerer's log.
    Logged {
        /// The answerer's log.
        origin: Origin,
        /// The entry's index there.
        index: u64,
        /// The hash of that leaf.
        leaf: Digest,
    },
    /// Nothing came in time.
    Unreachable,
    /// Nothing came in time, and an earlier answer was used again.
    Reused,
}

/// How often one rule admitted for one app in one second without asking anything: `{1 rule, 2 app, 3 second, 4 count}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregate {
    /// The rule.
    pub rule: Label,
    /// The app, by its SPIFFE id.
    pub app: Label,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub second: u64,
    /// How often.
    pub count: u64,
}

/// A person's facts changed: `{5 department, 6 counts}`. Whose stands in the private half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The department that stated the change.
    pub department: Label,
    /// How many kinds changed.
    pub counts: Counts,
}

public_codec!(Exchange);
public_codec!(Decision);
public_codec!(Aggregate);
public_codec!(Change);

impl Canonical for Exchange {
    const MAX_LEN: usize = MAX_PUBLIC_LEN;

    fn write(&self, out: &mut Writer) {
        out.map(5 + u64::from(self.rule.is_some()));
        out.uint(1);
        out.text(self.purpose.as_str());
        out.uint(2);
        out.text(self.outcome.as_str());
        if let Some(rule) = &self.rule {
            out.uint(3);
            out.text(rule.as_str());
        }
        out.uint(4);
        out.uint(u64::from(self.peer.as_u8()));
        out.uint(5);
        out.text(self.department.as_str());
        out.uint(6);
        self.counts.write(out);
    }

    fn read(input: &mut Decoder<'_>) -> Result<Self, CborError> {
        let ruled = match cbor::map_len(input)? {
            5 => false,
            6 => true,
            _ => return Err(CborError::Form),
        };
        cbor::key(input, 1)?;
        let purpose = Label::read(input)?;
        cbor::key(input, 2)?;
        let outcome = Label::read(input)?;
        let mut rule = None;
        if ruled {
            cbor::key(input, 3)?;
            rule = Some(Label::read(input)?);
        }
        cbor::key(input, 4)?;
        let peer = parts::region(input)?;
        cbor::key(input, 5)?;
        let department = Label::read(input)?;
        cbor::key(input, 6)?;
        Ok(Self { purpose, outcome, rule, peer, department, counts: Counts::read(input)? })
    }
}

impl Canonical for Decision {
    const MAX_LEN: usize = MAX_PUBLIC_LEN;

    fn write(&self, out: &mut Writer) {
        out.map(7);
        out.uint(1);
        out.text(self.purpose.as_str());
        out.uint(2);
        out.uint(self.outcome as u64);
        out.uint(3);
        out.text(self.rule.as_str());
        out.uint(5);
        out.text(self.department.as_str());
        out.uint(6);
        self.counts.write(out);
        out.uint(7);
        out.array(self.asked.len());
        self.asked.iter().for_each(|asked| asked.write(out));
        out.uint(8);
        self.policies.write(out);
    }

    fn read(input: &mut Decoder<'_>) -> Result<Self, CborError> {
        if cbor::map_len(input)? != 7 {
            return Err(CborError::Form);
        }
        cbor::key(input, 1)?;
        let purpose = Label::read(input)?;
        cbor::key(input, 2)?;
        let outcome = match input.u64()? {
            1 => Verdict::Admit,
            2 => Verdict::Review,
            _ => return Err(CborError::Form),
        };
        cbor::key(input, 3)?;
        let rule = Label::read(input)?;
        cbor::key(input, 5)?;
        let department = Label::read(input)?;
        cbor::key(input, 6)?;
        let counts = Counts::read(input)?;
        cbor::key(input, 7)?;
        let len = cbor::array_len(input, MAX_ASKED)?;
        let asked = (0..len).map(|_| Asked::read(input)).collect::<Result<_, _>>()?;
        cbor::key(input, 8)?;
        let policies = PolicyRefs::read(input)?;
        Ok(Self { purpose, outcome, rule, department, counts, asked, policies })
    }
}

impl Asked {
    /// `{1 region, 2 origin, 3 index, 4 leaf hash}` or `{1 region, 5 (1 unreachable, 2 reused)}`.
    fn write(&self, out: &mut Writer) {
        let silent = match &self.reply {
            Reply::Logged { origin, index, leaf } => {
                out.map(4);
                out.uint(1);
                out.uint(u64::from(self.region.as_u8()));
                out.uint(2);
                out.text(origin.as_str());
                out.uint(3);
                out.uint(*index);
                out.uint(4);
                out.bytes(&leaf.0);
                return;
            }
            Reply::Unreachable => 1,
            Reply::Reused => 2,
        };
        out.map(2);
        out.uint(1);
        out.uint(u64::from(self.region.as_u8()));
        out.uint(5);
        out.uint(silent);
    }

    fn read(input: &mut Decoder<'_>) -> Result<Self, CborError> {
        let len = cbor::map_len(input)?;
        cbor::key(input, 1)?;
        let region = parts::region(input)?;
        if len == 2 {
            cbor::key(input, 5)?;
            let reply = match input.u64()? {
                1 => Reply::Unreachable,
                2 => Reply::Reused,
                _ => return Err(CborError::Form),
            };
            return Ok(Self { region, reply });
        }
        if len != 4 {
            return Err(CborError::Form);
        }
        cbor::key(input, 2)?;
        let origin = input.str()?.parse().map_err(|_| CborError::Form)?;
        cbor::key(input, 3)?;
        let index = input.u64()?;
        cbor::key(input, 4)?;
        Ok(Self { region, reply: Reply::Logged { origin, index, leaf: parts::digest(input)? } })
    }
}

impl Canonical for Aggregate {
    const MAX_LEN: usize = MAX_PUBLIC_LEN;

    fn write(&self, out: &mut Writer) {
        out.map(4);
        out.uint(1);
        out.text(self.rule.as_str());
        out.uint(2);
        out.text(self.app.as_str());
        out.uint(3);
        out.uint(self.second);
        out.uint(4);
        out.uint(self.count);
    }

    fn read(input: &mut Decoder<'_>) -> Result<Self, CborError> {
        if cbor::map_len(input)? != 4 {
            return Err(CborError::Form);
        }
        cbor::key(input, 1)?;
        let rule = Label::read(input)?;
        cbor::key(input, 2)?;
        let app = Label::read(input)?;
        cbor::key(input, 3)?;
        let second = input.u64()?;
        cbor::key(input, 4)?;
        Ok(Self { rule, app, second, count: input.u64()? })
    }
}

impl Canonical for Change {
    const MAX_LEN: usize = MAX_PUBLIC_LEN;

    fn write(&self, out: &mut Writer) {
        out.map(2);
        out.uint(5);
        out.text(self.department.as_str());
        out.uint(6);
        self.counts.write(out);
    }

    fn read(input: &mut Decoder<'_>) -> Result<Self, CborError> {
        if cbor::map_len(input)? != 2 {
            return Err(CborError::Form);
        }
        cbor::key(input, 5)?;
        let department = Label::read(input)?;
        cbor::key(input, 6)?;
        Ok(Self { department, counts: Counts::read(input)? })
    }
}

#[cfg(test)]
mod tests;
