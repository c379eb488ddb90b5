//! What a province only heard from another: it may be signed, logged and proved, and still decides nothing.

use huxin_attest::{CodeStatus, Kind};
use huxin_tests::liar::{Deceived, founded_red};
use huxin_tests::{Fact, Federation, person, question, region, stating};
use huxin_wire::v1::recognition_client::RecognitionClient;
use huxin_wire::v1::registry_client::RegistryClient;
use huxin_wire::v1::{self, AskedResult, Outcome};

/// A code that Hubei's centre for disease control states, as its own or as heard from Henan; a red one with all that
/// makes it count.
fn code(deceived: &Deceived, status: CodeStatus, heard: bool) -> v1::AnsweredStatement {
    deceived.stated("hb-cdc", Kind::HealthCode, |fields| {
        if status == CodeStatus::Red {
            founded_red(fields);
        }
        fields.status = Some(status);
        if heard {
            (fields.hop, fields.region) = (1, region(41));
        }
    })
}

/// What is decided about the traveller when Hubei answers with these codes.
async fn decided(deceived: &Deceived, statements: Vec<v1::AnsweredStatement>) -> v1::Decision {
    let decision = deceived.recognised(statements).await.decision.unwrap();
    let asked = decision.asked.iter().find(|asked| asked.region == "42").unwrap();
    assert_eq!(asked.result(), AskedResult::Answered, "{asked:?}");
    decision
}

/// What is believed of each code.
fn beliefs(decision: &v1::Decision) -> Vec<&str> {
    let code = i32::from(Kind::HealthCode.number());
    let codes = decision.findings.iter().filter(|finding| finding.kind == code);
    codes.map(|finding| finding.belief.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_was_only_heard_neither_admits_nor_holds_up() {
    let deceived = Deceived::start().await;
    deceived.federation.state(&Fact::negative(44, "gd-lab-1", &person(1), 60)).await;
    let (green, red) = (CodeStatus::Green, CodeStatus::Red);

    // First-hand, each code counts.
    let decision = decided(&deceived, vec![code(&deceived, green, false)]).await;
    assert_eq!((beliefs(&decision), decision.case.as_str()), (vec!["green"], "green-tested"));
    let decision = decided(&deceived, vec![code(&deceived, red, false)]).await;
    assert_eq!((beliefs(&decision), decision.outcome()), (vec!["red"], Outcome::Review));

    // Heard, neither does: the test decides, and the decision says that the code was not used.
    for status in [green, red] {
        let decision = decided(&deceived, vec![code(&deceived, status, true)]).await;
        assert_eq!(beliefs(&decision), ["hearsay"], "{status:?}");
        assert_eq!((decision.outcome(), decision.case.as_str()), (Outcome::Admit, "not-used"), "{status:?}");
    }

    // A red code that was only heard does not touch a green one at first hand.
    let both = vec![code(&deceived, red, true), code(&deceived, green, false)];
    let decision = decided(&deceived, both).await;
    assert_eq!((decision.outcome(), decision.case.as_str()), (Outcome::Admit, "green-tested"));
    let refused = deceived.federation.status(44).await.counters.unwrap().answers_rejected;
    assert_eq!(refused, 0, "such a statement is authentic; it is only not believed");
}

/// On 2022-07-07 codes of Henan people turned red in Guangdong on a push from elsewhere, although Henan said green.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_in_the_own_registry_is_reported_beside_the_homes_answer_and_decides_nothing() {
    let federation = Federation::start(&[41, 44]);
    federation.state(&Fact::code(41, "ha-data", &person(1), CodeStatus::Green)).await;
    federation.state(&Fact::negative(44, "gd-lab-1", &person(1), 60)).await;
    // What Guangdong's centre for disease control heard about the person, signed as heard, and its own red code.
    let mut heard = Fact::code(44, "gd-cdc", &person(1), CodeStatus::Red);
    heard.heard_from = Some(region(41));
    let own = Fact::code(44, "gd-cdc", &person(1), CodeStatus::Green);
    let mut department = RegistryClient::new(federation.channel(44, "department/gd-cdc", 44).await);
    for fact in [&heard, &own] {
        department.state(stating(federation.statement(fact))).await.unwrap();
    }

    let mut request = question(&person(1), 41, "gz-south-station", "travel");
    request.origin_area = "410102".into();
    let reply = federation.station().await.recognise(request).await.unwrap().into_inner();
    let decision = reply.results[0].decision.clone().unwrap();
    assert_eq!((decision.outcome(), decision.case.as_str()), (Outcome::Admit, "green-tested"));
    assert_eq!(
        beliefs(&decision),
        ["hearsay", "green"],
        "a code of one's own about others' people is no answer"
    );
    let code = decision.findings.iter().find(|finding| finding.belief == "green").unwrap();
    assert_eq!((code.region.as_str(), code.deciding), ("41", true));
    let copy = decision.findings.iter().find(|finding| finding.belief == "hearsay").unwrap();
    assert_eq!((copy.region.as_str(), copy.department.as_str(), copy.deciding), ("44", "gd-cdc", false));

    // Who asks Guangdong is told what Guangdong states itself, and nothing of the copy.
    let channel = federation.channel(41, "app/ha-transport/checkpoint", 41).await;
    let mut request = question(&person(1), 44, "ha-station", "travel");
    request.origin_area = "440104".into();
    let reply = RecognitionClient::new(channel).recognise(request).await.unwrap().into_inner();
    assert_eq!(beliefs(reply.results[0].decision.as_ref().unwrap()), ["green"]);
}
