//! What a department does to state facts in bulk: sign a batch, send it in messages of bounded size.

use huxin_attest::{Claims, Document};
use huxin_attest::{Signer, SubjectSalt, sign_batch};
use huxin_wire::convert::document_message;
use huxin_wire::v1;
use huxin_wire::v1::import_request::Message;
use huxin_wire::v1::registry_client::RegistryClient;
use prost::Message as _;
use tonic::Status;
use tonic::transport::Channel;

/// What one message of an import may hold, in bytes; the node takes 64 KiB.
const MESSAGE: usize = 60 * 1024;

/// One fact to be signed.
pub struct Fact {
    /// What is stated.
    pub claims: Claims,
    /// Whom it is about.
    pub document: Document,
    /// What opens the commitment.
    pub salt: SubjectSalt,
}

/// Signs facts as one batch: one signature, each statement with its path.
///
/// # Errors
/// If there are none or more than 4,096, or the key cannot sign.
pub fn sign(facts: &[Fact], key: &dyn Signer) -> Result<Vec<v1::SignedStatement>, huxin_attest::SignError> {
    let claims: Vec<Claims> = facts.iter().map(|fact| fact.claims.clone()).collect();
    let envelopes = sign_batch(&claims, key)?;
    let statement = |(fact, envelope): (&Fact, Vec<u8>)| v1::SignedStatement {
        attestation: envelope.into(),
        subject: Some(document_message(&fact.document)),
        subject_salt: fact.salt.0.to_vec().into(),
    };
    Ok(facts.iter().zip(envelopes).map(statement).collect())
}

/// Sends one batch, all or none.
///
/// # Errors
/// What the node says.
pub async fn send(
    client: &mut RegistryClient<Channel>,
    request_id: [u8; 16],
    statements: Vec<v1::SignedStatement>,
) -> Result<v1::ImportReply, Status> {
    let count = u32::try_from(statements.len()).unwrap_or(u32::MAX);
    let header = v1::ImportHeader { request_id: request_id.to_vec().into(), count };
    let mut messages = vec![v1::ImportRequest { message: Some(Message::Header(header)) }];
    let (mut chunk, mut size) = (Vec::new(), 0);
    for statement in statements {
        // Tag and length of an item take at most 6 bytes.
        let len = statement.encoded_len() + 6;
        if size + len > MESSAGE {
            messages.push(items(std::mem::take(&mut chunk)));
            size = 0;
        }
        size += len;
        chunk.push(statement);
    }
    messages.push(items(chunk));
    Ok(client.import(tokio_stream::iter(messages)).await?.into_inner())
}

fn items(statements: Vec<v1::SignedStatement>) -> v1::ImportRequest {
    v1::ImportRequest { message: Some(Message::Items(v1::ImportItems { statements })) }
}
