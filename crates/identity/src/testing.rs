//! Helpers of this crate's tests: the example PKI in a temporary folder, and certificates that nobody should issue.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use huxin_attest::{PublicKey, RegionCode, SystemRandom, UnixMs, sha256};
use rcgen::{CertificateParams, KeyPair, SanType};
use rustls_pki_types::{CertificateDer, UnixTime};
use tempfile::TempDir;

use crate::files::Folder;
use crate::membership::{FILE, Membership, Pin};
use crate::pki::crl::Revoked;
use crate::pki::description::Description;
use crate::pki::example::{FEDERATION, Parameters, generate};
use crate::pki::{Ca, Issued, Validity};
use crate::spiffe::Role;
use crate::tls::Credentials;

pub(crate) const HOUR_MS: i64 = 3_600_000;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// The committed description.
pub(crate) const DESCRIPTION: &str = include_str!("../../../certs-example/pki.toml");

/// The system's clock: certificates are judged by it.
pub(crate) fn now() -> UnixMs {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UnixMs::from_ms(elapsed.as_millis().try_into().unwrap()).unwrap()
}

pub(crate) fn unix_time(time: UnixMs) -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(time.as_secs().unsigned_abs()))
}

pub(crate) fn region(code: &str) -> RegionCode {
    code.parse().unwrap()
}

pub(crate) fn role(path: &str) -> Role {
    format!("spiffe://x.example/{path}").parse::<crate::SpiffeId>().unwrap().role
}

/// A generated example.
pub(crate) struct Example {
    pub(crate) dir: TempDir,
    pub(crate) membership: Membership,
}

pub(crate) fn example() -> Example {
    let dir = tempfile::tempdir().unwrap();
    let description = Description::parse(DESCRIPTION).unwrap();
    let endpoints: BTreeMap<_, _> = description
        .provinces
        .iter()
        .map(|province| (province.region, vec![format!("127.0.0.1:84{}", province.region).parse().unwrap()]))
        .collect();
    let pin = |id: &str| Pin { id: id.into(), version: 3, sha256: sha256(&[id.as_bytes()]) };
    let vkey = |origin: &str, _: &PublicKey| format!("{origin}+00c0ffee+AQID");
    let parameters = Parameters {
        endpoints: &endpoints,
        baseline: pin("CN-BASE"),
        vocabulary: pin("CN-VOCAB"),
        vkey: &vkey,
    };
    let generated = generate(&description, dir.path(), now(), &parameters, &mut SystemRandom).unwrap();
    Example { dir, membership: generated.membership }
}

impl Example {
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What every member received.
    pub(crate) fn published(&self) -> Folder {
        Folder::new(self.path(FEDERATION))
    }

    pub(crate) fn federation_text(&self) -> String {
        std::fs::read_to_string(self.path(FEDERATION).join(FILE)).unwrap()
    }

    pub(crate) fn ca(&self, short: &str) -> Ca {
        let read = |name: &str| std::fs::read_to_string(self.path(short).join(name)).unwrap();
        Ca::load(&read("ca.pem"), &read("ca.key")).unwrap()
    }

    pub(crate) fn credentials(&self, stem: &str) -> Credentials {
        let path = |suffix: &str| self.path(&format!("{stem}{suffix}"));
        Credentials::load(&path(".pem"), &path(".key")).unwrap()
    }

    /// Publishes a province's next revocation list.
    pub(crate) fn publish_crl(&self, short: &str, valid: Validity, revoked: &[Revoked]) {
        let crl = self.ca(short).revocation_list(2, valid, revoked).unwrap();
        let path = self.path(FEDERATION).join(format!("{short}.crl"));
        crate::pki::write::replace_public(&path, &crl).unwrap();
    }
}

/// From an hour ago until tomorrow.
pub(crate) fn usual_validity() -> Validity {
    Validity { from: now().saturating_add_ms(-HOUR_MS), until: now().saturating_add_ms(DAY_MS) }
}

pub(crate) fn issue(ca: &Ca, path: &str, validity: Validity) -> Issued {
    let hosts = [crate::pki::Host::parse("127.0.0.1").unwrap()];
    ca.issue(role(path), &hosts, validity, &mut SystemRandom).unwrap()
}

pub(crate) fn credentials(issued: &Issued) -> Credentials {
    Credentials::from_pem(issued.certificate_pem.as_bytes(), issued.key_pem.as_bytes()).unwrap()
}

pub(crate) fn der(pem: &str) -> CertificateDer<'static> {
    crate::pem::certificates(pem.as_bytes()).unwrap().remove(0)
}

/// A certificate as `change` makes it from a proper one of an app; the CA signs whatever it is given.
pub(crate) fn odd(
    ca: &Ca,
    key: &KeyPair,
    change: impl FnOnce(&mut CertificateParams),
) -> CertificateDer<'static> {
    let uri = format!("spiffe://{}/app/commerce-1/gate", ca.trust_domain());
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.subject_alt_names = vec![SanType::URI(uri.try_into().unwrap())];
    params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    change(&mut params);
    params.signed_by(key, &ca.issuer).unwrap().der().clone()
}

/// As [`odd`], with its key.
pub(crate) fn odd_credentials(
    ca: &Ca,
    key: &KeyPair,
    change: impl FnOnce(&mut CertificateParams),
) -> Credentials {
    use base64::Engine;
    let body = base64::prelude::BASE64_STANDARD.encode(odd(ca, key, change));
    let pem = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
    Credentials::from_pem(pem.as_bytes(), key.serialize_pem().as_bytes()).unwrap()
}
