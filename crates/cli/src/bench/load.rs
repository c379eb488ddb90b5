//! Closed-loop callers: each sends its next request when the last one is answered.

use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::{BufMut, Bytes, BytesMut};
use hdrhistogram::Histogram;
use huxin_identity::Endpoint;
use huxin_node::client::connect;
use rustls::ClientConfig;
use tokio::runtime::Builder;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;

use super::raw::Raw;

/// Latencies are kept to three digits, in microseconds up to a minute.
const MAX_MICROS: u64 = 60_000_000;
/// One reply of so many is handed to the checker.
const SAMPLED: u64 = 64;

/// What callers send: one prefix a person, to which each request adds a fresh id.
pub struct Requests {
    /// The path of the call.
    pub path: PathAndQuery,
    /// Serialised requests without their id.
    pub people: Arc<Vec<Bytes>>,
    /// The tag and length of the id field that is added; empty where nothing is.
    pub id_field: &'static [u8],
    /// Looks at some of the replies.
    pub check: fn(&Bytes) -> Result<(), String>,
}

/// What a run measured.
#[derive(Debug)]
pub struct Measured {
    /// Requests answered in the measured time.
    pub answered: u64,
    /// Requests that failed, at any time.
    pub failed: u64,
    /// The first failure.
    pub failure: Option<String>,
    /// The measured time.
    pub elapsed: Duration,
    /// Latencies, in microseconds.
    pub latency: Histogram<u64>,
}

struct Tally {
    answered: u64,
    failed: u64,
    failure: Option<String>,
    latency: Histogram<u64>,
}

/// How hard is pushed.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Threads of the calling process, each with a runtime and connections of its own.
    pub threads: usize,
    /// Connections, over all threads.
    pub connections: usize,
    /// Callers, over all connections.
    pub callers: usize,
    /// Unmeasured time before.
    pub warm_up: Duration,
    /// Measured time.
    pub measured: Duration,
}

/// Runs the callers, with connections that are made for this run.
///
/// # Errors
/// If a connection cannot be made.
pub fn run(
    endpoint: &Endpoint,
    tls: &Arc<ClientConfig>,
    requests: &Requests,
    plan: Plan,
) -> Result<Measured, String> {
    let latency = || Histogram::new_with_bounds(1, MAX_MICROS, 3).map_err(|error| error.to_string());
    let tally = Arc::new(Mutex::new(Tally { answered: 0, failed: 0, failure: None, latency: latency()? }));
    let all_connected = Barrier::new(plan.threads);
    let results: Vec<Result<(), String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.threads)
            .map(|thread| {
                let (tally, all_connected) = (Arc::clone(&tally), &all_connected);
                scope.spawn(move || {
                    let runtime = Builder::new_current_thread().enable_all().build();
                    let runtime = runtime.map_err(|error| error.to_string())?;
                    let share =
                        |total: usize| total / plan.threads + usize::from(thread < total % plan.threads);
                    runtime.block_on(async {
                        let connected = connect_all(endpoint, tls, share(plan.connections)).await;
                        all_connected.wait();
                        let begin = Instant::now() + plan.warm_up;
                        let end = begin + plan.measured;
                        run_callers(&connected?, requests, share(plan.callers), thread, (begin, end), &tally)
                            .await
                    })
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a thread panicked".into())))
            .collect()
    });
    results.into_iter().collect::<Result<Vec<()>, _>>()?;
    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(Measured {
        answered: tally.answered,
        failed: tally.failed,
        failure: tally.failure.take(),
        elapsed: plan.measured,
        latency: std::mem::replace(&mut tally.latency, latency()?),
    })
}

async fn connect_all(
    endpoint: &Endpoint,
    tls: &Arc<ClientConfig>,
    connections: usize,
) -> Result<Vec<Channel>, String> {
    let mut channels = Vec::with_capacity(connections);
    for _ in 0..connections.max(1) {
        channels.push(connect(endpoint, Arc::clone(tls)).await.map_err(|error| error.to_string())?);
    }
    Ok(channels)
}

async fn run_callers(
    channels: &[Channel],
    requests: &Requests,
    callers: usize,
    thread: usize,
    (begin, end): (Instant, Instant),
    tally: &Arc<Mutex<Tally>>,
) -> Result<(), String> {
    let mut tasks = Vec::with_capacity(callers);
    for (number, channel) in channels.iter().cycle().take(callers).enumerate() {
        let caller = Caller {
            grpc: Grpc::new(channel.clone()),
            path: requests.path.clone(),
            people: Arc::clone(&requests.people),
            id_field: requests.id_field,
            check: requests.check,
            random: SplitMix((thread * 1_000_003 + number) as u64),
            tally: Arc::clone(tally),
        };
        tasks.push(tokio::spawn(caller.run(begin, end)));
    }
    for task in tasks {
        task.await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

struct Caller {
    grpc: Grpc<Channel>,
    path: PathAndQuery,
    people: Arc<Vec<Bytes>>,
    id_field: &'static [u8],
    check: fn(&Bytes) -> Result<(), String>,
    random: SplitMix,
    tally: Arc<Mutex<Tally>>,
}

impl Caller {
    async fn run(mut self, begin: Instant, end: Instant) {
        let mut sent = 0_u64;
        loop {
            let start = Instant::now();
            if start >= end {
                return;
            }
            let request = self.next_request();
            let reply = match self.grpc.ready().await {
                Ok(()) => self.grpc.unary(tonic::Request::new(request), self.path.clone(), Raw).await,
                Err(error) => Err(tonic::Status::unavailable(error.to_string())),
            };
            let done = Instant::now();
            sent += 1;
            let checked = match reply {
                Ok(reply) if sent % SAMPLED == 1 => (self.check)(reply.get_ref()),
                Ok(_) => Ok(()),
                Err(status) => Err(format!("{:?}: {}", status.code(), status.message())),
            };
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            match checked {
                Ok(()) if done >= begin && done < end => {
                    tally.answered += 1;
                    let micros = u64::try_from((done - start).as_micros()).unwrap_or(MAX_MICROS);
                    tally.latency.saturating_record(micros.clamp(1, MAX_MICROS));
                }
                Ok(()) => {}
                Err(failure) => {
                    tally.failed += 1;
                    tally.failure.get_or_insert(failure);
                }
            }
        }
    }

    fn next_request(&mut self) -> Bytes {
        let index = usize::try_from(self.random.next() % self.people.len().max(1) as u64).unwrap_or_default();
        let prefix = self.people.get(index).cloned().unwrap_or_default();
        if self.id_field.is_empty() {
            return prefix;
        }
        let mut request = BytesMut::with_capacity(prefix.len() + self.id_field.len() + 16);
        request.put_slice(&prefix);
        request.put_slice(self.id_field);
        request.put_u64(self.random.next());
        request.put_u64(self.random.next());
        request.freeze()
    }
}

/// SplitMix64: draws people uniformly, the same in every run.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
