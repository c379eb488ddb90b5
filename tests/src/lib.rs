//! A federation of real nodes on free ports, with fresh certificates, for end-to-end tests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a harness of tests: what goes wrong here ends the test"
)]

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Instant;

use huxin_attest::{
    ClaimFields, Claims, CodeStatus, DepartmentName, Document, DocumentType, Kind, RegionCode,
    SubjectCommitment, SubjectSalt, SystemRandom, TestResult, UnixMs, UnixSecs, sign_single,
};
use huxin_cli::exercise::{Exercise, Setting};
use huxin_node::{Config, Listeners, Node, StartError};
use huxin_wire::v1;
use huxin_wire::v1::operator_client::OperatorClient;
use huxin_wire::v1::recognition_client::RecognitionClient;
use huxin_wire::v1::registry_client::RegistryClient;
use tonic::transport::Channel;

pub mod frames;
pub mod gate;
pub mod hand;
pub mod liar;
pub mod outsider;
pub mod raw;
pub mod signing;

/// The day that the samples speak of.
pub const DAY: &str = "2022-07-08T09:00:00+08:00";

/// A running federation.
pub struct Federation {
    /// Its files.
    pub exercise: Exercise,
    nodes: BTreeMap<RegionCode, Node>,
    started: Instant,
    moved_ms: i64,
    _folder: tempfile::TempDir,
}

/// The region with this code.
pub fn region(code: u8) -> RegionCode {
    RegionCode::new(code).unwrap()
}

impl Federation {
    /// Starts a node for each of these provinces.
    pub fn start(regions: &[u8]) -> Self {
        Self::start_with(regions, |_| {})
    }

    /// The same, with a chance to change the files before the nodes start.
    pub fn start_with(regions: &[u8], change: impl FnOnce(&Exercise)) -> Self {
        Self::set_up(regions, 1, |_| {}, change)
    }

    /// The same, with so many runtimes a node, and a chance to change the setting.
    pub fn set_up<'a>(
        regions: &[u8],
        runtimes: usize,
        adjust: impl FnOnce(&mut Setting<'a>),
        change: impl FnOnce(&Exercise),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut listeners = BTreeMap::new();
        for code in regions {
            let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            listeners.insert(region(*code), Listeners::bind(any, runtimes).unwrap());
        }
        let addresses = listeners.iter().map(|(region, bound)| (*region, bound.address())).collect();
        let facts_start = UnixMs::parse_rfc3339(DAY);
        let mut setting = Setting { addresses, facts_start, runtimes, ..Setting::default() };
        adjust(&mut setting);
        let exercise = Exercise::create(&folder.path().join("exercise"), &setting).unwrap();
        change(&exercise);
        let started = Instant::now();
        let nodes = listeners
            .into_iter()
            .map(|(region, bound)| {
                let config = Config::load(&exercise.node_toml(region)).unwrap();
                (
                    region,
                    Node::start(&config, Some(bound)).unwrap_or_else(|error| panic!("{region}: {error}")),
                )
            })
            .collect();
        Self { exercise, nodes, started, moved_ms: 0, _folder: folder }
    }

    /// Stops one node; others lose it.
    pub fn stop(&mut self, code: u8) {
        self.nodes.remove(&region(code)).unwrap().stop().unwrap();
    }

    /// Starts a stopped node again, on its files and at its old address.
    ///
    /// # Errors
    /// Why it does not start.
    pub fn start_again(&mut self, code: u8) -> Result<(), StartError> {
        self.start_again_with(code, |_| {})
    }

    /// The same, with a chance to change what no file says.
    ///
    /// # Errors
    /// Why it does not start.
    pub fn start_again_with(&mut self, code: u8, change: impl FnOnce(&mut Config)) -> Result<(), StartError> {
        let mut config = Config::load(&self.exercise.node_toml(region(code)))?;
        config.facts_start = Some(self.now());
        change(&mut config);
        self.nodes.insert(region(code), Node::start(&config, None)?);
        Ok(())
    }

    /// Lets so many milliseconds pass on the facts clocks of all nodes.
    pub fn pass_ms(&mut self, ms: i64) {
        self.moved_ms += ms;
        self.nodes.values().for_each(|node| node.dangerous_move_facts_clock(ms));
    }

    /// A running node.
    pub fn node(&self, code: u8) -> &Node {
        &self.nodes[&region(code)]
    }

    /// A channel of a party of `from` to the node of `to`.
    pub async fn channel(&self, from: u8, role: &str, to: u8) -> Channel {
        self.exercise.connect(region(from), role, region(to)).await.unwrap()
    }

    /// The time on the facts clocks, give or take what starting the nodes took.
    pub fn now(&self) -> UnixMs {
        let since = self.moved_ms + i64::try_from(self.started.elapsed().as_millis()).unwrap();
        UnixMs::parse_rfc3339(DAY).unwrap().saturating_add_ms(since)
    }

    /// What an operator of the province sees.
    pub async fn status(&self, code: u8) -> v1::StatusReply {
        let channel = self.channel(code, "operator/duty-1", code).await;
        OperatorClient::new(channel).status(v1::StatusRequest {}).await.unwrap().into_inner()
    }

    /// The checkpoint app of Guangzhou South station.
    pub async fn station(&self) -> RecognitionClient<Channel> {
        RecognitionClient::new(self.channel(44, "app/gd-transport/checkpoint", 44).await)
    }

    /// States one fact as a department of its province.
    pub async fn state(&self, fact: &Fact) -> v1::StateReply {
        let channel =
            self.channel(fact.region, &format!("department/{}", fact.department), fact.region).await;
        RegistryClient::new(channel).state(self.signed(fact)).await.unwrap().into_inner()
    }

    /// The request that states a fact, signed by its department.
    pub fn signed(&self, fact: &Fact) -> v1::StateRequest {
        stating(self.statement(fact))
    }

    /// A fact, signed by its department.
    pub fn statement(&self, fact: &Fact) -> v1::SignedStatement {
        let department: DepartmentName = fact.department.parse().unwrap();
        let key = self.exercise.statement_key(region(fact.region), &department).unwrap();
        let salt = SubjectSalt::random(&mut SystemRandom);
        let claims = fact.claims(self.now(), &salt);
        v1::SignedStatement {
            attestation: sign_single(&claims, &key).unwrap().into(),
            subject: Some(huxin_wire::convert::document_message(&fact.subject)),
            subject_salt: salt.0.to_vec().into(),
        }
    }
}

/// The request that states a signed statement.
pub fn stating(statement: v1::SignedStatement) -> v1::StateRequest {
    v1::StateRequest { request_id: fresh_id(), form: Some(v1::state_request::Form::Statement(statement)) }
}

/// 16 fresh random bytes.
pub fn fresh_id() -> bytes::Bytes {
    use huxin_attest::Random as _;
    SystemRandom.array::<16>().to_vec().into()
}

/// A fact to be stated now.
#[derive(Debug, Clone)]
pub struct Fact {
    /// The province.
    pub region: u8,
    /// The department.
    pub department: &'static str,
    /// The person.
    pub subject: Document,
    /// What is stated.
    pub kind: Kind,
    /// The code's status.
    pub status: Option<CodeStatus>,
    /// The test's result, and how many minutes ago it was reported.
    pub test: Option<(TestResult, i64)>,
    /// How many minutes ago the department dates its statement; negative: in the future.
    pub stated_minutes_ago: i64,
    /// The province that it was heard from; `None`: stated first-hand.
    pub heard_from: Option<RegionCode>,
}

impl Fact {
    /// A code of this status.
    pub fn code(region: u8, department: &'static str, subject: &Document, status: CodeStatus) -> Self {
        let subject = subject.clone();
        Self {
            region,
            department,
            subject,
            kind: Kind::HealthCode,
            status: Some(status),
            test: None,
            stated_minutes_ago: 0,
            heard_from: None,
        }
    }

    /// A negative test, reported so many minutes ago.
    pub fn negative(region: u8, department: &'static str, subject: &Document, minutes_ago: i64) -> Self {
        let test = Some((TestResult::Negative, minutes_ago));
        let (kind, subject) = (Kind::NucleicTest, subject.clone());
        Self {
            region,
            department,
            subject,
            kind,
            status: None,
            test,
            stated_minutes_ago: 0,
            heard_from: None,
        }
    }

    /// The claims, stated at `now`.
    pub fn claims(&self, now: UnixMs, salt: &SubjectSalt) -> Claims {
        let stated_at = UnixSecs::at(now.saturating_add_ms(-self.stated_minutes_ago * 60_000));
        let department = self.department.parse().unwrap();
        let commitment = SubjectCommitment::of(&self.subject, salt);
        let origin = self.heard_from.unwrap_or_else(|| region(self.region));
        let mut fields = ClaimFields::new(self.kind, origin, department, stated_at, commitment);
        fields.hop = u8::from(self.heard_from.is_some());
        fields.status = self.status;
        if let Some((result, minutes_ago)) = self.test {
            let reported = UnixSecs::at(now.saturating_add_ms(-minutes_ago * 60_000));
            (fields.result, fields.reported_at, fields.sampled_at) =
                (Some(result), Some(reported), Some(reported));
        }
        Claims::new(fields).unwrap()
    }
}

/// A synthetic person, aged about 34; `number` tells them apart.
pub fn person(number: u16) -> Document {
    let body = format!("42999919880101{:03}", number % 1000);
    let check = huxin_attest::document::resident_id_check(&body).unwrap();
    Document::parse(DocumentType::ResidentId, &format!("{body}{check}")).unwrap()
}

/// A question of one person at a place.
pub fn question(subject: &Document, home: u8, place: &str, purpose: &str) -> v1::RecogniseRequest {
    let presentation = v1::Presentation {
        document: Some(v1::PresentedDocument {
            document: Some(huxin_wire::convert::document_message(subject)),
            home_region: home.to_string(),
        }),
        test_regions: Vec::new(),
        declared_age: None,
    };
    v1::RecogniseRequest {
        presentations: vec![presentation],
        place_id: place.to_owned(),
        purpose: purpose.to_owned(),
        origin_area: String::new(),
        case_ref: String::new(),
        request_id: fresh_id(),
    }
}

/// A sample file of the repository.
pub fn sample(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(path)).unwrap()
}
