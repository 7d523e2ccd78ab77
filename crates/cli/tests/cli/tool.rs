//! Runs the binary and holds what came out.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// One audit event as a line of JSON, and two that are plain.
pub const AUDIT: &str = concat!(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a-1","stage":"ResponseComplete","#,
    r#""verb":"list","user":{"username":"jane","groups":["dev","ops"]},"sourceIPs":["10.0.0.7"],"#,
    r#""objectRef":{"resource":"secrets","namespace":"prod","apiVersion":"v1"},"#,
    r#""requestReceivedTimestamp":"2026-11-23T16:02:58.850211Z","stageTimestamp":"2026-11-23T16:02:58.853000Z"}"#,
    "\n"
);
pub const JSON_LINES: &str = "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}\n";

/// The exit code, standard output and standard error of a run.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }
}

impl Ran {
    /// Checks the exit code and that standard error holds all parts.
    #[track_caller]
    pub fn expect(self, code: i32, parts: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        for part in parts {
            assert!(self.stderr.contains(part), "no `{part}` in\n{}", self.stderr);
        }
        self
    }
}

/// The binary, with nothing piped in.
pub fn dogwatch(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dogwatch"));
    command.current_dir(directory).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").stdin(Stdio::null());
    // What the person at this machine has tuned plays no part.
    command.env("XDG_CONFIG_HOME", directory.join("no configuration"));
    command
}

/// Runs the binary in a directory.
pub fn run(directory: &Path, arguments: &[&str]) -> Ran {
    dogwatch(directory).args(arguments).output().expect("the binary starts").into()
}

/// Runs the binary with something piped in.
pub fn run_with_input(directory: &Path, arguments: &[&str], input: &str) -> Ran {
    let mut command = dogwatch(directory);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    // A run that ends without reading its input closes the pipe.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("the binary ends").into()
}

/// A directory with a log of JSON lines and one of Kubernetes audit events.
pub fn logs() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(directory.path().join("events.json"), JSON_LINES).expect("a file");
    std::fs::write(directory.path().join("audit.log"), AUDIT).expect("a file");
    directory
}

/// The root of the repository, where `content/` and `corpus/` are.
pub fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the repository is there")
}

/// A detection of its own in a folder of its own, for runs with `--content`.
pub fn detection(name: &str, search: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = name.to_lowercase().replace(' ', "_");
    let search = search.replace('\n', "\n  ");
    let text = format!(
        "name: {name}\nid: 3a91036d-b53f-4e43-80d2-75f85a084f9d\nversion: 1\nstatus: production\ntype: TTP\n\
         search: |-\n  {search}\nrba:\n  message: $user$ did it\n  risk_objects:\n  - field: user\n    type: user\n    \
         score: 60\n  threat_objects: []\ntests:\n- name: True Positive Test\n  attack_data:\n  - data: \
         audit.log\n    source: auditd\n    sourcetype: kube:audit\n- name: True Positive Test elsewhere\n  attack_data:\n  \
         - data: https://example.com/log\n    source: x\n    sourcetype: kube:audit\n- name: True Negative Test\n  \
         attack_data:\n  - data: events.json\n    source: x\n    sourcetype: _json\n"
    );
    std::fs::write(directory.path().join(format!("{file}.yml")), text).expect("a file");
    std::fs::write(directory.path().join("events.json"), JSON_LINES).expect("a file");
    std::fs::write(directory.path().join("audit.log"), AUDIT).expect("a file");
    directory
}

/// The rows of a JSON result.
#[track_caller]
pub fn rows(ran: &Ran) -> Vec<serde_json::Value> {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"))
}
