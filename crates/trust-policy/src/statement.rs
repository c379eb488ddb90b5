//! A statement as a policy sees it: who says what, when, on what ground. No person is in it.
//!
//! Names are looked up in the vocabulary once, here, so that deciding compares small numbers only.

use huxin_attest::{Attestation, CodeStatus, Kind, RegionCode, TestResult, UnixMs, Verified};

use crate::grade::Grade;
use crate::policy::Policy;
use crate::terms::{AssignedFor, Assigner, DepartmentCategory, Evidence, ExamItem, ExamQuality, Set};

/// What the membership list says of a statement's signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listing {
    /// The category of the signing department; `None` if the list has none for it.
    pub category: Option<DepartmentCategory>,
    /// May the department state this kind?
    pub may_state: bool,
    /// Is the claimed assigner a department of the region, listed for the claimed role?
    pub assigner_may: bool,
}

/// How an appeal against a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Standing {
    /// No appeal is open.
    #[default]
    None,
    /// 已申诉: an appeal is open.
    Contested,
    /// 逾期未答复: an appeal is open and its answer overdue.
    Overdue,
}

/// One authentic statement, prepared for one policy. Use it with the policy that made it only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    pub(crate) kind: Kind,
    pub(crate) issuer: RegionCode,
    pub(crate) category: Option<DepartmentCategory>,
    pub(crate) may_state: bool,
    /// It repeats what another said (`hop` ≥ 1).
    pub(crate) copy: bool,
    pub(crate) grade: Option<Grade>,
    pub(crate) standing: Standing,
    pub(crate) assigner: Option<Assigner>,
    pub(crate) assigner_may: bool,
    pub(crate) assigned_for: Option<AssignedFor>,
    pub(crate) evidence: Set<Evidence>,
    pub(crate) result: Option<TestResult>,
    pub(crate) item: Option<ExamItem>,
    pub(crate) quality: Option<ExamQuality>,
    pub(crate) sampled_at: Option<UnixMs>,
    pub(crate) reported_at: Option<UnixMs>,
    pub(crate) checked_at: UnixMs,
    pub(crate) stated_at: UnixMs,
    pub(crate) valid_until: Option<UnixMs>,
}

impl Statement {
    /// What `policy` sees of an authentic statement. `checked_at` is the home node's registry read time, `standing`
    /// the state of an appeal, both from the answer. Words that the vocabulary does not list count as absent.
    pub fn from_verified(
        policy: &Policy,
        attestation: &Verified<Attestation>,
        listing: Listing,
        checked_at: UnixMs,
        standing: Standing,
    ) -> Self {
        let claims = &attestation.claims;
        let vocabulary = policy.vocabulary();
        let labels = [
            claims.status.map(CodeStatus::code),
            claims.native_label.as_ref().map(|label| label.as_str()),
            claims.local_reason.as_ref().map(|reason| reason.as_str()),
        ];
        let evidence =
            claims.evidence.iter().filter_map(|reference| vocabulary.find(reference.kind.as_str()));
        Self {
            kind: claims.kind,
            issuer: attestation.signer_region,
            category: listing.category,
            may_state: listing.may_state,
            copy: claims.hop > 0 || claims.region != attestation.signer_region,
            grade: policy.grade(claims.region, labels),
            standing,
            assigner: claims.assigner_role.as_ref().and_then(|role| vocabulary.find(role.as_str())),
            assigner_may: listing.assigner_may,
            assigned_for: claims.assigned_for.as_ref().and_then(|reason| vocabulary.find(reason.as_str())),
            evidence: evidence.collect(),
            result: claims.result,
            item: claims.item.as_ref().and_then(|item| vocabulary.find(item.as_str())),
            quality: claims.quality.as_ref().and_then(|quality| vocabulary.find(quality.as_str())),
            sampled_at: claims.sampled_at.map(|time| time.to_ms()),
            reported_at: claims.reported_at.map(|time| time.to_ms()),
            checked_at,
            stated_at: claims.stated_at.to_ms(),
            valid_until: claims.valid_until.map(|time| time.to_ms()),
        }
    }

    /// What it is about.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The region whose department signed it.
    pub fn issuer(&self) -> RegionCode {
        self.issuer
    }

    /// The grade of a code: the worst of status, native label and local reason that map; `None` if none does.
    pub fn grade(&self) -> Option<Grade> {
        self.grade
    }

    /// When the event was: the newest counts among several.
    pub(crate) fn event_at(&self) -> UnixMs {
        self.sampled_at.or(self.reported_at).unwrap_or(self.stated_at)
    }
}
