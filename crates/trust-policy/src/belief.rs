//! Belief: what a statement amounts to, and what several together do.
//!
//! The checks stand in the order of the format; the first that applies is the answer. Nothing here fails or allocates.

use std::cmp::Reverse;

use huxin_attest::{Kind, TestResult, UnixMs};

use crate::grade::Grade;
use crate::model::{Distrust, MeasuredFrom, Trust};
use crate::state::{Belief, State, Value};
use crate::statement::{Standing, Statement};

/// How far a time may lie ahead: clocks of honest nodes differ.
const AHEAD_MS: i64 = 5 * 60_000;

/// What belief rests on at one instant.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'p> {
    pub(crate) trusts: &'p [Trust],
    pub(crate) distrusts: &'p [Distrust],
    pub(crate) now: UnixMs,
    /// Examples ignore the clock: every distrust of the file counts.
    pub(crate) every_distrust: bool,
}

/// What the statements of one kind amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) belief: Belief,
    /// The index of the statement on which it rests.
    pub(crate) deciding: Option<usize>,
}

impl Ground<'_> {
    /// What one statement amounts to.
    pub(crate) fn belief(&self, statement: &Statement) -> Belief {
        let clock = (!self.every_distrust).then_some(self.now);
        if self.distrusts.iter().any(|distrust| distrust.matches(statement, clock)) {
            return Belief::Not(State::Distrusted);
        }
        if statement.copy {
            return Belief::Not(State::Hearsay);
        }
        let trust = self.trusts.iter().find(|trust| covers(trust, statement));
        let is_code = statement.kind == Kind::HealthCode;
        if is_code && statement.grade > Some(Grade::Green) && !is_founded(statement, trust) {
            return Belief::Not(State::Unfounded);
        }
        if is_code && statement.grade.is_none() {
            return Belief::Not(State::Unmapped);
        }
        let Some(trust) = trust.filter(|_| statement.may_state) else { return Belief::Not(State::Untrusted) };
        let Some(age_ms) = measured(trust, statement).map(|time| self.now.ms_since(time)) else {
            return Belief::Not(State::Untrusted);
        };
        if age_ms < -AHEAD_MS || statement.valid_until.is_some_and(|until| self.now >= until) {
            return Belief::Not(State::Untrusted);
        }
        let age_minutes = whole_minutes(age_ms);
        if age_minutes > trust.max_age.get() {
            return Belief::Not(State::Stale);
        }
        match value(statement) {
            Some(value) => Belief::Believed { value, age_minutes },
            None => Belief::Not(State::Untrusted),
        }
    }

    /// How old a statement is by the trust entry that covers it, in whole minutes.
    pub(crate) fn age_minutes(&self, statement: &Statement) -> Option<u32> {
        let trust = self.trusts.iter().find(|trust| covers(trust, statement))?;
        Some(whole_minutes(self.now.ms_since(measured(trust, statement)?)))
    }

    /// What all statements of one kind amount to; statements of another kind are passed over.
    pub(crate) fn view(&self, kind: Kind, statements: &[Statement], unreachable: bool) -> View {
        let mut best: Option<(Rank, View)> = None;
        let mut state = (State::None, None);
        for (index, statement) in
            statements.iter().enumerate().filter(|(_, statement)| statement.kind == kind)
        {
            let belief = self.belief(statement);
            match belief {
                Belief::Believed { value, age_minutes } => {
                    let rank = Rank::of(kind, statement, value, age_minutes);
                    if best.is_none_or(|(known, _)| rank > known) {
                        best = Some((rank, View { belief, deciding: Some(index) }));
                    }
                }
                Belief::Not(reason) if reason < state.0 => state = (reason, Some(index)),
                Belief::Not(_) => {}
            }
        }
        match best {
            Some((_, view)) => view,
            None if unreachable => View { belief: Belief::Not(State::Unreachable), deciding: None },
            None => View { belief: Belief::Not(state.0), deciding: state.1 },
        }
    }
}

impl Distrust {
    /// Does this entry name the statement, and is it live at `now`? Without a clock it always is.
    pub(crate) fn matches(&self, statement: &Statement, now: Option<UnixMs>) -> bool {
        now.is_none_or(|now| self.from <= now && now < self.until)
            && self.kind == statement.kind
            && self.issuers.contains(statement.issuer)
            && self.departments.is_none_or(|listed| statement.category.is_some_and(|by| listed.contains(by)))
    }
}

/// Among believed codes the worst counts; among tests the newest event, and of one instant the graver. What is left
/// equal is decided by the younger, so that the order in which statements came never matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(i64, u16, Reverse<u32>);

impl Rank {
    fn of(kind: Kind, statement: &Statement, value: Value, age_minutes: u32) -> Self {
        let event = match kind {
            Kind::HealthCode => 0,
            _ => statement.event_at().as_ms(),
        };
        Self(event, value.gravity(), Reverse(age_minutes))
    }
}

fn covers(trust: &Trust, statement: &Statement) -> bool {
    trust.kind == statement.kind
        && trust.issuers.contains(statement.issuer)
        && statement.category.is_some_and(|by| trust.departments.contains(by))
}

/// Does a red or amber code rest on what its trust entry demands, with no appeal overdue? Where no entry covers it,
/// nothing is demanded here: it is untrusted anyway.
fn is_founded(statement: &Statement, trust: Option<&Trust>) -> bool {
    statement.standing != Standing::Overdue
        && trust.and_then(|trust| trust.red_or_amber).is_none_or(|demand| {
            statement.assigner_may
                && statement.assigner.is_some_and(|role| demand.assigners.contains(role))
                && statement.assigned_for.is_some_and(|reason| demand.assigned_for.contains(reason))
                && !statement.evidence.intersection(demand.evidence_any).is_empty()
        })
}

/// Minutes begun are not counted; a time that lies ahead is no minutes ago.
fn whole_minutes(age_ms: i64) -> u32 {
    u32::try_from(age_ms.max(0) / 60_000).unwrap_or(u32::MAX)
}

fn measured(trust: &Trust, statement: &Statement) -> Option<UnixMs> {
    match trust.measured_from {
        MeasuredFrom::Sample => statement.sampled_at,
        MeasuredFrom::Report => statement.reported_at,
        MeasuredFrom::Check => Some(statement.checked_at),
    }
}

fn value(statement: &Statement) -> Option<Value> {
    match statement.kind {
        Kind::HealthCode => {
            statement.grade.map(|grade| Value::of_code(grade, statement.standing == Standing::Contested))
        }
        Kind::NucleicTest => statement.result.map(|result| match result {
            TestResult::Negative => Value::Negative,
            TestResult::Positive => Value::Positive,
        }),
        Kind::ExamResult => Some(Value::Exam { item: statement.item, quality: statement.quality }),
        Kind::Evidence => None,
    }
}
