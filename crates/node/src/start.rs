//! Starting and stopping a node.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use aws_lc_rs::hmac;
use dashmap::DashMap;
use huxin_attest::{Clock as _, Signer as _, SystemRandom};
use huxin_identity::{Credentials, MembershipError, RoleKind, server_config};
use huxin_ledger::store::RecoverError;
use huxin_ledger::writer::Settings;
use huxin_ledger::{FatalLogError, FileStore, Log, LogReader, LogVerifierKey, LogWriter, Origin};
use huxin_registry::{EmbeddedRegistry, RegistryError};
use huxin_trust_policy::{Diagnostic, Diagnostics, LoadError, OverReach};
use tokio::sync::watch;

use crate::admission::Admission;
use crate::clock::FactsClock;
use crate::config::{Config, ConfigError};
use crate::exchange::{Board, LastAnswers, Reported, Unreported};
use crate::housekeeping::Housekeeping;
use crate::inbox::Inbox;
use crate::local::Local;
use crate::log_port::LogPort;
use crate::peer_policies::{Own, PeerPolicies};
use crate::rules::Kept;
use crate::rules::reload::{Files, Reloader};
use crate::shared::Shared;
use crate::state::Stating;
use crate::telemetry::Counters;
use crate::{limits, listen, load, runtime};

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A file cannot be read.
    #[error("cannot read {0}: {1}")]
    Read(PathBuf, io::Error),
    /// A file is not what it should be.
    #[error("{0}: {1}")]
    Wrong(PathBuf, String),
    /// The membership list cannot be used.
    #[error("{0}: {1}")]
    Membership(PathBuf, MembershipError),
    /// A policy file has errors.
    #[error("{0}")]
    Policy(#[from] Diagnostics),
    /// The overlay reaches beyond what the baseline lets it.
    #[error("{0}")]
    OverReach(Box<OverReach>),
    /// Another node runs on the data folder, or a tool reads it.
    #[error("another node runs on the folder {0}; stop it, or give this one a folder of its own")]
    FolderInUse(PathBuf),
    /// Files do not fit together.
    #[error("{0}")]
    Mismatch(String),
    /// The system refused.
    #[error("{0}: {1}")]
    System(&'static str, io::Error),
}

impl From<LoadError> for StartError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Invalid(found) => Self::Policy(found),
            LoadError::OverReach(over) => Self::OverReach(over),
        }
    }
}

/// Of one file's findings a short message names so many.
const BRIEF_FINDINGS: usize = 3;

impl StartError {
    /// In one line, for messages that travel.
    pub(crate) fn brief(&self) -> String {
        if let Self::OverReach(over) = self {
            let text = over.to_string();
            return text.lines().take(BRIEF_FINDINGS).map(str::trim).collect::<Vec<_>>().join("; ");
        }
        let Self::Policy(found) = self else { return self.to_string() };
        let first = found.iter().take(BRIEF_FINDINGS).map(|finding| {
            let Diagnostic { code, file, line, column, message_en, .. } = finding;
            format!("{file}:{line}:{column}: {code}: {message_en}")
        });
        let more = found.len().saturating_sub(BRIEF_FINDINGS);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        first.collect::<Vec<_>>().join("; ") + &more
    }
}

/// Listeners that share one address, one for each runtime.
#[derive(Debug)]
pub struct Listeners {
    address: SocketAddr,
    sockets: Vec<std::net::TcpListener>,
}

impl Listeners {
    /// Binds `count` listeners to one address; port 0 takes a free one.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub fn bind(address: SocketAddr, count: usize) -> io::Result<Self> {
        let first = listen::bind(address)?;
        let address = first.local_addr()?;
        let rest = (1..count).map(|_| listen::bind(address));
        let sockets = std::iter::once(Ok(first)).chain(rest).collect::<io::Result<Vec<_>>>()?;
        Ok(Self { address, sockets })
    }

    /// The address, with the port that was taken.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The listening sockets, for a server that is no node.
    pub fn into_sockets(self) -> Vec<std::net::TcpListener> {
        self.sockets
    }
}

/// A running node. Dropping it stops it.
pub struct Node {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    runtimes: Vec<JoinHandle<()>>,
    housekeeping: Option<Housekeeping>,
    log: Option<LogWriter>,
}

impl Node {
    /// Starts a node on listeners that are bound already, or binds those of its configuration. It serves when this
    /// returns.
    ///
    /// # Errors
    /// If a file is missing, damaged or not what the membership list says, or the log or registry cannot be opened.
    pub fn start(config: &Config, listeners: Option<Listeners>) -> Result<Self, StartError> {
        let listeners = match listeners {
            Some(listeners) => listeners,
            None => Listeners::bind(config.listen, config.runtimes)
                .map_err(|error| StartError::System("cannot listen", error))?,
        };
        let facts = config.facts_start.map_or_else(FactsClock::default, FactsClock::starting_at);
        let (membership, trust) = load::membership(config)?;
        let credentials = load::credentials(config)?;
        check_own_certificate(config, &membership, &credentials)?;
        std::fs::create_dir_all(&config.data)
            .map_err(|error| StartError::System("cannot make the data folder", error))?;
        let kept_path = config.data.join("rules-in-force");
        let kept = Kept::load(&kept_path).map_err(|error| load::wrong(&kept_path, error))?;
        let rules = load::rules(config, &membership, &kept, facts.now())?;
        if facts.offset_ms() != 0 {
            tracing::warn!(
                offset_ms = facts.offset_ms(),
                "facts_start is set: the facts clock is not the real one"
            );
        }
        let secret = load::province_secret(&config.province_secret)?;
        let registry_path = config.data.join("registry.redb");
        let registry = EmbeddedRegistry::open(&registry_path, &secret).map_err(|error| match error {
            RegistryError::InUse => StartError::FolderInUse(config.data.clone()),
            error => load::wrong(&registry_path, error),
        })?;
        let board_path = config.data.join("known-heads");
        let board = Board::load(&board_path).map_err(|error| load::wrong(&board_path, error))?;
        let peers_path = config.data.join("peer-policies");
        let peer_policies =
            PeerPolicies::load(&peers_path).map_err(|error| load::wrong(&peers_path, error))?;
        let own_policy = Own::new(&rules, facts.now());

        let log = open_log(config, &membership)?;
        let (log_key, log_reader) = (log.verifier().clone(), log.reader().clone());
        let unreported =
            Unreported::load(&log_reader).map_err(|error| load::wrong(&config.data.join("log"), error))?;
        let count = listeners.sockets.len();
        let inboxes: Vec<Arc<Inbox>> = (0..count).map(|_| Arc::default()).collect();
        let wakers = inboxes.iter().map(|inbox| {
            let inbox = Arc::clone(inbox);
            Box::new(move |delivery| inbox.push(delivery)) as huxin_ledger::writer::Waker
        });
        let settings = Settings { queue: limits::LOG_QUEUE, ..Settings::default() };
        let (log, handle) = LogWriter::start(
            log,
            settings,
            wakers.collect(),
            Arc::new(facts.clone()),
            Box::new(stop_the_process),
        )
        .map_err(|error| StartError::System("cannot start the log's thread", error))?;

        let tls = server_config(&credentials, Arc::clone(&trust))
            .map_err(|error| load::wrong(&config.certificate, error))?;
        let tag_key = derived_key(&secret, b"request tag");
        let page_key = derived_key(&secret, b"page token");
        if config.dangerous_skip_foundedness {
            tracing::warn!(
                "dangerous_skip_foundedness is set: red and amber codes are taken without foundation"
            );
        }
        let stating = Stating::new(config.dangerous_skip_foundedness, config.mass_change_threshold, page_key);
        let (stop, stopped) = watch::channel(false);
        let files = Files {
            region: config.region,
            places: config.places.clone(),
            risk_areas: config.risk_areas.clone(),
        };
        let shared = Arc::new(Shared {
            region: config.region,
            facts,
            membership,
            trust,
            credentials,
            rules: ArcSwap::from_pointee(rules),
            reloader: Reloader::new(kept, files, config.risk_areas_every),
            registry,
            secret,
            stating,
            tag_key,
            log: handle,
            log_reader,
            log_key,
            admission: Admission::default(),
            board,
            own_policy,
            peer_policies,
            last: LastAnswers::default(),
            unreported,
            reported: Reported::default(),
            connections: DashMap::new(),
            resolving: Arc::default(),
            counters: Counters::default(),
            streams: DashMap::new(),
            stopping: stopped.clone(),
            runtimes: count,
        });
        let address = listeners.address;
        let housekeeping = Housekeeping::start(Arc::clone(&shared), load::federation_folder(config))
            .map_err(|error| StartError::System("cannot start the housekeeping thread", error))?;
        let mut node = Self {
            address,
            shared,
            stop,
            runtimes: Vec::new(),
            housekeeping: Some(housekeeping),
            log: Some(log),
        };
        let locals: Vec<Arc<Local>> = inboxes
            .into_iter()
            .enumerate()
            .map(|(index, inbox)| {
                let port = LogPort::new(index, node.shared.log.clone(), inbox);
                Arc::new(Local::new(Arc::clone(&node.shared), index, port))
            })
            .collect();
        node.runtimes = runtime::start(locals, listeners.sockets, tls, &stopped)
            .map_err(|error| StartError::System("cannot start a runtime", error))?;
        tracing::info!(region = %config.region, %address, runtimes = count, "the node serves");
        Ok(node)
    }

    /// Where the node listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Moves the facts clock on by `ms` milliseconds, so that an exercise or a test need not wait. Peers whose clocks do
    /// not move along refuse the node.
    pub fn dangerous_move_facts_clock(&self, ms: i64) {
        tracing::warn!(ms, "the facts clock is moved while the node runs");
        self.shared.facts.dangerous_move_ms(ms);
    }

    /// What the node's log holds, for those who hold the node.
    pub fn log_reader(&self) -> &LogReader {
        &self.shared.log_reader
    }

    /// Stops taking connections, finishes what is in flight, makes everything durable.
    ///
    /// # Errors
    /// If the log stopped before.
    pub fn stop(mut self) -> Result<(), FatalLogError> {
        self.end()
    }

    /// Waits until the runtimes end, which they do on [`Node::stopper`]'s call.
    ///
    /// # Errors
    /// If the log stopped before.
    pub fn wait(mut self) -> Result<(), FatalLogError> {
        self.join_runtimes();
        self.end()
    }

    /// What stops the node from another thread.
    pub fn stopper(&self) -> impl Fn() + Send + 'static {
        let stop = self.stop.clone();
        move || {
            stop.send_replace(true);
        }
    }

    fn end(&mut self) -> Result<(), FatalLogError> {
        self.stop.send_replace(true);
        self.join_runtimes();
        if let Some(housekeeping) = self.housekeeping.take() {
            housekeeping.stop();
        }
        self.log.take().map_or(Ok(()), LogWriter::close)
    }

    fn join_runtimes(&mut self) {
        for runtime in self.runtimes.drain(..) {
            if runtime.join().is_err() {
                tracing::error!("a runtime ended by a panic");
            }
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // The log's thread reported its own failure.
        let _ = self.end();
    }
}

/// A log that cannot be made durable must not be followed by an answer: nothing may run on.
fn stop_the_process(error: &FatalLogError) {
    tracing::error!(%error, "the log cannot be made durable; the process stops");
    std::process::abort();
}

/// A key for one purpose that all nodes of the province share and that survives a restart.
fn derived_key(secret: &huxin_registry::ProvinceSecret, purpose: &[u8]) -> hmac::Key {
    let root = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&root, purpose).as_ref())
}

fn open_log(config: &Config, membership: &huxin_identity::Membership) -> Result<Log<FileStore>, StartError> {
    let origin: Origin = config.origin.parse().map_err(|_| {
        StartError::Mismatch(format!(
            "the log's origin {} is no origin; write one such as gd.example/log/0",
            config.origin
        ))
    })?;
    let key = load::signing_key(&config.log_key)?;
    let listed = membership.log(origin.as_str()).filter(|(region, _)| *region == config.region);
    let listed = listed.and_then(|(_, vkey)| LogVerifierKey::parse(vkey).ok());
    if listed.is_none_or(|listed| listed.public_key() != key.public_key()) {
        let problem = format!(
            "is not the key that the membership list gives the log {origin} of region {}",
            config.region
        );
        return Err(load::wrong(&config.log_key, problem));
    }
    let folder = config.data.join("log");
    let store =
        FileStore::open(&folder, &mut SystemRandom, config.log_files.clone()).map_err(
            |error| match error {
                RecoverError::Locked => StartError::FolderInUse(config.data.clone()),
                error => load::wrong(&folder, error),
            },
        )?;
    Log::open(store, origin, Box::new(key)).map_err(|error| load::wrong(&folder, error))
}

fn check_own_certificate(
    config: &Config,
    membership: &huxin_identity::Membership,
    credentials: &Credentials,
) -> Result<(), StartError> {
    let id = &credentials.profile().id;
    let member = membership.member(config.region).ok_or_else(|| {
        StartError::Mismatch(format!("the membership list has no member of region {}", config.region))
    })?;
    if id.trust_domain != member.trust_domain || id.role.kind() != RoleKind::Node {
        let problem = format!("names {id}, which is no node of region {}", config.region);
        return Err(load::wrong(&config.certificate, problem));
    }
    Ok(())
}
