//! What the subcommands that run detections have in common: which content, which of its detections and what the user has
//! tuned.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueHint;
use dogwatch_content::{Content, Detection, DetectionKind, Problem, Status};
use dogwatch_engine::{SessionOptions, tables_of};
use dogwatch_syntax::nearest;

use crate::console::Console;
use crate::exit::Failure;
use crate::inputs::LogArguments;
use crate::render;

/// How many files that cannot be used are reported one by one.
const TOLD: usize = 10;

/// The arguments that say which detections run.
#[derive(Debug, clap::Args)]
pub struct ContentArguments {
    /// Detections in the format of Splunk's security content: a contentctl project, a folder or a file [default: the
    /// bundled ones]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::AnyPath, help_heading = "Detections")]
    pub content: Option<PathBuf>,
    /// Only this detection, by its name or that of its file; can be repeated
    #[arg(long, value_name = "NAME", help_heading = "Detections")]
    detection: Vec<String>,
    /// Only detections with this tag: a story, a MITRE technique, an asset type; can be repeated
    #[arg(long, value_name = "TAG", help_heading = "Detections")]
    tag: Vec<String>,
    /// Run the hunting searches too: loud, without risk, for somebody who looks for something
    #[arg(long, help_heading = "Detections")]
    hunting: bool,
    /// Leave out what `dogwatch tune --write` has put into your configuration directory
    #[arg(long, help_heading = "Detections")]
    no_tuning: bool,
}

impl ContentArguments {
    /// The content, its faulty files reported on the console.
    ///
    /// # Errors
    /// If there is none.
    pub fn load(&self, console: Console) -> Result<Content, Failure> {
        let content = open(self.content.as_deref())?;
        tell(&content.problems, console);
        Ok(content)
    }

    /// The detections to run: those in production, and hunting searches only if asked for. One that is named runs,
    /// whatever it is.
    ///
    /// # Errors
    /// If a name or tag is nobody's.
    pub fn choose(&self, content: &Content) -> Result<Vec<Arc<Detection>>, Failure> {
        let mut chosen = named(content, &self.detection)?;
        if self.detection.is_empty() {
            chosen = content.detections.iter().filter(|d| self.runs(d)).map(Arc::clone).collect();
        }
        for tag in &self.tag {
            let has = |detection: &Arc<Detection>| detection.tags.values().any(|known| known.eq_ignore_ascii_case(tag));
            if !content.detections.iter().any(has) {
                let known: BTreeSet<&str> = content.detections.iter().flat_map(|d| d.tags.values()).collect();
                let help = match nearest(tag, known.iter().copied()) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => format!("there are {}", known.into_iter().take(20).collect::<Vec<_>>().join(", ")),
                };
                return Err(Failure::usage(format!("no detection has the tag \"{tag}\""), help));
            }
            chosen.retain(has);
        }
        if chosen.is_empty() {
            return Err(Failure::usage("there is no detection to run", "--hunting adds the hunting searches"));
        }
        Ok(chosen)
    }

    fn runs(&self, detection: &Detection) -> bool {
        let in_use = !matches!(detection.status, Status::Experimental | Status::Deprecated);
        in_use && (self.hunting || detection.kind != DetectionKind::Hunting)
    }

    /// How many hunting searches stay out.
    pub fn hunting_left_out(&self, content: &Content) -> usize {
        let hunting = content
            .detections
            .iter()
            .filter(|d| d.kind == DetectionKind::Hunting && d.status == Status::Production && !self.runs(d));
        if self.detection.is_empty() { hunting.count() } else { 0 }
    }

    /// How the engine is to understand detections and logs.
    pub fn session_options(&self, content: &Content, logs: &LogArguments) -> SessionOptions {
        let options = logs.session_options();
        let lookups = options.lookups.iter().cloned().chain(self.tuning()).collect();
        SessionOptions { lookups, tables: tables_of(content), ..options }
    }

    /// The user's own lookups, which stand in for the bundled ones where there are any.
    pub fn tuning(&self) -> Option<PathBuf> {
        let wanted = self.content.is_none() && !self.no_tuning;
        tuning_directory().filter(|directory| wanted && directory.is_dir())
    }
}

/// The detections of these names, each once.
///
/// # Errors
/// If a name is nobody's.
pub fn named(content: &Content, names: &[String]) -> Result<Vec<Arc<Detection>>, Failure> {
    let mut chosen: Vec<Arc<Detection>> = Vec::new();
    for name in names {
        let Some(found) = content.detection(name) else {
            let files: Vec<String> = content.detections.iter().map(|detection| detection.snake_name()).collect();
            let known = content.detections.iter().map(|detection| detection.name.as_str());
            let help = match nearest(name, known.chain(files.iter().map(String::as_str))) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "`dogwatch detections` lists them".to_owned(),
            };
            return Err(Failure::usage(format!("there is no detection \"{name}\""), help));
        };
        if !chosen.iter().any(|known| known.name == found.name) {
            chosen.push(Arc::clone(found));
        }
    }
    Ok(chosen)
}

/// Opens content, or the bundled one.
///
/// # Errors
/// If there is nothing at the path.
pub fn open(path: Option<&std::path::Path>) -> Result<Content, Failure> {
    match path {
        None => Ok(Content::bundled()),
        Some(path) => Content::open(path).map_err(|error| {
            Failure::usage(
                error.to_string(),
                "give a contentctl project, a folder of detections, or one of their files",
            )
        }),
    }
}

/// Where the user's own lookups are: `dogwatch/lookups` in the configuration directory.
pub fn tuning_directory() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(base.join("dogwatch").join("lookups"))
}

/// Tells what is wrong with files of content, a few of them in full.
pub fn tell(problems: &[Problem], console: Console) {
    for problem in problems.iter().take(TOLD) {
        console.tell(&render::problem(problem, &console.renderer()));
        console.gap();
    }
    if problems.len() > TOLD {
        console.note(&format!("and {} more; `dogwatch check` shows all", problems.len() - TOLD));
    }
}
