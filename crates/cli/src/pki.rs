//! `huxin pki`: keys, certificates and revocation lists. Files that exist are never overwritten, but for lists.
//!
//! Private keys go into files that only their owner reads; none is ever printed.

mod authority;
mod example;
mod keys;

use clap::{Args as ClapArgs, Subcommand};
use huxin_attest::{Clock as _, UnixMs};
use huxin_identity::pki::{PkiError, Validity};
use huxin_node::clock::RealClock;

use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::messages;

/// What to issue.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 按描述生成一整套示例证书 / Generate a whole example PKI from its description
    Example(example::Args),
    /// 根证书 / Authorities
    #[command(subcommand)]
    Ca(CaCommand),
    /// 签发一张证书 / Issue a certificate
    Issue(authority::Issue),
    /// 签发吊销列表 / Issue a revocation list
    Crl(authority::Crl),
    /// 生成部门的陈述签名密钥 / Make a department's statement key
    StatementKey(keys::StatementKey),
    /// 生成日志签名密钥 / Make a log's key
    LogKey(keys::LogKey),
    /// 给清单签名，签名存为旁边的 .sig / Sign a list; the signature lies beside it as .sig
    Sign(keys::Sign),
}

#[derive(Debug, Subcommand)]
enum CaCommand {
    /// 建立一个信任域的根证书 / Make the authority of a trust domain
    Create(authority::Create),
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    match &args.command {
        Command::Example(args) => example::run(args, context),
        Command::Ca(CaCommand::Create(args)) => authority::create(args, context),
        Command::Issue(args) => authority::issue(args, context),
        Command::Crl(args) => authority::crl(args, context),
        Command::StatementKey(args) => keys::statement_key(args, context),
        Command::LogKey(args) => keys::log_key(args, context),
        Command::Sign(args) => keys::sign(args, context),
    }?;
    Ok(Exit::Clean)
}

const DAY_MS: i64 = 86_400_000;
/// Certificates begin an hour ago, for clocks that are behind.
const BACKDATE_MS: i64 = 3_600_000;

fn now() -> UnixMs {
    RealClock.now()
}

/// From an hour ago until `days` from now.
fn valid_for(days: u32) -> Validity {
    let now = now();
    Validity {
        from: now.saturating_add_ms(-BACKDATE_MS),
        until: now.saturating_add_ms(i64::from(days) * DAY_MS),
    }
}

/// Nothing was made or written.
pub(crate) fn failed(error: PkiError) -> CliError {
    let exit = match &error {
        PkiError::Exists(_) | PkiError::Write { .. } | PkiError::Library(_) => Exit::Environment,
        PkiError::NoEndpoint(_) | PkiError::Validity => Exit::Usage,
        PkiError::BadKey
        | PkiError::BadAuthority
        | PkiError::KeyMismatch
        | PkiError::Description(_)
        | PkiError::Membership(_) => Exit::Invalid,
    };
    CliError::new(exit, messages::not_issued(error))
}
