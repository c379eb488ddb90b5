//! The lines of a file, bounded, and the hash of everything that was read.
//!
//! Nothing here knows what a line means. Memory does not grow with the file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};

use aws_lc_rs::digest::{Context as Hasher, SHA256};
use huxin_attest::Digest;

/// What programs put before UTF-8 text to mark it as such.
const BOM: &[u8] = b"\xef\xbb\xbf";
/// A carriage return and a line feed.
const END: usize = 2;

/// Reads one line after the other.
pub(crate) struct Lines<'a> {
    input: BufReader<&'a mut File>,
    hasher: Hasher,
    line: Vec<u8>,
    number: u64,
    /// The longest line with its end.
    max: usize,
}

/// One line of the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// From 1.
    pub(crate) number: u64,
    /// With its line feed; `None` for one that is too long.
    pub(crate) bytes: Option<&'a [u8]>,
    /// Does it end with a line feed?
    pub(crate) ended: bool,
}

impl<'a> Lines<'a> {
    /// From where the file stands; `max` is the length of the longest line without its end, in bytes.
    pub(crate) fn new(file: &'a mut File, max: usize) -> Self {
        let input = BufReader::with_capacity(1 << 20, file);
        Self {
            input,
            hasher: Hasher::new(&SHA256),
            line: Vec::new(),
            number: 0,
            max: max.saturating_add(END),
        }
    }

    /// Passes over a byte order mark, and says whether there was one.
    pub(crate) fn skip_bom(&mut self) -> io::Result<bool> {
        let found = self.input.fill_buf()?.starts_with(BOM);
        if found {
            self.hasher.update(BOM);
            self.input.consume(BOM.len());
        }
        Ok(found)
    }

    /// The next line; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let mut read = self.read()?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        let fits = read <= self.max;
        // What is left of a line that is too long.
        while read > self.max && self.line.last() != Some(&b'\n') {
            read = self.read()?;
        }
        let ended = self.line.last() == Some(&b'\n');
        Ok(Some(Line { number: self.number, bytes: fits.then_some(&self.line), ended }))
    }

    /// SHA-256 of all that was read.
    pub(crate) fn digest(&self) -> Digest {
        Digest::try_from(self.hasher.clone().finish().as_ref()).unwrap_or_default()
    }

    /// Reads up to the next line feed, or one byte more than the longest line has.
    fn read(&mut self) -> io::Result<usize> {
        self.line.clear();
        let limit = u64::try_from(self.max.saturating_add(1)).unwrap_or(u64::MAX);
        let read = (&mut self.input).take(limit).read_until(b'\n', &mut self.line)?;
        self.hasher.update(&self.line);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, Write as _};

    use huxin_attest::sha256;

    use super::*;

    const MAX_LINE: usize = 64;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        file
    }

    #[test]
    fn lines_are_numbered_bounded_and_hashed() {
        let long = "x".repeat(MAX_LINE * 3);
        let text = format!("\u{feff}a\r\n{long}\n\nb");
        let mut file = file(text.as_bytes());
        let mut lines = Lines::new(&mut file, MAX_LINE);
        assert!(lines.skip_bom().unwrap());
        let line = |number, bytes, ended| Some(Line { number, bytes, ended });
        assert_eq!(lines.next().unwrap(), line(1, Some(b"a\r\n".as_slice()), true));
        assert_eq!(lines.next().unwrap(), line(2, None, true));
        assert_eq!(lines.next().unwrap(), line(3, Some(b"\n".as_slice()), true));
        assert_eq!(lines.next().unwrap(), line(4, Some(b"b".as_slice()), false));
        assert_eq!(lines.next().unwrap(), None);
        assert_eq!(lines.digest(), sha256(&[text.as_bytes()]));
    }

    #[test]
    fn a_line_of_exactly_the_limit_fits_with_either_end() {
        for end in ["\n", "\r\n"] {
            let text = format!("{}{end}x", "x".repeat(MAX_LINE));
            let mut file = file(text.as_bytes());
            let mut lines = Lines::new(&mut file, MAX_LINE);
            assert!(lines.next().unwrap().unwrap().bytes.is_some());
        }
    }
}
