//! Which rules were in force last, in a small file that survives restarts.
//!
//! Without it a restart would take back what was put into force before: an old risk-area list is still signed.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use huxin_attest::Digest;
use huxin_ledger::disk;
use huxin_trust_policy::Reference;

use super::{Rules, What};

const FIRST_LINE: &str = "huxin rules in force 1";
const MAX_LEN: usize = 16 * 1024;

/// The rules that were in force last.
#[derive(Debug)]
pub struct Kept {
    path: PathBuf,
    files: BTreeMap<What, Reference>,
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
        self.files.get(&what)
    }

    /// What of `rules` was not in force last; none on the first start, when nothing was.
    pub fn changed(&self, rules: &Rules) -> Vec<(What, Reference)> {
        if self.files.is_empty() {
            return Vec::new();
        }
        let changed = |(what, file): &(What, &Reference)| self.files.get(what) != Some(file);
        rules.files().into_iter().filter(changed).map(|(what, file)| (what, file.clone())).collect()
    }

    /// Keeps what `rules` were read from, durably.
    ///
    /// # Errors
    /// If the file system refuses; then what was kept stays.
    pub fn keep(&mut self, rules: &Rules) -> io::Result<()> {
        let files: BTreeMap<_, _> =
            rules.files().into_iter().map(|(what, file)| (what, file.clone())).collect();
        if files == self.files {
            return Ok(());
        }
        let lines = files
            .iter()
            .map(|(what, file)| format!("{} {} {} {}\n", what.name(), file.version, file.sha256, file.id));
        let text = format!("{FIRST_LINE}\n{}", lines.collect::<String>());
        disk::replace(&self.path, text.as_bytes())?;
        self.files = files;
        Ok(())
    }
}

fn parse(bytes: &[u8]) -> Result<BTreeMap<What, Reference>, KeptError> {
    let text = std::str::from_utf8(bytes).map_err(|_| KeptError::Line(1))?;
    let lines = text.strip_prefix(FIRST_LINE).and_then(|rest| rest.strip_prefix('\n'));
    let lines = lines.ok_or(KeptError::Line(1))?;
    let mut files = BTreeMap::new();
    for (number, line) in lines.split_inclusive('\n').enumerate() {
        let (what, file) = parse_line(line).ok_or(KeptError::Line(number + 2))?;
        if files.insert(what, file).is_some() {
            return Err(KeptError::Line(number + 2));
        }
    }
    Ok(files)
}

fn parse_line(line: &str) -> Option<(What, Reference)> {
    let mut parts = line.strip_suffix('\n')?.splitn(4, ' ');
    let name = parts.next()?;
    let what = What::ALL.into_iter().find(|what| what.name() == name)?;
    let version = parts.next()?.parse().ok()?;
    let sha256 = Digest::from_hex(parts.next()?)?;
    let id = parts.next().filter(|id| !id.is_empty())?;
    Some((what, Reference { id: id.into(), version, sha256 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_is_refused_with_its_line() {
        let digest = "ab".repeat(32);
        let good = format!("{FIRST_LINE}\nplaces 0 {digest} places\nrisk_areas 7 {digest} risk-areas\n");
        assert_eq!(parse(good.as_bytes()).unwrap()[&What::RiskAreas].version, 7);
        for (bad, line) in [
            (String::new(), 1),
            ("huxin rules in force 2\n".to_owned(), 1),
            (good.replace("places 0", "place 0"), 2),
            (good.replace("risk_areas 7", "risk_areas x"), 3),
            (good.replace("risk_areas 7", "places 7"), 3),
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
}
