//! People who do not exist, for exercises and measurements.
//!
//! The same scene gives the same people, whatever the machine. Their numbers have the form of GB 11643 and a correct
//! check digit, but lie in a prefecture `99` that GB/T 2260 does not assign, so that nobody can be hit by accident.
//! Shares and labels are plausible, not statistics.

mod facts;
mod labels;
mod people;
mod random;

use huxin_attest::{DepartmentName, Document, RegionCode, UnixSecs};

use crate::line::FactLine;
pub use people::MAX_PEOPLE;

/// What is to be made up.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// The home province of all.
    pub region: RegionCode,
    /// How many people, at most [`MAX_PEOPLE`].
    pub people: u32,
    /// Another seed, other people.
    pub seed: u64,
    /// All ages are counted back from here; 2022 or later.
    pub now: UnixSecs,
    /// Who assigns red and amber codes, in the role `cdc`.
    pub assigner: DepartmentName,
    /// Who states the evidence behind them; another department than the one that states the codes.
    pub evidence_by: DepartmentName,
}

/// One who does not exist, and what is stated about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntheticPerson {
    /// The document.
    pub document: Document,
    /// The health code.
    pub code: FactLine,
    /// What stands behind a red or amber code, to be stated before the code by [`Scene::evidence_by`].
    pub evidence: Option<FactLine>,
    /// The newest test, where there is one.
    pub test: Option<FactLine>,
}

/// The people of a scene, in an order without meaning.
pub fn generate(scene: Scene) -> impl Iterator<Item = SyntheticPerson> {
    let calendar = people::Calendar::until(scene.now);
    (0..scene.people.min(MAX_PEOPLE)).map(move |index| {
        let document = people::document(&scene, &calendar, index);
        facts::about(&scene, index, document)
    })
}

#[cfg(test)]
mod tests;
