//! The heads that were verified last, one an origin, in a small file that survives restarts.
//!
//! A stream opens with the sizes from here, so that a log cannot show this node a second history after a restart.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine};

use crate::checkpoint::{Origin, decimal, digest_from_base64};
use crate::disk::{self, Disk};
use crate::heads::{HeadError, KnownHead, VerifiedHead};

/// The most origins that are remembered.
pub const MAX_ORIGINS: usize = 1024;

const FIRST_LINE: &str = "huxin known heads 1";
const MAX_FILE_LEN: usize = 512 * 1024;

/// The last verified head of each origin.
#[derive(Debug)]
pub struct KnownHeads {
    path: PathBuf,
    heads: BTreeMap<Origin, KnownHead>,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KnownHeadsError {
    /// Reading or writing failed.
    #[error("the file of known heads: {0}")]
    Io(#[from] io::Error),
    /// Not the expected form.
    #[error(
        "line {line} of the file of known heads is damaged; restore the file, or ask each log for its history"
    )]
    Line {
        /// Counted from 1.
        line: usize,
    },
    /// Too many origins.
    #[error("more than 1024 logs are known; remove those that are no longer members")]
    TooMany,
}

impl KnownHeads {
    /// Reads the file; without one nothing is known.
    ///
    /// # Errors
    /// If it cannot be read or is damaged: to go on without it would accept another history.
    pub fn load(path: &Path) -> Result<Self, KnownHeadsError> {
        let heads = match disk::read(path, MAX_FILE_LEN)? {
            None => BTreeMap::new(),
            Some(bytes) => parse(&bytes)?,
        };
        Ok(Self { path: path.to_owned(), heads })
    }

    /// The last verified head of the log; the empty one if nothing is known.
    pub fn get(&self, origin: &Origin) -> KnownHead {
        self.heads.get(origin).copied().unwrap_or_default()
    }

    /// Every known log.
    pub fn iter(&self) -> impl Iterator<Item = (&Origin, KnownHead)> {
        self.heads.iter().map(|(origin, head)| (origin, *head))
    }

    /// Remembers a verified head if it is larger than the one known; streams of one origin advance independently.
    ///
    /// # Errors
    /// If another root is known for the same size: the log forked.
    pub fn advance(&mut self, head: &VerifiedHead) -> Result<(), HeadError> {
        let known = self.get(head.origin());
        if head.size() == known.size && head.head() != known {
            return Err(HeadError::Fork { size: known.size });
        }
        if head.size() > known.size {
            self.heads.insert(head.origin().clone(), head.head());
        }
        Ok(())
    }

    /// Replaces the file, durably.
    ///
    /// # Errors
    /// If the file system refuses, or too many logs are known.
    pub fn save(&self) -> Result<(), KnownHeadsError> {
        if self.heads.len() > MAX_ORIGINS {
            return Err(KnownHeadsError::TooMany);
        }
        let mut text = format!("{FIRST_LINE}\n");
        for (origin, KnownHead { size, root }) in &self.heads {
            text.push_str(&format!("{origin} {size} {}\n", BASE64_STANDARD.encode(root)));
        }
        Ok(Disk::default().replace(&self.path, text.as_bytes())?)
    }
}

fn parse(bytes: &[u8]) -> Result<BTreeMap<Origin, KnownHead>, KnownHeadsError> {
    let text = std::str::from_utf8(bytes).map_err(|_| KnownHeadsError::Line { line: 1 })?;
    let lines = text.strip_prefix(FIRST_LINE).and_then(|rest| rest.strip_prefix('\n'));
    let lines = lines.ok_or(KnownHeadsError::Line { line: 1 })?;
    let mut heads = BTreeMap::new();
    for (number, line) in lines.split_inclusive('\n').enumerate() {
        let (origin, head) = parse_line(line).ok_or(KnownHeadsError::Line { line: number + 2 })?;
        if heads.insert(origin, head).is_some() {
            return Err(KnownHeadsError::Line { line: number + 2 });
        }
        if heads.len() > MAX_ORIGINS {
            return Err(KnownHeadsError::TooMany);
        }
    }
    Ok(heads)
}

fn parse_line(line: &str) -> Option<(Origin, KnownHead)> {
    let mut parts = line.strip_suffix('\n')?.split(' ');
    let (origin, size, root, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    let head = KnownHead { size: decimal(size)?, root: digest_from_base64(root)? };
    Some((origin.parse().ok()?, head))
}
