//! The one binary: run a node, show the story, issue certificates, query, verify, measure.
//!
//! [`run`] parses, runs one command and returns its exit code. Each command has a file of its own; results go to the
//! standard output, everything else to the error stream.

pub mod bench;
mod command;
mod completions;
mod connection;
mod context;
pub mod decisions;
mod demo;
pub mod department;
pub mod exercise;
mod exit;
mod federation;
mod files;
pub mod findings;
mod init;
mod ledger;
mod lines;
mod logging;
pub mod messages;
pub mod node;
mod operator;
mod pki;
mod policy;
mod query;
mod receipt;
pub mod receipts;
mod registry;
mod retry;
mod traffic;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

pub use context::{Context, Format};
pub use exit::{CliError, Exit};

/// Runs the command that these arguments (the program's name first) name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let parsed = match command::CommandLine::try_parse_from(&arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version are results, not errors.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Clean };
            if exit == Exit::Usage && asks_for_json(&arguments) {
                Context::new(None, Format::Json, None).report(&CliError::usage(error.to_string()));
            } else {
                // If they cannot be shown there is nobody to tell.
                let _ = error.print();
            }
            return ExitCode::from(exit.code());
        }
    };
    let locale =
        ["LC_ALL", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let context = Context::new(parsed.lang.map(Into::into), parsed.format, locale.as_deref());
    logging::start(parsed.log_default(), context.is_json());
    let exit = parsed.run(&context).unwrap_or_else(|error| {
        context.report(&error);
        error.exit
    });
    ExitCode::from(exit.code())
}

/// Does a command line that cannot be parsed ask for JSON all the same?
fn asks_for_json(arguments: &[OsString]) -> bool {
    let after = arguments.iter().skip(1);
    arguments.iter().zip(after).any(|(flag, form)| flag == "--format" && form == "json")
        || arguments.iter().any(|argument| argument == "--format=json")
}
