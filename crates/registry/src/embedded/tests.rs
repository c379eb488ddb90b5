//! The embedded store against the promises of the trait.

mod chains;
mod durable;
mod model;
mod requests;

use huxin_attest::{Digest, Kind, Kinds};
use tempfile::TempDir;

use super::*;
use crate::store::{Outcome, Standing, State};
use crate::testing::{person, secret};

fn memory() -> EmbeddedRegistry {
    let database = Database::builder().create_with_backend(redb::backends::InMemoryBackend::new()).unwrap();
    EmbeddedRegistry::over(database, &secret()).unwrap()
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("registry.redb")
    }

    fn open(&self) -> EmbeddedRegistry {
        EmbeddedRegistry::open(&self.path(), &secret()).unwrap()
    }
}

fn all() -> Kinds {
    Kind::ALL.into_iter().collect()
}

/// Commits and returns what became of each write and whose answers changed.
fn commit(registry: &EmbeddedRegistry, writes: &[Write]) -> (Vec<Outcome>, Vec<PendingChange>) {
    match registry.commit(writes, None).unwrap() {
        Committed::Now { outcomes, changes } => (outcomes, changes),
        Committed::Before(_) => panic!("no request was given"),
    }
}

fn outcomes(registry: &EmbeddedRegistry, writes: &[Write]) -> Vec<Outcome> {
    commit(registry, writes).0
}

/// The digests of a person's heads, in the order of the answer.
fn heads(registry: &EmbeddedRegistry, about: u32) -> Vec<Digest> {
    let found = registry.look_up(&person(about), all()).unwrap();
    found.heads.into_iter().map(|held| held.digest).collect()
}

fn states(registry: &EmbeddedRegistry, about: u32) -> Vec<(Digest, State)> {
    let history = registry.history(&person(about), 0, 1000).unwrap();
    history.into_iter().map(|entry| (entry.held.digest, entry.state)).collect()
}

fn standing(registry: &EmbeddedRegistry, about: u32) -> Vec<Standing> {
    let found = registry.look_up(&person(about), all()).unwrap();
    found.heads.into_iter().map(|held| held.standing).collect()
}
