//! Reads the files that a node starts with. A file that is missing, damaged or not what the membership list pins stops
//! the start: a node that cannot say by which rules it judges does not judge.

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use huxin_attest::{Ed25519Key, Verifier as _};
use huxin_identity::membership::Pin;
use huxin_identity::pki::keys::read_private;
use huxin_identity::{Folder, Membership, TrustStore};
use huxin_ledger::public::{Label, PolicyRef, PolicyRefs};
use huxin_registry::ProvinceSecret;
use huxin_trust_policy::{Lang, LoadOptions, Places, Policy, Reference, RiskAreas, Source};
use huxin_wire::v1;

use crate::config::Config;
use crate::rules::{References, Rules};
use crate::start::StartError;

/// The largest text file that is read, in bytes.
const MAX_TEXT: u64 = 4 * 1024 * 1024;

/// Reads a text file, bounded.
pub fn text(path: &Path) -> Result<String, StartError> {
    let read = || {
        let len = std::fs::metadata(path)?.len();
        if len > MAX_TEXT {
            return Err(std::io::Error::other("larger than 4 MiB"));
        }
        std::fs::read_to_string(path)
    };
    read().map_err(|source| StartError::Read(path.into(), source))
}

/// The membership list and the trust that TLS is judged by.
pub fn membership(config: &Config) -> Result<(Arc<Membership>, Arc<TrustStore>), StartError> {
    let membership =
        Arc::new(Membership::load(&config.federation).map_err(|error| wrong(&config.federation, error))?);
    let trust = Arc::new(TrustStore::new(Arc::clone(&membership), &federation_folder(config)));
    for (trust_domain, problem) in trust.problems() {
        // Others' stale lists shut out those others only; the node serves the rest and says so in its status.
        tracing::warn!(%trust_domain, %problem, "nobody of this trust domain is believed");
    }
    Ok((membership, trust))
}

/// Where roots and revocation lists lie.
pub fn federation_folder(config: &Config) -> Folder {
    Folder::new(config.federation.parent().unwrap_or(Path::new(".")))
}

/// All that requests are judged by.
pub fn rules(config: &Config, membership: &Membership) -> Result<Rules, StartError> {
    let policy = policy(config, membership)?;
    let places = places(config, &policy)?;
    let (risk_areas, risk_reference) = risk_areas(config, &policy, membership)?;
    let references = references(&policy, risk_reference)?;
    Ok(Rules {
        policy: Arc::new(policy),
        places: Arc::new(places),
        risk_areas: Arc::new(risk_areas),
        references,
    })
}

/// The policy, held to what the membership list pins.
fn policy(config: &Config, membership: &Membership) -> Result<Policy, StartError> {
    let vocabulary = text(&config.vocabulary)?;
    let baseline = text(&config.baseline)?;
    let overlay = config.overlay.as_deref().map(text).transpose()?;
    let names = [&config.vocabulary, &config.baseline].map(|path| path.display().to_string());
    let [vocabulary_name, baseline_name] = &names;
    let overlay_name = config.overlay.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let loaded = Policy::load(
        config.region,
        Source { name: vocabulary_name, text: &vocabulary },
        Source { name: baseline_name, text: &baseline },
        overlay.as_ref().map(|text| Source { name: &overlay_name, text }),
        LoadOptions { unguarded_overlays: config.unguarded_overlays },
    );
    let policy = loaded.map_err(|found| StartError::Policy(found.render(Lang::En, false)))?;
    let references = policy.references();
    pinned(&config.baseline, &references.baseline, membership.baseline())?;
    pinned(&config.vocabulary, &references.vocabulary, membership.vocabulary())?;
    Ok(policy)
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

/// The places of this province.
fn places(config: &Config, policy: &Policy) -> Result<Places, StartError> {
    let text = text(&config.places)?;
    let name = config.places.display().to_string();
    Places::parse(&name, &text, policy.vocabulary(), config.region)
        .map_err(|found| StartError::Policy(found.render(Lang::En, false)))
}

/// The risk areas, signed by a key that the membership list names; with the reference that decisions show.
fn risk_areas(
    config: &Config,
    policy: &Policy,
    membership: &Membership,
) -> Result<(RiskAreas, v1::FileReference), StartError> {
    let path = &config.risk_areas;
    let body = text(path)?;
    let mut signature_path = path.clone().into_os_string();
    signature_path.push(".sig");
    let signature = text(Path::new(&signature_path))?;
    let signature = BASE64_STANDARD
        .decode(signature.trim())
        .map_err(|_| wrong(Path::new(&signature_path), "not a signature in base64"))?;
    let signed =
        membership.risk_area_keys().iter().any(|key| key.verify(body.as_bytes(), &signature).is_ok());
    if !signed {
        return Err(wrong(path, "is not signed by a key that the membership list names for risk areas"));
    }
    let name = path.display().to_string();
    let areas = RiskAreas::parse(&name, &body, policy.vocabulary())
        .map_err(|found| StartError::Policy(found.render(Lang::En, false)))?;
    let reference = v1::FileReference {
        id: "risk-areas".to_owned(),
        version: areas.version().into(),
        sha256: huxin_attest::sha256(&[body.as_bytes()]).0.to_vec().into(),
    };
    Ok((areas, reference))
}

/// The policy files in force, in the two forms that decisions need.
fn references(policy: &Policy, risk_areas: v1::FileReference) -> Result<References, StartError> {
    let references = policy.references();
    let message = |file: &Reference| v1::FileReference {
        id: file.id.to_string(),
        version: file.version.into(),
        sha256: file.sha256.0.to_vec().into(),
    };
    let logged = |file: &Reference| -> Result<PolicyRef, StartError> {
        let id = Label::new(&file.id).map_err(|error| StartError::Policy(error.to_string()))?;
        Ok(PolicyRef { id, version: file.version.into(), digest: file.sha256 })
    };
    let overlay = references.overlay.as_ref();
    let files = [Some(&references.baseline), overlay, Some(&references.vocabulary)];
    Ok(References {
        message: files.into_iter().flatten().map(message).chain([risk_areas]).collect(),
        log: PolicyRefs {
            baseline: logged(&references.baseline)?,
            overlay: overlay.map(logged).transpose()?,
            vocabulary: logged(&references.vocabulary)?,
        },
        unguarded: references.unguarded,
    })
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
