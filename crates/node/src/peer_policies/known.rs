//! What is known of each peer's policy, in a small file that survives restarts.
//!
//! ```text
//! huxin policies of peers 1
//! 42 said <ms> since <ms> found <word> signers <id>,<id>
//! 42 baseline <version> <sha256> <id>
//! 42 vocabulary <version> <sha256> <id>
//! 42 overlay <version> <sha256> <id>
//! ```

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use huxin_attest::{Digest, RegionCode, UnixMs};
use huxin_ledger::disk;
use huxin_trust_policy::Reference;

use super::said::Files;

const FIRST_LINE: &str = "huxin policies of peers 1";
/// A region's lines take less than 2 KiB, and there are fewer than 100 regions.
const MAX_LEN: usize = 256 * 1024;
const NOBODY: &str = "-";

/// What is known of one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What it said last that was recorded.
    pub files: Files,
    /// When it said so last, and since when it has said the same, by our clock.
    pub said: UnixMs,
    /// The same.
    pub since: UnixMs,
    /// What was found of its overlay; of no account without one.
    pub found: Found,
    /// Who signed its overlay, verified.
    pub signers: Vec<String>,
}

/// What was found of a peer's overlay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It was not read yet.
    Unchecked,
    /// It is signed, valid and within what the baseline allows.
    Good,
    /// It goes beyond what the baseline allows.
    OverReach,
    /// It is not signed by enough of those whom the membership list names.
    Unsigned,
    /// It is no valid policy.
    Invalid,
    /// The peer does not show the file that it names.
    Withheld,
}

impl Found {
    const ALL: [Self; 6] =
        [Self::Unchecked, Self::Good, Self::OverReach, Self::Unsigned, Self::Invalid, Self::Withheld];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unchecked => "unchecked",
            Self::Good => "good",
            Self::OverReach => "over_reach",
            Self::Unsigned => "unsigned",
            Self::Invalid => "invalid",
            Self::Withheld => "withheld",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|found| found.name() == name)
    }
}

/// The file.
#[derive(Debug)]
pub struct KnownFile {
    path: PathBuf,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KnownError {
    /// Reading failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Not the expected form.
    #[error("line {0} is damaged; restore the file from a backup, or remove it to begin anew")]
    Line(usize),
}

impl KnownFile {
    /// Reads the file; without one nobody said anything yet.
    ///
    /// # Errors
    /// If it cannot be read or is damaged.
    pub fn load(path: &Path) -> Result<(Self, BTreeMap<RegionCode, Known>), KnownError> {
        let known = match disk::read(path, MAX_LEN)? {
            None => BTreeMap::new(),
            Some(bytes) => parse(&bytes)?,
        };
        Ok((Self { path: path.to_owned() }, known))
    }

    /// Replaces the file, durably.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn save(&self, known: &BTreeMap<RegionCode, Known>) -> io::Result<()> {
        disk::replace(&self.path, to_text(known).as_bytes())
    }
}

fn to_text(all: &BTreeMap<RegionCode, Known>) -> String {
    let mut text = format!("{FIRST_LINE}\n");
    for (region, Known { files, said, since, found, signers }) in all {
        let signers = if signers.is_empty() { NOBODY.to_owned() } else { signers.join(",") };
        let (said, since, found) = (said.as_ms(), since.as_ms(), found.name());
        text.push_str(&format!("{region} said {said} since {since} found {found} signers {signers}\n"));
        let named = [
            ("baseline", Some(&files.baseline)),
            ("vocabulary", Some(&files.vocabulary)),
            ("overlay", files.overlay.as_ref()),
        ];
        for (what, file) in named {
            let Some(Reference { id, version, sha256 }) = file else { continue };
            text.push_str(&format!("{region} {what} {version} {sha256} {id}\n"));
        }
    }
    text
}

fn parse(bytes: &[u8]) -> Result<BTreeMap<RegionCode, Known>, KnownError> {
    let text = std::str::from_utf8(bytes).map_err(|_| KnownError::Line(1))?;
    let lines = text.strip_prefix(FIRST_LINE).and_then(|rest| rest.strip_prefix('\n'));
    let mut lines = lines.ok_or(KnownError::Line(1))?.split_inclusive('\n').zip(2..).peekable();
    let mut all = BTreeMap::new();
    while let Some((line, number)) = lines.next() {
        let damaged = || KnownError::Line(number);
        let (region, said, since, found, signers) = parse_head(line).ok_or_else(damaged)?;
        let mut file = |what: &str| {
            let (line, _) = lines.next_if(|(line, _)| names(line, region, what))?;
            parse_file(line)
        };
        let baseline = file("baseline").ok_or_else(damaged)?;
        let vocabulary = file("vocabulary").ok_or_else(damaged)?;
        let overlay = file("overlay");
        let files = Files { baseline, vocabulary, overlay };
        if all.insert(region, Known { files, said, since, found, signers }).is_some() {
            return Err(damaged());
        }
    }
    Ok(all)
}

type Head = (RegionCode, UnixMs, UnixMs, Found, Vec<String>);

fn parse_head(line: &str) -> Option<Head> {
    let words: Vec<_> = line.strip_suffix('\n')?.split(' ').collect();
    let [region, "said", said, "since", since, "found", found, "signers", signers] = words[..] else {
        return None;
    };
    let time = |text: &str| UnixMs::from_ms(text.parse().ok()?);
    let signers = match signers {
        NOBODY => Vec::new(),
        some => some.split(',').map(ToOwned::to_owned).collect(),
    };
    Some((region.parse().ok()?, time(said)?, time(since)?, Found::parse(found)?, signers))
}

fn names(line: &str, region: RegionCode, what: &str) -> bool {
    line.starts_with(&format!("{region} {what} "))
}

fn parse_file(line: &str) -> Option<Reference> {
    let mut parts = line.strip_suffix('\n')?.splitn(5, ' ').skip(2);
    let version = parts.next()?.parse().ok()?;
    let sha256 = Digest::from_hex(parts.next()?)?;
    let id = parts.next().filter(|id| !id.is_empty())?;
    Some(Reference { id: id.into(), version, sha256 })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A file of this id and version.
    pub fn file(id: &str, version: u32) -> Reference {
        Reference { id: id.into(), version, sha256: huxin_attest::sha256(&[id.as_bytes(), &[version as u8]]) }
    }

    fn known(overlay: Option<Reference>) -> Known {
        Known {
            files: Files { baseline: file("CN-BASE", 1), vocabulary: file("CN-VOCAB", 2), overlay },
            said: UnixMs::from_ms(2000).unwrap(),
            since: UnixMs::from_ms(1000).unwrap(),
            found: Found::OverReach,
            signers: vec!["hb-1".into(), "hb-2".into()],
        }
    }

    #[test]
    fn what_is_kept_is_read_as_it_was() {
        let alone = Known { signers: Vec::new(), found: Found::Unchecked, ..known(None) };
        let all = BTreeMap::from([
            ("41".parse().unwrap(), alone),
            ("42".parse().unwrap(), known(Some(file("HB 42", 3)))),
        ]);
        assert_eq!(parse(to_text(&all).as_bytes()).unwrap(), all);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("peer-policies");
        let (kept, none) = KnownFile::load(&path).unwrap();
        assert!(none.is_empty());
        kept.save(&all).unwrap();
        assert_eq!(KnownFile::load(&path).unwrap().1, all);
    }

    #[test]
    fn a_damaged_file_is_refused_with_its_line() {
        let good = to_text(&BTreeMap::from([("42".parse().unwrap(), known(Some(file("HB", 3))))]));
        for (from, to, line) in [
            (FIRST_LINE, "huxin policies of peers 2", 1),
            ("42 said", "4x said", 2),
            ("over_reach", "overreach", 2),
            ("42 baseline 1", "42 baseline x", 2),
            ("42 vocabulary", "41 vocabulary", 2),
            ("42 overlay", "42 overlays", 5),
        ] {
            let bad = good.replacen(from, to, 1);
            assert!(matches!(parse(bad.as_bytes()), Err(KnownError::Line(at)) if at == line), "{bad}");
        }
        assert!(parse(&[0xff]).is_err());
    }
}
