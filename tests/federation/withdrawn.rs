//! Statements are taken back by who made them, and each department sees what became of its own.

use huxin_attest::{CodeStatus, Document};
use huxin_tests::hand::{Hand, Proved, query};
use huxin_tests::signing::{digest_of, reason};
use huxin_tests::{Fact, Federation, fresh_id, person, region, stating};
use huxin_wire::convert::document_message;
use huxin_wire::v1::{self, StatementState};

fn withdrawal(subject: &Document, digest: &[u8]) -> v1::WithdrawRequest {
    v1::WithdrawRequest {
        request_id: fresh_id(),
        subject: Some(document_message(subject)),
        digest: digest.to_vec().into(),
    }
}

fn page(subject: &Document, page_size: u32, page_token: &str) -> v1::HistoryRequest {
    v1::HistoryRequest { subject: Some(document_message(subject)), page_size, page_token: page_token.into() }
}

async fn asked(hand: &mut Hand, id: u64) -> Proved {
    hand.question(id, &query(&person(1))).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_department_takes_back_its_own_statements_and_nothing_is_revived() {
    let federation = Federation::start(&[42]);
    let subject = person(1);
    let mut data = federation.registry(42, "hb-data").await;
    let mut lab = federation.registry(42, "hb-lab-1").await;
    let mut hand = Hand::greeted(&federation, 44, 42).await;
    let old = Fact { stated_minutes_ago: 1, ..Fact::code(42, "hb-data", &subject, CodeStatus::NoneStated) };
    let old = federation.state(&Fact { stated_minutes_ago: 0, ..old }).await;
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let code = federation.state(&Fact::code(42, "hb-data", &subject, CodeStatus::Green)).await;
    let test = federation.state(&Fact::negative(42, "hb-lab-1", &subject, 60)).await;
    let older = federation.state(&Fact::negative(42, "hb-lab-1", &subject, 120)).await;
    assert_eq!(asked(&mut hand, 1).await.answer.statements.len(), 2);

    // Another department's statement, one that nobody made, and one about somebody else are the same to the caller.
    let before = federation.status(42).await.log_size;
    for request in [
        withdrawal(&subject, &code.digest),
        withdrawal(&subject, &[7; 32]),
        withdrawal(&person(2), &test.digest),
    ] {
        let status = lab.withdraw(request).await.unwrap_err();
        assert_eq!(reason(&status), "statement_unknown");
        assert!(!status.message().contains("another department"), "{}", status.message());
    }
    for bad in [
        withdrawal(&subject, &[7; 31]),
        v1::WithdrawRequest { subject: None, ..withdrawal(&subject, &code.digest) },
        v1::WithdrawRequest { request_id: Vec::new().into(), ..withdrawal(&subject, &code.digest) },
    ] {
        assert_eq!(reason(&data.withdraw(bad).await.unwrap_err()), "invalid_request");
    }
    assert_eq!(federation.status(42).await.log_size, before);

    let request = withdrawal(&subject, &code.digest);
    assert!(data.withdraw(request.clone()).await.unwrap().into_inner().changed);
    assert_eq!(federation.status(42).await.log_size, before + 1);
    assert!(
        data.withdraw(request.clone()).await.unwrap().into_inner().changed,
        "a retry gets the same reply"
    );
    let again = withdrawal(&subject, &code.digest);
    assert!(!data.withdraw(again).await.unwrap().into_inner().changed);
    let reused = v1::WithdrawRequest { digest: old.digest.clone(), ..request };
    assert_eq!(reason(&data.withdraw(reused).await.unwrap_err()), "request_id_reused");
    assert_eq!(federation.status(42).await.log_size, before + 1);

    // The chain of codes has ended; the older test is the newest again.
    let answer = asked(&mut hand, 2).await.answer;
    assert_eq!(answer.statements.len(), 1);
    assert!(lab.withdraw(withdrawal(&subject, &test.digest)).await.unwrap().into_inner().changed);
    let answer = asked(&mut hand, 3).await.answer;
    let left = v1::SignedStatement {
        attestation: answer.statements[0].attestation.clone(),
        ..v1::SignedStatement::default()
    };
    assert_eq!(digest_of(&left).0.to_vec(), older.digest);

    let history = data.history(page(&subject, 0, "")).await.unwrap().into_inner();
    let states: Vec<_> = history.statements.iter().map(|one| (one.digest.clone(), one.state())).collect();
    assert_eq!(
        states,
        [(code.digest, StatementState::Withdrawn), (old.digest, StatementState::Past)],
        "its own statements only"
    );
    assert_eq!(history.next_page_token, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_is_read_in_pages_that_are_bound_to_caller_and_person() {
    let federation = Federation::start(&[42]);
    let mut lab = federation.registry(42, "hb-lab-1").await;
    let subject = person(1);
    let label = "核".repeat(40);
    let tests: Vec<_> = (0..120_i64)
        .map(|hours| {
            let fact = Fact::negative(42, "hb-lab-1", &subject, 60 * hours);
            let claims = |fields: &mut huxin_attest::ClaimFields| {
                fields.native_label = label.parse().ok();
                let made = fact.claims(federation.now(), &huxin_attest::SubjectSalt([0; 16])).into_fields();
                (fields.result, fields.reported_at, fields.sampled_at) =
                    (made.result, made.reported_at, made.sampled_at);
            };
            federation.sign(42, "hb-lab-1", &subject, huxin_attest::Kind::NucleicTest, claims)
        })
        .collect();
    huxin_cli::department::send(&mut lab, [1; 16], tests.clone()).await.unwrap();
    let expected: Vec<_> = tests.iter().map(|test| digest_of(test).0.to_vec()).collect();
    for page_size in [0, 1, 7, 100] {
        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let reply = lab.history(page(&subject, page_size, &token)).await.unwrap().into_inner();
            assert!(prost::Message::encoded_len(&reply) <= 64 * 1024);
            seen.extend(reply.statements.into_iter().map(|one| one.digest.to_vec()));
            token = reply.next_page_token;
            if token.is_empty() || page_size == 1 && seen.len() == 3 {
                break;
            }
        }
        assert_eq!(seen[..], expected[..seen.len()], "newest first, each once");
        assert!(page_size == 1 || seen.len() == expected.len());
    }
    let token = lab.history(page(&subject, 5, "")).await.unwrap().into_inner().next_page_token;
    let mut data = federation.registry(42, "hb-data").await;
    let mine = data.history(page(&subject, 5, "")).await.unwrap().into_inner();
    assert!(mine.statements.is_empty() && mine.next_page_token.is_empty());
    for (refused, name) in [
        (data.history(page(&subject, 5, &token)).await, "another caller"),
        (lab.history(page(&person(2), 5, &token)).await, "another person"),
        (lab.history(page(&subject, 5, &token[1..])).await, "cut"),
        (lab.history(page(&subject, 5, "AAAA")).await, "made up"),
        (lab.history(page(&subject, 101, "")).await, "too many"),
        (lab.history(v1::HistoryRequest { subject: None, ..page(&subject, 5, "") }).await, "nobody"),
    ] {
        assert_eq!(reason(&refused.unwrap_err()), "invalid_request", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_of_several_departments_are_all_answered_worst_first_and_copies_never() {
    let federation = Federation::start(&[42]);
    let subject = person(1);
    federation.state(&Fact::code(42, "hb-data", &subject, CodeStatus::Green)).await;
    federation.state_founded_red(&subject).await;
    let heard =
        Fact { heard_from: Some(region(41)), ..Fact::code(42, "hb-headquarters", &subject, CodeStatus::Red) };
    federation.state(&heard).await;
    let headquarters = Fact::code(42, "hb-headquarters", &subject, CodeStatus::NoneStated);
    federation.state(&headquarters).await;
    let mut hand = Hand::greeted(&federation, 44, 42).await;
    let answer = asked(&mut hand, 1).await.answer;
    let statuses: Vec<_> = answer
        .statements
        .iter()
        .map(|one| {
            let envelope = huxin_attest::Envelope::parse(&one.attestation).unwrap();
            let claims = huxin_attest::Claims::from_bytes(envelope.claims()).unwrap();
            assert_eq!(claims.hop, 0, "what was only heard does not travel on");
            claims.status.unwrap()
        })
        .collect();
    assert_eq!(statuses, [CodeStatus::Red, CodeStatus::NoneStated, CodeStatus::Green]);
    assert!(!answer.more);

    // Tests of nine items are nine chains: eight are answered, and the cut is named.
    let mut lab = federation.registry(42, "hb-lab-1").await;
    for number in 0..9 {
        let test = federation.sign(42, "hb-lab-1", &subject, huxin_attest::Kind::NucleicTest, |fields| {
            fields.result = Some(huxin_attest::TestResult::Negative);
            fields.reported_at = Some(fields.stated_at);
            fields.item = format!("item_{number}").parse().ok();
        });
        lab.state(stating(test)).await.unwrap();
    }
    let answer = asked(&mut hand, 2).await.answer;
    assert_eq!((answer.statements.len(), answer.more), (3 + 8, true));
}
