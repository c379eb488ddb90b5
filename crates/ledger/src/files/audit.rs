//! Reads a log's folder from its first entry to its last, and checks every file of it against the others. Changes no byte.

use std::ops::ControlFlow;
use std::path::Path;

use huxin_attest::Digest;

use super::archive::{CHECKPOINT, read_checkpoint};
use super::kept::{self, KeptStore, Row};
use super::recover;
use super::segment::{self, Segment};
use super::tiles::{self, TILE_WIDTH, Tiles, nodes_at, tile_path};
use super::watermark;
use crate::checkpoint::{LogVerifierKey, SignedCheckpoint};
use crate::leaf::Leaf;
use crate::log::{Kept, OpenError, check_watermark, replay, verify_base};
use crate::store::{Base, ReadFailed, RecordRefused, RecoverError};
use crate::tree::{self, BeyondTree, Nodes, TILE_HEIGHT, Tree};

/// What a folder holds.
pub(crate) struct Found {
    /// The newest head.
    pub(crate) head: Option<SignedCheckpoint>,
    /// How many entries the tiles hold.
    pub(crate) integrated: u64,
    /// How many records the journals hold behind them.
    pub(crate) records: u64,
    /// Where a last record begins that was torn while it was written.
    pub(crate) torn: Option<u64>,
}

/// Checks everything in the folder. The caller holds its lock.
pub(crate) fn walk(folder: &Path, key: &LogVerifierKey) -> Result<Found, OpenError> {
    let tiles = Tiles::new(folder.to_owned());
    let (mut tree, mut head, integrated) = (Tree::new(), None, read_checkpoint(folder)?);
    let size = integrated.as_ref().map_or(0, |(_, size)| *size);
    if let Some((checkpoint, size)) = integrated {
        let base = Base { checkpoint, edge: tiles.edge(size)? };
        head = Some(verify_base(&base, key)?.1);
        tree = walk_tiles(folder, &tiles, size)?;
        if head.as_ref().is_some_and(|head| tree.root(size) != Ok(head.checkpoint().root)) {
            return Err(ReadFailed::Damaged(folder.join(CHECKPOINT)).into());
        }
    }
    let mut records = 0;
    let found = segment::list(folder)?;
    let open = |(number, path)| Segment::open(path, number, false);
    let mut segments = found.into_iter().map(open).collect::<Result<Vec<_>, _>>()?;
    if segments.is_empty() && size == 0 {
        return Err(RecoverError::NotAJournal { file: segment::path(folder, 1) }.into());
    }
    recover(&mut segments, size, &mut |record| {
        head = Some(replay(&mut tree, &record, key, |_| {})?);
        records += 1;
        Ok(())
    })?;
    check_kept(folder, size, tree.size())?;
    let nodes = History { tree, tiles, size };
    if let Some(text) = watermark::read(&folder.join("watermark")).map_err(RecoverError::from)? {
        let root = |size| tree::border(&nodes, size).map(|border| border.root());
        check_watermark(&text, key, nodes.tree.size(), root)?;
    }
    let torn = segments.iter().find(|segment| segment.torn).map(|segment| segment.end);
    Ok(Found { head, integrated: size, records, torn })
}

/// Hands every entry of a folder that was walked, with what is kept beside it, to `each`, in order, until it breaks.
/// The caller holds the lock since before the walk.
pub(crate) fn read(
    folder: &Path,
    size: u64,
    each: &mut dyn FnMut(u64, Kept) -> ControlFlow<()>,
) -> Result<(), OpenError> {
    let tiles = Tiles::new(folder.to_owned());
    let leaf = |bytes: &[u8], path: &dyn Fn() -> std::path::PathBuf| {
        Leaf::from_bytes(bytes).map_err(|_| ReadFailed::Damaged(path()))
    };
    if size > 0 {
        let kept = KeptStore::open_read_only(folder.join(kept::FILE))?;
        for bundle in 0..size.div_ceil(TILE_WIDTH) {
            let path = || tiles::bundle_path(folder, bundle, tiles::width(size, bundle));
            for (index, bytes) in (bundle * TILE_WIDTH..).zip(tiles.bundle(size, bundle)?) {
                let row = kept.row(index)?.ok_or_else(|| ReadFailed::Damaged(folder.join(kept::FILE)))?;
                let Row { salt1, public, details } = row;
                if each(index, Kept { leaf: leaf(&bytes, &path)?, salt1, public, details }).is_break() {
                    return Ok(());
                }
            }
        }
    }
    let open = |(number, path)| Segment::open(path, number, false);
    let mut segments = segment::list(folder)?.into_iter().map(open).collect::<Result<Vec<_>, _>>()?;
    let mut stopped = false;
    recover(&mut segments, size, &mut |record| {
        for (index, recorded) in (record.first..).zip(&record.entries) {
            if stopped {
                break;
            }
            let leaf = Leaf::from_bytes(recorded.leaf).map_err(|_| RecordRefused::Root)?;
            let details = Some(recorded.details.to_vec());
            let kept = Kept { leaf, salt1: recorded.salt1, public: recorded.public.to_vec(), details };
            stopped = each(index, kept).is_break();
        }
        Ok(())
    })?;
    Ok(())
}

/// Hashes every leaf again and compares every tile. Returns the tree behind them.
fn walk_tiles(folder: &Path, tiles: &Tiles, size: u64) -> Result<Tree, OpenError> {
    let mut tree = Tree::new();
    for index in 0..size.div_ceil(TILE_WIDTH) {
        for bytes in tiles.bundle(size, index)? {
            let width = tiles::width(size, index);
            let damaged = |_| ReadFailed::Damaged(tiles::bundle_path(folder, index, width));
            tree.append(Leaf::from_bytes(&bytes).map_err(damaged)?.hash());
        }
        for level in tiles::levels(tree.size()) {
            let nodes = nodes_at(tree.size(), level);
            // Each tile once: when it becomes complete, or is the last of its level.
            let whole = level == 0 || tree.size().is_multiple_of(1 << (TILE_HEIGHT * (level + 1)).min(63));
            if whole || tree.size() == size {
                compare(folder, tiles, &tree, level, size, (nodes - 1) / TILE_WIDTH)?;
            }
        }
        drop(tree.trim(tree.size()));
    }
    Ok(tree)
}

/// Does the tile hold what the tree has?
fn compare(
    folder: &Path,
    tiles: &Tiles,
    tree: &Tree,
    level: u32,
    size: u64,
    index: u64,
) -> Result<(), OpenError> {
    let tile = tiles.tile(size, level, index)?;
    let first = index * TILE_WIDTH;
    let same = |(hash, node): (&Digest, u64)| tree.node(level * TILE_HEIGHT, node) == Some(*hash);
    if tile.iter().zip(first..).all(same) {
        return Ok(());
    }
    let width = tiles::width(nodes_at(size, level), index);
    Err(ReadFailed::Damaged(tile_path(folder, level, index, width)).into())
}

/// Is something kept beside every integrated entry, and nothing beside what is no entry?
fn check_kept(folder: &Path, integrated: u64, recovered: u64) -> Result<(), OpenError> {
    let path = folder.join(kept::FILE);
    if !path.exists() {
        return if integrated == 0 { Ok(()) } else { Err(ReadFailed::Damaged(path).into()) };
    }
    let kept = KeptStore::open_read_only(path)?;
    super::check_kept(&kept, integrated, recovered)?;
    Ok(kept.check(integrated)?)
}

/// Every node of the log: the newest in memory, the others in tiles.
struct History {
    tree: Tree,
    tiles: Tiles,
    /// How many entries the tiles hold.
    size: u64,
}

impl Nodes for History {
    type Error = OpenError;

    fn complete(&self, level: u32, index: u64) -> Result<Digest, OpenError> {
        match self.tree.node(level, index) {
            Some(node) => Ok(node),
            None => Ok(self.tiles.node(self.size, level, index)?),
        }
    }
}

impl From<BeyondTree> for OpenError {
    fn from(_: BeyondTree) -> Self {
        Self::TilesChanged
    }
}
