//! Departments state facts: only their own, only once, all or none.

use huxin_attest::{CodeStatus, Ed25519Key, SubjectSalt, SystemRandom, sign_single};
use huxin_cli::department;
use huxin_tests::{Fact, Federation, fresh_id, person, question, stating};
use huxin_wire::error::reason_of;
use huxin_wire::v1;
use huxin_wire::v1::registry_client::RegistryClient;
use tonic::Status;

fn reason(status: &Status) -> String {
    reason_of(status).unwrap().0
}

fn detail(status: &Status) -> &str {
    status.message()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_is_taken_from_its_own_department_only() {
    let federation = Federation::start(&[42]);
    let code = Fact::code(42, "hb-data", &person(1), CodeStatus::Green);
    let mut lab = RegistryClient::new(federation.channel(42, "department/hb-lab-1", 42).await);
    let status = lab.state(federation.signed(&code)).await.unwrap_err();
    assert_eq!(reason(&status), "not_yours_to_state");

    // A kind that the membership list does not give the department.
    let mut data = RegistryClient::new(federation.channel(42, "department/hb-data", 42).await);
    let test = Fact::negative(42, "hb-data", &person(1), 60);
    assert_eq!(reason(&data.state(federation.signed(&test)).await.unwrap_err()), "not_yours_to_state");

    // Claims of one department under the key of another, and under a key that nobody lists.
    let salt = SubjectSalt::random(&mut SystemRandom);
    let lab_key =
        federation.exercise.statement_key(huxin_tests::region(42), &"hb-lab-1".parse().unwrap()).unwrap();
    for (key, expected) in [
        (lab_key, "statement_wrong_department"),
        (Ed25519Key::generate(&mut SystemRandom).unwrap(), "statement_key_unknown"),
    ] {
        let mut statement = federation.statement(&code);
        statement.attestation = sign_single(&code.claims(federation.now(), &salt), &key).unwrap().into();
        statement.subject_salt = salt.0.to_vec().into();
        let status = data.state(stating(statement)).await.unwrap_err();
        assert_eq!(reason(&status), "statement_refused");
        assert!(detail(&status).contains(expected), "{}", detail(&status));
    }
    // About another person than it says.
    let mut statement = federation.statement(&code);
    statement.subject = Some(huxin_wire::convert::document_message(&person(2)));
    let status = data.state(stating(statement)).await.unwrap_err();
    assert!(detail(&status).contains("statement_wrong_subject"), "{}", detail(&status));
    assert_eq!(federation.status(42).await.statements, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_dated_off_the_clock_is_refused() {
    let federation = Federation::start(&[42]);
    let mut data = RegistryClient::new(federation.channel(42, "department/hb-data", 42).await);
    for minutes in [-3, 3] {
        let code =
            Fact { stated_minutes_ago: minutes, ..Fact::code(42, "hb-data", &person(1), CodeStatus::Green) };
        assert_eq!(reason(&data.state(federation.signed(&code)).await.unwrap_err()), "stated_at_off");
    }
    // An import may bring what is up to seven days old.
    let batch = |minutes| {
        let code =
            Fact { stated_minutes_ago: minutes, ..Fact::code(42, "hb-data", &person(1), CodeStatus::Green) };
        vec![federation.statement(&code)]
    };
    let week = 7 * 24 * 60;
    assert!(department::send(&mut data, [1; 16], batch(week - 5)).await.is_ok());
    let status = department::send(&mut data, [2; 16], batch(week + 5)).await.unwrap_err();
    assert_eq!(reason(&status), "stated_at_off");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_request_gets_the_same_reply_and_its_id_names_nothing_else() {
    let federation = Federation::start(&[42]);
    let mut data = RegistryClient::new(federation.channel(42, "department/hb-data", 42).await);
    let request = federation.signed(&Fact::code(42, "hb-data", &person(1), CodeStatus::Green));
    let first = data.state(request.clone()).await.unwrap().into_inner();
    assert!(first.changed);
    let log_size = federation.status(42).await.log_size;
    assert_eq!(data.state(request.clone()).await.unwrap().into_inner(), first);
    assert_eq!(federation.status(42).await.log_size, log_size, "a repetition changes nothing");

    let mut known = request.clone();
    known.request_id = fresh_id();
    assert!(!data.state(known).await.unwrap().into_inner().changed, "the very statement was held before");

    let mut other = federation.signed(&Fact::code(42, "hb-data", &person(2), CodeStatus::Green));
    other.request_id = request.request_id;
    assert_eq!(reason(&data.state(other).await.unwrap_err()), "request_id_reused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_is_taken_whole_or_not_at_all() {
    let federation = Federation::start(&[42]);
    let mut data = RegistryClient::new(federation.channel(42, "department/hb-data", 42).await);
    let statement =
        |number| federation.statement(&Fact::code(42, "hb-data", &person(number), CodeStatus::Green));
    let mut batch: Vec<_> = (0..50).map(statement).collect();
    let last = batch.last_mut().unwrap();
    last.subject_salt = vec![0; 16].into();
    let status = department::send(&mut data, [1; 16], batch.clone()).await.unwrap_err();
    assert_eq!(reason(&status), "statement_refused");
    assert!(detail(&status).contains("item 49"), "{}", detail(&status));
    assert_eq!(federation.status(42).await.statements, 0);

    batch.pop();
    let reply = department::send(&mut data, [2; 16], batch.clone()).await.unwrap();
    assert_eq!((reply.changed, reply.unchanged), (49, 0));
    assert_eq!(department::send(&mut data, [2; 16], batch.clone()).await.unwrap(), reply);
    let again = department::send(&mut data, [3; 16], batch).await.unwrap();
    assert_eq!((again.changed, again.unchanged), (0, 49));
    assert_eq!(federation.status(42).await.statements, 49);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_is_not_what_its_header_says_is_refused() {
    let federation = Federation::start(&[42]);
    let mut data = RegistryClient::new(federation.channel(42, "department/hb-data", 42).await);
    let statement = federation.statement(&Fact::code(42, "hb-data", &person(1), CodeStatus::Green));
    let header = |count| v1::ImportRequest {
        message: Some(v1::import_request::Message::Header(v1::ImportHeader {
            request_id: fresh_id(),
            count,
        })),
    };
    let items = || v1::ImportRequest {
        message: Some(v1::import_request::Message::Items(v1::ImportItems {
            statements: vec![statement.clone()],
        })),
    };
    for messages in [
        vec![],
        vec![items()],
        vec![header(0)],
        vec![header(4097)],
        vec![header(1)],
        vec![header(2), items()],
        vec![header(1), items(), items()],
        vec![header(1), header(1)],
    ] {
        let status = data.import(tokio_stream::iter(messages)).await.unwrap_err();
        assert_eq!(reason(&status), "invalid_request");
    }
    assert_eq!(federation.status(42).await.statements, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_answer_after_an_acknowledged_change_shows_it() {
    let federation = Federation::start(&[42, 43, 44]);
    let traveller = person(1);
    federation.state(&Fact::negative(43, "hn-lab-1", &traveller, 60)).await;
    let mut station = federation.station().await;
    for (status, belief) in
        [(CodeStatus::Green, "green"), (CodeStatus::NoneStated, "unmapped"), (CodeStatus::Green, "green")]
    {
        federation.state(&Fact::code(42, "hb-data", &traveller, status)).await;
        let mut request = question(&traveller, 42, "gz-south-station", "travel");
        request.origin_area = "420102".into();
        let result = station.recognise(request).await.unwrap().into_inner().results.remove(0);
        let findings = result.decision.unwrap().findings;
        assert_eq!(findings.iter().map(|finding| finding.belief.as_str()).collect::<Vec<_>>(), [belief]);
        // Statements of one second are ordered by the second: let it pass.
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    }
}
