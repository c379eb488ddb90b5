//! One statement as it lies in the store: a fixed head, the names of its chain, the signed bytes.
//!
//! ```text
//! kind 1 | state 1 | standing 1 | hop 1 | severity 1 | region 1 | department length 1 | item length 1 |
//! envelope length 2 | order 8 | stated 8 | digest 32 | salt 16 | department | item | envelope
//! ```
//! Integers are big-endian, times whole seconds. A person's value is rows one after the other, so a look-up is one read
//! and decodes no signed bytes. This layout is schema version 1: change it, and [`crate::embedded::SCHEMA`] with it.

use std::borrow::Cow;

use huxin_attest::claims::{CodeStatus, TestResult};
use huxin_attest::{Attestation, DepartmentName, Digest, Kind, SubjectSalt, UnixMs};

use crate::error::RegistryError;
use crate::store::{Held, HistoryEntry, Standing, State};

const HEAD_LEN: usize = 74;
const STATE_AT: usize = 1;
const STANDING_AT: usize = 2;
const DAMAGED: RegistryError = RegistryError::Damaged("a row has a wrong form");

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Life {
    /// The head of its chain.
    Head = 0,
    /// No statement: the place where a chain ended.
    Ended = 1,
    /// Has a newer one, or came after its chain had ended.
    Past = 2,
    /// Was withdrawn.
    Withdrawn = 3,
}

/// Where a statement stands in its chain: sampled, reported or stated; then stated; then the digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) order: u64,
    pub(crate) stated: u64,
    pub(crate) digest: [u8; 32],
}

/// A row, borrowed from a page or a batch where possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    pub(crate) kind: Kind,
    pub(crate) life: Life,
    pub(crate) standing: Standing,
    pub(crate) hop: u8,
    pub(crate) severity: u8,
    pub(crate) place: Place,
    department_len: u8,
    item_len: u8,
    bytes: Cow<'a, [u8]>,
}

impl<'a> Row<'a> {
    /// Takes the first row off `rest`.
    pub(crate) fn take(rest: &mut &'a [u8]) -> Result<Self, RegistryError> {
        let (head, tail) = rest.split_first_chunk::<HEAD_LEN>().ok_or(DAMAGED)?;
        let [kind, life, standing, hop, severity, _region, department_len, item_len, e0, e1, times @ ..] =
            head;
        let (order, times) = times.split_first_chunk::<8>().ok_or(DAMAGED)?;
        let (stated, ids) = times.split_first_chunk::<8>().ok_or(DAMAGED)?;
        let (digest, _salt) = ids.split_first_chunk::<32>().ok_or(DAMAGED)?;
        let names = usize::from(*department_len) + usize::from(*item_len);
        let len = HEAD_LEN + names + usize::from(u16::from_be_bytes([*e0, *e1]));
        if tail.len() < len - HEAD_LEN {
            return Err(DAMAGED);
        }
        let (bytes, tail) = rest.split_at_checked(len).ok_or(DAMAGED)?;
        *rest = tail;
        Ok(Self {
            kind: Kind::from_number((*kind).into()).ok_or(DAMAGED)?,
            life: life_from(*life)?,
            standing: standing_from(*standing)?,
            hop: *hop,
            severity: *severity,
            place: Place {
                order: u64::from_be_bytes(*order),
                stated: u64::from_be_bytes(*stated),
                digest: *digest,
            },
            department_len: *department_len,
            item_len: *item_len,
            bytes: Cow::Borrowed(bytes),
        })
    }

    /// Reads exactly one row and keeps its bytes.
    pub(crate) fn owned(bytes: Vec<u8>) -> Result<Row<'static>, RegistryError> {
        let Row { kind, life, standing, hop, severity, place, department_len, item_len, .. } =
            Row::take(&mut bytes.as_slice())?;
        let bytes = Cow::Owned(bytes);
        Ok(Row { kind, life, standing, hop, severity, place, department_len, item_len, bytes })
    }

    /// The row as it lies in the store.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Do both belong to one chain? Copies have chains of their own, by the region that they speak of.
    pub(crate) fn shares_chain_with(&self, other: &Row<'_>) -> bool {
        self.kind == other.kind
            && (self.hop == 0) == (other.hop == 0)
            && self.bytes.get(5) == other.bytes.get(5)
            && self.department_len == other.department_len
            && self.names() == other.names()
    }

    /// Who stated it.
    pub(crate) fn department(&self) -> &[u8] {
        self.names().get(..self.department_len.into()).unwrap_or_default()
    }

    /// Is it part of what peers are told?
    pub(crate) fn is_answered(&self) -> bool {
        self.hop == 0 && self.kind.travels()
    }

    /// The same row in another state.
    pub(crate) fn with_life(mut self, life: Life) -> Self {
        self.life = life;
        set(&mut self.bytes, STATE_AT, life as u8);
        self
    }

    /// The same row with another standing.
    pub(crate) fn with_standing(mut self, standing: Standing) -> Self {
        self.standing = standing;
        set(&mut self.bytes, STANDING_AT, standing as u8);
        self
    }

    /// The mark that the chain ended at this row: all but the signed bytes and the salt.
    pub(crate) fn into_end(self) -> Self {
        let mut bytes = self.bytes.into_owned();
        bytes.truncate(HEAD_LEN + usize::from(self.department_len) + usize::from(self.item_len));
        let mut bytes: Cow<'_, [u8]> = Cow::Owned(bytes);
        set(&mut bytes, 8, 0);
        set(&mut bytes, 9, 0);
        bytes.to_mut().iter_mut().take(HEAD_LEN).skip(HEAD_LEN - 16).for_each(|byte| *byte = 0);
        Self { bytes, ..self }.with_life(Life::Ended)
    }

    /// The statement, for who looks up.
    pub(crate) fn held(&self) -> Result<Held, RegistryError> {
        let salt = self.bytes.get(HEAD_LEN - 16..HEAD_LEN).and_then(|salt| salt.try_into().ok());
        let envelope = self.bytes.get(HEAD_LEN + self.names().len()..).ok_or(DAMAGED)?;
        Ok(Held {
            kind: self.kind,
            hop: self.hop,
            standing: self.standing,
            digest: Digest(self.place.digest),
            subject_salt: SubjectSalt(salt.ok_or(DAMAGED)?),
            envelope: envelope.to_vec(),
        })
    }

    /// The statement and what became of it; `None` for the mark of an end.
    pub(crate) fn entry(&self) -> Result<Option<HistoryEntry>, RegistryError> {
        let state = match self.life {
            Life::Head => State::Head,
            Life::Past => State::Past,
            Life::Withdrawn => State::Withdrawn,
            Life::Ended => return Ok(None),
        };
        let item = self.names().get(self.department_len.into()..).unwrap_or_default();
        Ok(Some(HistoryEntry {
            held: self.held()?,
            state,
            order: i64::try_from(self.place.order).ok().and_then(UnixMs::from_secs).ok_or(DAMAGED)?,
            department: text(self.department())?.parse::<DepartmentName>().map_err(|_| DAMAGED)?,
            item: text(item)?.to_owned(),
        }))
    }

    fn names(&self) -> &[u8] {
        let len = usize::from(self.department_len) + usize::from(self.item_len);
        self.bytes.get(HEAD_LEN..HEAD_LEN + len).unwrap_or_default()
    }
}

/// Appends the row of a new statement to `out`. The caller has bounded the envelope.
pub(crate) fn encode(out: &mut Vec<u8>, attestation: &Attestation, salt: &SubjectSalt, envelope: &[u8]) {
    let claims = &attestation.claims;
    let stated = claims.stated_at;
    let order = claims.sampled_at.or(claims.reported_at).unwrap_or(stated);
    let department = claims.department.as_str();
    let item = claims.item.as_ref().map_or("", |item| item.as_str());
    let severity = severity(claims.status, claims.result);
    let region = claims.region.as_u8();
    let (department_len, item_len) = (short(department.len()), short(item.len()));
    let head = [
        claims.kind.number(),
        Life::Head as u8,
        Standing::None as u8,
        claims.hop,
        severity,
        region,
        department_len,
        item_len,
    ];
    out.extend_from_slice(&head);
    out.extend_from_slice(&u16::try_from(envelope.len()).unwrap_or_default().to_be_bytes());
    out.extend_from_slice(&order.get().unsigned_abs().to_be_bytes());
    out.extend_from_slice(&stated.get().unsigned_abs().to_be_bytes());
    out.extend_from_slice(attestation.digest.as_bytes());
    out.extend_from_slice(&salt.0);
    out.extend_from_slice(department.as_bytes());
    out.extend_from_slice(item.as_bytes());
    out.extend_from_slice(envelope);
}

/// How bad a statement is for its holder, for the order of an answer only. A code without a colour may mean anything,
/// so it goes before green.
fn severity(status: Option<CodeStatus>, result: Option<TestResult>) -> u8 {
    let code = match status {
        None | Some(CodeStatus::Green) => 0,
        Some(CodeStatus::NoneStated) => 1,
        Some(CodeStatus::Amber) => 2,
        Some(CodeStatus::Red) => 3,
    };
    let test = match result {
        None | Some(TestResult::Negative) => 0,
        Some(TestResult::Positive) => 1,
    };
    code.max(test)
}

/// Names are bounded far below 256 bytes by their types.
fn short(len: usize) -> u8 {
    u8::try_from(len).unwrap_or(u8::MAX)
}

fn set(bytes: &mut Cow<'_, [u8]>, at: usize, value: u8) {
    if let Some(byte) = bytes.to_mut().get_mut(at) {
        *byte = value;
    }
}

fn text(bytes: &[u8]) -> Result<&str, RegistryError> {
    std::str::from_utf8(bytes).map_err(|_| DAMAGED)
}

fn life_from(byte: u8) -> Result<Life, RegistryError> {
    let all = [Life::Head, Life::Ended, Life::Past, Life::Withdrawn];
    all.into_iter().find(|life| *life as u8 == byte).ok_or(DAMAGED)
}

fn standing_from(byte: u8) -> Result<Standing, RegistryError> {
    let all = [Standing::None, Standing::Contested, Standing::Overdue];
    all.into_iter().find(|standing| *standing as u8 == byte).ok_or(DAMAGED)
}
