//! What crosses the border between provinces, counted on the wire; and how long a silent province may keep a person.

use std::time::{Duration, Instant};

use huxin_tests::gate::Gate;
use huxin_tests::{Federation, person, question, region};
use huxin_wire::v1;
use huxin_wire::v1::recognition_client::RecognitionClient;
use tokio::net::TcpListener;
use tonic::Request;

fn travel(number: u16) -> v1::RecogniseRequest {
    let mut request = question(&person(number), 42, "gz-south-station", "travel");
    request.origin_area = "420102".into();
    request
}

/// The count once nothing has crossed for a while.
async fn settled(gate: &Gate) -> u64 {
    loop {
        let before = gate.crossed();
        tokio::time::sleep(Duration::from_millis(300)).await;
        if gate.crossed() == before {
            return before;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nothing_is_asked_not_one_byte_crosses_the_border() {
    let (to_hubei, to_guangdong) = (Gate::open().await, Gate::open().await);
    let federation = Federation::set_up(
        &[42, 44],
        1,
        |setting| {
            for (code, gate) in [(42, &to_hubei), (44, &to_guangdong)] {
                gate.leads_to(setting.addresses[&region(code)]);
                setting.endpoints.insert(region(code), vec![gate.address]);
            }
        },
        |_| {},
    );
    federation.state_founded_red(&person(1)).await;
    // The stream is up and warm: it is not for want of a connection that nothing crosses.
    let result =
        federation.station().await.recognise(travel(1)).await.unwrap().into_inner().results.remove(0);
    assert_eq!(result.decision.unwrap().findings.len(), 1);
    let before = (settled(&to_hubei).await, settled(&to_guangdong).await);
    assert!(before.0 > 0 && before.1 > 0);

    let mut shop = RecognitionClient::new(federation.channel(44, "app/commerce-1/gate", 44).await);
    for _ in 0..50 {
        let request = question(&person(1), 42, "gz-shop-low", "visit");
        let result = shop.recognise(request).await.unwrap().into_inner().results.remove(0);
        assert_eq!(result.decision.unwrap().outcome(), v1::Outcome::Admit);
        assert!(result.receipt.is_none());
    }
    assert_eq!((to_hubei.crossed(), to_guangdong.crossed()), before);

    // And the gate would have seen it.
    federation.station().await.recognise(travel(1)).await.unwrap();
    assert!(to_hubei.crossed() > before.0 + 500);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_province_that_takes_the_connection_and_says_nothing_keeps_nobody_waiting() {
    let hole = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = hole.local_addr().unwrap();
    let adjust = |setting: &mut huxin_cli::exercise::Setting<'_>| {
        setting.endpoints.insert(region(42), vec![address]);
    };
    let federation = Federation::set_up(&[44], 1, adjust, |_| {});
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok(connection) = hole.accept().await {
            kept.push(connection);
        }
    });
    let mut station = federation.station().await;
    for (patience, least, most) in [(None, 1500, 2000), (Some(600), 300, 600)] {
        let mut request = Request::new(travel(1));
        if let Some(patience) = patience {
            request.set_timeout(Duration::from_millis(patience));
        }
        let began = Instant::now();
        let result = station.recognise(request).await.unwrap().into_inner().results.remove(0);
        let took = began.elapsed().as_millis();
        assert!((least..most).contains(&took), "{took} ms of {patience:?}");
        let decision = result.decision.unwrap();
        assert_eq!(decision.outcome(), v1::Outcome::Review);
        let asked = decision.asked.iter().find(|asked| asked.region == "42").unwrap();
        assert_eq!(
            (asked.result(), asked.reason.as_str()),
            (v1::AskedResult::Unreachable, "deadline_exceeded")
        );
        assert!(result.receipt.is_some(), "silence is logged too");
    }
}
