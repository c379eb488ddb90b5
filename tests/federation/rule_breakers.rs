//! Callers with a good certificate that break the rules of TLS and HTTP/2: bounded, and nobody else is disturbed.

use std::collections::BTreeSet;
use std::time::Duration;

use huxin_node::limits;
use huxin_tests::frames::{Frames, GOAWAY, HEADERS, RST_STREAM};
use huxin_tests::{Federation, region};
use huxin_wire::v1;
use huxin_wire::v1::ledger_client::LedgerClient;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::Request;

const STATION: &str = "app/gd-transport/checkpoint";
const WATCH: &str = "/grpc.health.v1.Health/Watch";

/// RFC 9113 §7.
const REFUSED_STREAM: u32 = 7;
/// RFC 9113 §7.
const ENHANCE_YOUR_CALM: u32 = 11;

async fn others_are_served(federation: &Federation) {
    let mut ledger = LedgerClient::new(federation.channel(44, "app/commerce-1/gate", 44).await);
    assert!(ledger.checkpoint(v1::CheckpointRequest::default()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_beyond_the_bound_are_refused_to_who_does_not_wait() {
    let federation = Federation::start(&[44]);
    let mut frames = Frames::connect(&federation, 44, STATION).await;
    let beyond = 10;
    // A caller's streams have odd numbers.
    for number in 0..limits::STREAMS + beyond {
        frames.call(2 * number + 1, WATCH).await;
    }
    let (mut answered, mut refused) = (BTreeSet::new(), BTreeSet::new());
    let read = async {
        while answered.len() + refused.len() < usize::try_from(limits::STREAMS + beyond).unwrap() {
            let frame = frames.read().await.expect("the connection lives on");
            match frame.kind {
                HEADERS => drop(answered.insert(frame.stream)),
                // What is sent on a refused stream is answered with an error of its own.
                RST_STREAM if frame.error() == REFUSED_STREAM => drop(refused.insert(frame.stream)),
                GOAWAY => panic!("{frame:?}"),
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), read).await.unwrap();
    let first = 2 * limits::STREAMS + 1;
    assert_eq!(refused, (first..first + 2 * beyond).step_by(2).collect());
    others_are_served(&federation).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_makes_the_node_reset_streams_without_end_is_told_to_go() {
    let federation = Federation::start(&[44]);
    let mut frames = Frames::connect(&federation, 44, STATION).await;
    // A request without a path is malformed (RFC 9113 §8.3.1): a stream error of the caller's making.
    for number in 0..1000 {
        frames.headers(2 * number + 1, &[(":method", "POST"), (":scheme", "http")], true).await;
    }
    let mut resets = 0;
    let read = async {
        while let Some(frame) = frames.read().await {
            match frame.kind {
                RST_STREAM => resets += 1,
                GOAWAY => return frame.error(),
                _ => {}
            }
        }
        panic!("the connection ended without a word")
    };
    let error = tokio::time::timeout(Duration::from_secs(5), read).await.unwrap();
    assert_eq!(error, ENHANCE_YOUR_CALM);
    assert!(resets <= limits::LOCAL_RESETS, "{resets}");
    others_are_served(&federation).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_without_end_are_refused() {
    let federation = Federation::start(&[44]);
    let mut ledger = LedgerClient::new(federation.channel(44, STATION, 44).await);
    for (len, served) in [(8 * 1024, true), (17 * 1024, false)] {
        let mut request = Request::new(v1::CheckpointRequest::default());
        request.metadata_mut().insert("x-long", "a".repeat(len).parse().unwrap());
        assert_eq!(ledger.checkpoint(request).await.is_ok(), served, "{len} bytes");
    }
    others_are_served(&federation).await;
}

/// A `ClientHello` (RFC 5246 §7.4.1.2) that offers nothing newer than TLS 1.2.
fn old_hello() -> Vec<u8> {
    let extensions = [
        &[0, 10, 0, 4, 0, 2, 0, 0x17][..], // supported_groups: secp256r1
        &[0, 13, 0, 4, 0, 2, 4, 3],        // signature_algorithms: ecdsa_secp256r1_sha256
        &[0, 23, 0, 0],                    // extended_master_secret
    ]
    .concat();
    let length = |len: usize| u16::try_from(len).unwrap().to_be_bytes();
    let ciphers = [0xc0, 0x2b, 0xc0, 0x2f]; // ECDHE with AES-128-GCM
    let body = [
        &[3, 3][..],
        &[7; 32],
        &[0],
        &length(ciphers.len()),
        &ciphers,
        &[1, 0],
        &length(extensions.len()),
        &extensions,
    ]
    .concat();
    let handshake = [&[1, 0][..], &length(body.len()), &body].concat();
    [&[22, 3, 1][..], &length(handshake.len()), &handshake].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_older_than_tls_1_3_is_spoken() {
    let federation = Federation::start(&[44]);
    let endpoint = federation.exercise.endpoint(region(44)).unwrap();
    let mut tcp = TcpStream::connect((endpoint.host(), endpoint.port())).await.unwrap();
    tcp.write_all(&old_hello()).await.unwrap();
    let mut heard = Vec::new();
    let read = tcp.read_to_end(&mut heard);
    let _ = tokio::time::timeout(Duration::from_secs(5), read).await.unwrap();
    // One record: a fatal alert, protocol_version (RFC 8446 §6.2).
    assert_eq!(heard, [21, 3, 3, 0, 2, 2, 70]);
    others_are_served(&federation).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handshake_that_comes_in_drops_is_cut_off_as_well() {
    let federation = Federation::start(&[44]);
    let endpoint = federation.exercise.endpoint(region(44)).unwrap();
    let mut tcp = TcpStream::connect((endpoint.host(), endpoint.port())).await.unwrap();
    let began = std::time::Instant::now();
    for byte in old_hello() {
        let mut one = [0];
        if tcp.write_all(&[byte]).await.is_err() {
            break;
        }
        let pause = Duration::from_millis(250);
        if matches!(tokio::time::timeout(pause, tcp.read(&mut one)).await, Ok(Ok(0) | Err(_))) {
            break;
        }
    }
    let took = began.elapsed();
    assert!(took > limits::HANDSHAKE - Duration::from_millis(500), "{took:?}");
    assert!(took < limits::HANDSHAKE + Duration::from_secs(2), "{took:?}");
}
