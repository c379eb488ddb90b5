//! One bench: the echo and the nodes in turn, several rounds, the same callers and message sizes.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use huxin_attest::RegionCode;
use huxin_identity::Endpoint;
use huxin_wire::v1;
use prost::Message as _;
use rustls::ClientConfig;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;

use super::echo;
use super::federation::{Federation, populate, questions, text};
use super::load::{self, Measured, Plan, Requests};
use super::process::{Process, cpu_of, free_address};
use super::raw::Raw;
use super::report::{Report, Round, Side};
use crate::exercise::Exercise;

const RECOGNISE: &str = "/huxin.v1.Recognition/Recognise";
/// Field 6 of `RecogniseRequest`, 16 bytes: the request id.
const REQUEST_ID: &[u8] = &[0x32, 16];
/// How long the first answer over fresh exchange streams may take.
const FIRST_ANSWER: Duration = Duration::from_secs(10);

/// Which path is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A question that needs an answer of another province.
    TwoHop,
    /// A question for which nothing is asked.
    NotRequired,
}

/// How hard, how often, how many.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// Who calls how.
    pub plan: Plan,
    /// Rounds of echo and nodes in turn.
    pub rounds: usize,
    /// People to draw from.
    pub people: u32,
    /// Runtimes of each server.
    pub runtimes: usize,
}

/// Runs a bench in a fresh folder.
///
/// # Errors
/// If anything cannot be set up, or a reply is not what it must be.
pub fn bench(kind: Kind, folder: &Path, scale: Scale) -> Result<Report, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(text)?;
    let (asker, home) = (RegionCode::new(44).map_err(text)?, RegionCode::new(42).map_err(text)?);
    let regions: &[RegionCode] = match kind {
        Kind::TwoHop => &[home, asker],
        Kind::NotRequired => &[asker],
    };
    let federation =
        runtime.block_on(Federation::start(&folder.join("federation"), regions, scale.runtimes))?;
    let exercise = &federation.exercise;
    let (app, place, purpose) = match kind {
        Kind::TwoHop => ("app/gd-transport/checkpoint", "gz-south-station", "travel"),
        Kind::NotRequired => ("app/commerce-1/gate", "gz-shop-low", "visit"),
    };
    let people = match kind {
        Kind::TwoHop => runtime.block_on(populate(exercise, home, scale.people))?,
        Kind::NotRequired => super::federation::documents(home, scale.people)?,
    };
    let people = Arc::new(questions(&people, home, place, purpose, "420102"));
    let tls = exercise.client_tls(&exercise.party(asker, app).map_err(text)?, asker).map_err(text)?;
    let endpoint = federation.endpoint(asker)?;
    let check = match kind {
        Kind::TwoHop => check_two_hop,
        Kind::NotRequired => check_not_required,
    };
    let reply = runtime.block_on(first_answer(&endpoint, &tls, &people, check))?;
    let echo = Echo::start(exercise, asker, folder, &people, &reply, scale.runtimes)?;
    runtime.block_on(echo.await_reply(&tls))?;

    let requests = Requests { path: path(RECOGNISE)?, people, id_field: REQUEST_ID, check };
    let before = runtime.block_on(statuses(&federation, regions))?;
    let mut rounds = Vec::with_capacity(scale.rounds);
    for _ in 0..scale.rounds {
        let floor = measure(&echo.endpoint, &tls, &echo.requests, scale.plan, &[&echo.process])?;
        let nodes: Vec<&Process> = federation.nodes.values().collect();
        let huxin = measure(&endpoint, &tls, &requests, scale.plan, &nodes)?;
        rounds.push(Round { echo: floor, huxin });
    }
    let after = runtime.block_on(statuses(&federation, regions))?;
    let request_len = echo.requests.people.first().map_or(0, Bytes::len);
    Ok(Report::new(kind, scale, folder, request_len, reply.len(), rounds, &before, &after))
}

fn measure(
    endpoint: &Endpoint,
    tls: &Arc<ClientConfig>,
    requests: &Requests,
    plan: Plan,
    servers: &[&Process],
) -> Result<Side, String> {
    let cpu = || -> Result<(Duration, Duration), String> {
        let own = cpu_of(std::process::id()).map_err(text)?;
        let servers =
            servers.iter().map(|process| process.cpu().map_err(text)).sum::<Result<Duration, _>>()?;
        Ok((own, servers))
    };
    let (own_before, servers_before) = cpu()?;
    let measured = load::run(endpoint, tls, requests, plan)?;
    let (own_after, servers_after) = cpu()?;
    let Measured { answered, failed, failure, elapsed, latency } = measured;
    if let Some(failure) = failure {
        return Err(format!("{failed} requests failed; the first: {failure}"));
    }
    // CPU time covers the warm-up too; requests of the warm-up ran at the same rate.
    let covered = (plan.warm_up + plan.measured).as_secs_f64() / elapsed.as_secs_f64();
    Ok(Side {
        per_second: answered as f64 / elapsed.as_secs_f64(),
        p50_us: latency.value_at_quantile(0.50),
        p99_us: latency.value_at_quantile(0.99),
        server_cpu_us: (servers_after - servers_before).as_secs_f64() * 1e6 / (answered as f64 * covered),
        caller_cpu_us: (own_after - own_before).as_secs_f64() * 1e6 / (answered as f64 * covered),
    })
}

/// The first good reply, once exchange streams are up.
async fn first_answer(
    endpoint: &Endpoint,
    tls: &Arc<ClientConfig>,
    people: &[Bytes],
    check: fn(&Bytes) -> Result<(), String>,
) -> Result<Bytes, String> {
    let began = std::time::Instant::now();
    let request: Bytes =
        [people.first().map(AsRef::as_ref).unwrap_or_default(), REQUEST_ID, &[7; 16]].concat().into();
    loop {
        let reply = call(endpoint, tls, RECOGNISE, request.clone()).await;
        match reply.and_then(|reply| check(&reply).map(|()| reply)) {
            Ok(reply) => return Ok(reply),
            Err(error) if began.elapsed() > FIRST_ANSWER => {
                return Err(format!("no good first answer: {error}"));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn call(
    endpoint: &Endpoint,
    tls: &Arc<ClientConfig>,
    to: &str,
    request: Bytes,
) -> Result<Bytes, String> {
    let channel = huxin_node::client::connect(endpoint, Arc::clone(tls)).await.map_err(text)?;
    let mut grpc = Grpc::new(channel);
    grpc.ready().await.map_err(text)?;
    let reply = grpc.unary(tonic::Request::new(request), path(to)?, Raw).await;
    reply.map(tonic::Response::into_inner).map_err(text)
}

fn path(text: &str) -> Result<PathAndQuery, String> {
    text.parse().map_err(|_| "a path is malformed".to_owned())
}

async fn statuses(federation: &Federation, regions: &[RegionCode]) -> Result<Vec<v1::StatusReply>, String> {
    let mut all = Vec::with_capacity(regions.len());
    for region in regions {
        all.push(federation.status(*region).await?);
    }
    Ok(all)
}

fn check_two_hop(reply: &Bytes) -> Result<(), String> {
    let reply = v1::RecogniseReply::decode(reply.clone()).map_err(text)?;
    let result = reply.results.first().ok_or("a reply without a result")?;
    let decision = result.decision.as_ref().ok_or("a reply without a decision")?;
    let answered = |asked: &v1::Asked| asked.region == "42" && asked.result() == v1::AskedResult::Answered;
    if !decision.asked.iter().any(answered) {
        return Err(format!("a decision without the home province's answer: {:?}", decision.asked));
    }
    if decision.findings.is_empty() || result.receipt.is_none() {
        return Err("a decision without findings or receipt".to_owned());
    }
    Ok(())
}

fn check_not_required(reply: &Bytes) -> Result<(), String> {
    let reply = v1::RecogniseReply::decode(reply.clone()).map_err(text)?;
    let result = reply.results.first().ok_or("a reply without a result")?;
    let decision = result.decision.as_ref().ok_or("a reply without a decision")?;
    if decision.outcome() != v1::Outcome::Admit || !decision.asked.is_empty() || result.receipt.is_some() {
        return Err("a low-risk shop asked for something".to_owned());
    }
    Ok(())
}

/// The bare server, as a process of its own.
struct Echo {
    process: Process,
    endpoint: Endpoint,
    requests: Requests,
}

impl Echo {
    fn start(
        exercise: &Exercise,
        region: RegionCode,
        folder: &Path,
        people: &[Bytes],
        reply: &Bytes,
        runtimes: usize,
    ) -> Result<Self, String> {
        let address = free_address().map_err(text)?.to_string();
        let reply_file = folder.join("echo-reply");
        std::fs::write(&reply_file, reply).map_err(text)?;
        let utf8 = |path: &Path| path.to_str().map(ToOwned::to_owned).ok_or("a folder's name is not UTF-8");
        let config = utf8(&exercise.node_toml(region))?;
        let (reply_file, runtimes) = (utf8(&reply_file)?, runtimes.to_string());
        let arguments = [
            "bench",
            "echo-server",
            "--config",
            &config,
            "--address",
            &address,
            "--reply",
            &reply_file,
            "--runtimes",
            &runtimes,
        ];
        let process = Process::start(&arguments).map_err(text)?;
        let requests = Requests {
            path: path(echo::PATH)?,
            people: Arc::new(people.to_vec()),
            id_field: REQUEST_ID,
            check: |reply| if reply.is_empty() { Err("an empty echo".to_owned()) } else { Ok(()) },
        };
        Ok(Self { process, endpoint: address.parse().map_err(text)?, requests })
    }

    async fn await_reply(&self, tls: &Arc<ClientConfig>) -> Result<(), String> {
        let began = std::time::Instant::now();
        loop {
            match call(&self.endpoint, tls, echo::PATH, Bytes::from_static(b"hello")).await {
                Ok(_) => return Ok(()),
                Err(error) if began.elapsed() > FIRST_ANSWER => {
                    return Err(format!("the echo does not serve: {error}"));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}
