//! Public records of what happens beside answers and decisions: a review is resolved, an earlier answer is used again,
//! a statement is refused.

use huxin_attest::RegionCode;
use minicbor::Decoder;

use super::parts::{self, Counts, Label};
use super::{CborError, MAX_PUBLIC_LEN};
use crate::cbor::{self, Canonical, Writer};
use crate::checkpoint::Origin;

/// What a person did with a review: `{2 resolution, 5 department, 9 decision}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// What the person decided.
    pub resolution: Resolved,
    /// The department of that person.
    pub department: Label,
    /// The index of the decision in this log.
    pub decision: u64,
}

/// What a person may do with a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Resolved {
    /// The traveller passed.
    Admitted = 1,
    /// The traveller was refused: only a person does that.
    Refused = 2,
}

/// An earlier answer used again while its province was silent: `{1 purpose, 4 peer, 5 department, 6 counts, 10 origin,
/// 11 index}`. The asker writes it when it uses the answer, and the answerer when that is reported to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reuse {
    /// What it was used for.
    pub purpose: Label,
    /// The other side: for the asker who had answered, for the answerer who had asked.
    pub peer: RegionCode,
    /// The department that asked.
    pub department: Label,
    /// How many statements were used again.
    pub counts: Counts,
    /// The answerer's log.
    pub origin: Origin,
    /// The index of the answer in that log.
    pub index: u64,
}

/// A statement that the registry refused to take: `{5 department, 6 counts, 12 reason}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedStatement {
    /// The department that stated it.
    pub department: Label,
    /// How many statements of each kind.
    pub counts: Counts,
    /// The stable reason.
    pub reason: Label,
}

public_codec!(Resolution);
public_codec!(Reuse);
public_codec!(RefusedStatement);

impl Canonical for Resolution {
    const MAX_LEN: usize = MAX_PUBLIC_LEN;

    fn write(&self, out: &mut Writer) {
        out.map(3);
        out.uint(2);
        out.uint(self.resolution as u64);
        out.uint(5);
        out.text(self.department.as_str());
        out.uint(9);
        out.uint(self.decision);
    }

    fn read(input: &mut Decoder<'_>) -> Result<Self, CborError> {
        if cbor::map_len(input)? != 3 {
            return Err(CborError::Form);
        }
        cbor::key(input, 2)?;
        let resolution = match input.u64()? {
            1 => Resolved::Admitted,
            2 => Resolved::Refused,
            _ => return Err(CborError::Form),
        };
        cbor::key(input, 5)?;
        let department = Label::read(input)?;
        cbor::key(input, 9)?;
        Ok(Self { resolution, department, decision: input.u64()? })
    }
}

impl Canonical for Reuse {
    const MAX_LEN: usize = MAX_PUBLIC_LEN;

    fn write(&self, out: &mut Writer) {
        out.map(6);
        out.uint(1);
        out.text(self.purpose.as_str());
        out.uint(4);
        out.uint(u64::from(self.peer.as_u8()));
        out.uint(5);
        out.text(self.department.as_str());
        out.uint(6);
        self.counts.write(out);
        out.uint(10);
        out.text(self.origin.as_str());
        out.uint(11);
        out.uint(self.index);
    }

    fn read(input: &mut Decoder<'_>) -> Result<Self, CborError> {
        if cbor::map_len(input)? != 6 {
            return Err(CborError::Form);
        }
        cbor::key(input, 1)?;
        let purpose = Label::read(input)?;
        cbor::key(input, 4)?;
        let peer = parts::region(input)?;
        cbor::key(input, 5)?;
        let department = Label::read(input)?;
        cbor::key(input, 6)?;
        let counts = Counts::read(input)?;
        cbor::key(input, 10)?;
        let origin = input.str()?.parse().map_err(|_| CborError::Form)?;
        cbor::key(input, 11)?;
        Ok(Self { purpose, peer, department, counts, origin, index: input.u64()? })
    }
}

impl Canonical for RefusedStatement {
    const MAX_LEN: usize = MAX_PUBLIC_LEN;

    fn write(&self, out: &mut Writer) {
        out.map(3);
        out.uint(5);
        out.text(self.department.as_str());
        out.uint(6);
        self.counts.write(out);
        out.uint(12);
        out.text(self.reason.as_str());
    }

    fn read(input: &mut Decoder<'_>) -> Result<Self, CborError> {
        if cbor::map_len(input)? != 3 {
            return Err(CborError::Form);
        }
        cbor::key(input, 5)?;
        let department = Label::read(input)?;
        cbor::key(input, 6)?;
        let counts = Counts::read(input)?;
        cbor::key(input, 12)?;
        Ok(Self { department, counts, reason: Label::read(input)? })
    }
}
