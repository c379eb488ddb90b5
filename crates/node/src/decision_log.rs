//! The decision log: from an entry of a node's own log, and what is kept beside it, to one line in the language of
//! policies.
//!
//! Ages stand for times, and no person is named. What that language cannot say is left out and named, never made up:
//! the line, judged again by the same policy, gives what was answered.

use huxin_attest::{Kind, Kinds, UnixMs, sha256};
use huxin_ledger::leaf::{commitment, exchange_private_of_hashes};
use huxin_ledger::{Kept, LeafType, Salt};
use huxin_trust_policy::{
    LoggedDecision, LoggedGiven, LoggedOutcome, LoggedReference, LoggedStatement, Minutes, State, Stated,
    Untold,
};
use huxin_wire::convert::fixed;
use huxin_wire::v1;
use prost::Message as _;

use crate::exchange::Details;
use crate::recognise::{Judged, Particulars};

/// Further ahead than clocks differ: no policy believes it.
const AHEAD_MS: i64 = 5 * 60_000;
const MINUTE_MS: i64 = 60_000;

/// Why an entry gives no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoLine {
    /// It is another entry than a decision.
    #[error("the entry is no decision")]
    NoDecision,
    /// What opens it was erased.
    #[error("what opens the decision was erased")]
    Erased,
    /// It was logged before what a decision was judged by was kept.
    #[error("what the decision was judged by was not kept")]
    NotKept,
    /// What is kept is not what the log's leaf commits to.
    #[error("what is kept beside the decision is not what its leaf commits to")]
    Damaged,
}

/// The line of one entry.
///
/// # Errors
/// If it is no decision, or cannot be told.
pub fn line(kept: &Kept) -> Result<LoggedDecision, NoLine> {
    if kept.leaf.leaf_type != LeafType::Decision {
        return Err(NoLine::NoDecision);
    }
    let details = kept.details.as_deref().ok_or(NoLine::Erased)?;
    let Details { salt2, request, body, judged, .. } =
        Details::decode(details).map_err(|_| NoLine::Damaged)?;
    let salt2 = Salt(fixed(&salt2, "salt2").map_err(|_| NoLine::Damaged)?);
    let private = exchange_private_of_hashes(&sha256(&[&request]), &sha256(&[&body]));
    if commitment(&kept.salt1, &kept.public, &salt2, &private) != kept.leaf.commitment {
        return Err(NoLine::Damaged);
    }
    let decision = v1::Decision::decode(body).map_err(|_| NoLine::Damaged)?;
    told(&decision, &judged.ok_or(NoLine::NotKept)?).ok_or(NoLine::Damaged)
}

/// `None` if the decision and what is kept beside it do not belong together.
fn told(decision: &v1::Decision, judged: &Judged) -> Option<LoggedDecision> {
    if decision.findings.len() != judged.particulars.len() {
        return None;
    }
    let now = UnixMs::from_ms(decision.decided_unix_ms)?;
    let number = |number: u32| Kind::from_number(number.into());
    let silent: Kinds = judged.unreachable.iter().filter_map(|kind| number(*kind)).collect();
    let (mut untold, mut unreachable) = (Vec::new(), Vec::new());
    let stated = Kind::TRAVELLING.map(|kind| {
        let heard = decision.findings.iter().zip(&judged.particulars);
        let heard = heard.filter(|(finding, _)| finding.kind == i32::from(kind.number()));
        let of_kind = OfKind::gather(heard, now);
        of_kind.tell(kind, silent.contains(kind), &mut untold, &mut unreachable)
    });
    let [code, pcr, exam] = stated;
    let asked = decision.asked.iter().flat_map(|asked| &asked.kinds);
    let asked: Kinds = asked.filter_map(|kind| number(u32::try_from(*kind).ok()?)).collect();
    Some(LoggedDecision {
        at: now.to_string(),
        given: LoggedGiven {
            purpose: judged.purpose.clone(),
            place: some(&judged.place),
            area: some(&judged.area),
            here_risk: some(&judged.here_risk),
            from_risk: some(&judged.from_risk),
            age: judged.age.and_then(|age| u8::try_from(age).ok()),
            code,
            pcr,
            exam,
        },
        unreachable,
        untold,
        was: LoggedOutcome {
            then: match decision.outcome() {
                v1::Outcome::Admit => "admit".to_owned(),
                v1::Outcome::Review => "review".to_owned(),
                v1::Outcome::Unspecified => return None,
            },
            ask: asked.iter().map(|kind| kind.name().to_owned()).collect(),
            by: some(&decision.rule),
            case: some(&decision.case),
            must: decision.obligations.clone(),
        },
        policy: decision.policy.iter().map(reference).collect(),
    })
}

fn reference(file: &v1::FileReference) -> LoggedReference {
    let digest = huxin_attest::Digest::try_from(&*file.sha256);
    LoggedReference {
        id: file.id.clone(),
        version: file.version,
        sha256: digest.map(|digest| digest.to_string()).unwrap_or_default(),
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// One statement, told.
struct Told {
    statement: LoggedStatement,
    belief: String,
    deciding: bool,
    /// Minutes since the event, as a reader of the line counts them.
    event: i64,
}

/// What was heard of one kind.
#[derive(Default)]
struct OfKind {
    told: Vec<Told>,
    /// Why some cannot be told.
    untold: Vec<&'static str>,
    /// What each of all statements amounted to.
    beliefs: Vec<String>,
}

impl OfKind {
    fn gather<'a>(heard: impl Iterator<Item = (&'a v1::Finding, &'a Particulars)>, now: UnixMs) -> Self {
        let mut all = Self::default();
        for (finding, particulars) in heard {
            all.beliefs.push(finding.belief.clone());
            match statement(finding, particulars, now) {
                Ok((statement, event)) => all.told.push(Told {
                    statement,
                    belief: finding.belief.clone(),
                    deciding: finding.deciding,
                    event,
                }),
                Err(why) => all.untold.push(why),
            }
        }
        all.leave_out_what_would_be_newer();
        all
    }

    /// Among tests the newest event counts, to the millisecond; a line tells whole minutes. What a reader would take
    /// for the newest although it was not is left out.
    fn leave_out_what_would_be_newer(&mut self) {
        let Some(deciding) = self.told.iter().position(|one| one.deciding) else { return };
        let Some(Told { statement, belief, event, .. }) = self.told.get(deciding) else { return };
        if statement.status.is_some() || (statement.result.is_none() && statement.item.is_none()) {
            return;
        }
        let (statement, belief, event) = (statement.clone(), belief.clone(), *event);
        let before = self.told.len();
        self.told.retain(|one| {
            let is_believed = state(&one.belief).is_none();
            let is_lighter = belief == "positive" && one.belief == "negative";
            one.deciding
                || !is_believed
                || one.statement == statement
                || one.event > event
                || (one.event == event && is_lighter)
        });
        self.untold.extend(std::iter::repeat_n("newer_by_seconds", before - self.told.len()));
    }

    fn tell(
        self,
        kind: Kind,
        silent: bool,
        untold: &mut Vec<Untold>,
        unreachable: &mut Vec<String>,
    ) -> Stated {
        untold.extend(
            self.untold.iter().map(|why| Untold { kind: kind.name().to_owned(), why: (*why).to_owned() }),
        );
        let is_believed = |one: &Told| state(&one.belief).is_none();
        let nothing_believed = !self.told.iter().any(is_believed);
        if nothing_believed && (!self.untold.is_empty() || (silent && self.told.is_empty())) {
            // The state of the kind is known exactly, all of its statements are not.
            let states = self.beliefs.iter().filter_map(|belief| state(belief));
            let states = states.chain(silent.then_some(State::Unreachable));
            return Stated::State(states.min().unwrap_or(State::None).name().to_owned());
        }
        if silent {
            unreachable.push(kind.name().to_owned());
        }
        Stated::Statements(self.told.into_iter().map(|one| one.statement).collect())
    }
}

/// The state that a finding names; `None` for a believed value.
fn state(belief: &str) -> Option<State> {
    State::ALL.into_iter().find(|state| state.name() == belief)
}

/// The statement as a line tells it, and how many minutes ago its event was; or why it cannot be told.
fn statement(
    finding: &v1::Finding,
    particulars: &Particulars,
    now: UnixMs,
) -> Result<(LoggedStatement, i64), &'static str> {
    let Particulars { category, may_state, copy, status, reason, assigner, assigned_for, evidence, .. } =
        particulars;
    let Particulars { appeal, result, item, quality, sampled_unix_ms, reported_unix_ms, .. } = particulars;
    if category.is_empty() {
        return Err("department_without_category");
    }
    if !may_state && !copy {
        return Err("department_may_not_state");
    }
    if particulars.valid_until_unix_ms.is_some_and(|until| now.as_ms() >= until) && !copy {
        return Err("no_longer_valid");
    }
    let age = |time: Option<i64>| time.map(|time| now.as_ms().saturating_sub(time));
    let [checked, sampled, reported] =
        [age(Some(finding.checked_unix_ms)), age(*sampled_unix_ms), age(*reported_unix_ms)];
    let statement = LoggedStatement {
        from: finding.region.clone(),
        by: category.clone(),
        hop: copy.then_some(1),
        status: some(status),
        label: some(&finding.native_label),
        reason: some(reason),
        assigner: some(assigner),
        assigned_for: some(assigned_for),
        evidence: evidence.clone(),
        appeal: some(appeal),
        result: some(result),
        item: some(item),
        quality: some(quality),
        // Absent is the present moment.
        checked: checked.filter(|age| *age >= MINUTE_MS).map(minutes).transpose()?,
        reported: reported.map(minutes).transpose()?,
        sampled: sampled.map(minutes).transpose()?,
    };
    let event = sampled.or(reported).or(checked).unwrap_or_default();
    Ok((statement, event.max(0) / MINUTE_MS))
}

/// An age as files write it. One below a minute is written as a minute: every limit of a policy is at least that, so that
/// no policy tells them apart.
fn minutes(age_ms: i64) -> Result<String, &'static str> {
    if age_ms < -AHEAD_MS {
        return Err("time_ahead");
    }
    let minutes = (age_ms / MINUTE_MS).max(1);
    Minutes::parse(&format!("{minutes}m")).map(|age| age.to_string()).ok_or("too_old")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_657_242_000_000;

    fn decision(heard: &[(&str, bool, Particulars)]) -> Option<LoggedDecision> {
        let findings = heard.iter().map(|(belief, deciding, _)| v1::Finding {
            kind: Kind::NucleicTest.number().into(),
            region: "43".into(),
            belief: (*belief).into(),
            deciding: *deciding,
            checked_unix_ms: NOW,
            ..v1::Finding::default()
        });
        let decision = v1::Decision {
            outcome: v1::Outcome::Review.into(),
            findings: findings.collect(),
            decided_unix_ms: NOW,
            ..v1::Decision::default()
        };
        let particulars = heard.iter().map(|(.., particulars)| particulars.clone()).collect();
        told(&decision, &Judged { purpose: "visit".into(), particulars, ..Judged::default() })
    }

    fn test(result: &str, seconds_ago: i64) -> Particulars {
        Particulars {
            category: "lab".into(),
            may_state: true,
            result: result.into(),
            sampled_unix_ms: Some(NOW - seconds_ago * 1000),
            ..Particulars::default()
        }
    }

    fn told_of(heard: &[(&str, bool, Particulars)]) -> (Stated, Vec<String>) {
        let line = decision(heard).unwrap();
        (line.given.pcr, line.untold.into_iter().map(|untold| untold.why).collect())
    }

    fn ages(stated: &Stated) -> Vec<&str> {
        stated.statements().iter().map(|one| one.sampled.as_deref().unwrap()).collect()
    }

    #[test]
    fn ages_are_whole_minutes_and_never_none() {
        let (stated, untold) = told_of(&[("negative", true, test("negative", 7259))]);
        assert_eq!((ages(&stated), untold), (vec!["2h"], vec![]));
        assert_eq!(stated.statements()[0].checked, None, "at this moment");
        for seconds in [59, 0, -240] {
            assert_eq!(ages(&told_of(&[("negative", true, test("negative", seconds))]).0), ["1m"]);
        }
    }

    #[test]
    fn what_policies_cannot_tell_is_left_out_beside_what_is_believed_and_named() {
        let good = || ("negative", true, test("negative", 3600));
        for (change, why) in [
            (Particulars { category: String::new(), ..test("positive", 60) }, "department_without_category"),
            (Particulars { may_state: false, ..test("positive", 60) }, "department_may_not_state"),
            (Particulars { valid_until_unix_ms: Some(NOW), ..test("positive", 60) }, "no_longer_valid"),
            (test("positive", -301), "time_ahead"),
            (test("positive", 3651 * 86_400), "too_old"),
        ] {
            let (stated, untold) = told_of(&[good(), ("untrusted", false, change.clone())]);
            assert_eq!((ages(&stated), untold), (vec!["1h"], vec![why.to_owned()]));
            // Alone it leaves the state of the kind.
            let (stated, untold) =
                told_of(&[("stale", false, test("negative", 60)), ("untrusted", false, change)]);
            assert_eq!((stated, untold), (Stated::State("untrusted".into()), vec![why.to_owned()]));
        }
    }

    #[test]
    fn of_two_tests_of_one_minute_the_one_that_would_be_taken_for_newer_is_left_out() {
        let (older, newer) = (test("positive", 3630), test("negative", 3601));
        let (stated, untold) =
            told_of(&[("positive", false, older.clone()), ("negative", true, newer.clone())]);
        assert_eq!((stated.statements().len(), untold), (1, vec!["newer_by_seconds".to_owned()]));
        assert_eq!(stated.statements()[0].result.as_deref(), Some("negative"));
        // The graver of one instant counts anyhow.
        let (stated, untold) = told_of(&[("positive", true, older), ("negative", false, newer)]);
        assert_eq!((stated.statements().len(), untold), (2, vec![]));
    }

    #[test]
    fn a_decision_and_what_is_kept_must_belong_together() {
        let mut bare = v1::Decision { outcome: v1::Outcome::Admit.into(), ..v1::Decision::default() };
        assert!(told(&bare, &Judged::default()).is_some());
        bare.findings.push(v1::Finding::default());
        assert!(told(&bare, &Judged::default()).is_none());
        bare.findings.clear();
        bare.outcome = v1::Outcome::Unspecified.into();
        assert!(told(&bare, &Judged::default()).is_none());
    }
}
