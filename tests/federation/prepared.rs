//! A department that signs in another language: the node gives the exact bytes, the department signs, the node takes them.

use bytes::Bytes;
use huxin_attest::{Signer as _, sha256};
use huxin_tests::signing::reason;
use huxin_tests::{Federation, fresh_id, person, region};
use huxin_wire::convert::document_message;
use huxin_wire::v1;

fn stated(prepared: &v1::PrepareReply, signature: &[u8], number: u16) -> v1::StateRequest {
    let v1::PrepareReply { to_be_signed: _, protected, claims, subject_salt, digest: _ } = prepared.clone();
    let prepared = v1::PreparedStatement {
        protected,
        claims,
        signature: Bytes::copy_from_slice(signature),
        subject: Some(document_message(&person(number))),
        subject_salt,
    };
    v1::StateRequest { request_id: fresh_id(), form: Some(v1::state_request::Form::Prepared(prepared)) }
}

fn claims() -> v1::Claims {
    v1::Claims {
        kind: v1::Kind::HealthCode.into(),
        status: "00".into(),
        native_label: "绿码".into(),
        ..v1::Claims::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_prepared_and_signed_is_taken_like_any_statement() {
    let federation = Federation::start(&[42]);
    let key = federation.exercise.statement_key(region(42), &"hb-data".parse().unwrap()).unwrap();
    let mut data = federation.registry(42, "hb-data").await;
    let request = v1::PrepareRequest {
        claims: Some(claims()),
        subject: Some(document_message(&person(1))),
        kid: key.public_key().id().0.to_vec().into(),
    };
    let prepared = data.prepare(request.clone()).await.unwrap().into_inner();
    assert_eq!(prepared.digest, sha256(&[&prepared.claims]).0.to_vec());
    let again = data.prepare(request.clone()).await.unwrap().into_inner();
    assert_ne!(prepared.subject_salt, again.subject_salt, "each statement has a salt of its own");
    assert_eq!(federation.status(42).await.log_size, 0, "nothing is stored");

    let signature = key.sign(&prepared.to_be_signed).unwrap();
    let reply = data.state(stated(&prepared, &signature, 1)).await.unwrap().into_inner();
    assert_eq!((reply.digest, reply.changed), (prepared.digest.clone(), true));
    let known = data.state(stated(&prepared, &signature, 1)).await.unwrap().into_inner();
    assert!(!known.changed);

    // Altered parts are no statement, or nobody's.
    let refused = async |mut client: v1::registry_client::RegistryClient<_>, request| {
        reason(&client.state(request).await.unwrap_err())
    };
    let mut altered = signature;
    altered[0] ^= 1;
    assert_eq!(refused(data.clone(), stated(&prepared, &altered, 1)).await, "statement_refused");
    assert_eq!(refused(data.clone(), stated(&prepared, &signature, 2)).await, "statement_refused");
    let bad = [
        (stated(&prepared, &signature[1..], 1), "signature"),
        (
            stated(&v1::PrepareReply { protected: Bytes::new(), ..prepared.clone() }, &signature, 1),
            "protected",
        ),
        (stated(&v1::PrepareReply { claims: Bytes::new(), ..prepared.clone() }, &signature, 1), "claims"),
        (stated(&v1::PrepareReply { subject_salt: Bytes::new(), ..prepared }, &signature, 1), "subject_salt"),
        (v1::StateRequest { request_id: fresh_id(), form: None }, "form"),
    ];
    for (request, field) in bad {
        let status = data.state(request).await.unwrap_err();
        assert_eq!(reason(&status), "invalid_request");
        assert!(status.message().contains(field), "{field}: {}", status.message());
    }
}

type Change = fn(&mut v1::PrepareRequest, &mut v1::Claims);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_field_that_cannot_be_stated_is_named() {
    let federation = Federation::start(&[42]);
    let key = federation.exercise.statement_key(region(42), &"hb-data".parse().unwrap()).unwrap();
    let mut data = federation.registry(42, "hb-data").await;
    let cases: &[(&str, Change)] = &[
        ("subject", |request, _| request.subject = None),
        ("kid must have 8", |request, _| request.kid = Bytes::from_static(&[1; 7])),
        ("claims.kind", |_, claims| claims.kind = 0),
        ("claims.kind", |_, claims| claims.kind = -1),
        ("claims.region", |_, claims| claims.region = "4".into()),
        ("claims.hop", |_, claims| claims.region = "41".into()),
        ("claims.hop", |_, claims| claims.hop = 8),
        ("claims.hop", |_, claims| claims.hop = 256),
        ("claims.native_label", |_, claims| claims.native_label = "绿\n码".into()),
        ("claims.status", |_, claims| claims.status = "green".into()),
        ("claims.local_reason", |_, claims| claims.local_reason = "a".repeat(129)),
        ("claims.assigner", |_, claims| claims.assigner = "HB CDC".into()),
        ("claims.assigner_role", |_, claims| claims.assigner_role = "CDC".into()),
        ("claims.assigned_for", |_, claims| claims.assigned_for = "a".repeat(33)),
        ("claims.evidence.kind", |_, claims| claims.evidence = vec![v1::EvidenceReference::default()]),
        ("claims.evidence.digest", |_, claims| {
            let kind = "lab".into();
            claims.evidence = vec![v1::EvidenceReference { kind, digest: Bytes::from_static(&[1; 31]) }];
        }),
        ("claims.evidence", |_, claims| claims.evidence = vec![v1::EvidenceReference::default(); 9]),
        ("claims.sampled_unix_ms", |_, claims| claims.sampled_unix_ms = Some(-1)),
        ("claims.reported_unix_ms", |_, claims| claims.reported_unix_ms = Some(i64::MAX)),
        ("claims.result", |_, claims| claims.result = "maybe".into()),
        ("claims.item", |_, claims| claims.item = "CT".into()),
        ("claims.quality", |_, claims| claims.quality = "A+".into()),
        ("claims.stated_unix_ms", |_, claims| claims.stated_unix_ms = Some(-1)),
        ("claims.valid_until_unix_ms", |_, claims| claims.valid_until_unix_ms = Some(-1)),
        ("claims.appeal", |_, claims| claims.appeal = "\u{202e}".into()),
        // Well formed field by field, and not of the form of its kind.
        ("claim status", |_, claims| claims.status.clear()),
        ("claim result", |_, claims| claims.result = "negative".into()),
    ];
    let request = v1::PrepareRequest {
        claims: None,
        subject: Some(document_message(&person(1))),
        kid: key.public_key().id().0.to_vec().into(),
    };
    for (field, change) in cases {
        let (mut request, mut claims) = (request.clone(), claims());
        change(&mut request, &mut claims);
        request.claims = Some(claims);
        let status = data.prepare(request).await.unwrap_err();
        assert_eq!(reason(&status), "invalid_request", "{field}");
        assert!(status.message().contains(field), "{field}: {}", status.message());
    }
    assert_eq!(reason(&data.prepare(request.clone()).await.unwrap_err()), "invalid_request");

    // A key of another department, of nobody, and one that was not valid then.
    let lab = federation.exercise.statement_key(region(42), &"hb-lab-1".parse().unwrap()).unwrap();
    let long_ago = v1::Claims { stated_unix_ms: Some(0), ..claims() };
    for (kid, claims) in [
        (lab.public_key().id().0.to_vec(), claims()),
        (vec![7; 8], claims()),
        (key.public_key().id().0.to_vec(), long_ago),
    ] {
        let request = v1::PrepareRequest { kid: kid.into(), claims: Some(claims), ..request.clone() };
        let status = data.prepare(request).await.unwrap_err();
        assert_eq!(reason(&status), "not_yours_to_state");
        assert!(status.message().contains("kid"), "{}", status.message());
    }
}
