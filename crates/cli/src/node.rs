//! `huxin node`: runs the node of one province until it is told to stop.

use std::io;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use huxin_node::{Config, ConfigError, Node, StartError};
use huxin_trust_policy::Lang;
use serde::Serialize;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::findings::{of_diagnostics, of_problems};
use crate::messages::{self, Text};

/// Which node.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The node's configuration
    #[arg(long, value_name = "FILE", default_value = "node.toml")]
    config: PathBuf,
}

#[derive(Serialize)]
struct Serving {
    serving: bool,
    region: String,
    address: String,
}

/// Runs a node until SIGTERM or SIGINT.
///
/// # Errors
/// If it does not start, or its log stops.
pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let config = Config::load(&args.config).map_err(|error| failed(error.into()))?;
    // Before the start: a signal that comes meanwhile stops the node right afterwards.
    let signals = Signals::listen().map_err(|error| CliError::environment(messages::system(error)))?;
    let node = Node::start(&config, None).map_err(failed)?;
    let serving =
        Serving { serving: true, region: config.region.to_string(), address: node.address().to_string() };
    context
        .show(&serving, |node| messages::serving(&node.region, &node.address).get(context.lang).to_owned())?;
    let stop = node.stopper();
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || signals.wait(stop))
        .map_err(|error| CliError::environment(messages::system(error)))?;
    node.wait().map_err(|error| CliError::environment(error.to_string()))?;
    Ok(Exit::Clean)
}

/// The signals that stop a node, heard from the moment that this exists.
struct Signals {
    runtime: Runtime,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (terminate, interrupt) = {
            let _entered = runtime.enter();
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
        };
        Ok(Self { runtime, terminate, interrupt })
    }

    /// The first signal stops the node in order; a second one ends the process at once, which the log survives.
    fn wait(mut self, stop: impl Fn()) {
        let mut next = || {
            self.runtime.block_on(async {
                tokio::select! {
                    _ = self.terminate.recv() => {}
                    _ = self.interrupt.recv() => {}
                }
            });
        };
        next();
        tracing::info!("the node stops");
        stop();
        next();
        tracing::warn!("told to stop twice; the process ends at once");
        std::process::exit(Exit::Environment.code().into());
    }
}

/// What is wrong, and what to do about it.
fn failed(error: StartError) -> CliError {
    match &error {
        StartError::Config(ConfigError::Read { path, source }) | StartError::Read(path, source) => {
            CliError::environment(messages::cannot_read(path, source))
        }
        StartError::System(..) => CliError::environment(messages::system_refused(&error)),
        StartError::FolderInUse(folder) => CliError::environment(messages::folder_in_use(folder)),
        StartError::Config(ConfigError::Form { path, problems }) => {
            CliError::invalid(messages::node_file_wrong(&error)).with(of_problems(path, problems))
        }
        StartError::Membership(path, found) => {
            CliError::invalid(messages::node_file_wrong(&error)).with(of_problems(path, found.problems()))
        }
        StartError::Policy(found) => {
            let (zh, en) = (found.render(Lang::Zh, false), found.render(Lang::En, false));
            let text = Text::new(messages::node_file_wrong(&zh).zh, messages::node_file_wrong(&en).en);
            CliError::invalid(text).with(of_diagnostics(found))
        }
        StartError::OverReach(over) => {
            let (zh, en) = (over.render(Lang::Zh), over.render(Lang::En));
            let text = Text::new(messages::node_file_wrong(&zh).zh, messages::node_file_wrong(&en).en);
            CliError::new(Exit::OverReach, text)
        }
        StartError::Config(ConfigError::NotText { .. }) | StartError::Wrong(..) | StartError::Mismatch(_) => {
            CliError::invalid(messages::node_file_wrong(&error))
        }
    }
}
