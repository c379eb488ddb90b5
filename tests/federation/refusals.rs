//! Who is not served: by certificate, by role, by province, by place.

use huxin_attest::Clock as _;
use huxin_cli::exercise::Exercise;
use huxin_identity::pki::crl::Revoked;
use huxin_identity::pki::example::{FEDERATION, PartyFiles, party_files};
use huxin_identity::pki::write::replace_public;
use huxin_identity::{Credentials, Endpoint};
use huxin_node::client::connect;
use huxin_node::clock::RealClock;
use huxin_tests::outsider::{authority, careless_client, careless_server, issue, minutes, pretender};
use huxin_tests::{Fact, Federation, person, question, region};
use huxin_wire::error::reason_of;
use huxin_wire::v1;
use huxin_wire::v1::ledger_client::LedgerClient;
use huxin_wire::v1::operator_client::OperatorClient;
use huxin_wire::v1::peer_client::PeerClient;
use huxin_wire::v1::recognition_client::RecognitionClient;
use huxin_wire::v1::registry_client::RegistryClient;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tonic::{Code, Status};

fn reason<T: std::fmt::Debug>(result: Result<T, Status>) -> String {
    let status = result.unwrap_err();
    reason_of(&status).unwrap_or_else(|| panic!("no reason: {status:?}")).0
}

/// Asks for what anyone may have who is let in at all: the newest checkpoint. `None`: not let in.
async fn let_in(federation: &Federation, party: &PartyFiles, to: u8) -> Option<String> {
    let tls = federation.exercise.client_tls(party, region(to)).unwrap();
    let channel = connect(&federation.exercise.endpoint(region(to)).unwrap(), tls).await.ok()?;
    match LedgerClient::new(channel).checkpoint(v1::CheckpointRequest::default()).await {
        Ok(reply) => Some(reply.into_inner().checkpoint),
        // In TLS 1.3 the dialler learns of a refusal with the first bytes that it reads.
        Err(status) => {
            assert_eq!(reason_of(&status), None, "answered by a node that should not have: {status:?}");
            None
        }
    }
}

const CHECKPOINT_APP: &str = "app/gd-transport/checkpoint";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_is_not_in_order_lets_nobody_in() {
    let federation = Federation::start(&[44]);
    let (home, test) = (region(44), federation.exercise.folder().join("test"));
    let known = authority(&federation.exercise, home);
    let good = issue(&test.join("good"), &known, CHECKPOINT_APP, minutes(-10, 10));
    assert!(let_in(&federation, &good, 44).await.is_some(), "the rest is not refused for another reason");

    let unknown = pretender(&federation.exercise, home);
    assert_eq!(unknown.trust_domain(), known.trust_domain());
    let other = issue(
        &test.join("other"),
        &authority(&federation.exercise, region(42)),
        CHECKPOINT_APP,
        minutes(-10, 10),
    );
    assert!(
        let_in(&federation, &other, 44).await.is_some(),
        "another province's own name is its own to give"
    );
    for (name, ca, validity) in [
        ("of an authority that nobody pinned", &unknown, minutes(-10, 10)),
        ("expired", &known, minutes(-50, -1)),
        ("not yet valid", &known, minutes(10, 20)),
    ] {
        let party = issue(&test.join(name), ca, CHECKPOINT_APP, validity);
        assert_eq!(let_in(&federation, &party, 44).await, None, "{name}");
    }
}

/// Puts a new revocation list in the place of a province's.
fn replace_list(exercise: &Exercise, code: u8, short: &str, from: i64, until: i64, revoked: &[Revoked]) {
    let list = authority(exercise, region(code)).revocation_list(2, minutes(from, until), revoked).unwrap();
    replace_public(&exercise.folder().join(FEDERATION).join(format!("{short}.crl")), &list).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_revoked_are_refused_and_so_is_a_province_whose_revocation_list_is_stale() {
    let gate = |exercise: &Exercise| exercise.party(region(44), "app/commerce-1/gate").unwrap();
    let federation = Federation::start_with(&[42, 44], |exercise| {
        let files = gate(exercise);
        let serial = Credentials::load(&files.certificate, &files.key).unwrap().profile().serial.clone();
        let revoked = Revoked { serial, at: RealClock.now().saturating_add_ms(-60_000) };
        replace_list(exercise, 44, "gd", -5, 60, &[revoked]);
        replace_list(exercise, 42, "hb", -120, -5, &[]);
    });
    let party = |code: u8, role: &str| federation.exercise.party(region(code), role).unwrap();
    assert_eq!(let_in(&federation, &gate(&federation.exercise), 44).await, None, "revoked");
    assert!(let_in(&federation, &party(44, CHECKPOINT_APP), 44).await.is_some(), "not revoked");
    assert_eq!(let_in(&federation, &party(42, "department/hb-cdc"), 44).await, None, "stale list");
    assert_eq!(let_in(&federation, &party(42, "node/node-1"), 44).await, None, "stale list");

    // The station goes on, and a human looks at who comes from there.
    let request = question(&person(1), 42, "gz-south-station", "travel");
    let result = federation.station().await.recognise(request).await.unwrap().into_inner().results.remove(0);
    let decision = result.decision.unwrap();
    assert_eq!(decision.outcome(), v1::Outcome::Review);
    let asked = decision.asked.iter().find(|asked| asked.region == "42").unwrap();
    assert_eq!(asked.result(), v1::AskedResult::Unreachable);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_gets_what_the_table_gives_it_and_nothing_else() {
    let federation = Federation::start(&[42, 44]);
    let ask = || question(&person(2), 42, "gz-south-station", "travel");
    let recognise = async |from: u8, role: &str| {
        let channel = federation.channel(from, role, 44).await;
        reason(RecognitionClient::new(channel).recognise(ask()).await)
    };
    assert_eq!(recognise(44, "department/gd-cdc").await, "rpc_not_allowed");
    assert_eq!(recognise(44, "operator/duty-1").await, "rpc_not_allowed");
    assert_eq!(recognise(44, "node/node-1").await, "rpc_not_allowed");
    assert_eq!(recognise(42, "node/node-1").await, "rpc_not_allowed");
    assert_eq!(recognise(42, "app/hb-transport/checkpoint").await, "foreign_certificate");

    let open = async |from: u8, role: &str| {
        let mut peer = PeerClient::new(federation.channel(from, role, 44).await);
        let requests = tokio_stream::once(v1::PeerRequest { message: None });
        reason(peer.query_stream(requests).await.map(|_| ()))
    };
    assert_eq!(open(44, "node/node-1").await, "own_certificate");
    assert_eq!(open(44, CHECKPOINT_APP).await, "rpc_not_allowed");
    assert_eq!(open(42, "department/hb-cdc").await, "rpc_not_allowed");

    let fact = Fact::code(42, "hb-data", &person(2), huxin_attest::CodeStatus::Green);
    let state = async |from: u8, role: &str, to: u8| {
        let channel = federation.channel(from, role, to).await;
        reason(RegistryClient::new(channel).state(federation.signed(&fact)).await)
    };
    assert_eq!(state(42, "department/hb-data", 44).await, "foreign_certificate");
    assert_eq!(state(42, "app/hb-data/citizen", 42).await, "rpc_not_allowed");
    assert_eq!(federation.status(42).await.statements + federation.status(44).await.statements, 0);

    let status = async |from: u8, role: &str| {
        let channel = federation.channel(from, role, 44).await;
        reason(OperatorClient::new(channel).status(v1::StatusRequest {}).await)
    };
    assert_eq!(status(42, "operator/duty-1").await, "foreign_certificate");
    assert_eq!(status(44, CHECKPOINT_APP).await, "rpc_not_allowed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supervisor_reads_the_log_and_asks_about_nobody() {
    let federation = Federation::start(&[44]);
    let role = huxin_cli::exercise::parse_role("supervisor/auditor-1").unwrap();
    let party = party_files(&federation.exercise.folder().join("sup"), &role);
    assert!(let_in(&federation, &party, 44).await.unwrap().starts_with("gd.example/log/0\n"));
    let tls = federation.exercise.client_tls(&party, region(44)).unwrap();
    let channel = connect(&federation.exercise.endpoint(region(44)).unwrap(), tls).await.unwrap();
    let request = question(&person(3), 42, "gz-south-station", "travel");
    assert_eq!(reason(RecognitionClient::new(channel).recognise(request).await), "rpc_not_allowed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_listed_does_not_exist() {
    let federation = Federation::start(&[44]);
    for path in ["/huxin.v1.Nothing/Here", "/huxin.v1.Recognition/Nothing", "/huxin.v1.Recognition/recognise"]
    {
        let mut grpc = tonic::client::Grpc::new(federation.channel(44, CHECKPOINT_APP, 44).await);
        grpc.ready().await.unwrap();
        let codec = tonic_prost::ProstCodec::<(), ()>::default();
        let status = grpc.unary(tonic::Request::new(()), path.parse().unwrap(), codec).await.unwrap_err();
        assert_eq!(
            (status.code(), reason_of(&status).unwrap().0.as_str()),
            (Code::Unimplemented, "unknown_rpc")
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_dials_one_province_does_not_take_another_for_it() {
    let federation = Federation::start(&[42, 44]);
    let party = federation.exercise.party(region(42), "operator/duty-1").unwrap();
    for (expected, dialled, reached) in [(44, 44, true), (42, 44, false), (41, 44, false), (44, 42, false)] {
        let tls = federation.exercise.client_tls(&party, region(expected)).unwrap();
        let ended = connect(&federation.exercise.endpoint(region(dialled)).unwrap(), tls).await;
        assert_eq!(ended.is_ok(), reached, "{expected} expected at {dialled}");
    }
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// All that still comes until the other side ends the connection; an error ends it too.
async fn rest(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Vec<u8> {
    let (mut all, mut part) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut part).await {
        all.extend_from_slice(&part[..read]);
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_exchange_nothing_without_both_certificates() {
    let mut federation = Federation::start(&[42, 44]);
    let endpoint: Endpoint = federation.exercise.endpoint(region(44)).unwrap();
    let dial = async || TcpStream::connect((endpoint.host(), endpoint.port())).await.unwrap();

    // Without TLS: at most one alert record (RFC 8446, 6), which says nothing but that this is not TLS.
    let mut plain = dial().await;
    plain.write_all(PREFACE).await.unwrap();
    let answered = rest(&mut plain).await;
    assert!(answered.is_empty() || (answered[0] == 21 && answered.len() == 7), "{answered:?}");

    // With TLS and no certificate.
    let tls = TlsConnector::from(careless_client());
    let mut anonymous = tls.connect(endpoint.server_name(), dial().await).await.unwrap();
    let _ = anonymous.write_all(PREFACE).await;
    assert_eq!(rest(&mut anonymous).await, b"");

    // A server in the place of Hubei whose authority nobody pinned: Guangdong dials it and says nothing.
    let before = federation.status(44).await.counters.unwrap();
    federation.stop(42);
    let address = federation.exercise.endpoint(region(42)).unwrap();
    let ca = pretender(&federation.exercise, region(42));
    let own = issue(&federation.exercise.folder().join("test"), &ca, "node/node-1", minutes(-10, 10));
    let acceptor = TlsAcceptor::from(careless_server(&own));
    let listener = TcpListener::bind((address.host(), address.port())).await.unwrap();
    let dialled = tokio::spawn(async move {
        for _ in 0..3 {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(mut stream) = acceptor.accept(stream).await {
                assert_eq!(rest(&mut stream).await, b"", "said to a stranger");
            }
        }
    });
    let request = question(&person(4), 42, "gz-south-station", "travel");
    let result = federation.station().await.recognise(request).await.unwrap().into_inner().results.remove(0);
    assert_eq!(result.decision.unwrap().outcome(), v1::Outcome::Review);
    dialled.await.unwrap();
    let after = federation.status(44).await.counters.unwrap();
    assert_eq!(after.queries_answered, before.queries_answered);
    assert_eq!(after.answers_verified, before.answers_verified);
}
