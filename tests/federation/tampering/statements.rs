//! Answers that are proved but carry statements which are not what they claim. The answer counts, the statement does not.

use huxin_attest::{
    ClaimFields, Claims, CodeStatus, Digest, EvidenceRef, Kind, SubjectCommitment, SubjectSalt, SystemRandom,
    UnixSecs, sign_single,
};
use huxin_tests::liar::{Deceived, Lie};
use huxin_tests::{Fact, person, region};
use huxin_wire::v1;

use super::{TRAVELLER, answered, ask, flipped, green, rejected, truth_is_believed};

/// Tells this one statement: the answer is used, the statement is not.
async fn statement_is_left_out(deceived: &Deceived, name: &str, statement: v1::AnsweredStatement) {
    let before = rejected(deceived).await;
    // The genuine code beside it is used all the same.
    let statements = vec![statement, green(deceived)];
    deceived.liar.say(Lie { statements, ..Lie::default() });
    let (decision, asked) = ask(deceived).await;
    assert_eq!(asked.result(), v1::AskedResult::Answered, "{name}: {asked:?}");
    let believed: Vec<_> = decision.findings.iter().map(|finding| finding.belief.as_str()).collect();
    assert_eq!(believed, ["green"], "{name}");
    assert_eq!(rejected(deceived).await, before + 1, "{name}");
}

fn signed(deceived: &Deceived, fact: &Fact, key_of: (u8, &str)) -> v1::AnsweredStatement {
    let (code, department) = key_of;
    let key = deceived.federation.exercise.statement_key(region(code), &department.parse().unwrap()).unwrap();
    let salt = SubjectSalt::random(&mut SystemRandom);
    let claims = fact.claims(deceived.federation.now(), &salt);
    v1::AnsweredStatement {
        attestation: sign_single(&claims, &key).unwrap().into(),
        subject_salt: salt.0.to_vec().into(),
        standing: v1::Standing::None.into(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_is_not_authentic_is_left_out_of_a_proved_answer() {
    let deceived = Deceived::start().await;
    truth_is_believed(&deceived).await;
    let red = |subject: u16| Fact::code(42, "hb-data", &person(subject), CodeStatus::Red);
    let genuine = || answered(&deceived, &red(TRAVELLER));

    let other = answered(&deceived, &red(2));
    let salt = genuine().subject_salt;
    statement_is_left_out(&deceived, "about another person", other.clone()).await;
    let swapped = v1::AnsweredStatement { subject_salt: salt, ..genuine() };
    statement_is_left_out(&deceived, "salt of another statement", swapped).await;
    let short = v1::AnsweredStatement { attestation: genuine().attestation.slice(1..), ..genuine() };
    statement_is_left_out(&deceived, "cut", short).await;
    let statement = genuine();
    let last = statement.attestation.len() - 1;
    let altered = v1::AnsweredStatement { attestation: flipped(&statement.attestation, last), ..statement };
    statement_is_left_out(&deceived, "signature altered", altered).await;
    let empty = v1::AnsweredStatement { attestation: bytes::Bytes::new(), ..genuine() };
    statement_is_left_out(&deceived, "empty", empty).await;

    let hunan = Fact { region: 43, department: "hn-data", ..red(TRAVELLER) };
    statement_is_left_out(&deceived, "of another province", answered(&deceived, &hunan)).await;
    let posing = signed(&deceived, &red(TRAVELLER), (43, "hn-data"));
    statement_is_left_out(&deceived, "under another province's key", posing).await;
    let posing = signed(&deceived, &red(TRAVELLER), (42, "hb-lab-1"));
    statement_is_left_out(&deceived, "under another department's key", posing).await;
    truth_is_believed(&deceived).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_salt_that_has_not_its_length_opens_nothing() {
    let deceived = Deceived::start().await;
    let red = answered(&deceived, &Fact::code(42, "hb-data", &person(TRAVELLER), CodeStatus::Red));
    let short = v1::AnsweredStatement { subject_salt: red.subject_salt.slice(1..), ..red };
    statement_is_left_out(&deceived, "short salt", short).await;
}

/// A red code that its province answers for: assigned by the centre for disease control, with reason and evidence.
fn founded_red(deceived: &Deceived) -> v1::AnsweredStatement {
    let department = "hb-cdc".parse().unwrap();
    let key = deceived.federation.exercise.statement_key(region(42), &department).unwrap();
    let salt = SubjectSalt::random(&mut SystemRandom);
    let commitment = SubjectCommitment::of(&person(TRAVELLER), &salt);
    let stated_at = UnixSecs::at(deceived.federation.now());
    let mut fields = ClaimFields::new(Kind::HealthCode, region(42), department, stated_at, commitment);
    fields.status = Some(CodeStatus::Red);
    fields.assigner = Some(department);
    fields.assigner_role = Some("cdc".parse().unwrap());
    fields.assigned_for = Some("close_contact".parse().unwrap());
    fields.evidence = vec![EvidenceRef { kind: "case_file".parse().unwrap(), digest: Digest([7; 32]) }];
    v1::AnsweredStatement {
        attestation: sign_single(&Claims::new(fields).unwrap(), &key).unwrap().into(),
        subject_salt: salt.0.to_vec().into(),
        standing: v1::Standing::None.into(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standing_that_nobody_knows_is_taken_as_the_one_that_believes_least() {
    let deceived = Deceived::start().await;
    let red = founded_red(&deceived);
    for (standing, belief) in
        [(1, "red"), (2, "contested"), (3, "unfounded"), (0, "unfounded"), (77, "unfounded")]
    {
        let statements = vec![v1::AnsweredStatement { standing, ..red.clone() }];
        deceived.liar.say(Lie { statements, ..Lie::default() });
        let (decision, _) = ask(&deceived).await;
        let beliefs: Vec<_> = decision.findings.iter().map(|finding| finding.belief.as_str()).collect();
        assert_eq!(beliefs, [belief], "standing {standing}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_with_more_statements_of_a_kind_than_the_protocol_allows_is_not_used() {
    let deceived = Deceived::start().await;
    truth_is_believed(&deceived).await;
    let lie = Lie { statements: vec![green(&deceived); 9], ..Lie::default() };
    super::lie_is_refused(&deceived, "nine statements", lie, "answer_too_long").await;
    truth_is_believed(&deceived).await;
}
