//! Places and risk areas read again while the node runs: all verified, then logged, then kept, and only then in force.
//!
//! Risk areas are also read again by themselves: the list is signed by those whom the membership list names and lives
//! 48 hours at most, so that nobody should have to be awake for the next one. Places say what an app may ask; nobody
//! signs them, so that an operator must stand behind every change.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use huxin_attest::{Clock as _, RegionCode, UnixMs};
use huxin_identity::{Membership, PeerIdentity};
use huxin_ledger::LeafType;
use huxin_ledger::public::{BadLabel, Label, PolicyChange};
use huxin_trust_policy::{Reference, RiskAreas};
use huxin_wire::{Failure, Reason, v1};
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use super::problems::{Noted, Problem, Problems};
use super::{Kept, Rules, What, message};
use crate::exchange::Details;
use crate::load;
use crate::local::Local;
use crate::log_port::Entry;
use crate::sealed::seal;

/// The pause before a change is offered to a busy log again.
const LOG_PAUSE: Duration = Duration::from_millis(10);
/// How the log names what the program brought into force by itself.
const AUTOMATIC: &str = "automatic";
/// How the log names what changed while the node was stopped.
const START: &str = "start";
/// Of what is wrong with a file the caller gets so many bytes; the node's own log holds it all.
const MAX_DETAIL: usize = 1024;

/// What reading the files again needs.
pub struct Reloader {
    /// Held while a change is under way: there is one at a time.
    kept: tokio::sync::Mutex<Kept>,
    files: Files,
    /// How often risk areas are read again.
    every: Duration,
    noted: Noted,
}

/// Which files are read again.
#[derive(Debug, Clone)]
pub struct Files {
    /// The province whose places these are.
    pub region: RegionCode,
    /// The places.
    pub places: PathBuf,
    /// The risk areas.
    pub risk_areas: PathBuf,
}

/// Which files are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Both,
    RiskAreas,
}

impl Reloader {
    /// With what was in force last.
    pub fn new(kept: Kept, files: Files, every: Duration) -> Self {
        Self { kept: tokio::sync::Mutex::new(kept), files, every, noted: Noted::default() }
    }

    /// The warnings about what was wrong when the files were read last; what is in force is from before.
    pub fn warnings(&self) -> Vec<String> {
        self.noted.warnings()
    }
}

/// Reads both files again for an operator.
///
/// # Errors
/// `rules_rejected` if one is not in order: then both stay as they were. Otherwise if the log or the data folder does
/// not take the change.
pub async fn reload(local: &Arc<Local>, caller: &PeerIdentity) -> Result<v1::ReloadReply, Failure> {
    let by =
        Label::new(&caller.uri).or_else(|_| Label::new(&caller.id.role.to_string())).map_err(internal)?;
    // Once the log holds the change it is carried through, also if the operator goes away.
    let local = Arc::clone(local);
    let changed = tokio::spawn(async move { put_into_force(&local, Scope::Both, by).await });
    let changed = changed.await.map_err(internal)??;
    Ok(v1::ReloadReply { changed: changed.iter().map(|(_, file)| message(file)).collect() })
}

/// Reads risk areas again for ever; for one runtime of a node.
pub async fn keep_fresh(local: Arc<Local>) {
    let Ok(by) = Label::new(AUTOMATIC) else { return };
    let mut tick = interval(local.shared.reloader.every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick comes at once, and the start has just read the file.
    tick.tick().await;
    loop {
        tick.tick().await;
        match put_into_force(&local, Scope::RiskAreas, by.clone()).await {
            Ok(_) => {}
            // Noted and logged where it was found.
            Err(failure) if failure.reason == Reason::RulesRejected => {}
            Err(failure) => tracing::error!(%failure, "new risk areas cannot be put into force"),
        }
    }
}

/// Logs what changed while the node was stopped, before it answers anybody by it.
///
/// # Errors
/// If the log or the data folder does not take it.
pub async fn log_start(local: &Arc<Local>) -> Result<(), Failure> {
    let by = Label::new(START).map_err(internal)?;
    let mut kept = local.shared.reloader.kept.lock().await;
    let rules = local.shared.rules.load_full();
    for (what, file) in kept.changed(&rules) {
        log_change(local, what.name(), &file, &by).await?;
    }
    kept.keep(&rules, local.shared.facts.now()).map_err(internal)
}

async fn put_into_force(
    local: &Arc<Local>,
    scope: Scope,
    by: Label,
) -> Result<Vec<(What, Reference)>, Failure> {
    let shared = &local.shared;
    let mut kept = shared.reloader.kept.lock().await;
    let old = shared.rules.load_full();
    let read = {
        let (old, shared) = (Arc::clone(&old), Arc::clone(shared));
        let files = shared.reloader.files.clone();
        spawn_blocking(move || read(&files, scope, &old, &shared.membership, shared.facts.now()))
    };
    let (new, problems) = read.await.map_err(internal)?;
    let found: Vec<_> = problems.iter().map(|(_, problem)| problem.brief().to_owned()).collect();
    shared.reloader.noted.note(problems, scope == Scope::Both);
    if !found.is_empty() {
        return Err(Failure::new(Reason::RulesRejected, shortened(found.join("; "))));
    }
    let new = new.map_err(internal)?;
    let pairs = [
        (What::Places, &old.places_file, &new.places_file),
        (What::RiskAreas, &old.risk_areas_file, &new.risk_areas_file),
    ];
    let changed: Vec<_> = pairs
        .into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(what, _, new)| (what, new.clone()))
        .collect();
    for (what, file) in &changed {
        log_change(local, what.name(), file, &by).await?;
    }
    if !changed.is_empty() {
        kept.keep(&new, shared.facts.now()).map_err(internal)?;
        shared.rules.store(Arc::new(new));
    }
    for (what, file) in &changed {
        tracing::info!(what = what.name(), version = file.version, sha256 = %file.sha256, %by, "now in force");
    }
    Ok(changed)
}

/// What the files hold now, with what is in force for those that are not read; and what is wrong with them.
fn read(
    files: &Files,
    scope: Scope,
    old: &Rules,
    membership: &Membership,
    now: UnixMs,
) -> (Result<Rules, BadLabel>, Problems) {
    let vocabulary = old.policy.vocabulary();
    let mut problems = Problems::default();
    let mut places = (Arc::clone(&old.places), old.places_file.clone());
    if scope == Scope::Both {
        match load::places(&files.places, files.region, vocabulary) {
            Ok(read) => places = read,
            Err(error) => problems.places = Some(Problem::rejected(&error)),
        }
    }
    let mut risk_areas = (Arc::clone(&old.risk_areas), old.risk_areas_file.clone());
    match load::risk_areas(&files.risk_areas, vocabulary, membership) {
        Ok((areas, file)) => match judge(&files.risk_areas, &areas, &file, &old.risk_areas_file, now) {
            None => risk_areas = (areas, file),
            problem => problems.risk_areas = problem,
        },
        Err(error) => problems.risk_areas = Some(Problem::rejected(&error)),
    }
    let policy = (Arc::clone(&old.policy), Arc::clone(&old.files));
    (Rules::new(policy, places, risk_areas), problems)
}

/// Why a list, whose signature holds, may not follow the one in force. One that is in force already may stay.
fn judge(
    path: &Path,
    areas: &RiskAreas,
    file: &Reference,
    in_force: &Reference,
    now: UnixMs,
) -> Option<Problem> {
    if file == in_force {
        return None;
    }
    if let Err(problem) = follows(file, in_force) {
        return Some(Problem::unfit(path, &problem));
    }
    let (from, until) = (areas.from(), areas.until());
    if until <= now {
        return Some(Problem::unfit(path, &format!("held until {until}; have the next list signed")));
    }
    // To take it now would leave every risk unknown until then.
    let waiting = format!("{}: holds from {from} on; the one in force stays until then", path.display());
    (from > now).then_some(Problem::Waiting(waiting))
}

/// May `file` follow `before`? A version never falls, and one version is one list.
///
/// # Errors
/// What is wrong.
pub fn follows(file: &Reference, before: &Reference) -> Result<(), String> {
    let (new, old) = (file.version, before.version);
    if new < old {
        return Err(format!(
            "is version {new}, but version {old} was in force; have a higher version signed"
        ));
    }
    if new == old && file.sha256 != before.sha256 {
        return Err(format!(
            "is another list of version {new}, which was in force; have a higher version signed"
        ));
    }
    Ok(())
}

/// Logs one change and waits until it is durable. Offers it to a busy log until it takes it.
///
/// # Errors
/// If a name cannot be logged, or the log stops.
pub async fn log_change(local: &Local, what: &str, file: &Reference, by: &Label) -> Result<(), Failure> {
    let change = PolicyChange {
        what: Label::new(what).map_err(internal)?,
        id: Label::new(&file.id).map_err(internal)?,
        version: file.version.into(),
        digest: file.sha256,
        by: by.clone(),
        overlay: None,
    };
    let public = change.encode();
    loop {
        let now = local.shared.facts.now();
        let sealed = seal(&local.salts, LeafType::Policy, now, public.clone(), &[], Details::default());
        match local.log.append(Entry::new(&sealed)).await {
            Ok(_) => return Ok(()),
            Err(failure) if failure.reason == Reason::Overloaded => tokio::time::sleep(LOG_PAUSE).await,
            Err(failure) => return Err(failure),
        }
    }
}

/// At most [`MAX_DETAIL`] bytes of a text.
fn shortened(mut text: String) -> String {
    if text.len() > MAX_DETAIL {
        let cut = (0..=MAX_DETAIL).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(cut);
        text.push('…');
    }
    text
}

fn internal(error: impl std::fmt::Display) -> Failure {
    Failure::new(Reason::Internal, error.to_string())
}

#[cfg(test)]
mod tests {
    use huxin_attest::sha256;

    use super::*;

    #[test]
    fn a_version_never_falls_and_one_version_is_one_list() {
        let file = |version, text: &str| Reference {
            id: "risk-areas".into(),
            version,
            sha256: sha256(&[text.as_bytes()]),
        };
        let old = file(5, "a");
        assert!(follows(&file(5, "a"), &old).is_ok() && follows(&file(6, "b"), &old).is_ok());
        assert!(follows(&file(4, "a"), &old).unwrap_err().contains("version 5 was in force"));
        assert!(follows(&file(5, "b"), &old).unwrap_err().contains("another list"));
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let cut = shortened("病".repeat(1000));
        assert!(cut.len() <= MAX_DETAIL + '…'.len_utf8() && cut.ends_with("病…"));
        assert_eq!(shortened("short".to_owned()), "short");
    }
}
