//! A disk that dies at a chosen change, and what a power cut leaves of it at that moment.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use huxin_ledger::disk::{Change, Watcher};

/// When the disk dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    Never,
    /// Before the change with this number takes effect.
    Before(usize),
    /// After it took effect.
    After(usize),
    /// In the middle of it, if it is a write.
    Within(usize),
}

/// Follows what is durable, and dies. The watermark's changes come from a thread of their own and are not counted, so that
/// the same run always has the same numbers.
pub(crate) struct DyingDisk {
    death: Death,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    changes: usize,
    writes: BTreeSet<usize>,
    dead: bool,
    /// Every file by its name, with the bytes that were synced.
    current: BTreeMap<PathBuf, Vec<u8>>,
    folders: BTreeSet<PathBuf>,
    /// The same as a power cut would leave it.
    durable: BTreeMap<PathBuf, Vec<u8>>,
    durable_folders: BTreeSet<PathBuf>,
    /// Names whose file was replaced or is new: a sync of its bytes alone does not make it durable.
    unsettled: BTreeSet<PathBuf>,
}

impl DyingDisk {
    pub(crate) fn new(death: Death) -> Self {
        Self { death, state: Mutex::default() }
    }

    /// How many changes were counted, and which of them were writes that can be torn.
    pub(crate) fn counted(&self) -> (usize, BTreeSet<usize>) {
        let state = self.state();
        (state.changes, state.writes.clone())
    }

    pub(crate) fn died(&self) -> bool {
        self.state().dead
    }

    /// Makes the folder `to` what a power cut leaves of the folder `from`.
    pub(crate) fn after_power_cut(&self, from: &Path, to: &Path) {
        let state = self.state();
        for (path, bytes) in &state.durable {
            let within = path.strip_prefix(from).unwrap();
            let folders = path.ancestors().skip(1).take_while(|folder| *folder != from);
            if folders.into_iter().all(|folder| state.durable_folders.contains(folder)) {
                fs::create_dir_all(to.join(within).parent().unwrap()).unwrap();
                fs::write(to.join(within), bytes).unwrap();
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

fn path_of<'a>(change: Change<'a>) -> &'a Path {
    match change {
        Change::Write(path)
        | Change::Sync(path)
        | Change::Cut(path)
        | Change::Remove(path)
        | Change::Folder(path)
        | Change::SyncFolder(path)
        | Change::Rename(_, path) => path,
        other => panic!("{other:?}"),
    }
}

fn is_counted(change: Change<'_>) -> bool {
    !path_of(change).to_str().unwrap().contains("watermark")
}

fn dead() -> io::Error {
    io::Error::other("the disk is dead")
}

impl Watcher for DyingDisk {
    fn before(&self, change: Change<'_>) -> io::Result<Option<usize>> {
        let mut state = self.state();
        if state.dead {
            return Err(dead());
        }
        if !is_counted(change) {
            return Ok(None);
        }
        let number = state.changes;
        state.changes += 1;
        let tearable = matches!(change, Change::Write(path) if !path.to_str().unwrap().contains("redb"));
        if tearable {
            state.writes.insert(number);
        }
        state.dead = [Death::Before(number), Death::Within(number)].contains(&self.death);
        match self.death {
            Death::Within(at) if at == number && tearable => Ok(Some(41)),
            _ if state.dead => Err(dead()),
            _ => Ok(None),
        }
    }

    fn after(&self, change: Change<'_>) -> io::Result<()> {
        let mut state = self.state();
        if state.dead {
            return Err(dead());
        }
        state.follow(change);
        if is_counted(change) && self.death == Death::After(state.changes - 1) {
            state.dead = true;
            return Err(dead());
        }
        Ok(())
    }
}

impl State {
    fn follow(&mut self, change: Change<'_>) {
        match change {
            Change::Write(path) => {
                if !self.current.contains_key(path) {
                    self.current.insert(path.to_owned(), Vec::new());
                    self.unsettled.insert(path.to_owned());
                }
            }
            Change::Sync(path) => {
                let bytes = fs::read(path).unwrap();
                if !self.unsettled.contains(path) {
                    self.durable.insert(path.to_owned(), bytes.clone());
                }
                self.current.insert(path.to_owned(), bytes);
            }
            Change::Rename(from, to) => {
                let file = self.current.remove(from).unwrap();
                self.current.insert(to.to_owned(), file);
                self.unsettled.insert(to.to_owned());
            }
            Change::Remove(path) => {
                self.current.retain(|file, _| !file.starts_with(path));
                self.folders.retain(|folder| !folder.starts_with(path));
            }
            Change::Folder(path) => drop(self.folders.insert(path.to_owned())),
            Change::SyncFolder(folder) => self.sync_folder(folder),
            // What was cut off is gone once the file is synced.
            Change::Cut(_) => {}
            other => panic!("{other:?}"),
        }
    }

    fn sync_folder(&mut self, folder: &Path) {
        let here = |path: &Path| path.parent() == Some(folder);
        self.durable.retain(|path, _| !here(path));
        let now = self.current.iter().filter(|(path, _)| here(path));
        self.durable.extend(now.map(|(path, bytes)| (path.clone(), bytes.clone())));
        self.durable_folders.retain(|path| !here(path));
        self.durable_folders.extend(self.folders.iter().filter(|path| here(path)).cloned());
        self.unsettled.retain(|path| !here(path));
    }
}
