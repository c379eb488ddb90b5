//! The sample policy, and statements signed by departments that a membership list knows.

use std::path::{Path, PathBuf};

use huxin_attest::{
    Attestation, ClaimFields, Claims, CodeStatus, Document, DocumentType, Ed25519Key, EvidenceRef,
    KeyDirectory, KeyId, Kind, ListedKey, PublicKey, RegionCode, Signer as _, StatementVerifier,
    SubjectCommitment, SubjectSalt, TestResult, UnixMs, UnixSecs, Verified, sha256, sign_single,
};
use huxin_trust_policy::{Draft, Lang, Listing, LoadError, Policy, Situation, Source, Standing, Statement};

const SALT: SubjectSalt = SubjectSalt([9; 16]);
const DEPARTMENT: &str = "department-1";

pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/policies")
}

pub(crate) fn read(name: &str) -> String {
    std::fs::read_to_string(directory().join(name)).unwrap()
}

pub(crate) fn shown<T>(result: Result<T, impl Into<LoadError>>) -> T {
    result.unwrap_or_else(|error| panic!("{}", error.into().render(Lang::En, false)))
}

pub(crate) fn region(code: u8) -> RegionCode {
    RegionCode::new(code).unwrap()
}

/// The sample policy of a region, with its overlay if `overlay` names one.
pub(crate) fn load(node: u8, overlay: Option<&str>) -> Policy {
    shown(draft(node, overlay).guard(&[]))
}

/// The same, before the guard judged it.
pub(crate) fn draft(node: u8, overlay: Option<&str>) -> Draft {
    let (vocabulary, baseline) = (read("vocabulary.toml"), read("national.toml"));
    let overlay = overlay.map(|name| (name, read(name)));
    shown(Draft::load(
        region(node),
        Source { name: "vocabulary.toml", text: &vocabulary },
        Source { name: "national.toml", text: &baseline },
        overlay.as_ref().map(|(name, text)| Source { name, text }),
    ))
}

/// The demo's clock.
pub(crate) fn now() -> UnixMs {
    UnixMs::parse_rfc3339("2022-07-08T09:00:00+08:00").unwrap()
}

pub(crate) fn hours_ago(hours: i64) -> UnixSecs {
    UnixSecs::new(now().as_secs() - hours * 3600).unwrap()
}

/// Travel from a low-risk area.
pub(crate) fn travel(policy: &Policy) -> Situation {
    let vocabulary = policy.vocabulary();
    Situation {
        purpose: vocabulary.purpose("travel").unwrap(),
        place: vocabulary.place("station"),
        area: Some("440113".parse().unwrap()),
        here_risk: vocabulary.low(),
        from_risk: vocabulary.low(),
    }
}

/// A passport number that nobody holds.
fn subject() -> Document {
    Document::parse(DocumentType::Passport, "E00000000").unwrap()
}

pub(crate) fn claims(kind: Kind, issuer: u8, stated_at: UnixSecs) -> ClaimFields {
    let commitment = SubjectCommitment::of(&subject(), &SALT);
    ClaimFields::new(kind, region(issuer), DEPARTMENT.parse().unwrap(), stated_at, commitment)
}

pub(crate) fn code(issuer: u8, status: CodeStatus) -> ClaimFields {
    ClaimFields { status: Some(status), ..claims(Kind::HealthCode, issuer, hours_ago(1)) }
}

/// A red code with everything that it must rest on.
pub(crate) fn founded_red(issuer: u8) -> ClaimFields {
    let evidence = EvidenceRef { kind: "case_file".parse().unwrap(), digest: sha256(&[b"file"]) };
    ClaimFields {
        assigner: DEPARTMENT.parse().ok(),
        assigner_role: "cdc".parse().ok(),
        assigned_for: "close_contact".parse().ok(),
        evidence: vec![evidence],
        ..code(issuer, CodeStatus::Red)
    }
}

pub(crate) fn test(issuer: u8, result: TestResult, hours: i64) -> ClaimFields {
    let reported_at = hours_ago(hours);
    ClaimFields {
        result: Some(result),
        reported_at: Some(reported_at),
        ..claims(Kind::NucleicTest, issuer, reported_at)
    }
}

struct Listed(RegionCode, PublicKey);

impl KeyDirectory for Listed {
    fn statement_key(&self, region: RegionCode, kid: KeyId) -> Option<ListedKey<'_>> {
        (region == self.0 && kid == self.1.id()).then(|| ListedKey {
            department: DEPARTMENT,
            key: &self.1,
            from: UnixMs::default(),
            until: UnixMs::MAX,
        })
    }
}

/// Signs the claims as a department of `signer`, and verifies them as a receiver.
pub(crate) fn signed(fields: ClaimFields, signer: u8) -> Verified<Attestation> {
    let key = Ed25519Key::from_seed(&[3; 32]).unwrap();
    let envelope = sign_single(&Claims::new(fields).unwrap(), &key).unwrap();
    let listed = Listed(region(signer), key.public_key().clone());
    let mut verifier = StatementVerifier::new(4);
    verifier.verify(&envelope, region(signer), &listed, &subject(), &SALT).unwrap()
}

/// What the policy sees of claims signed at home by a department of `category`, listed for all that it claims.
pub(crate) fn seen(policy: &Policy, fields: ClaimFields, category: &str) -> Statement {
    let signer = fields.region.as_u8();
    let category = policy.vocabulary().department(category);
    let listing = Listing { category, may_state: true, assigner_may: true };
    Statement::from_verified(policy, &signed(fields, signer), listing, now(), Standing::None)
}
