//! Journal segments: numbered files, of which the newest grows and the older ones wait to be integrated.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use huxin_attest::sha256;

use super::frame::{self, Marker};
use super::recovery;
use crate::disk::Disk;
use crate::store::RecoverError;

const PREFIX: &str = "journal-";

/// One journal file.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    /// Positioned behind the last whole record once the records were recovered.
    pub(super) file: File,
    pub(super) marker: Marker,
    /// Where the last whole record ends.
    pub(super) end: u64,
    /// Does a torn end follow, which is cut off before something takes its place?
    pub(super) torn: bool,
}

/// Makes the markers of new segments; known to nobody outside.
#[derive(Clone, Copy)]
pub(super) struct MarkerSeed(pub(super) [u8; 32]);

impl Segment {
    /// Begins a new segment, durably.
    pub(super) fn create(disk: &Disk, folder: &Path, number: u64, seed: &MarkerSeed) -> io::Result<Self> {
        let path = path(folder, number);
        let marker = seed.marker(number);
        disk.replace(&path, &frame::header(&marker))?;
        let mut file = Disk::open(&path, false)?;
        io::Seek::seek(&mut file, io::SeekFrom::End(0))?;
        Ok(Self { number, path, file, marker, end: frame::HEADER_LEN as u64, torn: false })
    }

    /// Opens a segment that was begun before, to be recovered. Without `write` nothing can change it.
    pub(super) fn open(path: PathBuf, number: u64, write: bool) -> Result<Self, RecoverError> {
        let opened = if write { Disk::open(&path, false) } else { File::open(&path) };
        let mut file = opened?;
        let marker = recovery::read_header(&path, &mut file)?;
        Ok(Self { number, path, file, marker, end: frame::HEADER_LEN as u64, torn: false })
    }

    /// Bytes of records.
    pub(super) const fn len(&self) -> u64 {
        self.end - frame::HEADER_LEN as u64
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl MarkerSeed {
    fn marker(&self, number: u64) -> Marker {
        let digest = sha256(&[&self.0, &number.to_be_bytes()]);
        Marker(digest.0.first_chunk().copied().unwrap_or_default())
    }
}

/// The segments in a log's folder, in order.
pub(super) fn list(folder: &Path) -> Result<Vec<(u64, PathBuf)>, RecoverError> {
    if folder.join("journal").exists() {
        return Err(RecoverError::OldLayout);
    }
    let mut found = Vec::new();
    for file in folder.read_dir()? {
        let name = file?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse().ok());
        // Another spelling of a number is none of ours.
        if let Some(number) = number
            && name == file_name(number).as_str()
        {
            found.push((number, path(folder, number)));
        }
    }
    found.sort();
    Ok(found)
}

pub(super) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(file_name(number))
}

fn file_name(number: u64) -> String {
    format!("{PREFIX}{number:010}")
}
