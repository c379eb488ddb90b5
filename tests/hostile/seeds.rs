//! Valid requests of one round, from which the round's mutations are made.
//!
//! They are made afresh each round, because what is signed is dated. To make them, the round states, asks and decides
//! properly first: so each round shows that the node still does its work.

use std::collections::HashMap;

use huxin_attest::{CodeStatus, Document, SubjectSalt, SystemRandom};
use huxin_cli::department;
use huxin_tests::hand::query;
use huxin_tests::{Fact, Federation, fresh_id, person, question, region};
use huxin_wire::convert::document_message;
use huxin_wire::v1::{self, import_request, peer_request};
use prost::Message;

use crate::NODE;
use crate::plausible::plausible;
use crate::random::Random;
use crate::rpcs::Rpc;

const DEPARTMENT: &str = "gd-cdc";
const ORIGIN: &str = "gd.example/log/0";
/// How many people each round speaks of.
const PEOPLE: u16 = 12;

/// The messages of one request.
pub type Messages = Vec<Vec<u8>>;

/// What a round mutates.
pub struct Seeds {
    /// Valid requests by path.
    requests: HashMap<String, Vec<Messages>>,
    /// Whom each statement is about that a seed states, by digest.
    pub statements: HashMap<Vec<u8>, Document>,
    /// The digests of those that are imported, all or none.
    pub imported: Vec<Vec<u8>>,
    /// A statement that was stated properly before the round, and stands whatever comes.
    pub stated: (Vec<u8>, Document),
    /// A question that may be asked of a person of this round.
    pub query: Vec<u8>,
}

impl Seeds {
    /// One of the valid requests of an RPC.
    pub fn of<'a>(&'a self, rpc: &Rpc, random: &mut Random) -> &'a Messages {
        random.pick(&self.requests[&rpc.path])
    }

    /// Makes the seeds of a round.
    pub async fn make(federation: &Federation, rpcs: &[Rpc], round: u16, random: &mut Random) -> Self {
        let people: Vec<Document> = (0..PEOPLE).map(|one| person(round * PEOPLE + one)).collect();
        let stated = federation.state(&green(&people[0])).await;
        let withdrawable = federation.state(&green(&people[1])).await;
        let decided = review(federation, &people[2]).await;
        let mut seeds = Self {
            requests: HashMap::new(),
            statements: HashMap::new(),
            imported: Vec::new(),
            stated: (stated.digest.to_vec(), people[0].clone()),
            query: asked(&people[0]).encode_to_vec(),
        };
        let decided = (decided.origin, decided.index);
        for rpc in rpcs {
            let mut all = seeds.proper(federation, &rpc.path, &people, &withdrawable.digest, &decided);
            if let Some(input) = &rpc.input {
                let now = federation.now().as_ms();
                all.push(vec![plausible(input, now, random)]);
                all.push(vec![plausible(input, now, random), plausible(input, now, random)]);
            }
            seeds.requests.insert(rpc.path.clone(), all);
        }
        seeds
    }

    /// Requests that mean something, for RPCs where the descriptor alone does not lead deep enough.
    fn proper(
        &mut self,
        federation: &Federation,
        path: &str,
        people: &[Document],
        withdrawable: &[u8],
        decided: &(String, u64),
    ) -> Vec<Messages> {
        let name = path.rsplit('/').next().unwrap();
        let (origin, index) = decided.clone();
        match name {
            "State" => people[3..9].iter().map(|one| vec![self.state(federation, one)]).collect(),
            "Import" => vec![self.import(federation, &people[9..12])],
            "Recognise" => [(&people[0], NODE), (&people[3], NODE), (&people[0], 42)]
                .map(|(one, home)| vec![recognised(one, home).encode_to_vec()])
                .to_vec(),
            "QueryStream" => {
                let open = peer_request::Message::Open(open(federation));
                let ask = |id| peer_request::Message::Ask(ask(id, &people[0]));
                let join = v1::Join { origin: ORIGIN.into(), from: 1, to: 2 };
                let all = [open, ask(1), ask(2), peer_request::Message::Join(join)];
                let message = |message| v1::PeerRequest { message: Some(message) }.encode_to_vec();
                vec![all.into_iter().map(message).collect()]
            }
            "Query" => {
                let (open, ask) = (Some(open(federation)), Some(ask(1, &people[0])));
                one(&v1::QueryCall { open, ask })
            }
            "Withdraw" => one(&v1::WithdrawRequest {
                request_id: fresh_id(),
                subject: Some(document_message(&people[1])),
                digest: withdrawable.to_vec().into(),
            }),
            "Prepare" => one(&prepare(federation, &people[2])),
            "History" => one(&v1::HistoryRequest {
                subject: Some(document_message(&people[1])),
                page_size: 20,
                page_token: String::new(),
            }),
            "Resolve" => one(&v1::ResolveRequest {
                request_id: fresh_id(),
                origin,
                index,
                resolution: v1::Resolution::Admitted.into(),
                officer: "officer 7".into(),
                reason: "the paper certificate was shown".into(),
            }),
            "Explain" => one(&v1::ExplainRequest { origin, index }),
            "Proof" => one(&v1::ProofRequest { origin, index, size: 0 }),
            "Consistency" => one(&v1::ConsistencyRequest { origin, from: 1, to: 2 }),
            // Field 1 names a service.
            "Check" => vec![vec![[&[0x0a, 15][..], b"huxin.v1.Ledger"].concat()], vec![vec![]]],
            // Field 7 asks for all services.
            "ServerReflectionInfo" => vec![vec![vec![0x3a, 0]]],
            _ => vec![vec![vec![]]],
        }
    }

    fn state(&mut self, federation: &Federation, subject: &Document) -> Vec<u8> {
        let request = federation.signed(&green(subject));
        if let Some(v1::state_request::Form::Statement(statement)) = &request.form {
            self.remember(statement, subject);
        }
        request.encode_to_vec()
    }

    fn import(&mut self, federation: &Federation, people: &[Document]) -> Messages {
        let facts: Vec<_> = people
            .iter()
            .map(|one| {
                let salt = SubjectSalt::random(&mut SystemRandom);
                let claims = green(one).claims(federation.now(), &salt);
                department::Fact { claims, document: one.clone(), salt }
            })
            .collect();
        let key = federation.exercise.statement_key(region(NODE), &DEPARTMENT.parse().unwrap()).unwrap();
        let statements = department::sign(&facts, &key).unwrap();
        self.imported = statements.iter().zip(people).map(|(one, about)| self.remember(one, about)).collect();
        let count = u32::try_from(statements.len()).unwrap();
        let header = v1::ImportHeader { request_id: fresh_id(), count };
        [
            import_request::Message::Header(header),
            import_request::Message::Items(v1::ImportItems { statements }),
        ]
        .map(|message| v1::ImportRequest { message: Some(message) }.encode_to_vec())
        .to_vec()
    }

    fn remember(&mut self, statement: &v1::SignedStatement, subject: &Document) -> Vec<u8> {
        let envelope = huxin_attest::Envelope::parse(&statement.attestation).unwrap();
        let digest = huxin_attest::statement_digest(envelope.claims()).0.to_vec();
        self.statements.insert(digest.clone(), subject.clone());
        digest
    }
}

/// A question about someone of this province that its peer may ask.
pub fn asked(subject: &Document) -> v1::Query {
    v1::Query { department: "hb-transport".into(), ..query(subject) }
}

/// What opens a stream now.
pub fn open(federation: &Federation) -> v1::Open {
    v1::Open { unix_ms: federation.now().as_ms(), ..v1::Open::default() }
}

fn ask(id: u64, subject: &Document) -> v1::Ask {
    v1::Ask { id, query: asked(subject).encode_to_vec().into() }
}

fn one(message: &impl Message) -> Vec<Messages> {
    vec![vec![message.encode_to_vec()]]
}

fn green(subject: &Document) -> Fact {
    Fact::code(NODE, DEPARTMENT, subject, CodeStatus::Green)
}

fn recognised(subject: &Document, home: u8) -> v1::RecogniseRequest {
    let mut request = question(subject, home, "gz-south-station", "travel");
    request.origin_area = "440104".into();
    request
}

/// The receipt of a decision about somebody of whom nothing is known: a review.
async fn review(federation: &Federation, subject: &Document) -> v1::Receipt {
    let reply = federation.station().await.recognise(recognised(subject, NODE)).await.unwrap().into_inner();
    let result = reply.results.into_iter().next().unwrap();
    assert_eq!(result.decision.unwrap().outcome(), v1::Outcome::Review);
    result.receipt.unwrap()
}

fn prepare(federation: &Federation, subject: &Document) -> v1::PrepareRequest {
    use huxin_attest::Signer as _;
    let key = federation.exercise.statement_key(region(NODE), &DEPARTMENT.parse().unwrap()).unwrap();
    let claims = v1::Claims { kind: v1::Kind::HealthCode.into(), status: "00".into(), ..Default::default() };
    let kid = key.public_key().id().0.to_vec().into();
    v1::PrepareRequest { claims: Some(claims), subject: Some(document_message(subject)), kid }
}
