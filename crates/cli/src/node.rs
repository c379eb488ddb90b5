//! `huxin node`: runs a node until it is told to stop.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use huxin_node::{Config, Node, StartError};
use serde::Serialize;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use crate::messages::{self, Text};
use crate::{CliError, Context, Exit};

/// 运行一个节点，直到收到 SIGTERM 或 SIGINT / Run a node until SIGTERM or SIGINT
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The node's configuration.
    #[arg(long, value_name = "FILE", default_value = "node.toml")]
    config: PathBuf,
}

#[derive(Serialize)]
struct Serving {
    serving: bool,
    region: String,
    address: String,
}

/// Runs the node.
///
/// # Errors
/// If it cannot start (a file is wrong: [`Exit::Invalid`]; the system refuses: [`Exit::Environment`]), or its log stops.
pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let config = Config::load(&args.config).map_err(|error| start_failed(&error.into()))?;
    let node = Node::start(&config, None).map_err(|error| start_failed(&error))?;
    let serving =
        Serving { serving: true, region: config.region.to_string(), address: node.address().to_string() };
    context.show(&serving, |serving| {
        messages::serving(&serving.region, &serving.address).get(context.lang).to_owned()
    })?;
    let stop = node.stopper();
    let signals = Builder::new_current_thread().enable_all().build().map_err(environment)?;
    std::thread::spawn(move || {
        if let Err(error) = signals.block_on(told_to_stop()) {
            tracing::error!(%error, "signals cannot be received; the node stops");
        }
        stop();
    });
    node.wait().map_err(environment)?;
    Ok(Exit::Clean)
}

async fn told_to_stop() -> std::io::Result<()> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    Ok(())
}

fn start_failed(error: &StartError) -> CliError {
    let exit = match error {
        StartError::Read(..) | StartError::System(..) => Exit::Environment,
        StartError::Config(_) | StartError::Wrong(..) | StartError::Policy(_) | StartError::Mismatch(_) => {
            Exit::Invalid
        }
    };
    CliError::new(exit, messages::cannot_start(error))
}

fn environment(error: impl std::fmt::Display) -> CliError {
    CliError::environment(Text::from(error.to_string()))
}
