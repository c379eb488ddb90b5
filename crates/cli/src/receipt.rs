//! `huxin receipt`: verifies receipts offline, with the log's public key alone, and shows what they hold.

mod show;
mod shown;

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};
use huxin_attest::RegionCode;
use huxin_ledger::{LogVerifierKey, Receipt};

use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::{federation, files, messages};

pub(crate) use shown::{Resolution, Shown, type_name};

/// What to do with receipts.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 离线验证一张凭据 / Verify a receipt offline
    Verify(Verify),
    /// 用一页纸说明凭据里的决定 / Explain on one page what a receipt holds
    Show(show::Args),
}

#[derive(Debug, ClapArgs)]
struct Verify {
    /// The receipt
    file: PathBuf,
    #[command(flatten)]
    keys: Keys,
}

/// Where the log's key is from.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
pub(crate) struct Keys {
    /// The membership list, which names every log's key
    #[arg(long, value_name = "federation.toml")]
    federation: Option<PathBuf>,
    /// The log's verifier key (C2SP signed-note)
    #[arg(long, value_name = "NAME+ID+KEY", value_parser = vkey)]
    vkey: Option<LogVerifierKey>,
}

fn vkey(text: &str) -> Result<LogVerifierKey, String> {
    LogVerifierKey::parse(text).map_err(|error| error.to_string())
}

impl Keys {
    /// The key of the log `origin`, and whose log it is where the list says so. `None`: the only log that the key is of.
    pub(crate) fn of(&self, origin: Option<&str>) -> Result<(Option<RegionCode>, LogVerifierKey), CliError> {
        match (&self.federation, &self.vkey, origin) {
            (_, Some(key), _) => Ok((None, key.clone())),
            (Some(path), None, Some(origin)) => {
                let (region, key) = federation::log_key(&federation::load(path)?, origin)?;
                Ok((Some(region), key))
            }
            _ => Err(CliError::usage(messages::name_the_log())),
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    match &args.command {
        Command::Verify(args) => {
            let shown = verified(&read(&args.file)?, &args.keys)?;
            context.show(&shown, |shown| shown.to_text(context.lang))?;
            Ok(Exit::Clean)
        }
        Command::Show(args) => show::run(args, context),
    }
}

fn read(path: &Path) -> Result<Receipt, CliError> {
    Receipt::parse(&files::text(path)?).map_err(|error| CliError::invalid(messages::wrong_file(path, error)))
}

fn verified(receipt: &Receipt, keys: &Keys) -> Result<Shown, CliError> {
    let origin = receipt.checkpoint.lines().next().unwrap_or_default();
    let (region, key) = keys.of(Some(origin))?;
    let shown = Shown::verify(receipt, &key, region);
    shown.map_err(|problem| CliError::new(Exit::Finding, messages::not_verified(problem)))
}
