//! The program's own log: to the error stream, filtered by `HUXIN_LOG`. It never holds personal data.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Starts logging at the level `default`, unless the environment names another. JSON for machines.
pub(crate) fn start(default: &str, json: bool) {
    let asked = std::env::var("HUXIN_LOG").ok();
    let filter = asked.and_then(|asked| EnvFilter::try_new(asked).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new(default));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start in one process, as tests make it, keeps the first.
    let _ =
        if json { log.json().try_init() } else { log.with_ansi(std::io::stderr().is_terminal()).try_init() };
}
