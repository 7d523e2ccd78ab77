//! `dogwatch detections [NAME]`: the detections, and the page on one for those who respond to its findings.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{ArgMatches, Args, Command, ValueHint};
use dogwatch_content::{Detection, detection_page};
use dogwatch_output::visible::visible_except;

use super::{Subcommand, check, read};
use crate::console::Console;
use crate::detections::{named, open, tell};
use crate::exit::{Exit, Failure};

pub const SUBCOMMAND: Subcommand = Subcommand { name: "detections", command, run };

const AFTER_HELP: &str = "\
Examples:
  dogwatch detections
  dogwatch detections linux_auditd_docker_api_over_tcp
  dogwatch detections 'Kubernetes Many Secrets Read'";

#[derive(Debug, Args)]
struct DetectionsCommand {
    /// The detection, by its name or that of its file; without it, all are listed
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Detections in the format of Splunk's security content: a contentctl project, a folder or a file [default: the
    /// bundled ones]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::AnyPath)]
    content: Option<PathBuf>,
}

fn command() -> Command {
    let command = Command::new("detections").about("Explain the detections: what to ask, and what to do");
    DetectionsCommand::augment_args(command.after_help(AFTER_HELP))
}

fn run(matches: &ArgMatches, console: Console) -> Result<Exit, Failure> {
    let arguments: DetectionsCommand = read(matches)?;
    let content = open(arguments.content.as_deref())?;
    tell(&content.problems, console);
    let Some(name) = arguments.name else { return check::list(&content, "text") };
    for detection in named(&content, &[name])? {
        let text = match detection_page(&detection) {
            Some(page) => page.to_owned(),
            None => visible_except(&described(&detection), &['\n']).into_owned(),
        };
        io::stdout().write_all(text.as_bytes())?;
    }
    Ok(Exit::Ran)
}

/// What the file of a detection says that has no page.
fn described(detection: &Detection) -> String {
    let mut text = format!("# {}\n", detection.name);
    for (heading, part) in [
        ("", &detection.description),
        ("How to implement", &detection.how_to_implement),
        ("Known false positives", &detection.known_false_positives),
    ] {
        if !part.trim().is_empty() {
            let heading = if heading.is_empty() { String::new() } else { format!("\n## {heading}\n") };
            let _ = write!(text, "{heading}\n{}\n", part.trim());
        }
    }
    if !detection.references.is_empty() {
        text.push_str("\n## References\n\n");
        for reference in &detection.references {
            let _ = writeln!(text, "- {reference}");
        }
    }
    text
}
