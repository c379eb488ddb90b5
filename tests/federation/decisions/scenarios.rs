//! Scenarios of 2022 in which a person decides, or a minute or a birthday does.

use huxin_attest::{CodeStatus, Document, DocumentType};
use huxin_ledger::leaf::LeafType;
use huxin_ledger::public::{Resolution, Resolved};
use huxin_tests::{Fact, Federation, person, question};
use huxin_wire::v1;
use prost::Message as _;

use super::{ask, explain, founded_red, hospital, resolve, resolving, reviews, verified};

/// Scenario 5.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_with_a_red_code_is_reviewed_and_a_nurse_admits_by_name_and_reason() {
    let federation = Federation::start(&[42, 44]);
    let visitor = person(51);
    founded_red(&federation, &visitor).await;
    let mut app = hospital(&federation).await;
    let mut request = question(&visitor, 42, "gz-hospital", "visit");
    request.case_ref = "ward-7".into();
    let (decision, receipt) = ask(&mut app, request).await;
    assert_eq!(decision.outcome(), v1::Outcome::Review);
    assert_eq!((&*decision.rule, &*decision.case), ("G-30", "red"));
    assert_eq!(decision.obligations, ["red_channel"]);
    let nearest = decision.nearest.as_ref().unwrap();
    assert_eq!(nearest.case, "green-tested");
    assert_eq!(
        (&*nearest.gaps[0].condition, &*nearest.gaps[0].found, &*nearest.gaps[0].needed),
        ("health_code", "red", "green")
    );

    let waiting = reviews(&mut app, 0, "").await;
    assert_eq!(waiting.reviews.len(), 1);
    let open = &waiting.reviews[0];
    assert_eq!((open.index, &*open.place_id, &*open.case_ref), (receipt.index, "gz-hospital", "ward-7"));
    assert_eq!((&*open.rule, &*open.case), ("G-30", "red"));

    let resolution = resolve(&mut app, resolving(receipt.index)).await.unwrap();
    verified(&federation, &resolution, LeafType::Resolution);
    let record = v1::ResolutionRecord::decode(resolution.body.clone()).unwrap();
    assert_eq!((record.index, record.resolution()), (receipt.index, v1::Resolution::Admitted));
    assert_eq!(record.decision_sha256, huxin_attest::sha256(&[&receipt.body]).0.as_slice());
    assert_eq!((&*record.officer, &*record.reason), ("示例：护士长 0417", "已走专用通道，陪护探视"));
    assert_eq!(record.app, "spiffe://gd.example/app/gd-hospital-1/reception");
    // What a person wrote can be erased: nothing of it is public.
    let public = Resolution::decode(&resolution.public).unwrap();
    assert_eq!(
        (public.resolution, public.department.as_str(), public.decision),
        (Resolved::Admitted, "gd-hospital-1", receipt.index)
    );

    assert!(reviews(&mut app, 0, "").await.reviews.is_empty());
    let explained = explain(&mut app, receipt.index).await.unwrap();
    assert_eq!(explained.decision.as_ref(), Some(&decision));
    assert_eq!(explained.resolution.as_ref(), Some(&record));
    verified(&federation, explained.receipt.as_ref().unwrap(), LeafType::Decision);
    for part in ["转人工", "G-30", "湖北 42 hb-cdc", "鄂汇红", "据此决定", "须为“绿”", "护士长 0417", "12345"]
    {
        assert!(explained.text_zh.contains(part), "{part}\n{}", explained.text_zh);
    }
    assert!(explained.text_en.contains("admitted by"), "{}", explained.text_en);
    assert_eq!(federation.status(44).await.counters.unwrap().resolutions, 1);

    // The same person as a patient: nothing is asked.
    let patient = question(&visitor, 42, "gz-hospital", "treatment");
    let result = app.recognise(patient).await.unwrap().into_inner().results.remove(0);
    let treated = result.decision.unwrap();
    assert_eq!((treated.outcome(), &*treated.rule), (v1::Outcome::Admit, "G-40"));
    assert!(treated.asked.is_empty() && treated.nearest.is_none() && result.receipt.is_none());
}

fn at_the_station(traveller: &Document) -> v1::RecogniseRequest {
    let mut request = question(traveller, 42, "gz-south-station", "travel");
    request.origin_area = "420102".into();
    request
}

/// Scenario 6.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_of_48_hours_admits_and_a_minute_later_it_is_named_one_minute_too_old() {
    let mut federation = Federation::start(&[42, 44]);
    let traveller = person(52);
    federation.state(&Fact::code(42, "hb-data", &traveller, CodeStatus::Green)).await;
    federation.state(&Fact::negative(42, "hb-lab-1", &traveller, 48 * 60)).await;
    let mut app = federation.station().await;
    let (decision, _) = ask(&mut app, at_the_station(&traveller)).await;
    assert_eq!((decision.outcome(), &*decision.case), (v1::Outcome::Admit, "green-tested"), "{decision:#?}");
    assert_eq!(decision.nearest, None);

    federation.pass_ms(60_000);
    let (decision, receipt) = ask(&mut app, at_the_station(&traveller)).await;
    assert_eq!((decision.outcome(), &*decision.case), (v1::Outcome::Review, "otherwise"), "{decision:#?}");
    let nearest = decision.nearest.unwrap();
    assert_eq!((&*nearest.case, nearest.gaps.len()), ("green-tested", 1));
    let gap = &nearest.gaps[0];
    assert_eq!(
        (&*gap.condition, &*gap.found, &*gap.needed, gap.over_minutes),
        ("nucleic_test_within", "2881", "2880", 1)
    );
    assert_eq!(gap.text_zh, "核酸已有 48 小时 1 分，须在 48 小时以内，超过 1 分钟");
    // It stands in the logged bytes, so the receipt alone explains it.
    let logged = v1::Decision::decode(receipt.body).unwrap();
    assert_eq!(logged.nearest.unwrap().gaps, nearest.gaps);
}

/// A synthetic person born on this day.
fn born(day: &str, number: u16) -> Document {
    let body = format!("429999{day}{number:03}");
    let check = huxin_attest::document::resident_id_check(&body).unwrap();
    Document::parse(DocumentType::ResidentId, &format!("{body}{check}")).unwrap()
}

/// Scenario 7. The samples speak of 8 July 2022.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_child_under_three_without_any_statement_travels_until_the_third_birthday() {
    let federation = Federation::start(&[42, 44]);
    let mut app = federation.station().await;
    let (decision, _) = ask(&mut app, at_the_station(&born("20190709", 53))).await;
    assert_eq!(
        (decision.outcome(), &*decision.rule, &*decision.case),
        (v1::Outcome::Admit, "GD-20", "under-3")
    );
    assert!(decision.findings.is_empty(), "nobody stated anything");

    let (decision, _) = ask(&mut app, at_the_station(&born("20190708", 54))).await;
    assert_eq!((decision.outcome(), &*decision.case), (v1::Outcome::Review, "otherwise"));
    let nearest = decision.nearest.unwrap();
    assert_eq!(nearest.case, "green-tested", "nobody is told to be younger");
}
