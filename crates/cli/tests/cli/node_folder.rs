//! A node's folder from nothing to a running node, and an operator who looks at it and makes it reload.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use huxin_node::Config;
use serde_json::Value;

use crate::support::{DAY, Node, Said, arg, free_ports, huxin, sample};

/// A node's folder made by `huxin init`, and the example PKI that gives what it lacks.
pub(crate) struct NodeFolder {
    _folder: tempfile::TempDir,
    pki: PathBuf,
    pub(crate) own: PathBuf,
    made: Value,
}

impl NodeFolder {
    pub(crate) fn init() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (pki, own) = (folder.path().join("pki"), folder.path().join("gd"));
        let [ha, hb, hn, gd] = free_ports::<4>();
        let policies = sample("deploy/policies");
        let (vocabulary, baseline) = (policies.join("vocabulary.toml"), policies.join("national.toml"));
        let description = sample("certs-example/pki.toml");
        let endpoints = [(41, ha), (42, hb), (43, hn), (44, gd)];
        let endpoints = endpoints.map(|(region, port)| format!("{region}=127.0.0.1:{port}"));
        let mut command = vec!["pki", "example", "--description", arg(&description), "--out", arg(&pki)];
        command.extend(["--vocabulary", arg(&vocabulary), "--baseline", arg(&baseline)]);
        endpoints.iter().for_each(|endpoint| command.extend(["--endpoint", endpoint]));
        let example = huxin(&command);
        assert_eq!(example.exit, 0, "{}", example.err);
        let made = init(&own, gd).json();
        Self { _folder: folder, pki, own, made }
    }

    /// Does what `huxin init` says is to be done.
    pub(crate) fn complete(&self) {
        for entry in fs::read_dir(self.pki.join("federation")).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, self.own.join("federation").join(path.file_name().unwrap())).unwrap();
        }
        // The membership list names the new log's key.
        let list = fs::read_to_string(self.federation()).unwrap();
        let start = list.find("gd.example/log/0+").unwrap();
        let old: String = list[start..].chars().take_while(|c| *c != '"').collect();
        fs::write(self.federation(), list.replace(&old, self.made["vkey"].as_str().unwrap())).unwrap();
        let issue = ["pki", "issue", "--role", "node/node-1", "--host", "localhost", "--host", "127.0.0.1"];
        let ca = self.pki.join("gd");
        let issued = huxin(&[&issue[..], &["--ca", arg(&ca), "--out", arg(&self.own)]].concat());
        assert_eq!(issued.exit, 0, "{}", issued.err);
        for name in ["vocabulary.toml", "national.toml"] {
            let policies = sample("deploy/policies");
            fs::copy(policies.join(name), self.own.join("policy").join(name)).unwrap();
        }
        let areas = sample("deploy/policies/risk-areas.toml");
        self.put_risk_areas(&fs::read(areas).unwrap());
        // The samples speak of a day in 2022.
        let config = fs::read_to_string(self.node_toml()).unwrap();
        fs::write(self.node_toml(), config.replace("# facts_start = ", "facts_start = ")).unwrap();
        assert_eq!(Config::load(&self.node_toml()).unwrap().facts_start.unwrap().to_string(), DAY);
    }

    /// Puts a list into the folder, signed where it is text.
    pub(crate) fn put_risk_areas(&self, text: &[u8]) {
        let path = self.own.join("policy/risk-areas.toml");
        fs::write(&path, text).unwrap();
        let key = self.pki.join("signers/risk-areas-headquarters.key");
        huxin(&["pki", "sign", "--key", arg(&key), arg(&path)]);
    }

    pub(crate) fn node_toml(&self) -> PathBuf {
        self.own.join("node.toml")
    }

    pub(crate) fn federation(&self) -> PathBuf {
        self.own.join("federation/federation.toml")
    }

    fn ask(&self, command: &[&str]) -> Said {
        let (federation, certificate) = (self.federation(), self.pki.join("gd/operator-duty-1.pem"));
        let connection = ["--federation", arg(&federation), "--certificate", arg(&certificate)];
        huxin(&[&["--format", "json"], command, &connection].concat())
    }
}

fn init(own: &Path, port: u16) -> Said {
    let listen = format!("127.0.0.1:{port}");
    let command = ["--format", "json", "init", "--region", "44", "--trust-domain", "gd.example"];
    huxin(&[&command[..], &["--dir", arg(own), "--listen", &listen]].concat())
}

#[test]
fn a_folder_is_made_once_with_private_keys_and_says_what_is_next() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("gd");
    let made = init(&own, 7443).json();
    assert_eq!((&made["origin"], made["files"].as_array().unwrap().len()), (&"gd.example/log/0".into(), 4));
    for secret in ["province.secret", "log.key"] {
        assert_eq!(fs::metadata(own.join(secret)).unwrap().permissions().mode() & 0o777, 0o600, "{secret}");
    }
    for there in ["node.toml", "log.key", "province.secret", "policy/places.toml"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(there);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "mine").unwrap();
        let refused = init(folder.path(), 7443);
        assert_eq!(refused.exit, 4, "{}", refused.out);
        assert!(refused.err.contains("exists") && refused.err.contains(there), "{}", refused.err);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        assert!(
            ["node.toml", "log.key"].iter().all(|name| *name == there || !folder.path().join(name).exists())
        );
    }
    let dir = folder.path().join("x");
    let text = huxin(&["init", "--region", "44", "--trust-domain", "gd.example", "--dir", arg(&dir)]);
    for step in ["huxin pki issue", "membership list", "federation.toml", "huxin node --config"] {
        assert!(text.out.contains(step), "{step}: {}", text.out);
    }
}

#[test]
fn a_new_folder_starts_once_certificates_membership_and_policies_are_placed() {
    let folder = NodeFolder::init();
    let node_toml = folder.node_toml();
    let too_early = huxin(&["node", "--config", arg(&node_toml)]);
    assert_eq!(too_early.exit, 4, "{}", too_early.err);
    folder.complete();
    let node = Node::start(&node_toml);

    let status = folder.ask(&["operator", "status"]).json();
    assert_eq!((&status["region"], &status["log"]), (&"44".into(), &"gd.example/log/0".into()));
    let risks = |status: &Value| {
        let files = status["policy"].as_array().unwrap();
        files.iter().find(|file| file["id"] == "risk-areas").unwrap()["version"].as_u64()
    };
    assert_eq!(risks(&status), Some(1));

    let areas = fs::read_to_string(sample("deploy/policies/risk-areas.toml")).unwrap();
    folder.put_risk_areas(areas.replacen("version = 1", "version = 2", 1).as_bytes());
    let reloaded = folder.ask(&["operator", "reload"]).json();
    assert_eq!(reloaded["changed"][0]["id"], "risk-areas", "{reloaded}");
    assert!(folder.ask(&["operator", "reload"]).json()["changed"].as_array().unwrap().is_empty());
    assert_eq!(risks(&folder.ask(&["operator", "status"]).json()), Some(2));
    folder.put_risk_areas(areas.as_bytes());
    let refused = folder.ask(&["operator", "reload"]);
    assert_eq!(refused.exit, 4);
    assert!(refused.err.contains("rules_rejected") && refused.err.contains("version 2"), "{}", refused.err);
    let warnings = folder.ask(&["operator", "status"]).json()["warnings"].to_string();
    assert!(warnings.contains("facts_clock_moved") && warnings.contains("risk_areas_rejected"), "{warnings}");
    folder.put_risk_areas(areas.replacen("version = 1", "version = 2", 1).as_bytes());

    // A second node on the same folder is told what is in its way.
    let second = huxin(&["node", "--config", arg(&node_toml)]);
    assert_eq!(second.exit, 4, "{}", second.err);
    assert!(second.err.contains("another node runs on the folder"), "{}", second.err);
    assert_eq!(node.stop(), 0);
}
