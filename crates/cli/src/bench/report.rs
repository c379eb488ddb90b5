//! What a bench says: the figures of each round, their medians, and the ratio to the echo beside it.

use std::path::Path;

use huxin_wire::v1;
use serde::Serialize;

use super::run::{Kind, Scale};

/// One side of one round.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Side {
    /// Requests answered a second.
    pub per_second: f64,
    /// Median latency, in microseconds.
    pub p50_us: u64,
    /// 99th percentile of latency, in microseconds.
    pub p99_us: u64,
    /// CPU time of all server processes a request, in microseconds.
    pub server_cpu_us: f64,
    /// CPU time of the calling process a request, in microseconds.
    pub caller_cpu_us: f64,
}

/// One round: the echo, then the nodes.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Round {
    /// The bare echo.
    pub echo: Side,
    /// The nodes.
    pub huxin: Side,
}

/// A whole bench.
#[derive(Debug, Serialize)]
pub struct Report {
    bench: &'static str,
    /// Median over the rounds of requests a second of the nodes by those of the echo.
    pub ratio_to_echo: f64,
    connections: usize,
    callers: usize,
    caller_threads: usize,
    runtimes: usize,
    exchange_streams: u32,
    people: u32,
    request_bytes: usize,
    reply_bytes: usize,
    seconds_a_round: f64,
    file_system: String,
    rounds: Vec<Round>,
    counted: Counted,
}

/// What the nodes counted between the first round and the last.
#[derive(Debug, Default, Serialize)]
struct Counted {
    recognised: u64,
    not_required: u64,
    queries_answered: u64,
    answers_verified: u64,
    answers_rejected: u64,
    statements_verified: u64,
    signatures_checked: u64,
    heads_verified: u64,
    log_entries: u64,
    log_flushes: u64,
    errors: u64,
}

impl Report {
    #[allow(clippy::too_many_arguments, reason = "gathers the parts of one report, once")]
    pub(super) fn new(
        kind: Kind,
        scale: Scale,
        folder: &Path,
        request_bytes: usize,
        reply_bytes: usize,
        rounds: Vec<Round>,
        before: &[v1::StatusReply],
        after: &[v1::StatusReply],
    ) -> Self {
        let mut ratios: Vec<f64> =
            rounds.iter().map(|round| round.huxin.per_second / round.echo.per_second).collect();
        ratios.sort_by(f64::total_cmp);
        let streams = after.iter().flat_map(|status| &status.peers).map(|peer| peer.streams).sum();
        Self {
            bench: match kind {
                Kind::TwoHop => "two-hop",
                Kind::NotRequired => "not-required",
            },
            ratio_to_echo: ratios.get(ratios.len() / 2).copied().unwrap_or_default(),
            connections: scale.plan.connections,
            callers: scale.plan.callers,
            caller_threads: scale.plan.threads,
            runtimes: scale.runtimes,
            exchange_streams: streams,
            people: scale.people,
            // The id is added to each request.
            request_bytes: request_bytes + 18,
            reply_bytes,
            seconds_a_round: scale.plan.measured.as_secs_f64(),
            file_system: file_system(folder).unwrap_or_else(|| "unknown".to_owned()),
            rounds,
            counted: Counted::between(before, after),
        }
    }

    /// The report for people.
    pub fn text(&self) -> String {
        let mut out = format!(
            "{}: ratio to echo {:.3}\n{} connections × {} callers ({} threads), {} runtimes a server, {} exchange streams, \
             {} people, request {} B, reply {} B, {} s a round, files on {}\n",
            self.bench,
            self.ratio_to_echo,
            self.connections,
            self.callers,
            self.caller_threads,
            self.runtimes,
            self.exchange_streams,
            self.people,
            self.request_bytes,
            self.reply_bytes,
            self.seconds_a_round,
            self.file_system
        );
        out += "round  side      req/s    p50 ms    p99 ms  server µs  caller µs\n";
        for (number, round) in self.rounds.iter().enumerate() {
            for (side, figures) in [("echo ", round.echo), ("huxin", round.huxin)] {
                out += &format!(
                    "{:>5}  {side} {:>9.0} {:>9.2} {:>9.2} {:>10.1} {:>10.1}\n",
                    number + 1,
                    figures.per_second,
                    figures.p50_us as f64 / 1e3,
                    figures.p99_us as f64 / 1e3,
                    figures.server_cpu_us,
                    figures.caller_cpu_us
                );
            }
        }
        out + &format!("counted: {:?}\n", self.counted)
    }
}

impl Counted {
    fn between(before: &[v1::StatusReply], after: &[v1::StatusReply]) -> Self {
        let mut counted = Self::default();
        for (before, after) in before.iter().zip(after) {
            let (old, new) = (before.counters.unwrap_or_default(), after.counters.unwrap_or_default());
            counted.recognised += new.recognised - old.recognised;
            counted.not_required += new.not_required - old.not_required;
            counted.queries_answered += new.queries_answered - old.queries_answered;
            counted.answers_verified += new.answers_verified - old.answers_verified;
            counted.answers_rejected += new.answers_rejected - old.answers_rejected;
            counted.statements_verified += new.statements_verified - old.statements_verified;
            counted.signatures_checked += new.signatures_checked - old.signatures_checked;
            counted.heads_verified += new.heads_verified - old.heads_verified;
            counted.log_entries += after.log_entries - before.log_entries;
            counted.log_flushes += after.log_flushes - before.log_flushes;
            counted.errors += new.errors - old.errors;
        }
        counted
    }
}

/// The type of the file system that a folder lies on: the longest mount point that is its beginning.
pub(super) fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let mut best: Option<(usize, String)> = None;
    for line in mounts.lines() {
        let mut fields = line.split(' ');
        let (_, Some(point), Some(kind)) = (fields.next(), fields.next(), fields.next()) else { continue };
        let len = point.len();
        if folder.starts_with(point) && best.as_ref().is_none_or(|(known, _)| *known <= len) {
            best = Some((len, kind.to_owned()));
        }
    }
    best.map(|(_, kind)| kind)
}
