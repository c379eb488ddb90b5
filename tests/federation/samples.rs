//! Every sample file is read by the program that it is a sample for; one that nothing reads has no place here.

use std::path::{Path, PathBuf};

use huxin_cli::exercise::BASELINE;
use huxin_identity::pki::description::Description;
use huxin_node::Config;
use huxin_tests::{region, sample};
use huxin_trust_policy::{Lang, LoadError, Places, Policy, RiskAreas, Source};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

fn policy(code: u8, baseline: &str, overlay: Option<&str>) -> Policy {
    load(code, baseline, overlay).unwrap_or_else(|error| english(error))
}

fn load(code: u8, baseline: &str, overlay: Option<&str>) -> Result<Policy, LoadError> {
    let vocabulary = sample("deploy/policies/vocabulary.toml");
    let source = |name, text| Source { name, text };
    Policy::load(
        region(code),
        source("vocabulary.toml", &vocabulary),
        source("national.toml", baseline),
        overlay.map(|text| source("overlay.toml", text)),
        &[],
    )
}

/// The province in a name such as `places-44`.
fn code(stem: &str) -> u8 {
    stem.rsplit('-').next().unwrap().parse().unwrap()
}

fn english(error: impl Into<LoadError>) -> ! {
    panic!("{}", error.into().render(Lang::En, false))
}

fn check(path: &Path, text: &str) {
    let (stem, name) = (path.file_stem().unwrap().to_str().unwrap(), path.display().to_string());
    match (path.extension().and_then(|ending| ending.to_str()), stem) {
        (Some("toml"), "node") => drop(Config::parse(text, Path::new("/")).unwrap()),
        (Some("toml"), "pki") => drop(Description::parse(text).unwrap()),
        (Some("toml"), "vocabulary") => drop(policy(44, BASELINE, None)),
        (Some("toml"), "national") => drop(policy(44, text, None)),
        (Some("toml"), "risk-areas") => {
            drop(
                RiskAreas::parse(&name, text, policy(44, BASELINE, None).vocabulary())
                    .unwrap_or_else(|found| english(found)),
            );
        }
        (Some("toml"), _) if stem.starts_with("province-") => match load(code(stem), BASELINE, Some(text)) {
            // Exercises in reaching too far: right by themselves, and held by the guard.
            Err(LoadError::OverReach(_)) if region(code(stem)).is_exercise() => {}
            loaded => drop(loaded.unwrap_or_else(|error| english(error))),
        },
        (Some("toml"), _) if stem.starts_with("places-") => {
            let policy = policy(code(stem), BASELINE, None);
            let places = Places::parse(&name, text, policy.vocabulary(), region(code(stem)));
            drop(places.unwrap_or_else(|found| english(found)));
        }
        (Some("md"), _) => assert!(!text.trim().is_empty()),
        _ => panic!("{name}: nothing reads this; add its parser to this test"),
    }
}

#[test]
fn every_sample_is_read_by_its_parser() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for folder in ["deploy", "certs-example"] {
        files(&root.join(folder), &mut found);
    }
    assert!(found.len() >= 12, "{found:?}");
    for path in found {
        check(&path, &std::fs::read_to_string(&path).unwrap());
    }
}
