//! What became of a mutated file, and whether a refusal is one that a person can use.

use std::path::Path;

use huxin_attest::{RegionCode, UnixMs};
use huxin_trust_policy::{
    Diagnostics, Facts, Lang, LoadError, Places, Policy, RiskAreas, Severity, Situation, Source, Vocabulary,
};

use crate::random::Random;

/// Which file is mutated; the others stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Vocabulary,
    Baseline,
    Overlay,
    Places,
    RiskAreas,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Accepted,
    Invalid,
    OverReach,
    NotText,
}

/// How often.
#[derive(Debug, Default)]
pub struct Tally {
    accepted: usize,
    invalid: usize,
    over_reach: usize,
    not_text: usize,
}

/// The samples.
pub struct Files {
    texts: [String; 5],
    vocabulary: Vocabulary,
    region: RegionCode,
}

const NAMES: [&str; 5] =
    ["vocabulary.toml", "national.toml", "province-44.toml", "places-44.toml", "risk-areas.toml"];

impl Target {
    pub const ALL: [Self; 5] =
        [Self::Vocabulary, Self::Baseline, Self::Overlay, Self::Places, Self::RiskAreas];

    /// Baselines and overlays twice as often as the rest.
    pub fn of(random: &mut Random) -> Self {
        match random.below(7) {
            0 | 1 => Self::Baseline,
            2 | 3 => Self::Overlay,
            4 => Self::Vocabulary,
            5 => Self::Places,
            _ => Self::RiskAreas,
        }
    }
}

impl Files {
    pub fn read(folder: &Path) -> Self {
        let texts = NAMES.map(|name| std::fs::read_to_string(folder.join(name)).unwrap());
        let vocabulary = Vocabulary::parse(NAMES[0], &texts[0]).unwrap();
        Self { texts, vocabulary, region: RegionCode::new(44).unwrap() }
    }

    /// The same without examples, which refuse nearly every rule that means something else.
    pub fn without_examples(mut self) -> Self {
        for text in &mut self.texts {
            let mut blocks = text.split("\n[[");
            let first = blocks.next().unwrap_or_default().to_owned();
            let kept = blocks.filter(|block| !block.starts_with("example]]"));
            *text = kept.fold(first, |all, block| all + "\n[[" + block);
        }
        self
    }

    pub fn text(&self, target: Target) -> &str {
        &self.texts[target as usize]
    }

    /// Reads the bytes in the place of `target`.
    ///
    /// # Errors
    /// What is wrong with a refusal.
    pub fn judge(&self, target: Target, bytes: &[u8]) -> Result<What, String> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            // Whoever reads files refuses it; what a careless reader would make of it is refused as well, or is text.
            self.judge_text(target, &String::from_utf8_lossy(bytes))?;
            return Ok(What::NotText);
        };
        self.judge_text(target, text)
    }

    fn judge_text(&self, target: Target, text: &str) -> Result<What, String> {
        let name = NAMES[target as usize];
        let refused = match target {
            Target::Places => Places::parse(name, text, &self.vocabulary, self.region).err().map(Into::into),
            Target::RiskAreas => RiskAreas::parse(name, text, &self.vocabulary).err().map(Into::into),
            Target::Vocabulary | Target::Baseline | Target::Overlay => match self.load(target, text) {
                Ok(policy) => {
                    decides(&policy);
                    self.sound(policy.warnings(), target, text)?;
                    None
                }
                Err(error) => Some(error),
            },
        };
        match refused {
            None => Ok(What::Accepted),
            Some(LoadError::Invalid(found)) => {
                if found.errors() == 0 {
                    return Err("refused without an error".into());
                }
                self.sound(&found, target, text).map(|()| What::Invalid)
            }
            Some(LoadError::OverReach(over)) => {
                for lang in [Lang::Zh, Lang::En] {
                    printable(&over.render(lang))?;
                }
                Ok(What::OverReach)
            }
        }
    }

    fn load(&self, target: Target, text: &str) -> Result<Policy, LoadError> {
        let of = |which: Target| Source {
            name: NAMES[which as usize],
            text: if which == target { text } else { self.text(which) },
        };
        let overlay = Some(of(Target::Overlay));
        Policy::load(self.region, of(Target::Vocabulary), of(Target::Baseline), overlay, &[])
    }

    /// Every finding is about a place that exists, in a file that was read, in words of both languages.
    fn sound(&self, found: &Diagnostics, target: Target, text: &str) -> Result<(), String> {
        for finding in found.iter() {
            let file = NAMES.iter().position(|name| *name == finding.file).ok_or("an unknown file")?;
            let read = if file == target as usize { text } else { &self.texts[file] };
            let kind = if finding.severity == Severity::Error { 'E' } else { 'W' };
            let lines = read.split('\n').count();
            let line = read.split('\n').nth(finding.line - 1).unwrap_or_default();
            let sane = finding.code.starts_with(kind)
                && finding.code.len() == 4
                && (1..=lines).contains(&finding.line)
                && (1..=line.chars().count() + 1).contains(&finding.column)
                && (finding.end.line, finding.end.column) >= (finding.line, finding.column)
                && finding.end.line <= lines;
            if !sane {
                return Err(format!("a span out of bounds: {finding:?}"));
            }
            for words in [&finding.message_zh, &finding.message_en, &finding.help_zh, &finding.help_en] {
                printable(words)?;
            }
        }
        for (lang, word) in [(Lang::Zh, "错误"), (Lang::En, "error")] {
            let plain = found.render(lang, false);
            let told = found.errors() == 0 || plain.contains(word);
            if !told || found.render(lang, true).len() < plain.len() {
                return Err(format!("not told in {lang:?}: {plain}"));
            }
            if !found.is_empty() {
                printable(&plain)?;
            }
        }
        Ok(())
    }
}

/// Words that a terminal shows as they are.
fn printable(words: &str) -> Result<(), String> {
    match words.chars().find(|char| char.is_control() && *char != '\n') {
        Some(char) => Err(format!("the control character {char:?} in {words:?}")),
        None if words.trim().is_empty() => Err("no words".into()),
        None => Ok(()),
    }
}

/// What was accepted decides, everywhere.
fn decides(policy: &Policy) {
    let vocabulary = policy.vocabulary();
    let now = UnixMs::parse_rfc3339("2022-07-08T09:00:00+08:00").unwrap();
    for purpose in vocabulary.all().iter() {
        for place in vocabulary.all().iter().map(Some).chain([None]) {
            for here_risk in vocabulary.all().iter() {
                let situation = Situation { purpose, place, area: None, here_risk, from_risk: here_risk };
                policy.decide(&policy.select(&situation, now), &Facts::default(), now);
            }
        }
    }
}

impl Tally {
    pub fn count(&mut self, what: What) {
        let counter = match what {
            What::Accepted => &mut self.accepted,
            What::Invalid => &mut self.invalid,
            What::OverReach => &mut self.over_reach,
            What::NotText => &mut self.not_text,
        };
        *counter += 1;
    }

    /// Mutations that are all refused alike would prove little.
    pub fn assert_every_way_was_seen(&self) {
        // Over-reach is too rare for a short run.
        let Self { accepted, invalid, over_reach: _, not_text } = self;
        assert!([accepted, invalid, not_text].iter().all(|count| **count > 0), "{self:?}");
    }
}
