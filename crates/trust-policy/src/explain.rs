//! Why a case comes out as it does: every case of the rule, condition by condition, what would change it, and what the
//! baseline alone would answer.
//!
//! It is the decision's own walk, written down; nothing here decides.

use huxin_attest::{Kind, RegionCode};

use crate::decide::{Decision, Distrusted};
use crate::given::{GivenCase, Timing};
use crate::model::Outcome;
use crate::nearest::{Gap, Nearest, conditions};
use crate::policy::Policy;
use crate::state::Belief;

/// A decision with everything that led to it.
#[derive(Debug, Clone)]
pub struct Explanation<'p> {
    /// What the policy answers.
    pub decision: Decision<'p>,
    /// The cases of the rule in their order, to the one that matched; all of them where none did.
    pub cases: Vec<Traced<'p>>,
    /// For a review: the nearest case that would admit, and what it lacks.
    pub nearest: Option<Nearest<'p>>,
    /// What the baseline alone would answer, where an overlay's rule answers.
    pub baseline: Option<Decision<'p>>,
    /// What each statement amounts to, in the order of kinds.
    pub heard: Vec<Weighed<'p>>,
}

/// One case of the rule.
#[derive(Debug, Clone)]
pub struct Traced<'p> {
    /// Its id.
    pub case: &'p str,
    /// What it answers.
    pub outcome: Outcome,
    /// All conditions hold: this case answers.
    pub matched: bool,
    /// Its conditions.
    pub conditions: Vec<Condition>,
}

/// One condition of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Does it hold?
    pub holds: bool,
    /// What was found and what is needed.
    pub measure: Gap,
}

/// What one statement amounts to.
#[derive(Debug, Clone, Copy)]
pub struct Weighed<'p> {
    /// Its kind.
    pub kind: Kind,
    /// Who states it.
    pub issuer: RegionCode,
    /// How the policy takes it.
    pub belief: Belief,
    /// The decision rests on it.
    pub deciding: bool,
    /// Why it is not believed, where an entry of the overlay says so.
    pub distrusted: Option<Distrusted<'p>>,
}

impl Policy {
    /// Explains what this policy answers to a case.
    pub fn explain_given(&self, given: &GivenCase, timing: Timing) -> Explanation<'_> {
        let judged = self.judge_given(self.overlay.as_ref(), given, timing);
        let mut cases = Vec::new();
        for case in judged.selected.rule.map_or(&[][..], |rule| &rule.cases) {
            let found = conditions(self, &case.conditions, &judged.known);
            let conditions: Vec<_> =
                found.into_iter().map(|(holds, measure)| Condition { holds, measure }).collect();
            let matched = judged.decision.case == Some(&*case.id);
            cases.push(Traced { case: &case.id, outcome: case.branch.outcome, matched, conditions });
            if matched {
                break;
            }
        }
        let clock = match timing {
            Timing::Regardless => None,
            Timing::At(now) => Some(now),
        };
        let kinds = Kind::TRAVELLING.into_iter().zip(judged.known.views);
        let heard = kinds.zip(&judged.statements).flat_map(|((kind, view), statements)| {
            let deciding = view.and_then(|view| view.deciding);
            statements.iter().enumerate().map(move |(index, (statement, belief))| Weighed {
                kind,
                issuer: statement.issuer,
                belief: *belief,
                deciding: deciding == Some(index) && matches!(belief, Belief::Believed { .. }),
                distrusted: self.distrust_of_at(statement, clock),
            })
        });
        Explanation {
            cases,
            nearest: self.nearest_to(&judged.selected, &judged.known),
            baseline: judged.decision.from_overlay.then(|| self.decide_given_by_baseline(given, timing)),
            heard: heard.collect(),
            decision: judged.decision,
        }
    }
}
