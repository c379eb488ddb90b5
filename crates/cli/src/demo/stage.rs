//! The stage: four provinces with stores, authorities, keys, logs and ports of their own, and gates before each.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use huxin_attest::{
    Digest, Document, Ed25519Key, Random as _, RegionCode, SubjectSalt, SystemRandom, UnixMs, sign_single,
};
use huxin_node::{Config, Listeners, Node};
use huxin_wire::convert::document_message;
use huxin_wire::v1;
use huxin_wire::v1::operator_client::OperatorClient;
use huxin_wire::v1::recognition_client::RecognitionClient;
use huxin_wire::v1::registry_client::RegistryClient;
use tonic::Status;
use tonic::transport::Channel;

use super::border::{Crossed, Gate};
use super::facts::Fact;
use crate::exercise::{Exercise, Setting};

/// The provinces on the stage: Henan, Hubei, Hunan, Guangdong.
pub const PROVINCES: [u8; 4] = [41, 42, 43, 44];
/// How long exchange streams may take to open.
const OPENING: Duration = Duration::from_secs(10);
/// How long something that happens by itself is awaited, and how often it is looked for.
const PATIENCE: Duration = Duration::from_secs(10);
const GLANCE: Duration = Duration::from_millis(20);

/// The running provinces.
pub struct Stage {
    /// Their files.
    pub exercise: Exercise,
    /// When the facts clock started.
    pub at: UnixMs,
    began: Instant,
    nodes: BTreeMap<RegionCode, Node>,
    addresses: BTreeMap<RegionCode, SocketAddr>,
    gates: BTreeMap<RegionCode, Vec<Gate>>,
}

/// The region with this code.
///
/// # Errors
/// If there is none.
pub fn region(code: u8) -> Result<RegionCode, String> {
    RegionCode::new(code).map_err(text)
}

impl Stage {
    /// Makes all files under `folder` and starts the nodes. Hubei has two endpoints, everybody else one.
    ///
    /// # Errors
    /// If a file exists or cannot be written, or a node does not start.
    pub async fn set(folder: &Path, at: UnixMs) -> Result<Self, String> {
        let mut listeners = BTreeMap::new();
        let (mut gates, mut addresses, mut endpoints) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for code in PROVINCES {
            let region = region(code)?;
            let bound = Listeners::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), 1).map_err(text)?;
            let mut own = Vec::new();
            for _ in 0..if code == 42 { 2 } else { 1 } {
                own.push(Gate::open(bound.address()).await.map_err(text)?);
            }
            addresses.insert(region, bound.address());
            endpoints.insert(region, own.iter().map(Gate::address).collect());
            gates.insert(region, own);
            listeners.insert(region, bound);
        }
        let setting = Setting {
            addresses: addresses.clone(),
            endpoints,
            facts_start: Some(at),
            runtimes: 1,
            ..Setting::default()
        };
        let exercise = Exercise::create(folder, &setting).map_err(text)?;
        let began = Instant::now();
        let mut stage = Self { exercise, at, began, nodes: BTreeMap::new(), addresses, gates };
        for (region, bound) in listeners {
            stage.start_on(region, bound)?;
        }
        Ok(stage)
    }

    fn start_on(&mut self, region: RegionCode, bound: Listeners) -> Result<(), String> {
        let mut config = Config::load(&self.exercise.node_toml(region)).map_err(text)?;
        // A node that starts again goes on where the others are.
        config.facts_start = Some(self.now());
        let node = Node::start(&config, Some(bound)).map_err(|error| format!("{region}: {error}"))?;
        self.nodes.insert(region, node);
        Ok(())
    }

    /// Stops the node of a province; whoever asks it hears nothing.
    ///
    /// # Errors
    /// If its log stopped before.
    pub fn stop(&mut self, code: u8) -> Result<(), String> {
        let node = self.nodes.remove(&region(code)?).ok_or("the node does not run")?;
        tokio::task::block_in_place(|| node.stop()).map_err(text)
    }

    /// Starts the node of a province again, where it listened before.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start_again(&mut self, code: u8) -> Result<(), String> {
        let region = region(code)?;
        let address = self.addresses.get(&region).copied().ok_or("no such province")?;
        let bound = Listeners::bind(address, 1).map_err(text)?;
        tokio::task::block_in_place(|| self.start_on(region, bound))
    }

    /// The facts clock, as the nodes read it but for a moment.
    pub fn now(&self) -> UnixMs {
        let passed = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.at.saturating_add_ms(passed)
    }

    /// Waits until Guangdong's exchange streams to these provinces are up.
    ///
    /// # Errors
    /// If they do not open in time.
    pub async fn await_streams(&self, to: &[u8]) -> Result<(), String> {
        let opened = self.wait_for(OPENING, 44, |status| {
            let open = |code: &u8| {
                status.peers.iter().any(|peer| peer.region == code.to_string() && peer.streams > 0)
            };
            to.iter().all(open)
        });
        if !opened.await? {
            return Err("the exchange streams do not open".to_owned());
        }
        // HTTP/2 settles its settings and windows in the first moments of a connection.
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok(())
    }

    /// Waits until an operator of the province sees this, and says whether it came so far.
    ///
    /// # Errors
    /// If the node does not answer.
    pub async fn until(&self, code: u8, sees: impl Fn(&v1::StatusReply) -> bool) -> Result<bool, String> {
        self.wait_for(PATIENCE, code, sees).await
    }

    async fn wait_for(
        &self,
        longest: Duration,
        code: u8,
        sees: impl Fn(&v1::StatusReply) -> bool,
    ) -> Result<bool, String> {
        let began = Instant::now();
        loop {
            if sees(&self.status(code).await?) {
                return Ok(true);
            }
            if began.elapsed() > longest {
                return Ok(false);
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// A channel of a party of the province to its own node, behind the gates.
    ///
    /// # Errors
    /// If the node is not reached.
    pub async fn own_channel(&self, code: u8, role: &str) -> Result<Channel, String> {
        let region = region(code)?;
        self.exercise.connect(region, role, region).await.map_err(text)
    }

    /// What an operator of the province sees.
    ///
    /// # Errors
    /// If the node does not answer.
    pub async fn status(&self, code: u8) -> Result<v1::StatusReply, String> {
        let channel = self.own_channel(code, "operator/duty-1").await?;
        let reply = OperatorClient::new(channel).status(v1::StatusRequest {}).await;
        reply.map(tonic::Response::into_inner).map_err(text)
    }

    /// What crossed each province's gates so far.
    pub fn crossed(&self) -> BTreeMap<RegionCode, Crossed> {
        let sum = |gates: &Vec<Gate>| gates.iter().map(Gate::crossed).sum();
        self.gates.iter().map(|(region, gates)| (*region, sum(gates))).collect()
    }

    /// Closes one of a province's gates: what runs through it breaks off, and nothing new enters.
    ///
    /// # Errors
    /// If there is no such gate.
    pub fn close_gate(&self, code: u8, number: usize) -> Result<(), String> {
        let gates = self.gates.get(&region(code)?);
        gates.and_then(|gates| gates.get(number)).ok_or("no such gate")?.close();
        Ok(())
    }

    /// Where the province's node listens, behind its gates.
    pub fn address(&self, code: u8) -> Option<SocketAddr> {
        self.addresses.get(&RegionCode::new(code).ok()?).copied()
    }

    /// Lets the province's node, when it is started again, take codes that nothing stands behind.
    ///
    /// # Errors
    /// If its configuration cannot be written.
    pub fn skip_foundedness(&self, code: u8) -> Result<(), String> {
        let path = self.exercise.node_toml(region(code)?);
        let config = std::fs::read_to_string(&path).map_err(text)?;
        let section = "[registry]\n";
        let config = config.replacen(section, &format!("{section}dangerous_skip_foundedness = true\n"), 1);
        std::fs::write(&path, config).map_err(text)
    }

    /// A department's statement key.
    ///
    /// # Errors
    /// If the department states nothing.
    pub fn statement_key(&self, code: u8, department: &str) -> Result<Ed25519Key, String> {
        let department = department.parse().map_err(text)?;
        self.exercise.statement_key(region(code)?, &department).map_err(text)
    }

    /// A fact, signed with the key of the department that states it.
    ///
    /// # Errors
    /// If it cannot be signed.
    pub fn signed(&self, fact: &Fact<'_>) -> Result<v1::SignedStatement, String> {
        let key = self.statement_key(fact.region, fact.department)?;
        let salt = SubjectSalt::random(&mut SystemRandom);
        let claims = fact.claims(self.now(), &salt)?;
        Ok(v1::SignedStatement {
            attestation: sign_single(&claims, &key).map_err(text)?.into(),
            subject: Some(document_message(fact.subject)),
            subject_salt: salt.0.to_vec().into(),
        })
    }

    /// A department states a fact over its own connection; the statement's digest.
    ///
    /// # Errors
    /// If it cannot sign or the node refuses.
    pub async fn state(&self, fact: &Fact<'_>) -> Result<Digest, String> {
        let channel = self.own_channel(fact.region, &format!("department/{}", fact.department)).await?;
        let request = stating(self.signed(fact)?);
        let reply = RegistryClient::new(channel).state(request).await.map_err(text)?.into_inner();
        Digest::try_from(reply.digest.as_ref()).map_err(text)
    }

    /// An app of Guangdong asks its node.
    ///
    /// # Errors
    /// What the node says.
    pub async fn recognise(
        &self,
        app: &str,
        request: v1::RecogniseRequest,
    ) -> Result<v1::Recognised, Status> {
        let channel = self.own_channel(44, app).await.map_err(Status::unavailable)?;
        let reply = RecognitionClient::new(channel).recognise(request).await?.into_inner();
        reply.results.into_iter().next().ok_or_else(|| Status::internal("a reply without a result"))
    }

    /// The checkpoint app of Guangzhou South asks about one traveller from `home`, who comes from a low-risk area there.
    ///
    /// # Errors
    /// If the node refuses.
    pub async fn at_the_station(
        &self,
        subject: &Document,
        home: u8,
    ) -> Result<(v1::Decision, v1::Receipt), String> {
        let mut request = question(subject, home, "gz-south-station", "travel");
        request.origin_area = format!("{home}0102");
        let result = self.recognise("app/gd-transport/checkpoint", request).await.map_err(text)?;
        let v1::Recognised { decision, receipt } = result;
        Ok((decision.ok_or("a result without a decision")?, receipt.ok_or("a decision without a receipt")?))
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

/// A question about one person.
pub fn question(subject: &Document, home: u8, place: &str, purpose: &str) -> v1::RecogniseRequest {
    let document =
        v1::PresentedDocument { document: Some(document_message(subject)), home_region: home.to_string() };
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

/// The request that states a signed statement.
pub fn stating(statement: v1::SignedStatement) -> v1::StateRequest {
    v1::StateRequest { request_id: fresh_id(), form: Some(v1::state_request::Form::Statement(statement)) }
}

/// 16 fresh bytes that name a request.
pub fn fresh_id() -> bytes::Bytes {
    SystemRandom.array::<16>().to_vec().into()
}

/// The text of an error.
pub fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
