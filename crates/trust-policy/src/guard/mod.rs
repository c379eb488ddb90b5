//! The guard: an overlay deviates only where the baseline lets it.
//!
//! A region that `province_may` does not grant, or a distrust beyond its limits, refuses the whole file. So a
//! [`Policy`](crate::Policy) is always guarded: there is no other way to one than through here.

mod distrust;

use std::fmt;

use crate::compare::{Comparison, render};
use crate::diagnostics::Diagnostics;
use crate::draft::Draft;
use crate::lang::Lang;
use crate::policy::Policy;

pub use distrust::{Distrusting, Excess, Limit, PastDistrust};

/// Files that are right by themselves, of which the overlay reaches beyond what the baseline lets it.
#[derive(Debug)]
pub struct OverReach {
    draft: Draft,
    distrusts: Vec<Distrusting>,
}

/// Why files became no policy.
#[derive(Debug)]
pub enum LoadError {
    /// A file is wrong.
    Invalid(Diagnostics),
    /// The files are right, but the overlay reaches too far.
    OverReach(Box<OverReach>),
}

impl Draft {
    /// The overlay's distrusts, each held to the limits of the trust entries that it touches, in the order of the file.
    /// `past` are those that this province applied before, from the node's log.
    pub fn distrusts(&self, past: &[PastDistrust]) -> Vec<Distrusting> {
        let policy = self.trial();
        let Some(overlay) = &policy.overlay else { return Vec::new() };
        distrust::judge(&policy.baseline, overlay, past)
    }

    /// Lets the files pass, or says how the overlay reaches too far.
    ///
    /// # Errors
    /// If a difference is not granted, or a distrust goes beyond its limits.
    pub fn guard(self, past: &[PastDistrust]) -> Result<Policy, Box<OverReach>> {
        let distrusts = self.distrusts(past);
        let within = self.compare().over_reaching().next().is_none()
            && distrusts.iter().all(|distrust| distrust.excesses.is_empty());
        if within { Ok(self.into_guarded()) } else { Err(Box::new(OverReach { draft: self, distrusts })) }
    }

    /// Everything that the overlay makes different, each over-reach and each permitted difference with a person, and its
    /// distrusts; for people.
    pub fn report(&self, distrusts: &[Distrusting], lang: Lang) -> String {
        render::report(self, distrusts, lang, true)
    }
}

impl OverReach {
    /// The comparison, permitted differences included.
    pub fn comparison(&self) -> &Comparison {
        self.draft.compare()
    }

    /// The overlay's distrusts, permitted ones included.
    pub fn distrusts(&self) -> &[Distrusting] {
        &self.distrusts
    }

    /// The files.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Each over-reach with its person and both answers, for people.
    pub fn render(&self, lang: Lang) -> String {
        render::report(&self.draft, &self.distrusts, lang, false)
    }
}

impl fmt::Display for OverReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Lang::En))
    }
}

impl std::error::Error for OverReach {}

impl LoadError {
    /// What is wrong, for people; with ANSI colours if `colour`.
    pub fn render(&self, lang: Lang, colour: bool) -> String {
        match self {
            Self::Invalid(found) => found.render(lang, colour),
            Self::OverReach(over) => over.render(lang),
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Lang::En, false))
    }
}

impl std::error::Error for LoadError {}

impl From<Diagnostics> for LoadError {
    fn from(found: Diagnostics) -> Self {
        Self::Invalid(found)
    }
}

impl From<Box<OverReach>> for LoadError {
    fn from(over: Box<OverReach>) -> Self {
        Self::OverReach(over)
    }
}
