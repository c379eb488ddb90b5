//! Somebody alters what was logged and sent. Every field of a reply and of the answer inside is tried.

use huxin_ledger::public::{Exchange, Label};
use huxin_tests::liar::{Deceived, Lie};
use huxin_wire::v1::peer_reply::Message;
use huxin_wire::v1::{self, Answer, Reply};
use prost::Message as _;

use super::{flipped, green, lie_is_refused, reply, truth_is_believed};

type Change = fn(&mut Reply);

async fn each_is_refused(changes: &[(&str, Change, &str)]) {
    let deceived = Deceived::start().await;
    truth_is_believed(&deceived).await;
    for (name, change, reason) in changes {
        let change = *change;
        let sent = move |messages: &mut Vec<Message>| change(reply(messages));
        let lie = Lie { statements: vec![green(&deceived)], sent: Some(Box::new(sent)), ..Lie::default() };
        lie_is_refused(&deceived, name, lie, reason).await;
    }
    truth_is_believed(&deceived).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_with_any_field_altered_proves_nothing() {
    each_is_refused(&[
        ("origin of another province", |r| r.origin = "hn.example/log/0".into(), "reply_without_head"),
        ("no origin", |r| r.origin.clear(), "reply_without_head"),
        ("larger head", |r| r.head_size += 1, "reply_of_another_head"),
        ("smaller head", |r| r.head_size -= 1, "reply_of_another_head"),
        ("next index", |r| r.index += 1, "not_in_log"),
        ("index before", |r| r.index -= 1, "not_in_log"),
        ("path altered", |r| r.path = flipped(&r.path, 0), "not_in_log"),
        ("path cut", |r| r.path = r.path.slice(32..), "not_in_log"),
        ("path extended", |r| r.path = [&r.path[..], &[0; 32]].concat().into(), "not_in_log"),
        ("path of no whole hashes", |r| r.path = r.path.slice(1..), "path_malformed"),
        ("endless path", |r| r.path = vec![0; 65 * 32].into(), "path_malformed"),
        ("a millisecond later", |r| r.unix_ms += 1, "not_in_log"),
        ("61 seconds later", |r| r.unix_ms += 61_000, "reply_time_off"),
        ("61 seconds earlier", |r| r.unix_ms -= 61_000, "reply_time_off"),
        ("no possible time", |r| r.unix_ms = i64::MAX, "reply_time_malformed"),
        ("first salt", |r| r.salt1 = flipped(&r.salt1, 0), "not_in_log"),
        ("second salt", |r| r.salt2 = flipped(&r.salt2, 15), "not_in_log"),
        ("salts swapped", |r| std::mem::swap(&mut r.salt1, &mut r.salt2), "not_in_log"),
        ("short salt", |r| r.salt1 = r.salt1.slice(1..), "salt_malformed"),
        ("no salt", |r| r.salt2.clear(), "salt_malformed"),
        ("public half cut", |r| r.public = r.public.slice(1..), "public_malformed"),
        ("public half extended", |r| r.public = [&r.public[..], &[0]].concat().into(), "public_malformed"),
        ("no body", |r| r.body.clear(), "answer_to_another_question"),
        ("no message as body", |r| r.body = vec![0xff; 9].into(), "answer_malformed"),
        ("nothing but its id", |r| *r = Reply { id: r.id, ..Reply::default() }, "reply_without_head"),
    ])
    .await;
}

fn public(reply: &mut Reply, change: fn(&mut Exchange)) {
    let mut public = Exchange::decode(&reply.public).unwrap();
    change(&mut public);
    reply.public = public.encode().into();
}

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_half_with_any_field_altered_proves_nothing() {
    each_is_refused(&[
        ("purpose", |r| public(r, |p| p.purpose = label("visit")), "public_disagrees"),
        ("outcome", |r| public(r, |p| p.outcome = label("refused")), "public_disagrees"),
        ("rule", |r| public(r, |p| p.rule = Some(label("P-20"))), "not_in_log"),
        ("no rule", |r| public(r, |p| p.rule = None), "not_in_log"),
        ("peer", |r| public(r, |p| p.peer = huxin_tests::region(43)), "public_disagrees"),
        ("department", |r| public(r, |p| p.department = label("gd-cdc")), "public_disagrees"),
        ("counts", |r| public(r, |p| p.counts = Default::default()), "public_disagrees"),
    ])
    .await;
}

fn body(reply: &mut Reply, change: fn(&mut Answer)) {
    let mut answer = Answer::decode(reply.body.clone()).unwrap();
    change(&mut answer);
    reply.body = answer.encode_to_vec().into();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_with_any_field_altered_proves_nothing() {
    each_is_refused(&[
        (
            "hash of the request",
            |r| body(r, |a| a.request_hash = flipped(&a.request_hash, 31)),
            "answer_to_another_question",
        ),
        ("no hash", |r| body(r, |a| a.request_hash.clear()), "answer_to_another_question"),
        ("audience", |r| body(r, |a| a.audience = 43), "answer_for_another_province"),
        ("audience out of range", |r| body(r, |a| a.audience += 256), "answer_for_another_province"),
        ("region", |r| body(r, |a| a.region = 43), "answer_from_another_province"),
        ("region out of range", |r| body(r, |a| a.region += 256), "answer_from_another_province"),
        ("refused", |r| body(r, |a| a.outcome = 2), "answer_inconsistent"),
        ("no outcome", |r| body(r, |a| a.outcome = 0), "answer_inconsistent"),
        ("unknown outcome", |r| body(r, |a| a.outcome = 3), "answer_inconsistent"),
        ("reason", |r| body(r, |a| a.reason = "not_disclosed".into()), "answer_inconsistent"),
        ("more", |r| body(r, |a| a.more = true), "not_in_log"),
        ("read a millisecond later", |r| body(r, |a| a.checked_unix_ms += 1), "not_in_log"),
        ("no statement", |r| body(r, |a| a.statements.clear()), "public_disagrees"),
        ("a statement twice", |r| body(r, |a| a.statements.extend(a.statements.clone())), "public_disagrees"),
        (
            "statement",
            |r| body(r, |a| a.statements[0].attestation = flipped(&a.statements[0].attestation, 40)),
            "not_in_log",
        ),
        (
            "salt of the statement",
            |r| body(r, |a| a.statements[0].subject_salt = flipped(&a.statements[0].subject_salt, 3)),
            "not_in_log",
        ),
        (
            "standing",
            |r| body(r, |a| a.statements[0].standing = v1::Standing::Contested.into()),
            "not_in_log",
        ),
        ("a field that we do not know", |r| r.body = [&r.body[..], &[0x7a, 0]].concat().into(), "not_in_log"),
    ])
    .await;
}
