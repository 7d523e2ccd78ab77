//! Which crate may know which. The table is the one in ARCHITECTURE.md; `cargo metadata` says what is.

use std::process::Command;

use serde_json::Value;

use crate::breach::{Breach, assert_none};
use crate::source::root;

/// A crate of ours, the crates of ours that it may depend on, and foreign crates that it must stay free of. Names of
/// our crates are without the `dogwatch-` in front.
struct Allowed {
    name: &'static str,
    ours: &'static [&'static str],
    never: &'static [&'static str],
}

/// The heavy crates, by the start of their names.
const HEAVY: &[&str] = &["arrow", "datafusion", "tokio", "parquet"];

/// Every crate: each name starts with nothing.
const ALL: &[&str] = &[""];

const TABLE: &[Allowed] = &[
    Allowed { name: "cli", ours: &["content", "engine", "functions", "output", "plan", "syntax"], never: &[] },
    Allowed { name: "content", ours: &["json", "syntax"], never: HEAVY },
    Allowed { name: "engine", ours: &["content", "functions", "plan", "predicate", "scan", "syntax"], never: &[] },
    Allowed { name: "formats", ours: &["json", "predicate"], never: HEAVY },
    Allowed { name: "functions", ours: &["json", "predicate", "syntax"], never: &["tokio"] },
    Allowed { name: "json", ours: &[], never: HEAVY },
    Allowed { name: "output", ours: &["content"], never: &["datafusion", "tokio"] },
    Allowed { name: "plan", ours: &["functions", "json", "predicate", "syntax"], never: &["tokio"] },
    Allowed { name: "predicate", ours: &[], never: ALL },
    Allowed { name: "scan", ours: &["formats", "predicate"], never: &[] },
    Allowed { name: "syntax", ours: &["predicate"], never: HEAVY },
    Allowed { name: "tidy", ours: &[], never: HEAVY },
];

const POINTS_UP: &str = "Arrows between crates only point down, so that the lower ones stay quick to build and to fuzz and \
     know nothing of what uses them. Move the shared type to a crate below both, or hand the service in through a trait \
     that the lower crate owns. The table is in ARCHITECTURE.md and crates/tidy/tests/tidy/arrows.rs.";
const HEAVY_BELOW: &str = "This crate is built and fuzzed in seconds because it stays free of Arrow, DataFusion and async \
     code. Put what needs them into `scan`, `plan` or `engine`.";
const UNKNOWN: &str = "A crate has to keep a heavy dependency out of something, have a second consumer, or guard an \
     invariant. Say which in ARCHITECTURE.md and add its row to crates/tidy/tests/tidy/arrows.rs.";

fn breaches(metadata: &Value) -> Vec<Breach> {
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let full_name = package["name"].as_str().unwrap_or_default();
        let name = full_name.trim_start_matches("dogwatch-");
        let place = format!("crates/{name}/Cargo.toml");
        let Some(allowed) = TABLE.iter().find(|row| row.name == name) else {
            found.push(Breach::of_file(&place, format!("crate `{full_name}` has no row in the table"), UNKNOWN));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            // Cargo writes null for a normal dependency, `dev` and `build` for the others.
            if !dependency["kind"].is_null() {
                continue;
            }
            let needed = dependency["name"].as_str().unwrap_or_default();
            match needed.strip_prefix("dogwatch-") {
                Some(ours) if !allowed.ours.contains(&ours) => {
                    found.push(Breach::of_file(&place, format!("`{name}` depends on `{ours}`"), POINTS_UP));
                }
                None if allowed.never.iter().any(|heavy| needed.starts_with(heavy)) => {
                    found.push(Breach::of_file(&place, format!("`{name}` depends on `{needed}`"), HEAVY_BELOW));
                }
                _ => {}
            }
        }
    }
    found
}

#[test]
fn arrows_between_crates_point_down() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().map_or(0, Vec::len);
    assert!(packages >= 8, "cargo metadata lists {packages} packages, so the check would see little");
    assert_none(&breaches(&metadata));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependency: &str, kind: Value) -> Value {
        serde_json::json!({"packages": [{"name": name, "dependencies": [{"name": dependency, "kind": kind}]}]})
    }

    #[test]
    fn an_arrow_up_is_found() {
        assert_eq!(breaches(&package("dogwatch-syntax", "dogwatch-plan", Value::Null)).len(), 1);
        assert_eq!(breaches(&package("dogwatch-plan", "dogwatch-syntax", Value::Null)), []);
    }

    #[test]
    fn a_heavy_dependency_of_a_light_crate_is_found() {
        assert_eq!(breaches(&package("dogwatch-formats", "arrow-array", Value::Null)).len(), 1);
        assert_eq!(breaches(&package("dogwatch-formats", "memchr", Value::Null)), []);
    }

    #[test]
    fn dependencies_of_tests_are_free() {
        assert_eq!(breaches(&package("dogwatch-formats", "datafusion", Value::from("dev"))), []);
    }

    #[test]
    fn an_unknown_crate_is_found() {
        assert_eq!(breaches(&package("dogwatch-daemon", "memchr", Value::Null)).len(), 1);
    }
}
