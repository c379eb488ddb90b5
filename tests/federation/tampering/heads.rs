//! Log heads that do not belong to the history that was shown before.

use std::sync::Mutex;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use huxin_attest::Digest;
use huxin_identity::pki::keys::read_private;
use huxin_ledger::log::Entry;
use huxin_ledger::{FileStore, Leaf, LeafType, Log, LogSigner, Salt};
use huxin_tests::liar::{Deceived, Lie, open_log};
use huxin_wire::v1;
use huxin_wire::v1::peer_reply::Message;

use super::{ask, flipped, green, head, lie_is_refused, rejected, truth_is_believed};

type Change = fn(&mut Vec<Message>);

fn lie(deceived: &Deceived, sent: impl Fn(&mut Vec<Message>) + Send + Sync + 'static) -> Lie {
    Lie { statements: vec![green(deceived)], sent: Some(Box::new(sent)), ..Lie::default() }
}

/// A log beside the real one, grown to `size` entries.
fn grown(deceived: &Deceived, key: &str, folder: &str, size: u64) -> Log<FileStore> {
    let mut log = open_log(&deceived.federation.exercise, key, folder);
    while log.head().checkpoint().size < size {
        let at = deceived.federation.now();
        let leaf = Leaf { leaf_type: LeafType::Change, at, commitment: Digest([9; 32]) };
        log.append(&[Entry::new(&leaf, Salt([0; 16]), Vec::new(), Vec::new()).unwrap()]).unwrap();
    }
    log
}

fn signer(deceived: &Deceived, key: &str, origin: &str) -> LogSigner {
    let key = std::fs::read(deceived.federation.exercise.folder().join(key)).unwrap();
    LogSigner::new(origin.parse().unwrap(), Box::new(read_private(&key).unwrap()))
}

/// What a checkpoint says, signed by another.
fn signed_again(signer: &LogSigner, checkpoint: &str) -> String {
    let mut lines = checkpoint.lines().skip(1);
    let (size, root) = (lines.next().unwrap(), lines.next().unwrap());
    let root = Digest::try_from(BASE64_STANDARD.decode(root).unwrap().as_slice()).unwrap();
    signer.sign(size.parse().unwrap(), root).unwrap().text().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_does_not_continue_what_was_shown_ends_the_stream() {
    let deceived = Deceived::start().await;
    truth_is_believed(&deceived).await;
    let other_history = grown(&deceived, "log.key", "other-history", 50).head().text().to_string();
    let early = grown(&deceived, "log.key", "early", 3).head().text().to_string();
    let with =
        |text: String| lie(&deceived, move |m: &mut Vec<Message>| head(m).checkpoint.clone_from(&text));

    // Sizes only grow.
    let fresh = lie(&deceived, move |m: &mut Vec<Message>| {
        *head(m) = v1::Head { checkpoint: early.clone(), consistency: Default::default() };
    });
    lie_is_refused(&deceived, "smaller than what was shown", fresh, "stream_lost").await;
    // The genuine head's size and root, signed by a key that is not the log's, or for a log that is not Hubei's.
    for (name, key, origin) in [
        ("signed by another key", "hb/statement-hb-data.key", "hb.example/log/0"),
        ("of another province's log", "hn/log.key", "hn.example/log/0"),
        ("of a log that nobody lists", "hb/log.key", "hb.example/log/7"),
    ] {
        let signer = signer(&deceived, key, origin);
        let own = origin == "hb.example/log/0";
        let told = lie(&deceived, move |m: &mut Vec<Message>| {
            let genuine = head(m);
            let checkpoint = signed_again(&signer, &genuine.checkpoint);
            match own {
                true => genuine.checkpoint = checkpoint,
                // Everything else about it would do: nothing is known of that log.
                false => m.insert(0, Message::Head(v1::Head { checkpoint, consistency: Default::default() })),
            }
        });
        lie_is_refused(&deceived, name, told, "stream_lost").await;
    }
    lie_is_refused(&deceived, "of another history", with(other_history), "stream_lost").await;
    lie_is_refused(&deceived, "no checkpoint", with("hb.example/log/0\n".into()), "stream_lost").await;
    lie_is_refused(&deceived, "nothing", with(String::new()), "stream_lost").await;
    let altered: [(&str, Change); 5] = [
        ("no proof", |m| head(m).consistency.clear()),
        ("half a hash", |m| head(m).consistency = head(m).consistency.slice(16..)),
        ("proof altered", |m| head(m).consistency = flipped(&head(m).consistency, 5)),
        ("proof extended", |m| head(m).consistency = [&head(m).consistency[..], &[0; 32]].concat().into()),
        ("signature altered", |m| {
            let signed = &mut head(m).checkpoint;
            let at = signed.len() - 20;
            let other = if signed.as_bytes()[at] == b'A' { "B" } else { "A" };
            signed.replace_range(at..=at, other);
        }),
    ];
    for (name, change) in altered {
        lie_is_refused(&deceived, name, lie(&deceived, change), "stream_lost").await;
    }
    truth_is_believed(&deceived).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_breaks_the_protocol_is_closed() {
    let deceived = Deceived::start().await;
    truth_is_believed(&deceived).await;
    let breaches: [(&str, Change, &str); 3] = [
        ("an answer without its head", |m| drop(m.remove(0)), "reply_of_another_head"),
        ("a second greeting", |m| m.insert(0, Message::Opened(v1::Opened::default())), "stream_lost"),
        ("what nobody asked to join", |m| m.insert(0, Message::Joined(v1::Joined::default())), "stream_lost"),
    ];
    for (name, change, reason) in breaches {
        lie_is_refused(&deceived, name, lie(&deceived, change), reason).await;
    }
    truth_is_believed(&deceived).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_heads_of_one_size_condemn_the_log_for_good() {
    let deceived = Deceived::start().await;
    truth_is_believed(&deceived).await;
    // The size that the stream was shown last, in another history.
    let size = deceived
        .federation
        .status(44)
        .await
        .peers
        .iter()
        .find(|peer| peer.region == "42")
        .unwrap()
        .verified_size;
    let fork = grown(&deceived, "log.key", "fork", size).head().text().to_string();
    let fork = Mutex::new(fork);
    let lie = lie(&deceived, move |m: &mut Vec<Message>| {
        *head(m) = v1::Head { checkpoint: fork.lock().unwrap().clone(), consistency: Default::default() };
    });
    lie_is_refused(&deceived, "a fork", lie, "stream_lost").await;
    let warnings = deceived.federation.status(44).await.warnings;
    assert!(warnings.iter().any(|warning| warning == "log_forked:hb.example/log/0"), "{warnings:?}");

    deceived.liar.say(Lie { statements: vec![green(&deceived)], ..Lie::default() });
    let before = rejected(&deceived).await;
    let (decision, asked) = ask(&deceived).await;
    assert_eq!(asked.result(), v1::AskedResult::Unreachable, "not even the truth is believed from then on");
    assert!(decision.findings.is_empty() && rejected(&deceived).await > before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_province_whose_clock_is_off_is_not_asked() {
    let deceived = Deceived::start().await;
    truth_is_believed(&deceived).await;
    // A second greeting ends the stream, so that it is dialled again.
    let greet_twice = |m: &mut Vec<Message>| m.insert(0, Message::Opened(v1::Opened::default()));
    for off in [-61_000, 61_000] {
        deceived.liar.say(Lie { clock_off_ms: off, ..lie(&deceived, greet_twice) });
        ask(&deceived).await;
        let (_, asked) = ask(&deceived).await;
        assert_eq!((asked.result(), asked.reason.as_str()), (v1::AskedResult::Unreachable, "unreachable"));
        deceived.liar.say(Lie { statements: vec![green(&deceived)], ..Lie::default() });
        assert_eq!(ask(&deceived).await.1.result(), v1::AskedResult::Answered);
    }
}
