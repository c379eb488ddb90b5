//! By what a node judges: policy, places, risk areas and the references to them, as one snapshot.
//!
//! A request loads the snapshot once and keeps it to its end, so that no decision mixes two versions. A new snapshot
//! replaces the whole; nothing inside one ever changes. How a new one comes into force is [`reload`].

pub mod ends;
mod files;
mod kept;
mod problems;
pub mod publish;
pub mod reload;
#[cfg(test)]
pub mod testing;

use std::sync::Arc;

use huxin_attest::{Attestation, RegionCode, UnixMs};
use huxin_identity::Membership;
use huxin_ledger::public::{BadLabel, Label, PolicyRef, PolicyRefs};
use huxin_trust_policy::{
    DepartmentCategory, FileValidity, Listing, Phase, Places, Policy, Reference, RiskAreas,
};
use huxin_wire::v1;

pub use files::{InForceText, OverlayText, PolicyFiles};
pub use kept::Kept;

/// What one request is judged by.
pub struct Rules {
    /// The trust policy in force.
    pub policy: Arc<Policy>,
    /// What it was read from.
    pub files: Arc<PolicyFiles>,
    /// The places in force.
    pub places: Arc<Places>,
    /// The file that they were read from; it has no version of its own, so that it says 0.
    pub places_file: Reference,
    /// The risk areas in force.
    pub risk_areas: Arc<RiskAreas>,
    /// The list that they were read from.
    pub risk_areas_file: Reference,
    /// The files of a decision, in the forms that decisions need.
    pub references: References,
}

/// The policy files in force at one time or another, in the two forms that decisions need.
pub struct References {
    alone: Named,
    overlaid: Option<(FileValidity, Named)>,
}

/// The policy files that a decision rests on.
pub struct Named {
    /// For messages: baseline, overlay, vocabulary, risk areas.
    pub message: Vec<v1::FileReference>,
    /// For the log.
    pub log: PolicyRefs,
}

/// A file of the rules, by its stable name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The national baseline.
    Baseline,
    /// This province's overlay.
    Overlay,
    /// The vocabulary.
    Vocabulary,
    /// The places.
    Places,
    /// The risk areas.
    RiskAreas,
}

impl What {
    /// All files.
    pub const ALL: [Self; 5] =
        [Self::Baseline, Self::Overlay, Self::Vocabulary, Self::Places, Self::RiskAreas];

    /// The stable name, as the log holds it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Overlay => "overlay",
            Self::Vocabulary => "vocabulary",
            Self::Places => "places",
            Self::RiskAreas => "risk_areas",
        }
    }
}

impl Rules {
    /// Puts together what was read.
    ///
    /// # Errors
    /// If an id cannot be logged.
    pub fn new(
        (policy, files): (Arc<Policy>, Arc<PolicyFiles>),
        places: (Arc<Places>, Reference),
        risk_areas: (Arc<RiskAreas>, Reference),
    ) -> Result<Self, BadLabel> {
        let ((places, places_file), (risk_areas, risk_areas_file)) = (places, risk_areas);
        let references = References::new(&policy, &risk_areas_file)?;
        Ok(Self { policy, files, places, places_file, risk_areas, risk_areas_file, references })
    }

    /// Every file in force.
    pub fn files(&self) -> Vec<(What, &Reference)> {
        let policy = self.policy.references();
        let files = [
            (What::Baseline, Some(&policy.baseline)),
            (What::Overlay, policy.overlay.as_ref()),
            (What::Vocabulary, Some(&policy.vocabulary)),
            (What::Places, Some(&self.places_file)),
            (What::RiskAreas, Some(&self.risk_areas_file)),
        ];
        files.into_iter().filter_map(|(what, file)| Some((what, file?))).collect()
    }

    /// The category that the membership list gives a department of a region; `None` if it does not list it, or the
    /// vocabulary has no such category.
    pub fn department_category(
        &self,
        membership: &Membership,
        region: RegionCode,
        department: &str,
    ) -> Option<DepartmentCategory> {
        let listed = membership.department(region, department)?;
        self.policy.vocabulary().department(listed.category.as_str())
    }

    /// What the membership list says of a statement's signer.
    pub fn listing(&self, membership: &Membership, attestation: &Attestation) -> Listing {
        let Attestation { claims, signer_region, signer_department, .. } = attestation;
        let Some(department) = membership.department(*signer_region, signer_department.as_str()) else {
            return Listing { category: None, may_state: false, assigner_may: false };
        };
        let assigner_may = match (&claims.assigner, &claims.assigner_role) {
            (Some(assigner), Some(role)) => membership
                .department(*signer_region, assigner.as_str())
                .is_some_and(|assigner| assigner.may_assign(role.as_str())),
            _ => false,
        };
        Listing {
            category: self.policy.vocabulary().department(department.category.as_str()),
            may_state: department.may_state.contains(claims.kind),
            assigner_may,
        }
    }
}

impl References {
    fn new(policy: &Policy, risk_areas: &Reference) -> Result<Self, BadLabel> {
        let files = policy.references();
        // The validity is the file's; at which time it is asked for matters to the phase alone.
        let validity = policy.validity(UnixMs::default()).overlay;
        let overlaid = match (validity, &files.overlay) {
            (Some(validity), Some(overlay)) => {
                Some((validity, Named::new(policy, Some(overlay), risk_areas)?))
            }
            _ => None,
        };
        Ok(Self { alone: Named::new(policy, None, risk_areas)?, overlaid })
    }

    /// What a decision at `now` rests on: an overlay that has not begun or has ended is no part of it.
    pub fn at(&self, now: UnixMs) -> &Named {
        let overlaid = self.overlaid.as_ref().filter(|(validity, _)| phase(validity, now) == Phase::InForce);
        overlaid.map_or(&self.alone, |(_, named)| named)
    }
}

/// Where `now` lies in a validity that was read at another time.
fn phase(validity: &FileValidity, now: UnixMs) -> Phase {
    match now {
        now if now < validity.from => Phase::NotYet,
        now if now < validity.until => Phase::InForce,
        _ => Phase::Expired,
    }
}

impl Named {
    fn new(policy: &Policy, overlay: Option<&Reference>, risk_areas: &Reference) -> Result<Self, BadLabel> {
        let files = policy.references();
        let named = [Some(&files.baseline), overlay, Some(&files.vocabulary), Some(risk_areas)];
        let log = PolicyRefs {
            baseline: logged(&files.baseline)?,
            overlay: overlay.map(logged).transpose()?,
            vocabulary: logged(&files.vocabulary)?,
        };
        Ok(Self { message: named.into_iter().flatten().map(message).collect(), log })
    }
}

/// A reference as messages hold it.
pub fn message(file: &Reference) -> v1::FileReference {
    v1::FileReference {
        id: file.id.to_string(),
        version: file.version.into(),
        sha256: file.sha256.0.to_vec().into(),
    }
}

fn logged(file: &Reference) -> Result<PolicyRef, BadLabel> {
    Ok(PolicyRef { id: Label::new(&file.id)?, version: file.version.into(), digest: file.sha256 })
}
