//! Two provinces in a folder, prepared by commands alone but for `node.toml` and the secret.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{DAY, Node, Said, arg, free_ports, huxin, sample};

/// What operators of two provinces prepare, by commands alone but for node.toml and the secret.
pub(crate) struct Provinces {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) federation: PathBuf,
}

impl Provinces {
    pub(crate) fn prepare() -> Self {
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

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("pki").join(name)
    }

    pub(crate) fn start(&self, short: &str) -> Node {
        Node::start(&self.path(&format!("{short}/node.toml")))
    }

    /// Runs a command with the connection flags of a party.
    pub(crate) fn ask(&self, party: &str, command: &[&str]) -> Said {
        self.ask_in(&["--format", "json"], party, command)
    }

    pub(crate) fn ask_in(&self, form: &[&str], party: &str, command: &[&str]) -> Said {
        let certificate = self.path(&format!("{party}.pem"));
        let connection = ["--federation", arg(&self.federation), "--certificate", arg(&certificate)];
        huxin(&[form, command, &connection].concat())
    }

    pub(crate) fn import(&self, file: &str, department: &str) -> Said {
        let file = self.folder.path().join("people").join(file);
        let key = self.path(&format!("hb/statement-{department}.key"));
        let command = ["registry", "import", arg(&file), "--key", arg(&key), "--at", DAY];
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
