//! The bounds on what comes from outside, tried over the wire.

use std::time::{Duration, Instant};

use huxin_node::client::connect;
use huxin_node::limits;
use huxin_tests::{Federation, person, question, region};
use huxin_wire::error::reason_of;
use huxin_wire::v1;
use huxin_wire::v1::ledger_client::LedgerClient;
use huxin_wire::v1::recognition_client::RecognitionClient;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::transport::Channel;
use tonic::{Code, Status};

const STATION: &str = "app/gd-transport/checkpoint";

fn ask() -> v1::RecogniseRequest {
    question(&person(1), 44, "gz-south-station", "travel")
}

async fn recognise(channel: &Channel, request: v1::RecogniseRequest) -> Result<usize, Status> {
    let reply = RecognitionClient::new(channel.clone()).recognise(request).await?;
    Ok(reply.into_inner().results.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_has_a_bounded_length_and_bounded_lists() {
    let federation = Federation::start(&[44]);
    let channel = federation.channel(44, STATION, 44).await;
    let of_length = |length: usize| {
        use prost::Message as _;
        let mut request = ask();
        request.case_ref = "x".repeat(60_000);
        request.case_ref = "x".repeat(60_000 + length - request.encoded_len());
        assert_eq!(request.encoded_len(), length);
        request
    };
    let read = recognise(&channel, of_length(limits::MESSAGE)).await.unwrap_err();
    assert_eq!(reason_of(&read).unwrap().0, "invalid_request", "read, and its reference is too long");
    let unread = recognise(&channel, of_length(limits::MESSAGE + 1)).await.unwrap_err();
    assert_eq!(unread.code(), Code::OutOfRange);
    assert_eq!(reason_of(&unread).unwrap().0, "message_too_large");

    let many = |people: usize, regions: usize| {
        let mut request = ask();
        request.presentations[0].test_regions = vec!["44".into(); regions];
        request.presentations = vec![request.presentations.remove(0); people];
        request
    };
    let (most, regions) = (limits::PRESENTATIONS, limits::TEST_REGIONS);
    assert_eq!(recognise(&channel, many(most, regions)).await.unwrap(), most);
    for (people, regions, field) in
        [(0, 0, "presentations"), (most + 1, 0, "presentations"), (1, regions + 1, "test_regions")]
    {
        let status = recognise(&channel, many(people, regions)).await.unwrap_err();
        assert_eq!(reason_of(&status).unwrap().0, "invalid_request");
        assert!(status.message().contains(field), "{status:?}");
    }
}

/// How long the other side takes to end a connection on which nothing is said.
async fn ended(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Duration {
    let (begin, mut part) = (Instant::now(), [0; 4096]);
    while let Ok(1..) = stream.read(&mut part).await {}
    begin.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_finishes_the_handshake_or_never_speaks_is_cut_off() {
    let federation = Federation::start(&[44]);
    let endpoint = federation.exercise.endpoint(region(44)).unwrap();
    let dial = async || TcpStream::connect((endpoint.host(), endpoint.port())).await.unwrap();
    let party = federation.exercise.party(region(44), STATION).unwrap();
    let tls = TlsConnector::from(federation.exercise.client_tls(&party, region(44)).unwrap());

    let mut silent = dial().await;
    let mut mute = tls.connect(endpoint.server_name(), dial().await).await.unwrap();
    let speaks = federation.channel(44, STATION, 44).await;
    let both = async { tokio::join!(ended(&mut silent), ended(&mut mute)) };
    let (handshake, preface) = tokio::time::timeout(Duration::from_secs(12), both).await.unwrap();
    // A connection that is asked to close may take three seconds more.
    for (took, bound) in [(handshake, limits::HANDSHAKE), (preface, limits::PREFACE)] {
        assert!(took > bound - Duration::from_millis(500), "{took:?}");
        assert!(took < bound + Duration::from_secs(4), "{took:?}");
    }
    assert_eq!(recognise(&speaks, ask()).await.unwrap(), 1, "who spoke once may be silent as long");
}

async fn served(channel: &Channel) -> bool {
    LedgerClient::new(channel.clone()).checkpoint(v1::CheckpointRequest::default()).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_identity_holds_so_many_connections_and_no_more() {
    let federation = Federation::start(&[44]);
    let endpoint = federation.exercise.endpoint(region(44)).unwrap();
    let party = federation.exercise.party(region(44), STATION).unwrap();
    let tls = federation.exercise.client_tls(&party, region(44)).unwrap();
    let one_more = async || match connect(&endpoint, tls.clone()).await {
        Ok(channel) => served(&channel).await.then_some(channel),
        Err(_) => None,
    };
    let mut held = Vec::new();
    for number in 0..limits::CONNECTIONS_PER_IDENTITY {
        held.push(one_more().await.unwrap_or_else(|| panic!("connection {number} is refused")));
    }
    assert!(one_more().await.is_none(), "one too many");
    for channel in &held {
        assert!(served(channel).await, "those before it work on");
    }
    assert!(
        served(&federation.channel(44, "app/commerce-1/gate", 44).await).await,
        "others are not kept out"
    );

    // A place that is given back can be taken again.
    held.pop();
    for _ in 0..50 {
        if one_more().await.is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("a closed connection is still counted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_carries_so_many_streams_at_once_and_the_rest_wait() {
    let federation = Federation::start(&[44]);
    let channel = federation.channel(44, STATION, 44).await;
    let most = usize::try_from(limits::STREAMS).unwrap();
    let (opened, mut opening) = tokio::sync::mpsc::unbounded_channel();
    let watches: Vec<_> = (0..most + 44)
        .map(|number| {
            let (channel, opened) = (channel.clone(), opened.clone());
            tokio::spawn(async move {
                let mut grpc = tonic::client::Grpc::new(channel);
                grpc.ready().await.unwrap();
                let path = "/grpc.health.v1.Health/Watch".parse().unwrap();
                let codec = tonic_prost::ProstCodec::<(), ()>::default();
                let reply = grpc.server_streaming(tonic::Request::new(()), path, codec).await.unwrap();
                let mut stream = reply.into_inner();
                stream.message().await.unwrap().unwrap();
                opened.send(number).unwrap();
                // Held open until the test ends it.
                let _ = stream.message().await;
            })
        })
        .collect();
    let mut open = Vec::new();
    while let Ok(Some(number)) = tokio::time::timeout(Duration::from_millis(1500), opening.recv()).await {
        open.push(number);
    }
    assert_eq!(open.len(), most);
    watches[open[0]].abort();
    let next = tokio::time::timeout(Duration::from_secs(5), opening.recv()).await.unwrap().unwrap();
    assert!(!open.contains(&next));
    watches.iter().for_each(tokio::task::JoinHandle::abort);
}
