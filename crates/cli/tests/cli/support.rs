//! Runs the binary, and provinces of real nodes.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The day that the samples speak of.
pub(crate) const DAY: &str = "2022-07-08T09:00:00+08:00";

/// What a command said, and how it ended.
pub(crate) struct Said {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// What a process that ended had said.
    pub(crate) fn of(output: Output) -> Self {
        Self {
            exit: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The results as JSON, of a command that ended well.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.exit, 0, "{}{}", self.out, self.err);
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// Runs the binary with these arguments, in no particular locale.
pub(crate) fn huxin(arguments: &[&str]) -> Said {
    Said::of(command(arguments).output().unwrap())
}

/// The binary with these arguments, in no particular locale.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_huxin"));
    command.args(arguments).env_remove("LC_ALL").env_remove("HUXIN_LOG").env("LANG", "C");
    command
}

/// A file of the repository.
pub(crate) fn sample(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path).canonicalize().unwrap()
}

/// A path as an argument.
pub(crate) fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Ports that were free a moment ago.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    let held: [TcpListener; N] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    held.each_ref().map(|listener| listener.local_addr().unwrap().port())
}

/// A node as a child process; it is killed when it goes out of scope.
pub(crate) struct Node(Child);

impl Node {
    /// Starts a node and waits until it says that it serves.
    pub(crate) fn start(config: &Path) -> Self {
        let mut child = command(&["--format", "json", "node", "--config", arg(config)])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        while !said.trim_end().ends_with('}') {
            assert!(lines.read_line(&mut said).unwrap() > 0, "the node ended: {said}");
        }
        assert!(serde_json::from_str::<Value>(&said).unwrap()["serving"].as_bool().unwrap());
        Self(child)
    }

    /// Stops it as an operator does, and returns its exit code.
    pub(crate) fn stop(mut self) -> i32 {
        let killed = Command::new("kill").arg(self.0.id().to_string()).status().unwrap();
        assert!(killed.success());
        self.0.wait().unwrap().code().unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
