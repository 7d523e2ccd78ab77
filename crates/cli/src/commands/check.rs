//! `dogwatch check [DIR]`: what is wrong with detections, before any log is read.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, Command, ValueHint};
use dogwatch_content::{Content, Problem};
use dogwatch_engine::{Session, SessionOptions, tables_of};
use dogwatch_syntax::{Code, Severity};
use serde_json::json;

use super::{Subcommand, read};
use crate::console::Console;
use crate::detections::open;
use crate::exit::{Exit, Failure};
use crate::render;
use crate::run::{self, runtime};

pub const SUBCOMMAND: Subcommand = Subcommand { name: "check", command, run: check };

const AFTER_HELP: &str = "\
Examples:
  dogwatch check content/
  dogwatch check content/detections/cloud/kubernetes_exec_reads_credentials.yml
  dogwatch check content/ --format json
  dogwatch check --list

YAML, the rules of contentctl, and the SPL inside: mistakes, macros and lookups that do not \
resolve, fields that no data source has, searches that Splunk would refuse, rows of the allow-list \
that are expired or faulty.
Exit codes: 0 no errors, 1 errors, 2 bad usage.";

#[derive(Debug, Args)]
struct CheckCommand {
    /// A contentctl project, a folder of detections or a file [default: content, or the bundled detections]
    #[arg(value_name = "DIR", value_hint = ValueHint::AnyPath)]
    dir: Option<PathBuf>,
    /// Name the detections, with type, risk, status and techniques
    #[arg(long)]
    list: bool,
    /// How to print
    #[arg(long, value_name = "FORMAT", value_parser = ["text", "json"], default_value = "text")]
    format: String,
    /// Only errors, no warnings or notes
    #[arg(short, long)]
    quiet: bool,
}

fn command() -> Command {
    CheckCommand::augment_args(Command::new("check").about("Check detections, without logs").after_help(AFTER_HELP))
}

fn check(matches: &ArgMatches, console: Console) -> Result<Exit, Failure> {
    let arguments: CheckCommand = read(matches)?;
    let dir = arguments.dir.clone().or_else(|| Path::new("content").is_dir().then(|| "content".into()));
    let content = open(dir.as_deref())?;
    if arguments.list {
        return list(&content, &arguments.format);
    }
    let mut problems = content.problems.clone();
    problems.extend(content.check());
    let session = Session::new(SessionOptions { tables: tables_of(&content), ..SessionOptions::default() });
    let session = session.map_err(|error| run::failure(error, console))?;
    // Planning a search may have to wait for a part of it, which needs a runtime around it.
    let runtime = runtime(None)?;
    runtime.block_on(async {
        for detection in &content.detections {
            let found = session.check_detection(&content, detection).map_err(|error| run::failure(error, console))?;
            problems.extend(found);
        }
        Ok::<_, Failure>(())
    })?;
    // What the search itself complains of more closely need not be reported twice.
    let close = [Code::BadMacro, Code::BadLookup, Code::BadToken];
    let told: Vec<_> =
        problems.iter().filter(|p| close.contains(&p.code())).map(|p| (p.path.clone(), p.line())).collect();
    problems.retain(|p| p.code() != Code::Unresolved || !told.contains(&(p.path.clone(), p.line())));
    problems.retain(|problem| problem.is_error() || !arguments.quiet);
    problems.sort_by(|a, b| (&a.path, a.diagnostic.span.start).cmp(&(&b.path, b.diagnostic.span.start)));
    let same = |a: &mut Problem, b: &mut Problem| a.path == b.path && a.diagnostic == b.diagnostic;
    problems.dedup_by(same);
    let mut out = std::io::stdout().lock();
    match arguments.format.as_str() {
        "json" => writeln!(out, "{}", serde_json::Value::from(problems.iter().map(as_json).collect::<Vec<_>>()))?,
        _ => {
            for problem in &problems {
                writeln!(out, "{}\n", render::problem(problem, &console.renderer()))?;
            }
        }
    }
    let count = |severity| problems.iter().filter(|problem| problem.diagnostic.severity == severity).count();
    let errors = count(Severity::Error);
    console.tell(&format!(
        "{} detections, {} macros, {} lookups: {errors} errors, {} warnings, {} notes",
        content.detections.len(),
        content.macros.iter().filter(|known| known.path.is_some()).count(),
        content.lookups.len(),
        count(Severity::Warning),
        count(Severity::Note),
    ));
    Ok(if errors > 0 { Exit::Found } else { Exit::Ran })
}

fn as_json(problem: &Problem) -> serde_json::Value {
    let severity = match problem.diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    json!({
        "file": problem.path.display().to_string(),
        "line": problem.line(),
        "severity": severity,
        "code": problem.code().as_str(),
        "message": problem.diagnostic.message,
        "help": problem.diagnostic.help,
    })
}

/// Lists detections, as text or JSON.
pub fn list(content: &Content, format: &str) -> Result<Exit, Failure> {
    let mut out = std::io::stdout().lock();
    if format == "json" {
        let all = content.detections.iter().map(|detection| {
            json!({
                "name": detection.name,
                "id": detection.id,
                "type": detection.kind.as_str(),
                "status": detection.status.as_str(),
                "risk_score": detection.risk_score(),
                "mitre_attack_id": detection.tags.mitre_attack_id,
                "data_source": detection.data_sources,
                "file": detection.path.display().to_string(),
            })
        });
        writeln!(out, "{}", serde_json::Value::from(all.collect::<Vec<_>>()))?;
        return Ok(Exit::Ran);
    }
    let width = content.detections.iter().map(|detection| detection.name.chars().count()).max().unwrap_or_default();
    for detection in &content.detections {
        let name = dogwatch_output::visible::visible(&detection.name);
        let techniques = detection.tags.mitre_attack_id.join(" ");
        let techniques = dogwatch_output::visible::visible(&techniques);
        writeln!(
            out,
            "{name:<width$}  {:<8} {:>3}  {:<12} {techniques}",
            detection.kind.as_str(),
            detection.risk_score(),
            detection.status.as_str(),
        )?;
    }
    Ok(Exit::Ran)
}
