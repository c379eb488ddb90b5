//! Requests that are no requests: each fails with a reason, an error id and a retry class, and harms nothing else.

use bytes::Bytes;
use huxin_ledger::LeafType;
use huxin_node::limits;
use huxin_tests::raw::{Ended, call, framed};
use huxin_tests::{Federation, person, question};
use huxin_wire::Reason;
use huxin_wire::v1;
use prost::Message as _;
use tonic::transport::Channel;

const STATION: &str = "app/gd-transport/checkpoint";
const RECOGNISE: &str = "/huxin.v1.Recognition/Recognise";

fn request() -> Vec<u8> {
    question(&person(1), 44, "gz-south-station", "travel").encode_to_vec()
}

/// A field of any number that holds bytes.
fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    prost::encoding::encode_key(number, prost::encoding::WireType::LengthDelimited, &mut out);
    prost::encoding::encode_varint(content.len() as u64, &mut out);
    out.extend_from_slice(content);
    out
}

async fn ended(channel: &Channel, path: &str, body: impl Into<Bytes>) -> Ended {
    call(channel, path, &[], body.into()).await.unwrap()
}

async fn reason(channel: &Channel, path: &str, body: impl Into<Bytes>) -> Option<Reason> {
    ended(channel, path, body).await.reason().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_no_message_is_refused_with_all_that_a_failure_must_tell() {
    let federation = Federation::start(&[44]);
    let station = federation.channel(44, STATION, 44).await;
    let good = framed(&request());
    let flagged = |flag: u8| [&[flag][..], &good[1..]].concat();
    let bodies: [(&str, Vec<u8>); 9] = [
        ("nothing", Vec::new()),
        ("half a frame's head", vec![0, 0, 0]),
        ("half a message", good[..good.len() - 5].to_vec()),
        ("more than the length says", [&good[..], b"more"].concat()),
        ("a flag for compression without one", flagged(1)),
        ("a flag that does not exist", flagged(7)),
        ("text that is no UTF-8", framed(&[request(), field(2, b"\xff\xfe")].concat())),
        ("a number where a text belongs", framed(&[&request()[..], &[2 << 3, 1]].concat())),
        ("a number that never ends", framed(&[&[2 << 3][..], &[0xff; 30]].concat())),
    ];
    for (name, body) in bodies {
        assert_eq!(reason(&station, RECOGNISE, body).await, Some(Reason::InvalidRequest), "{name}");
    }
    let gzip = [("grpc-encoding", "gzip")];
    let compressed = call(&station, RECOGNISE, &gzip, flagged(1).into()).await.unwrap();
    assert_eq!(compressed.reason(), Ok(Some(Reason::InvalidRequest)));
    for path in ["/", "/huxin.v1.Recognition/", "/huxin.v1.Recognition/recognise", "/huxin.v2.Peer/Query"] {
        assert_eq!(reason(&station, path, good.clone()).await, Some(Reason::UnknownRpc), "{path}");
    }
    assert_eq!(reason(&station, RECOGNISE, good).await, None, "the connection serves on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deep_nesting_is_refused_and_unknown_fields_change_nothing() {
    let federation = Federation::start(&[44]);
    let station = federation.channel(44, STATION, 44).await;
    // Groups in groups of an unknown field: the one form in which a message of ours can be deep.
    let groups = |depth| {
        let (begin, end) = (vec![(14 << 3) | 3; depth], vec![(14 << 3) | 4; depth]);
        framed(&[request(), begin, end].concat())
    };
    assert_eq!(reason(&station, RECOGNISE, groups(50)).await, None);
    for depth in [150, 30_000] {
        assert_eq!(reason(&station, RECOGNISE, groups(depth)).await, Some(Reason::InvalidRequest), "{depth}");
    }
    let deep = (0..5000).fold(Vec::new(), |inner, _| field(1, &inner));
    assert_eq!(reason(&station, RECOGNISE, framed(&deep)).await, Some(Reason::InvalidRequest));

    // Fields of a later version: the decision commits to what this version reads.
    let decided = async |message: &[u8]| {
        let ended = ended(&station, RECOGNISE, framed(message)).await;
        assert_eq!(ended.reason(), Ok(None));
        let reply = v1::RecogniseReply::decode(ended.messages().remove(0)).unwrap();
        reply.results.into_iter().next().unwrap().decision.unwrap()
    };
    let known = request();
    let unknown = [&field(15, b"later")[..], &known, &field(1999, b"later")].concat();
    let (with, without) = (decided(&unknown).await, decided(&known).await);
    assert_eq!(with.request_sha256, without.request_sha256);
    assert_eq!((with.outcome(), with.case), (without.outcome(), without.case));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_over_its_bound_is_refused_on_every_kind_of_rpc_before_it_is_read() {
    let federation = Federation::start(&[42, 44]);
    let callers = [
        (44, STATION, RECOGNISE),
        (44, "department/gd-cdc", "/huxin.v1.Registry/State"),
        (44, "department/gd-cdc", "/huxin.v1.Registry/Import"),
        (42, "node/node-1", "/huxin.v1.Peer/QueryStream"),
        (42, "node/node-1", "/huxin.v1.Ledger/Proof"),
        (44, "operator/duty-1", "/huxin.v1.Operator/Status"),
        (44, STATION, "/grpc.health.v1.Health/Check"),
    ];
    for (from, role, path) in callers {
        let channel = federation.channel(from, role, 44).await;
        let long = framed(&field(15, &vec![b'x'; limits::MESSAGE]));
        assert_eq!(reason(&channel, path, long).await, Some(Reason::MessageTooLarge), "{path}");
        // A length alone is enough: the node neither waits for 4 GiB nor keeps a place for them.
        let said = vec![0, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(reason(&channel, path, said).await, Some(Reason::MessageTooLarge), "{path}");
    }
    assert_eq!(federation.status(44).await.statements, 0);
    // What stands in the log was said by the other node when its stream was opened.
    let log = federation.node(44).log_reader();
    let mut types = (0..log.size()).map(|index| log.kept(index).unwrap().leaf.leaf_type);
    assert!(types.all(|leaf_type| leaf_type == LeafType::Policy));
}
