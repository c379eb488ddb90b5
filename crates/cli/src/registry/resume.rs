//! The note by which an import that was cut short goes on: what is imported, under which seed, and which batches the node
//! has acknowledged.
//!
//! The first line is the plan, each further line a batch that is done. A line counts once it is on the disk, so what the
//! note says is never more than what the node has; a batch that the node has and the note lacks is sent again, byte for
//! byte the same. The file holds the seed of the salts: it is its owner's only, and removed at the end.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use huxin_attest::{DepartmentName, Digest, KeyId, RegionCode, UnixMs, UnixSecs};
use serde::{Deserialize, Serialize};

use super::source::FileFormat;
use crate::exit::CliError;
use crate::files::hex;
use crate::messages;

/// What is appended to the name of the data file, unless another name is given.
const SUFFIX: &str = ".import";
/// The longest note: the batches of more people than there are.
const MAX_LEN: u64 = 64 * 1024 * 1024;

/// What is imported, and how. All of it must be the same when the import goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) file: Digest,
    pub(super) input_format: FileFormat,
    pub(super) skip_rejected: bool,
    pub(super) region: RegionCode,
    pub(super) department: DepartmentName,
    pub(super) key: KeyId,
    pub(super) stated_at: UnixSecs,
    pub(super) seed: [u8; 32],
}

/// An acknowledged batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Done {
    pub(super) batch: u64,
    pub(super) changed: u32,
    pub(super) unchanged: u32,
}

/// The note, held by this import alone.
#[derive(Debug)]
pub(super) struct Resume {
    path: PathBuf,
    file: File,
    pub(super) plan: Plan,
    pub(super) done: BTreeMap<u64, Done>,
}

/// The plan as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    format: u32,
    file_sha256: String,
    input_format: FileFormat,
    skip_rejected: bool,
    region: String,
    department: String,
    key: String,
    stated_at: String,
    seed: String,
}

/// Where the note of a file lies.
pub(super) fn path_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(SUFFIX);
    name.into()
}

impl Resume {
    /// Goes on with the import that the note at `path` is of, or begins one. A note of another import is refused; the time
    /// and the seed are the note's, unless `at` was asked for and differs.
    ///
    /// # Errors
    /// If the note is another import's, is in use, is damaged, or cannot be written.
    pub(super) fn open(path: &Path, plan: Plan, at: Option<UnixSecs>) -> Result<Self, CliError> {
        let failed = |error: io::Error| CliError::environment(messages::resume_unusable(path, error));
        if !path.exists() {
            begin(path, &plan).map_err(failed)?;
        }
        let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(CliError::environment(messages::resume_in_use(path)));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let mut bytes = Vec::new();
        (&mut file).take(MAX_LEN).read_to_end(&mut bytes).map_err(failed)?;
        let damaged = || CliError::invalid(messages::resume_damaged(path));
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let text = std::str::from_utf8(bytes.get(..end).unwrap_or_default()).map_err(|_| damaged())?;
        let mut lines = text.lines();
        let kept = lines.next().and_then(Plan::read).ok_or_else(damaged)?;
        let wanted = Plan { stated_at: at.unwrap_or(kept.stated_at), seed: kept.seed, ..plan };
        if let Some(what) = kept.difference(&wanted) {
            return Err(CliError::usage(messages::resume_of_another(path, what)));
        }
        let mut done = BTreeMap::new();
        for line in lines {
            let batch: Done = serde_json::from_str(line).map_err(|_| damaged())?;
            done.insert(batch.batch, batch);
        }
        // A torn last line was never counted; the next one takes its place.
        file.set_len(u64::try_from(end).unwrap_or(u64::MAX)).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, plan: kept, done })
    }

    /// Notes a batch, durably.
    ///
    /// # Errors
    /// If it cannot be written. The batch is sent again by the next run.
    pub(super) fn note(&mut self, done: Done) -> Result<(), CliError> {
        let line = serde_json::to_string(&done).unwrap_or_default() + "\n";
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|error| CliError::environment(messages::resume_unusable(&self.path, error)))?;
        self.done.insert(done.batch, done);
        Ok(())
    }

    /// All is done: removes the note.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub(super) fn finish(self) -> Result<(), CliError> {
        let removed = std::fs::remove_file(&self.path);
        removed.map_err(|error| CliError::environment(messages::resume_unusable(&self.path, error)))
    }

    /// How many facts the node acknowledged, in this run and before.
    pub(super) fn acknowledged(&self) -> u64 {
        self.done.values().map(|done| u64::from(done.changed) + u64::from(done.unchanged)).sum()
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Plan {
    /// What another plan says otherwise.
    fn difference(&self, other: &Self) -> Option<&'static str> {
        let Self { file, input_format, skip_rejected, region, department, key, stated_at, seed: _ } = other;
        let same = [
            ("file_sha256", self.file == *file),
            ("input_format", self.input_format == *input_format),
            ("skip_rejected", self.skip_rejected == *skip_rejected),
            ("region", self.region == *region),
            ("department", self.department == *department),
            ("key", self.key == *key),
            ("stated_at", self.stated_at == *stated_at),
        ];
        same.iter().find(|(_, same)| !same).map(|(what, _)| *what)
    }

    fn write(&self) -> String {
        let line = Line {
            format: 1,
            file_sha256: self.file.to_string(),
            input_format: self.input_format,
            skip_rejected: self.skip_rejected,
            region: self.region.to_string(),
            department: self.department.to_string(),
            key: self.key.to_string(),
            stated_at: self.stated_at.to_string(),
            seed: hex(&self.seed),
        };
        serde_json::to_string(&line).unwrap_or_default() + "\n"
    }

    fn read(line: &str) -> Option<Self> {
        let Line {
            format,
            file_sha256,
            input_format,
            skip_rejected,
            region,
            department,
            key,
            stated_at,
            seed,
        } = serde_json::from_str(line).ok()?;
        (format == 1).then_some(())?;
        Some(Self {
            file: Digest::from_hex(&file_sha256)?,
            input_format,
            skip_rejected,
            region: region.parse().ok()?,
            department: department.parse().ok()?,
            key: KeyId::from_hex(&key)?,
            stated_at: UnixSecs::at(UnixMs::parse_rfc3339(&stated_at)?),
            seed: Digest::from_hex(&seed)?.0,
        })
    }
}

/// Writes the plan: whole, durable and for its owner only, before anything is signed by it.
fn begin(path: &Path, plan: &Plan) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(plan.write().as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => {}
        // Another import was faster; the lock decides.
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(error.error),
    }
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use huxin_attest::sha256;

    use super::*;

    fn plan() -> Plan {
        Plan {
            file: sha256(&[b"facts"]),
            input_format: FileFormat::Csv,
            skip_rejected: false,
            region: RegionCode::new(42).unwrap(),
            department: "hb-data".parse().unwrap(),
            key: KeyId([3; 8]),
            stated_at: UnixSecs::new(1_657_242_000).unwrap(),
            seed: [9; 32],
        }
    }

    #[test]
    fn what_was_noted_is_known_to_the_next_run_with_the_first_seed_and_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = path_beside(&folder.path().join("codes.csv"));
        let mut resume = Resume::open(&path, plan(), None).unwrap();
        assert!(Resume::open(&path, plan(), None).is_err(), "one import at a time");
        resume.note(Done { batch: 1, changed: 2, unchanged: 3 }).unwrap();
        drop(resume);
        let later = Plan { stated_at: UnixSecs::new(1_657_300_000).unwrap(), seed: [1; 32], ..plan() };
        let resumed = Resume::open(&path, later.clone(), None).unwrap();
        assert_eq!(resumed.plan, plan());
        assert_eq!(resumed.done[&1], Done { batch: 1, changed: 2, unchanged: 3 });
        drop(resumed);
        assert_eq!(
            Resume::open(&path, later.clone(), Some(later.stated_at)).unwrap_err().exit,
            crate::Exit::Usage
        );
        Resume::open(&path, plan(), None).unwrap().finish().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn the_note_is_private_and_a_torn_line_counts_for_nothing() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note");
        let mut resume = Resume::open(&path, plan(), None).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        resume.note(Done { batch: 0, changed: 1, unchanged: 0 }).unwrap();
        drop(resume);
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.push_str("{\"batch\":1,\"chan");
        std::fs::write(&path, &text).unwrap();
        let mut resume = Resume::open(&path, plan(), None).unwrap();
        assert_eq!(resume.done.len(), 1);
        resume.note(Done { batch: 2, changed: 1, unchanged: 0 }).unwrap();
        drop(resume);
        let resume = Resume::open(&path, plan(), None).unwrap();
        assert_eq!(resume.done.keys().copied().collect::<Vec<_>>(), [0, 2]);
    }

    #[test]
    fn a_note_of_another_import_or_of_another_form_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note");
        drop(Resume::open(&path, plan(), None).unwrap());
        let others = [
            Plan { file: sha256(&[b"other"]), ..plan() },
            Plan { input_format: FileFormat::Jsonl, ..plan() },
            Plan { skip_rejected: true, ..plan() },
            Plan { region: RegionCode::new(44).unwrap(), ..plan() },
            Plan { department: "hb-cdc".parse().unwrap(), ..plan() },
            Plan { key: KeyId([4; 8]), ..plan() },
        ];
        for other in others {
            assert_eq!(Resume::open(&path, other, None).unwrap_err().exit, crate::Exit::Usage);
        }
        for damaged in ["", "{}\n", "no", "\u{0}\n"] {
            std::fs::write(&path, damaged).unwrap();
            assert_eq!(Resume::open(&path, plan(), None).unwrap_err().exit, crate::Exit::Invalid);
        }
    }
}
