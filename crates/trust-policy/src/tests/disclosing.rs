//! What is told: one entry must cover all that is asked.

use huxin_attest::{Kind, Kinds};

use super::fixture::{now, policy, vocabulary};

#[test]
fn one_entry_must_cover_purpose_department_and_every_kind() {
    let (policy, vocabulary) = (policy(), vocabulary());
    let entry = |purpose, to, kinds: &[Kind]| {
        let (purpose, to) = (vocabulary.purpose(purpose).unwrap(), vocabulary.department(to).unwrap());
        let kinds: Kinds = kinds.iter().copied().collect();
        policy.disclose(purpose, to, kinds, now()).map(|entry| &*entry.id)
    };
    let (code, test, exam) = (Kind::HealthCode, Kind::NucleicTest, Kind::ExamResult);
    assert_eq!(entry("travel", "health", &[code]), Some("D1"));
    assert_eq!(entry("travel", "health", &[code, test]), Some("D1"));
    assert_eq!(entry("exam_reuse", "health", &[exam]), Some("D2"));
    assert_eq!(entry("travel", "health", &[code, exam]), None, "no one entry covers both");
    assert_eq!(entry("exam_reuse", "health", &[code]), None);
    assert_eq!(entry("travel", "bureau", &[code]), None);
    assert_eq!(entry("travel", "health", &[]), None);
    assert_eq!(entry("travel", "health", &[Kind::Evidence]), None);
}
