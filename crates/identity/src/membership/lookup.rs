//! What the membership list answers.

use huxin_attest::{Digest, KeyDirectory, KeyId, ListedKey, PublicKey, RegionCode, UnixMs};

use super::{
    Department, Index, ListSigner, Log, Member, Membership, Party, Pin, PolicySigners, StatementKey,
    Supervisor,
};
use crate::name::TrustDomain;

impl Membership {
    /// The list's version; only a greater one may replace it.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The end of the list, exclusive: from then on nobody is believed.
    pub const fn expires(&self) -> UnixMs {
        self.expires
    }

    /// SHA-256 of the list's exact bytes.
    pub const fn sha256(&self) -> Digest {
        self.sha256
    }

    /// How many of [`Self::signers`] must have signed the next version.
    pub const fn threshold(&self) -> u32 {
        self.threshold
    }

    /// Who signs the next version.
    pub fn signers(&self) -> &[ListSigner] {
        &self.signers
    }

    /// The national baseline in force.
    pub const fn baseline(&self) -> &Pin {
        &self.baseline
    }

    /// The vocabulary in force.
    pub const fn vocabulary(&self) -> &Pin {
        &self.vocabulary
    }

    /// The keys that sign risk-area lists.
    pub fn risk_area_keys(&self) -> &[PublicKey] {
        &self.risk_area_keys
    }

    /// Every member, in the order of the list.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Every supervisor, in the order of the list.
    pub fn supervisors(&self) -> &[Supervisor] {
        &self.supervisors
    }

    /// The member with this code.
    pub fn member(&self, region: RegionCode) -> Option<&Member> {
        self.members.get(*self.index.regions.get(&region)?)
    }

    /// The member with this trust domain; `None` for a supervisor's.
    pub fn member_by_trust_domain(&self, trust_domain: &TrustDomain) -> Option<&Member> {
        match self.index.trust_domains.get(trust_domain)? {
            Party::Member(at) => self.members.get(*at),
            Party::Supervisor(_) => None,
        }
    }

    /// The supervisor with this trust domain.
    pub fn supervisor(&self, trust_domain: &TrustDomain) -> Option<&Supervisor> {
        match self.index.trust_domains.get(trust_domain)? {
            Party::Supervisor(at) => self.supervisors.get(*at),
            Party::Member(_) => None,
        }
    }

    /// The department of a member by its name.
    pub fn department(&self, region: RegionCode, name: &str) -> Option<&Department> {
        self.member(region)?.department(name)
    }

    /// Who signs the overlays of a member; `None` if nobody may, or it is no member.
    pub fn policy_signers(&self, region: RegionCode) -> Option<&PolicySigners> {
        self.member(region)?.policy.as_ref()
    }

    /// Whose the log is, and the key of its checkpoints.
    pub fn log(&self, origin: &str) -> Option<(RegionCode, &str)> {
        let (member, log) = self.index.logs.get(origin)?;
        let member = self.members.get(*member)?;
        Some((member.region, &member.logs.get(*log)?.vkey))
    }

    /// The department of `region` that owns the key, and the key, whatever the time.
    pub fn listed_key(&self, region: RegionCode, kid: KeyId) -> Option<(&Department, &StatementKey)> {
        let (member, department, key) = self.index.keys.get(&(region, kid))?;
        let department = self.members.get(*member)?.departments.get(*department)?;
        Some((department, department.keys.get(*key)?))
    }
}

impl KeyDirectory for Membership {
    fn statement_key(&self, region: RegionCode, kid: KeyId) -> Option<ListedKey<'_>> {
        let (department, key) = self.listed_key(region, kid)?;
        Some(ListedKey {
            department: department.name.as_str(),
            key: &key.public,
            from: key.from,
            until: key.until,
        })
    }
}

impl Member {
    /// The department with this name.
    pub fn department(&self, name: &str) -> Option<&Department> {
        self.departments.iter().find(|department| department.name.as_str() == name)
    }

    /// The log with this origin.
    pub fn log(&self, origin: &str) -> Option<&Log> {
        self.logs.iter().find(|log| log.origin == origin)
    }
}

impl Department {
    /// May it assign a code in this role?
    pub fn may_assign(&self, role: &str) -> bool {
        self.may_assign.iter().any(|listed| listed.as_str() == role)
    }
}

impl Supervisor {
    /// May it read the logs of this province?
    pub fn supervises(&self, region: RegionCode) -> bool {
        self.regions.contains(&region)
    }
}

impl Index {
    pub(super) fn new(members: &[Member], supervisors: &[Supervisor]) -> Self {
        let mut index = Self::default();
        for (at, member) in members.iter().enumerate() {
            index.regions.insert(member.region, at);
            index.trust_domains.insert(member.trust_domain.clone(), Party::Member(at));
            for (log_at, log) in member.logs.iter().enumerate() {
                index.logs.insert(log.origin.clone(), (at, log_at));
            }
            for (department_at, department) in member.departments.iter().enumerate() {
                for (key_at, key) in department.keys.iter().enumerate() {
                    index.keys.insert((member.region, key.public.id()), (at, department_at, key_at));
                }
            }
        }
        for (at, supervisor) in supervisors.iter().enumerate() {
            index.trust_domains.insert(supervisor.trust_domain.clone(), Party::Supervisor(at));
        }
        index
    }
}
