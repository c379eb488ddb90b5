//! Generates an example PKI from its description: everything that the provinces of an exercise need to find and believe each other
//! on one machine. Not for real use: here one program holds the keys of all.
//!
//! ```text
//! <out>/federation/   federation.toml, <short>.pem, <short>.crl        what every member receives
//! <out>/signers/      list-<name>.key, risk-areas-<name>.key           who signs lists
//! <out>/<short>/      ca.pem ca.key, node.pem node.key, log.key, operator-<name>.pem|.key,
//!                     department-<name>.pem|.key, statement-<department>.key|.pub,
//!                     policy-<id>.key, app-<department>-<name>.pem|.key, supervisor-<name>.pem|.key
//! ```

mod list;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use huxin_attest::{DepartmentName, PublicKey, Random, RegionCode, UnixMs};

use super::description::{DepartmentDescription, Description, Lifetimes, Province, Supervision};
use super::keys::{new_key, public_text};
use super::leaf::Host;
use super::write::{write_public, write_secret};
use super::{Ca, PkiError, Validity};
use crate::endpoint::Endpoint;
use crate::membership::{FILE, Membership, Pin};
use crate::name::{Name, TrustDomain};
use crate::spiffe::Role;

/// The folder of what every member receives.
pub const FEDERATION: &str = "federation";

/// The folder of the keys that sign lists.
pub const SIGNERS: &str = "signers";

/// Certificates begin an hour ago, for clocks that are behind.
const BACKDATE_MS: i64 = 3_600_000;

/// What the description leaves open.
pub struct Parameters<'a> {
    /// Where each province's nodes listen, at least one.
    pub endpoints: &'a BTreeMap<RegionCode, Vec<Endpoint>>,
    /// The national baseline.
    pub baseline: Pin,
    /// The vocabulary.
    pub vocabulary: Pin,
    /// The verifier key (C2SP signed-note) of a log from its origin and public key.
    pub vkey: &'a dyn Fn(&str, &PublicKey) -> String,
}

/// What was generated.
#[derive(Debug)]
pub struct Generated {
    /// The membership list, read back.
    pub membership: Membership,
    /// Its file.
    pub federation_file: PathBuf,
}

/// The files of a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyFiles {
    /// The certificate.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// A statement key as the membership list needs it.
struct Listed {
    department: DepartmentName,
    key: PublicKey,
}

/// Generates everything under `out`. Certificates are valid from `now`, which must be the real time.
///
/// # Errors
/// If a file exists already or cannot be written, a province has no endpoint, or the certificate library fails.
pub fn generate(
    description: &Description,
    out: &Path,
    now: UnixMs,
    parameters: &Parameters<'_>,
    random: &mut dyn Random,
) -> Result<Generated, PkiError> {
    let mut maker = Maker { out, now, lifetimes: description.validity, random };
    let mut text = maker.head(description, parameters)?;
    for province in &description.provinces {
        let endpoints = parameters.endpoints.get(&province.region).filter(|endpoints| !endpoints.is_empty());
        let endpoints = endpoints.ok_or(PkiError::NoEndpoint(province.region))?;
        text += &maker.province(province, endpoints, parameters)?;
    }
    for supervisor in &description.supervisors {
        text += &maker.supervisor(supervisor)?;
    }
    let federation_file = out.join(FEDERATION).join(FILE);
    write_public(&federation_file, &text)?;
    Ok(Generated { membership: Membership::load(&federation_file)?, federation_file })
}

struct Maker<'a> {
    out: &'a Path,
    now: UnixMs,
    lifetimes: Lifetimes,
    random: &'a mut dyn Random,
}

impl Maker<'_> {
    fn head(&mut self, description: &Description, parameters: &Parameters<'_>) -> Result<String, PkiError> {
        let signers = self.signers("list", &description.signers)?;
        let risk_areas = self.signers("risk-areas", &description.risk_area_signers)?;
        let expires = self.now.saturating_add_ms(self.lifetimes.membership_ms);
        Ok(list::head(description, expires, &signers, &risk_areas, parameters))
    }

    fn signers(&mut self, what: &str, names: &[Name]) -> Result<Vec<PublicKey>, PkiError> {
        let folder = self.out.join(SIGNERS);
        let mut make = |name: &Name| {
            let new = new_key(self.random)?;
            write_secret(&folder.join(format!("{what}-{name}.key")), &new.private_pem)?;
            Ok(new.public)
        };
        names.iter().map(&mut make).collect()
    }

    fn province(
        &mut self,
        province: &Province,
        endpoints: &[Endpoint],
        parameters: &Parameters<'_>,
    ) -> Result<String, PkiError> {
        let ca = self.authority(&province.short, &province.trust_domain)?;
        let folder = self.out.join(province.short.as_str());
        let mut hosts: Vec<Host> =
            endpoints.iter().map(Host::from).chain(province.hosts.iter().cloned()).collect();
        hosts.sort();
        hosts.dedup();
        self.party(&ca, &folder, Role::Node(province.node.clone()), &hosts)?;
        for name in &province.operators {
            self.party(&ca, &folder, Role::Operator(name.clone()), &[])?;
        }
        let mut keys = Vec::new();
        for department in &province.departments {
            keys.extend(self.department(&ca, department, &folder)?);
        }
        let mut policy_keys = Vec::new();
        for id in province.policy.iter().flat_map(|policy| &policy.signers) {
            let new = new_key(self.random)?;
            write_secret(&policy_key_file(&folder, id), &new.private_pem)?;
            policy_keys.push((id, new.public));
        }
        let log = new_key(self.random)?;
        write_secret(&folder.join("log.key"), &log.private_pem)?;
        let origin = format!("{}/log/0", province.trust_domain);
        let vkey = (parameters.vkey)(&origin, &log.public);
        let valid = self.statement_validity();
        Ok(list::member(province, endpoints, self.lifetimes, (&origin, &vkey), &policy_keys, &keys, valid))
    }

    fn department(
        &mut self,
        ca: &Ca,
        department: &DepartmentDescription,
        folder: &Path,
    ) -> Result<Option<Listed>, PkiError> {
        let name = department.name;
        for app in &department.apps {
            self.party(ca, folder, Role::App { department: name.into(), name: app.clone() }, &[])?;
        }
        self.party(ca, folder, Role::Department(name.into()), &[])?;
        if department.may_state.is_empty() {
            return Ok(None);
        }
        let new = new_key(self.random)?;
        write_secret(&folder.join(format!("statement-{name}.key")), &new.private_pem)?;
        let public = format!("{}\n", public_text(&new.public));
        write_public(&folder.join(format!("statement-{name}.pub")), &public)?;
        Ok(Some(Listed { department: name, key: new.public }))
    }

    fn supervisor(&mut self, supervision: &Supervision) -> Result<String, PkiError> {
        let ca = self.authority(&supervision.short, &supervision.trust_domain)?;
        let folder = self.out.join(supervision.short.as_str());
        for name in &supervision.names {
            self.party(&ca, &folder, Role::Supervisor(name.clone()), &[])?;
        }
        Ok(list::supervisor(supervision, self.lifetimes))
    }

    /// An authority with an empty revocation list, both published.
    fn authority(&mut self, short: &Name, trust_domain: &TrustDomain) -> Result<Ca, PkiError> {
        let ca = Ca::create(trust_domain.clone(), self.valid_for(self.lifetimes.authority_ms), self.random)?;
        let own = self.out.join(short.as_str());
        let published = self.out.join(FEDERATION);
        write_secret(&own.join("ca.key"), &ca.key_pem())?;
        write_public(&own.join("ca.pem"), ca.certificate_pem())?;
        write_public(&published.join(format!("{short}.pem")), ca.certificate_pem())?;
        // Not backdated: members compare its beginning with max_age.
        let valid = Validity { from: self.now, until: self.now.saturating_add_ms(self.lifetimes.crl_ms) };
        write_public(&published.join(format!("{short}.crl")), &ca.revocation_list(1, valid, &[])?)?;
        Ok(ca)
    }

    fn party(&mut self, ca: &Ca, folder: &Path, role: Role, hosts: &[Host]) -> Result<(), PkiError> {
        let files = party_files(folder, &role);
        let issued = ca.issue(role, hosts, self.valid_for(self.lifetimes.certificate_ms), self.random)?;
        write_secret(&files.key, &issued.key_pem)?;
        write_public(&files.certificate, &issued.certificate_pem)
    }

    fn valid_for(&self, ms: i64) -> Validity {
        Validity { from: self.now.saturating_add_ms(-BACKDATE_MS), until: self.now.saturating_add_ms(ms) }
    }

    fn statement_validity(&self) -> Validity {
        let ms = self.lifetimes.statement_key_ms;
        Validity { from: self.now.saturating_add_ms(-ms), until: self.now.saturating_add_ms(ms) }
    }
}

/// Where the key of one who signs a province's overlays stands in the folder of the province.
pub fn policy_key_file(folder: &Path, id: &Name) -> PathBuf {
    folder.join(format!("policy-{id}.key"))
}

/// Where a party's certificate and key stand in the folder of its province or supervisor.
pub fn party_files(folder: &Path, role: &Role) -> PartyFiles {
    let stem = match role {
        Role::Node(_) => "node".to_owned(),
        other => other.to_string().replace('/', "-"),
    };
    PartyFiles { certificate: folder.join(format!("{stem}.pem")), key: folder.join(format!("{stem}.key")) }
}
