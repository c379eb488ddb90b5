//! Whom we believe, what is asked, what we tell: the trust policy language.
//!
//! The walk, one module a step:
//!
//! 1. *text → tree* (`tree`): a TOML text becomes a tree with spans. Syntax errors are reported and the rest is read on.
//! 2. *tree → checked* (`read`): every key is read by name and every value against the [`Vocabulary`], into the types
//!    of `model`, which cannot hold a wrong value. What nobody asked for is an unknown key.
//! 3. *checked → consistent* (`check`): boxes of one layer are disjoint, an overlay lies inside what it replaces, the
//!    table of hours has every cell, every case can match. So one rule at most governs, and there are no priorities
//!    and no gaps.
//! 4. *consistent → compiled* (`tables`, [`Draft`]): rules by purpose, time limits by place and risk. Every
//!    `[[example]]` of the files runs against the result (`example`); one that fails is a load error.
//! 5. *compiled → guarded* (`compare`, `guard`, [`Policy`]): the overlay is compared with the baseline over the whole
//!    space, exactly; one that reaches beyond what the baseline lets it is refused ([`OverReach`]).
//! 6. *decide*: [`Policy::select`] finds the rule and says what may be asked; `statement` prepares what came back,
//!    `belief` says what is believed and why not, [`Policy::decide`] answers admit or review with all reasons.
//! 7. *explain*: for a review, [`Policy::nearest`] names the case that came nearest to admitting, and what it lacks.
//!
//! Steps 1 to 3 report everything that they find in one run ([`Diagnostics`]). Steps 6 and 7 are total; step 6 allocates
//! nothing.
//!
//! The machine admits or reviews; it never refuses. An error denies data and sends a person to review.
//!
//! This crate knows no I/O and no clock: texts and times are passed in. `places` and `risk_areas` read the two files
//! that say where a question comes from and how risky it is there.

mod belief;
mod check;
mod compare;
mod coverage;
mod decide;
mod diagnostics;
mod draft;
mod duration;
mod example;
mod explain;
mod given;
mod grade;
mod guard;
mod lang;
mod lint;
mod logged;
mod matrix;
mod model;
mod nearest;
mod places;
mod policy;
mod read;
mod risk_areas;
mod situation;
mod state;
mod statement;
mod tables;
mod terms;
#[cfg(test)]
mod tests;
mod tree;
mod vocabulary;
mod when;

pub use compare::{Answer, Comparison, Difference, Person, Relation, RuleRef};
pub use coverage::{Coverage, Covered, Percent};
pub use decide::{Decision, Distrusted, Evidence, EvidenceState, Facts, Obligations};
pub use diagnostics::{Diagnostic, Diagnostics, MAX_FINDINGS, Position, Severity, Source};
pub use draft::Draft;
pub use duration::Minutes;
pub use explain::{Condition, Explanation, Traced, Weighed};
pub use given::{GivenCase, Timing};
pub use grade::Grade;
pub use guard::{Distrusting, Excess, Limit, LoadError, OverReach, PastDistrust};
pub use lang::Lang;
pub use lint::SeenLabels;
pub use logged::{
    LoggedDecision, LoggedGiven, LoggedOutcome, LoggedStatement, MAX_LINE, NotReadable,
    Reference as LoggedReference, Stated, UnmappedLabel, Untold,
};
pub use matrix::{Matrix, MatrixCell, MatrixColumn, MatrixQuestion, MatrixRow, MatrixTooLarge};
pub use model::{Appeal, Disclosure, Outcome, ProvinceMay};
pub use nearest::{Gap, Nearest};
pub use places::{PlaceEntry, Places};
pub use policy::{FileValidity, Phase, Policy, Reference, References, Selected, Validity};
pub use risk_areas::RiskAreas;
pub use situation::Situation;
pub use state::{Belief, State, Value, belief_zh};
pub use statement::{Listing, Standing, Statement};
pub use terms::{
    AssignedFor, Assigner, Department, DepartmentCategory, Evidence as EvidenceKind, ExamItem, ExamQuality,
    Obligation, Place, Purpose, Risk, Set, Term,
};
pub use vocabulary::Vocabulary;
