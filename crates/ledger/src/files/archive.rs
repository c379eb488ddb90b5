//! What was integrated, as readers see it: tiles and what is kept beside the entries.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use huxin_attest::Digest;

use super::kept::{KeptStore, Row};
use super::tiles::{TILE_WIDTH, Tiles};
use crate::checkpoint::Checkpoint;
use crate::disk;
use crate::leaf::LEAF_LEN;
use crate::note::MAX_NOTE_LEN;
use crate::store::{Archive, Archived, Base, ReadFailed};

/// The name of the tiles' checkpoint in the log's folder.
pub(super) const CHECKPOINT: &str = "checkpoint";

/// The integrated part of a log in files.
#[derive(Debug)]
pub(super) struct FileArchive {
    folder: PathBuf,
    pub(super) tiles: Tiles,
    pub(super) kept: KeptStore,
    /// How many entries the tiles hold; grows once the checkpoint over them is durable.
    size: AtomicU64,
    grown_ms: AtomicI64,
}

impl FileArchive {
    pub(super) fn open(folder: &Path, kept: KeptStore) -> Result<Self, ReadFailed> {
        let archive = Self {
            folder: folder.to_owned(),
            tiles: Tiles::new(folder.to_owned()),
            kept,
            size: AtomicU64::new(0),
            grown_ms: AtomicI64::new(0),
        };
        if let Some((_, size)) = read_checkpoint(folder)? {
            archive.publish(size);
        }
        Ok(archive)
    }

    /// Shows readers the tiles up to `size`: the checkpoint over them is durable.
    pub(super) fn publish(&self, size: u64) {
        let grown = std::fs::metadata(self.folder.join(CHECKPOINT)).and_then(|file| file.modified());
        let grown = grown.ok().and_then(|grown| grown.duration_since(UNIX_EPOCH).ok());
        let grown = grown.and_then(|grown| i64::try_from(grown.as_millis()).ok());
        self.grown_ms.store(grown.unwrap_or_default(), Ordering::Relaxed);
        self.size.store(size, Ordering::Release);
    }

    /// The checkpoint and the right edge under it.
    pub(super) fn base(&self) -> Result<Option<Base>, ReadFailed> {
        let Some((checkpoint, size)) = read_checkpoint(&self.folder)? else { return Ok(None) };
        Ok(Some(Base { checkpoint, edge: self.tiles.edge(size)? }))
    }
}

/// The text of the tiles' checkpoint and the size that it names, unverified.
pub(super) fn read_checkpoint(folder: &Path) -> Result<Option<(String, u64)>, ReadFailed> {
    let path = folder.join(CHECKPOINT);
    let read = disk::read(&path, MAX_NOTE_LEN).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => ReadFailed::Damaged(path.clone()),
        _ => ReadFailed::Io(path.clone(), error),
    })?;
    let Some(bytes) = read else { return Ok(None) };
    let text = String::from_utf8(bytes).ok();
    let read = text.and_then(|text| Checkpoint::unverified(&text).ok().map(|found| (text, found.size)));
    read.map(Some).ok_or(ReadFailed::Damaged(path))
}

impl Archive for FileArchive {
    fn size(&self) -> u64 {
        self.size.load(Ordering::Acquire)
    }

    fn grown_unix_ms(&self) -> i64 {
        self.grown_ms.load(Ordering::Relaxed)
    }

    fn node(&self, level: u32, index: u64) -> Result<Digest, ReadFailed> {
        self.tiles.node(self.size(), level, index)
    }

    fn leaf(&self, index: u64) -> Result<[u8; LEAF_LEN], ReadFailed> {
        let bundle = self.tiles.bundle(self.size(), index / TILE_WIDTH)?;
        let leaf = bundle.get((index % TILE_WIDTH) as usize).copied();
        leaf.ok_or_else(|| ReadFailed::Damaged(self.folder.join("tile/entries")))
    }

    fn kept(&self, index: u64) -> Result<Archived, ReadFailed> {
        let leaf = self.leaf(index)?;
        let row = self.kept.row(index)?;
        let Row { salt1, public, details } =
            row.ok_or_else(|| ReadFailed::Damaged(self.folder.join(super::kept::FILE)))?;
        Ok(Archived { leaf, salt1, public, details })
    }

    fn open_reviews(&self, after: Option<u64>, limit: usize) -> Result<Vec<u64>, ReadFailed> {
        self.kept.open_reviews(after, limit)
    }

    fn resolution_of(&self, decision: u64) -> Result<Option<u64>, ReadFailed> {
        self.kept.resolution_of(decision)
    }

    fn unreported(&self, after: Option<u64>, limit: usize) -> Result<Vec<u64>, ReadFailed> {
        self.kept.unreported(after, limit)
    }

    fn mark_reported(&self, index: u64) {
        self.kept.mark_reported(index);
    }
}
