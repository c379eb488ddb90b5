//! A person, a department with its key, and a membership list that knows only it.

use huxin_attest::{
    Attestation, ClaimFields, Claims, CodeStatus, Document, DocumentType, Ed25519Key, EvidenceRef,
    KeyDirectory, KeyId, Kind, ListedKey, PublicKey, RegionCode, Signer as _, StatementVerifier,
    SubjectCommitment, SubjectSalt, UnixMs, UnixSecs, Verified, VerifyError, sha256,
};

pub(crate) const SALT: SubjectSalt = SubjectSalt([5; 16]);
pub(crate) const DEPARTMENT: &str = "hb-cdc";
pub(crate) const FROM: i64 = 1_640_966_400;
pub(crate) const UNTIL: i64 = 1_672_502_400;
pub(crate) const STATED_AT: i64 = 1_657_242_000;

pub(crate) fn key() -> Ed25519Key {
    Ed25519Key::from_seed(&[1; 32]).unwrap()
}

pub(crate) fn hubei() -> RegionCode {
    RegionCode::new(42).unwrap()
}

/// The specimen number of GB 11643.
pub(crate) fn subject() -> Document {
    Document::parse(DocumentType::ResidentId, "11010519491231002X").unwrap()
}

pub(crate) fn secs(secs: i64) -> UnixSecs {
    UnixSecs::new(secs).unwrap()
}

/// What every statement about the subject has.
pub(crate) fn fields(kind: Kind) -> ClaimFields {
    let commitment = SubjectCommitment::of(&subject(), &SALT);
    ClaimFields::new(kind, hubei(), DEPARTMENT.parse().unwrap(), secs(STATED_AT), commitment)
}

pub(crate) fn red_code() -> Claims {
    let mut fields = fields(Kind::HealthCode);
    fields.status = Some(CodeStatus::Red);
    fields.native_label = "红码".parse().ok();
    fields.assigner = DEPARTMENT.parse().ok();
    fields.assigner_role = "cdc".parse().ok();
    fields.assigned_for = "close_contact".parse().ok();
    fields.evidence = vec![EvidenceRef { kind: "case_file".parse().unwrap(), digest: sha256(&[b"file"]) }];
    fields.appeal = "12345".parse().ok();
    Claims::new(fields).unwrap()
}

/// `count` green codes that differ in the second they were stated.
pub(crate) fn green_codes(count: i64) -> Vec<Claims> {
    let code = |second| {
        let mut fields = fields(Kind::HealthCode);
        fields.status = Some(CodeStatus::Green);
        fields.stated_at = secs(STATED_AT + second);
        Claims::new(fields).unwrap()
    };
    (0..count).map(code).collect()
}

/// A membership list with one key.
pub(crate) struct Listed {
    pub(crate) key: PublicKey,
    /// The id under which the key is listed: its own, unless a test lies.
    pub(crate) kid: KeyId,
}

impl Listed {
    pub(crate) fn own() -> Self {
        let key = key().public_key().clone();
        Self { kid: key.id(), key }
    }
}

impl KeyDirectory for Listed {
    fn statement_key(&self, region: RegionCode, kid: KeyId) -> Option<ListedKey<'_>> {
        (region == hubei() && kid == self.kid).then(|| ListedKey {
            department: DEPARTMENT,
            key: &self.key,
            from: UnixMs::from_secs(FROM).unwrap(),
            until: UnixMs::from_secs(UNTIL).unwrap(),
        })
    }
}

/// Verifies as a receiver that asked Hubei about the subject.
pub(crate) fn verify(
    verifier: &mut StatementVerifier,
    statement: &[u8],
) -> Result<Verified<Attestation>, VerifyError> {
    verifier.verify(statement, hubei(), &Listed::own(), &subject(), &SALT)
}

pub(crate) fn verify_once(statement: &[u8]) -> Result<Verified<Attestation>, VerifyError> {
    verify(&mut StatementVerifier::new(16), statement)
}
