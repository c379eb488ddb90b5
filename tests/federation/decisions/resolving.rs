//! A review is resolved once, by the department that decided, and stays resolved.

use huxin_attest::CodeStatus;
use huxin_ledger::leaf::LeafType;
use huxin_tests::{Fact, Federation, person, question};
use huxin_wire::v1;
use huxin_wire::v1::recognition_client::RecognitionClient;
use prost::Message as _;
use tokio::task::JoinSet;

use super::{ask, explain, hospital, reason, resolve, resolving, review, reviews, verified};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repetition_is_told_the_same_and_every_other_request_is_refused() {
    let federation = Federation::start(&[42, 44]);
    let mut app = hospital(&federation).await;
    let first = review(&mut app, &person(60)).await;
    let second = review(&mut app, &person(61)).await;
    let request = resolving(first.index);
    let receipt = resolve(&mut app, request.clone()).await.unwrap();
    let again = resolve(&mut app, request.clone()).await.unwrap();
    let entry = |receipt: &v1::Receipt| (receipt.index, receipt.body.clone(), receipt.salt2.clone());
    assert_eq!(entry(&again), entry(&receipt));
    verified(&federation, &again, LeafType::Resolution);

    let another = v1::ResolveRequest { resolution: v1::Resolution::Refused.into(), ..request.clone() };
    assert_eq!(reason(resolve(&mut app, another).await), "request_id_reused");
    let elsewhere = v1::ResolveRequest { index: second.index, ..request };
    assert_eq!(reason(resolve(&mut app, elsewhere).await), "request_id_reused");
    assert_eq!(reason(resolve(&mut app, resolving(first.index)).await), "already_resolved");
    assert_eq!(federation.status(44).await.counters.unwrap().resolutions, 1);
    assert!(resolve(&mut app, resolving(second.index)).await.is_ok(), "what was refused used nothing up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_that_resolve_one_review_at_once_one_wins() {
    let federation = Federation::start(&[42, 44]);
    let mut app = hospital(&federation).await;
    let receipt = review(&mut app, &person(62)).await;
    let mut all = JoinSet::new();
    for number in 0..12 {
        let mut app = hospital(&federation).await;
        let mut request = resolving(receipt.index);
        if number % 2 == 0 {
            request.resolution = v1::Resolution::Refused.into();
        }
        all.spawn(async move { resolve(&mut app, request).await });
    }
    let mut won = Vec::new();
    while let Some(result) = all.join_next().await {
        match result.unwrap() {
            Ok(receipt) => won.push(receipt),
            refused => assert_eq!(reason(refused), "already_resolved"),
        }
    }
    assert_eq!(won.len(), 1);
    let record = v1::ResolutionRecord::decode(won[0].body.clone()).unwrap();
    assert_eq!(explain(&mut app, receipt.index).await.unwrap().resolution, Some(record));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_departments_decisions_and_unknown_ones_look_alike() {
    let federation = Federation::start(&[42, 44]);
    let mut app = hospital(&federation).await;
    let receipt = review(&mut app, &person(63)).await;
    let mut shop = RecognitionClient::new(federation.channel(44, "app/commerce-1/gate", 44).await);
    let mut answers = Vec::new();
    for index in [receipt.index, receipt.index + 1000, u64::MAX] {
        let refused = shop.resolve(resolving(index)).await.unwrap_err();
        let unexplained = explain(&mut shop, index).await.unwrap_err();
        answers.push([refused.code(), unexplained.code()]);
        assert_eq!(reason(Err::<(), _>(refused)), "decision_unknown");
        assert_eq!(reason(Err::<(), _>(unexplained)), "decision_unknown");
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert!(reviews(&mut shop, 0, "").await.reviews.is_empty());
    let wrong_log = v1::ResolveRequest { origin: "hb.example/log/0".into(), ..resolving(receipt.index) };
    assert_eq!(reason(resolve(&mut app, wrong_log).await), "decision_unknown");
    let named = v1::ResolveRequest { origin: "gd.example/log/0".into(), ..resolving(receipt.index) };
    // An entry that is no decision is none, whoever asks.
    let resolution = resolve(&mut app, named).await.unwrap();
    assert_eq!(reason(explain(&mut app, resolution.index).await), "decision_unknown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admission_leaves_nothing_to_resolve_and_bad_words_are_refused() {
    let federation = Federation::start(&[42, 44]);
    let visitor = person(64);
    federation.state(&Fact::code(42, "hb-data", &visitor, CodeStatus::Green)).await;
    federation.state(&Fact::negative(42, "hb-lab-1", &visitor, 60)).await;
    let mut app = hospital(&federation).await;
    let (decision, receipt) = ask(&mut app, question(&visitor, 42, "gz-hospital", "visit")).await;
    assert_eq!(decision.outcome(), v1::Outcome::Admit);
    assert_eq!(reason(resolve(&mut app, resolving(receipt.index)).await), "not_a_review");
    assert_eq!(explain(&mut app, receipt.index).await.unwrap().resolution, None);
    let empty = v1::ResolveRequest { reason: String::new(), ..resolving(receipt.index) };
    let control = v1::ResolveRequest { officer: "a\u{7}b".into(), ..resolving(receipt.index) };
    for bad in [empty, control] {
        assert_eq!(reason(resolve(&mut app, bad).await), "invalid_request");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_everything_is_as_it_was() {
    let mut federation = Federation::start(&[42, 44]);
    let mut app = hospital(&federation).await;
    let mut opened = Vec::new();
    for number in 65..70 {
        opened.push(review(&mut app, &person(number)).await.index);
    }
    let request = resolving(opened[0]);
    let before = resolve(&mut app, request.clone()).await.unwrap();
    federation.stop(44);
    federation.start_again(44).unwrap();

    let mut app = hospital(&federation).await;
    let again = resolve(&mut app, request.clone()).await.unwrap();
    assert_eq!((again.index, &again.body), (before.index, &before.body));
    let elsewhere = v1::ResolveRequest { index: opened[1], ..request };
    assert_eq!(reason(resolve(&mut app, elsewhere).await), "request_id_reused");
    assert_eq!(reason(resolve(&mut app, resolving(opened[0])).await), "already_resolved");
    let explained = explain(&mut app, opened[0]).await.unwrap();
    assert_eq!(explained.resolution.unwrap().encode_to_vec(), before.body);

    // Oldest first, by pages, each once.
    let (mut listed, mut token) = (Vec::new(), String::new());
    loop {
        let page = reviews(&mut app, 3, &token).await;
        assert!(page.reviews.len() <= 3);
        listed.extend(page.reviews.iter().map(|review| review.index));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, opened[1..]);
    let resolved = resolve(&mut app, resolving(opened[1])).await.unwrap();
    verified(&federation, &resolved, LeafType::Resolution);
    federation.pass_ms(90 * 60_000);
    let page = reviews(&mut app, 1, "").await;
    assert_eq!(page.reviews[0].index, opened[2]);
    assert!(page.reviews[0].open_ms >= 90 * 60_000, "the clock runs");
}
