//! One runtime a thread: its tasks, its listener, its end.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use huxin_attest::Clock as _;
use huxin_ledger::LeafType;
use huxin_ledger::public::{Aggregate, Label};
use huxin_registry::Registry as _;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::time::interval;
use tokio_rustls::TlsAcceptor;

use crate::delivery::deliver;
use crate::exchange::Details;
use crate::listen::accept;
use crate::local::Local;
use crate::log_port::{Entry, Waiter};
use crate::peer_policies::{check, own, record};
use crate::public_services::{not_serving, public_services};
use crate::rules::reload;
use crate::sealed::seal;
use crate::serve::Services;
use crate::state::log_changes;

/// How often decisions for which nothing was asked are logged as counts.
const AGGREGATE: Duration = Duration::from_secs(1);
/// How the log names changes that a crash kept from being logged.
const RECOVERED: &str = "recovered";

/// Starts one thread for each runtime. They accept once the changes that a crash left unlogged are logged.
///
/// # Errors
/// If the system gives no thread.
pub fn start(
    locals: Vec<Arc<Local>>,
    listeners: Vec<std::net::TcpListener>,
    tls: Arc<ServerConfig>,
    stop: &watch::Receiver<bool>,
) -> io::Result<Vec<JoinHandle<()>>> {
    let (ready, is_ready) = watch::channel(false);
    let mut ready = Some(ready);
    let mut threads = Vec::with_capacity(locals.len());
    for (local, listener) in locals.into_iter().zip(listeners) {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let tls = TlsAcceptor::from(Arc::clone(&tls));
        let (stop, is_ready, ready) = (stop.clone(), is_ready.clone(), ready.take());
        let name = format!("runtime-{}", local.index);
        threads.push(std::thread::Builder::new().name(name).spawn(move || {
            if let Err(error) = runtime.block_on(run(local, listener, tls, stop, ready, is_ready)) {
                tracing::error!(%error, "a runtime cannot serve");
            }
        })?);
    }
    Ok(threads)
}

async fn run(
    local: Arc<Local>,
    listener: std::net::TcpListener,
    tls: TlsAcceptor,
    stop: watch::Receiver<bool>,
    ready: Option<watch::Sender<bool>>,
    mut is_ready: watch::Receiver<bool>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    tokio::spawn(deliver(Arc::clone(&local)));
    if let Some(ready) = ready {
        let pending = local.shared.registry.pending()?;
        if !pending.is_empty() {
            tracing::info!(changes = pending.len(), "logging the changes that the last stop left unlogged");
        }
        log_changes(&local, RECOVERED, pending).await.map_err(|failure| failure.to_string())?;
        reload::log_start(&local).await.map_err(|failure| failure.to_string())?;
        tokio::spawn(reload::keep_fresh(Arc::clone(&local)));
        tokio::spawn(own::watch(Arc::clone(&local)));
        tokio::spawn(record::record(Arc::clone(&local)));
        tokio::spawn(check::check(Arc::clone(&local)));
        ready.send_replace(true);
    }
    // If the first runtime cannot log the changes, none may answer.
    is_ready.wait_for(|ready| *ready).await?;
    for link in local.make_links() {
        tokio::spawn(link.run(Arc::clone(&local)));
    }
    tokio::spawn(aggregate(Arc::clone(&local)));
    tokio::spawn(tell_news(Arc::clone(&local)));
    let (public, reporter) = public_services().await?;
    let mut stopping = stop.clone();
    tokio::spawn(async move {
        if stopping.wait_for(|stop| *stop).await.is_ok() {
            not_serving(&reporter).await;
        }
    });
    let services = Arc::new(Services::new(&local, public));
    accept(TcpListener::from_std(listener)?, tls, services, stop).await;
    log_aggregates(&local);
    Ok(())
}

/// Tells the peers that this runtime serves when the node judges by other files. Those that it asks are told by the
/// links.
async fn tell_news(local: Arc<Local>) {
    let (mut tick, mut told) = (interval(AGGREGATE), local.shared.own_policy.changes());
    loop {
        tick.tick().await;
        if let Some(news) = local.shared.own_policy.news(&mut told) {
            local.streams.tell_all(&news);
        }
    }
}

async fn aggregate(local: Arc<Local>) {
    let mut tick = interval(AGGREGATE);
    loop {
        tick.tick().await;
        log_aggregates(&local);
    }
}

/// Logs the counts since the last time. A crash loses at most these: they name nobody.
fn log_aggregates(local: &Local) {
    let now = local.shared.facts.now();
    for (app, rule, count) in local.aggregates.take() {
        let (Ok(rule), Ok(app)) = (Label::new(&rule), Label::new(&app)) else {
            tracing::error!(rule, %app, "a rule or app cannot be logged");
            continue;
        };
        let second = u64::try_from(now.as_secs()).unwrap_or_default();
        let public = Aggregate { rule, app, second, count }.encode();
        let sealed = seal(&local.salts, LeafType::Aggregate, now, public, &[], Details::default());
        let entry = Entry::new(&sealed);
        if let Err((failure, _)) = local.log.submit(entry, Waiter::Nobody) {
            tracing::warn!(%failure, count, "counts of decisions without questions are lost");
        }
    }
}
