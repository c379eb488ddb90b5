//! Statements for tests: signed by departments that exist here only, about people who exist nowhere.

use std::sync::OnceLock;

use huxin_attest::{
    ClaimFields, Claims, Digest, Document, Ed25519Key, KeyDirectory, KeyId, Kind, ListedKey, RegionCode,
    Signer as _, StatementVerifier, SubjectCommitment, SubjectSalt, TestResult, UnixMs, UnixSecs, sha256,
    sign_single,
};

use crate::person::{PersonKey, ProvinceSecret};
use crate::store::{Standing, Write};
use crate::synthetic::{Scene, generate};

/// 2022-07-08T09:00:00+08:00, in whole seconds.
pub(crate) const NOW: i64 = 1_657_242_000;

struct Departments(Vec<(String, Ed25519Key)>);

impl KeyDirectory for Departments {
    fn statement_key(&self, _: RegionCode, kid: KeyId) -> Option<ListedKey<'_>> {
        let (name, key) = self.0.iter().find(|(_, key)| key.public_key().id() == kid)?;
        let (from, until) = (UnixMs::default(), UnixMs::MAX);
        Some(ListedKey { department: name, key: key.public_key(), from, until })
    }
}

fn departments() -> &'static Departments {
    static DEPARTMENTS: OnceLock<Departments> = OnceLock::new();
    DEPARTMENTS.get_or_init(|| {
        let name = |index: usize| format!("d{index}");
        let key = |name: &str| Ed25519Key::from_seed(&sha256(&[name.as_bytes()]).0).unwrap();
        Departments((0..160).map(name).map(|name| (name.clone(), key(&name))).collect())
    })
}

pub(crate) fn secret() -> ProvinceSecret {
    ProvinceSecret::from_bytes(&[7; 32]).unwrap()
}

pub(crate) fn document(index: u32) -> Document {
    let name = "x".parse().unwrap();
    let scene = Scene {
        region: "42".parse().unwrap(),
        people: index + 1,
        seed: 1,
        now: secs(0),
        assigner: name,
        evidence_by: name,
    };
    generate(scene).last().unwrap().document
}

pub(crate) fn person(index: u32) -> PersonKey {
    secret().person(&document(index))
}

/// So many seconds after [`NOW`].
pub(crate) fn secs(after: i64) -> UnixSecs {
    UnixSecs::new(NOW + after).unwrap()
}

/// A verified statement of `department` (`d0` to `d159`) about a person, stated at [`NOW`] unless edited.
pub(crate) fn state(about: u32, kind: Kind, department: &str, edit: impl FnOnce(&mut ClaimFields)) -> Write {
    let (document, region) = (document(about), "42".parse().unwrap());
    let salt = SubjectSalt([9; 16]);
    let commitment = SubjectCommitment::of(&document, &salt);
    let mut fields = ClaimFields::new(kind, region, department.parse().unwrap(), secs(0), commitment);
    edit(&mut fields);
    let claims = Claims::new(fields).unwrap();
    let (_, key) = departments().0.iter().find(|(name, _)| name == department).unwrap();
    let envelope = sign_single(&claims, key).unwrap();
    let attestation =
        StatementVerifier::new(0).verify(&envelope, region, departments(), &document, &salt).unwrap();
    Write::State { person: secret().person(&document), attestation, envelope, salt }
}

/// A code of this status (`00`, `01`, `10`, `11`), stated so many seconds after [`NOW`].
pub(crate) fn code(about: u32, department: &str, status: &str, after: i64) -> Write {
    state(about, Kind::HealthCode, department, |fields| {
        fields.status = status.parse().ok();
        fields.stated_at = secs(after);
    })
}

/// A test sampled and reported so many seconds after [`NOW`].
pub(crate) fn test(about: u32, department: &str, result: TestResult, after: i64) -> Write {
    state(about, Kind::NucleicTest, department, |fields| {
        fields.result = Some(result);
        fields.sampled_at = Some(secs(after));
        fields.reported_at = Some(secs(after));
    })
}

/// The digest of a statement.
pub(crate) fn digest(write: &Write) -> Digest {
    let Write::State { attestation, .. } = write else { panic!("only a statement has a digest") };
    attestation.digest
}

/// Takes a statement back, as its own department.
pub(crate) fn withdraw(write: &Write) -> Write {
    let Write::State { person, attestation, .. } = write else { panic!("only a statement is withdrawn") };
    Write::Withdraw { person: *person, digest: attestation.digest, by: attestation.claims.department }
}

pub(crate) fn contest(write: &Write, standing: Standing) -> Write {
    let Write::State { person, attestation, .. } = write else { panic!("only a statement is contested") };
    Write::Contest { person: *person, digest: attestation.digest, standing }
}
