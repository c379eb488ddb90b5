//! By what a node judges: policy, places, risk areas and the references to them, as one snapshot.
//!
//! A request loads the snapshot once and keeps it to its end, so that no decision mixes two versions. A new snapshot
//! replaces the whole; nothing inside one ever changes.

use std::sync::Arc;

use huxin_attest::RegionCode;
use huxin_identity::Membership;
use huxin_trust_policy::{DepartmentCategory, Places, Policy, RiskAreas};
use huxin_wire::v1;

/// What one request is judged by.
pub struct Rules {
    /// The trust policy in force.
    pub policy: Arc<Policy>,
    /// The places in force.
    pub places: Arc<Places>,
    /// The risk areas in force.
    pub risk_areas: Arc<RiskAreas>,
    /// The files that these were read from, as decisions name them.
    pub references: References,
}

/// The files in force, in the two forms that decisions need.
#[derive(Clone)]
pub struct References {
    /// For messages: baseline, overlay, vocabulary, risk areas.
    pub message: Vec<v1::FileReference>,
    /// For the log.
    pub log: huxin_ledger::public::PolicyRefs,
    /// Is an overlay in force that nothing compared with the baseline?
    pub unguarded: bool,
}

impl Rules {
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
}
