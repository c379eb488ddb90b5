//! The description of an example PKI: provinces, their departments and who works there, in TOML. It holds no key.

use huxin_attest::{DepartmentName, Kind, Kinds, RegionCode, Term};

use super::PkiError;
use super::leaf::Host;
use crate::duration;
use crate::name::{Name, TrustDomain};
use crate::reader::{self, Table};

/// What to generate.
#[derive(Debug, Clone)]
pub struct Description {
    /// How long things are valid.
    pub validity: Lifetimes,
    /// The version of the membership list, from 1.
    pub version: u32,
    /// Who signs the next membership list, by name.
    pub signers: Vec<Name>,
    /// How many of them must.
    pub threshold: u32,
    /// Who signs risk-area lists, by name.
    pub risk_area_signers: Vec<Name>,
    /// The provinces.
    pub provinces: Vec<Province>,
    /// The supervisors.
    pub supervisors: Vec<Supervision>,
}

/// How long things are valid, in milliseconds from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// Authorities.
    pub authority_ms: i64,
    /// Parties' certificates.
    pub certificate_ms: i64,
    /// Revocation lists, until `nextUpdate`.
    pub crl_ms: i64,
    /// The greatest age at which members accept a revocation list.
    pub crl_max_age_ms: i64,
    /// Statement keys, counted both ways from now, so that an example's clock may be set back.
    pub statement_key_ms: i64,
    /// The membership list.
    pub membership_ms: i64,
}

/// A province.
#[derive(Debug, Clone)]
pub struct Province {
    /// Its code.
    pub region: RegionCode,
    /// The name of its folder, such as `hb`.
    pub short: Name,
    /// Its trust domain.
    pub trust_domain: TrustDomain,
    /// The node's name.
    pub node: Name,
    /// Hosts that the node's certificate names beside those of its endpoints.
    pub hosts: Vec<Host>,
    /// Its operators.
    pub operators: Vec<Name>,
    /// Who signs its overlays, if anybody may.
    pub policy: Option<PolicyDescription>,
    /// Its departments.
    pub departments: Vec<DepartmentDescription>,
}

/// Who signs a province's overlays; each gets a key.
#[derive(Debug, Clone)]
pub struct PolicyDescription {
    /// How many of them must.
    pub threshold: u32,
    /// Their ids.
    pub signers: Vec<Name>,
}

/// A department.
#[derive(Debug, Clone)]
pub struct DepartmentDescription {
    /// Its name.
    pub name: DepartmentName,
    /// Its category in the vocabulary.
    pub category: Term,
    /// The kinds that it may state; if any, it gets a statement key.
    pub may_state: Kinds,
    /// The roles in which it may assign a code.
    pub may_assign: Vec<Term>,
    /// Its programs; each gets a certificate.
    pub apps: Vec<Name>,
}

/// A supervisor's trust domain.
#[derive(Debug, Clone)]
pub struct Supervision {
    /// The name of its folder.
    pub short: Name,
    /// Its trust domain.
    pub trust_domain: TrustDomain,
    /// Whose logs it may read.
    pub regions: Vec<RegionCode>,
    /// Who supervises; each gets a certificate.
    pub names: Vec<Name>,
}

impl Description {
    /// Reads a description.
    ///
    /// # Errors
    /// Everything that is wrong, by line.
    pub fn parse(text: &str) -> Result<Self, PkiError> {
        reader::read(text, description).map_err(PkiError::Description)
    }
}

fn description(root: &mut Table<'_>) -> Option<Description> {
    let format = root.integer("format", 1..=1);
    let validity = root.table("validity", lifetimes);
    let federation = root.table("federation", |table| {
        let version = table.integer("version", 1..=u32::MAX);
        let signers = table.list("signers", 1..=16);
        let threshold = table.integer("threshold", 1..=16);
        let risk_area_signers = table.list("risk_area_signers", 1..=16);
        let (signers, threshold) = (signers?, threshold?);
        reachable(table, threshold, &signers);
        Some((version?, signers, threshold, risk_area_signers?))
    });
    let provinces = root.tables("province", 1..=64, province);
    let supervisors = root.tables_if_any("supervisor", 0..=16, supervision);
    format?;
    let (version, signers, threshold, risk_area_signers) = federation?;
    Some(Description {
        validity: validity?,
        version,
        signers,
        threshold,
        risk_area_signers,
        provinces: provinces?,
        supervisors: supervisors?,
    })
}

fn reachable(table: &Table<'_>, threshold: u32, signers: &[Name]) {
    if usize::try_from(threshold).is_ok_and(|threshold| threshold > signers.len()) {
        table.complain("threshold", "is greater than the number of signers");
    }
}

fn lifetimes(table: &mut Table<'_>) -> Option<Lifetimes> {
    let authority_ms = table.text_with("authority", duration::parse_ms);
    let certificate_ms = table.text_with("certificate", duration::parse_ms);
    let crl_ms = table.text_with("crl", duration::parse_ms);
    let crl_max_age_ms = table.text_with("crl_max_age", duration::parse_ms);
    let statement_key_ms = table.text_with("statement_key", duration::parse_ms);
    let membership_ms = table.text_with("membership", duration::parse_ms);
    Some(Lifetimes {
        authority_ms: authority_ms?,
        certificate_ms: certificate_ms?,
        crl_ms: crl_ms?,
        crl_max_age_ms: crl_max_age_ms?,
        statement_key_ms: statement_key_ms?,
        membership_ms: membership_ms?,
    })
}

fn province(table: &mut Table<'_>) -> Option<Province> {
    let region: Option<RegionCode> = table.text("region");
    let (short, trust_domain) = folder_and_trust_domain(table);
    let node = table.text("node");
    let hosts = table.list_with("hosts", 0..=16, |text| {
        Host::parse(text).ok_or_else(|| "not a host name or an IP address".into())
    });
    let operators = table.list("operators", 0..=64);
    let policy = table.if_any("policy", |table, key| table.table(key, policy));
    let departments = table.tables("department", 1..=256, department);
    if let Some(region) = region {
        table.once("region", "region", region);
    }
    Some(Province {
        region: region?,
        short: short?,
        trust_domain: trust_domain?,
        node: node?,
        hosts: hosts?,
        operators: operators?,
        policy: policy?,
        departments: departments?,
    })
}

fn policy(table: &mut Table<'_>) -> Option<PolicyDescription> {
    let threshold = table.integer("threshold", 1..=16);
    let signers = table.list("signers", 1..=16);
    let (threshold, signers) = (threshold?, signers?);
    reachable(table, threshold, &signers);
    Some(PolicyDescription { threshold, signers })
}

fn department(table: &mut Table<'_>) -> Option<DepartmentDescription> {
    let name = table.text("name");
    let category = table.text("category");
    let may_state = table.list::<Kind>("may_state", 0..=16);
    let may_assign = table.list("may_assign", 0..=16);
    let apps = table.list("apps", 0..=64);
    Some(DepartmentDescription {
        name: name?,
        category: category?,
        may_state: may_state?.into_iter().collect(),
        may_assign: may_assign?,
        apps: apps?,
    })
}

fn supervision(table: &mut Table<'_>) -> Option<Supervision> {
    let (short, trust_domain) = folder_and_trust_domain(table);
    let regions = table.list("regions", 1..=64);
    let names = table.list("names", 1..=64);
    Some(Supervision { short: short?, trust_domain: trust_domain?, regions: regions?, names: names? })
}

fn folder_and_trust_domain(table: &mut Table<'_>) -> (Option<Name>, Option<TrustDomain>) {
    let short: Option<Name> = table.text("short");
    let trust_domain: Option<TrustDomain> = table.text("trust_domain");
    if let Some(short) = &short {
        table.once("short", "folder", short);
        if matches!(short.as_str(), super::example::FEDERATION | super::example::SIGNERS) {
            table.complain("short", "is the name of a folder that is made anyway; choose another");
        }
    }
    if let Some(trust_domain) = &trust_domain {
        table.once("trust_domain", "trust domain", trust_domain);
    }
    (short, trust_domain)
}
