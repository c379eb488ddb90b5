//! An exercise federation in one folder: certificates, membership, policies and a `node.toml` for every province.
//!
//! For demonstrations, measurements and tests: here one program holds the keys of all, which no real province may allow.
//! Everything is made by the same code and read from the same files as in a real federation.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use huxin_attest::{
    Clock as _, DepartmentName, Ed25519Key, PublicKey, RegionCode, Signer as _, SystemRandom, UnixMs,
};
use huxin_identity::membership::{Pin, PolicySigner};
use huxin_identity::pki::description::{Description, Province};
use huxin_identity::pki::example::{
    FEDERATION, Parameters, PartyFiles, SIGNERS, generate, party_files, policy_key_file,
};
use huxin_identity::pki::keys::read_private;
use huxin_identity::pki::write::{write_public, write_secret};
use huxin_identity::{
    Credentials, Endpoint, Expected, Folder, Membership, Name, PolicySignatures, Role, TrustStore,
    client_config,
};
use huxin_ledger::LogVerifierKey;
use huxin_node::client::connect;
use huxin_node::clock::RealClock;
use huxin_registry::ProvinceSecret;
use huxin_trust_policy::{Policy, Source};
use tonic::transport::Channel;

use crate::files::hex;

/// The description of the example PKI.
pub const PKI: &str = include_str!("../../../certs-example/pki.toml");
const VOCABULARY: &str = include_str!("../../../deploy/policies/vocabulary.toml");
/// The sample baseline.
pub const BASELINE: &str = include_str!("../../../deploy/policies/national.toml");
const RISK_AREAS: &str = include_str!("../../../deploy/policies/risk-areas.toml");
const OVERLAYS: [(&str, &str); 3] = [
    ("41", include_str!("../../../deploy/policies/province-41.toml")),
    ("42", include_str!("../../../deploy/policies/province-42.toml")),
    ("44", include_str!("../../../deploy/policies/province-44.toml")),
];
const PLACES: [(&str, &str); 4] = [
    ("41", include_str!("../../../deploy/policies/places-41.toml")),
    ("42", include_str!("../../../deploy/policies/places-42.toml")),
    ("43", include_str!("../../../deploy/policies/places-43.toml")),
    ("44", include_str!("../../../deploy/policies/places-44.toml")),
];

/// Why an exercise cannot be set up or used.
#[derive(Debug, thiserror::Error)]
pub enum ExerciseError {
    /// Certificates or the membership list.
    #[error(transparent)]
    Pki(#[from] huxin_identity::pki::PkiError),
    /// The TLS settings.
    #[error(transparent)]
    Tls(#[from] huxin_identity::TlsError),
    /// A node was not reached.
    #[error(transparent)]
    Connect(#[from] huxin_node::client::ConnectError),
    /// Anything else that the sample files or the file system do not allow.
    #[error("{0}")]
    Other(String),
}

/// An exercise federation on disk.
#[derive(Debug)]
pub struct Exercise {
    folder: PathBuf,
    description: Description,
    membership: Arc<Membership>,
    addresses: BTreeMap<RegionCode, SocketAddr>,
}

/// What an exercise leaves open.
#[derive(Debug, Clone, Default)]
pub struct Setting<'a> {
    /// Where each province's node listens; also which provinces have one.
    pub addresses: BTreeMap<RegionCode, SocketAddr>,
    /// Where other provinces reach a node, in the order of the membership list, if not where it listens.
    pub endpoints: BTreeMap<RegionCode, Vec<SocketAddr>>,
    /// Where the facts clock starts; `None`: the real time, which the sample policies do not cover.
    pub facts_start: Option<UnixMs>,
    /// Threads of each node; 0: one a core.
    pub runtimes: usize,
    /// The places of a province instead of the sample's.
    pub places: BTreeMap<RegionCode, &'a str>,
    /// Provinces whose node takes red and amber codes without foundation: to show what others make of them.
    pub skip_foundedness: BTreeSet<RegionCode>,
    /// A baseline instead of the sample's; the membership list pins it.
    pub baseline: Option<&'a str>,
}

impl Exercise {
    /// Makes everything under `folder`, which must hold nothing of it yet.
    ///
    /// # Errors
    /// If a file exists or cannot be written, or a sample is damaged.
    pub fn create(folder: &Path, setting: &Setting<'_>) -> Result<Self, ExerciseError> {
        let description = Description::parse(PKI)?;
        let endpoints = description.provinces.iter().map(|province| {
            let region = province.region;
            let listens = || setting.addresses.get(&region).map(|address| vec![*address]);
            // A province without a node here gets an endpoint where nothing listens.
            let reached = setting.endpoints.get(&region).cloned().or_else(listens);
            let reached = reached.unwrap_or_else(|| vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 9))]);
            let endpoints = reached.iter().map(|address| address.to_string().parse().map_err(other));
            Ok((region, endpoints.collect::<Result<Vec<Endpoint>, ExerciseError>>()?))
        });
        let endpoints = endpoints.collect::<Result<BTreeMap<_, _>, ExerciseError>>()?;
        let (baseline, vocabulary) = pins(setting.baseline.unwrap_or(BASELINE))?;
        let vkey = |origin: &str, key: &PublicKey| match origin.parse() {
            Ok(origin) => LogVerifierKey::new(origin, key.clone()).to_string(),
            // The membership list refuses it by name right afterwards.
            Err(_) => String::new(),
        };
        let parameters = Parameters { endpoints: &endpoints, baseline, vocabulary, vkey: &vkey };
        let generated = generate(&description, folder, RealClock.now(), &parameters, &mut SystemRandom)?;
        let membership = Arc::new(generated.membership);
        let exercise =
            Self { folder: folder.to_owned(), description, membership, addresses: setting.addresses.clone() };
        exercise.write_policies(setting.baseline.unwrap_or(BASELINE))?;
        for province in &exercise.description.provinces {
            exercise.write_province(province, setting)?;
        }
        Ok(exercise)
    }

    /// The folder of everything.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The membership list.
    pub const fn membership(&self) -> &Arc<Membership> {
        &self.membership
    }

    /// The folder of one province.
    pub fn province_folder(&self, region: RegionCode) -> PathBuf {
        let province = self.description.provinces.iter().find(|province| province.region == region);
        self.folder.join(province.map_or("unknown", |province| province.short.as_str()))
    }

    /// A province's `node.toml`.
    pub fn node_toml(&self, region: RegionCode) -> PathBuf {
        self.province_folder(region).join("node.toml")
    }

    /// Where a province's node listens.
    ///
    /// # Errors
    /// If the exercise gives it no address.
    pub fn endpoint(&self, region: RegionCode) -> Result<Endpoint, ExerciseError> {
        let address = self.addresses.get(&region);
        let address =
            address.ok_or_else(|| other(format!("region {region} has no node in this exercise")))?;
        address.to_string().parse().map_err(other)
    }

    /// Certificate and key of a party, written as `app/commerce-1/gate` or `department/hb-cdc`.
    ///
    /// # Errors
    /// If the text names no role.
    pub fn party(&self, region: RegionCode, role: &str) -> Result<PartyFiles, ExerciseError> {
        Ok(party_files(&self.province_folder(region), &parse_role(role)?))
    }

    /// A department's statement key.
    ///
    /// # Errors
    /// If the department states nothing in this exercise.
    pub fn statement_key(
        &self,
        region: RegionCode,
        department: &DepartmentName,
    ) -> Result<Ed25519Key, ExerciseError> {
        let path = self.province_folder(region).join(format!("statement-{department}.key"));
        let text = std::fs::read(&path).map_err(|error| other(format!("{}: {error}", path.display())))?;
        Ok(read_private(&text)?)
    }

    /// The key of one who signs a province's overlays.
    ///
    /// # Errors
    /// If the exercise has no such signer.
    pub fn policy_key(&self, region: RegionCode, id: &Name) -> Result<Ed25519Key, ExerciseError> {
        let path = policy_key_file(&self.province_folder(region), id);
        let text = std::fs::read(&path).map_err(|error| other(format!("{}: {error}", path.display())))?;
        Ok(read_private(&text)?)
    }

    /// An overlay, signed by all who sign for its province.
    ///
    /// # Errors
    /// If nobody does.
    pub fn sign_overlay(&self, region: RegionCode, text: &str) -> Result<PolicySignatures, ExerciseError> {
        let listed = self.membership.policy_signers(region);
        let listed = listed.ok_or_else(|| other(format!("nobody signs overlays of region {region}")))?;
        let mut signatures = PolicySignatures::default();
        for PolicySigner { id, .. } in &listed.signers {
            let signature = self.policy_key(region, id)?.sign(text.as_bytes()).map_err(other)?;
            signatures.put(id.clone(), &signature).map_err(other)?;
        }
        Ok(signatures)
    }

    /// TLS settings of a party that dials the node of `to`.
    ///
    /// # Errors
    /// If the party's files cannot be used.
    pub fn client_tls(
        &self,
        party: &PartyFiles,
        to: RegionCode,
    ) -> Result<Arc<rustls::ClientConfig>, ExerciseError> {
        let own = Credentials::load(&party.certificate, &party.key)?;
        let files = Folder::new(self.folder.join(FEDERATION));
        let trust = Arc::new(TrustStore::new(Arc::clone(&self.membership), &files));
        Ok(client_config(&own, trust, Expected { region: to })?)
    }

    /// A channel of a party to the node of `to`.
    ///
    /// # Errors
    /// If the node is not reached, or either side refuses the other.
    pub async fn connect(
        &self,
        from: RegionCode,
        role: &str,
        to: RegionCode,
    ) -> Result<Channel, ExerciseError> {
        let tls = self.client_tls(&self.party(from, role)?, to)?;
        Ok(connect(&self.endpoint(to)?, tls).await?)
    }

    fn write_policies(&self, baseline: &str) -> Result<(), ExerciseError> {
        let folder = self.folder.join("policy");
        write_public(&folder.join("vocabulary.toml"), VOCABULARY)?;
        write_public(&folder.join("national.toml"), baseline)?;
        write_public(&folder.join("risk-areas.toml"), RISK_AREAS)?;
        let key_path = self.folder.join(SIGNERS).join("risk-areas-headquarters.key");
        let key = read_private(&std::fs::read(&key_path).map_err(other)?)?;
        let signature = key.sign(RISK_AREAS.as_bytes()).map_err(other)?;
        let signature = format!("{}\n", BASE64_STANDARD.encode(signature));
        Ok(write_public(&folder.join("risk-areas.toml.sig"), &signature)?)
    }

    fn write_province(&self, province: &Province, setting: &Setting<'_>) -> Result<(), ExerciseError> {
        let region = province.region;
        let folder = self.province_folder(region);
        let name = region.to_string();
        write_secret(&folder.join("province.secret"), &new_province_secret())?;
        let sample =
            PLACES.iter().find(|(known, _)| **known == *name).map(|(_, text)| *text).unwrap_or_default();
        write_public(&folder.join("places.toml"), setting.places.get(&region).copied().unwrap_or(sample))?;
        let overlay = OVERLAYS.iter().find(|(known, _)| **known == *name).map(|(_, text)| *text);
        if let Some(overlay) = overlay {
            write_public(&folder.join("overlay.toml"), overlay)?;
            let signatures = self.sign_overlay(region, overlay)?.to_text();
            write_public(&folder.join("overlay.toml.sig"), &signatures)?;
        }
        let address = setting.addresses.get(&region).map_or("127.0.0.1:0".to_owned(), SocketAddr::to_string);
        let facts = setting.facts_start.map(|at| format!("facts_start = {at}\n")).unwrap_or_default();
        let overlay = overlay.map_or("", |_| "overlay = \"overlay.toml\"\n");
        let skip = match setting.skip_foundedness.contains(&region) {
            true => "dangerous_skip_foundedness = true\n",
            false => "",
        };
        let text = format!(
            "format = 1\nregion = \"{region}\"\nlisten = \"{address}\"\ndata = \"data\"\nruntimes = {runtimes}\n{facts}\n\
             [identity]\ncertificate = \"node.pem\"\nkey = \"node.key\"\n\
             federation = \"../{FEDERATION}/federation.toml\"\n\n\
             [log]\norigin = \"{domain}/log/0\"\nkey = \"log.key\"\n\n\
             [registry]\nsecret = \"province.secret\"\n{skip}\n\
             [policy]\nvocabulary = \"../policy/vocabulary.toml\"\nbaseline = \"../policy/national.toml\"\n{overlay}\
             places = \"places.toml\"\nrisk_areas = \"../policy/risk-areas.toml\"\n",
            runtimes = setting.runtimes,
            domain = province.trust_domain,
        );
        Ok(write_public(&folder.join("node.toml"), &text)?)
    }
}

/// A fresh province secret, as its file holds it.
pub fn new_province_secret() -> String {
    hex(ProvinceSecret::generate(&mut SystemRandom).as_bytes()) + "\n"
}

/// Reads a role written as the path of its identity.
///
/// # Errors
/// If the text names no role.
pub fn parse_role(text: &str) -> Result<Role, ExerciseError> {
    let name = |text: &str| text.parse::<Name>().map_err(other);
    match *text.split('/').collect::<Vec<_>>() {
        ["node", one] => Ok(Role::Node(name(one)?)),
        ["app", department, one] => Ok(Role::App { department: name(department)?, name: name(one)? }),
        ["department", one] => Ok(Role::Department(name(one)?)),
        ["operator", one] => Ok(Role::Operator(name(one)?)),
        ["supervisor", one] => Ok(Role::Supervisor(name(one)?)),
        _ => Err(other(format!(
            "{text} is no role; write app/<department>/<name>, department/<name> or the like"
        ))),
    }
}

/// The pins of a baseline and the sample vocabulary.
fn pins(baseline: &str) -> Result<(Pin, Pin), ExerciseError> {
    let region = RegionCode::new(44).map_err(other)?;
    let (vocabulary, baseline) = (
        Source { name: "vocabulary.toml", text: VOCABULARY },
        Source { name: "national.toml", text: baseline },
    );
    let policy = Policy::load(region, vocabulary, baseline, None, Default::default());
    let policy = policy.map_err(|found| other(found.render(huxin_trust_policy::Lang::En, false)))?;
    let references = policy.references();
    let pin = |file: &huxin_trust_policy::Reference| Pin {
        id: file.id.to_string(),
        version: file.version,
        sha256: file.sha256,
    };
    Ok((pin(&references.baseline), pin(&references.vocabulary)))
}

fn other(error: impl std::fmt::Display) -> ExerciseError {
    ExerciseError::Other(error.to_string())
}
