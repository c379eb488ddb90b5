//! `node.toml`: what one node runs with. Unknown and duplicate keys are errors.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use huxin_attest::{RegionCode, UnixMs};
use huxin_identity::Problem;
use huxin_identity::reader::{self, Table};
use huxin_ledger::FileSettings;

use crate::files::{self, NotText, TextError};
use crate::limits;
use crate::mass_changes::{DEFAULT_THRESHOLD, MAX_THRESHOLD};

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
    /// People whose codes one assigner may turn red or amber within an hour before an operator is warned.
    pub mass_change_threshold: u32,
    /// Takes red and amber codes without resolving what they rest on. For exercises only.
    pub dangerous_skip_foundedness: bool,
    /// The vocabulary in force.
    pub vocabulary: PathBuf,
    /// The baseline in force.
    pub baseline: PathBuf,
    /// This province's overlay.
    pub overlay: Option<PathBuf>,
    /// The places and the apps bound to them.
    pub places: PathBuf,
    /// The risk areas; their signature lies beside them as `.sig`.
    pub risk_areas: PathBuf,
    /// How the log's files are kept. Not in the file: [`crate::limits`] says it, and tests say it otherwise.
    pub log_files: FileSettings,
    /// How often they are read again.
    pub risk_areas_every: Duration,
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
    /// The file is no text of a bounded size.
    #[error("{path} {problem}")]
    NotText {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        problem: NotText,
    },
    /// The file is not what it should be.
    #[error("{path}:{}", lines(.problems))]
    Form {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong, by line.
        problems: Vec<Problem>,
    },
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}

/// Runtimes at most.
const MAX_RUNTIMES: u32 = 64;
/// Risk areas are read again after so many seconds at most, and if nothing else is said.
const MAX_RISK_AREAS_SECONDS: u32 = 3600;
const RISK_AREAS_SECONDS: u32 = 60;

impl Config {
    /// Reads `node.toml`.
    ///
    /// # Errors
    /// If it cannot be read, or a key is unknown, missing, duplicate or out of its bounds.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = files::text(path).map_err(|error| match error {
            TextError::Read(source) => ConfigError::Read { path: path.into(), source },
            TextError::Not(problem) => ConfigError::NotText { path: path.into(), problem },
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        Self::parse(&text, folder).map_err(|problems| ConfigError::Form { path: path.into(), problems })
    }

    /// Reads the text of `node.toml`; relative paths start at `folder`.
    ///
    /// # Errors
    /// Everything that is wrong, by line.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Vec<Problem>> {
        reader::read(text, |root| config(root, folder))
    }
}

fn config(root: &mut Table<'_>, folder: &Path) -> Option<Config> {
    let path = |table: &mut Table<'_>, key| table.text_with(key, |text| self::path(folder, text));
    let format = root.integer("format", 1..=1);
    let region = root.text("region");
    let listen = root.text_with("listen", |text| {
        text.parse().map_err(|_| "must be an address and a port, such as 0.0.0.0:7443".to_owned())
    });
    let data = path(root, "data");
    let runtimes = root.if_any("runtimes", |root, key| root.integer(key, 0..=MAX_RUNTIMES));
    let facts_start = root.if_any("facts_start", Table::time);
    let identity = root.table("identity", |table| {
        let (certificate, key) = (path(table, "certificate"), path(table, "key"));
        let federation = path(table, "federation");
        Some((certificate?, key?, federation?))
    });
    let log = root.table("log", |table| {
        let (origin, key) = (table.text::<String>("origin"), path(table, "key"));
        Some((origin?, key?))
    });
    let registry = root.table("registry", |table| {
        let secret = path(table, "secret");
        let threshold =
            table.if_any("mass_change_threshold", |table, key| table.integer(key, 1..=MAX_THRESHOLD));
        let skip = table.if_any("dangerous_skip_foundedness", Table::boolean);
        Some((secret?, threshold?, skip?))
    });
    let policy = root.table("policy", |table| {
        let (vocabulary, baseline) = (path(table, "vocabulary"), path(table, "baseline"));
        let overlay = table.if_any("overlay", path);
        let (places, risk_areas) = (path(table, "places"), path(table, "risk_areas"));
        let every =
            table.if_any("risk_areas_seconds", |table, key| table.integer(key, 1..=MAX_RISK_AREAS_SECONDS));
        Some((vocabulary?, baseline?, overlay?, places?, risk_areas?, every?))
    });
    format?;
    let (certificate, certificate_key, federation) = identity?;
    let (origin, log_key) = log?;
    let (province_secret, threshold, skip_foundedness) = registry?;
    let (vocabulary, baseline, overlay, places, risk_areas, every) = policy?;
    let runtimes = runtimes?.and_then(|runtimes| usize::try_from(runtimes).ok());
    Some(Config {
        region: region?,
        listen: listen?,
        data: data?,
        runtimes: runtimes.filter(|runtimes| *runtimes > 0).unwrap_or_else(cores),
        facts_start: facts_start?,
        certificate,
        certificate_key,
        federation,
        origin,
        log_key,
        province_secret,
        mass_change_threshold: threshold.unwrap_or(DEFAULT_THRESHOLD),
        dangerous_skip_foundedness: skip_foundedness.unwrap_or_default(),
        vocabulary,
        baseline,
        overlay,
        places,
        risk_areas,
        risk_areas_every: Duration::from_secs(every.unwrap_or(RISK_AREAS_SECONDS).into()),
        log_files: FileSettings {
            integration_interval: limits::INTEGRATION_INTERVAL,
            segment_len: limits::JOURNAL,
            max_waiting: limits::JOURNALS,
            ..FileSettings::default()
        },
    })
}

fn path(folder: &Path, text: &str) -> Result<PathBuf, String> {
    if text.is_empty() || text.contains('\0') {
        return Err("must be the path of a file or folder".to_owned());
    }
    Ok(folder.join(text))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(MAX_RUNTIMES as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../../deploy/samples/node.toml");

    fn problems(text: &str) -> Vec<String> {
        let read = Config::parse(text, Path::new("/etc/huxin"));
        read.err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    /// The sample's keys, with the number and the text of their lines.
    fn keys() -> impl Iterator<Item = (&'static str, usize, &'static str)> {
        let lines = SAMPLE.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
        lines.filter_map(|(number, line)| Some((line.split_once(" = ")?.0, number + 1, line)))
    }

    #[test]
    fn the_sample_is_read() {
        let config = Config::parse(SAMPLE, Path::new("/etc/huxin")).unwrap();
        assert_eq!(config.region.to_string(), "44");
        assert_eq!(config.data, Path::new("/etc/huxin/data"));
        assert!(config.runtimes >= 1 && config.risk_areas_every == Duration::from_secs(60));
        assert_eq!(config.mass_change_threshold, DEFAULT_THRESHOLD);
        assert!(!config.dangerous_skip_foundedness, "the sample is safe as it stands");
        assert_eq!(keys().count(), 19);
    }

    #[test]
    fn foundedness_is_skipped_by_that_one_name_only() {
        let with = |line: &str| SAMPLE.replacen("[registry]", &format!("[registry]\n{line}"), 1);
        let skips = Config::parse(&with("dangerous_skip_foundedness = true"), Path::new("")).unwrap();
        assert!(skips.dangerous_skip_foundedness);
        for other in ["skip_foundedness = true", "dangerous_skip_foundedness = 1"] {
            assert_eq!(problems(&with(other)).len(), 1, "{other}");
        }
    }

    #[test]
    fn an_unknown_a_duplicate_and_a_missing_key_are_named_with_their_line() {
        let optional = ["runtimes", "facts_start", "mass_change_threshold", "overlay", "risk_areas_seconds"];
        for (key, number, line) in keys() {
            let twice = problems(&SAMPLE.replacen(line, &format!("{line}\n{line}"), 1));
            assert_eq!(twice, [format!("line {}: duplicate key {key}; remove one", number + 1)]);
            let renamed = problems(&SAMPLE.replacen(line, &format!("{key}x{}", &line[key.len()..]), 1));
            assert!(
                renamed.iter().any(|problem| problem.starts_with(&format!("line {number}: unknown key"))
                    && problem.contains(&format!("{key}x"))),
                "{renamed:?}"
            );
            let without = problems(&SAMPLE.replacen(&format!("{line}\n"), "", 1));
            match optional.contains(&key) {
                true => assert!(without.is_empty(), "{without:?}"),
                false => assert!(without[0].contains(&format!("{key} is missing")), "{without:?}"),
            }
        }
    }

    #[test]
    fn a_wrong_value_is_named_with_its_line() {
        for (key, number, line) in keys() {
            let wrong = problems(&SAMPLE.replacen(line, &format!("{key} = [[[1.5]]]"), 1));
            assert_eq!(wrong.len(), 1, "{wrong:?}");
            assert!(wrong[0].starts_with(&format!("line {number}: ")) && wrong[0].contains(key), "{wrong:?}");
        }
        for (from, to, expected) in [
            ("format = 1", "format = 2", "a whole number from 1 to 1"),
            ("region = \"44\"", "region = \"99x\"", "region"),
            ("0.0.0.0:7443", "0.0.0.0", "an address and a port"),
            ("data = \"data\"", "data = \"\"", "a file or folder"),
            ("data = \"data\"", "data = \"a\\u0000b\"", "a file or folder"),
            ("runtimes = 0", "runtimes = 65", "from 0 to 64"),
            ("runtimes = 0", "runtimes = -1", "from 0 to 64"),
            ("09:00:00+08:00", "09:00:00", "with its offset"),
            ("09:00:00+08:00", "25:00:00+08:00", ""),
            ("risk_areas_seconds = 60", "risk_areas_seconds = 0", "from 1 to 3600"),
            ("mass_change_threshold = 100", "mass_change_threshold = 0", "from 1 to 1000000"),
        ] {
            assert!(SAMPLE.contains(from), "{from}");
            let wrong = problems(&SAMPLE.replacen(from, to, 1));
            assert!(wrong.iter().any(|problem| problem.contains(expected)), "{to}: {wrong:?}");
        }
    }
}
