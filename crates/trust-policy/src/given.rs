//! A case as people describe it, outside of any node: where and why somebody stands, and what was stated, with ages
//! instead of times. Examples of policies, `explain --given` and the decision log speak of cases in this form.
//!
//! Nothing here names a person, and nothing here is trusted: what a case names as assigner is taken to be listed so.

use huxin_attest::{Kind, Kinds, UnixMs};

use crate::belief::View;
use crate::decide::Decision;
use crate::diagnostics::{Diagnostics, Sink, Source};
use crate::example::{Example, Given};
use crate::model::Overlay;
use crate::nearest::Known;
use crate::policy::{Policy, Selected};
use crate::read;
use crate::situation::Situation;
use crate::state::Belief;
use crate::statement::Statement;
use crate::tree::{self, Fields};
use crate::vocabulary::Vocabulary;

/// The largest file of one case, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// Where and why somebody stands, and what was stated. Made with one vocabulary, for policies of that vocabulary only.
#[derive(Debug, Clone)]
pub struct GivenCase {
    pub(crate) situation: Situation,
    pub(crate) age: Option<u8>,
    /// In the order of [`Kind::TRAVELLING`].
    pub(crate) evidence: [Given; 3],
    /// Kinds about which a province that was asked is silent, whatever else was stated.
    pub(crate) unreachable: Kinds,
}

/// Does a file's validity count?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// No: as in examples, every rule and every distrust of the files counts.
    Regardless,
    /// Yes, as at this instant.
    At(UnixMs),
}

/// A case as a policy judged it.
pub(crate) struct Judged<'p> {
    pub(crate) selected: Selected<'p>,
    pub(crate) decision: Decision<'p>,
    pub(crate) known: Known,
    /// In the order of [`Kind::TRAVELLING`]: what was stated, with what each statement amounts to.
    pub(crate) statements: [Vec<(Statement, Belief)>; 3],
}

impl GivenCase {
    /// Reads a TOML file of one case: the keys of an example's `given`, under `given` or at the top level.
    ///
    /// # Errors
    /// Everything that is wrong with the file, in one run.
    pub fn parse(source: Source<'_>, vocabulary: &Vocabulary) -> Result<Self, Diagnostics> {
        let mut sink = Sink::new(source);
        let table = tree::parse(&mut sink, MAX_BYTES);
        let inputs = read::read_case_file(&mut sink, Fields::root(&table), vocabulary);
        match inputs {
            Some((situation, age, evidence)) if sink.is_clean() => {
                Ok(Self { situation, age, evidence, unreachable: Kinds::NONE })
            }
            _ => Err(Diagnostics::of(sink)),
        }
    }

    /// Where and why.
    pub fn situation(&self) -> &Situation {
        &self.situation
    }

    /// Full years; `None` is unknown.
    pub fn age(&self) -> Option<u8> {
        self.age
    }
}

impl From<&Example> for GivenCase {
    fn from(example: &Example) -> Self {
        let Example { situation, age, evidence, .. } = example;
        Self { situation: *situation, age: *age, evidence: evidence.clone(), unreachable: Kinds::NONE }
    }
}

impl Policy {
    /// What the policy answers.
    pub fn decide_given(&self, given: &GivenCase, timing: Timing) -> Decision<'_> {
        self.judge_given(self.overlay.as_ref(), given, timing).decision
    }

    /// What the baseline alone would answer.
    pub fn decide_given_by_baseline(&self, given: &GivenCase, timing: Timing) -> Decision<'_> {
        self.judge_given(None, given, timing).decision
    }

    pub(crate) fn judge_given<'p>(
        &'p self,
        overlay: Option<&'p Overlay>,
        given: &GivenCase,
        timing: Timing,
    ) -> Judged<'p> {
        let GivenCase { situation, age, evidence, unreachable } = given;
        self.judge(overlay, situation, *age, evidence, *unreachable, timing)
    }

    /// The time that is taken where none matters. It is far from both ends of time: an age is at most ten years.
    pub(crate) fn regardless(&self) -> UnixMs {
        self.baseline.header.from.max(UnixMs::from_secs(1_600_000_000).unwrap_or_default())
    }

    /// Judges a case by the baseline and this overlay.
    pub(crate) fn judge<'p>(
        &'p self,
        overlay: Option<&'p Overlay>,
        situation: &Situation,
        age: Option<u8>,
        evidence: &[Given; 3],
        unreachable: Kinds,
        timing: Timing,
    ) -> Judged<'p> {
        let (now, selected, overlay) = match timing {
            Timing::Regardless => (self.regardless(), self.find(situation, overlay), overlay),
            Timing::At(now) => {
                let overlay = overlay.and_then(|_| self.overlay_at(now));
                (now, self.select_with(situation, now, overlay), overlay)
            }
        };
        let ground = self.ground(overlay, now, timing == Timing::Regardless);
        let mut statements: [Vec<(Statement, Belief)>; 3] = Default::default();
        let (mut views, mut minutes) = ([None; 3], [None; 3]);
        let kinds = Kind::TRAVELLING.into_iter().zip(evidence);
        let out = statements.iter_mut().zip(views.iter_mut().zip(minutes.iter_mut()));
        for ((kind, given), (stated, (view, age_minutes))) in kinds.zip(out) {
            if !selected.ask().contains(kind) {
                continue;
            }
            match given {
                Given::State(state) => *view = Some(View { belief: Belief::Not(*state), deciding: None }),
                Given::Statements(given) => {
                    let seen: Vec<_> = given.iter().map(|one| one.at(self, now)).collect();
                    let found = ground.view(kind, &seen, unreachable.contains(kind));
                    *age_minutes = found.deciding.and_then(|at| ground.age_minutes(seen.get(at)?));
                    *view = Some(found);
                    stated.extend(seen.into_iter().map(|one| (one, ground.belief(&one))));
                }
            }
        }
        let decision = self.conclude(&selected, age, views);
        Judged { selected, decision, known: Known { age, views, minutes, situation: *situation }, statements }
    }
}
