//! What would be known once the gaps of one case are mended: in each dimension all possible values.
//!
//! Conditions are products of sets, and so is this; therefore a case can catch something of it exactly if it meets it
//! in every dimension. No sample is needed.

use super::Known;
use crate::belief::View;
use crate::decide::believed_age;
use crate::model::Conditions;
use crate::policy::Policy;
use crate::state::{Belief, Mask, State, Value};
use crate::terms::{ExamItem, ExamQuality, Set};

/// All possible values of what is known, after mending.
pub(super) struct Mended {
    /// The youngest possible age; `None`: it stays unknown.
    age: Option<u8>,
    pub(super) code: Offer,
    pub(super) pcr: Offer,
    /// The least possible age in minutes of a believed test; `None`: none is believed.
    pcr_minutes: Option<u32>,
    exam: Option<Exams>,
}

/// The possible values of a code or test.
#[derive(Clone, Copy)]
pub(super) struct Offer {
    pub(super) values: Mask,
    /// Is the statement to be another than was found?
    pub(super) open: bool,
}

/// The possible examinations that are believed.
struct Exams {
    items: Set<ExamItem>,
    qualities: Set<ExamQuality>,
    minutes: u32,
}

/// Codes that a department can bring about: it states another, or withdraws what stands. That a statement might be
/// believed less is offered to nobody.
fn codes() -> Mask {
    let values = [Value::Green, Value::Contested, Value::Amber, Value::Red].map(Mask::of_value);
    values.into_iter().fold(Mask::of_state(State::None), Mask::with)
}

/// Results that a new test can have.
pub(super) fn results() -> Mask {
    Mask::of_value(Value::Negative).with(Mask::of_value(Value::Positive))
}

impl Offer {
    fn as_found(view: &Option<View>) -> Self {
        Self { values: found(view), open: false }
    }

    /// Those of `offered` that a condition names; all where it names none. `None` if that leaves nothing.
    fn another(named: Option<Mask>, offered: Mask) -> Option<Self> {
        let values = named.map_or(offered, |named| named.intersection(offered));
        (!values.is_empty()).then_some(Self { values, open: true })
    }

    /// Without what `catching` names, if that leaves anything.
    fn without(self, catching: Option<Mask>) -> Option<Self> {
        let values = self.values.minus(catching?);
        (!values.is_empty()).then_some(Self { values, open: true })
    }
}

/// What was found of a kind; nothing where it was not asked for.
pub(super) fn found(view: &Option<View>) -> Mask {
    view.map_or(Mask::default(), |view| Mask::of(view.belief))
}

/// The believed examination: item, quality, age in minutes.
pub(super) fn believed_exam(view: &Option<View>) -> Option<(Option<ExamItem>, Option<ExamQuality>, u32)> {
    match view.as_ref()?.belief {
        Belief::Believed { value: Value::Exam { item, quality }, age_minutes } => {
            Some((item, quality, age_minutes))
        }
        Belief::Believed { .. } | Belief::Not(_) => None,
    }
}

impl Mended {
    /// What must be so for `conditions` to hold, changing of `known` only what fails. `None` if nothing that can be
    /// brought about makes them hold.
    pub(super) fn of(policy: &Policy, conditions: &Conditions, known: &Known) -> Option<Self> {
        let Conditions { age_below, code, pcr, pcr_within, exam_item, exam_quality, exam_within } =
            conditions;
        let [code_view, pcr_view, exam_view] = &known.views;
        let age = match (age_below, known.age) {
            (Some(limit), Some(age)) if age >= *limit => return None,
            (Some(_), None) => Some(0),
            (_, age) => age,
        };
        let fails = |named: &Option<Mask>, view| named.is_some_and(|named| !named.meets(found(view)));
        let code = match fails(code, code_view) {
            true => Offer::another(*code, codes())?,
            false => Offer::as_found(code_view),
        };
        let limit = match pcr_within {
            Some((within, _)) => Some(policy.limit(*within, &known.situation)?),
            None => None,
        };
        let believed = believed_age(pcr_view);
        let too_old = limit.is_some_and(|limit| believed.is_none_or(|age| age > limit));
        let (pcr, pcr_minutes) = match (fails(pcr, pcr_view), too_old, believed) {
            (false, false, age) => (Offer::as_found(pcr_view), age),
            (false, true, Some(_)) => (Offer { values: found(pcr_view), open: true }, Some(0)),
            // Without a limit a withdrawn test can be what is needed.
            (..) => {
                let none = if limit.is_none() { Mask::of_state(State::None) } else { Mask::default() };
                (Offer::another(*pcr, results().with(none))?, Some(0))
            }
        };
        let exam =
            Exams::of(policy, exam_view, *exam_item, *exam_quality, exam_within.map(|limit| limit.get()));
        Some(Self { age, code, pcr, pcr_minutes, exam })
    }

    /// Could a case with these conditions catch something of it?
    pub(super) fn meets(&self, policy: &Policy, conditions: &Conditions, known: &Known) -> bool {
        let Conditions { age_below, code, pcr, pcr_within, exam_item, exam_quality, exam_within } =
            conditions;
        age_below.is_none_or(|limit| self.age.is_some_and(|age| age < limit))
            && code.is_none_or(|named| named.meets(self.code.values))
            && pcr.is_none_or(|named| named.meets(self.pcr.values))
            && pcr_within.is_none_or(|(within, _)| {
                let limit = policy.limit(within, &known.situation);
                limit.is_some_and(|limit| self.pcr_minutes.is_some_and(|minutes| minutes <= limit))
            })
            && ((exam_item.is_none() && exam_quality.is_none() && exam_within.is_none())
                || self.exam.as_ref().is_some_and(|exam| {
                    exam_item.is_none_or(|items| !items.intersection(exam.items).is_empty())
                        && exam_quality
                            .is_none_or(|qualities| !qualities.intersection(exam.qualities).is_empty())
                        && exam_within.is_none_or(|limit| exam.minutes <= limit.get())
                }))
    }

    /// Narrows it so that `catching` meets nothing of it and `wanted` still holds. What is to change anyway is narrowed
    /// first; then a code or a test that was left as found must change too. `None` if neither will do.
    pub(super) fn shut_out(&mut self, catching: &Conditions, wanted: &Conditions) -> Option<()> {
        let code = self.code.without(catching.code);
        let pcr = self.pcr.without(catching.pcr);
        let another_code = || Offer::another(wanted.code, codes())?.without(catching.code);
        let another_pcr = || Offer::another(wanted.pcr, results())?.without(catching.pcr);
        if let Some(code) = code.filter(|_| self.code.open) {
            self.code = code;
        } else if let Some(pcr) = pcr.filter(|_| self.pcr.open) {
            self.pcr = pcr;
        } else if let Some(code) = another_code().filter(|_| !self.code.open) {
            self.code = code;
        } else {
            self.pcr = another_pcr().filter(|_| !self.pcr.open)?;
            self.pcr_minutes = Some(0);
        }
        Some(())
    }
}

impl Exams {
    /// The examinations that meet the conditions; the one found as far as it does. `None`: none is believed and none is
    /// needed.
    fn of(
        policy: &Policy,
        view: &Option<View>,
        items: Option<Set<ExamItem>>,
        qualities: Option<Set<ExamQuality>>,
        limit: Option<u32>,
    ) -> Option<Self> {
        let of_item = |item: Option<ExamItem>| item.into_iter().collect::<Set<_>>();
        let of_quality = |quality: Option<ExamQuality>| quality.into_iter().collect::<Set<_>>();
        let needed = items.is_some() || qualities.is_some() || limit.is_some();
        match believed_exam(view) {
            None if !needed => None,
            None => Some(Self {
                items: items.unwrap_or_else(|| policy.vocabulary().all()),
                qualities: qualities.unwrap_or_else(|| policy.vocabulary().all()),
                minutes: 0,
            }),
            Some((item, quality, age)) => {
                let item_holds = items.is_none_or(|items| item.is_some_and(|item| items.contains(item)));
                let quality_holds = qualities
                    .is_none_or(|qualities| quality.is_some_and(|quality| qualities.contains(quality)));
                let age_holds = limit.is_none_or(|limit| age <= limit);
                let as_found = item_holds && quality_holds && age_holds;
                Some(Self {
                    items: items.filter(|_| !item_holds).unwrap_or_else(|| of_item(item)),
                    qualities: qualities.filter(|_| !quality_holds).unwrap_or_else(|| of_quality(quality)),
                    // Another examination may be of any age that the condition allows.
                    minutes: if as_found { age } else { 0 },
                })
            }
        }
    }
}
