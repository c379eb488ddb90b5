//! What the benches run against: nodes as processes of their own, filled over the wire by their departments.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use huxin_attest::{Document, Random as _, RegionCode, SubjectSalt, SystemRandom, UnixMs, UnixSecs};
use huxin_registry::line::FactLine;
use huxin_registry::synthetic::{Scene, generate};
use huxin_wire::convert::document_message;
use huxin_wire::v1;
use huxin_wire::v1::operator_client::OperatorClient;
use huxin_wire::v1::registry_client::RegistryClient;
use prost::Message as _;

use super::process::{Process, free_address};
use crate::department::{self, Fact};
use crate::exercise::{BASELINE, Exercise, Setting};

/// The day that the sample policies speak of.
pub(super) const DAY: &str = "2022-07-08T09:00:00+08:00";
/// How long a node may take to serve.
const STARTING: Duration = Duration::from_secs(20);

/// Two provinces that run as processes.
pub struct Federation {
    /// Their files.
    pub exercise: Exercise,
    /// The processes, by region.
    pub nodes: BTreeMap<RegionCode, Process>,
}

impl Federation {
    /// Makes the files and starts a node for each province.
    ///
    /// # Errors
    /// If a file cannot be made or a node does not serve in time.
    pub async fn start(folder: &Path, regions: &[RegionCode], runtimes: usize) -> Result<Self, String> {
        let mut addresses = BTreeMap::new();
        for region in regions {
            addresses.insert(*region, free_address().map_err(text)?);
        }
        // The sample's rate would be the bench's ceiling.
        let baseline = BASELINE.replace("per_peer_per_minute = 600000", "per_peer_per_minute = 600000000");
        let setting = Setting {
            addresses,
            facts_start: UnixMs::parse_rfc3339(DAY),
            runtimes,
            baseline: Some(&baseline),
            ..Setting::default()
        };
        let exercise = Exercise::create(folder, &setting).map_err(text)?;
        let mut nodes = BTreeMap::new();
        for region in regions {
            let config = exercise.node_toml(*region);
            let config = config.to_str().ok_or("the folder's name is not UTF-8")?;
            nodes.insert(*region, Process::start(&["node", "--config", config]).map_err(text)?);
        }
        let federation = Self { exercise, nodes };
        for region in regions {
            federation.await_node(*region).await?;
        }
        Ok(federation)
    }

    /// What a node says of itself.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn status(&self, region: RegionCode) -> Result<v1::StatusReply, String> {
        let channel = self.exercise.connect(region, "operator/duty-1", region).await.map_err(text)?;
        let reply = OperatorClient::new(channel).status(v1::StatusRequest {}).await;
        reply.map(tonic::Response::into_inner).map_err(text)
    }

    /// Where a node listens.
    ///
    /// # Errors
    /// If it is none of this federation's.
    pub fn endpoint(&self, region: RegionCode) -> Result<huxin_identity::Endpoint, String> {
        self.exercise.endpoint(region).map_err(text)
    }

    async fn await_node(&self, region: RegionCode) -> Result<(), String> {
        let began = Instant::now();
        loop {
            match self.status(region).await {
                Ok(_) => return Ok(()),
                Err(error) if began.elapsed() > STARTING => {
                    return Err(format!("the node of region {region} does not serve: {error}"));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

/// States codes and tests of synthetic people through their departments, in signed batches. Returns the people.
///
/// # Errors
/// If a department cannot sign or the node refuses.
pub async fn populate(exercise: &Exercise, region: RegionCode, people: u32) -> Result<Vec<Document>, String> {
    let now = UnixMs::parse_rfc3339(DAY).ok_or("the day is no time")?;
    let (codes_by, tests_by) = ("hb-data", "hb-lab-1");
    let scene = scene(region, people, now)?;
    let evidence_by = scene.evidence_by.to_string();
    let (mut evidence, mut codes, mut tests) = (Vec::new(), Vec::new(), Vec::new());
    let mut documents = Vec::new();
    for person in generate(scene) {
        documents.push(person.document);
        evidence.extend(person.evidence);
        codes.push(person.code);
        tests.extend(person.test);
    }
    // What red and amber codes rest on comes first.
    import(exercise, region, &evidence_by, evidence, now).await?;
    import(exercise, region, codes_by, codes, now).await?;
    import(exercise, region, tests_by, tests, now).await?;
    Ok(documents)
}

async fn import(
    exercise: &Exercise,
    region: RegionCode,
    department: &str,
    lines: Vec<FactLine>,
    now: UnixMs,
) -> Result<(), String> {
    let name = department.parse().map_err(text)?;
    let key = exercise.statement_key(region, &name).map_err(text)?;
    let channel =
        exercise.connect(region, &format!("department/{department}"), region).await.map_err(text)?;
    let mut client = RegistryClient::new(channel);
    let mut facts = Vec::with_capacity(lines.len());
    for line in lines {
        let salt = SubjectSalt::random(&mut SystemRandom);
        let signed = line.into_claims(name, region, UnixSecs::at(now), salt).map_err(text)?;
        facts.push(Fact { claims: signed.claims, document: signed.document, salt: signed.salt });
    }
    for batch in facts.chunks(usize::from(huxin_attest::MAX_BATCH)) {
        let statements = department::sign(batch, &key).map_err(text)?;
        department::send(&mut client, SystemRandom.array(), statements).await.map_err(text)?;
    }
    Ok(())
}

/// Serialised questions, one a person, without their request id.
pub fn questions(
    people: &[Document],
    home: RegionCode,
    place: &str,
    purpose: &str,
    origin: &str,
) -> Vec<Bytes> {
    let question = |document: &Document| {
        let presentation = v1::Presentation {
            document: Some(v1::PresentedDocument {
                document: Some(document_message(document)),
                home_region: home.to_string(),
            }),
            test_regions: Vec::new(),
            declared_age: None,
        };
        let request = v1::RecogniseRequest {
            presentations: vec![presentation],
            place_id: place.to_owned(),
            purpose: purpose.to_owned(),
            origin_area: origin.to_owned(),
            case_ref: String::new(),
            request_id: Bytes::new(),
        };
        request.encode_to_vec().into()
    };
    people.iter().map(question).collect()
}

/// The text of an error.
pub fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Synthetic people about whom nothing is stated.
///
/// # Errors
/// If a name is malformed.
pub fn documents(region: RegionCode, people: u32) -> Result<Vec<Document>, String> {
    let now = UnixMs::parse_rfc3339(DAY).ok_or("the day is no time")?;
    let scene = scene(region, people, now)?;
    Ok(generate(scene).map(|person| person.document).collect())
}

/// The people of the benches on that day.
///
/// # Errors
/// If a name is malformed.
pub(super) fn facts_of(region: RegionCode, people: u32) -> Result<Scene, String> {
    scene(region, people, UnixMs::parse_rfc3339(DAY).ok_or("the day is no time")?)
}

fn scene(region: RegionCode, people: u32, now: UnixMs) -> Result<Scene, String> {
    let (assigner, evidence_by) = ("hb-cdc".parse().map_err(text)?, "hb-headquarters".parse().map_err(text)?);
    Ok(Scene { region, people, seed: 7, now: UnixSecs::at(now), assigner, evidence_by })
}
