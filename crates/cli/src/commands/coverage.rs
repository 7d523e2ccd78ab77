//! `dogwatch coverage PATH…`: which detections can fire on some logs, and what telemetry the others lack.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write;

use clap::{ArgMatches, Args, Command, ValueHint};
use dogwatch_content::Content;
use dogwatch_engine::{Coverage, Session, Telemetry};
use dogwatch_output::visible::{visible, visible_except};
use serde_json::json;

use super::{Subcommand, read};
use crate::console::Console;
use crate::detections::ContentArguments;
use crate::exit::{Exit, Failure};
use crate::inputs::{LogArguments, logs_or_stdin};
use crate::run::{self, runtime};

pub const SUBCOMMAND: Subcommand = Subcommand { name: "coverage", command, run: coverage };

const AFTER_HELP: &str = "\
Examples:
  dogwatch coverage /var/log/audit/ kube-audit.jsonl
  dogwatch coverage --print-rules | sudo tee /etc/audit/rules.d/dogwatch.rules
  dogwatch coverage --print-policy > audit-policy.yaml

Looks for record types, system calls, levels and stages. Whether anybody did what a detection looks \
for plays no part.
Exit codes: 0 ran, 2 bad usage, 3 a log could not be read, 4 a bug in Dogwatch.";

/// Where the telemetry files are in the content.
const RULES: &str = "telemetry/auditd/dogwatch.rules";
const POLICY: &str = "telemetry/kubernetes/audit-policy.yaml";

#[derive(Debug, Args)]
struct CoverageCommand {
    /// Files, directories, globs, or - for standard input
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<String>,
    #[command(flatten)]
    content: ContentArguments,
    #[command(flatten)]
    logs: LogArguments,
    /// How to print
    #[arg(long, value_name = "FORMAT", value_parser = ["table", "json"], default_value = "table")]
    format: String,
    /// Print the auditd rules that record all that the detections need, and end
    #[arg(long)]
    print_rules: bool,
    /// Print the Kubernetes audit policy that logs all that the detections need, and end
    #[arg(long, conflicts_with = "print_rules")]
    print_policy: bool,
}

fn command() -> Command {
    CoverageCommand::augment_args(Command::new("coverage").after_help(AFTER_HELP))
        .about("Show which detections some logs can serve")
        .long_about(None)
}

fn coverage(matches: &ArgMatches, console: Console) -> Result<Exit, Failure> {
    let arguments: CoverageCommand = read(matches)?;
    let content = arguments.content.load(console)?;
    if arguments.print_rules || arguments.print_policy {
        let file = if arguments.print_rules { RULES } else { POLICY };
        let text = content.files().read(file).ok_or_else(|| {
            Failure::usage(format!("the content has no {file}"), "leave --content out for the bundled one")
        })?;
        std::io::stdout().lock().write_all(&text)?;
        return Ok(Exit::Ran);
    }
    let chosen = arguments.content.choose(&content)?;
    let paths = logs_or_stdin(&arguments.paths)?;
    // The logs are read several times, which a pipe cannot be.
    let piped = paths.iter().any(|path| path == "-").then(spooled).transpose()?;
    let paths: Vec<String> = match &piped {
        Some(file) => {
            paths.into_iter().map(|path| if path == "-" { file.path().display().to_string() } else { path }).collect()
        }
        None => paths,
    };
    let session = Session::new(arguments.content.session_options(&content, &arguments.logs))
        .map_err(|error| run::failure(error, console))?;
    let runtime = runtime(arguments.logs.threads())?;
    let (telemetry, rows) = runtime.block_on(async {
        let failed = |error| run::failure(error, console);
        let telemetry = session.telemetry(&paths).await.map_err(failed)?;
        let mut rows: Vec<(String, Result<Coverage, String>)> = Vec::new();
        for detection in &chosen {
            let coverage = session.coverage(&content, detection, &telemetry);
            rows.push((detection.name.clone(), coverage.map_err(|error| error.complaint())));
        }
        Ok::<_, Failure>((telemetry, rows))
    })?;
    let text = match arguments.format.as_str() {
        "json" => format!("{}\n", as_json(&rows, &telemetry)),
        _ => visible_except(&as_table(&rows, &content, &|name| session.log_origin(name)), &['\n']).into_owned(),
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    console.tell(&recorded(&telemetry));
    telemetry.unread.iter().for_each(|error| console.error(error, None));
    Ok(if telemetry.unread.is_empty() { Exit::Ran } else { Exit::Files })
}

/// What is piped in, in a file.
fn spooled() -> Result<tempfile::NamedTempFile, Failure> {
    let failed = |error: std::io::Error| Failure::files(format!("cannot keep what is piped in: {error}"));
    let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
    std::io::copy(&mut std::io::stdin().lock(), &mut file).map_err(failed)?;
    Ok(file)
}

fn as_json(rows: &[(String, Result<Coverage, String>)], telemetry: &Telemetry) -> serde_json::Value {
    let detections = rows.iter().map(|(name, row)| match row {
        Ok(row) => json!({ "detection": name, "fires": row.fires, "missing": row.missing }),
        Err(why) => json!({ "detection": name, "fires": false, "error": why }),
    });
    json!({
        "detections": detections.collect::<Vec<_>>(),
        "telemetry": telemetry.values,
        "sourcetypes": telemetry.sourcetypes,
    })
}

/// Where logs of a sourcetype come from.
type Origin<'a> = dyn Fn(&str) -> Option<&'static str> + 'a;

/// The detections with what they lack, then what would fill the gaps.
fn as_table(rows: &[(String, Result<Coverage, String>)], content: &Content, origin: &Origin<'_>) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    let mut counts = [0; 3];
    for (name, row) in rows {
        let (word, why, kind) = match row {
            Err(why) => ("error", why.clone(), 2),
            Ok(row) if row.fires && row.missing.is_empty() => ("yes", String::new(), 0),
            Ok(row) => {
                row.missing.iter().for_each(|what| *missing.entry(what.as_str()).or_default() += 1);
                let list = row.missing.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                if row.fires {
                    ("partly", format!("not there: {list}"), 1)
                } else {
                    ("no", format!("not there: {list}"), 2)
                }
            }
        };
        counts[kind] += 1;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", format!("{name:<width$}  {word:<6}  {why}").trim_end());
    }
    let _ = writeln!(text, "\n{} can fire, {} in part, {} cannot", counts[0], counts[1], counts[2]);
    if !missing.is_empty() {
        text.push_str("\nTo fill the gaps:\n");
        for (what, count) in missing {
            let detections = if count == 1 { "detection" } else { "detections" };
            let _ = writeln!(text, "  {what} ({count} {detections}): {}", remedy(what, content, origin));
        }
        text.push_str("  all of it: dogwatch coverage --print-rules, dogwatch coverage --print-policy\n");
    }
    text
}

/// What to do so that the logs have what is missing.
fn remedy(what: &str, content: &Content, origin: &Origin<'_>) -> String {
    let (field, value) = what.split_once('=').unwrap_or((what, ""));
    let rules = content.files().read(RULES);
    let rules = rules.as_deref().map(String::from_utf8_lossy);
    match field {
        "type" | "syscall" => {
            let calls: &[&str] = match (field, value) {
                ("syscall", call) => &[call],
                (_, "EXECVE") => &["execve"],
                (_, "SOCKADDR") => &["connect", "bind"],
                (_, "PATH") => &["open", "-F path=", "-F dir=", "-w "],
                _ => &[],
            };
            let fits = |line: &&str| {
                line.starts_with('-') && !line.contains("never") && calls.iter().any(|call| line.contains(call))
            };
            let lines: BTreeSet<&str> = rules.as_deref().unwrap_or_default().lines().filter(fits).take(2).collect();
            match lines.is_empty() {
                true => "rules for auditd".to_owned(),
                false => format!("auditd rules such as `{}`", lines.into_iter().collect::<Vec<_>>().join("`, `")),
            }
        }
        "level" => format!("an audit policy that logs at the level {value}, as {POLICY} does"),
        "stage" => format!("an audit policy that does not omit the stage {value}"),
        "sourcetype" => origin(value).filter(|text| !text.is_empty()).unwrap_or("see docs/logs.md").to_owned(),
        _ => "see docs/logs.md".to_owned(),
    }
}

/// What the logs record, in a line.
fn recorded(telemetry: &Telemetry) -> String {
    let list = |field: &str| {
        let values = telemetry.values.get(field).filter(|values| !values.is_empty())?;
        let shown: Vec<&str> = values.keys().take(12).map(String::as_str).collect();
        let more = if values.len() > 12 { ", …" } else { "" };
        Some(format!("{field}: {}{more}", shown.join(", ")))
    };
    let parts: Vec<String> = telemetry.fields.iter().filter_map(|field| list(field)).collect();
    match parts.is_empty() {
        true => format!("no event of the logs has {}", telemetry.fields.join(", ")),
        false => visible(&format!("recorded: {}", parts.join("; "))).into_owned(),
    }
}
