use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

use crate::provinces::Provinces;
use crate::support::{DAY, arg, huxin};

const PEOPLE: &str = "300";

/// A person who has a green code and a test, as document flags name them.
fn somebody(people: &Path) -> String {
    let tests = fs::read_to_string(people.join("tests.jsonl")).unwrap();
    let codes = fs::read_to_string(people.join("codes.jsonl")).unwrap();
    let mut green = codes.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let person = green.find(|code| {
        let number = code["number"].as_str().unwrap();
        code.get("assigned_for").is_none() && tests.contains(number)
    });
    format!("111:{}", person.unwrap()["number"].as_str().unwrap())
}

/// The receipt with another last byte of what was decided.
pub(crate) fn with_another_last_byte(receipt: &str) -> String {
    let line = receipt.lines().find(|line| line.starts_with("extra ")).unwrap();
    let mut extra = BASE64_STANDARD.decode(&line["extra ".len()..]).unwrap();
    *extra.last_mut().unwrap() ^= 1;
    receipt.replacen(line, &format!("extra {}", BASE64_STANDARD.encode(extra)), 1)
}

#[test]
fn facts_are_imported_asked_for_across_the_border_and_proved_afterwards() {
    let provinces = Provinces::prepare();
    let (hb, gd) = (provinces.start("hb"), provinces.start("gd"));

    // Facts: generated, and imported by their departments.
    let people = provinces.folder.path().join("people");
    let generate = ["--format", "json", "registry", "generate", "--region", "42", "--people", PEOPLE];
    let made = huxin(&[&generate[..], &["--at", DAY, "--out", arg(&people)]].concat()).json();
    assert_eq!(made["files"][1]["facts"], 300);
    for (file, department) in
        [("evidence.jsonl", "hb-headquarters"), ("codes.jsonl", "hb-data"), ("tests.jsonl", "hb-lab-1")]
    {
        let imported = provinces.import(file, department).json();
        assert_eq!(imported["changed"], imported["facts"], "{imported}");
    }

    // A file with one bad line is refused whole; a department without a listed key is told before it sends.
    let codes = people.join("codes.jsonl");
    let text = fs::read_to_string(&codes).unwrap();
    fs::write(people.join("bad.jsonl"), format!("{text}{{\"number\":1}}\n")).unwrap();
    let refused = provinces.import("bad.jsonl", "hb-data");
    let found: Value = serde_json::from_str(&refused.out).unwrap();
    assert_eq!((refused.exit, found["lines"][0]["line"].as_u64()), (2, Some(301)), "{found}");
    let key = provinces.path("hb/statement-hb-lab-1.key");
    let unlisted = ["registry", "import", arg(&codes), "--key", arg(&key), "--at", DAY];
    assert_eq!(provinces.ask("hb/department-hb-data", &unlisted).exit, 2);

    // The question. The link between the nodes may still be on its way.
    let (receipt, saved) = (provinces.path("receipt.txt"), provinces.path("gd.checkpoint"));
    let began = Instant::now();
    let mut query = vec!["query", "--place", "gz-south-station", "--purpose", "travel", "--home", "42"];
    let document = somebody(&people);
    query.extend(["--document", &document, "--origin", "420102", "--receipt", arg(&receipt)]);
    let decision = loop {
        let decision = provinces.ask("gd/app-gd-transport-checkpoint", &query).json();
        let asked = decision["asked"].as_array().unwrap();
        if asked.iter().any(|one| one["region"] == "42" && one["result"] == "answered") {
            break decision;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{decision}");
        fs::remove_file(&receipt).unwrap();
        std::thread::sleep(Duration::from_millis(100));
    };
    assert!(
        decision["findings"].as_array().unwrap().iter().any(|one| one["belief"] == "green"),
        "{decision}"
    );
    assert_eq!(decision["receipt"]["log"], "gd.example/log/0");
    let without_receipt = &query[..query.len() - 2];
    let zh = provinces.ask_in(&["--lang", "zh"], "gd/app-gd-transport-checkpoint", without_receipt);
    assert!(zh.out.contains("健康码") && zh.out.contains("（据此决定）"), "{}", zh.out);
    let wrong = [&query[..2], &["no-such-place"], &query[3..]].concat();
    let refused = provinces.ask("gd/app-gd-transport-checkpoint", &wrong);
    assert_eq!(refused.exit, 4);
    assert!(refused.err.contains("place_unknown"), "{}", refused.err);

    // The proof, offline.
    let federation = arg(&provinces.federation);
    let verify = |path: &Path| {
        huxin(&["--format", "json", "receipt", "verify", arg(path), "--federation", federation])
    };
    let verified = verify(&receipt).json();
    assert_eq!(verified["outcome"], decision["outcome"]);
    assert_eq!((&verified["region"], &verified["personal"]), (&Value::from("44"), &Value::from(true)));
    let text = fs::read_to_string(&receipt).unwrap();
    let tampered = provinces.path("tampered.txt");
    let index = format!("index {}\n", decision["receipt"]["index"]);
    let other = if index == "index 0\n" { "index 1\n" } else { "index 0\n" };
    fs::write(&tampered, text.replacen(&index, other, 1)).unwrap();
    assert_eq!(verify(&tampered).exit, 1);
    fs::write(&tampered, with_another_last_byte(&text)).unwrap();
    assert_eq!(verify(&tampered).exit, 1);
    fs::write(&tampered, text.replacen("extra ", "extra A", 1)).unwrap();
    assert_eq!(verify(&tampered).exit, 2);

    let stranger = "111:429999198801019996";
    crate::reviews::a_review_is_listed_explained_resolved_and_shown(&provinces, stranger);

    // The log: of the running node, continued later, and of the stopped one.
    let entry = decision["receipt"]["index"].to_string();
    let ledger = ["ledger", "verify", "--index", &entry, "--save", arg(&saved)];
    let first = provinces.ask("gd/operator-duty-1", &ledger).json();
    assert_eq!(first["entries"][0]["type"], "decision");
    fs::remove_file(&receipt).unwrap();
    provinces.ask("gd/app-gd-transport-checkpoint", &query).json();
    let later = provinces.ask("gd/operator-duty-1", &["ledger", "verify", "--saved", arg(&saved)]).json();
    assert!(later["size"].as_u64() > first["size"].as_u64() && later["continues"] == first["size"]);
    let root = "00".repeat(32);
    let size = first["size"].to_string();
    let forked = provinces.ask("gd/operator-duty-1", &["ledger", "verify", "--from", &size, "--root", &root]);
    assert_eq!(forked.exit, 1, "{}", forked.err);

    let log = provinces.path("gd/data/log");
    let audit = || {
        huxin(&[
            "--format",
            "json",
            "ledger",
            "audit",
            arg(&log),
            "--federation",
            federation,
            "--origin",
            "gd.example/log/0",
        ])
    };
    assert_eq!(audit().exit, 4, "the node still runs");
    assert_eq!((hb.stop(), gd.stop()), (0, 0));
    assert_eq!(provinces.ask("gd/app-gd-transport-checkpoint", &query).exit, 4, "no node runs");
    let audited = audit().json();
    assert!(audited["size"].as_u64() >= later["size"].as_u64(), "{audited}");
    crate::cases::decisions_are_exported_and_simulated(&provinces);
    let mut journal = fs::read(log.join("journal-0000000001")).unwrap();
    journal[200] ^= 1;
    fs::write(log.join("journal-0000000001"), journal).unwrap();
    assert_eq!(audit().exit, 1);
}
