//! The file below a redb store: one that a test may watch, and one that never writes to it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

use crate::disk::{Change, Disk};

/// The file itself. Only one process reaches it: the log's folder is locked.
#[derive(Debug)]
pub(super) struct Pages {
    disk: Disk,
    path: PathBuf,
    file: File,
}

/// The file as a store reads it that must change nothing: what redb writes to recover stays in memory.
#[derive(Debug)]
pub(super) struct ReadOnlyPages {
    file: File,
    changed: Mutex<Changed>,
}

#[derive(Debug, Default)]
struct Changed {
    len: u64,
    /// Blocks that were written, by their number.
    blocks: HashMap<u64, Box<[u8]>>,
}

const BLOCK: u64 = 4096;

impl Pages {
    pub(super) fn open(disk: Disk, path: PathBuf) -> io::Result<Self> {
        let new = !path.exists();
        let file = Disk::open(&path, new)?;
        if new {
            disk.sync_folder(path.parent())?;
        }
        Ok(Self { disk, path, file })
    }
}

impl StorageBackend for Pages {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(out, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.make(Change::Cut(&self.path), || self.file.set_len(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.sync(&self.path, &self.file)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk.make(Change::Write(&self.path), || self.file.write_all_at(data, offset))
    }
}

impl ReadOnlyPages {
    pub(super) fn open(path: &std::path::Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        Ok(Self { file, changed: Mutex::new(Changed { len, blocks: HashMap::new() }) })
    }

    fn changed(&self) -> MutexGuard<'_, Changed> {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The block as the file has it; what lies behind the file's end is zero.
    fn block(&self, number: u64) -> io::Result<Box<[u8]>> {
        let mut block = vec![0; BLOCK as usize];
        let mut filled = 0;
        while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, number * BLOCK + filled as u64)? {
                0 => break,
                read => filled += read,
            }
        }
        Ok(block.into())
    }
}

/// The blocks that `len` bytes at `offset` touch: each with its number, and where in it they begin and end.
fn touched(offset: u64, len: usize) -> impl Iterator<Item = (u64, usize, usize)> {
    let end = offset + len as u64;
    (offset / BLOCK..end.div_ceil(BLOCK)).map(move |block| {
        let first = block * BLOCK;
        (block, offset.saturating_sub(first) as usize, (end - first).min(BLOCK) as usize)
    })
}

impl StorageBackend for ReadOnlyPages {
    fn len(&self) -> io::Result<u64> {
        Ok(self.changed().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let changed = self.changed();
        let mut out = out.iter_mut();
        for (number, from, to) in touched(offset, out.len()) {
            let ours;
            let block = match changed.blocks.get(&number) {
                Some(block) => block,
                None => {
                    ours = self.block(number)?;
                    &ours
                }
            };
            let bytes = block.get(from..to).unwrap_or_default();
            out.by_ref().zip(bytes).for_each(|(to, from)| *to = *from);
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.changed().len = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut changed = self.changed();
        let mut data = data.iter();
        for (number, from, to) in touched(offset, data.len()) {
            let block = match changed.blocks.entry(number) {
                Entry::Occupied(block) => block.into_mut(),
                Entry::Vacant(place) => place.insert(self.block(number)?),
            };
            if let Some(bytes) = block.get_mut(from..to) {
                bytes.iter_mut().zip(data.by_ref()).for_each(|(to, from)| *to = *from);
            }
        }
        Ok(())
    }
}
