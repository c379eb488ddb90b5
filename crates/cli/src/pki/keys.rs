//! `huxin pki statement-key`, `log-key` and `sign`: Ed25519 keys, apart from TLS.

use std::path::PathBuf;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use clap::Args as ClapArgs;
use huxin_attest::{Signer as _, SystemRandom};
use huxin_identity::pki::keys::{new_key, public_text};
use huxin_identity::pki::write::{replace_public, write_public, write_secret};
use huxin_ledger::{LogVerifierKey, Origin};
use serde::Serialize;

use super::failed;
use crate::context::Context;
use crate::exit::CliError;
use crate::files::{signing_key, text};
use crate::messages::words::{Lines, Word};

#[derive(Debug, ClapArgs)]
pub(super) struct StatementKey {
    /// The private key's file; the public key goes beside it, ending in .pub
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(super) struct LogKey {
    /// The log's name, such as hb.example/log/0
    #[arg(long, value_name = "NAME")]
    origin: Origin,
    /// The private key's file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Sign {
    /// The private key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The list, such as risk-areas.toml: its exact bytes are signed
    file: PathBuf,
}

#[derive(Serialize)]
struct Made {
    key: String,
    /// As membership lists hold it.
    public: String,
    /// Of a statement key: the `kid` in statements.
    key_id: Option<String>,
}

pub(super) fn statement_key(args: &StatementKey, context: &Context) -> Result<(), CliError> {
    let new = new_key(&mut SystemRandom).map_err(failed)?;
    let public = public_text(&new.public);
    write_secret(&args.out, &new.private_pem).map_err(failed)?;
    write_public(&args.out.with_extension("pub"), &format!("{public}\n")).map_err(failed)?;
    let key_id = Some(new.public.id().to_string());
    show(&Made { key: args.out.display().to_string(), public, key_id }, context)
}

pub(super) fn log_key(args: &LogKey, context: &Context) -> Result<(), CliError> {
    let new = new_key(&mut SystemRandom).map_err(failed)?;
    let public = LogVerifierKey::new(args.origin.clone(), new.public).to_string();
    write_secret(&args.out, &new.private_pem).map_err(failed)?;
    show(&Made { key: args.out.display().to_string(), public, key_id: None }, context)
}

/// The signature, in base64, lies beside the list, in place of the one of its last version.
pub(super) fn sign(args: &Sign, context: &Context) -> Result<(), CliError> {
    #[derive(Serialize)]
    struct Signed {
        signature: String,
    }
    let key = signing_key(&args.key)?;
    let signature =
        key.sign(text(&args.file)?.as_bytes()).map_err(|error| CliError::environment(error.to_string()))?;
    let mut path = args.file.clone().into_os_string();
    path.push(".sig");
    let path = PathBuf::from(path);
    replace_public(&path, &format!("{}\n", BASE64_STANDARD.encode(signature))).map_err(failed)?;
    let signed = Signed { signature: path.display().to_string() };
    context.show(&signed, |signed| {
        let mut lines = Lines::new(context.lang);
        lines.add(Word::File, &signed.signature);
        lines.finish()
    })
}

fn show(made: &Made, context: &Context) -> Result<(), CliError> {
    context.show(made, |made| {
        let mut lines = Lines::new(context.lang);
        lines.add(Word::Key, &made.key);
        lines.add(Word::PublicKey, &made.public);
        lines.add(Word::KeyId, made.key_id.as_deref().unwrap_or_default());
        lines.finish()
    })
}
