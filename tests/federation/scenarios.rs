//! The scenarios of 2022 that this version covers, told on real nodes.

use huxin_attest::{CodeStatus, Kind, RegionCode, merkle};
use huxin_ledger::leaf::LeafType;
use huxin_ledger::{Leaf, LogVerifierKey};
use huxin_tests::{Fact, Federation, person, question, region};
use huxin_wire::error::reason_of;
use huxin_wire::v1;
use huxin_wire::v1::ledger_client::LedgerClient;
use huxin_wire::v1::recognition_client::RecognitionClient;

/// A traveller from Hubei, tested in Hunan, at Guangzhou South station.
fn travel(traveller: &huxin_attest::Document) -> v1::RecogniseRequest {
    let mut request = question(traveller, 42, "gz-south-station", "travel");
    request.presentations[0].test_regions = vec!["43".into()];
    request.origin_area = "420102".into();
    request
}

async fn leaf_of(federation: &Federation, home: RegionCode, index: u64) -> Leaf {
    let code = home.as_u8();
    let channel = federation.channel(code, "operator/duty-1", code).await;
    let request = v1::ProofRequest { origin: String::new(), index, size: 0 };
    let reply = LedgerClient::new(channel).proof(request).await.unwrap().into_inner();
    Leaf::from_bytes(&reply.leaf).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_green_traveller_tested_elsewhere_is_admitted_and_everything_is_proved() {
    let federation = Federation::start(&[41, 42, 43, 44]);
    let traveller = person(1);
    federation.state(&Fact::code(42, "hb-data", &traveller, CodeStatus::Green)).await;
    federation.state(&Fact::negative(43, "hn-lab-1", &traveller, 30 * 60)).await;

    let request = travel(&traveller);
    let reply = federation.station().await.recognise(request.clone()).await.unwrap().into_inner();
    let result = &reply.results[0];
    let decision = result.decision.as_ref().unwrap();
    assert_eq!(decision.outcome(), v1::Outcome::Admit, "{decision:#?}");
    assert_eq!((decision.rule.as_str(), decision.case.as_str()), ("GD-20", "green-tested"));

    let asked: Vec<_> = decision.asked.iter().map(|asked| (asked.region.as_str(), asked.result())).collect();
    let answered = v1::AskedResult::Answered;
    assert_eq!(asked, [("42", answered), ("44", v1::AskedResult::Own), ("43", answered)].sorted());
    let deciding: Vec<_> = decision.findings.iter().filter(|finding| finding.deciding).collect();
    let of = |kind: Kind| deciding.iter().find(|finding| finding.kind == i32::from(kind.number())).unwrap();
    assert_eq!((of(Kind::HealthCode).region.as_str(), of(Kind::HealthCode).belief.as_str()), ("42", "green"));
    assert_eq!(
        (of(Kind::NucleicTest).region.as_str(), of(Kind::NucleicTest).belief.as_str()),
        ("43", "negative")
    );

    // The receipt needs nothing but the log's public key, and binds this very request.
    let receipt = huxin_cli::receipts::from_message(result.receipt.clone().unwrap()).unwrap();
    let (_, vkey) = federation.exercise.membership().log("gd.example/log/0").unwrap();
    let verified = receipt.verify(&LogVerifierKey::parse(vkey).unwrap()).unwrap();
    assert_eq!(verified.leaf().leaf_type, LeafType::Decision);
    use prost::Message as _;
    assert_eq!(decision.request_sha256.as_ref(), huxin_attest::sha256(&[&request.encode_to_vec()]).0);
    assert_eq!(&v1::Decision::decode(result.receipt.as_ref().unwrap().body.clone()).unwrap(), decision);

    // Both answers stand in their provinces' own logs: the traveller can see who asked.
    for asked in decision.asked.iter().filter(|asked| asked.result() == answered) {
        let leaf = leaf_of(&federation, asked.region.parse().unwrap(), asked.index).await;
        assert_eq!(leaf.leaf_type, LeafType::Answer);
        assert_eq!(asked.leaf_hash.as_ref(), merkle::leaf_hash(&leaf.to_bytes()).0);
    }
}

/// Sorted, so that an order without meaning is none.
trait Sorted {
    fn sorted(self) -> Self;
}

impl<const N: usize> Sorted for [(&str, v1::AskedResult); N] {
    fn sorted(mut self) -> Self {
        // Peers are asked before the own registry is read, but the own registry is listed first.
        self.sort_by_key(|(region, result)| (*result != v1::AskedResult::Own, *region));
        self
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_in_a_low_risk_area_asks_nothing_and_leaves_no_trace_of_a_person() {
    let federation = Federation::start(&[42, 44]);
    let traveller = person(2);
    federation.state_founded_red(&traveller).await;
    let mut shop = RecognitionClient::new(federation.channel(44, "app/commerce-1/gate", 44).await);
    let before = federation.status(44).await;
    for _ in 0..20 {
        let request = question(&traveller, 42, "gz-shop-low", "visit");
        let result = shop.recognise(request).await.unwrap().into_inner().results.remove(0);
        let decision = result.decision.unwrap();
        assert_eq!((decision.outcome(), decision.rule.as_str()), (v1::Outcome::Admit, "G-10"));
        assert!(decision.asked.is_empty() && decision.findings.is_empty() && result.receipt.is_none());
        assert_eq!(decision.policy.len(), 4, "anyone can evaluate it again by the files that it names");
    }
    // The counts are logged once a second; they name a rule and an app.
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    let after = federation.status(44).await;
    let (old, new) = (before.counters.unwrap(), after.counters.unwrap());
    assert_eq!((new.not_required - old.not_required, new.queries_sent), (20, 0));
    assert!(after.log_size > before.log_size);
    for index in before.log_size..after.log_size {
        assert_eq!(leaf_of(&federation, region(44), index).await.leaf_type, LeafType::Aggregate);
    }
    assert_eq!(federation.status(42).await.counters.unwrap().queries_answered, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_claims_what_its_certificate_does_not_give_it_is_refused() {
    let federation = Federation::start(&[44]);
    let mut shop = RecognitionClient::new(federation.channel(44, "app/commerce-1/gate", 44).await);
    for (place, purpose, reason) in [
        ("gz-south-station", "travel", "place_not_bound"),
        ("gz-shop-low", "travel", "purpose_not_allowed"),
        ("gz-shop-low", "no_such_purpose", "purpose_unknown"),
        ("no-such-place", "visit", "place_unknown"),
        ("", "visit", "invalid_request"),
    ] {
        let status = shop.recognise(question(&person(3), 42, place, purpose)).await.unwrap_err();
        let (found, error_id) = reason_of(&status).unwrap();
        assert_eq!(found, reason);
        assert_eq!(error_id.len(), 16, "the log holds the same id");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_province_is_named_and_a_human_looks() {
    let mut federation = Federation::start(&[42, 44]);
    let traveller = person(4);
    federation.stop(42);
    let mut request = travel(&traveller);
    request.presentations[0].test_regions.clear();
    let result = federation.station().await.recognise(request).await.unwrap().into_inner().results.remove(0);
    let decision = result.decision.unwrap();
    assert_eq!(decision.outcome(), v1::Outcome::Review);
    let asked = decision.asked.iter().find(|asked| asked.region == "42").unwrap();
    assert_eq!(asked.result(), v1::AskedResult::Unreachable);
    assert!(!asked.reason.is_empty() && result.receipt.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_province_that_is_no_member_counts_as_silent() {
    let federation = Federation::start(&[44]);
    let mut request = travel(&person(5));
    request.presentations[0].test_regions.clear();
    request.presentations[0].document.as_mut().unwrap().home_region = "11".into();
    let result = federation.station().await.recognise(request).await.unwrap().into_inner().results.remove(0);
    let decision = result.decision.unwrap();
    let asked = decision.asked.iter().find(|asked| asked.region == "11").unwrap();
    assert_eq!((asked.result(), asked.reason.as_str()), (v1::AskedResult::Unreachable, "region_not_member"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_of_one_request_get_a_decision_each_in_their_order() {
    let federation = Federation::start(&[42, 43, 44]);
    let (green, red) = (person(6), person(7));
    federation.state(&Fact::code(42, "hb-data", &green, CodeStatus::Green)).await;
    federation.state(&Fact::negative(43, "hn-lab-1", &green, 60)).await;
    let mut request = travel(&green);
    request.presentations.push(travel(&red).presentations.remove(0));
    let results = federation.station().await.recognise(request).await.unwrap().into_inner().results;
    let outcomes: Vec<_> = results.iter().map(|result| result.decision.as_ref().unwrap().outcome()).collect();
    assert_eq!(outcomes, [v1::Outcome::Admit, v1::Outcome::Review]);
}
