//! Runs the examples that eval functions, stats functions and commands declare. They stand in the reference, so each has
//! to be true.

use std::fmt::Write as _;

use dogwatch_plan::commands;
use serde_json::Value;

use crate::engine::Engine;
use crate::page::{File, FileKind};

/// The rows of a search, or why there are none.
fn rows(engine: &Engine, spl: &str, files: &[File]) -> Result<Vec<Value>, String> {
    let outcome = engine.run(spl, files, false)?;
    if outcome.error {
        return Err(outcome.result);
    }
    outcome.result.lines().map(|line| serde_json::from_str(line).map_err(|error| error.to_string())).collect()
}

/// DataFusion merges neighbouring projections. `head` between two commands keeps theirs apart and changes nothing else.
#[test]
fn a_command_twice_in_a_row_is_run_twice() {
    let (engine, mut faults, mut compared) = (Engine::new(), String::new(), 0);
    let apart = "| head 100000";
    for command in commands::all() {
        for example in command.signature.examples {
            let parsed = dogwatch_syntax::parse(example.search, &dogwatch_syntax::NoMacros, &commands::Registry);
            let Some(this) = parsed.pipeline.commands.iter().find(|c| c.name.value == command.signature.name) else {
                continue;
            };
            let before = &example.search[..this.span.start];
            let text = example.search[this.span.start..this.span.end].trim_start_matches('|');
            if before.trim().is_empty() {
                continue;
            }
            // Fewer columns at the end, so that projections that differ in others become equal.
            for end in ["", "| stats values(*) AS *", "| stats count"] {
                let twice = |between: &str| {
                    let spl = format!("{} | {text} {between} | {text} {end}", before.trim_end().trim_end_matches('|'));
                    (rows(&engine, &spl, &[]), spl)
                };
                let ((got, spl), (expected, _)) = (twice(""), twice(apart));
                compared += usize::from(expected.is_ok());
                if got.as_ref().ok() != expected.as_ref().ok() {
                    let _ = writeln!(faults, "{spl}\n  apart:  {expected:?}\n  merged: {got:?}");
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert!(compared > 50, "only {compared} searches ran");
}

#[test]
fn equal_assignments_are_all_made() {
    let engine = Engine::new();
    let made =
        |spl: &str| single(&engine, &format!("| makeresults | eval x=0, y=0 {spl} | stats max(x) AS result"), &[]);
    let one = "| eval x=x+1 ";
    for (spl, result) in [
        (one.repeat(2), 2),
        (one.repeat(7), 7),
        (format!("{one}| eval y=1 {one}"), 2),
        (format!("| eval x=x+1, y=y+1 {one}| eval y=y+2, x=x+1"), 3),
        (format!("{one}| where true() {one}"), 2),
        (format!("{one}| eval y=x+x {one}| eval x=x+x {one}| eval x=x+x "), 10),
        ("| eval x=1 | rename x AS y, y AS x | rename x AS y, y AS x ".to_owned(), 1),
        (format!("{one}| union [| makeresults | eval x=5 {one}{one}] {one}"), 8),
    ] {
        assert_eq!(made(&spl), Ok(serde_json::json!(result)), "{spl}");
    }
}

/// The field `result` of the only row.
fn single(engine: &Engine, spl: &str, files: &[File]) -> Result<Value, String> {
    let rows = rows(engine, spl, files)?;
    match rows.as_slice() {
        [row] => Ok(row.get("result").cloned().unwrap_or(Value::Null)),
        other => Err(format!("{} rows", other.len())),
    }
}

/// Whether two values are the same; 5 and 5.0 are, and a multivalue with one value and this value.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Array(one), other) | (other, Value::Array(one)) => one.len() == 1 && same(&one[0], other),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
        }
        _ => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
            _ => a == b,
        },
    }
}

/// A line about an example that is not true.
fn compare(faults: &mut String, what: &str, spl: &str, expected: &str, got: Result<Value, String>) {
    let expected: Value = serde_json::from_str(expected).expect("the result of an example is JSON");
    match got {
        Ok(value) if same(&value, &expected) => {}
        Ok(value) => drop(writeln!(faults, "{what}\n  {spl}\n  declared: {expected}\n  it is:    {value}")),
        Err(why) => drop(writeln!(faults, "{what}\n  {spl}\n  declared: {expected}\n  it is:    {why}")),
    }
}

#[test]
fn examples_of_eval_functions_are_true() {
    let (engine, mut faults) = (Engine::new(), String::new());
    for function in dogwatch_functions::eval::all() {
        for example in function.examples {
            let given = if example.given.is_empty() { String::new() } else { format!("| eval {} ", example.given) };
            let spl = format!("| makeresults {given}| eval result={} | fields result", example.expression);
            compare(&mut faults, function.name, &spl, example.result, single(&engine, &spl, &[]));
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// The values of `x` as a log, newest first as events come, and the commands that give each the type that it was
/// declared with: a field of a log is text.
fn log(given: &str) -> (File, String) {
    let values: Vec<Value> = serde_json::from_str(given).expect("what an example gives is a JSON array");
    let any = |is: fn(&Value) -> bool| values.iter().any(is);
    let typed = match () {
        () if any(Value::is_array) => "| eval x=coalesce('x{}', x) ",
        () if any(Value::is_boolean) => r#"| eval x=(x="true") "#,
        () if any(Value::is_number) => "| eval x=tonumber(x) ",
        () => "",
    };
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        let row = serde_json::json!({"_time": index + 1, "x": value});
        let _ = writeln!(text, "{row}");
    }
    (File::new(FileKind::Logs, "x.jsonl", text), format!("search * | reverse {typed}"))
}

#[test]
fn examples_of_stats_functions_are_true() {
    let (engine, mut faults) = (Engine::new(), String::new());
    for function in dogwatch_functions::stats::STATS_FUNCTIONS {
        for example in function.examples {
            let (file, search) = log(example.given);
            let spl = format!("{search}| stats {} AS result", example.expression);
            let what = format!("{} over {}", function.name, example.given);
            compare(&mut faults, &what, &spl, example.result, single(&engine, &spl, &[file]));
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn examples_of_commands_are_true() {
    let (engine, mut faults) = (Engine::new(), String::new());
    for command in commands::all() {
        for example in command.signature.examples {
            let got = rows(&engine, example.search, &[]).map(Value::Array);
            compare(&mut faults, command.signature.name, example.search, example.result, got);
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}
