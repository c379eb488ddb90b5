//! Files that are right by themselves. Nothing is decided by them until the guard let them pass.

use huxin_attest::RegionCode;

use crate::check;
use crate::compare::{Comparison, Space, compare};
use crate::diagnostics::{Code, Diagnostics, Sink, Source};
use crate::example;
use crate::guard::{LoadError, PastDistrust};
use crate::lint;
use crate::model::{Baseline, Overlay};
use crate::policy::{Policy, References};
use crate::read;
use crate::vocabulary::Vocabulary;

/// A baseline and at most one overlay that were read, checked and compared, and whose examples came out as written.
/// [`Draft::guard`] makes a [`Policy`] of it, or says how far the overlay reaches.
#[derive(Debug)]
pub struct Draft(Policy);

impl Draft {
    /// Reads, checks and compiles all files for the node of `region`, runs every example, and compares the overlay with
    /// the baseline.
    ///
    /// # Errors
    /// Everything that is wrong with the files, in one run. Examples run, and files are compared with each other,
    /// only once each is right by itself.
    pub fn load(
        region: RegionCode,
        vocabulary: Source<'_>,
        baseline: Source<'_>,
        overlay: Option<Source<'_>>,
    ) -> Result<Self, Diagnostics> {
        let vocabulary = Vocabulary::parse(vocabulary.name, vocabulary.text)?;
        let mut national = Sink::new(baseline);
        let parts = read::baseline::read(&mut national, &vocabulary);
        check::baseline::check_entries(&mut national, &parts, &vocabulary);
        let baseline = parts.whole();
        if let Some(baseline) = &baseline {
            check::baseline::check_vocabulary(&mut national, baseline, &vocabulary);
            check::baseline::check_cases(&mut national, baseline, &vocabulary);
        }
        let mut provincial = overlay.map(Sink::new);
        let overlay = provincial.as_mut().and_then(|sink| {
            let parts = read::overlay::read(sink, &vocabulary);
            check::overlay::check_entries(sink, &parts, region, &vocabulary);
            let overlay = parts.whole()?;
            check::overlay::check_validity(sink, &overlay);
            if let Some(baseline) = baseline.as_ref().filter(|_| national.is_clean()) {
                check::overlay::check_against(sink, &overlay, baseline, &vocabulary);
            }
            Some(overlay)
        });
        let clean = |national: &Sink<'_>, provincial: &Option<Sink<'_>>| {
            national.is_clean() && provincial.as_ref().is_none_or(Sink::is_clean)
        };
        let Some(baseline) = baseline.filter(|_| clean(&national, &provincial)) else {
            return Err(gather(national, provincial));
        };
        let comparison = compared(&vocabulary, &baseline, overlay.as_ref(), provincial.as_mut());
        let mut policy = Policy::compile(vocabulary, baseline, overlay, comparison);
        example::run_all(&policy, &mut national, provincial.as_mut());
        if !clean(&national, &provincial) {
            return Err(gather(national, provincial));
        }
        lint::baseline(&mut national, &policy.baseline, &policy.vocabulary);
        if let (Some(overlay), Some(sink)) = (&policy.overlay, provincial.as_mut()) {
            lint::overlay(sink, overlay, &policy.baseline, &policy.vocabulary);
        }
        policy.warnings = gather(national, provincial);
        Ok(Self(policy))
    }

    /// The overlay, measured by the baseline over the whole space. Without an overlay there is no difference.
    pub fn compare(&self) -> &Comparison {
        self.0.comparison()
    }

    /// What is permitted and yet worth a second look.
    pub fn warnings(&self) -> &Diagnostics {
        self.0.warnings()
    }

    /// The vocabulary that the files were read with.
    pub fn vocabulary(&self) -> &Vocabulary {
        self.0.vocabulary()
    }

    /// The files.
    pub fn references(&self) -> &References {
        self.0.references()
    }

    /// What would decide if the guard let it, for tools that explain and compare. It is only lent, and cannot be copied:
    /// nothing can be put in force by it.
    pub fn trial(&self) -> &Policy {
        &self.0
    }

    /// For the guard alone.
    pub(crate) fn into_guarded(self) -> Policy {
        self.0
    }
}

impl Policy {
    /// Reads and checks all files for the node of `region`, and lets the guard judge the overlay. `past` are the
    /// distrusts that this province applied before.
    ///
    /// # Errors
    /// Everything that is wrong with the files; else all that reaches too far.
    pub fn load(
        region: RegionCode,
        vocabulary: Source<'_>,
        baseline: Source<'_>,
        overlay: Option<Source<'_>>,
        past: &[PastDistrust],
    ) -> Result<Self, LoadError> {
        Ok(Draft::load(region, vocabulary, baseline, overlay)?.guard(past)?)
    }
}

/// What cannot be compared is reported, and is a load error.
fn compared(
    vocabulary: &Vocabulary,
    baseline: &Baseline,
    overlay: Option<&Overlay>,
    sink: Option<&mut Sink<'_>>,
) -> Comparison {
    let (Some(overlay), Some(sink)) = (overlay, sink) else { return Comparison::default() };
    compare(&Space::new(baseline, vocabulary), baseline, overlay).unwrap_or_else(|too_complex| {
        for rule in too_complex {
            sink.report(Code::TooComplex, rule.id_span, [(*rule.id).into()]);
        }
        Comparison::default()
    })
}

fn gather(national: Sink<'_>, provincial: Option<Sink<'_>>) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    diagnostics.append(national);
    if let Some(sink) = provincial {
        diagnostics.append(sink);
    }
    diagnostics
}
