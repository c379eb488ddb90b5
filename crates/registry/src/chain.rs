//! What a write does to one person's chains. Pure: the past is behind a small trait.
//!
//! Every store uses these rules, so that they cannot differ in what they answer.

use std::cmp::Reverse;

use huxin_attest::{DepartmentName, Digest, Kind, Kinds};

use crate::error::{Refusal, RegistryError};
use crate::row::{Life, Row};
use crate::store::{MAX_CHAINS, Outcome, Standing};

/// One person's statements that are not heads.
pub(crate) trait Past {
    /// Is this very statement kept?
    fn holds(&self, row: &Row<'_>) -> Result<bool, RegistryError>;

    /// Keeps a statement, or replaces the one with its place.
    fn put(&mut self, row: &Row<'_>) -> Result<(), RegistryError>;

    /// Takes out the newest statement of the chain of `row` that was not withdrawn.
    fn take_newest(&mut self, row: &Row<'_>) -> Result<Option<Row<'static>>, RegistryError>;

    /// The statement with this digest.
    fn find(&self, digest: &Digest) -> Result<Option<Row<'static>>, RegistryError>;
}

/// Why a write is not made: the store failed, or the write is wrong.
#[derive(Debug)]
pub(crate) enum Failed {
    Store(RegistryError),
    Write(Refusal),
}

impl From<RegistryError> for Failed {
    fn from(error: RegistryError) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Write(refusal)
    }
}

/// One person's chains: a head or the mark of an end each.
#[derive(Debug)]
pub(crate) struct Chains<'a> {
    rows: Vec<Row<'a>>,
    changed: Kinds,
    dirty: bool,
}

impl<'a> Chains<'a> {
    /// Reads a person's value; empty for an unknown person.
    pub(crate) fn read(mut value: &'a [u8]) -> Result<Self, RegistryError> {
        let mut rows = Vec::with_capacity(4);
        while !value.is_empty() {
            rows.push(Row::take(&mut value)?);
        }
        Ok(Self { rows, changed: Kinds::NONE, dirty: false })
    }

    /// The kinds in which the answer to peers changed, or of which something was withdrawn.
    pub(crate) fn changed(&self) -> Kinds {
        self.changed
    }

    /// The rows in the order of an answer; `None` if they are as they were read.
    pub(crate) fn answer(&mut self) -> Option<&[Row<'a>]> {
        if !self.dirty {
            return None;
        }
        self.rows.sort_by_key(|row| (row.kind, row.hop > 0, Reverse((row.severity, row.place))));
        Some(&self.rows)
    }

    /// Takes in a new statement.
    pub(crate) fn state(&mut self, new: Row<'a>, past: &mut impl Past) -> Result<Outcome, Failed> {
        let Some(row) = self.rows.iter_mut().find(|row| row.shares_chain_with(&new)) else {
            if self.rows.len() >= MAX_CHAINS {
                return Err(Refusal::TooManyChains.into());
            }
            self.note(&new);
            self.rows.push(new);
            return Ok(Outcome::Done);
        };
        let same = row.life == Life::Head && row.place.digest == new.place.digest;
        if same || past.holds(&new)? {
            return Ok(Outcome::Known);
        }
        // The end of a chain of events only says that no event is left.
        let open = row.life == Life::Ended && !ends_when_withdrawn(row.kind);
        if !open && new.place < row.place {
            past.put(&new.with_life(Life::Past))?;
            return Ok(Outcome::Late);
        }
        let old = std::mem::replace(row, new);
        let new = row.clone();
        self.note(&new);
        if old.life == Life::Head {
            past.put(&old.with_life(Life::Past))?;
        }
        Ok(Outcome::Done)
    }

    /// Takes a statement back.
    pub(crate) fn withdraw(
        &mut self,
        digest: &Digest,
        by: &DepartmentName,
        past: &mut impl Past,
    ) -> Result<Outcome, Failed> {
        let Some(at) = self.head(digest) else {
            let row = past.find(digest)?.ok_or(Refusal::UnknownStatement)?;
            check_department(&row, by)?;
            if row.life == Life::Withdrawn {
                return Ok(Outcome::Known);
            }
            self.changed = self.changed.with(row.kind);
            past.put(&row.with_life(Life::Withdrawn))?;
            return Ok(Outcome::Done);
        };
        let row = self.rows.swap_remove(at);
        check_department(&row, by)?;
        self.dirty = true;
        self.changed = self.changed.with(row.kind);
        let earlier = if ends_when_withdrawn(row.kind) { None } else { past.take_newest(&row)? };
        past.put(&row.clone().with_life(Life::Withdrawn))?;
        self.rows.push(match earlier {
            Some(earlier) => earlier.with_life(Life::Head),
            None => row.into_end(),
        });
        Ok(Outcome::Done)
    }

    /// Notes how a statement is contested.
    pub(crate) fn contest(
        &mut self,
        digest: &Digest,
        standing: Standing,
        past: &mut impl Past,
    ) -> Result<Outcome, Failed> {
        let head = self.head(digest);
        let row = match head {
            Some(at) => self.rows.swap_remove(at),
            None => past.find(digest)?.ok_or(Refusal::UnknownStatement)?,
        };
        let known = row.standing == standing;
        let row = row.with_standing(standing);
        match head {
            Some(_) => {
                if !known {
                    self.note(&row);
                }
                self.rows.push(row);
            }
            None if !known => past.put(&row)?,
            None => {}
        }
        Ok(if known { Outcome::Known } else { Outcome::Done })
    }

    fn head(&self, digest: &Digest) -> Option<usize> {
        self.rows.iter().position(|row| row.life == Life::Head && row.place.digest == digest.0)
    }

    fn note(&mut self, row: &Row<'_>) {
        self.dirty = true;
        if row.is_answered() {
            self.changed = self.changed.with(row.kind);
        }
    }
}

/// A code is a state, so taking it back leaves none. The other kinds are events, each of which happened or did not.
fn ends_when_withdrawn(kind: Kind) -> bool {
    matches!(kind, Kind::HealthCode)
}

fn check_department(row: &Row<'_>, by: &DepartmentName) -> Result<(), Refusal> {
    if row.department() == by.as_str().as_bytes() { Ok(()) } else { Err(Refusal::OtherDepartment) }
}
