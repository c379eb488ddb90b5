use huxin_attest::{Ed25519Key, UnixMs, sha256};
use huxin_ledger::checkpoint::CheckpointError;
use huxin_ledger::leaf::{commitment, exchange_private};
use huxin_ledger::receipt::{Contents, Part, Private, ReceiptError};
use huxin_ledger::tree::Tree;
use huxin_ledger::{Leaf, LeafType, LogSigner, Receipt, Salt};

use crate::support::{NOW_MS, leaf, origin, signer};

const SALTS: [Salt; 2] = [Salt([1; 16]), Salt([2; 16])];
const INDEX: u64 = 5;

fn answer() -> Contents {
    Contents {
        leaf_type: LeafType::Answer,
        at: UnixMs::from_ms(NOW_MS).unwrap(),
        salt1: SALTS[0],
        public: b"public".to_vec(),
        private: Private::Exchange {
            salt2: SALTS[1],
            query: Part::Bytes(b"query".to_vec()),
            body: Part::Bytes(b"body".to_vec()),
        },
    }
}

/// A receipt of entry 5 of a log of 11, whose leaf commits to `contents`.
fn receipt(contents: Contents) -> Receipt {
    let mut tree = Tree::new();
    (0..11).for_each(|n| tree.append(if n == INDEX { contents.leaf().hash() } else { leaf(n).hash() }));
    let border = tree.border(11).unwrap();
    let path = tree.inclusion(INDEX, &border).unwrap();
    let checkpoint = signer().sign(11, border.root()).unwrap().text().clone();
    Receipt { index: INDEX, path, checkpoint, contents }
}

#[test]
fn the_leaf_is_recomputed_from_the_contents() {
    let private = exchange_private(b"query", b"body");
    let commitment = commitment(&SALTS[0], b"public", &SALTS[1], &private);
    let leaf = Leaf { leaf_type: LeafType::Answer, at: UnixMs::from_ms(NOW_MS).unwrap(), commitment };
    assert_eq!(answer().leaf(), leaf);
}

#[test]
fn a_receipt_has_the_lines_of_a_tlog_proof() {
    let receipt = receipt(answer());
    let text = receipt.to_text();
    let lines: Vec<&str> = text.split('\n').collect();
    assert_eq!(lines[0], "c2sp.org/tlog-proof@v1");
    assert!(lines[1].starts_with("extra ") && lines[2] == "index 5");
    assert!(lines[3..3 + receipt.path.len()].iter().all(|line| line.len() == 44));
    assert_eq!(lines[3 + receipt.path.len()], "");
    assert!(text.ends_with(&*receipt.checkpoint));
}

#[test]
fn every_form_of_the_private_part_is_read_back_and_verifies() {
    let by_hash = |bytes: &[u8]| Part::Hash(sha256(&[bytes]));
    let query = Part::Bytes(b"query".to_vec());
    let mut forms = vec![answer(), answer().sealed()];
    for (query, body) in [(query, by_hash(b"body")), (by_hash(b"query"), by_hash(b"body"))] {
        forms.push(Contents { private: Private::Exchange { salt2: SALTS[1], query, body }, ..answer() });
    }
    for contents in forms {
        assert_eq!(contents.leaf(), answer().leaf(), "the same leaf, whatever is shown of it");
        let text = receipt(contents.clone()).to_text();
        let again = Receipt::parse(&text).unwrap();
        assert!(again.contents == contents && again.to_text() == text);
        let verified = again.verify(signer().verifier()).unwrap();
        assert_eq!((verified.index(), *verified.leaf()), (INDEX, answer().leaf()));
        assert_eq!(verified.checkpoint().checkpoint().size, 11);
    }
    let private = Private::Bytes { salt2: SALTS[1], bytes: b"private".to_vec() };
    let decision = Contents { leaf_type: LeafType::Decision, private, ..answer() };
    assert!(decision.sealed().leaf() == decision.leaf());
    let again = Receipt::parse(&receipt(decision.clone()).to_text()).unwrap();
    assert!(again.contents == decision && again.verify(signer().verifier()).is_ok());
}

#[test]
fn changed_contents_are_not_those_of_the_entry() {
    let good = receipt(answer());
    let private = |query: &[u8], body: &[u8]| Private::Exchange {
        salt2: SALTS[1],
        query: Part::Bytes(query.to_vec()),
        body: Part::Bytes(body.to_vec()),
    };
    for contents in [
        Contents { leaf_type: LeafType::Refusal, ..answer() },
        Contents { at: UnixMs::from_ms(NOW_MS + 1).unwrap(), ..answer() },
        Contents { salt1: SALTS[1], ..answer() },
        Contents { public: b"publiC".to_vec(), ..answer() },
        Contents { private: private(b"querY", b"body"), ..answer() },
        Contents { private: private(b"query", b"bodY"), ..answer() },
        Contents { private: Private::Sealed(sha256(&[])), ..answer() },
    ] {
        let changed = Receipt { contents, ..good.clone() };
        assert_eq!(changed.verify(signer().verifier()), Err(ReceiptError::NotInLog));
    }
    let elsewhere = Receipt { index: INDEX + 1, ..good };
    assert_eq!(elsewhere.verify(signer().verifier()), Err(ReceiptError::NotInLog));
}

#[test]
fn no_byte_of_a_receipt_can_be_changed() {
    let text = receipt(answer()).to_text();
    for at in 0..text.len() {
        for flip in [1, 2, 32] {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= flip;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            let verified = Receipt::parse(&changed).and_then(|receipt| receipt.verify(signer().verifier()));
            assert!(verified.is_err(), "byte {at} flipped by {flip}");
        }
    }
}

#[test]
fn another_logs_key_does_not_verify_it() {
    let text = receipt(answer()).to_text();
    let stranger = LogSigner::new(origin(), Box::new(Ed25519Key::from_seed(&[6; 32]).unwrap()));
    let refused = Receipt::parse(&text).unwrap().verify(stranger.verifier());
    assert_eq!(refused, Err(ReceiptError::Checkpoint(CheckpointError::Unsigned)));
}

#[test]
fn a_text_of_another_form_is_no_receipt() {
    let text = receipt(answer()).to_text();
    let path_line = text.lines().nth(3).unwrap();
    let many = format!("{path_line}\n").repeat(62);
    for (bad, error) in [
        (String::new(), ReceiptError::Form),
        (text.replacen("@v1", "@v2", 1), ReceiptError::Form),
        (text.replacen("index 5", "index 05", 1), ReceiptError::Form),
        (text.replacen("extra ", "", 1), ReceiptError::Form),
        (text.replacen(path_line, &path_line[1..], 1), ReceiptError::Form),
        (text.replacen(path_line, &(many + path_line), 1), ReceiptError::TooLong),
        ("x".repeat(512 * 1024 + 1), ReceiptError::TooLong),
    ] {
        assert!(Receipt::parse(&bad).err() == Some(error), "{bad:.60}");
    }
}

#[test]
fn a_receipt_shows_nothing_personal_when_it_is_debugged() {
    let shown = format!("{:?}", receipt(answer()));
    assert_eq!(shown, "Receipt(entry 5, Contents(Answer at 2022-07-08T09:00:00+08:00))");
}
