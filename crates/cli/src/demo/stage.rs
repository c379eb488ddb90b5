//! The stage: four provinces with stores, authorities, keys, logs and ports of their own, and a gate before each.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use huxin_attest::{
    ClaimFields, Claims, CodeStatus, DepartmentName, Document, DocumentType, Kind, Random as _, RegionCode,
    SubjectCommitment, SubjectSalt, SystemRandom, TestResult, UnixMs, UnixSecs, sign_single,
};
use huxin_node::{Config, Listeners, Node};
use huxin_wire::convert::document_message;
use huxin_wire::v1;
use huxin_wire::v1::operator_client::OperatorClient;
use huxin_wire::v1::recognition_client::RecognitionClient;
use huxin_wire::v1::registry_client::RegistryClient;

use super::border::{Crossed, Gate};
use crate::exercise::{Exercise, Setting};

/// The provinces on the stage: Henan, Hubei, Hunan, Guangdong.
pub const PROVINCES: [u8; 4] = [41, 42, 43, 44];
/// How long exchange streams may take to open.
const OPENING: Duration = Duration::from_secs(10);

/// The running provinces.
pub struct Stage {
    /// Their files.
    pub exercise: Exercise,
    /// When the facts clock started.
    pub at: UnixMs,
    nodes: BTreeMap<RegionCode, Node>,
    gates: BTreeMap<RegionCode, Gate>,
}

/// The region with this code.
///
/// # Errors
/// If there is none.
pub fn region(code: u8) -> Result<RegionCode, String> {
    RegionCode::new(code).map_err(text)
}

impl Stage {
    /// Makes all files under `folder` and starts the nodes.
    ///
    /// # Errors
    /// If a file exists or cannot be written, or a node does not start.
    pub async fn set(folder: &Path, at: UnixMs) -> Result<Self, String> {
        let mut listeners = BTreeMap::new();
        let (mut gates, mut addresses, mut endpoints) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for code in PROVINCES {
            let region = region(code)?;
            let bound = Listeners::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), 1).map_err(text)?;
            let gate = Gate::open(bound.address()).await.map_err(text)?;
            addresses.insert(region, bound.address());
            endpoints.insert(region, vec![gate.address()]);
            gates.insert(region, gate);
            listeners.insert(region, bound);
        }
        let setting =
            Setting { addresses, endpoints, facts_start: Some(at), runtimes: 1, ..Setting::default() };
        let exercise = Exercise::create(folder, &setting).map_err(text)?;
        let mut nodes = BTreeMap::new();
        for (region, bound) in listeners {
            let config = Config::load(&exercise.node_toml(region)).map_err(text)?;
            let node = Node::start(&config, Some(bound)).map_err(|error| format!("{region}: {error}"))?;
            nodes.insert(region, node);
        }
        Ok(Self { exercise, at, nodes, gates })
    }

    /// Waits until Guangdong's exchange streams are up, so that nothing of opening them is counted later.
    ///
    /// # Errors
    /// If they do not open in time.
    pub async fn await_streams(&self) -> Result<(), String> {
        let began = std::time::Instant::now();
        loop {
            let status = self.status(44).await?;
            if status.peers.iter().all(|peer| peer.streams > 0) {
                break;
            }
            if began.elapsed() > OPENING {
                return Err("the exchange streams do not open".to_owned());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // HTTP/2 settles its settings and windows in the first moments of a connection.
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok(())
    }

    /// What an operator of the province sees.
    ///
    /// # Errors
    /// If the node does not answer.
    pub async fn status(&self, code: u8) -> Result<v1::StatusReply, String> {
        let region = region(code)?;
        let channel = self.exercise.connect(region, "operator/duty-1", region).await.map_err(text)?;
        let reply = OperatorClient::new(channel).status(v1::StatusRequest {}).await;
        reply.map(tonic::Response::into_inner).map_err(text)
    }

    /// What crossed each province's gate so far.
    pub fn crossed(&self) -> BTreeMap<RegionCode, Crossed> {
        self.gates.iter().map(|(region, gate)| (*region, gate.crossed())).collect()
    }

    /// Where the province's node listens, behind its gate.
    pub fn address(&self, code: u8) -> Option<SocketAddr> {
        let region = RegionCode::new(code).ok()?;
        self.nodes.get(&region).map(Node::address)
    }

    /// A department states a fact, signed with its own key, over its own connection.
    ///
    /// # Errors
    /// If it cannot sign or the node refuses.
    pub async fn state(&self, fact: &Fact<'_>) -> Result<(), String> {
        let home = region(fact.region)?;
        let department: DepartmentName = fact.department.parse().map_err(text)?;
        let key = self.exercise.statement_key(home, &department).map_err(text)?;
        let salt = SubjectSalt::random(&mut SystemRandom);
        let claims = fact.claims(home, department, self.at, &salt)?;
        let statement = v1::SignedStatement {
            attestation: sign_single(&claims, &key).map_err(text)?.into(),
            subject: Some(document_message(fact.subject)),
            subject_salt: salt.0.to_vec().into(),
        };
        let request = v1::StateRequest {
            request_id: fresh_id(),
            form: Some(v1::state_request::Form::Statement(statement)),
        };
        let role = format!("department/{department}");
        let channel = self.exercise.connect(home, &role, home).await.map_err(text)?;
        RegistryClient::new(channel).state(request).await.map(|_| ()).map_err(text)
    }

    /// An app of Guangdong asks its node.
    ///
    /// # Errors
    /// What the node says.
    pub async fn recognise(
        &self,
        app: &str,
        request: v1::RecogniseRequest,
    ) -> Result<v1::Recognised, tonic::Status> {
        let unreachable = |error: String| tonic::Status::unavailable(error);
        let here = region(44).map_err(unreachable)?;
        let channel =
            self.exercise.connect(here, app, here).await.map_err(|error| unreachable(text(error)))?;
        let reply = RecognitionClient::new(channel).recognise(request).await?.into_inner();
        reply.results.into_iter().next().ok_or_else(|| tonic::Status::internal("a reply without a result"))
    }

    /// Stops all nodes.
    ///
    /// # Errors
    /// If a log stopped before.
    pub fn clear(self) -> Result<(), String> {
        // All at once: none has to wait for streams from another that is about to stop.
        self.nodes.values().for_each(|node| node.stopper()());
        self.nodes.into_values().try_for_each(|node| node.stop().map_err(text))
    }
}

/// A fact to be stated now.
pub struct Fact<'a> {
    /// The province.
    pub region: u8,
    /// The department.
    pub department: &'a str,
    /// The person.
    pub subject: &'a Document,
    /// What is stated.
    pub says: Says<'a>,
}

/// What a fact says.
pub enum Says<'a> {
    /// A green code, under the province's own label.
    Green(&'a str),
    /// A negative test, reported so many hours ago.
    Negative(i64),
}

impl Fact<'_> {
    fn claims(
        &self,
        home: RegionCode,
        department: DepartmentName,
        now: UnixMs,
        salt: &SubjectSalt,
    ) -> Result<Claims, String> {
        let kind = match self.says {
            Says::Green(_) => Kind::HealthCode,
            Says::Negative(_) => Kind::NucleicTest,
        };
        let commitment = SubjectCommitment::of(self.subject, salt);
        let mut fields = ClaimFields::new(kind, home, department, UnixSecs::at(now), commitment);
        match self.says {
            Says::Green(label) => {
                fields.status = Some(CodeStatus::Green);
                fields.native_label = Some(label.parse().map_err(text)?);
            }
            Says::Negative(hours) => {
                let reported = UnixSecs::at(now.saturating_add_ms(-hours * 3_600_000));
                fields.result = Some(TestResult::Negative);
                (fields.sampled_at, fields.reported_at) = (Some(reported), Some(reported));
            }
        }
        Claims::new(fields).map_err(text)
    }
}

/// The traveller: synthetic, born in 1988; the prefecture 99 does not exist.
///
/// # Errors
/// Never: the number has its check digit.
pub fn traveller() -> Result<Document, String> {
    let body = "42990119880101001";
    let check = huxin_attest::document::resident_id_check(body).ok_or("17 digits")?;
    Document::parse(DocumentType::ResidentId, &format!("{body}{check}")).map_err(text)
}

/// A question about one person.
pub fn question(subject: &Document, home: &str, place: &str, purpose: &str) -> v1::RecogniseRequest {
    let document =
        v1::PresentedDocument { document: Some(document_message(subject)), home_region: home.to_owned() };
    v1::RecogniseRequest {
        presentations: vec![v1::Presentation {
            document: Some(document),
            test_regions: Vec::new(),
            declared_age: None,
        }],
        place_id: place.to_owned(),
        purpose: purpose.to_owned(),
        origin_area: String::new(),
        case_ref: "demo".to_owned(),
        request_id: fresh_id(),
    }
}

fn fresh_id() -> bytes::Bytes {
    SystemRandom.array::<16>().to_vec().into()
}

/// The text of an error.
pub fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
