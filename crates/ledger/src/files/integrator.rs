//! Moves closed journal segments into tiles and into the store of what is kept.
//!
//! The order is what makes a crash harmless: what is kept is committed, tiles and bundles are written and synced, then the
//! checkpoint over them is replaced, and only then the segment is removed. Until the checkpoint is durable nothing
//! relies on what was written, and the same segment is integrated again; nothing that a checkpoint covers is ever written
//! again.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use huxin_attest::merkle;

use super::archive::{CHECKPOINT, FileArchive};
use super::recovery;
use super::rows::Rows;
use super::segment::Segment;
use super::tiles::{self, TILE_WIDTH, nodes_at};
use crate::blocks::Blocks;
use crate::checkpoint::{Checkpoint, Origin};
use crate::disk::Disk;
use crate::leaf::{LEAF_LEN, Leaf};
use crate::store::{Archive as _, FatalLogError, ReadFailed, Record, RecordRefused, RecoverError, Step};
use crate::tree::{TILE_HEIGHT, Tree};

/// So many tiles and bundles are written before they are synced together.
const WRITTEN_TOGETHER: usize = 64;

/// The longest pause after a sync: the log's thread needs the same disk.
const MAX_PAUSE: Duration = Duration::from_millis(50);

/// Integrates one segment after another.
pub(super) struct Integrator {
    disk: Disk,
    folder: PathBuf,
    archive: Arc<FileArchive>,
    own: Origin,
    /// Reaches from the incomplete tiles to the newest entry that was read.
    tree: Tree,
    /// The leaves, from the incomplete bundle on.
    leaves: Blocks<[u8; LEAF_LEN]>,
}

/// Why a segment was not integrated. The process must stop, and the next start integrates it again.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotIntegrated {
    #[error(transparent)]
    Read(#[from] ReadFailed),
    #[error(transparent)]
    Segment(#[from] RecoverError),
    #[error("the file system refuses: {0}")]
    Disk(#[from] io::Error),
    #[error("what the segment holds is not what its checkpoint names")]
    Root,
}

impl From<NotIntegrated> for FatalLogError {
    fn from(error: NotIntegrated) -> Self {
        Self::new(Step::Integrate, error)
    }
}

impl Integrator {
    /// Goes on where the tiles end.
    pub(super) fn new(
        disk: Disk,
        folder: PathBuf,
        archive: Arc<FileArchive>,
        own: Origin,
    ) -> Result<Self, ReadFailed> {
        let size = archive.size();
        let edge = archive.tiles.edge(size)?;
        let begin = size - size % TILE_WIDTH;
        let mut leaves = Blocks::starting_at(begin);
        if begin < size {
            let bundle = archive.tiles.bundle(size, begin / TILE_WIDTH)?;
            // The edge is verified; what the bundle says again must be the same.
            let hashes = bundle.iter().map(|leaf| merkle::leaf_hash(leaf));
            if !edge.first().is_some_and(|edge| hashes.eq(edge.iter().copied())) {
                let path = tiles::bundle_path(&folder, begin / TILE_WIDTH, size - begin);
                return Err(ReadFailed::Damaged(path));
            }
            bundle.into_iter().for_each(|leaf| leaves.push(leaf));
        }
        Ok(Self { tree: Tree::from_edge(size, &edge), disk, folder, archive, own, leaves })
    }

    /// Integrates a segment and removes it. Returns the size up to which everything is integrated. In a hurry it leaves
    /// the disk to others less often.
    pub(super) fn integrate(&mut self, segment: &mut Segment, hurry: bool) -> Result<u64, NotIntegrated> {
        let from = self.archive.size();
        if let Some(checkpoint) = self.take_in(segment)? {
            let head = Checkpoint::unverified(&checkpoint).map_err(|_| NotIntegrated::Root)?;
            if head.size != self.tree.size() || self.tree.root(head.size) != Ok(head.root) {
                return Err(NotIntegrated::Root);
            }
            self.write(from, head.size, hurry)?;
            self.disk.replace(&self.folder.join(CHECKPOINT), checkpoint.as_bytes())?;
            self.archive.publish(head.size);
            self.remove_partials(from, head.size)?;
            drop((self.tree.trim(head.size), self.leaves.trim(head.size - head.size % TILE_WIDTH)));
        }
        self.disk.remove(&segment.path)?;
        self.disk.sync_folder(Some(&self.folder))?;
        Ok(self.archive.size())
    }

    /// Reads the segment: what is kept goes into its store, leaves and hashes into memory. Returns the last checkpoint;
    /// `None` if everything in the segment was integrated before.
    fn take_in(&mut self, segment: &mut Segment) -> Result<Option<String>, NotIntegrated> {
        let archive = Arc::clone(&self.archive);
        let batch = archive.kept.batch(&self.own)?;
        let mut checkpoint = None;
        let mut stored = Ok(());
        let mut rows = batch.rows()?;
        let (tree, leaves, from) = (&mut self.tree, &mut self.leaves, archive.size());
        recovery::read(segment, &mut |record| {
            if ends_before(&record, from)? {
                return Ok(());
            }
            take_in(&record, tree, leaves, &mut rows, &mut stored)?;
            checkpoint = Some(record.checkpoint.to_owned());
            Ok(())
        })?;
        let refused = |error| NotIntegrated::Disk(io::Error::other(error));
        stored.map_err(refused)?;
        // A crash may have come between the store's commit and the checkpoint.
        if let Some(size) = rows.finish().map_err(refused)? {
            batch.commit(size)?;
        }
        Ok(checkpoint)
    }

    /// Writes the tiles and bundles that the entries from `from` to `to` change, and makes them durable.
    fn write(&self, from: u64, to: u64, hurry: bool) -> Result<(), NotIntegrated> {
        let mut written = Written { disk: &self.disk, hurry, files: Vec::new(), folders: BTreeSet::new() };
        for index in touched(from, to) {
            let range = index * TILE_WIDTH..to.min((index + 1) * TILE_WIDTH);
            let leaves: Vec<_> = range.clone().filter_map(|leaf| self.leaves.get(leaf).copied()).collect();
            let path = tiles::bundle_path(&self.folder, index, range.end - range.start);
            written.add(path, &tiles::encode_bundle(&leaves))?;
        }
        for level in tiles::levels(to) {
            let (from, to) = (nodes_at(from, level), nodes_at(to, level));
            for index in touched(from, to) {
                let range = index * TILE_WIDTH..to.min((index + 1) * TILE_WIDTH);
                let nodes = range.clone().filter_map(|node| self.tree.node(level * TILE_HEIGHT, node));
                let hashes: Vec<_> = nodes.collect();
                let path = tiles::tile_path(&self.folder, level, index, range.end - range.start);
                written.add(path, &tiles::encode_tile(&hashes))?;
            }
        }
        Ok(written.finish()?)
    }

    /// Removes the partial forms of tiles and bundles that are complete now.
    fn remove_partials(&self, from: u64, to: u64) -> Result<(), NotIntegrated> {
        let mut complete = Vec::new();
        let completed =
            |from: u64, to: u64| touched(from, to).filter(move |index| to >= (index + 1) * TILE_WIDTH);
        complete.extend(completed(from, to).map(|index| tiles::bundle_path(&self.folder, index, TILE_WIDTH)));
        for level in tiles::levels(to) {
            let indices = completed(nodes_at(from, level), nodes_at(to, level));
            complete.extend(indices.map(|index| tiles::tile_path(&self.folder, level, index, TILE_WIDTH)));
        }
        for path in complete {
            self.disk.remove_folder(&tiles::partials(&path))?;
        }
        Ok(())
    }
}

/// Files that were written and are to be made durable.
struct Written<'a> {
    disk: &'a Disk,
    hurry: bool,
    files: Vec<(PathBuf, File)>,
    folders: BTreeSet<PathBuf>,
}

impl Written<'_> {
    fn add(&mut self, path: PathBuf, bytes: &[u8]) -> io::Result<()> {
        if let Some(folder) = path.parent()
            && !self.folders.contains(folder)
        {
            self.disk.create_folder(folder)?;
            self.folders.insert(folder.to_owned());
        }
        let file = self.disk.write_unsynced(&path, bytes)?;
        self.files.push((path, file));
        if self.files.len() < WRITTEN_TOGETHER { Ok(()) } else { self.sync() }
    }

    fn sync(&mut self) -> io::Result<()> {
        let begin = Instant::now();
        self.disk.sync_together(&self.files)?;
        self.files.clear();
        if !self.hurry {
            std::thread::sleep(begin.elapsed().min(MAX_PAUSE));
        }
        Ok(())
    }

    /// Syncs what is left, and the names of all files.
    fn finish(mut self) -> io::Result<()> {
        self.sync()?;
        self.folders.iter().try_for_each(|folder| self.disk.sync_folder(Some(folder)))
    }
}

/// The tiles that change when a level grows from `from` to `to` nodes.
fn touched(from: u64, to: u64) -> impl Iterator<Item = u64> {
    let indices = if from == to { 0..0 } else { from / TILE_WIDTH..to.div_ceil(TILE_WIDTH) };
    indices.into_iter()
}

/// Was the whole record integrated before? Segments are integrated whole, so none was in part.
pub(super) fn ends_before(record: &Record<'_>, size: u64) -> Result<bool, RecordRefused> {
    let end = record.first.checked_add(record.entries.len() as u64).ok_or(RecordRefused::Place)?;
    if record.first < size && end > size { Err(RecordRefused::Place) } else { Ok(end <= size) }
}

/// Everything here was checked when it was appended or recovered, and the segment's checksums hold.
fn take_in(
    record: &Record<'_>,
    tree: &mut Tree,
    leaves: &mut Blocks<[u8; LEAF_LEN]>,
    rows: &mut Rows<'_>,
    stored: &mut Result<(), redb::StorageError>,
) -> Result<(), RecordRefused> {
    if record.first != tree.size() {
        return Err(RecordRefused::Place);
    }
    for (recorded, index) in record.entries.iter().zip(record.first..) {
        let Leaf { leaf_type, .. } = Leaf::from_bytes(recorded.leaf).map_err(|_| RecordRefused::Leaf)?;
        // Its own bytes: there is one spelling of a leaf.
        leaves.push(recorded.leaf.try_into().map_err(|_| RecordRefused::Leaf)?);
        tree.append(merkle::leaf_hash(recorded.leaf));
        if stored.is_ok() {
            *stored = rows.insert(index, leaf_type, recorded);
        }
    }
    Ok(())
}
