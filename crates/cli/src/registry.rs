//! `huxin registry`: facts in bulk: makes up people, and states what departments hand in.

mod generate;
mod import;
mod source;

use clap::{Args as ClapArgs, Subcommand};

use crate::context::Context;
use crate::exit::{CliError, Exit};

/// What to do with facts.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 生成不存在的人和有关陈述，用于演练和测量 / Make up people and facts, for exercises and measurements
    Generate(generate::Args),
    /// 在部门一侧签名，整批导入本省节点 / Sign at the department and import into the own province's node
    Import(Box<import::Args>),
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    match &args.command {
        Command::Generate(args) => generate::run(args, context),
        Command::Import(args) => import::run(args, context),
    }
}
