//! Red and amber codes are taken only with what they must rest on; attempts are logged, and many of them raise an alarm.

use huxin_attest::{ClaimFields, CodeStatus, Digest, EvidenceRef, Kind, SubjectSalt, UnixSecs};
use huxin_cli::department;
use huxin_ledger::LeafType;
use huxin_tests::hand::{Hand, query};
use huxin_tests::signing::{digest_of, reason};
use huxin_tests::{Fact, Federation, fresh_id, person, region, stating};
use huxin_wire::v1;
use huxin_wire::v1::ledger_client::LedgerClient;

type Edit = Box<dyn FnOnce(&mut ClaimFields)>;

fn edit(change: impl FnOnce(&mut ClaimFields) + 'static) -> Edit {
    Box::new(change)
}

/// The type of an entry of Hubei's log.
async fn leaf_type(federation: &Federation, index: u64) -> LeafType {
    let mut ledger = LedgerClient::new(federation.channel(42, "operator/duty-1", 42).await);
    let request = v1::ProofRequest { origin: "hb.example/log/0".into(), index, size: 0 };
    let proof = ledger.proof(request).await.unwrap().into_inner();
    huxin_ledger::Leaf::from_bytes(&proof.leaf).unwrap().leaf_type
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_red_code_is_taken_only_with_assigner_reason_and_evidence_that_holds() {
    let federation = Federation::start(&[42]);
    let (subject, other) = (person(1), person(2));
    let mut headquarters = federation.registry(42, "hb-headquarters").await;
    let mut cdc = federation.registry(42, "hb-cdc").await;

    // Evidence of every sort that does not do.
    let good = federation.evidence(42, "hb-headquarters", &subject, "case_file");
    let of_other = federation.evidence(42, "hb-headquarters", &other, "case_file");
    let unlisted = federation.evidence(42, "hb-headquarters", &subject, "rumour");
    let ended = federation.sign(42, "hb-headquarters", &subject, Kind::Evidence, |fields| {
        fields.item = "travel".parse().ok();
        fields.valid_until = UnixSecs::new(fields.stated_at.get() - 1);
    });
    let heard = federation.sign(42, "hb-headquarters", &subject, Kind::Evidence, |fields| {
        fields.item = "case_file".parse().ok();
        (fields.hop, fields.region) = (1, region(41));
    });
    for evidence in [&good, &of_other, &unlisted, &ended, &heard] {
        headquarters.state(stating(evidence.clone())).await.unwrap();
    }
    let own = federation.evidence(42, "hb-cdc", &subject, "case_file");
    cdc.state(stating(own.clone())).await.unwrap();
    let withdrawn = federation.evidence(42, "hb-headquarters", &subject, "isolation");
    headquarters.state(stating(withdrawn.clone())).await.unwrap();
    let take_back = v1::WithdrawRequest {
        request_id: fresh_id(),
        subject: withdrawn.subject.clone(),
        digest: digest_of(&withdrawn).0.to_vec().into(),
    };
    assert!(headquarters.withdraw(take_back).await.unwrap().into_inner().changed);

    let rests_on = |kind: &'static str, evidence: &v1::SignedStatement| {
        let digest = digest_of(evidence);
        edit(move |fields| fields.evidence = vec![EvidenceRef { kind: kind.parse().unwrap(), digest }])
    };
    let code = Fact::code(42, "hb-data", &subject, CodeStatus::Green);
    let green = federation.statement(&code);
    federation.registry(42, "hb-data").await.state(stating(green.clone())).await.unwrap();
    let before = federation.status(42).await;
    let cases: Vec<(&str, &str, Edit)> = vec![
        ("no assigner", "unfounded_assigner", edit(|f| f.assigner = None)),
        ("no role", "unfounded_assigner", edit(|f| f.assigner_role = None)),
        ("unlisted assigner", "unfounded_assigner", edit(|f| f.assigner = "zz-cdc".parse().ok())),
        ("assigner of another province", "unfounded_assigner", edit(|f| f.assigner = "ha-cdc".parse().ok())),
        ("another's role", "unfounded_assigner", edit(|f| f.assigner_role = "headquarters".parse().ok())),
        ("unlisted role", "unfounded_assigner", edit(|f| f.assigner_role = "mayor".parse().ok())),
        ("no reason", "unfounded_reason", edit(|f| f.assigned_for = None)),
        ("unlisted reason", "unfounded_reason", edit(|f| f.assigned_for = "depositor".parse().ok())),
        ("no evidence", "unfounded_evidence", edit(|f| f.evidence.clear())),
        ("unknown digest", "unfounded_evidence", edit(|f| f.evidence[0].digest = Digest([7; 32]))),
        ("another person's", "unfounded_evidence", rests_on("case_file", &of_other)),
        ("of another kind", "unfounded_evidence", rests_on("isolation", &good)),
        ("of an unlisted kind", "unfounded_evidence", rests_on("rumour", &unlisted)),
        ("run out", "unfounded_evidence", rests_on("travel", &ended)),
        ("heard elsewhere", "unfounded_evidence", rests_on("case_file", &heard)),
        ("its own word", "unfounded_evidence", rests_on("case_file", &own)),
        ("withdrawn", "unfounded_evidence", rests_on("isolation", &withdrawn)),
        ("a code, no evidence", "unfounded_evidence", rests_on("case_file", &green)),
        (
            "an amber one too",
            "unfounded_evidence",
            edit(|f| {
                (f.status, f.evidence) = (Some(CodeStatus::Amber), Vec::new());
            }),
        ),
        (
            "by its label alone",
            "unfounded_assigner",
            edit(|f| {
                (f.status, f.native_label) = (Some(CodeStatus::NoneStated), "鄂汇红".parse().ok());
                f.assigner = None;
            }),
        ),
        (
            "the assigner's own evidence",
            "unfounded_evidence",
            edit(|f| {
                f.assigner = "hb-headquarters".parse().ok();
                f.assigner_role = "headquarters".parse().ok();
            }),
        ),
    ];
    let tried = cases.len() as u64;
    for (name, expected, edit) in cases {
        let refused = cdc.state(stating(federation.red(&subject, &good, edit))).await.expect_err(name);
        assert_eq!(reason(&refused), expected, "{name}");
    }
    let after = federation.status(42).await;
    assert_eq!(after.statements, before.statements);
    assert_eq!(after.log_size, before.log_size + tried, "each attempt is an entry");
    for index in before.log_size..after.log_size {
        assert_eq!(leaf_type(&federation, index).await, LeafType::RefusedStatement);
    }
    assert_eq!(after.counters.unwrap().statements_refused, tried);

    // What was only heard needs nothing; what is founded is taken, also where only one of several references holds.
    let copy = federation.red(&subject, &good, |fields| {
        (fields.hop, fields.region) = (1, region(41));
        fields.evidence.clear();
    });
    cdc.state(stating(copy)).await.unwrap();
    let founded = federation.red(&subject, &good, |fields| {
        let unknown = EvidenceRef { kind: "lab".parse().unwrap(), digest: Digest([1; 32]) };
        fields.evidence.insert(0, unknown);
    });
    let request = stating(founded);
    let first = cdc.state(request.clone()).await.unwrap().into_inner();
    assert!(first.changed);

    // The evidence goes: the code stands, its repetition gets the same reply, and no other code can rest on it.
    let gone = v1::WithdrawRequest {
        request_id: fresh_id(),
        subject: good.subject.clone(),
        digest: digest_of(&good).0.to_vec().into(),
    };
    headquarters.withdraw(gone).await.unwrap();
    assert_eq!(cdc.state(request).await.unwrap().into_inner(), first);
    let late = federation.red(&subject, &good, |fields| fields.appeal = "12345".parse().ok());
    assert_eq!(reason(&cdc.state(stating(late)).await.unwrap_err()), "unfounded_evidence");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_authentic_and_refused_is_logged_and_what_is_not_authentic_is_not() {
    let federation = Federation::start(&[42]);
    let mut data = federation.registry(42, "hb-data").await;
    let test = federation.signed(&Fact::negative(42, "hb-data", &person(1), 60));
    assert_eq!(reason(&data.state(test).await.unwrap_err()), "not_yours_to_state");
    let lab = federation.signed(&Fact::negative(42, "hb-lab-1", &person(1), 60));
    assert_eq!(reason(&data.state(lab).await.unwrap_err()), "not_yours_to_state");
    let old = Fact { stated_minutes_ago: 3, ..Fact::code(42, "hb-data", &person(1), CodeStatus::Green) };
    assert_eq!(reason(&data.state(federation.signed(&old)).await.unwrap_err()), "stated_at_off");
    assert_eq!(federation.status(42).await.log_size, 3);
    for index in 0..3 {
        assert_eq!(leaf_type(&federation, index).await, LeafType::RefusedStatement);
    }
    let mut forged = federation.statement(&Fact::code(42, "hb-data", &person(1), CodeStatus::Green));
    forged.subject_salt = SubjectSalt([0; 16]).0.to_vec().into();
    assert_eq!(reason(&data.state(stating(forged)).await.unwrap_err()), "statement_refused");
    assert_eq!(federation.status(42).await.log_size, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mass_of_codes_raises_an_alarm_whether_they_are_taken_or_refused() {
    let federation = Federation::start(&[42]);
    let mut cdc = federation.registry(42, "hb-cdc").await;
    let nothing = federation.evidence(42, "hb-headquarters", &person(0), "case_file");
    let batch = |people: std::ops::Range<u16>| -> Vec<v1::SignedStatement> {
        people.map(|number| federation.red(&person(number), &nothing, |_| {})).collect()
    };
    for (number, people) in [(1, 0..60), (2, 0..60), (3, 50..100)] {
        let status = department::send(&mut cdc, [number; 16], batch(people)).await.unwrap_err();
        assert_eq!(reason(&status), "unfounded_evidence");
        assert!(status.message().contains("item 0"), "{}", status.message());
    }
    let status = federation.status(42).await;
    assert_eq!(status.log_size, 170, "each refused statement is an entry");
    let expected = v1::MassChange { assigner: "hb-cdc".into(), taken: 0, refused: 100, warning: false };
    assert_eq!(
        status.mass_changes.as_slice(),
        std::slice::from_ref(&expected),
        "people are counted, not attempts"
    );
    assert!(!status.warnings.iter().any(|warning| warning.starts_with("mass_change")));

    // An assigner that nobody lists is a mere word: who states the code counts.
    let named = federation.red(&person(100), &nothing, |fields| fields.assigner = "nobody".parse().ok());
    assert_eq!(reason(&cdc.state(stating(named)).await.unwrap_err()), "unfounded_assigner");
    federation.state_founded_red(&person(101)).await;
    let status = federation.status(42).await;
    assert_eq!(status.mass_changes, [v1::MassChange { taken: 1, refused: 101, warning: true, ..expected }]);
    assert!(status.warnings.contains(&"mass_change:hb-cdc".to_owned()), "{:?}", status.warnings);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_skips_foundedness_says_so_and_takes_what_others_then_do_not_believe() {
    let federation = Federation::set_up(
        &[42, 44],
        1,
        |setting| {
            setting.skip_foundedness.insert(region(42));
        },
        |_| {},
    );
    let skips = |status: v1::StatusReply| status.warnings.contains(&"foundedness_skipped".to_owned());
    assert!(skips(federation.status(42).await) && !skips(federation.status(44).await));
    federation.state(&Fact::code(42, "hb-data", &person(1), CodeStatus::Red)).await;
    federation.state(&Fact::negative(44, "gd-lab-1", &person(1), 60)).await;
    let mut request = huxin_tests::question(&person(1), 42, "gz-south-station", "travel");
    request.origin_area = "420102".into();
    let result = federation.station().await.recognise(request).await.unwrap().into_inner().results.remove(0);
    let decision = result.decision.unwrap();
    assert_eq!(decision.findings[0].belief, "unfounded");
    assert_eq!(decision.outcome(), v1::Outcome::Admit);
    let changes = federation.status(42).await.mass_changes;
    assert_eq!((changes[0].assigner.as_str(), changes[0].taken), ("hb-data", 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_stays_at_home_whatever_a_peer_asks() {
    let federation = Federation::start(&[42]);
    federation.state_founded_red(&person(1)).await;
    let mut hand = Hand::greeted(&federation, 44, 42).await;
    for (id, kinds) in [(1, vec![4]), (2, vec![1, 4])] {
        let asked = v1::Query { kinds, ..query(&person(1)) };
        assert_eq!(hand.question(id, &asked).await.unwrap_err(), "invalid_request");
    }
    let proved = hand.question(3, &query(&person(1))).await.unwrap();
    assert_eq!(proved.answer.statements.len(), 1);
    let counted: Vec<Kind> = proved.exchange.counts.iter().map(|(kind, _)| kind).collect();
    assert_eq!(counted, [Kind::HealthCode]);
    let status = federation.status(42).await;
    assert_eq!(status.statements, 2, "the evidence is there");
}
