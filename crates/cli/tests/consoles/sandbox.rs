//! Stands in for a reader's machine: a directory that looks like a clone of the repository, with logs where the pages look for
//! them and none of the programs that need a cluster or root.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The programs that a page may use besides Dogwatch. Any other is a name that does nothing.
const PROGRAMS: &[&str] =
    &["cat", "cp", "cut", "grep", "gzip", "head", "jq", "mkdir", "sed", "sha256sum", "sort", "tail", "zcat"];

/// What bash knows before it reads a script: other programs read their input and say nothing, `kubectl logs` gives a log,
/// and nothing is killed.
const PRELUDE: &str = r#"
command_not_found_handle() {
  case "$1 $2" in
    "kubectl logs") cat "$KUBE_LOG" ;;
    *) cat >/dev/null ;;
  esac
}
kill() { :; }
exec() { :; }
"#;

/// Runs Dogwatch, keeps how it ended, and prints messages behind results, as a reader sees them. A file of the repository: one
/// that is written here cannot be run while another thread has just started a program.
const WRAPPER: &str = "crates/cli/tests/consoles/dogwatch.sh";

/// What stands for a reader's audit log of Kubernetes: these, one after the other, so that every field of the pages is there.
const KUBE_LOGS: &[&str] = &[
    "corpus/kube_audit/a2_exec_and_proxy.jsonl",
    "corpus/kube_audit/bodies_a3_tokens_and_impersonation.jsonl",
    "corpus/synthetic/kube_audit/kubernetes_token_minted_for_service_account_benign.jsonl",
];
const HOST_LOG: &str = "corpus/auditd/t4_exposed_docker_api.log";

/// A detection of somebody else's, beside the clone.
const OTHERS: &str = "security_content/detections/cloud/kubernetes_abuse_of_secret_by_unusual_user_agent.yml";
const OTHERS_DETECTION: &str = "name: Kubernetes Abuse of Secret by Unusual User Agent
id: 6d1f4b0e-5a43-4a5b-9c6e-1f1d3a0c7e55
version: 1
status: production
type: TTP
tags:
  analytic_story:
  - Kubernetes Security
search: |-
  verb=get objectRef.resource=secrets | stats count by user
";

/// A directory to run commands in.
pub struct Sandbox {
    directory: tempfile::TempDir,
}

/// How a `dogwatch` in a script ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub arguments: String,
    pub stderr: String,
}

/// What a script left.
#[derive(Debug)]
pub struct Transcript {
    /// Both outputs, in lines.
    pub printed: Vec<String>,
    pub runs: Vec<Run>,
}

impl Sandbox {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let sandbox = Self { directory };
        sandbox.clone_repository();
        sandbox.lay_out_logs();
        sandbox.install_programs();
        sandbox
    }

    /// The directory that commands run in: the clone of the repository.
    pub fn home(&self) -> PathBuf {
        self.directory.path().join("clone")
    }

    /// What stands for `/`: absolute paths of a command lead here.
    pub fn root(&self) -> PathBuf {
        self.directory.path().join("root")
    }

    fn kube_log(&self) -> PathBuf {
        self.directory.path().join("kube.jsonl")
    }

    /// Pages may change detections, so these are copied; the rest is the repository's own.
    fn clone_repository(&self) {
        let (repository, home) = (repository(), self.home());
        fs::create_dir_all(&home).expect("a directory");
        for name in ["corpus", "docs", "spec"] {
            symlink(repository.join(name), home.join(name)).expect("a link");
        }
        copy(&repository.join("content"), &home.join("content"));
    }

    /// The names that pages and `--help` use for a reader's logs, and tables and macros of their own.
    fn lay_out_logs(&self) {
        let (repository, home, root) = (repository(), self.home(), self.root());
        for directory in ["var/log/audit", "var/log/kubernetes/audit", "evidence", "etc/audit/rules.d", "tmp"] {
            fs::create_dir_all(root.join(directory)).expect("a directory");
        }
        let bash_completions = "person/.local/share/bash-completion/completions";
        for directory in ["logs", "known-good", "CASE", bash_completions, "person/.config/fish/completions"] {
            fs::create_dir_all(home.join(directory)).expect("a directory");
        }
        let link = |log: &str, name: PathBuf| symlink(repository.join(log), name).expect("a link");
        let kube_log: Vec<u8> =
            KUBE_LOGS.iter().flat_map(|log| fs::read(repository.join(log)).expect("a log")).collect();
        fs::write(self.kube_log(), kube_log).expect("a log");
        for name in ["LOG", "audit.jsonl", "kube-audit.jsonl", "logs/kube.jsonl"] {
            symlink(self.kube_log(), home.join(name)).expect("a link");
        }
        link(HOST_LOG, home.join("AUDIT"));
        link("corpus/kube_audit/b1_benign_cluster.jsonl", home.join("known-good/kube.jsonl"));
        symlink(self.kube_log(), root.join("var/log/kubernetes/audit/audit.log")).expect("a link");
        link(HOST_LOG, root.join("var/log/audit/audit.log"));
        link("content/searches/container-api.spl", home.join("container-api.spl"));
        fs::create_dir_all(self.directory.path().join("security_content/detections/cloud")).expect("a directory");
        fs::write(self.directory.path().join(OTHERS), OTHERS_DETECTION).expect("a file");
        link("content/lookups", home.join("lookups"));
        link("content/macros", home.join("macros"));
        for (log, compressed) in
            [(self.kube_log(), "audit.json.gz"), (repository.join(HOST_LOG), "logs/audit.log.1.gz")]
        {
            let zipped = Command::new("gzip").arg("-c").arg(log).output().expect("gzip is installed");
            fs::write(home.join(compressed), zipped.stdout).expect("a file");
        }
    }

    fn install_programs(&self) {
        let bin = self.directory.path().join("bin");
        fs::create_dir(&bin).expect("a directory");
        for program in PROGRAMS {
            symlink(installed(program), bin.join(program)).expect("a link");
        }
        symlink(repository().join(WRAPPER), bin.join("dogwatch")).expect("a link");
    }

    /// Runs a script.
    pub fn run(&self, script: &str) -> Transcript {
        let runs = self.directory.path().join("runs");
        let _ = fs::remove_file(&runs);
        let script = format!("{PRELUDE}\n{}", self.with_own_paths(script));
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let mut bash = Command::new(installed("bash"));
        bash.args(["--noprofile", "--norc", "-c", &script]).current_dir(self.home()).env_clear();
        bash.env("PATH", self.directory.path().join("bin")).env("HOME", self.home().join("person"));
        bash.env("DOGWATCH", env!("CARGO_BIN_EXE_dogwatch")).env("RUNS", &runs).env("KUBE_LOG", self.kube_log());
        bash.stdin(Stdio::null()).stdout(writer.try_clone().expect("a pipe")).stderr(writer);
        let mut child = bash.spawn().expect("bash is installed");
        // The command holds the pipe's ends for writing, which have to close for the reading to end.
        drop(bash);
        let printed = std::io::read_to_string(reader).expect("text");
        child.wait().expect("bash ends");
        let root = self.root().display().to_string();
        let mut printed: Vec<String> =
            printed.replace(&root, "").lines().map(|line| line.trim_end().to_owned()).collect();
        while printed.last().is_some_and(String::is_empty) {
            printed.pop();
        }
        let runs = fs::read_to_string(&runs).unwrap_or_default();
        Transcript { printed, runs: runs.split_terminator('\0').map(Run::parse).collect() }
    }

    /// The script with this sandbox's root before each word that is an absolute path, so that nothing outside is read or
    /// written.
    fn with_own_paths(&self, script: &str) -> String {
        let root = self.root().display().to_string();
        let mut own = String::with_capacity(script.len());
        let mut before = '\n';
        for (index, letter) in script.char_indices() {
            let starts = letter == '/' && (before.is_whitespace() || "=>".contains(before));
            let is_path = script[index + 1..].starts_with(|next: char| next.is_alphanumeric());
            if starts && letter == '/' && is_path && !script[index..].starts_with("/dev/null") {
                own.push_str(&root);
            }
            own.push(letter);
            before = letter;
        }
        own
    }
}

impl Run {
    fn parse(text: &str) -> Self {
        let (code, rest) = text.split_once('\n').expect("a code");
        let (arguments, stderr) = rest.split_once(" \n").expect("arguments");
        Self { code: code.parse().expect("a number"), arguments: arguments.to_owned(), stderr: stderr.to_owned() }
    }
}

/// Where a program is on this machine.
fn installed(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|directory| directory.join(program)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("the pages' commands need {program}; please install it"))
}

/// What is wrong with the syntax of a script.
pub fn syntax_error(script: &str) -> Option<String> {
    let ran = Command::new("bash").args(["-n", "-c", "--", script]).output().expect("bash is installed");
    (!ran.status.success()).then(|| String::from_utf8_lossy(&ran.stderr).into_owned())
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository is there")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a file");
        }
    }
}

#[test]
fn nothing_outside_is_touched() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run("echo x > /evidence/a; LOG=/var/log; cat $LOG/audit/audit.log | head -1; kubectl delete all; kill 1; rm -r /tmp");
    assert!(sandbox.root().join("evidence/a").is_file());
    assert_eq!(ran.printed.len(), 1, "{ran:?}");
    assert!(ran.printed[0].starts_with("type="), "{ran:?}");
    assert!(ran.runs.is_empty());
    assert!(syntax_error("for x in").is_some() && syntax_error("kubectl get x | jq .").is_none());
}
