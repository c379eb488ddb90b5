//! Tests are asked of several provinces at once: whatever is verified counts, and silence counts only where nothing is
//! believed.

use huxin_attest::{CodeStatus, Document, Kind};
use huxin_cli::exercise::BASELINE;
use huxin_tests::{Fact, Federation, person, question};
use huxin_wire::v1::recognition_client::RecognitionClient;
use huxin_wire::v1::{self, AskedResult, Outcome};

/// A visit to the hospital of a person from Hubei who names Henan, Hunan and Guangdong itself as where tests were made.
async fn visits(federation: &Federation, who: &Document) -> v1::Decision {
    let mut request = question(who, 42, "gz-hospital", "visit");
    request.presentations[0].test_regions = vec!["41".into(), "43".into(), "44".into()];
    let channel = federation.channel(44, "app/gd-hospital-1/reception", 44).await;
    let mut app = RecognitionClient::new(channel);
    app.recognise(request).await.unwrap().into_inner().results.remove(0).decision.unwrap()
}

/// Who was asked for what, and how it went.
fn asked(decision: &v1::Decision) -> Vec<(String, usize, AskedResult)> {
    let asked = decision.asked.iter();
    let mut all: Vec<_> =
        asked.map(|asked| (asked.region.clone(), asked.kinds.len(), asked.result())).collect();
    all.sort();
    all
}

/// Of which provinces tests were found, and which one decided.
fn tests(decision: &v1::Decision) -> (Vec<&str>, Vec<&str>) {
    let test = i32::from(Kind::NucleicTest.number());
    let mut found: Vec<_> = decision.findings.iter().filter(|finding| finding.kind == test).collect();
    found.sort_by(|one, other| one.region.cmp(&other.region));
    let deciding = found.iter().filter(|finding| finding.deciding).map(|finding| finding.region.as_str());
    (found.iter().map(|finding| finding.region.as_str()).collect(), deciding.collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tests_of_every_province_count_and_the_newest_decides() {
    let federation = Federation::start(&[41, 42, 43, 44]);
    let who = person(1);
    federation.state(&Fact::code(42, "hb-data", &who, CodeStatus::Green)).await;
    for (region, laboratory, hours) in
        [(41, "ha-lab-1", 90), (42, "hb-lab-1", 60), (43, "hn-lab-1", 5), (44, "gd-lab-1", 40)]
    {
        federation.state(&Fact::negative(region, laboratory, &who, hours * 60)).await;
    }
    let decision = visits(&federation, &who).await;
    assert_eq!((decision.outcome(), decision.case.as_str()), (Outcome::Admit, "green-tested"));
    assert_eq!(tests(&decision), (vec!["41", "42", "43", "44"], vec!["43"]));
    let of = |region: &str, kinds, result| (region.to_owned(), kinds, result);
    let answered = AskedResult::Answered;
    // The own registry is also read for copies of the code.
    let expected =
        [of("41", 1, answered), of("42", 2, answered), of("43", 1, answered), of("44", 2, AskedResult::Own)];
    assert_eq!(asked(&decision), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_province_is_listed_and_matters_only_where_nothing_is_believed() {
    // A hospital that tells silence from absence.
    let red = "  { id = \"red\", code = [\"red\"], then = \"review\", say = \"请走专用通道，不得拒诊\"";
    let silent = "  { id = \"silent\", code = [\"green\"], pcr = [\"unreachable\"], then = \"review\", say = \"检测省没有应答\" },\n";
    let baseline = BASELINE.replacen(red, &format!("{silent}{red}"), 1);
    assert_ne!(baseline, BASELINE);
    let mut federation = Federation::set_up(
        &[41, 42, 43, 44],
        1,
        |setting| setting.baseline = Some(Box::leak(baseline.into_boxed_str())),
        |_| {},
    );
    let (tested, untested) = (person(1), person(2));
    for who in [&tested, &untested] {
        federation.state(&Fact::code(42, "hb-data", who, CodeStatus::Green)).await;
    }
    federation.state(&Fact::negative(43, "hn-lab-1", &tested, 60)).await;
    let everybody = visits(&federation, &untested).await;
    assert_eq!((everybody.outcome(), everybody.case.as_str()), (Outcome::Review, "otherwise"));

    federation.stop(41);
    let decision = visits(&federation, &tested).await;
    assert_eq!((decision.outcome(), decision.case.as_str()), (Outcome::Admit, "green-tested"));
    assert!(asked(&decision).contains(&("41".into(), 1, AskedResult::Unreachable)), "{:?}", decision.asked);
    let decision = visits(&federation, &untested).await;
    assert_eq!((decision.outcome(), decision.case.as_str()), (Outcome::Review, "silent"));
    assert!(asked(&decision).contains(&("41".into(), 1, AskedResult::Unreachable)), "{:?}", decision.asked);
}
