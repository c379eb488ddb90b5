//! `huxin registry`: what departments do with facts: state, import, withdraw, look back; and make up people.

mod generate;
mod history;
mod import;
mod key;
mod names;
mod progress;
mod rejected;
mod resume;
mod send;
mod source;
mod state;
mod withdraw;

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
    /// 在部门一侧签名，向本省节点作一项陈述 / Sign one fact at the department and state it to the own province's node
    State(Box<state::Args>),
    /// 撤回本部门的一项陈述 / Take back a statement of the own department
    Withdraw(Box<withdraw::Args>),
    /// 关于一个人作过哪些陈述，后来如何 / What was stated about a person, and what became of it
    History(Box<history::Args>),
    /// 检查整个文件，在部门一侧签名，分批导入本省节点 / Check a whole file, sign it at the department and import it into
    /// the own province's node in batches
    Import(Box<import::Args>),
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    match &args.command {
        Command::Generate(args) => generate::run(args, context),
        Command::State(args) => state::run(args, context),
        Command::Withdraw(args) => withdraw::run(args, context),
        Command::History(args) => history::run(args, context),
        Command::Import(args) => import::run(args, context),
    }
}
