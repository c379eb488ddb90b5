//! The scenarios of 2022 that this version covers.

use huxin_attest::CodeStatus;
use huxin_tests::{Fact, Federation, person, question};
use huxin_wire::v1;

#[tokio::test]
async fn a_green_traveller_tested_elsewhere_is_admitted_with_a_receipt() {
    let federation = Federation::start(&[42, 43, 44]);
    let traveller = person(1);
    federation.state(&Fact::code(42, "hb-data", &traveller, CodeStatus::Green)).await;
    federation.state(&Fact::negative(43, "hn-lab-1", &traveller, 30 * 60)).await;

    let mut request = question(&traveller, 42, "gz-south-station", "travel");
    request.presentations[0].test_regions = vec!["43".into()];
    request.origin_area = "420102".into();
    let reply = federation.station().await.recognise(request).await.unwrap().into_inner();

    let result = &reply.results[0];
    let decision = result.decision.as_ref().unwrap();
    assert_eq!(decision.outcome(), v1::Outcome::Admit, "{decision:#?}");
    assert!(result.receipt.is_some());
}
