//! The files of one policy, read for a command that asks what it would answer.
//!
//! A file named by flag comes first, then one among the files, then one beside the first file.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use huxin_attest::RegionCode;
use huxin_trust_policy::{Draft, Source};

use super::kind::{FileKind, region};
use crate::context::Context;
use crate::exit::CliError;
use crate::files::text;
use crate::findings::invalid;
use crate::messages;

/// The files of one policy.
#[derive(Debug, Clone, ClapArgs)]
pub(super) struct PolicyFiles {
    /// Policy files: an overlay, a baseline, a vocabulary; what each is shows in its text
    #[arg(value_name = "POLICY")]
    pub(super) files: Vec<PathBuf>,
    /// The vocabulary [default: the one among the files, else vocabulary.toml beside the first]
    #[arg(long, value_name = "FILE")]
    pub(super) vocabulary: Option<PathBuf>,
    /// The baseline [default: the one among the files, else national.toml beside the first]
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
}

/// A policy that was read, with the names of its files. Whether the guard lets it pass does not matter here.
pub(super) struct Loaded {
    pub(super) draft: Draft,
    pub(super) baseline: String,
    pub(super) overlay: Option<String>,
}

impl PolicyFiles {
    /// These files, and nothing by flag.
    pub(super) const fn of(files: Vec<PathBuf>) -> Self {
        Self { files, vocabulary: None, baseline: None }
    }

    /// Reads them; `beside` is where files are looked for if none is given.
    pub(super) fn load(&self, beside: &Path, context: &Context) -> Result<Loaded, CliError> {
        let mut found: [Option<PathBuf>; 3] = Default::default();
        for path in &self.files {
            let place = match FileKind::of(&text(path)?) {
                Some(FileKind::Vocabulary) => 0,
                Some(FileKind::Baseline) => 1,
                Some(FileKind::Overlay) => 2,
                _ => return Err(CliError::invalid(messages::no_policy_file(path))),
            };
            if let Some(slot) = found.get_mut(place)
                && slot.replace(path.clone()).is_some()
            {
                return Err(CliError::usage(messages::two_of_a_kind(path)));
            }
        }
        let [vocabulary, baseline, overlay] = found;
        let first = self.files.first().map_or(beside, PathBuf::as_path);
        let or_beside = |named: &Option<PathBuf>, among: Option<PathBuf>, name: &str| {
            named.clone().or(among).unwrap_or_else(|| first.with_file_name(name))
        };
        let vocabulary = or_beside(&self.vocabulary, vocabulary, "vocabulary.toml");
        let baseline = or_beside(&self.baseline, baseline, "national.toml");
        let (words, national) = (text(&vocabulary)?, text(&baseline)?);
        let provincial = overlay.as_deref().map(text).transpose()?;
        // Where no file names a province nothing depends on one.
        let region = match provincial.as_deref().and_then(region) {
            Some(region) => region,
            None => RegionCode::new(11).map_err(|error| CliError::usage(error.to_string()))?,
        };
        let [vocabulary, baseline] = [vocabulary, baseline].map(|path| path.display().to_string());
        let overlay = overlay.map(|path| path.display().to_string());
        let source = overlay.as_deref().zip(provincial.as_deref());
        let draft = Draft::load(
            region,
            Source { name: &vocabulary, text: &words },
            Source { name: &baseline, text: &national },
            source.map(|(name, text)| Source { name, text }),
        );
        let draft = draft.map_err(|found| invalid(&found, context.colour()))?;
        Ok(Loaded { draft, baseline, overlay })
    }
}

impl Loaded {
    /// The file in which a rule stands.
    pub(super) fn file(&self, from_overlay: bool) -> &str {
        self.overlay.as_deref().filter(|_| from_overlay).unwrap_or(&self.baseline)
    }
}
