//! `node.toml`: what one node runs with. Unknown and duplicate keys are errors.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use huxin_attest::{RegionCode, UnixMs};
use huxin_ledger::FileSettings;
use serde::Deserialize;

use crate::limits;

/// A node's configuration, with every path resolved against the file's folder.
#[derive(Debug, Clone)]
pub struct Config {
    /// The province that the node speaks for.
    pub region: RegionCode,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Folder of the log and the registry.
    pub data: PathBuf,
    /// Runtimes, each with a thread and a listener of its own.
    pub runtimes: usize,
    /// Where the facts clock starts; `None`: it is the real clock.
    pub facts_start: Option<UnixMs>,
    /// Certificate chain and key of the node.
    pub certificate: PathBuf,
    /// PKCS #8 PEM of the certificate's key.
    pub certificate_key: PathBuf,
    /// The membership list.
    pub federation: PathBuf,
    /// Name of the log.
    pub origin: String,
    /// PKCS #8 PEM of the log's Ed25519 key.
    pub log_key: PathBuf,
    /// The province secret that keys the registry: 64 hexadecimal digits.
    pub province_secret: PathBuf,
    /// The vocabulary in force.
    pub vocabulary: PathBuf,
    /// The baseline in force.
    pub baseline: PathBuf,
    /// This province's overlay.
    pub overlay: Option<PathBuf>,
    /// Lets an overlay rule although nothing compared it with the baseline.
    pub unguarded_overlays: bool,
    /// The places and the apps bound to them.
    pub places: PathBuf,
    /// The risk areas; their signature lies beside them as `.sig`.
    pub risk_areas: PathBuf,
    /// How the log's files are kept. Not in the file: [`crate::limits`] says it, and tests say it otherwise.
    pub log_files: FileSettings,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{path}: {problem}")]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    region: String,
    listen: SocketAddr,
    data: PathBuf,
    #[serde(default)]
    runtimes: usize,
    facts_start: Option<toml::value::Datetime>,
    identity: Identity,
    log: Log,
    registry: Registry,
    policy: Policy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    certificate: PathBuf,
    key: PathBuf,
    federation: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    origin: String,
    key: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registry {
    secret: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    vocabulary: PathBuf,
    baseline: PathBuf,
    overlay: Option<PathBuf>,
    #[serde(default)]
    unguarded_overlays: bool,
    places: PathBuf,
    risk_areas: PathBuf,
}

/// Runtimes at most.
const MAX_RUNTIMES: usize = 64;

impl Config {
    /// Reads `node.toml`.
    ///
    /// # Errors
    /// If it cannot be read, or a key is unknown, missing, duplicate or out of its bounds.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text =
            fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.into(), source })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        Self::parse(&text, folder).map_err(|problem| ConfigError::Form { path: path.into(), problem })
    }

    /// Reads the text of `node.toml`; relative paths start at `folder`.
    ///
    /// # Errors
    /// What is wrong, with the place in the text where it is known.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let File { format, region, listen, data, runtimes, facts_start, identity, log, registry, policy } =
            file;
        if format != 1 {
            return Err(format!("format {format} is unknown; this program reads format 1"));
        }
        if runtimes > MAX_RUNTIMES {
            return Err(format!("runtimes: at most {MAX_RUNTIMES}; 0 takes one a core"));
        }
        let at = |path: PathBuf| folder.join(path);
        let facts_start = facts_start.map(|time| time.to_string());
        Ok(Self {
            region: region.parse().map_err(|error| format!("region: {error}"))?,
            listen,
            data: at(data),
            runtimes: if runtimes == 0 { cores() } else { runtimes },
            facts_start: facts_start.as_deref().map(parse_time).transpose()?,
            certificate: at(identity.certificate),
            certificate_key: at(identity.key),
            federation: at(identity.federation),
            origin: log.origin,
            log_key: at(log.key),
            province_secret: at(registry.secret),
            vocabulary: at(policy.vocabulary),
            baseline: at(policy.baseline),
            overlay: policy.overlay.map(at),
            unguarded_overlays: policy.unguarded_overlays,
            places: at(policy.places),
            risk_areas: at(policy.risk_areas),
            log_files: FileSettings {
                integration_interval: limits::INTEGRATION_INTERVAL,
                segment_len: limits::JOURNAL,
                max_waiting: limits::JOURNALS,
                ..FileSettings::default()
            },
        })
    }
}

fn parse_time(text: &str) -> Result<UnixMs, String> {
    UnixMs::parse_rfc3339(text).ok_or_else(|| {
        "facts_start: an RFC 3339 time with offset, such as 2022-07-08T09:00:00+08:00".to_owned()
    })
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(MAX_RUNTIMES)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) const SAMPLE: &str = include_str!("../../../deploy/samples/node.toml");

    #[test]
    fn the_sample_is_read() {
        let config = Config::parse(SAMPLE, Path::new("/etc/huxin")).unwrap();
        assert_eq!(config.region.to_string(), "44");
        assert!(config.data.starts_with("/") && config.runtimes >= 1);
    }

    #[test]
    fn an_unknown_a_duplicate_and_a_missing_key_are_refused_by_name() {
        for line in SAMPLE.lines().filter(|line| line.contains(" = ") && !line.trim_start().starts_with('#'))
        {
            let key = line.split(" = ").next().unwrap().trim();
            let twice = SAMPLE.replacen(line, &format!("{line}\n{line}"), 1);
            assert!(Config::parse(&twice, Path::new("")).unwrap_err().contains("duplicate key"), "{key}");
            let renamed = SAMPLE.replacen(line, &line.replacen(key, &format!("{key}x"), 1), 1);
            assert!(
                Config::parse(&renamed, Path::new("")).unwrap_err().contains(&format!("{key}x")),
                "{key}"
            );
        }
        let without =
            SAMPLE.lines().filter(|line| !line.starts_with("region")).collect::<Vec<_>>().join("\n");
        assert!(Config::parse(&without, Path::new("")).unwrap_err().contains("region"));
    }

    #[test]
    fn a_time_without_offset_is_refused() {
        let bad = SAMPLE.replace("+08:00", "");
        assert!(Config::parse(&bad, Path::new("")).unwrap_err().contains("offset"));
    }
}
