//! What is stated about a synthetic person.
//!
//! 97 in 100 are green, 2 amber, 1 red, those with assigner, listed reason and a statement of evidence that the code
//! points to. About 80 in 100 have a test whose report is at most 96 hours old, one in 1,000 of them positive; a
//! positive person is red.

use huxin_attest::{
    CodeStatus, Document, EvidenceRef, Kind, SubjectSalt, Term, TestResult, UnixSecs, statement_digest,
};

use super::labels::labels;
use super::random::SplitMix64;
use super::{Scene, SyntheticPerson};
use crate::line::FactLine;

/// The stream of facts, apart from that of documents (which is numbered by region).
const STREAM: u64 = 0xfac7;
const HOUR: u32 = 3600;
const EXEMPT_BELOW: u8 = 3;

/// A listed reason and the kind of evidence that goes with it.
type Reason = (&'static str, &'static str);
const POSITIVE: Reason = ("confirmed_case", "lab");
const RED: [Reason; 2] = [("close_contact", "case_file"), ("in_isolation", "isolation")];
const AMBER: [Reason; 2] = [("area_travel", "travel"), ("close_contact", "case_file")];

pub(super) fn about(scene: &Scene, index: u32, document: Document) -> SyntheticPerson {
    let region = u64::from(scene.region.as_u8());
    let mut random = SplitMix64::new(scene.seed, STREAM << 8 | region, index.into());
    let test = test(scene, &mut random, &document);
    let positive = test.as_ref().is_some_and(|test| test.result == Some(TestResult::Positive));
    let (status, reason) = match random.below(1000) {
        _ if positive => (CodeStatus::Red, Some(POSITIVE)),
        0..10 => (CodeStatus::Red, random.pick(&RED).copied()),
        10..30 => (CodeStatus::Amber, random.pick(&AMBER).copied()),
        _ => (CodeStatus::Green, None),
    };
    let mut code = FactLine::new(document.clone(), Kind::HealthCode);
    code.status = Some(status);
    code.native_label = random.pick(labels(scene.region, status)).and_then(|label| label.parse().ok());
    let evidence = reason.map(|(reason, kind)| {
        let (evidence, reference) = evidence(scene, &mut random, &document, term(kind));
        code.assigner = Some(scene.assigner);
        code.assigner_role = Some(term("cdc"));
        code.assigned_for = Some(term(reason));
        code.evidence = vec![reference];
        code.appeal = "12345".parse().ok();
        evidence
    });
    SyntheticPerson { document, code, evidence, test }
}

fn test(scene: &Scene, random: &mut SplitMix64, document: &Document) -> Option<FactLine> {
    let exempt = document.age_on(scene.now.to_ms().local_date()).is_none_or(|age| age < EXEMPT_BELOW);
    let share = if exempt { 10 } else { 82 };
    if random.below(100) >= share {
        return None;
    }
    let mut test = FactLine::new(document.clone(), Kind::NucleicTest);
    let age = random.below(96 * HOUR + 1);
    let work = 3 * HOUR + random.below(9 * HOUR);
    test.reported_at = before(scene.now, age);
    test.sampled_at = before(scene.now, age + work);
    let positive = random.below(1000) == 0;
    test.result = Some(if positive { TestResult::Positive } else { TestResult::Negative });
    Some(test)
}

/// A statement of evidence and the reference to it. Its time and salt are fixed, because the reference is a digest.
fn evidence(
    scene: &Scene,
    random: &mut SplitMix64,
    document: &Document,
    kind: Term,
) -> (FactLine, EvidenceRef) {
    let mut salt = [0; 16];
    for part in salt.chunks_exact_mut(8) {
        part.copy_from_slice(&random.next().to_be_bytes());
    }
    let mut line = FactLine::new(document.clone(), Kind::Evidence);
    line.item = Some(kind);
    line.reported_at = before(scene.now, HOUR + random.below(72 * HOUR));
    line.stated_at = Some(scene.now);
    line.subject_salt = Some(SubjectSalt(salt));
    let digest = digest(scene, line.clone(), SubjectSalt(salt));
    (line, EvidenceRef { kind, digest })
}

#[allow(clippy::expect_used, reason = "the claims are of this module's own making; a test runs through many")]
fn digest(scene: &Scene, line: FactLine, salt: SubjectSalt) -> huxin_attest::Digest {
    let ready = line.into_claims(scene.evidence_by, scene.region, scene.now, salt);
    statement_digest(&ready.expect("claims of evidence").claims.to_bytes())
}

#[allow(clippy::expect_used, reason = "only this module's own constants come here")]
fn term(text: &str) -> Term {
    text.parse().expect("a term")
}

fn before(now: UnixSecs, secs: u32) -> Option<UnixSecs> {
    UnixSecs::new(now.get() - i64::from(secs))
}
