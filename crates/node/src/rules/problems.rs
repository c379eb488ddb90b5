//! What was wrong with the files when they were read last, for status and log.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::What;
use crate::start::StartError;

/// What was wrong with each file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    /// With the places; `None` also where they were not read.
    pub places: Option<Problem>,
    /// With the risk areas.
    pub risk_areas: Option<Problem>,
}

/// Why a file is not in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It is not in order.
    Rejected {
        /// In one line, for messages that travel.
        brief: String,
        /// Everything, for the node's own log.
        full: String,
    },
    /// It is in order, and holds later.
    Waiting(String),
}

/// The problems noted last.
#[derive(Debug, Default)]
pub struct Noted(Mutex<Problems>);

impl Problems {
    /// The problems, each with its file.
    pub fn iter(&self) -> impl Iterator<Item = (What, &Problem)> {
        let problems = [(What::Places, &self.places), (What::RiskAreas, &self.risk_areas)];
        problems.into_iter().filter_map(|(what, problem)| Some((what, problem.as_ref()?)))
    }
}

impl Problem {
    /// A file that cannot be used by itself.
    pub fn rejected(error: &StartError) -> Self {
        Self::Rejected { brief: error.brief(), full: error.to_string() }
    }

    /// A file that cannot follow the one in force.
    pub fn unfit(path: &Path, problem: &str) -> Self {
        let text = format!("{}: {problem}", path.display());
        Self::Rejected { brief: text.clone(), full: text }
    }

    /// In one line.
    pub fn brief(&self) -> &str {
        let (Self::Rejected { brief, .. } | Self::Waiting(brief)) = self;
        brief
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Rejected { .. } => "rejected",
            Self::Waiting(_) => "waiting",
        }
    }
}

impl Noted {
    /// Notes what was found, and logs it unless it was noted before. Where places were not read, what was noted of them
    /// stays.
    pub fn note(&self, mut found: Problems, places_read: bool) {
        let mut noted = self.lock();
        if !places_read {
            found.places = noted.places.clone();
        }
        if found == *noted {
            return;
        }
        for (what, problem) in found.iter() {
            let what = what.name();
            match problem {
                Problem::Rejected { full, .. } => {
                    tracing::error!(
                        what,
                        problem = full,
                        "a file is refused; what was in force stays in force"
                    );
                }
                Problem::Waiting(text) => tracing::info!(what, problem = text, "a file is not in force yet"),
            }
        }
        *noted = found;
    }

    /// The warnings for the status: `places_rejected`, `risk_areas_rejected`, `risk_areas_waiting`.
    pub fn warnings(&self) -> Vec<String> {
        self.lock().iter().map(|(what, problem)| format!("{}_{}", what.name(), problem.name())).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Problems> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
