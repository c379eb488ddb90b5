//! `huxin receipt`: verifies receipts offline, with the log's public key alone.

mod shown;

use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::{Args as ClapArgs, Subcommand};
use huxin_attest::{Digest, RegionCode, UnixMs};
use huxin_ledger::receipt::{Contents, Part, Private};
use huxin_ledger::{LeafType, LogVerifierKey, Receipt, Salt};
use huxin_wire::convert::fixed;
use huxin_wire::v1;

use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::{federation, files, messages};

pub(crate) use shown::{Shown, type_name};

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
    let Command::Verify(args) = &args.command;
    verify(args, context)
}

fn verify(args: &Verify, context: &Context) -> Result<Exit, CliError> {
    let path: &Path = &args.file;
    let receipt = Receipt::parse(&files::text(path)?)
        .map_err(|error| CliError::invalid(messages::wrong_file(path, error)))?;
    let origin = receipt.checkpoint.lines().next().unwrap_or_default();
    let (region, key) = args.keys.of(Some(origin))?;
    let shown = Shown::verify(&receipt, &key, region);
    let shown = shown.map_err(|problem| CliError::new(Exit::Finding, messages::not_verified(problem)))?;
    context.show(&shown, |shown| shown.to_text(context.lang))?;
    Ok(Exit::Clean)
}

/// The receipt of a reply, with the bytes of the request that it answers: personal data.
///
/// # Errors
/// What is wrong with its form, by field.
pub(crate) fn from_reply(message: &v1::Receipt, request: Vec<u8>) -> Result<Receipt, String> {
    let form = |error: huxin_wire::convert::InvalidField| error.to_string();
    let leaf_type = LeafType::from_number(message.leaf_type.into()).ok_or("leaf_type is unknown")?;
    let at = UnixMs::from_ms(message.unix_ms).ok_or("unix_ms is out of range")?;
    Ok(Receipt {
        index: message.index,
        path: hashes(&message.path)?,
        checkpoint: message.checkpoint.as_str().into(),
        contents: Contents {
            leaf_type,
            at,
            salt1: Salt(fixed(&message.salt1, "salt1").map_err(form)?),
            public: message.public.to_vec(),
            private: Private::Exchange {
                salt2: Salt(fixed(&message.salt2, "salt2").map_err(form)?),
                query: Part::Bytes(request),
                body: Part::Bytes(message.body.to_vec()),
            },
        },
    })
}

/// Hashes that stand one behind the other.
///
/// # Errors
/// If their length is no multiple of 32 bytes.
pub(crate) fn hashes(bytes: &Bytes) -> Result<Vec<Digest>, String> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if rest.is_empty() {
        Ok(hashes.iter().copied().map(Digest).collect())
    } else {
        Err("the path must have 32 bytes a hash".to_owned())
    }
}
