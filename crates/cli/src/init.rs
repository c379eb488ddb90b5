//! `huxin init`: the folder of a province's node: a commented `node.toml`, the province secret, the log's key. Nothing
//! that exists is overwritten.
//!
//! Certificates, the membership list and the policies come from others: what is still missing is printed.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use huxin_attest::{RegionCode, SystemRandom};
use huxin_identity::TrustDomain;
use huxin_identity::pki::keys::new_key;
use huxin_identity::pki::write::{write_public, write_secret};
use huxin_ledger::{LogVerifierKey, Origin};
use huxin_node::Config;
use serde::Serialize;

use crate::context::Context;
use crate::exercise::new_province_secret;
use crate::exit::{CliError, Exit};
use crate::messages::{
    self, Text,
    words::{Lines, Word},
};
use crate::pki;

/// The sample, which every key of the file stands in with its comment.
const SAMPLE: &str = include_str!("../../../deploy/samples/node.toml");
/// What the sample shows and a new node is better without: it says so itself when it wants them.
const LEFT_OUT: [&str; 2] = ["facts_start", "overlay"];
/// No app may ask anything until an operator registers a place.
const PLACES: &str = "\
# places.toml: which app stands where, and for what it may ask. Without a place no app may ask anything.
# After a change: huxin operator reload
#
# [[place]]
# id = \"station-1\"                 # apps name the place by it
# category = \"station\"             # a term of the vocabulary
# area = \"440113\"                  # six digits (GB/T 2260), in this province
# purposes = [\"travel\"]            # terms of the vocabulary
# apps = [\"spiffe://gd.example/app/gd-transport/checkpoint\"]
";

/// Which node.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The province
    #[arg(long, value_name = "CODE")]
    region: RegionCode,
    /// The province's trust domain, such as gd.example; the log is named after it
    #[arg(long, value_name = "NAME")]
    trust_domain: TrustDomain,
    /// The node's folder
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Where the node listens
    #[arg(long, value_name = "HOST:PORT", default_value = "0.0.0.0:7443")]
    listen: SocketAddr,
}

#[derive(Serialize)]
struct Made {
    region: String,
    folder: String,
    files: Vec<String>,
    origin: String,
    /// The log's public key, for the membership list.
    vkey: String,
    /// What is still to be done, in this order.
    next: Vec<String>,
}

/// Makes the folder.
///
/// # Errors
/// If something of it exists, or cannot be written.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let origin = format!("{}/log/0", args.trust_domain);
    let origin: Origin = origin.parse().map_err(|_| CliError::usage(messages::no_origin(&origin)))?;
    let text = node_toml(args.region, args.listen, &origin)?;
    let at = |name: &str| args.dir.join(name);
    let (config, secret) = (at("node.toml"), at("province.secret"));
    let (log_key, places) = (at("log.key"), at("policy/places.toml"));
    let files = [&secret, &log_key, &places, &config];
    if let Some(there) = files.iter().find(|path| path.exists()) {
        return Err(CliError::environment(messages::exists(there)));
    }
    let federation = at("federation");
    std::fs::create_dir_all(&federation)
        .map_err(|error| CliError::environment(messages::cannot_write(&federation, error)))?;
    let key = new_key(&mut SystemRandom).map_err(pki::failed)?;
    let vkey = LogVerifierKey::new(origin.clone(), key.public);
    write_secret(&secret, &new_province_secret()).map_err(pki::failed)?;
    write_secret(&log_key, &key.private_pem).map_err(pki::failed)?;
    write_public(&places, PLACES).map_err(pki::failed)?;
    // Last: a folder that has it is whole.
    write_public(&config, &text).map_err(pki::failed)?;

    let next = messages::next_steps(&args.dir, &args.trust_domain, &vkey);
    let made = Made {
        region: args.region.to_string(),
        folder: args.dir.display().to_string(),
        files: files.iter().map(|path| path.display().to_string()).collect(),
        origin: origin.to_string(),
        vkey: vkey.to_string(),
        next: next.iter().map(|step| step.en.clone()).collect(),
    };
    context.show(&made, |made| made.to_text(&next, context))?;
    Ok(Exit::Clean)
}

/// The sample with this node's own values.
fn node_toml(region: RegionCode, listen: SocketAddr, origin: &Origin) -> Result<String, CliError> {
    let own = [
        ("region", format!("\"{region}\"")),
        ("listen", format!("\"{listen}\"")),
        ("origin", format!("\"{origin}\"")),
    ];
    let line = |line: &str| match line.split_once(" = ") {
        Some((key, _)) if LEFT_OUT.contains(&key) => format!("# {line}\n"),
        Some((key, _)) => match own.iter().find(|(name, _)| *name == key) {
            Some((_, value)) => format!("{key} = {value}\n"),
            None => format!("{line}\n"),
        },
        None => format!("{line}\n"),
    };
    let text: String = SAMPLE.lines().map(line).collect();
    match Config::parse(&text, Path::new("")) {
        Ok(_) => Ok(text),
        Err(problems) => {
            let problems = problems.iter().map(|problem| format!("\n  {problem}")).collect::<String>();
            Err(CliError::usage(messages::wrong_file(Path::new("node.toml"), problems)))
        }
    }
}

impl Made {
    fn to_text(&self, next: &[Text], context: &Context) -> String {
        let mut lines = Lines::new(context.lang);
        self.files.iter().for_each(|file| lines.add(Word::File, file));
        lines.add(Word::Log, &self.origin);
        lines.add(Word::PublicKey, &self.vkey);
        let mut text = lines.finish();
        text.push_str(messages::next(context.lang));
        for (number, step) in next.iter().enumerate() {
            text.push_str(&format!("{}. {}\n", number + 1, step.get(context.lang)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_node_toml_is_the_sample_but_for_the_own_values_and_what_is_left_out() {
        let region = RegionCode::new(42).unwrap();
        let text =
            node_toml(region, "127.0.0.1:1".parse().unwrap(), &"hb.example/log/0".parse().unwrap()).unwrap();
        assert_eq!(text.lines().count(), SAMPLE.lines().count());
        for (ours, sample) in text.lines().zip(SAMPLE.lines()).filter(|(ours, sample)| ours != sample) {
            let key = sample.split(" = ").next().unwrap();
            let expected = match key {
                "region" => "region = \"42\"".to_owned(),
                "listen" => "listen = \"127.0.0.1:1\"".to_owned(),
                "origin" => "origin = \"hb.example/log/0\"".to_owned(),
                _ => {
                    assert!(LEFT_OUT.contains(&key), "{sample}");
                    format!("# {sample}")
                }
            };
            assert_eq!(ours, expected);
        }
        let config = Config::parse(&text, Path::new("/n")).unwrap();
        assert!(config.facts_start.is_none() && config.overlay.is_none());
    }

    #[test]
    fn every_key_of_the_sample_is_explained_by_the_comment_above_it() {
        let mut explained = false;
        for line in SAMPLE.lines() {
            match line.split_once(" = ") {
                Some((key, _)) if !line.starts_with('#') => {
                    assert!(explained, "{key}");
                    explained = false;
                }
                _ => {
                    explained =
                        line.ends_with("efault.") || (line.starts_with('#') && line.contains("efault"))
                }
            }
        }
    }
}
