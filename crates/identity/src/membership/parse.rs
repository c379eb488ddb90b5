//! From the text of `federation.toml` to a [`Membership`]: one function a table.

use huxin_attest::{Digest, KeyId, Kind, PublicKey, RegionCode, UnixMs, sha256};

use super::{
    CrlSource, Department, Index, ListSigner, Log, Member, Membership, MembershipError, Pin, PolicySigner,
    PolicySigners, StatementKey, Supervisor, check,
};
use crate::duration;
use crate::files::FileSource;
use crate::pki::keys::parse_public;
use crate::reader::{self, Table};

const MAX_MEMBERS: usize = 64;
const MAX_SUPERVISORS: usize = 16;
const MAX_DEPARTMENTS: usize = 1024;
const MAX_KEYS: usize = 32;
const MAX_ROOTS: usize = 8;
const MAX_ENDPOINTS: usize = 16;
const MAX_LOGS: u32 = 64;
const MAX_SIGNERS: usize = 32;
/// Who signs one province's overlays, at most.
const MAX_POLICY_SIGNERS: usize = 16;

impl Membership {
    /// Reads the text of a list; `files` holds the roots that it names.
    ///
    /// # Errors
    /// Everything that is wrong, by line. Whether the list has expired is not asked here.
    pub fn parse(text: &str, files: &dyn FileSource) -> Result<Self, MembershipError> {
        let mut list =
            reader::read(text, |root| membership(root, files)).map_err(MembershipError::Invalid)?;
        list.sha256 = sha256(&[text.as_bytes()]);
        list.index = Index::new(&list.members, &list.supervisors);
        Ok(list)
    }
}

fn membership(root: &mut Table<'_>, files: &dyn FileSource) -> Option<Membership> {
    let format = root.integer("format", 1..=1);
    let version = root.integer("version", 1..=u32::MAX);
    let expires = root.time("expires");
    let signers = root.tables("signers", 1..=MAX_SIGNERS, signer);
    let threshold = root.integer("threshold", 1..=u32::MAX);
    check::threshold(root, threshold, signers.as_deref().map(<[_]>::len));
    let baseline = root.table("baseline", pin);
    let vocabulary = root.table("vocabulary", pin);
    let risk_area_keys = root.table("risk_areas", |table| table.list_with("keys", 1..=MAX_SIGNERS, public));
    let members = root.tables("member", 1..=MAX_MEMBERS, |table| member(table, files));
    let supervisors = root.tables_if_any("supervisor", 0..=MAX_SUPERVISORS, |table| supervisor(table, files));
    if let (Some(members), Some(supervisors)) = (&members, &supervisors) {
        check::supervised(root, members, supervisors);
    }
    format?;
    Some(Membership {
        version: version?,
        expires: expires?,
        sha256: Digest::default(),
        threshold: threshold?,
        signers: signers?,
        baseline: baseline?,
        vocabulary: vocabulary?,
        risk_area_keys: risk_area_keys?,
        members: members?,
        supervisors: supervisors?,
        index: Index::default(),
    })
}

fn signer(table: &mut Table<'_>) -> Option<ListSigner> {
    let id = table.text_with("id", kid);
    let key = table.text_with("key", public);
    check::key_id(table, "id", id, key.as_ref());
    Some(ListSigner { id: id?, key: key? })
}

fn pin(table: &mut Table<'_>) -> Option<Pin> {
    let id = table.text_with("id", check::document_id);
    let version = table.integer("version", 1..=u32::MAX);
    let sha256 = table.text_with("sha256", |text| {
        Digest::from_hex(text).ok_or_else(|| "not SHA-256: 64 hexadecimal digits".into())
    });
    Some(Pin { id: id?, version: version?, sha256: sha256? })
}

fn member(table: &mut Table<'_>, files: &dyn FileSource) -> Option<Member> {
    let region: Option<RegionCode> = table.text("region");
    let trust_domain = table.text("trust_domain");
    let roots = table.list("roots", 1..=MAX_ROOTS);
    let roots = check::roots(table, roots, trust_domain.as_ref(), files);
    let endpoints = table.list("endpoints", 1..=MAX_ENDPOINTS);
    let crl = table.table("crl", crl);
    let max_logs = table.integer("max_logs", 1..=MAX_LOGS);
    let logs = table.tables("logs", 1..=usize::try_from(MAX_LOGS).unwrap_or(1), |table| {
        let origin = table.text_with("origin", |text| check::origin(text, trust_domain.as_ref()));
        let vkey = table.text_with("vkey", |text| check::vkey(text, origin.as_deref()));
        let log = Log { origin: origin?, vkey: vkey? };
        table.once("origin", "origin", &log.origin);
        Some(log)
    });
    check::log_count(table, max_logs, logs.as_deref());
    let departments = table.tables("department", 1..=MAX_DEPARTMENTS, department);
    check::department_names(table, departments.as_deref());
    let policy = table.if_any("policy", |table, key| table.table(key, policy_signers));
    if let Some(region) = region {
        table.once("region", "region", region);
    }
    if let Some(trust_domain) = &trust_domain {
        table.once("trust_domain", "trust domain", trust_domain);
    }
    Some(Member {
        region: region?,
        trust_domain: trust_domain?,
        roots: roots?,
        endpoints: endpoints?,
        crl: crl?,
        max_logs: max_logs?,
        logs: logs?,
        departments: departments?,
        policy: policy?,
    })
}

fn policy_signers(table: &mut Table<'_>) -> Option<PolicySigners> {
    let signers = table.tables("signers", 1..=MAX_POLICY_SIGNERS, policy_signer);
    let threshold = table.integer("threshold", 1..=u32::MAX);
    check::threshold(table, threshold, signers.as_deref().map(<[_]>::len));
    check::signer_ids(table, signers.as_deref());
    Some(PolicySigners { threshold: threshold?, signers: signers? })
}

fn policy_signer(table: &mut Table<'_>) -> Option<PolicySigner> {
    let id = table.text("id");
    let key = table.text_with("key", public);
    if let Some(key) = &key {
        // One who held two keys could sign for two.
        table.once("key", "key id", key.id());
    }
    let (from, until) = validity(table);
    Some(PolicySigner { id: id?, key: key?, from: from?, until: until? })
}

fn department(table: &mut Table<'_>) -> Option<Department> {
    let name = table.text("name");
    let category = table.text("category");
    let may_state = table.list::<Kind>("may_state", 0..=16);
    let may_assign = table.list("may_assign", 0..=16);
    let keys = table.tables("keys", 0..=MAX_KEYS, statement_key);
    Some(Department {
        name: name?,
        category: category?,
        may_state: may_state?.into_iter().collect(),
        may_assign: may_assign?,
        keys: keys?,
    })
}

fn statement_key(table: &mut Table<'_>) -> Option<StatementKey> {
    let kid = table.text_with("kid", kid);
    let public = table.text_with("public", public);
    let (from, until) = validity(table);
    check::key_id(table, "kid", kid, public.as_ref());
    Some(StatementKey { public: public?, from: from?, until: until? })
}

/// From when until when a key holds.
fn validity(table: &mut Table<'_>) -> (Option<UnixMs>, Option<UnixMs>) {
    let (from, until) = (table.time("from"), table.time("until"));
    if let (Some(from), Some(until)) = (from, until)
        && from >= until
    {
        table.complain("until", "must be later than from");
    }
    (from, until)
}

fn supervisor(table: &mut Table<'_>, files: &dyn FileSource) -> Option<Supervisor> {
    let trust_domain = table.text("trust_domain");
    let roots = table.list("roots", 1..=MAX_ROOTS);
    let roots = check::roots(table, roots, trust_domain.as_ref(), files);
    let crl = table.table("crl", crl);
    let regions = table.list("regions", 1..=MAX_MEMBERS);
    if let Some(trust_domain) = &trust_domain {
        table.once("trust_domain", "trust domain", trust_domain);
    }
    Some(Supervisor { trust_domain: trust_domain?, roots: roots?, crl: crl?, regions: regions? })
}

fn crl(table: &mut Table<'_>) -> Option<CrlSource> {
    let file = table.text("file");
    let max_age_ms = table.text_with("max_age", duration::parse_ms);
    Some(CrlSource { file: file?, max_age_ms: max_age_ms? })
}

fn kid(text: &str) -> Result<KeyId, String> {
    KeyId::from_hex(text).ok_or_else(|| "not a key id: 16 hexadecimal digits".into())
}

fn public(text: &str) -> Result<PublicKey, String> {
    parse_public(text).ok_or_else(|| "not an Ed25519 public key: 32 bytes in base64".into())
}
