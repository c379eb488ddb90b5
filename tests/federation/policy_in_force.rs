//! By what a node judges: readable by everybody whom the membership list names, true to the clock, and known to peers.

use std::fs;
use std::time::Duration;

use huxin_attest::{UnixMs, sha256};
use huxin_cli::exercise::{BASELINE, parse_role};
use huxin_identity::pki::example::party_files;
use huxin_ledger::LeafType;
use huxin_ledger::public::PolicyChange;
use huxin_node::client::connect;
use huxin_tests::{Federation, person, question, region, sample};
use huxin_wire::v1;
use huxin_wire::v1::operator_client::OperatorClient;
use huxin_wire::v1::recognition_client::RecognitionClient;
use tonic::transport::Channel;

async fn policy_by(channel: Channel, with_files: bool) -> v1::PolicyReply {
    OperatorClient::new(channel).policy(v1::PolicyRequest { with_files }).await.unwrap().into_inner()
}

/// What `role` of province `from` reads at the node of province `to`.
async fn policy(federation: &Federation, from: u8, role: &str, to: u8) -> v1::PolicyReply {
    policy_by(federation.channel(from, role, to).await, true).await
}

async fn decide(federation: &Federation, place: &str) -> v1::Decision {
    let mut gate = RecognitionClient::new(federation.channel(44, "app/commerce-1/gate", 44).await);
    let reply = gate.recognise(question(&person(1), 42, place, "visit")).await.unwrap();
    reply.into_inner().results.remove(0).decision.unwrap()
}

fn ids(files: &[v1::FileReference]) -> Vec<&str> {
    files.iter().map(|file| file.id.as_str()).collect()
}

async fn wait(what: &str, mut done: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}: it did not happen within 10 s");
}

/// Moves all facts clocks to this time.
fn move_to(federation: &mut Federation, time: &str) {
    let ahead = UnixMs::parse_rfc3339(time).unwrap().ms_since(federation.now());
    federation.pass_ms(ahead);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_whom_the_list_names_reads_the_files_in_force_and_insiders_alone_what_peers_say() {
    let federation = Federation::start(&[42, 44]);
    wait("the peer says by what it judges", async || {
        !policy(&federation, 44, "operator/duty-1", 44).await.peers.is_empty()
    })
    .await;
    let overlay = sample("deploy/policies/province-44.toml");
    for (from, role, insider) in [
        (44, "app/commerce-1/gate", false),
        (44, "department/gd-cdc", false),
        (44, "operator/duty-1", true),
        (42, "node/node-1", false),
        (42, "app/commerce-1/gate", false),
        (42, "operator/duty-1", false),
    ] {
        let reply = policy(&federation, from, role, 44).await;
        let texts = [&reply.baseline, &reply.vocabulary, &reply.overlay].map(|file| {
            let file = file.as_ref().unwrap();
            let reference = file.file.as_ref().unwrap();
            assert_eq!(reference.sha256, sha256(&[&file.text]).0.to_vec(), "{role}");
            assert!(file.applied_unix_ms > 0, "{role}");
            file.text.clone()
        });
        assert_eq!(texts[0], BASELINE.as_bytes());
        assert_eq!(texts[2], overlay.as_bytes());
        let validity = reply.overlay.as_ref().unwrap();
        let from_ms = UnixMs::parse_rfc3339("2022-07-01T00:00:00+08:00").unwrap().as_ms();
        let until_ms = UnixMs::parse_rfc3339("2022-09-01T00:00:00+08:00").unwrap().as_ms();
        assert_eq!((validity.from_unix_ms, validity.until_unix_ms), (from_ms, until_ms));
        assert_eq!(!reply.peers.is_empty(), insider, "{role} of {from}");
    }
    let auditor =
        party_files(&federation.exercise.folder().join("sup"), &parse_role("supervisor/auditor-1").unwrap());
    let tls = federation.exercise.client_tls(&auditor, region(44)).unwrap();
    let channel = connect(&federation.exercise.endpoint(region(44)).unwrap(), tls).await.unwrap();
    assert!(!policy_by(channel.clone(), false).await.peers.is_empty(), "a supervisor is no stranger");
    let brief = policy_by(channel, false).await;
    assert!(brief.baseline.unwrap().text.is_empty() && brief.overlay.unwrap().text.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_as_large_as_they_may_be_are_read_in_one_message_and_larger_ones_stop_the_start() {
    let grown = |len: usize| {
        let text = BASELINE.to_owned();
        let rest = len - text.len();
        text + &format!("#{}\n", "x".repeat(rest - 2))
    };
    let most = grown(1 << 20);
    let mut federation = Federation::set_up(&[44], 1, |setting| setting.baseline = Some(&most), |_| {});
    let overlay = federation.exercise.province_folder(region(44)).join("overlay.toml");
    let text = fs::read_to_string(&overlay).unwrap();
    let reply = policy(&federation, 44, "app/commerce-1/gate", 44).await;
    assert_eq!(reply.baseline.unwrap().text.len(), 1 << 20);

    federation.stop(44);
    fs::write(&overlay, format!("{text}#{}\n", "x".repeat(1 << 20))).unwrap();
    let error = federation.start_again(44).unwrap_err().to_string();
    assert!(error.contains("overlay.toml") && error.contains("1 MiB"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_overlay_begins_and_ends_by_the_clock_and_each_decision_names_what_it_rests_on() {
    let mut federation = Federation::start_with(&[44], |exercise| {
        let path = exercise.province_folder(region(44)).join("overlay.toml");
        let text = fs::read_to_string(&path).unwrap();
        let text = text
            .replace("from = 2022-07-01T00:00:00+08:00", "from = 2022-07-08T10:00:00+08:00")
            .replace("until = 2022-09-01T00:00:00+08:00", "until = 2022-07-08T12:00:00+08:00");
        fs::write(path, text).unwrap();
    });
    // The overlay asks nothing in parks of medium risk; the baseline asks for the code.
    for (time, rule, names_overlay, warning) in [
        ("2022-07-08T09:59:30+08:00", "G-11", false, "overlay_not_yet"),
        ("2022-07-08T10:00:01+08:00", "GD-11", true, "overlay_ends_1d"),
        ("2022-07-08T11:59:30+08:00", "GD-11", true, "overlay_ends_1d"),
        ("2022-07-08T12:00:01+08:00", "G-11", false, "overlay_expired"),
    ] {
        move_to(&mut federation, time);
        let decision = decide(&federation, "gz-park-mid").await;
        assert_eq!(decision.rule, rule, "{time}");
        let mut expected = vec!["CN-BASE-EXAMPLE", "CN-VOCAB-EXAMPLE", "risk-areas"];
        if names_overlay {
            expected.insert(1, "GD-44-EXAMPLE");
        }
        assert_eq!(ids(&decision.policy), expected, "{time}");
        assert!(decision.policy.iter().all(|file| file.version > 0 && file.sha256.len() == 32));
        let status = federation.status(44).await;
        assert!(status.warnings.contains(&warning.to_owned()), "{time}: {:?}", status.warnings);
        assert_eq!(status.warnings.iter().filter(|name| name.starts_with("overlay_")).count(), 1);
        assert_eq!(status.policy.len(), if names_overlay { 5 } else { 4 }, "{time}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_baseline_has_ended_nothing_is_asked_of_anybody() {
    let mut federation = Federation::start(&[42, 44]);
    assert!(!decide(&federation, "gz-shop-mid").await.asked.is_empty());
    for (time, warning) in [
        ("2022-09-13T23:59:59+08:00", None),
        ("2022-09-14T00:00:01+08:00", Some("baseline_ends_14d")),
        ("2022-09-21T00:00:01+08:00", Some("baseline_ends_7d")),
        ("2022-09-27T00:00:01+08:00", Some("baseline_ends_1d")),
        ("2022-09-28T00:00:01+08:00", Some("baseline_expired")),
    ] {
        move_to(&mut federation, time);
        let warnings = federation.status(44).await.warnings;
        let of_baseline: Vec<_> = warnings.iter().filter(|name| name.starts_with("baseline_")).collect();
        assert_eq!(of_baseline, warning.iter().collect::<Vec<_>>(), "{time}");
    }
    let decision = decide(&federation, "gz-shop-mid").await;
    assert_eq!((decision.outcome(), decision.rule.as_str()), (v1::Outcome::Admit, ""));
    assert!(decision.asked.is_empty());
    assert_eq!(ids(&decision.policy)[0], "CN-BASE-EXAMPLE", "it names what has ended");
    let told = federation.status(42).await.counters.unwrap();
    let mut station = federation.station().await;
    station.recognise(question(&person(2), 42, "gz-south-station", "travel")).await.unwrap();
    let later = federation.status(42).await.counters.unwrap();
    assert_eq!(told.queries_answered, later.queries_answered, "nobody was asked");
}

/// What the node of 44 wrote about other provinces' policies: what, version, whose.
fn recorded(federation: &Federation) -> Vec<(String, u64, String)> {
    let log = federation.node(44).log_reader();
    let kept = (0..log.size()).map(|index| log.kept(index).unwrap());
    let changes = kept.filter(|kept| kept.leaf.leaf_type == LeafType::Policy);
    let changes = changes.map(|kept| PolicyChange::decode(&kept.public).unwrap());
    changes
        .filter(|change| change.what.as_str().starts_with("peer_"))
        .map(|change| (change.what.as_str().to_owned(), change.version, change.by.as_str().to_owned()))
        .collect()
}

async fn peer_policy(federation: &Federation) -> Option<v1::PeerPolicy> {
    let peers = federation.status(44).await.peers;
    peers.into_iter().find(|peer| peer.region == "42").unwrap().policy
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_whose_overlay_ends_says_so_on_the_open_stream_and_it_is_recorded_once() {
    let mut federation = Federation::start_with(&[42, 44], |exercise| {
        let path = exercise.province_folder(region(42)).join("overlay.toml");
        let text = fs::read_to_string(&path).unwrap();
        let text = text.replace("until = 2022-09-01T00:00:00+08:00", "until = 2022-07-08T12:00:00+08:00");
        fs::write(path, text).unwrap();
    });
    wait("42 says what it judges by", async || peer_policy(&federation).await.is_some()).await;
    let said = peer_policy(&federation).await.unwrap();
    assert_eq!(ids(&said.files), ["CN-BASE-EXAMPLE", "CN-VOCAB-EXAMPLE", "HB-42-EXAMPLE"]);
    assert!(!said.other_baseline);
    let since = said.since_unix_ms;
    move_to(&mut federation, "2022-07-08T12:00:01+08:00");
    wait("42 says that its overlay ended", async || peer_policy(&federation).await.unwrap().files.len() == 2)
        .await;
    let by = || "hb.example".to_owned();
    let expected = [("peer_overlay".to_owned(), 1, by()), ("peer_overlay_ended".to_owned(), 1, by())];
    assert_eq!(recorded(&federation), expected);
    assert!(peer_policy(&federation).await.unwrap().since_unix_ms > since);

    // What was known survives a stop, and is not recorded a second time when it is said again.
    federation.stop(44);
    federation.start_again(44).unwrap();
    assert_eq!(peer_policy(&federation).await.unwrap().files.len(), 2);
    wait("the streams are open", async || federation.status(44).await.peers[1].streams > 0).await;
    assert_eq!(recorded(&federation), expected);
}
