//! `huxin pki ca create`, `issue` and `crl`: what an authority of one trust domain does.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use huxin_attest::{SystemRandom, UnixMs};
use huxin_identity::pki::crl::Revoked;
use huxin_identity::pki::example::party_files;
use huxin_identity::pki::write::{replace_public, write_public, write_secret};
use huxin_identity::pki::{Ca, Host, Validity};
use huxin_identity::{Role, RoleKind, Serial, TrustDomain};
use serde::Serialize;

use super::{DAY_MS, failed, now, valid_for};
use crate::context::Context;
use crate::exercise::parse_role;
use crate::exit::CliError;
use crate::files::{self, text};
use crate::messages::{
    self,
    words::{Lines, Word},
};

#[derive(Debug, ClapArgs)]
pub(super) struct Create {
    /// The trust domain, such as hb.example
    #[arg(long, value_name = "NAME")]
    trust_domain: TrustDomain,
    /// The folder for ca.pem and ca.key
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How long it is valid
    #[arg(long, value_name = "N", default_value_t = 3650, value_parser = clap::value_parser!(u32).range(1..=36500))]
    days: u32,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Issue {
    /// The folder of the authority's ca.pem and ca.key
    #[arg(long, value_name = "DIR")]
    ca: PathBuf,
    /// Whom it names: node/NAME, app/DEPARTMENT/NAME, department/NAME, operator/NAME or supervisor/NAME
    #[arg(long, value_parser = role)]
    role: Role,
    /// A host name or address of a node; may be repeated
    #[arg(long, value_name = "HOST", value_parser = host)]
    host: Vec<Host>,
    /// The folder for the certificate and its key
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How long it is valid
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Crl {
    /// The folder of the authority's ca.pem and ca.key
    #[arg(long, value_name = "DIR")]
    ca: PathBuf,
    /// The list's number; it grows with each list
    #[arg(long, value_name = "N")]
    number: u64,
    /// A revoked certificate, and since when [default: now]. Name every one that is revoked and has not expired
    #[arg(long, value_name = "SERIAL[@TIME]", value_parser = revoked)]
    revoke: Vec<(Serial, Option<UnixMs>)>,
    /// After how many days members refuse the list
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=365))]
    days: u32,
    /// The list's file, in place of an older one
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Serialize)]
struct Issued {
    identity: String,
    serial: Option<String>,
    certificate: String,
    key: String,
}

fn role(text: &str) -> Result<Role, String> {
    parse_role(text).map_err(|error| error.to_string())
}

fn host(text: &str) -> Result<Host, String> {
    Host::parse(text).ok_or_else(|| "not a host name or an IP address".to_owned())
}

fn revoked(text: &str) -> Result<(Serial, Option<UnixMs>), String> {
    let (serial, at) = match text.split_once('@') {
        Some((serial, at)) => (serial, Some(files::time(at)?)),
        None => (text, None),
    };
    let serial = Serial::from_hex(serial).ok_or("a serial number is written in hexadecimal digits")?;
    Ok((serial, at))
}

pub(super) fn create(args: &Create, context: &Context) -> Result<(), CliError> {
    let ca =
        Ca::create(args.trust_domain.clone(), valid_for(args.days), &mut SystemRandom).map_err(failed)?;
    let (certificate, key) = (args.out.join("ca.pem"), args.out.join("ca.key"));
    write_secret(&key, &ca.key_pem()).map_err(failed)?;
    write_public(&certificate, ca.certificate_pem()).map_err(failed)?;
    let issued = Issued {
        identity: format!("spiffe://{}", ca.trust_domain()),
        serial: None,
        certificate: certificate.display().to_string(),
        key: key.display().to_string(),
    };
    show(&issued, context)
}

pub(super) fn issue(args: &Issue, context: &Context) -> Result<(), CliError> {
    let is_node = args.role.kind() == RoleKind::Node;
    if is_node == args.host.is_empty() {
        return Err(CliError::usage(messages::hosts_are_for_nodes()));
    }
    let files = party_files(&args.out, &args.role);
    let issued = load(&args.ca)?
        .issue(args.role.clone(), &args.host, valid_for(args.days), &mut SystemRandom)
        .map_err(failed)?;
    write_secret(&files.key, &issued.key_pem).map_err(failed)?;
    write_public(&files.certificate, &issued.certificate_pem).map_err(failed)?;
    let issued = Issued {
        identity: issued.id.to_string(),
        serial: Some(issued.serial.to_string()),
        certificate: files.certificate.display().to_string(),
        key: files.key.display().to_string(),
    };
    show(&issued, context)
}

pub(super) fn crl(args: &Crl, context: &Context) -> Result<(), CliError> {
    #[derive(Serialize)]
    struct Listed {
        file: String,
        number: u64,
        revoked: usize,
    }
    let now = now();
    // Not backdated: members compare its beginning with the greatest age that they accept.
    let valid = Validity { from: now, until: now.saturating_add_ms(i64::from(args.days) * DAY_MS) };
    let revoked: Vec<_> = args
        .revoke
        .iter()
        .map(|(serial, at)| Revoked { serial: serial.clone(), at: at.unwrap_or(now) })
        .collect();
    let list = load(&args.ca)?.revocation_list(args.number, valid, &revoked).map_err(failed)?;
    replace_public(&args.out, &list).map_err(failed)?;
    let listed = Listed { file: args.out.display().to_string(), number: args.number, revoked: revoked.len() };
    context.show(&listed, |listed| {
        let text = messages::list_issued(&listed.file, listed.number, listed.revoked);
        text.get(context.lang).to_owned()
    })
}

fn load(folder: &std::path::Path) -> Result<Ca, CliError> {
    let key = zeroize::Zeroizing::new(text(&folder.join("ca.key"))?);
    Ca::load(&text(&folder.join("ca.pem"))?, &key).map_err(failed)
}

fn show(issued: &Issued, context: &Context) -> Result<(), CliError> {
    context.show(issued, |issued| {
        let mut lines = Lines::new(context.lang);
        lines.add(Word::Identity, &issued.identity);
        lines.add(Word::Serial, issued.serial.as_deref().unwrap_or_default());
        lines.add(Word::Certificate, &issued.certificate);
        lines.add(Word::Key, &issued.key);
        lines.finish()
    })
}
