//! Places and risk areas change while nodes run: all in order and logged, or nothing changes.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use huxin_attest::{Ed25519Key, Signer as _, SystemRandom, UnixMs, sha256};
use huxin_cli::exercise::Exercise;
use huxin_identity::pki::example::SIGNERS;
use huxin_identity::pki::keys::read_private;
use huxin_ledger::leaf::commitment;
use huxin_ledger::public::PolicyChange;
use huxin_ledger::{LeafType, Salt};
use huxin_node::{Details, StartError};
use huxin_tests::{Federation, person, question, region};
use huxin_wire::error::reason_of;
use huxin_wire::v1;
use huxin_wire::v1::operator_client::OperatorClient;
use huxin_wire::v1::recognition_client::RecognitionClient;
use prost::Message as _;
use tonic::Status;
use tonic::transport::Channel;

const UNTIL: &str = "2022-07-09T00:00:00+08:00";
/// The area of `gz-shop-low`, which the sample list leaves out and so makes low.
const SHOP_AREA: &str = "440104";

/// A list in which the shop's area has this risk.
fn list(version: u32, risk: &str) -> String {
    format!(
        "version = {version}\nfrom = 2022-07-08T00:00:00+08:00\nuntil = {UNTIL}\ncovers = [\"44\"]\n\
         [[area]]\nprefix = \"{SHOP_AREA}\"\nrisk = \"{risk}\"\n"
    )
}

fn areas_path(exercise: &Exercise) -> PathBuf {
    exercise.folder().join("policy/risk-areas.toml")
}

fn places_path(exercise: &Exercise) -> PathBuf {
    exercise.province_folder(region(44)).join("places.toml")
}

fn headquarters(exercise: &Exercise) -> Ed25519Key {
    let path = exercise.folder().join(SIGNERS).join("risk-areas-headquarters.key");
    read_private(&fs::read(path).unwrap()).unwrap()
}

/// Puts a list in the place of the old one, signed by `key`.
fn put_signed(exercise: &Exercise, text: &str, key: &Ed25519Key) {
    let path = areas_path(exercise);
    fs::write(path.with_extension("toml.sig"), BASE64_STANDARD.encode(key.sign(text.as_bytes()).unwrap()))
        .unwrap();
    fs::write(path, text).unwrap();
}

fn put(exercise: &Exercise, text: &str) {
    put_signed(exercise, text, &headquarters(exercise));
}

async fn operator(federation: &Federation) -> OperatorClient<Channel> {
    OperatorClient::new(federation.channel(44, "operator/duty-1", 44).await)
}

async fn shop(federation: &Federation) -> RecognitionClient<Channel> {
    RecognitionClient::new(federation.channel(44, "app/commerce-1/gate", 44).await)
}

async fn reload(operator: &mut OperatorClient<Channel>) -> Result<Vec<(String, u64)>, Status> {
    let changed = operator.reload(v1::ReloadRequest {}).await?.into_inner().changed;
    Ok(changed.into_iter().map(|file| (file.id, file.version)).collect())
}

async fn ask_at_the_shop(shop: &mut RecognitionClient<Channel>) -> v1::Decision {
    let request = question(&person(1), 44, "gz-shop-low", "visit");
    let result = shop.recognise(request).await.unwrap().into_inner().results.remove(0);
    result.decision.unwrap()
}

/// The version of the risk areas that a decision names.
fn risk_version(decision: &v1::Decision) -> u64 {
    decision.policy.iter().find(|file| file.id == "risk-areas").unwrap().version
}

/// The leaves of type 9, each opened: its public part under its salts is what the leaf commits to.
fn logged_changes(federation: &Federation) -> Vec<PolicyChange> {
    let log = federation.node(44).log_reader();
    let kept = (0..log.size()).map(|index| log.kept(index).unwrap());
    kept.filter(|kept| kept.leaf.leaf_type == LeafType::Policy)
        .map(|kept| {
            let details = Details::decode(kept.details.unwrap().as_slice()).unwrap();
            let salt2 = Salt(details.salt2.as_ref().try_into().unwrap());
            assert_eq!(commitment(&kept.salt1, &kept.public, &salt2, &[]), kept.leaf.commitment);
            PolicyChange::decode(&kept.public).unwrap()
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_brings_both_files_into_force_and_the_log_says_who_did_it() {
    let federation = Federation::start(&[44]);
    let (mut operator, mut shop) = (operator(&federation).await, shop(&federation).await);
    assert_eq!(reload(&mut operator).await.unwrap(), [], "the files are those in force already");
    assert!(ask_at_the_shop(&mut shop).await.asked.is_empty());

    put(&federation.exercise, &list(2, "mid"));
    let places = fs::read_to_string(places_path(&federation.exercise)).unwrap();
    let places = places.replace("gz-shop-mid", "gz-shop-new");
    fs::write(places_path(&federation.exercise), &places).unwrap();
    let changed = reload(&mut operator).await.unwrap();
    assert_eq!(changed, [("places".to_owned(), 0), ("risk-areas".to_owned(), 2)]);

    let decision = ask_at_the_shop(&mut shop).await;
    assert_eq!((decision.rule.as_str(), risk_version(&decision)), ("G-11", 2));
    assert!(!decision.asked.is_empty());
    let gone = shop.recognise(question(&person(1), 44, "gz-shop-mid", "visit")).await.unwrap_err();
    assert_eq!(reason_of(&gone).unwrap().0, "place_unknown");
    assert!(shop.recognise(question(&person(1), 44, "gz-shop-new", "visit")).await.is_ok());

    let status = federation.status(44).await;
    let in_force: Vec<_> = status.policy.iter().map(|file| (file.id.as_str(), file.version)).collect();
    assert!(in_force.ends_with(&[("risk-areas", 2), ("places", 0)]), "{in_force:?}");
    let logged = logged_changes(&federation);
    let told: Vec<_> =
        logged.iter().map(|change| (change.what.as_str(), change.version, change.by.as_str())).collect();
    let by = "spiffe://gd.example/operator/duty-1";
    assert_eq!(told, [("places", 0, by), ("risk_areas", 2, by)]);
    assert_eq!(logged[0].digest, sha256(&[places.as_bytes()]));
    assert_eq!(logged[1].digest, sha256(&[list(2, "mid").as_bytes()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_under_load_drops_no_request_and_mixes_no_two_versions() {
    let federation = Federation::set_up(&[44], 2, |_| {}, |_| {});
    let callers: Vec<_> = {
        let mut callers = Vec::new();
        for _ in 0..6 {
            let mut shop = shop(&federation).await;
            callers.push(tokio::spawn(async move {
                let mut seen = Vec::new();
                while seen.last().is_none_or(|version| *version < 12) {
                    let decision = ask_at_the_shop(&mut shop).await;
                    let version = risk_version(&decision);
                    // In even versions the shop's area is of medium risk: then the code is asked for.
                    let (rule, asks) =
                        if version.is_multiple_of(2) { ("G-11", true) } else { ("G-10", false) };
                    assert_eq!(
                        (decision.rule.as_str(), !decision.asked.is_empty()),
                        (rule, asks),
                        "{version}"
                    );
                    seen.push(version);
                }
                seen
            }));
        }
        callers
    };
    let mut operator = operator(&federation).await;
    for version in 2..=12 {
        put(&federation.exercise, &list(version, if version.is_multiple_of(2) { "mid" } else { "low" }));
        assert_eq!(reload(&mut operator).await.unwrap(), [("risk-areas".to_owned(), version.into())]);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for caller in callers {
        let seen = caller.await.unwrap();
        assert!(seen.is_sorted(), "a version never falls: {seen:?}");
        assert!(seen.len() > 12, "{} questions went on meanwhile", seen.len());
    }
    assert_eq!(logged_changes(&federation).len(), 11);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_is_not_in_order_is_refused_and_the_one_in_force_stays() {
    let federation = Federation::start(&[44]);
    let exercise = &federation.exercise;
    let (mut operator, mut shop) = (operator(&federation).await, shop(&federation).await);
    put(exercise, &list(5, "mid"));
    reload(&mut operator).await.unwrap();
    let stranger = Ed25519Key::generate(&mut SystemRandom).unwrap();
    let own = headquarters(exercise);
    let with = |from: &str, to: &str| list(6, "low").replace(from, to);
    let deep = format!("version = 6\ncovers = {}{}\n", "[".repeat(500), "]".repeat(500));
    let cases = [
        (list(6, "low"), &stranger, "not signed by a key", "rejected"),
        (list(4, "low"), &own, "version 5 was in force", "rejected"),
        (list(5, "low"), &own, "another list of version 5", "rejected"),
        (with(UNTIL, "2022-07-08T08:59:00+08:00"), &own, "held until", "rejected"),
        (with(UNTIL, "2022-07-12T00:00:00+08:00"), &own, "48 hours", "rejected"),
        (with("08T00:00:00+08:00", "08T23:00:00+08:00"), &own, "holds from", "waiting"),
        (with("covers = [\"44\"]", "covers = [\"42\"]"), &own, "440104", "rejected"),
        (with("version = 6", "version = 6\nversions = 6"), &own, "versions", "rejected"),
        (with("\"low\"", "\"mild\""), &own, "mild", "rejected"),
        (String::new(), &own, "version", "rejected"),
        ("version = \0".to_owned(), &own, ":1:", "rejected"),
        (deep, &own, ":2:", "rejected"),
    ];
    for (text, key, says, state) in cases {
        put_signed(exercise, &text, key);
        let refused = reload(&mut operator).await.unwrap_err();
        assert_eq!(reason_of(&refused).unwrap().0, "rules_rejected", "{text}");
        assert!(refused.message().contains(says), "{text}: {}", refused.message());
        assert!(refused.message().contains("risk-areas.toml"), "{}", refused.message());
        let status = federation.status(44).await;
        assert!(status.warnings.contains(&format!("risk_areas_{state}")), "{:?}", status.warnings);
        assert_eq!(risk_version(&ask_at_the_shop(&mut shop).await), 5, "{text}");
    }
    let (path, signature) = (areas_path(exercise), areas_path(exercise).with_extension("toml.sig"));
    for (at, bytes, says) in [
        (&path, vec![0xff; 10], "not UTF-8"),
        (&path, vec![b'#'; 4 * 1024 * 1024 + 1], "larger than 4 MiB"),
        (&signature, b"no signature".to_vec(), "base64"),
    ] {
        put(exercise, &list(6, "low"));
        fs::write(at, bytes).unwrap();
        let refused = reload(&mut operator).await.unwrap_err();
        assert!(refused.message().contains(says), "{}", refused.message());
    }
    fs::remove_file(&signature).unwrap();
    assert!(reload(&mut operator).await.unwrap_err().message().contains("cannot read"));

    put(exercise, &list(5, "mid"));
    assert_eq!(reload(&mut operator).await.unwrap(), [], "the one in force is in its place again");
    assert!(!federation.status(44).await.warnings.iter().any(|warning| warning.contains("rejected")));
    assert_eq!(logged_changes(&federation).len(), 1, "what is refused never came into force");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_bad_file_keeps_the_other_from_coming_into_force() {
    let federation = Federation::start(&[44]);
    let mut operator = operator(&federation).await;
    put(&federation.exercise, &list(2, "mid"));
    let good = fs::read_to_string(places_path(&federation.exercise)).unwrap();
    fs::write(
        places_path(&federation.exercise),
        good.replacen("category = \"shop\"", "category = \"shopp\"", 1),
    )
    .unwrap();
    let refused = reload(&mut operator).await.unwrap_err();
    assert!(refused.message().contains("places.toml:") && refused.message().contains("shopp"), "{refused}");
    let status = federation.status(44).await;
    assert!(status.warnings.contains(&"places_rejected".to_owned()), "{:?}", status.warnings);
    assert_eq!(risk_version(&ask_at_the_shop(&mut shop(&federation).await).await), 1);
    assert!(logged_changes(&federation).is_empty());

    fs::write(places_path(&federation.exercise), good).unwrap();
    assert_eq!(reload(&mut operator).await.unwrap(), [("risk-areas".to_owned(), 2)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_operator_of_the_own_province_reloads() {
    let federation = Federation::start(&[42, 44]);
    for (from, role, expected) in
        [(44, "app/commerce-1/gate", "rpc_not_allowed"), (42, "operator/duty-1", "foreign_certificate")]
    {
        let mut caller = OperatorClient::new(federation.channel(from, role, 44).await);
        let refused = caller.reload(v1::ReloadRequest {}).await.unwrap_err();
        assert_eq!(reason_of(&refused).unwrap().0, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_list_comes_into_force_by_itself_and_places_do_not() {
    let federation = Federation::start_with(&[44], |exercise| {
        let path = exercise.node_toml(region(44));
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text + "risk_areas_seconds = 1\n").unwrap();
    });
    let mut shop = shop(&federation).await;
    let places = fs::read_to_string(places_path(&federation.exercise)).unwrap();
    fs::write(places_path(&federation.exercise), places.replace("gz-shop-mid", "gz-shop-new")).unwrap();
    put_signed(&federation.exercise, &list(2, "high"), &Ed25519Key::generate(&mut SystemRandom).unwrap());
    let rejected = "risk_areas_rejected".to_owned();
    wait(async || federation.status(44).await.warnings.contains(&rejected)).await;
    assert_eq!(risk_version(&ask_at_the_shop(&mut shop).await), 1);

    put(&federation.exercise, &list(2, "high"));
    wait(async || risk_version(&ask_at_the_shop(&mut shop.clone()).await) == 2).await;
    assert!(!federation.status(44).await.warnings.contains(&rejected));
    assert!(shop.recognise(question(&person(1), 44, "gz-shop-mid", "visit")).await.is_ok());
    let logged = logged_changes(&federation);
    assert_eq!((logged.len(), logged[0].by.as_str()), (1, "automatic"));
}

async fn wait(mut done: impl AsyncFnMut() -> bool) {
    for _ in 0..100 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not happen within 5 s");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_runs_out_leaves_every_risk_unknown() {
    let mut federation = Federation::start(&[44]);
    assert_eq!(ask_at_the_shop(&mut shop(&federation).await).await.rule, "G-10");
    let until = UnixMs::parse_rfc3339(UNTIL).unwrap();
    federation.pass_ms(until.ms_since(federation.now()) + 1000);
    // An unknown risk is never taken for a low one.
    assert_eq!(ask_at_the_shop(&mut shop(&federation).await).await.rule, "G-11");
    let warnings = federation.status(44).await.warnings;
    assert!(warnings.contains(&"risk_areas_expired".to_owned()), "{warnings:?}");
    // Nor is the risk of a place that the list does not cover.
    let elsewhere = "version = 2\nfrom = 2022-07-09T00:00:00+08:00\nuntil = 2022-07-10T00:00:00+08:00\n\
                     covers = [\"42\"]\n";
    put(&federation.exercise, elsewhere);
    assert_eq!(reload(&mut operator(&federation).await).await.unwrap(), [("risk-areas".to_owned(), 2)]);
    let decision = ask_at_the_shop(&mut shop(&federation).await).await;
    assert_eq!((decision.rule.as_str(), risk_version(&decision)), ("G-11", 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_takes_back_no_version_and_logs_what_changed_meanwhile() {
    let mut federation = Federation::start(&[44]);
    let first = fs::read_to_string(areas_path(&federation.exercise)).unwrap();
    put(&federation.exercise, &list(3, "mid"));
    reload(&mut operator(&federation).await).await.unwrap();
    federation.stop(44);

    for (old, says) in [(first, "version 3 was in force"), (list(3, "low"), "another list of version 3")] {
        put(&federation.exercise, &old);
        let error = federation.start_again(44).unwrap_err();
        assert!(matches!(error, StartError::Wrong(..)) && error.to_string().contains(says), "{error}");
    }
    put(&federation.exercise, &list(4, "mid"));
    federation.start_again(44).unwrap();
    assert_eq!(risk_version(&ask_at_the_shop(&mut shop(&federation).await).await), 4);
    let logged = logged_changes(&federation);
    let told: Vec<_> = logged.iter().map(|change| (change.version, change.by.as_str())).collect();
    assert_eq!(told, [(3, "spiffe://gd.example/operator/duty-1"), (4, "start")]);

    federation.stop(44);
    let kept = federation.exercise.province_folder(region(44)).join("data/rules-in-force");
    let text = fs::read_to_string(&kept).unwrap();
    fs::write(&kept, text.replace("risk_areas 4", "risk_areas four")).unwrap();
    let error = federation.start_again(44).unwrap_err().to_string();
    assert!(error.contains("rules-in-force") && error.contains("is damaged"), "{error}");
}
