use huxin_cli::Exit;

use crate::support::{arg, huxin, sample};

#[test]
fn help_lists_every_exit_code() {
    let help = huxin(&["--help"]);
    assert_eq!(help.exit, 0);
    for exit in Exit::ALL {
        let line = help.out.lines().find(|line| line.trim_start().starts_with(&exit.code().to_string()));
        assert!(line.is_some_and(|line| line.contains(exit.en())), "{exit:?}: {}", help.out);
    }
}

#[test]
fn a_wrong_command_line_ends_with_64_and_says_so_on_the_error_stream() {
    for wrong in [
        &["no-such-command"][..],
        &["query", "--place", "x"],
        &["policy", "check"],
        &["registry", "generate", "--region", "42", "--people", "0", "--out", "/tmp/x"],
        &["receipt", "verify", "x"],
        &["pki", "issue", "--ca", "x", "--role", "nobody/x", "--out", "x"],
    ] {
        let said = huxin(wrong);
        assert_eq!(said.exit, 64, "{wrong:?}: {}", said.err);
        assert!(said.out.is_empty() && !said.err.is_empty(), "{wrong:?}");
        let json = huxin(&[&["--format", "json"], wrong].concat());
        let line: serde_json::Value = serde_json::from_str(&json.err).unwrap();
        assert_eq!((json.exit, line["exit"].as_u64()), (64, Some(64)), "{line}");
    }
}

#[test]
fn a_file_that_is_missing_and_one_that_is_wrong_end_apart_in_either_language() {
    let missing = huxin(&["node", "--config", "/no/such/node.toml"]);
    assert_eq!(missing.exit, 4);
    assert!(missing.err.contains("check the path"), "{}", missing.err);

    let wrong = sample("deploy/policies/national.toml");
    let zh = huxin(&["--lang", "zh", "node", "--config", arg(&wrong)]);
    assert_eq!(zh.exit, 2);
    assert!(zh.err.contains("节点没有启动"), "{}", zh.err);

    let json = huxin(&["--lang", "zh", "--format", "json", "node", "--config", "/no/such/node.toml"]);
    let line: serde_json::Value = serde_json::from_str(json.err.trim()).unwrap();
    assert_eq!(line["exit"], 4);
    assert!(line["error"].as_str().unwrap().is_ascii());
}

#[test]
fn issued_files_are_never_overwritten_and_keys_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let ca = arg(folder.path());
    let create = ["pki", "ca", "create", "--trust-domain", "hb.example", "--out", ca];
    assert_eq!(huxin(&create).exit, 0);
    assert_eq!(huxin(&create).exit, 4);
    let issue = ["--format", "json", "pki", "issue", "--ca", ca, "--role", "department/hb-cdc", "--out", ca];
    let issued = huxin(&issue).json();
    assert_eq!(issued["identity"], "spiffe://hb.example/department/hb-cdc");
    let mode = std::fs::metadata(issued["key"].as_str().unwrap()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let list = folder.path().join("hb.crl");
    let serial = issued["serial"].as_str().unwrap();
    for number in ["1", "2"] {
        let crl = ["pki", "crl", "--ca", ca, "--number", number, "--revoke", serial, "--out", arg(&list)];
        assert_eq!(huxin(&crl).exit, 0);
    }
    assert!(std::fs::read_to_string(&list).unwrap().contains("X509 CRL"));

    let node = ["pki", "issue", "--ca", ca, "--role", "node/node-1", "--out", ca];
    assert_eq!(huxin(&node).exit, 64, "a node without a host");
    let log = folder.path().join("log.key");
    let key = huxin(&["pki", "log-key", "--origin", "hb.example/log/0", "--out", arg(&log)]);
    assert!(key.out.contains("hb.example/log/0+"), "{}", key.out);
}
