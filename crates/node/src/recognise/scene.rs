//! Where a question is asked: read from the certificate and the files that officials keep, never from the caller's word.

use std::sync::Arc;

use huxin_attest::{AreaCode, UnixMs};
use huxin_identity::PeerIdentity;
use huxin_trust_policy::Situation;
use huxin_wire::{Failure, Reason};

use crate::rules::Rules;
use crate::shared::Shared;

/// The scene of one request.
pub struct Scene {
    /// The rules in force when the request came: it is judged by them to its end.
    pub rules: Arc<Rules>,
    /// The one clock reading by which it is judged.
    pub now: UnixMs,
    /// What selects the rule.
    pub situation: Situation,
    /// The purpose's name.
    pub purpose: String,
    /// Where the holder says to come from: a declaration, logged as such.
    pub origin_area: Option<AreaCode>,
    /// The department that answers for the app.
    pub department: String,
    /// The app.
    pub app: Arc<str>,
}

impl Scene {
    /// Sets the scene.
    ///
    /// # Errors
    /// If the place is unknown or not the app's, the purpose is not the place's, or the membership list does not name
    /// the app's department.
    pub fn set(
        shared: &Shared,
        caller: &PeerIdentity,
        place_id: &str,
        purpose: &str,
        origin_area: Option<AreaCode>,
        now: UnixMs,
    ) -> Result<Self, Failure> {
        let rules = shared.rules.load_full();
        let entry = rules.places.find(place_id).ok_or(Reason::PlaceUnknown)?;
        if !entry.apps.contains(&*caller.uri) {
            return Err(Reason::PlaceNotBound.into());
        }
        let known = rules.policy.vocabulary().purpose(purpose).ok_or(Reason::PurposeUnknown)?;
        if !entry.purposes.contains(known) {
            return Err(Reason::PurposeNotAllowed.into());
        }
        let department = caller.id.role.department().map(ToString::to_string).ok_or(Reason::RpcNotAllowed)?;
        if rules.department_category(&shared.membership, shared.region, &department).is_none() {
            return Err(Reason::DepartmentNotListed.into());
        }
        let risks = &rules.risk_areas;
        let situation = Situation {
            purpose: known,
            place: Some(entry.place),
            area: Some(entry.area),
            here_risk: risks.risk_of(Some(entry.area), now),
            from_risk: risks.risk_of(origin_area, now),
        };
        let app = Arc::clone(&caller.uri);
        Ok(Self { rules, now, situation, purpose: purpose.to_owned(), origin_area, department, app })
    }
}
