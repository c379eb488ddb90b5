//! `huxin demo`: the story on this machine.

use clap::Args as ClapArgs;

use crate::{CliError, Context, Exit};

/// What the demo leaves open.
#[derive(Debug, ClapArgs)]
pub struct Args {}

/// Runs the demo.
///
/// # Errors
/// Always, for now.
pub fn run(_args: Args, _context: &Context) -> Result<Exit, CliError> {
    Err(CliError::usage("this build has no demo"))
}
