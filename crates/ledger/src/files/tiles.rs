//! The log's folder as C2SP lays it out (c2sp.org/tlog-tiles): hash tiles, entry bundles and the checkpoint over them.
//!
//! ```text
//! checkpoint                      the signed checkpoint of the size that the tiles hold
//! tile/<level>/<index>[.p/<width>]    up to 256 hashes of 32 bytes
//! tile/entries/<index>[.p/<width>]    up to 256 leaves, each behind its length (2 bytes, big-endian)
//! ```
//!
//! Only what the checkpoint covers is read: bytes behind it may be left over from a crash and are written again. A file
//! that it covers is never written again.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use huxin_attest::{Digest, merkle};

use crate::disk;
use crate::leaf::LEAF_LEN;
use crate::store::ReadFailed;
use crate::tree::TILE_HEIGHT;

/// Hashes or leaves of a full tile.
pub(crate) const TILE_WIDTH: u64 = 256;

const HASH_LEN: usize = 32;

/// A leaf behind its length.
const BUNDLED_LEN: usize = 2 + LEAF_LEN;

/// How many tiles stay in memory: 256 of 8 KiB.
const CACHED_TILES: usize = 256;

/// Reads the tiles of one log, from any thread.
#[derive(Debug)]
pub(super) struct Tiles {
    folder: PathBuf,
    cache: Mutex<Cache>,
}

/// The tiles that were read last; the oldest goes first.
#[derive(Debug, Default)]
struct Cache {
    tiles: VecDeque<(TileId, Arc<[Digest]>)>,
}

/// Level and index.
type TileId = (u32, u64);

/// The file of a tile of hashes.
pub(super) fn tile_path(folder: &Path, level: u32, index: u64, width: u64) -> PathBuf {
    numbered(folder.join("tile").join(level.to_string()), index, width)
}

/// The file of a bundle of leaves.
pub(super) fn bundle_path(folder: &Path, index: u64, width: u64) -> PathBuf {
    numbered(folder.join("tile/entries"), index, width)
}

/// The folder of a tile's or bundle's partial forms.
pub(super) fn partials(full: &Path) -> PathBuf {
    let mut path = full.as_os_str().to_owned();
    path.push(".p");
    path.into()
}

/// `1234067` becomes `x001/x234/067`.
fn numbered(mut path: PathBuf, index: u64, width: u64) -> PathBuf {
    let mut above = Vec::new();
    let mut left = index / 1000;
    while left > 0 {
        above.push(left % 1000);
        left /= 1000;
    }
    path.extend(above.into_iter().rev().map(|part| format!("x{part:03}")));
    path.push(format!("{:03}", index % 1000));
    if width < TILE_WIDTH { partials(&path).join(width.to_string()) } else { path }
}

/// The bytes of a tile.
pub(super) fn encode_tile(hashes: &[Digest]) -> Vec<u8> {
    let mut out = Vec::with_capacity(hashes.len() * HASH_LEN);
    hashes.iter().for_each(|hash| out.extend_from_slice(&hash.0));
    out
}

/// The bytes of a bundle.
pub(super) fn encode_bundle(leaves: &[[u8; LEAF_LEN]]) -> Vec<u8> {
    let length = (LEAF_LEN as u16).to_be_bytes();
    let mut out = Vec::with_capacity(leaves.len() * BUNDLED_LEN);
    for leaf in leaves {
        out.extend_from_slice(&length);
        out.extend_from_slice(leaf);
    }
    out
}

/// How many nodes tile level `level` has in a tree of `size` leaves.
pub(super) const fn nodes_at(size: u64, level: u32) -> u64 {
    match size.checked_shr(TILE_HEIGHT * level) {
        Some(nodes) => nodes,
        None => 0,
    }
}

/// The tile levels of a tree of `size` leaves that hold a hash.
pub(super) fn levels(size: u64) -> impl Iterator<Item = u32> {
    (0..).take_while(move |level| nodes_at(size, *level) > 0)
}

/// How many of a level's nodes the tile at `index` holds.
pub(super) const fn width(nodes: u64, index: u64) -> u64 {
    let before = index * TILE_WIDTH;
    if nodes < before {
        0
    } else if nodes - before < TILE_WIDTH {
        nodes - before
    } else {
        TILE_WIDTH
    }
}

impl Tiles {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, cache: Mutex::default() }
    }

    /// The hash of a complete subtree in a log whose tiles hold `size` entries.
    pub(super) fn node(&self, size: u64, level: u32, index: u64) -> Result<Digest, ReadFailed> {
        let (tiles, height) = (level / TILE_HEIGHT, level % TILE_HEIGHT);
        let first = index << height;
        let tile = self.tile(size, tiles, first / TILE_WIDTH)?;
        let begin = (first % TILE_WIDTH) as usize;
        let hashes = tile.get(begin..begin + (1 << height));
        let hashes = hashes.ok_or_else(|| self.missing(tiles, first / TILE_WIDTH))?;
        Ok(merkle::root(hashes))
    }

    /// The hashes of one tile in a log whose tiles hold `size` entries.
    pub(super) fn tile(&self, size: u64, level: u32, index: u64) -> Result<Arc<[Digest]>, ReadFailed> {
        let width = width(nodes_at(size, level), index);
        if width == TILE_WIDTH
            && let Some(tile) = self.cached((level, index))
        {
            return Ok(tile);
        }
        let path = tile_path(&self.folder, level, index, width);
        let bytes = read_exactly(&path, width as usize * HASH_LEN)?;
        let hashes = bytes.as_chunks::<HASH_LEN>().0.iter().map(|hash| Digest(*hash));
        let tile: Arc<[Digest]> = hashes.collect();
        // An incomplete one is replaced by a wider one soon.
        if width == TILE_WIDTH {
            self.keep((level, index), &tile);
        }
        Ok(tile)
    }

    /// The leaves of one bundle in a log whose tiles hold `size` entries.
    pub(super) fn bundle(&self, size: u64, index: u64) -> Result<Vec<[u8; LEAF_LEN]>, ReadFailed> {
        let width = width(size, index);
        let path = bundle_path(&self.folder, index, width);
        let bytes = read_exactly(&path, width as usize * BUNDLED_LEN)?;
        let leaves = bytes.as_chunks::<BUNDLED_LEN>().0.iter().map(|bundled| {
            let (length, leaf) = bundled.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)) == LEAF_LEN).then(|| leaf.try_into().ok())?
        });
        leaves.collect::<Option<_>>().ok_or(ReadFailed::Damaged(path))
    }

    /// The right edge: the hashes of the incomplete tile at each level.
    pub(super) fn edge(&self, size: u64) -> Result<Vec<Vec<Digest>>, ReadFailed> {
        let edge = levels(size).map(|level| {
            let nodes = nodes_at(size, level);
            let incomplete = !nodes.is_multiple_of(TILE_WIDTH);
            if incomplete {
                self.tile(size, level, nodes / TILE_WIDTH).map(|tile| tile.to_vec())
            } else {
                Ok(Vec::new())
            }
        });
        edge.collect()
    }

    fn missing(&self, level: u32, index: u64) -> ReadFailed {
        ReadFailed::Damaged(tile_path(&self.folder, level, index, TILE_WIDTH))
    }

    fn cached(&self, key: TileId) -> Option<Arc<[Digest]>> {
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.tiles.iter().find(|(cached, _)| *cached == key).map(|(_, tile)| Arc::clone(tile))
    }

    fn keep(&self, key: TileId, tile: &Arc<[Digest]>) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.tiles.len() >= CACHED_TILES {
            cache.tiles.pop_front();
        }
        cache.tiles.push_back((key, Arc::clone(tile)));
    }
}

/// Reads a file that has exactly this length, or is damaged.
fn read_exactly(path: &Path, len: usize) -> Result<Vec<u8>, ReadFailed> {
    let read = disk::read(path, len).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => ReadFailed::Damaged(path.to_owned()),
        _ => ReadFailed::Io(path.to_owned(), error),
    })?;
    read.filter(|bytes| bytes.len() == len).ok_or_else(|| ReadFailed::Damaged(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let at = |index, width| tile_path(Path::new(""), 0, index, width).to_str().unwrap().to_owned();
        assert_eq!(at(1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(at(0, 256), "tile/0/000");
        assert_eq!(at(273, 112), "tile/0/273.p/112");
        assert_eq!(at(1_000, 1), "tile/0/x001/000.p/1");
        assert_eq!(bundle_path(Path::new("log"), 5, 256).to_str(), Some("log/tile/entries/005"));
    }

    #[test]
    fn a_tree_of_70000_has_the_tiles_of_the_specifications_example() {
        let found: Vec<(u32, u64, u64)> = levels(70_000)
            .map(|level| (level, nodes_at(70_000, level) / TILE_WIDTH, nodes_at(70_000, level) % TILE_WIDTH))
            .collect();
        assert_eq!(found, [(0, 273, 112), (1, 1, 17), (2, 0, 1)]);
        assert_eq!(levels(256).map(|level| nodes_at(256, level)).collect::<Vec<_>>(), [256, 1]);
        assert_eq!(levels(0).count(), 0);
        assert_eq!(levels(u64::MAX).count(), 8);
        assert_eq!([0, 1, 2].map(|index| width(300, index)), [256, 44, 0]);
    }
}
