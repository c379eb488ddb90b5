//! Every file that a node starts with, in every bad form: a clear error with its place, and the documented exit code.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::node_folder::NodeFolder;
use crate::support::{Said, arg, huxin, sample};

/// The files, each with a mandatory key and its line.
const FILES: [(&str, &str); 6] = [
    ("node.toml", "listen"),
    ("federation/federation.toml", "expires"),
    ("policy/vocabulary.toml", "version"),
    ("policy/national.toml", "title"),
    ("policy/places.toml", "category"),
    ("policy/risk-areas.toml", "covers"),
];

/// A folder whose node would start.
struct Whole {
    folder: NodeFolder,
}

impl Whole {
    fn new() -> Self {
        let folder = NodeFolder::init();
        folder.complete();
        fs::copy(sample("deploy/policies/places-44.toml"), folder.own.join("policy/places.toml")).unwrap();
        Self { folder }
    }

    /// Starts the node on a folder in which one file holds these bytes, and puts the file back.
    fn with(&self, file: &str, bytes: &[u8]) -> Said {
        let path = self.folder.own.join(file);
        let good = fs::read(&path).unwrap();
        let signed = file.ends_with("risk-areas.toml");
        if signed {
            self.folder.put_risk_areas(bytes)
        } else {
            fs::write(&path, bytes).unwrap()
        }
        let said = huxin(&["--format", "json", "node", "--config", arg(&self.folder.node_toml())]);
        if signed {
            self.folder.put_risk_areas(&good)
        } else {
            fs::write(&path, good).unwrap()
        }
        said
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.folder.own.join(file)).unwrap()
    }
}

/// The last line of the error stream: the lines before it are the node's log.
fn error(said: &Said) -> Value {
    serde_json::from_str(said.err.lines().last().unwrap()).unwrap_or_else(|_| panic!("{}", said.err))
}

#[track_caller]
fn assert_refused(said: &Said, exit: i32, file: &str, says: &str) {
    assert_eq!(said.exit, exit, "{file}, {says}: {}{}", said.out, said.err);
    assert!(said.out.is_empty(), "nothing is said to serve: {}", said.out);
    let error = error(said);
    let message = error["error"].as_str().unwrap();
    assert!(message.contains(file) && message.contains(says), "{file}, {says}: {message}");
    assert_eq!(error["exit"], exit);
}

/// The finding of the file at a line; each reader names it.
#[track_caller]
fn assert_found(said: &Said, file: &str, line: usize, says: &str) {
    assert_refused(said, 2, file, says);
    let error = error(said);
    let findings = error["findings"].as_array().unwrap_or_else(|| panic!("{error}"));
    let found = findings.iter().any(|finding| {
        finding["line"] == line && finding["message_en"].as_str().is_some_and(|text| text.contains(says))
    });
    assert!(found, "{file}:{line}: {says}: {error}");
}

#[test]
fn a_file_of_no_bounded_text_or_no_toml_keeps_a_node_from_starting() {
    let whole = Whole::new();
    for (file, _) in FILES {
        let name = file.rsplit('/').next().unwrap();
        assert_refused(&whole.with(file, &vec![b'#'; 5 * 1024 * 1024]), 2, name, "larger than 4 MiB");
        assert_refused(&whole.with(file, b"a = \"\xff\""), 2, name, "UTF-8");
        let text = whole.text(file);
        assert_refused(&whole.with(file, format!("{text}\nx = \"a\0b\"\n").as_bytes()), 2, name, "");
        let deep = format!("{text}\nx = {}{}\n", "[".repeat(5000), "]".repeat(5000));
        assert_refused(&whole.with(file, deep.as_bytes()), 2, name, "");
        let tables = format!("{text}\n[{}]\n", vec!["x"; 5000].join("."));
        assert_refused(&whole.with(file, tables.as_bytes()), 2, name, "");
        // No place at all is no error: no app may ask anything then.
        if name != "places.toml" {
            assert_refused(&whole.with(file, b""), 2, name, "missing");
        }
        let path = whole.folder.own.join(file);
        let kept = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let said = huxin(&["--format", "json", "node", "--config", arg(&whole.folder.node_toml())]);
        assert_refused(&said, 4, name, "cannot read");
        fs::write(&path, kept).unwrap();
    }
    for file in ["node.pem", "node.key", "log.key", "province.secret", "policy/risk-areas.toml.sig"] {
        let path = whole.folder.own.join(file);
        let kept = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let said = huxin(&["--format", "json", "node", "--config", arg(&whole.folder.node_toml())]);
        assert_refused(&said, 4, file, "cannot read");
        fs::write(&path, b"\0").unwrap();
        let said = huxin(&["--format", "json", "node", "--config", arg(&whole.folder.node_toml())]);
        assert_refused(&said, 2, "", "");
        fs::write(&path, kept).unwrap();
    }
}

#[test]
fn an_unknown_a_duplicate_and_a_missing_key_and_a_wrong_type_are_named_with_their_line() {
    let whole = Whole::new();
    for (file, key) in FILES {
        let (text, name) = (whole.text(file), file.rsplit('/').next().unwrap());
        let (number, line) = text.lines().enumerate().find(|(_, line)| line.starts_with(key)).unwrap();
        let number = number + 1;
        let unknown = text.replacen(line, &format!("nonsense = 1\n{line}"), 1);
        assert_found(&whole.with(file, unknown.as_bytes()), name, number, "nonsense");
        let twice = text.replacen(line, &format!("{line}\n{line}"), 1);
        assert_found(&whole.with(file, twice.as_bytes()), name, number + 1, key);
        let without = text.replacen(&format!("{line}\n"), "", 1);
        assert_refused(&whole.with(file, without.as_bytes()), 2, name, key);
        let wrong = text.replacen(line, &format!("{key} = 1.5"), 1);
        assert_found(&whole.with(file, wrong.as_bytes()), name, number, key);
    }
}

#[test]
fn a_value_out_of_its_bounds_is_named_with_its_line() {
    let whole = Whole::new();
    for (file, from, to, says) in [
        ("node.toml", "region = \"44\"", "region = \"4\"", "region"),
        ("node.toml", "runtimes = 0", "runtimes = 65", "from 0 to 64"),
        (
            "node.toml",
            "facts_start = 2022-07-08T09:00:00+08:00",
            "facts_start = 2022-07-08T09:00:00",
            "offset",
        ),
        ("federation/federation.toml", "region = \"42\"", "region = \"00\"", "region"),
        ("federation/federation.toml", "version = 1", "version = 0", "from 1"),
        ("federation/federation.toml", "version = 1", "version = 99999999999999999999", "version"),
        ("policy/places.toml", "area = \"440113\"", "area = \"420113\"", "44"),
        ("policy/places.toml", "area = \"440113\"", "area = \"44011\"", "area"),
        (
            "policy/risk-areas.toml",
            "until = 2022-07-09T00:00:00+08:00",
            "until = 2022-07-09T00:00:00",
            "offset",
        ),
        ("policy/risk-areas.toml", "until = 2022-07-09T", "until = 2022-07-19T", "48 hours"),
        ("policy/risk-areas.toml", "covers = [\"41\"", "covers = [\"00\"", "00"),
    ] {
        let (text, name) = (whole.text(file), file.rsplit('/').next().unwrap());
        let line =
            text.lines().position(|line| line.contains(from)).unwrap_or_else(|| panic!("{file}: {from}"));
        let said = whole.with(file, text.replacen(from, to, 1).as_bytes());
        assert_found(&said, name, line + 1, says);
    }
}

#[test]
fn a_description_of_a_pki_is_refused_in_every_bad_form() {
    let folder = tempfile::tempdir().unwrap();
    let (description, out) = (folder.path().join("pki.toml"), folder.path().join("out"));
    let policies = sample("deploy/policies");
    let (vocabulary, baseline) = (policies.join("vocabulary.toml"), policies.join("national.toml"));
    let run = |bytes: &[u8]| {
        fs::write(&description, bytes).unwrap();
        let command =
            ["--format", "json", "pki", "example", "--description", arg(&description), "--out", arg(&out)];
        let files = ["--vocabulary", arg(&vocabulary), "--baseline", arg(&baseline), "--endpoint", "42=a:1"];
        huxin(&[&command[..], &files].concat())
    };
    let good = fs::read_to_string(sample("certs-example/pki.toml")).unwrap();
    let line = |from: &str| good.lines().position(|line| line.contains(from)).unwrap() + 1;
    assert_refused(&run(b"\xff"), 2, "pki.toml", "UTF-8");
    assert_refused(&run(&vec![b'#'; 5 * 1024 * 1024]), 2, "pki.toml", "larger than 4 MiB");
    assert_refused(&run(b""), 2, "pki.toml", "format is missing");
    let deep = format!("{good}\nx = {}{}\n", "[".repeat(5000), "]".repeat(5000));
    assert_refused(&run(deep.as_bytes()), 2, "pki.toml", "");
    for (from, to, says) in [
        ("format = 1", "format = 2", "format"),
        ("format = 1", "format = 1\nnonsense = 1", "nonsense"),
        ("region = \"42\"", "region = \"00\"", "region"),
        ("trust_domain = \"hb.example\"", "trust_domain = \"HB example\"", "trust_domain"),
    ] {
        let said = run(good.replacen(from, to, 1).as_bytes());
        assert_found(&said, "pki.toml", line(from) + usize::from(says == "nonsense"), says);
    }
    assert!(!out.exists(), "nothing is made of a bad description");
    let missing: PathBuf = Path::new("/no/such/pki.toml").into();
    let command =
        ["pki", "example", "--description", arg(&missing), "--out", arg(&out), "--endpoint", "42=a:1"];
    let files = ["--vocabulary", arg(&vocabulary), "--baseline", arg(&baseline)];
    assert_eq!(huxin(&[&command[..], &files].concat()).exit, 4);
}
