//! A node whose log moves into tiles while it serves: what it proved and showed before, it proves and shows after.

use std::time::Duration;

use huxin_attest::{Digest, UnixMs};
use huxin_ledger::audit::audit;
use huxin_ledger::proof::{verify_consistency, verify_inclusion};
use huxin_ledger::{Checkpoint, Leaf, LogVerifierKey};
use huxin_node::Config;
use huxin_tests::{Federation, person, question, region};
use huxin_wire::v1;
use huxin_wire::v1::ledger_client::LedgerClient;
use huxin_wire::v1::recognition_client::RecognitionClient;
use tonic::transport::Channel;

type Log = LedgerClient<Channel>;

fn often(config: &mut Config) {
    config.log_files.integration_interval = Duration::from_millis(50);
}

fn key(federation: &Federation) -> LogVerifierKey {
    let (_, vkey) = federation.exercise.membership().log("gd.example/log/0").unwrap();
    LogVerifierKey::parse(vkey).unwrap()
}

async fn log(federation: &Federation) -> Log {
    LedgerClient::new(federation.channel(44, "app/gd-hospital-1/reception", 44).await)
}

/// Somebody of whom nothing is known visits a hospital, eight times in one request: eight decisions that say review.
async fn eight_reviews(federation: &Federation) -> Vec<v1::Receipt> {
    let channel = federation.channel(44, "app/gd-hospital-1/reception", 44).await;
    let mut request = question(&person(7), 44, "gz-hospital", "visit");
    let visitor = request.presentations[0].clone();
    request.presentations.resize(8, visitor);
    let reply = RecognitionClient::new(channel).recognise(request).await.unwrap().into_inner();
    reply.results.into_iter().map(|result| result.receipt.unwrap()).collect()
}

async fn checkpoint(federation: &Federation, log: &mut Log) -> Checkpoint {
    let reply = log.checkpoint(v1::CheckpointRequest::default()).await.unwrap().into_inner();
    key(federation).verify(&reply.checkpoint).unwrap().checkpoint().clone()
}

fn hashes(bytes: &[u8]) -> Vec<Digest> {
    bytes.as_chunks::<32>().0.iter().map(|hash| Digest(*hash)).collect()
}

/// The log still holds what the receipt says, and continues what it was.
async fn still_holds(federation: &Federation, receipt: &v1::Receipt, before: &Checkpoint) {
    let mut log = log(federation).await;
    let now = checkpoint(federation, &mut log).await;
    let request = v1::ProofRequest { origin: String::new(), index: receipt.index, size: now.size };
    let proof = log.proof(request).await.unwrap().into_inner();
    let leaf = Leaf::from_bytes(&proof.leaf).unwrap();
    let path = hashes(&proof.path);
    assert!(verify_inclusion(&leaf.hash(), receipt.index, now.size, &path, &now.root));
    assert_eq!(u32::from(leaf.leaf_type.number()), receipt.leaf_type);
    assert_eq!(leaf.at, UnixMs::from_ms(receipt.unix_ms).unwrap());

    let request = v1::ConsistencyRequest { origin: String::new(), from: before.size, to: now.size };
    let grown = hashes(&log.consistency(request).await.unwrap().into_inner().consistency);
    assert!(verify_consistency(before.size, &before.root, now.size, &now.root, &grown));
}

/// Waits until everything that is in the log now is in tiles.
async fn integrated(federation: &Federation) -> v1::StatusReply {
    let size = federation.status(44).await.log_size;
    for _ in 0..1000 {
        let status = federation.status(44).await;
        if status.tiles_size >= size {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never integrated")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_proves_and_shows_from_tiles_what_it_did_from_journals() {
    let mut federation = Federation::start(&[44]);
    let first = eight_reviews(&federation).await.remove(0);
    let before = checkpoint(&federation, &mut log(&federation).await).await;
    let status = federation.status(44).await;
    assert_eq!((status.tiles_size, status.integrated_unix_ms), (0, 0), "the usual interval is longer");

    // The node that is started again finds everything in a journal.
    federation.stop(44);
    federation.start_again_with(44, often).unwrap();
    for _ in 0..34 {
        eight_reviews(&federation).await;
    }
    let status = integrated(&federation).await;
    assert!(status.tiles_size > 256 && status.integrated_unix_ms > 1_700_000_000_000);
    still_holds(&federation, &first, &before).await;

    // And once more, from tiles.
    federation.stop(44);
    federation.start_again_with(44, often).unwrap();
    still_holds(&federation, &first, &before).await;
    let later = eight_reviews(&federation).await.remove(7);
    huxin_cli::receipts::from_message(later.clone()).unwrap().verify(&key(&federation)).unwrap();
    still_holds(&federation, &later, &before).await;
    let channel = federation.channel(44, "app/gd-hospital-1/reception", 44).await;
    let request = v1::ReviewsRequest { page_size: 1, page_token: String::new() };
    let open = RecognitionClient::new(channel.clone()).reviews(request).await.unwrap().into_inner();
    assert_eq!(open.reviews[0].index, first.index, "the oldest review still waits");
    let request = v1::ExplainRequest { origin: String::new(), index: first.index };
    RecognitionClient::new(channel).explain(request).await.unwrap();

    integrated(&federation).await;
    federation.stop(44);
    let folder = federation.exercise.province_folder(region(44)).join("data/log");
    let found = audit(&folder, &key(&federation)).unwrap();
    assert!(found.integrated > 280 && found.torn.is_none());
    assert!(found.head.unwrap().checkpoint().size >= found.integrated);
}
