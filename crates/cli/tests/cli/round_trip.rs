use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

use crate::support::{DAY, Node, Said, arg, free_ports, huxin, sample};

const PEOPLE: &str = "300";

/// What operators of two provinces prepare, by commands alone but for node.toml and the secret.
struct Provinces {
    folder: tempfile::TempDir,
    federation: PathBuf,
}

impl Provinces {
    fn prepare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("pki");
        let [ha, hb, hn, gd] = free_ports::<4>();
        let ports = [(41, ha), (42, hb), (43, hn), (44, gd)];
        let endpoints = ports.map(|(region, port)| format!("{region}=127.0.0.1:{port}"));
        let policies = sample("deploy/policies");
        let (vocabulary, baseline) = (policies.join("vocabulary.toml"), policies.join("national.toml"));
        let description = sample("certs-example/pki.toml");
        let mut command = vec!["pki", "example", "--description", arg(&description), "--out", arg(&out)];
        command.extend(["--vocabulary", arg(&vocabulary), "--baseline", arg(&baseline)]);
        endpoints.iter().for_each(|endpoint| command.extend(["--endpoint", endpoint]));
        let made = huxin(&command);
        assert_eq!(made.exit, 0, "{}", made.err);

        let risk_areas = out.join("risk-areas.toml");
        fs::copy(policies.join("risk-areas.toml"), &risk_areas).unwrap();
        let signer = out.join("signers/risk-areas-headquarters.key");
        assert_eq!(huxin(&["pki", "sign", "--key", arg(&signer), arg(&risk_areas)]).exit, 0);
        for (short, (region, port)) in [("hb", ports[1]), ("gd", ports[3])] {
            let own = out.join(short);
            fs::write(own.join("province.secret"), "5a".repeat(32)).unwrap();
            fs::write(own.join("node.toml"), node_toml(short, region, port, &policies)).unwrap();
        }
        Self { federation: out.join("federation/federation.toml"), folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("pki").join(name)
    }

    fn start(&self, short: &str) -> Node {
        Node::start(&self.path(&format!("{short}/node.toml")))
    }

    /// Runs a command with the connection flags of a party.
    fn ask(&self, party: &str, command: &[&str]) -> Said {
        self.ask_in(&["--format", "json"], party, command)
    }

    fn ask_in(&self, form: &[&str], party: &str, command: &[&str]) -> Said {
        let certificate = self.path(&format!("{party}.pem"));
        let connection = ["--federation", arg(&self.federation), "--certificate", arg(&certificate)];
        huxin(&[form, command, &connection].concat())
    }

    fn import(&self, file: &str, department: &str) -> Said {
        let file = self.folder.path().join("people").join(file);
        let key = self.path(&format!("hb/statement-{department}.key"));
        let command = ["registry", "import", "--file", arg(&file), "--key", arg(&key), "--at", DAY];
        self.ask(&format!("hb/department-{department}"), &command)
    }
}

fn node_toml(short: &str, region: u8, port: u16, policies: &Path) -> String {
    let policies = arg(policies);
    format!(
        "format = 1\nregion = \"{region}\"\nlisten = \"127.0.0.1:{port}\"\ndata = \"data\"\nruntimes = 1\n\
         facts_start = {DAY}\n\
         [identity]\ncertificate = \"node.pem\"\nkey = \"node.key\"\n\
         federation = \"../federation/federation.toml\"\n\
         [log]\norigin = \"{short}.example/log/0\"\nkey = \"log.key\"\n\
         [registry]\nsecret = \"province.secret\"\n\
         [policy]\nvocabulary = \"{policies}/vocabulary.toml\"\nbaseline = \"{policies}/national.toml\"\n\
         places = \"{policies}/places-{region}.toml\"\nrisk_areas = \"../risk-areas.toml\"\n"
    )
}

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
fn with_another_last_byte(receipt: &str) -> String {
    let line = receipt.lines().find(|line| line.starts_with("extra ")).unwrap();
    let mut extra = BASE64_STANDARD.decode(&line["extra ".len()..]).unwrap();
    *extra.last_mut().unwrap() ^= 1;
    receipt.replacen(line, &format!("extra {}", BASE64_STANDARD.encode(extra)), 1)
}

#[test]
fn facts_are_imported_asked_for_across_the_border_and_proved_afterwards() {
    let provinces = Provinces::prepare();
    let (hb, gd) = (provinces.start("hb"), provinces.start("gd"));

    // Facts: generated, imported by their departments, and not twice.
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
    let again = provinces.import("codes.jsonl", "hb-data").json();
    assert_eq!((&again["skipped"], &again["changed"]), (&Value::from(300), &Value::from(0)));

    // A file with one bad line is refused whole; a department without a listed key is told before it sends.
    let codes = people.join("codes.jsonl");
    let text = fs::read_to_string(&codes).unwrap();
    fs::write(people.join("bad.jsonl"), format!("{text}{{\"number\":1}}\n")).unwrap();
    let refused = provinces.import("bad.jsonl", "hb-data");
    let found: Value = serde_json::from_str(&refused.out).unwrap();
    assert_eq!((refused.exit, found["lines"][0]["line"].as_u64()), (2, Some(301)), "{found}");
    let key = provinces.path("hb/statement-hb-lab-1.key");
    let unlisted = ["registry", "import", "--file", arg(&codes), "--key", arg(&key), "--at", DAY];
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
    let mut journal = fs::read(log.join("journal-0000000001")).unwrap();
    journal[200] ^= 1;
    fs::write(log.join("journal-0000000001"), journal).unwrap();
    assert_eq!(audit().exit, 1);
}
