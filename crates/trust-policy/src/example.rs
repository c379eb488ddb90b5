//! Examples: tests that stand inside a policy file and run whenever it is loaded.
//!
//! They give ages, not dates, and ignore the clock: validity does not matter, and every distrust of the file counts.

use huxin_attest::{CodeStatus, Kind, Kinds, RegionCode, TestResult, UnixMs};

use crate::decide::Decision;
use crate::diagnostics::{Code, Sink, Span};
use crate::duration::Minutes;
use crate::given::Timing;
use crate::lang::Phrase;
use crate::model::{Outcome, Overlay};
use crate::policy::Policy;
use crate::situation::Situation;
use crate::state::State;
use crate::statement::{Standing, Statement};
use crate::terms::{
    AssignedFor, Assigner, DepartmentCategory, Evidence, ExamItem, ExamQuality, Obligation, Set,
};

/// One `[[example]]`.
#[derive(Debug, Clone)]
pub(crate) struct Example {
    pub(crate) name: Box<str>,
    pub(crate) situation: Situation,
    pub(crate) age: Option<u8>,
    /// In the order of [`Kind::TRAVELLING`].
    pub(crate) evidence: [Given; 3],
    pub(crate) expected: Expected,
}

/// What is given of one kind.
#[derive(Debug, Clone)]
pub(crate) enum Given {
    Statements(Vec<GivenStatement>),
    State(State),
}

impl Default for Given {
    fn default() -> Self {
        Self::Statements(Vec::new())
    }
}

/// A statement with ages instead of times. What an example names as assigner is taken to be listed so.
#[derive(Debug, Clone)]
pub(crate) struct GivenStatement {
    pub(crate) kind: Kind,
    pub(crate) issuer: RegionCode,
    pub(crate) category: DepartmentCategory,
    pub(crate) copy: bool,
    pub(crate) status: Option<CodeStatus>,
    pub(crate) label: Option<Box<str>>,
    pub(crate) reason: Option<Box<str>>,
    pub(crate) assigner: Option<Assigner>,
    pub(crate) assigned_for: Option<AssignedFor>,
    pub(crate) evidence: Set<Evidence>,
    pub(crate) standing: Standing,
    pub(crate) result: Option<TestResult>,
    pub(crate) item: Option<ExamItem>,
    pub(crate) quality: Option<ExamQuality>,
    /// Absent: at this moment.
    pub(crate) checked: Option<Minutes>,
    pub(crate) reported: Option<Minutes>,
    pub(crate) sampled: Option<Minutes>,
}

/// What must come out; what is `None` is not tested.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    pub(crate) span: Span,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) ask: Option<Kinds>,
    pub(crate) by: Option<Box<str>>,
    pub(crate) case: Option<Box<str>>,
    pub(crate) must: Option<Set<Obligation>>,
}

impl GivenStatement {
    pub(crate) fn new(kind: Kind, issuer: RegionCode, category: DepartmentCategory) -> Self {
        Self {
            kind,
            issuer,
            category,
            copy: false,
            status: None,
            label: None,
            reason: None,
            assigner: None,
            assigned_for: None,
            evidence: Set::default(),
            standing: Standing::None,
            result: None,
            item: None,
            quality: None,
            checked: None,
            reported: None,
            sampled: None,
        }
    }

    /// The statement that a node would see at `now`.
    pub(crate) fn at(&self, policy: &Policy, now: UnixMs) -> Statement {
        let before = |age: Minutes| now.saturating_add_ms(-age.as_ms());
        let checked_at = self.checked.map_or(now, before);
        let labels = [self.status.map(CodeStatus::code), self.label.as_deref(), self.reason.as_deref()];
        Statement {
            kind: self.kind,
            issuer: self.issuer,
            category: Some(self.category),
            may_state: true,
            copy: self.copy,
            grade: policy.grade(self.issuer, labels),
            standing: self.standing,
            assigner: self.assigner,
            assigner_may: self.assigner.is_some(),
            assigned_for: self.assigned_for,
            evidence: self.evidence,
            result: self.result,
            item: self.item,
            quality: self.quality,
            sampled_at: self.sampled.map(before),
            reported_at: self.reported.map(before),
            checked_at,
            stated_at: checked_at,
            valid_until: None,
        }
    }
}

/// Runs the baseline's examples against the baseline alone, and the overlay's against both.
pub(crate) fn run_all(policy: &Policy, national: &mut Sink<'_>, provincial: Option<&mut Sink<'_>>) {
    for example in &policy.baseline.examples {
        run(policy, None, example, national);
    }
    if let (Some(overlay), Some(sink)) = (&policy.overlay, provincial) {
        for example in &overlay.examples {
            run(policy, Some(overlay), example, sink);
        }
    }
}

fn run(policy: &Policy, overlay: Option<&Overlay>, example: &Example, sink: &mut Sink<'_>) {
    let decision = decide(policy, overlay, example);
    for (key, wanted, found) in differences(&example.expected, &decision, policy) {
        let args = [(*example.name).into(), key.into(), wanted, found];
        sink.report(Code::ExampleFailed, example.expected.span, args);
    }
}

pub(crate) fn decide<'p>(
    policy: &'p Policy,
    overlay: Option<&'p Overlay>,
    example: &Example,
) -> Decision<'p> {
    let (situation, evidence) = (&example.situation, &example.evidence);
    let judged = policy.judge(overlay, situation, example.age, evidence, Kinds::NONE, Timing::Regardless);
    judged.decision
}

fn differences(
    expected: &Expected,
    decision: &Decision<'_>,
    policy: &Policy,
) -> Vec<(&'static str, Phrase, Phrase)> {
    let mut found = Vec::new();
    let mut compare = |key, wanted: Option<Phrase>, got: Phrase| {
        if let Some(wanted) = wanted.filter(|wanted| *wanted != got) {
            found.push((key, wanted, got));
        }
    };
    let none = || Phrase::both("（无）", "(none)");
    let or_none = |id: Option<&str>| id.map_or_else(none, Phrase::from);
    compare("then", expected.outcome.map(|outcome| outcome.name().into()), decision.outcome.name().into());
    compare("ask", expected.ask.map(kind_names), kind_names(decision.asked));
    compare("by", expected.by.as_deref().map(Into::into), or_none(decision.rule));
    compare("case", expected.case.as_deref().map(Into::into), or_none(decision.case));
    let names = |set: Set<Obligation>| {
        let names: Vec<_> = set.iter().map(|obligation| policy.vocabulary.name(obligation)).collect();
        Phrase::from(format!("[{}]", names.join(", ")))
    };
    compare("must", expected.must.map(names), names(decision.must.terms()));
    found
}

fn kind_names(kinds: Kinds) -> Phrase {
    let names: Vec<_> = kinds.iter().map(Kind::name).collect();
    format!("[{}]", names.join(", ")).into()
}
