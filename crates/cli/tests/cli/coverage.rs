//! `dogwatch coverage`.

use serde_json::Value;

use crate::tool::{root, run};

#[test]
fn what_logs_lack_is_named_with_what_would_fill_the_gap() {
    let log = "corpus/auditd/t1_kubectl_list_secrets.log";
    let ran = run(&root(), &["coverage", log]).expect(0, &["recorded: type: ", "EXECVE"]);
    for part in ["Kubernetes Exec Reads Credentials", "not there: ", "To fill the gaps:", "audit-policy-file"] {
        assert!(ran.stdout.contains(part), "no {part} in\n{}", ran.stdout);
    }
    let all = run(&root(), &["coverage", "--format", "json", log]).expect(0, &[]).stdout;
    let all: Value = serde_json::from_str(&all).expect("an object");
    let fires = |name: &str| {
        let rows = all["detections"].as_array().expect("a list");
        rows.iter().find(|row| row["detection"] == name).map(|row| row["fires"].clone())
    };
    assert_eq!(fires("Linux Auditd Kubectl Read Secrets"), Some(Value::Bool(true)));
    assert_eq!(fires("Kubernetes Secret Probing"), Some(Value::Bool(false)));
}

#[test]
fn the_telemetry_files_come_with_the_tool() {
    let elsewhere = tempfile::tempdir().expect("a temporary directory");
    let rules = run(elsewhere.path(), &["coverage", "--print-rules"]).expect(0, &[]).stdout;
    assert!(rules.contains("-S execve"), "{rules}");
    let policy = run(elsewhere.path(), &["coverage", "--print-policy"]).expect(0, &[]).stdout;
    assert!(policy.contains("kind: Policy"), "{policy}");
}
