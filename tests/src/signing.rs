//! Statements with any claims, signed by their department; and red codes with all that they rest on.

use huxin_attest::{
    ClaimFields, Claims, CodeStatus, Digest, Document, Envelope, EvidenceRef, Kind, SubjectCommitment,
    SubjectSalt, SystemRandom, UnixSecs, sign_single, statement_digest,
};
use huxin_wire::v1;
use huxin_wire::v1::registry_client::RegistryClient;
use tonic::Status;
use tonic::transport::Channel;

use crate::{Federation, region, stating};

impl Federation {
    /// A statement of `department` in `home`, stated now unless edited.
    pub fn sign(
        &self,
        home: u8,
        department: &str,
        subject: &Document,
        kind: Kind,
        edit: impl FnOnce(&mut ClaimFields),
    ) -> v1::SignedStatement {
        let name = department.parse().unwrap();
        let key = self.exercise.statement_key(region(home), &name).unwrap();
        let salt = SubjectSalt::random(&mut SystemRandom);
        let commitment = SubjectCommitment::of(subject, &salt);
        let mut fields = ClaimFields::new(kind, region(home), name, UnixSecs::at(self.now()), commitment);
        edit(&mut fields);
        v1::SignedStatement {
            attestation: sign_single(&Claims::new(fields).unwrap(), &key).unwrap().into(),
            subject: Some(huxin_wire::convert::document_message(subject)),
            subject_salt: salt.0.to_vec().into(),
        }
    }

    /// Evidence of this kind.
    pub fn evidence(
        &self,
        home: u8,
        department: &str,
        subject: &Document,
        item: &str,
    ) -> v1::SignedStatement {
        self.sign(home, department, subject, Kind::Evidence, |fields| fields.item = item.parse().ok())
    }

    /// A red code of Hubei's centre for disease control that rests on `evidence`, changed by `edit`.
    pub fn red(
        &self,
        subject: &Document,
        evidence: &v1::SignedStatement,
        edit: impl FnOnce(&mut ClaimFields),
    ) -> v1::SignedStatement {
        self.sign(42, "hb-cdc", subject, Kind::HealthCode, |fields| {
            fields.status = Some(CodeStatus::Red);
            fields.assigner = "hb-cdc".parse().ok();
            fields.assigner_role = "cdc".parse().ok();
            fields.assigned_for = "close_contact".parse().ok();
            fields.evidence =
                vec![EvidenceRef { kind: "case_file".parse().unwrap(), digest: digest_of(evidence) }];
            edit(fields);
        })
    }

    /// States a founded red code in Hubei.
    pub async fn state_founded_red(&self, subject: &Document) {
        let evidence = self.evidence(42, "hb-headquarters", subject, "case_file");
        self.registry(42, "hb-headquarters").await.state(stating(evidence.clone())).await.unwrap();
        let red = self.red(subject, &evidence, |_| {});
        self.registry(42, "hb-cdc").await.state(stating(red)).await.unwrap();
    }

    /// The registry of a province, as one of its departments sees it.
    pub async fn registry(&self, home: u8, department: &str) -> RegistryClient<Channel> {
        RegistryClient::new(self.channel(home, &format!("department/{department}"), home).await)
    }
}

/// What names a statement.
pub fn digest_of(statement: &v1::SignedStatement) -> Digest {
    statement_digest(Envelope::parse(&statement.attestation).unwrap().claims())
}

/// The stable reason of a status.
pub fn reason(status: &Status) -> String {
    huxin_wire::error::reason_of(status).unwrap_or_else(|| panic!("no reason: {status:?}")).0
}
