//! The decision: from a rule and what is known to admit or review, with every reason.
//!
//! Total and free of allocation: a decision only borrows from the policy.

use huxin_attest::{Kind, Kinds, UnixMs};

use crate::belief::{Ground, View};
use crate::model::{Appeal, Conditions, Distrust, Outcome, Overlay, Within};
use crate::policy::{Policy, Selected};
use crate::read::OTHERWISE;
use crate::situation::Situation;
use crate::state::{Belief, Mask, State, Value};
use crate::statement::Statement;
use crate::terms::{Obligation, Set};
use crate::vocabulary::Vocabulary;

/// What is known about one person.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// Full years; `None` is unknown and meets no limit.
    pub age: Option<u8>,
    /// In the order of [`Kind::TRAVELLING`].
    pub evidence: [Evidence<'a>; 3],
}

/// What is known of one kind.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// All authentic statements.
    pub statements: &'a [Statement],
    /// A province that was asked is silent. It matters only if nothing is believed.
    pub unreachable: bool,
}

/// What one kind of evidence amounted to in a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceState {
    /// The rule does not ask for it; whatever was given was not looked at.
    NotAsked,
    /// A statement is believed.
    Believed {
        /// What counts.
        value: Value,
        /// Its age in whole minutes.
        age_minutes: u32,
        /// Its index among the kind's statements.
        statement: Option<usize>,
    },
    /// Nothing is believed.
    Not {
        /// Why.
        state: State,
        /// The index of the statement that shows it, if it is one.
        statement: Option<usize>,
    },
}

/// The obligations of a decision.
#[derive(Debug, Clone, Copy)]
pub struct Obligations<'p> {
    vocabulary: &'p Vocabulary,
    set: Set<Obligation>,
}

impl<'p> Obligations<'p> {
    /// Their names, in order.
    pub fn names(self) -> impl Iterator<Item = &'p str> {
        self.set.iter().map(move |obligation| self.vocabulary.name(obligation))
    }

    /// The terms.
    pub fn terms(self) -> Set<Obligation> {
        self.set
    }
}

/// What the machine answers, and everything that it rests on.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'p> {
    /// Admit or review. Only a person refuses.
    pub outcome: Outcome,
    /// What was asked.
    pub asked: Kinds,
    /// The rule; `None` where no rule reaches.
    pub rule: Option<&'p str>,
    /// The case, or `otherwise`; `None` where nothing was asked.
    pub case: Option<&'p str>,
    /// Does the rule stand in the overlay?
    pub from_overlay: bool,
    /// What the person is told; may be empty where a rule says nothing beyond its title.
    pub say: &'p str,
    /// The rule's title; the baseline's where no rule reaches.
    pub title: &'p str,
    /// What the person must do.
    pub must: Obligations<'p>,
    /// 依据: on what the rule rests.
    pub basis: &'p str,
    /// 负责: who answers for the rule.
    pub owner: &'p str,
    /// How to appeal.
    pub appeal: &'p Appeal,
    /// What each kind amounted to, in the order of [`Kind::TRAVELLING`].
    pub states: [EvidenceState; 3],
}

/// A live distrust and its reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distrusted<'p> {
    /// The entry's id.
    pub id: &'p str,
    /// Why, in words for people.
    pub say: &'p str,
    /// On what it rests.
    pub basis: &'p str,
    /// Who answers for it.
    pub owner: &'p str,
}

impl Policy {
    /// Decides by the rule that [`Policy::select`] gave at the same `now`.
    pub fn decide<'p>(&'p self, selected: &Selected<'p>, facts: &Facts<'_>, now: UnixMs) -> Decision<'p> {
        self.conclude(selected, facts.age, self.views(selected, facts, now))
    }

    /// What each kind that the rule asks for amounts to.
    #[inline]
    pub(crate) fn views(&self, selected: &Selected<'_>, facts: &Facts<'_>, now: UnixMs) -> [Option<View>; 3] {
        let ground = self.ground(self.overlay_at(now), now, false);
        let [code, pcr, exam] = Kind::TRAVELLING;
        let [of_code, of_pcr, of_exam] = facts.evidence;
        let asked = selected.ask();
        let view = |kind, evidence: Evidence<'_>| {
            asked.contains(kind).then(|| ground.view(kind, evidence.statements, evidence.unreachable))
        };
        [view(code, of_code), view(pcr, of_pcr), view(exam, of_exam)]
    }

    /// What one statement amounts to at `now`, for lists of what was reported beside a decision.
    pub fn belief(&self, statement: &Statement, now: UnixMs) -> Belief {
        self.ground(self.overlay_at(now), now, false).belief(statement)
    }

    /// The live distrust that makes a statement `distrusted` at `now`.
    pub fn distrust_of(&self, statement: &Statement, now: UnixMs) -> Option<Distrusted<'_>> {
        self.distrust_of_at(statement, Some(now))
    }

    /// The same, or regardless of the clock.
    pub(crate) fn distrust_of_at(
        &self,
        statement: &Statement,
        now: Option<UnixMs>,
    ) -> Option<Distrusted<'_>> {
        let overlay = now.map_or(self.overlay.as_ref(), |now| self.overlay_at(now));
        let distrusts: &[Distrust] = overlay.map_or(&[], |overlay| &overlay.distrusts);
        distrusts.iter().find(|distrust| distrust.matches(statement, now)).map(|distrust| Distrusted {
            id: &distrust.id,
            say: &distrust.say,
            basis: &distrust.basis,
            owner: &distrust.owner,
        })
    }

    pub(crate) fn ground<'p>(
        &'p self,
        overlay: Option<&'p Overlay>,
        now: UnixMs,
        every_distrust: bool,
    ) -> Ground<'p> {
        let distrusts = overlay.map_or(&[][..], |overlay| &overlay.distrusts);
        Ground { trusts: &self.baseline.trusts, distrusts, now, every_distrust }
    }

    /// From what each asked kind amounts to, to the answer.
    pub(crate) fn conclude<'p>(
        &'p self,
        selected: &Selected<'p>,
        age: Option<u8>,
        views: [Option<View>; 3],
    ) -> Decision<'p> {
        let (header, fallback) = (&self.baseline.header, &self.baseline.fallback);
        let [code, pcr, exam] = &views;
        let states = [EvidenceState::of(code), EvidenceState::of(pcr), EvidenceState::of(exam)];
        let input = Input { age, views: &views, situation: &selected.situation };
        let branch = selected.rule.and_then(|rule| {
            let case = rule.cases.iter().find(|case| self.matches(&case.conditions, &input));
            match case {
                Some(case) => Some((&*case.id, &case.branch)),
                None => rule.otherwise.as_ref().map(|branch| (OTHERWISE, branch)),
            }
        });
        let silent = if selected.rule.is_some() { "" } else { &*fallback.say };
        // One literal: the answer is written where the caller wants it, and moved no more.
        Decision {
            outcome: branch.map_or(Outcome::Admit, |(_, branch)| branch.outcome),
            asked: selected.ask(),
            rule: selected.rule_id(),
            case: branch.map(|(id, _)| id),
            from_overlay: selected.from_overlay,
            say: branch.map_or(silent, |(_, branch)| &branch.say),
            title: selected.rule.map_or(&header.title, |rule| &rule.title),
            must: Obligations {
                vocabulary: &self.vocabulary,
                set: branch.map_or(Set::default(), |(_, branch)| branch.must),
            },
            basis: selected.rule.map_or(&header.basis, |rule| &rule.basis),
            owner: selected.rule.map_or(&header.owner, |rule| &rule.owner),
            appeal: &fallback.appeal,
            states,
        }
    }

    /// All conditions of a case must hold.
    fn matches(&self, conditions: &Conditions, input: &Input<'_>) -> bool {
        let [code, pcr, exam] = input.views;
        conditions.age_holds(input.age)
            && conditions.code_holds(code)
            && conditions.pcr_holds(pcr, |within| self.limit(within, input.situation))
            && conditions.exam_holds(exam)
    }

    /// A time limit in minutes; `None` if the table of hours has none here, and then nothing is young enough.
    pub(crate) fn limit(&self, within: Within, situation: &Situation) -> Option<u32> {
        match within {
            Within::Minutes(limit) => Some(limit.get()),
            Within::ByPlace => self.hours.limit(situation.place?, situation.here_risk),
        }
    }
}

struct Input<'a> {
    age: Option<u8>,
    views: &'a [Option<View>; 3],
    situation: &'a Situation,
}

/// What a case looks at in each dimension by itself; it matches if all of them hold. A comparison asks the same.
impl Conditions {
    #[inline]
    pub(crate) fn age_holds(&self, age: Option<u8>) -> bool {
        self.age_below.is_none_or(|limit| age.is_some_and(|age| age < limit))
    }

    #[inline]
    pub(crate) fn code_holds(&self, view: &Option<View>) -> bool {
        self.code.is_none_or(|named| names(named, view))
    }

    #[inline]
    pub(crate) fn pcr_holds(&self, view: &Option<View>, limit: impl FnOnce(Within) -> Option<u32>) -> bool {
        self.pcr.is_none_or(|named| names(named, view))
            && self.pcr_within.is_none_or(|(within, _)| {
                limit(within).is_some_and(|limit| believed_age(view).is_some_and(|age| age <= limit))
            })
    }

    /// Without a condition on examinations anything goes; with one, only a believed examination does.
    #[inline]
    pub(crate) fn exam_holds(&self, view: &Option<View>) -> bool {
        let (items, qualities, within) = (self.exam_item, self.exam_quality, self.exam_within);
        if items.is_none() && qualities.is_none() && within.is_none() {
            return true;
        }
        let Some(View {
            belief: Belief::Believed { value: Value::Exam { item, quality }, age_minutes }, ..
        }) = view
        else {
            return false;
        };
        items.is_none_or(|items| item.is_some_and(|item| items.contains(item)))
            && qualities.is_none_or(|qualities| quality.is_some_and(|quality| qualities.contains(quality)))
            && within.is_none_or(|limit| *age_minutes <= limit.get())
    }
}

/// A state matches only where it is named, and so does a value.
fn names(named: Mask, view: &Option<View>) -> bool {
    view.is_some_and(|view| named.meets(Mask::of(view.belief)))
}

pub(crate) fn believed_age(view: &Option<View>) -> Option<u32> {
    match view.as_ref()?.belief {
        Belief::Believed { age_minutes, .. } => Some(age_minutes),
        Belief::Not(_) => None,
    }
}

impl EvidenceState {
    fn of(view: &Option<View>) -> Self {
        match *view {
            None => Self::NotAsked,
            Some(View { belief: Belief::Believed { value, age_minutes }, deciding: statement }) => {
                Self::Believed { value, age_minutes, statement }
            }
            Some(View { belief: Belief::Not(state), deciding: statement }) => Self::Not { state, statement },
        }
    }
}
