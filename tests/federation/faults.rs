//! What damage and carelessness on the disk lead to: a clear refusal to start, or nothing lost.

use std::fs;
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use huxin_attest::{CodeStatus, Signer as _, SystemRandom};
use huxin_cli::exercise::Exercise;
use huxin_identity::pki::example::{FEDERATION, SIGNERS};
use huxin_identity::pki::keys::read_private;
use huxin_ledger::{FileSettings, FileStore, Log};
use huxin_node::{Config, Listeners, Node, StartError};
use huxin_tests::{Fact, Federation, person, question, region};
use huxin_wire::v1;

/// The first journal segment of a log: these nodes end before it is moved into tiles.
const JOURNAL: &str = "journal-0000000001";

fn log_folder(federation: &Federation, code: u8) -> PathBuf {
    federation.exercise.province_folder(region(code)).join("data/log")
}

fn journal_len(federation: &Federation, code: u8) -> usize {
    usize::try_from(fs::metadata(log_folder(federation, code).join(JOURNAL)).unwrap().len()).unwrap()
}

/// A copy of a stopped node's log whose journal is this.
fn copy_log(from: &Path, to: &Path, journal: &[u8], watermark: Option<&[u8]>) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    fs::write(to.join(JOURNAL), journal).unwrap();
    match watermark {
        Some(bytes) => fs::write(to.join("watermark"), bytes).unwrap(),
        None => drop(fs::copy(from.join("watermark"), to.join("watermark")).unwrap()),
    }
}

fn open(federation: &Federation, code: u8, folder: &Path) -> Result<u64, String> {
    let key = fs::read(federation.exercise.province_folder(region(code)).join("log.key")).unwrap();
    let journal = FileStore::open(folder, &mut SystemRandom, FileSettings::default())
        .map_err(|error| error.to_string())?;
    let origin = "hb.example/log/0".parse().unwrap();
    let log = Log::open(journal, origin, Box::new(read_private(&key).unwrap()));
    log.map(|log| log.head().checkpoint().size).map_err(|error| error.to_string())
}

async fn state(federation: &Federation, number: u16) -> v1::StateReply {
    federation.state(&Fact::code(42, "hb-data", &person(number), CodeStatus::Green)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_last_record_torn_at_any_byte_is_dropped_and_the_rest_is_kept() {
    let mut federation = Federation::start(&[42]);
    state(&federation, 1).await;
    let kept = federation.status(42).await.log_size;
    federation.stop(42);
    // The watermark that a node leaves which is stopped by force within the second after the next record.
    let folder = log_folder(&federation, 42);
    let (boundary, watermark) = (journal_len(&federation, 42), fs::read(folder.join("watermark")).unwrap());
    federation.start_again(42).unwrap();
    state(&federation, 2).await;
    let whole_size = federation.status(42).await.log_size;
    federation.stop(42);
    let whole = fs::read(folder.join(JOURNAL)).unwrap();
    assert!(whole.len() > boundary && whole_size > kept);

    let scratch = federation.exercise.folder().join("scratch");
    for cut in boundary..=whole.len() {
        copy_log(&folder, &scratch, &whole[..cut], Some(&watermark));
        let expected = if cut == whole.len() { whole_size } else { kept };
        assert_eq!(open(&federation, 42, &scratch), Ok(expected), "cut at {cut} of {}", whole.len());
    }
    // Bytes that never reached the disk read as zeros.
    for cut in (boundary..whole.len()).step_by(7) {
        let mut zeroed = whole.clone();
        zeroed[cut..].fill(0);
        copy_log(&folder, &scratch, &zeroed, Some(&watermark));
        assert_eq!(open(&federation, 42, &scratch), Ok(kept), "zeros from {cut} of {}", whole.len());
    }

    // Real nodes go on from there.
    for cut in [boundary + 1, (boundary + whole.len()) / 2, whole.len() - 1] {
        fs::write(folder.join(JOURNAL), &whole[..cut]).unwrap();
        fs::write(folder.join("watermark"), &watermark).unwrap();
        federation.start_again(42).unwrap();
        assert_eq!(federation.status(42).await.log_size, kept);
        state(&federation, 100 + u16::try_from(cut % 800).unwrap()).await;
        assert!(federation.status(42).await.log_size > kept);
        federation.stop(42);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_damaged_before_its_end_or_cut_behind_its_watermark_is_refused() {
    let mut federation = Federation::start(&[42]);
    state(&federation, 1).await;
    federation.stop(42);
    let middle = journal_len(&federation, 42) - 40;
    federation.start_again(42).unwrap();
    state(&federation, 2).await;
    federation.stop(42);
    let path = log_folder(&federation, 42).join(JOURNAL);
    let whole = fs::read(&path).unwrap();

    let mut damaged = whole.clone();
    damaged[middle] ^= 1;
    fs::write(&path, &damaged).unwrap();
    let error = federation.start_again(42).unwrap_err().to_string();
    assert!(error.contains("the journal is damaged at byte") && error.contains("restore"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), damaged, "a refused start changes nothing");

    fs::write(&path, &whole[..middle + 40]).unwrap();
    let error = federation.start_again(42).unwrap_err().to_string();
    assert!(error.contains("data/log") && error.contains("watermark"), "{error}");

    damaged[0] ^= 1;
    fs::write(&path, &damaged).unwrap();
    let error = federation.start_again(42).unwrap_err().to_string();
    assert!(error.contains("not those of a journal"), "{error}");

    fs::write(&path, &whole).unwrap();
    federation.start_again(42).unwrap();
    assert_eq!(federation.status(42).await.people, 2);
}

fn start(exercise: &Exercise) -> Result<Node, StartError> {
    let any = Listeners::bind("127.0.0.1:0".parse().unwrap(), 1).unwrap();
    Node::start(&Config::load(&exercise.node_toml(region(44)))?, Some(any))
}

fn refusal(exercise: &Exercise) -> String {
    start(exercise).err().expect("the node must not start").to_string()
}

/// Writes a file, and the signature beside it where it has one: what is refused then is what it says.
fn write(exercise: &Exercise, path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    if path.ends_with("risk-areas.toml") {
        let key = exercise.folder().join(SIGNERS).join("risk-areas-headquarters.key");
        let signature = read_private(&fs::read(key).unwrap()).unwrap().sign(text.as_bytes()).unwrap();
        fs::write(path.with_extension("toml.sig"), BASE64_STANDARD.encode(signature)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_or_repeated_key_in_any_file_stops_the_start_and_is_named() {
    let mut federation = Federation::start(&[44]);
    federation.stop(44);
    let exercise = &federation.exercise;
    let (own, policy) = (exercise.province_folder(region(44)), exercise.folder().join("policy"));
    for path in [
        own.join("node.toml"),
        own.join("places.toml"),
        own.join("overlay.toml"),
        policy.join("national.toml"),
        policy.join("vocabulary.toml"),
        policy.join("risk-areas.toml"),
        exercise.folder().join(FEDERATION).join("federation.toml"),
    ] {
        let text = fs::read_to_string(&path).unwrap();
        let file = path.file_name().unwrap().to_str().unwrap();
        write(exercise, &path, &format!("{text}\nbogus_key = 1\n"));
        let error = refusal(exercise);
        assert!(error.contains(file) && error.contains("bogus_key"), "{file}: {error}");

        let is_pair = |line: &&str| line.starts_with(|first: char| first.is_ascii_lowercase());
        let line = text.lines().filter(is_pair).find(|line| line.contains('=')).unwrap();
        let key = line.split(['=', ' ']).next().unwrap();
        write(exercise, &path, &text.replacen(line, &format!("{line}\n{line}"), 1));
        let error = refusal(exercise);
        let said = [format!("duplicate key {key};"), format!("the key `{key}` is written twice")];
        assert!(
            error.contains(file) && said.iter().any(|said| error.contains(said)),
            "{file}, {key}: {error}"
        );
        write(exercise, &path, &text);
    }
    start(exercise).unwrap().stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_the_signed_or_the_pinned_one_stops_the_start() {
    let mut federation = Federation::start(&[44]);
    federation.stop(44);
    let exercise = &federation.exercise;
    let policy = exercise.folder().join("policy");
    let data = exercise.province_folder(region(44)).join("data");
    type Change = fn(&str) -> String;
    let changes: [(PathBuf, Change, &str); 6] = [
        (policy.join("risk-areas.toml"), |text| format!("{text}\n"), "not signed by a key"),
        (policy.join("risk-areas.toml.sig"), |_| "!".into(), "not a signature"),
        (policy.join("national.toml"), |text| format!("{text}\n"), "the membership list pins"),
        (policy.join("vocabulary.toml"), |text| format!("{text}\n"), "the membership list pins"),
        (data.join("known-heads"), |_| "gd.example/log/0".into(), "known"),
        (exercise.province_folder(region(44)).join("province.secret"), |_| "00".repeat(31), "64 hexadecimal"),
    ];
    for (path, change, says) in changes {
        let before = fs::read(&path).ok();
        let text = String::from_utf8(before.clone().unwrap_or_default()).unwrap();
        fs::write(&path, change(&text)).unwrap();
        let error = refusal(exercise);
        let file = path.file_name().unwrap().to_str().unwrap();
        assert!(error.contains(file.trim_end_matches(".sig")) && error.contains(says), "{file}: {error}");
        match before {
            Some(before) => fs::write(&path, before).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
    }
    fs::write(exercise.province_folder(region(44)).join("province.secret"), "7f".repeat(32)).unwrap();
    let error = refusal(exercise);
    assert!(error.contains("registry.redb") && error.contains("another province secret"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_node_on_the_same_folder_does_not_start() {
    let federation = Federation::start(&[44]);
    let error = refusal(&federation.exercise);
    assert!(error.contains("another node runs on the folder") && error.contains("data; stop it"), "{error}");
    assert_eq!(federation.status(44).await.region, "44", "the first one goes on");
}

/// Asks about a Hubei traveller until Hubei answers, which takes as long as dialling it again.
async fn until_answered(federation: &Federation, number: u16) -> v1::Decision {
    for _ in 0..40 {
        let request = question(&person(number), 42, "gz-south-station", "travel");
        let reply = federation.station().await.recognise(request).await.unwrap().into_inner();
        let decision = reply.results[0].decision.clone().unwrap();
        let asked = decision.asked.iter().find(|asked| asked.region == "42").unwrap();
        if asked.result() == v1::AskedResult::Answered {
            return decision;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("no answer from 42")
}

fn believed_green(decision: &v1::Decision) -> bool {
    decision.findings.iter().any(|finding| finding.region == "42" && finding.belief == "green")
}

async fn verified_size(federation: &Federation) -> u64 {
    let status = federation.status(44).await;
    status.peers.iter().find(|peer| peer.region == "42").unwrap().verified_size
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_keeps_the_log_the_registry_and_what_was_verified_of_others() {
    let mut federation = Federation::start(&[42, 44]);
    state(&federation, 1).await;
    assert!(believed_green(&until_answered(&federation, 1).await));
    let (first, log_size) = (verified_size(&federation).await, federation.status(42).await.log_size);
    assert!(first > 0);

    federation.stop(42);
    federation.start_again(42).unwrap();
    assert!(federation.status(42).await.log_size >= log_size);
    assert!(believed_green(&until_answered(&federation, 1).await), "what was stated is still there");
    let second = verified_size(&federation).await;
    assert!(second > first, "{second} after {first}");

    federation.stop(44);
    federation.start_again(44).unwrap();
    assert!(verified_size(&federation).await >= second, "known before anything was asked");
    until_answered(&federation, 1).await;
    assert!(verified_size(&federation).await > second);

    // And it is used: a peer whose log is shorter than what was known is not believed.
    federation.stop(42);
    fs::remove_dir_all(log_folder(&federation, 42)).unwrap();
    federation.start_again(42).unwrap();
    for _ in 0..40 {
        let request = question(&person(1), 42, "gz-south-station", "travel");
        let reply = federation.station().await.recognise(request).await.unwrap().into_inner();
        let decision = reply.results[0].decision.clone().unwrap();
        assert_eq!(decision.outcome(), v1::Outcome::Review);
        assert!(!believed_green(&decision));
        // Hubei counts the stream that it refused.
        if federation.status(42).await.counters.unwrap().errors > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    }
    panic!("42 was never dialled again")
}
