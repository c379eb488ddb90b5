//! What becomes of decisions: reviews are explained, resolved by people, listed, and all of it stays.

mod log;
mod resolving;
mod scenarios;

use huxin_attest::{
    ClaimFields, Claims, CodeStatus, Document, EvidenceRef, Kind, SubjectCommitment, SubjectSalt,
    SystemRandom, UnixSecs, sign_single,
};
use huxin_ledger::leaf::LeafType;
use huxin_ledger::{LogVerifierKey, VerifiedReceipt};
use huxin_tests::{Federation, fresh_id, question, region, stating};
use huxin_wire::error::reason_of;
use huxin_wire::v1;
use huxin_wire::v1::recognition_client::RecognitionClient;
use huxin_wire::v1::registry_client::RegistryClient;
use tonic::Status;
use tonic::transport::Channel;

type App = RecognitionClient<Channel>;

/// The reception of a hospital in Guangzhou.
async fn hospital(federation: &Federation) -> App {
    RecognitionClient::new(federation.channel(44, "app/gd-hospital-1/reception", 44).await)
}

/// Decides about one person, and gives back the decision with its receipt.
async fn ask(app: &mut App, request: v1::RecogniseRequest) -> (v1::Decision, v1::Receipt) {
    let result = app.recognise(request).await.unwrap().into_inner().results.remove(0);
    (result.decision.unwrap(), result.receipt.unwrap())
}

/// A visit to the hospital of somebody of whom nothing is known: a review.
async fn review(app: &mut App, visitor: &Document) -> v1::Receipt {
    let (decision, receipt) = ask(app, question(visitor, 42, "gz-hospital", "visit")).await;
    assert_eq!(decision.outcome(), v1::Outcome::Review);
    receipt
}

fn resolving(index: u64) -> v1::ResolveRequest {
    v1::ResolveRequest {
        request_id: fresh_id(),
        origin: String::new(),
        index,
        resolution: v1::Resolution::Admitted.into(),
        officer: "示例：护士长 0417".into(),
        reason: "已走专用通道，陪护探视".into(),
    }
}

async fn resolve(app: &mut App, request: v1::ResolveRequest) -> Result<v1::Receipt, Status> {
    app.resolve(request).await.map(|reply| reply.into_inner().receipt.unwrap())
}

async fn explain(app: &mut App, index: u64) -> Result<v1::ExplainReply, Status> {
    app.explain(v1::ExplainRequest { origin: String::new(), index }).await.map(tonic::Response::into_inner)
}

async fn reviews(app: &mut App, page_size: u32, page_token: &str) -> v1::ReviewsReply {
    let request = v1::ReviewsRequest { page_size, page_token: page_token.to_owned() };
    app.reviews(request).await.unwrap().into_inner()
}

fn reason<T: std::fmt::Debug>(result: Result<T, Status>) -> String {
    let (reason, error_id) = reason_of(&result.unwrap_err()).unwrap();
    assert_eq!(error_id.len(), 16, "the log holds the same id");
    reason
}

/// A receipt, verified with nothing but the log's public key.
fn verified(federation: &Federation, message: &v1::Receipt, leaf_type: LeafType) -> VerifiedReceipt {
    let receipt = huxin_cli::receipts::from_message(message.clone()).unwrap();
    let (_, vkey) = federation.exercise.membership().log("gd.example/log/0").unwrap();
    let verified = receipt.verify(&LogVerifierKey::parse(vkey).unwrap()).unwrap();
    assert_eq!(verified.leaf().leaf_type, leaf_type);
    verified
}

/// A red code of Hubei's CDC about a confirmed case, with the laboratory's word behind it.
async fn founded_red(federation: &Federation, subject: &Document) {
    let report = state(federation, "hb-lab-1", subject, Kind::Evidence, |fields| {
        fields.item = Some("lab".parse().unwrap());
    });
    let digest = huxin_attest::Digest::try_from(&*report.await.digest).unwrap();
    state(federation, "hb-cdc", subject, Kind::HealthCode, |fields| {
        fields.status = Some(CodeStatus::Red);
        fields.native_label = Some("鄂汇红".parse().unwrap());
        fields.assigner = Some("hb-cdc".parse().unwrap());
        fields.assigner_role = Some("cdc".parse().unwrap());
        fields.assigned_for = Some("confirmed_case".parse().unwrap());
        fields.evidence = vec![EvidenceRef { kind: "lab".parse().unwrap(), digest }];
    })
    .await;
}

/// States what `fill` makes of a statement of a department of Hubei.
async fn state(
    federation: &Federation,
    department: &str,
    subject: &Document,
    kind: Kind,
    fill: impl FnOnce(&mut ClaimFields),
) -> v1::StateReply {
    let salt = SubjectSalt::random(&mut SystemRandom);
    let commitment = SubjectCommitment::of(subject, &salt);
    let name = department.parse().unwrap();
    let key = federation.exercise.statement_key(region(42), &name).unwrap();
    let mut fields = ClaimFields::new(kind, region(42), name, UnixSecs::at(federation.now()), commitment);
    fill(&mut fields);
    let statement = v1::SignedStatement {
        attestation: sign_single(&Claims::new(fields).unwrap(), &key).unwrap().into(),
        subject: Some(huxin_wire::convert::document_message(subject)),
        subject_salt: salt.0.to_vec().into(),
    };
    let channel = federation.channel(42, &format!("department/{department}"), 42).await;
    RegistryClient::new(channel).state(stating(statement)).await.unwrap().into_inner()
}
