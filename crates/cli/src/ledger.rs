//! `huxin ledger`: verifies the log of a running node, or of a stopped one's folder.

mod decisions;
mod folder;
mod remote;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use huxin_attest::Digest;

use crate::connection::Connection;
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::receipt::Keys;

pub(crate) use decisions::Exported;

/// What to do with logs.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 验证运行中节点的日志：签名、条目、只增不改 / Verify a running node's log: signature, entries, growth
    Verify(Box<Remote>),
    /// 离线核验已停节点的日志目录：逐条记录 / Check every record of a stopped node's log folder
    Audit(Folder),
    /// 导出已停节点自己的决定，供 policy simulate 使用；不含任何人 / Export a stopped node's decisions; no person is in them
    Decisions(decisions::Args),
}

/// A running node's log.
#[derive(Debug, ClapArgs)]
struct Remote {
    /// The log [default: the node's only log]
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
    /// An entry that must be in the log; may be repeated
    #[arg(long, value_name = "N")]
    index: Vec<u64>,
    /// A checkpoint that was saved before: the log must continue it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "root"])]
    saved: Option<PathBuf>,
    /// A size that was seen before: the log must continue it
    #[arg(long, value_name = "SIZE", requires = "root")]
    from: Option<u64>,
    /// The root at that size
    #[arg(long, value_name = "HEX", requires = "from", value_parser = root)]
    root: Option<Digest>,
    /// Where to save the verified checkpoint, in place of an older one
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

/// A stopped node's log.
#[derive(Debug, ClapArgs)]
struct Folder {
    /// The folder of the log, such as data/log
    folder: PathBuf,
    /// The log's name, where the membership list gives the key
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
    #[command(flatten)]
    keys: Keys,
}

fn root(text: &str) -> Result<Digest, String> {
    Digest::from_hex(text).ok_or_else(|| "64 lower-case hexadecimal digits".to_owned())
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    match &args.command {
        Command::Verify(args) => remote::verify(args, context),
        Command::Audit(args) => folder::audit(args, context),
        Command::Decisions(args) => decisions::decisions(args, context),
    }
}
