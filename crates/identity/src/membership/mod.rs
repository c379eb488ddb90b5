//! Who is a member: `federation.toml`, parsed into what cannot be wrong, and looked up.
//!
//! The list is data: whether its signatures suffice and whether its version only grows is judged where it is applied.
//! It never holds a private key. Revocation lists are named here and read by [`crate::trust`], since they change more
//! often than the list.

mod check;
mod lookup;
mod parse;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;

use huxin_attest::{DepartmentName, Digest, KeyId, Kinds, PublicKey, RegionCode, Term, UnixMs};
use rustls_pki_types::CertificateDer;

use crate::endpoint::Endpoint;
use crate::files::{FileName, Folder, read_bounded};
use crate::name::{Name, TrustDomain};
use crate::reader::Problem;

/// The name of the list's file.
pub const FILE: &str = "federation.toml";

/// The membership list in force.
#[derive(Debug, Clone)]
pub struct Membership {
    version: u32,
    expires: UnixMs,
    sha256: Digest,
    threshold: u32,
    signers: Vec<ListSigner>,
    baseline: Pin,
    vocabulary: Pin,
    risk_area_keys: Vec<PublicKey>,
    members: Vec<Member>,
    supervisors: Vec<Supervisor>,
    index: Index,
}

/// Where things stand in the lists of [`Membership`].
#[derive(Debug, Clone, Default)]
struct Index {
    regions: HashMap<RegionCode, usize>,
    trust_domains: HashMap<TrustDomain, Party>,
    /// (region, key) → (member, department, key).
    keys: HashMap<(RegionCode, KeyId), (usize, usize, usize)>,
    /// origin → (member, log).
    logs: HashMap<String, (usize, usize)>,
}

/// Whose a trust domain is, as a position in the lists of [`Membership`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Party {
    Member(usize),
    Supervisor(usize),
}

/// A key that signs the next version of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListSigner {
    /// The key's id: the first 8 bytes of SHA-256 of the public key.
    pub id: KeyId,
    /// The key.
    pub key: PublicKey,
}

/// A policy document in force, by its exact bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The document's id, such as `CN-BASE`: 1–64 of `A–Z 0–9 -`.
    pub id: String,
    /// Its version, from 1.
    pub version: u32,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
}

/// A province.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its code.
    pub region: RegionCode,
    /// Its trust domain, unique in the list.
    pub trust_domain: TrustDomain,
    /// Its certificate authorities: 1–8, pinned for this trust domain only.
    pub roots: Vec<CertificateDer<'static>>,
    /// Where its nodes listen: 1–16, in the order in which to try them.
    pub endpoints: Vec<Endpoint>,
    /// Its revocation list.
    pub crl: CrlSource,
    /// The most logs that it may run.
    pub max_logs: u32,
    /// Its logs, at least one.
    pub logs: Vec<Log>,
    /// Its departments, at least one.
    pub departments: Vec<Department>,
    /// Who signs its overlays; without anybody the baseline alone rules there.
    pub policy: Option<PolicySigners>,
}

/// Who signs a province's overlays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySigners {
    /// How many of them must have signed one: from 1 to their number.
    pub threshold: u32,
    /// The signers, 1–16.
    pub signers: Vec<PolicySigner>,
}

/// One who signs a province's overlays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySigner {
    /// The name under which it signs, unique in its province.
    pub id: Name,
    /// Its key, which no other signer and no department has.
    pub key: PublicKey,
    /// The beginning of its validity, inclusive.
    pub from: UnixMs,
    /// The end of its validity, exclusive.
    pub until: UnixMs,
}

/// Where a revocation list is read and how old it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrlSource {
    /// The file, beside the membership list.
    pub file: FileName,
    /// The most milliseconds since its `thisUpdate`.
    pub max_age_ms: i64,
}

/// A province's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The log's name: `<trust domain>/log/<n>` (C2SP tlog-checkpoint).
    pub origin: String,
    /// The key of its checkpoints (C2SP signed-note): `<origin>+<hash>+<key>`. Only the form is checked here.
    pub vkey: String,
}

/// A department of a province.
#[derive(Debug, Clone)]
pub struct Department {
    /// Its name, unique in its province; the `<name>` of its certificates.
    pub name: DepartmentName,
    /// Its category, a term of the vocabulary, such as `health`.
    pub category: Term,
    /// The kinds that it may state.
    pub may_state: Kinds,
    /// The roles in which it may assign a code, terms of the vocabulary, such as `cdc`.
    pub may_assign: Vec<Term>,
    /// The keys that it signs statements with.
    pub keys: Vec<StatementKey>,
}

/// A department's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementKey {
    /// The key; its id is the `kid` of statements.
    pub public: PublicKey,
    /// The beginning of its validity, inclusive.
    pub from: UnixMs,
    /// The end of its validity, exclusive.
    pub until: UnixMs,
}

/// A supervisor's trust domain.
#[derive(Debug, Clone)]
pub struct Supervisor {
    /// Its trust domain, unique in the list.
    pub trust_domain: TrustDomain,
    /// Its certificate authorities, pinned for this trust domain only.
    pub roots: Vec<CertificateDer<'static>>,
    /// Its revocation list.
    pub crl: CrlSource,
    /// The provinces whose logs it may read.
    pub regions: Vec<RegionCode>,
}

/// A membership list that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MembershipError {
    /// The file cannot be read.
    #[error("the membership list cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// Not UTF-8.
    #[error("the membership list is not UTF-8 text")]
    NotText,
    /// Everything that is wrong with the text, by line.
    #[error("the membership list is invalid:{}", lines(.0))]
    Invalid(Vec<Problem>),
}

impl MembershipError {
    /// Everything that is wrong with the text; empty if it could not be read at all.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Invalid(problems) => problems,
            Self::Read(_) | Self::NotText => &[],
        }
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}

impl Membership {
    /// Reads the list at `path`; the files that it names lie beside it.
    ///
    /// # Errors
    /// If the file cannot be read, or as [`Self::parse`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self, MembershipError> {
        let path = path.as_ref();
        let text = String::from_utf8(read_bounded(path)?).map_err(|_| MembershipError::NotText)?;
        let folder = Folder::new(path.parent().unwrap_or(Path::new(".")));
        Self::parse(&text, &folder)
    }
}
