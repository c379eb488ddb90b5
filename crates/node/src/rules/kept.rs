//! Which rules were in force last, in a small file that survives restarts.
//!
//! Without it a restart would take back what was put into force before: an old risk-area list is still signed.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use huxin_attest::{Digest, UnixMs};
use huxin_ledger::disk;
use huxin_trust_policy::Reference;

use super::{Rules, What};

const FIRST_LINE: &str = "huxin rules in force 2";
/// The form before: it did not say since when.
const FIRST_LINE_BEFORE: &str = "huxin rules in force 1";
const MAX_LEN: usize = 16 * 1024;

/// The rules that were in force last.
#[derive(Debug)]
pub struct Kept {
    path: PathBuf,
    files: BTreeMap<What, Since>,
}

/// A file, and since when it has been in force; the epoch where that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Since {
    file: Reference,
    at: UnixMs,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Not the expected form.
    #[error("line {0} is damaged; restore the file from a backup")]
    Line(usize),
}

impl Kept {
    /// Reads the file; without one nothing was in force yet.
    ///
    /// # Errors
    /// If it cannot be read or is damaged: to go on without it could take back a version.
    pub fn load(path: &Path) -> Result<Self, KeptError> {
        let files = match disk::read(path, MAX_LEN)? {
            None => BTreeMap::new(),
            Some(bytes) => parse(&bytes)?,
        };
        Ok(Self { path: path.to_owned(), files })
    }

    /// The file that was in force last.
    pub fn get(&self, what: What) -> Option<&Reference> {
        self.files.get(&what).map(|since| &since.file)
    }

    /// Since when this very file has been in force; `None` if another one was, or none.
    pub fn since(&self, what: What, file: &Reference) -> Option<UnixMs> {
        self.files.get(&what).filter(|since| since.file == *file).map(|since| since.at)
    }

    /// What of `rules` was not in force last; none on the first start, when nothing was.
    pub fn changed(&self, rules: &Rules) -> Vec<(What, Reference)> {
        if self.files.is_empty() {
            return Vec::new();
        }
        let changed = |(what, file): &(What, &Reference)| self.get(*what) != Some(*file);
        rules.files().into_iter().filter(changed).map(|(what, file)| (what, file.clone())).collect()
    }

    /// Keeps what `rules` were read from, durably; what is new among it came into force at `now`.
    ///
    /// # Errors
    /// If the file system refuses; then what was kept stays.
    pub fn keep(&mut self, rules: &Rules, now: UnixMs) -> io::Result<()> {
        let since = |(what, file): (What, &Reference)| {
            (what, Since { file: file.clone(), at: self.since(what, file).unwrap_or(now) })
        };
        let files: BTreeMap<_, _> = rules.files().into_iter().map(since).collect();
        if files == self.files {
            return Ok(());
        }
        let lines = files.iter().map(|(what, Since { file, at })| {
            format!("{} {} {} {} {}\n", what.name(), file.version, file.sha256, at.as_ms(), file.id)
        });
        let text = format!("{FIRST_LINE}\n{}", lines.collect::<String>());
        disk::replace(&self.path, text.as_bytes())?;
        self.files = files;
        Ok(())
    }
}

fn parse(bytes: &[u8]) -> Result<BTreeMap<What, Since>, KeptError> {
    let text = std::str::from_utf8(bytes).map_err(|_| KeptError::Line(1))?;
    let (first, lines) = text.split_once('\n').ok_or(KeptError::Line(1))?;
    let has_times = match first {
        FIRST_LINE => true,
        FIRST_LINE_BEFORE => false,
        _ => return Err(KeptError::Line(1)),
    };
    let mut files = BTreeMap::new();
    for (number, line) in lines.split_inclusive('\n').enumerate() {
        let (what, file) = parse_line(line, has_times).ok_or(KeptError::Line(number + 2))?;
        if files.insert(what, file).is_some() {
            return Err(KeptError::Line(number + 2));
        }
    }
    Ok(files)
}

fn parse_line(line: &str, has_times: bool) -> Option<(What, Since)> {
    let mut parts = line.strip_suffix('\n')?.splitn(if has_times { 5 } else { 4 }, ' ');
    let name = parts.next()?;
    let what = What::ALL.into_iter().find(|what| what.name() == name)?;
    let version = parts.next()?.parse().ok()?;
    let sha256 = Digest::from_hex(parts.next()?)?;
    let at = if has_times { UnixMs::from_ms(parts.next()?.parse().ok()?)? } else { UnixMs::default() };
    let id = parts.next().filter(|id| !id.is_empty())?;
    Some((what, Since { file: Reference { id: id.into(), version, sha256 }, at }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_is_refused_with_its_line() {
        let digest = "ab".repeat(32);
        let good = format!(
            "{FIRST_LINE}\nplaces 0 {digest} 12 places\nrisk_areas 7 {digest} 1657242000000 risk-areas\n"
        );
        let risk_areas = &parse(good.as_bytes()).unwrap()[&What::RiskAreas];
        assert_eq!((risk_areas.file.version, risk_areas.at.as_ms()), (7, 1_657_242_000_000));
        for (bad, line) in [
            (String::new(), 1),
            ("huxin rules in force 3\n".to_owned(), 1),
            (good.replace("places 0", "place 0"), 2),
            (good.replace("risk_areas 7", "risk_areas x"), 3),
            (good.replace("risk_areas 7", "places 7"), 3),
            (good.replace(" 12 ", " noon "), 2),
            (good.trim_end().to_owned(), 3),
            (good.replace(&digest, "ab"), 2),
        ] {
            assert!(
                matches!(parse(bad.as_bytes()), Err(KeptError::Line(at)) if at == line),
                "{bad}: {:?}",
                parse(bad.as_bytes())
            );
        }
        assert!(parse(&[0xff]).is_err());
    }

    #[test]
    fn the_form_before_is_read_and_says_no_times() {
        let text = format!("{FIRST_LINE_BEFORE}\nplaces 0 {} places\n", "ab".repeat(32));
        let places = &parse(text.as_bytes()).unwrap()[&What::Places];
        assert_eq!((&*places.file.id, places.at), ("places", UnixMs::default()));
    }
}
