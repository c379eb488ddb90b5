//! Reads the files that a node starts with. A file that is missing, damaged or not what the membership list pins stops
//! the start: a node that cannot say by which rules it judges does not judge.

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use huxin_attest::{Ed25519Key, RegionCode, UnixMs, Verifier as _, sha256};
use huxin_identity::membership::Pin;
use huxin_identity::pki::keys::read_private;
use huxin_identity::{Credentials, Folder, Membership, MembershipError, TlsError, TrustStore};
use huxin_registry::ProvinceSecret;
use huxin_trust_policy::{Places, Policy, Reference, RiskAreas, Source, Vocabulary};

use crate::config::Config;
use crate::files::{self, TextError};
use crate::limits;
use crate::rules::reload::follows;
use crate::rules::{InForceText, Kept, OverlayText, PolicyFiles, Rules, What};
use crate::start::StartError;

/// How references name the files that have no id of their own.
const PLACES_ID: &str = "places";
const RISK_AREAS_ID: &str = "risk-areas";

/// Reads a text file, bounded.
pub fn text(path: &Path) -> Result<String, StartError> {
    files::text(path).map_err(|error| match error {
        TextError::Read(source) => StartError::Read(path.into(), source),
        TextError::Not(problem) => wrong(path, problem),
    })
}

/// The membership list and the trust that TLS is judged by.
pub fn membership(config: &Config) -> Result<(Arc<Membership>, Arc<TrustStore>), StartError> {
    let membership = Membership::load(&config.federation).map_err(|error| match error {
        MembershipError::Read(source) => StartError::Read(config.federation.clone(), source),
        error => StartError::Membership(config.federation.clone(), error),
    })?;
    let membership = Arc::new(membership);
    let trust = Arc::new(TrustStore::new(Arc::clone(&membership), &federation_folder(config)));
    for (trust_domain, problem) in trust.problems() {
        // Others' stale lists shut out those others only; the node serves the rest and says so in its status.
        tracing::warn!(%trust_domain, %problem, "nobody of this trust domain is believed");
    }
    Ok((membership, trust))
}

/// The node's certificate and its key.
pub fn credentials(config: &Config) -> Result<Credentials, StartError> {
    Credentials::load(&config.certificate, &config.certificate_key).map_err(|error| match error {
        TlsError::Read { path, error } => StartError::Read(path, error),
        error => wrong(&config.certificate, error),
    })
}

/// Where roots and revocation lists lie.
pub fn federation_folder(config: &Config) -> Folder {
    Folder::new(config.federation.parent().unwrap_or(Path::new(".")))
}

/// All that requests are judged by. Nothing that was in force later than `kept` is taken.
pub fn rules(
    config: &Config,
    membership: &Membership,
    kept: &Kept,
    now: UnixMs,
) -> Result<Rules, StartError> {
    let (policy, files) = policy(config, membership, kept, now)?;
    let places = places(&config.places, config.region, policy.vocabulary())?;
    let risk_areas = risk_areas(&config.risk_areas, policy.vocabulary(), membership)?;
    if let Some(before) = kept.get(What::RiskAreas) {
        follows(&risk_areas.1, before).map_err(|problem| wrong(&config.risk_areas, problem))?;
    }
    Rules::new((Arc::new(policy), Arc::new(files)), places, risk_areas)
        .map_err(|error| StartError::Mismatch(error.to_string()))
}

/// The policy, held to what the membership list pins.
fn policy(
    config: &Config,
    membership: &Membership,
    kept: &Kept,
    now: UnixMs,
) -> Result<(Policy, PolicyFiles), StartError> {
    let vocabulary = policy_text(&config.vocabulary)?;
    let baseline = policy_text(&config.baseline)?;
    let overlay = config.overlay.as_deref().map(policy_text).transpose()?;
    let names = [&config.vocabulary, &config.baseline].map(|path| path.display().to_string());
    let [vocabulary_name, baseline_name] = &names;
    let overlay_name = config.overlay.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let loaded = Policy::load(
        config.region,
        Source { name: vocabulary_name, text: &vocabulary },
        Source { name: baseline_name, text: &baseline },
        overlay.as_ref().map(|text| Source { name: &overlay_name, text }),
        &[],
    );
    let policy = loaded?;
    let references = policy.references();
    pinned(&config.baseline, &references.baseline, membership.baseline())?;
    pinned(&config.vocabulary, &references.vocabulary, membership.vocabulary())?;
    let in_force = |what, reference, text: String| InForceText {
        text: Bytes::from(text),
        applied: kept.since(what, reference).unwrap_or(now),
    };
    let overlay = overlay.zip(references.overlay.as_ref()).map(|(text, reference)| OverlayText {
        file: in_force(What::Overlay, reference, text),
        signatures: Bytes::new(),
        signers: Vec::new(),
        comparison: Default::default(),
    });
    let files = PolicyFiles {
        baseline: in_force(What::Baseline, &references.baseline, baseline),
        vocabulary: in_force(What::Vocabulary, &references.vocabulary, vocabulary),
        overlay,
    };
    Ok((policy, files))
}

/// A file of the policy: short enough that all of them fit into one message.
fn policy_text(path: &Path) -> Result<String, StartError> {
    let text = text(path)?;
    if text.len() > limits::POLICY_FILE {
        return Err(wrong(path, "is larger than 1 MiB, which a policy may not be"));
    }
    Ok(text)
}

fn pinned(path: &Path, file: &Reference, pin: &Pin) -> Result<(), StartError> {
    if *file.id == *pin.id && file.version == pin.version && file.sha256 == pin.sha256 {
        return Ok(());
    }
    let problem = format!(
        "is {} version {} with SHA-256 {}, but the membership list pins {} version {} with SHA-256 {}",
        file.id, file.version, file.sha256, pin.id, pin.version, pin.sha256
    );
    Err(wrong(path, problem))
}

/// The places of a province.
pub fn places(
    path: &Path,
    region: RegionCode,
    vocabulary: &Vocabulary,
) -> Result<(Arc<Places>, Reference), StartError> {
    let text = text(path)?;
    let places = Places::parse(&path.display().to_string(), &text, vocabulary, region)?;
    Ok((Arc::new(places), reference(PLACES_ID, 0, &text)))
}

/// The risk areas, signed by a key that the membership list names.
pub fn risk_areas(
    path: &Path,
    vocabulary: &Vocabulary,
    membership: &Membership,
) -> Result<(Arc<RiskAreas>, Reference), StartError> {
    let body = text(path)?;
    let mut signature_path = path.to_owned().into_os_string();
    signature_path.push(".sig");
    let signature_path = Path::new(&signature_path);
    let signature = BASE64_STANDARD
        .decode(text(signature_path)?.trim())
        .map_err(|_| wrong(signature_path, "not a signature in base64"))?;
    let signed =
        membership.risk_area_keys().iter().any(|key| key.verify(body.as_bytes(), &signature).is_ok());
    if !signed {
        return Err(wrong(path, "is not signed by a key that the membership list names for risk areas"));
    }
    let areas = RiskAreas::parse(&path.display().to_string(), &body, vocabulary)?;
    let reference = reference(RISK_AREAS_ID, areas.version(), &body);
    Ok((Arc::new(areas), reference))
}

fn reference(id: &str, version: u32, text: &str) -> Reference {
    Reference { id: id.into(), version, sha256: sha256(&[text.as_bytes()]) }
}

/// An Ed25519 key in PEM form.
pub fn signing_key(path: &Path) -> Result<Ed25519Key, StartError> {
    read_private(text(path)?.as_bytes()).map_err(|error| wrong(path, error))
}

/// The province secret: 64 hexadecimal digits.
pub fn province_secret(path: &Path) -> Result<ProvinceSecret, StartError> {
    let digest = huxin_attest::Digest::from_hex(text(path)?.trim())
        .ok_or_else(|| wrong(path, "must hold 64 hexadecimal digits"))?;
    ProvinceSecret::from_bytes(&digest.0).map_err(|error| wrong(path, error))
}

/// A file that is not what it should be.
pub fn wrong(path: &Path, problem: impl Display) -> StartError {
    StartError::Wrong(path.into(), problem.to_string())
}
