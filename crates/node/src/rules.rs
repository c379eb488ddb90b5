//! By what a node judges: policy, places, risk areas and the references to them, as one snapshot.
//!
//! A request loads the snapshot once and keeps it to its end, so that no decision mixes two versions. A new snapshot
//! replaces the whole; nothing inside one ever changes. How a new one comes into force is [`reload`].

mod kept;
mod problems;
pub mod reload;

use std::sync::Arc;

use huxin_attest::{Attestation, RegionCode};
use huxin_identity::Membership;
use huxin_ledger::public::{BadLabel, Label, PolicyRef, PolicyRefs};
use huxin_trust_policy::{DepartmentCategory, Listing, Places, Policy, Reference, RiskAreas};
use huxin_wire::v1;

pub use kept::Kept;

/// What one request is judged by.
pub struct Rules {
    /// The trust policy in force.
    pub policy: Arc<Policy>,
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

/// The policy files in force, in the two forms that decisions need.
pub struct References {
    /// For messages: baseline, overlay, vocabulary, risk areas.
    pub message: Vec<v1::FileReference>,
    /// For the log.
    pub log: PolicyRefs,
    /// Is an overlay in force that nothing compared with the baseline?
    pub unguarded: bool,
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
        policy: Arc<Policy>,
        places: (Arc<Places>, Reference),
        risk_areas: (Arc<RiskAreas>, Reference),
    ) -> Result<Self, BadLabel> {
        let ((places, places_file), (risk_areas, risk_areas_file)) = (places, risk_areas);
        let files = policy.references();
        let (baseline, overlay, vocabulary) = (&files.baseline, files.overlay.as_ref(), &files.vocabulary);
        let named = [Some(baseline), overlay, Some(vocabulary), Some(&risk_areas_file)];
        let references = References {
            message: named.into_iter().flatten().map(message).collect(),
            log: PolicyRefs {
                baseline: logged(baseline)?,
                overlay: overlay.map(logged).transpose()?,
                vocabulary: logged(vocabulary)?,
            },
            unguarded: files.unguarded,
        };
        Ok(Self { policy, places, places_file, risk_areas, risk_areas_file, references })
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
