//! `table`: findings for reading, one line each, or with all details below.
//!
//! A line has time (UTC, to the second), risk, detection, who, where and what; of several activities the first. On a
//! terminal, lines are cut to fit. With `verbose`, each finding is a block with its message, its risk objects, its events
//! with their locations in the logs, and the next steps. Nothing is cut there except lists of more than [`MOST_LISTED`]
//! entries and records of more than [`MOST_LINES`] lines, which say how much is missing. Every value is shown escaped
//! (see [`crate::visible`]).

use std::io::{self, Write};

use dogwatch_content::{EvidenceEvent, Finding};

use super::{FindingFormat, FindingOptions, Findings};
use crate::detection_page::page_command;
use crate::entity::EntityRisk;
use crate::error::OutputError;
use crate::format::FormatOptions;
use crate::grid::{Cell, Column, print};
use crate::layout::{GAP, cut, wrap};
use crate::risk::Band;
use crate::value::readable;
use crate::visible::visible;

pub(super) const ENTRY: FindingFormat = FindingFormat {
    name: "table",
    summary: "Columns for the eye, a line for each finding; with `--verbose` the evidence and what to do next.",
    findings: |findings, options, out| {
        if options.verbose {
            write_blocks(findings, options, out)?
        } else {
            write_lines(findings, options, out)?
        }
        write_omitted(options, out)
    },
    entities: Some(write_entities),
};

/// Maximum number of events, activities or objects listed for a finding.
const MOST_LISTED: usize = 10;
/// Maximum number of lines shown of a text.
const MOST_LINES: usize = 40;
/// The indentation of the lines of a block.
const INDENT: &str = "    ";
/// The width of the labels in a block.
const LABEL: usize = 10;
/// Minimum width of a text in a block, however narrow the terminal is.
const LEAST_TEXT: usize = 20;

/// The minimum widths fit on a terminal of 80 columns.
const FINDING: &[Column] = &[
    Column { name: "time", least: None, right: false },
    Column { name: "risk", least: None, right: true },
    Column { name: "detection", least: Some(14), right: false },
    Column { name: "who", least: Some(8), right: false },
    Column { name: "where", least: Some(8), right: false },
    Column { name: "what", least: Some(16), right: false },
];

const ENTITY: &[Column] = &[
    Column { name: "risk", least: None, right: true },
    Column { name: "type", least: None, right: false },
    Column { name: "entity", least: Some(12), right: false },
    Column { name: "findings", least: None, right: true },
    Column { name: "highest", least: None, right: true },
    Column { name: "detections", least: Some(14), right: false },
    Column { name: "tactics", least: Some(10), right: false },
    Column { name: "first", least: None, right: false },
    Column { name: "last", least: None, right: false },
];

fn layout(options: &FindingOptions) -> FormatOptions {
    FormatOptions { width: options.width, color: options.color, terminal: options.terminal }
}

fn write_lines(findings: Findings<'_>, options: &FindingOptions, out: &mut dyn Write) -> Result<(), OutputError> {
    let rows = findings.map(|finding| Ok(row(&finding?))).collect::<Result<Vec<Vec<Cell>>, OutputError>>()?;
    print(FINDING, &rows, &layout(options), out)
}

fn row(finding: &Finding) -> Vec<Cell> {
    let what = Cell::first_of(&finding.activity);
    let what = match &finding.suppressed_by {
        Some(reason) => what.after(&format!("suppressed: {reason}; ")),
        None => what,
    };
    vec![
        Cell::new(&seconds(finding.time)),
        score(finding.risk_score),
        Cell::new(&finding.detection.name),
        Cell::new(finding.who.as_deref().unwrap_or("-")),
        Cell::new(finding.place.as_deref().unwrap_or("-")),
        what,
    ]
}

/// A time in readable form, UTC, truncated to seconds.
fn seconds(time: Option<i64>) -> String {
    let Some(time) = time else { return "-".to_owned() };
    let readable = readable(time);
    readable.split_once('.').map_or(readable.clone(), |(seconds, _)| seconds.to_owned())
}

fn score(score: u8) -> Cell {
    Cell::new(&score.to_string()).styled(Band::of(score).style())
}

fn write_entities(entities: &[EntityRisk], options: &FindingOptions, out: &mut dyn Write) -> Result<(), OutputError> {
    let row = |entity: &EntityRisk| {
        let sum = u8::try_from(entity.risk).unwrap_or(u8::MAX);
        vec![
            Cell::new(&entity.risk.to_string()).styled(Band::of(sum).style()),
            Cell::new(&entity.kind),
            Cell::new(&entity.value),
            Cell::new(&entity.findings.to_string()),
            score(entity.highest),
            Cell::first_of(&entity.detections),
            Cell::first_of(if entity.tactics.is_empty() { &entity.techniques } else { &entity.tactics }),
            Cell::new(&seconds(entity.first)),
            Cell::new(&seconds(entity.last)),
        ]
    };
    let rows: Vec<Vec<Cell>> = entities.iter().map(row).collect();
    print(ENTITY, &rows, &layout(options), out)
}

/// A line for each detection that has more findings than are shown.
fn write_omitted(options: &FindingOptions, out: &mut dyn Write) -> Result<(), OutputError> {
    for (at, (detection, more)) in options.omitted.iter().enumerate() {
        let line = format!("… and {more} more of {}", visible(detection));
        let gap = if at == 0 && options.verbose { "\n" } else { "" };
        writeln!(out, "{gap}{}", cut(&line, options.width.unwrap_or(usize::MAX)))?;
    }
    Ok(())
}

fn write_blocks(findings: Findings<'_>, options: &FindingOptions, out: &mut dyn Write) -> Result<(), OutputError> {
    for (at, finding) in findings.enumerate() {
        if at > 0 {
            out.write_all(b"\n")?;
        }
        Block { options, out }.finding(&finding?)?;
    }
    Ok(())
}

/// The details of a finding, below its heading.
struct Block<'o> {
    options: &'o FindingOptions,
    out: &'o mut dyn Write,
}

impl Block<'_> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        self.heading(finding)?;
        self.line("who", finding.who.as_deref())?;
        self.line("where", finding.place.as_deref())?;
        self.list("what", finding.activity.iter().cloned())?;
        self.line("message", Some(finding.message.as_str()).filter(|message| !message.is_empty()))?;
        self.line("suppressed", finding.suppressed_by.as_deref())?;
        let risk =
            finding.risk_objects.iter().map(|object| format!("{} {}: {}", object.kind, object.value, object.score));
        self.list("risk", risk)?;
        self.list("threat", finding.threat_objects.iter().map(|object| format!("{} {}", object.kind, object.value)))?;
        self.line("events", Some(&span(finding)))?;
        self.evidence(&finding.events)?;
        let drilldowns = finding.detection.drilldowns.iter().map(|drilldown| finding.fill(&drilldown.name));
        self.list("next steps", drilldowns.chain(page_command(&finding.detection)))
    }

    fn heading(&mut self, finding: &Finding) -> io::Result<()> {
        let front = format!("{}{GAP}{:>4}{GAP}", seconds(finding.time), finding.risk_score);
        let mark = if finding.suppressed_by.is_some() { " (suppressed)" } else { "" };
        let name = format!("{}{mark}", visible(&finding.detection.name));
        let name = cut(&name, self.options.width.map_or(usize::MAX, |total| total.saturating_sub(front.len())));
        let style = if finding.suppressed_by.is_some() { "\x1b[2m" } else { Band::of(finding.risk_score).style() };
        let (on, off) = if self.options.color { (style, "\x1b[0m") } else { ("", "") };
        writeln!(self.out, "{on}{front}{name}{off}")
    }

    /// A label and a text, if there is one.
    fn line(&mut self, label: &str, text: Option<&str>) -> io::Result<()> {
        self.list(label, text.map(str::to_owned).into_iter())
    }

    /// A label and at most [`MOST_LISTED`] texts below each other. A line break in a text is escaped, so that it is not
    /// mistaken for two texts.
    fn list(&mut self, label: &str, texts: impl Iterator<Item = String>) -> io::Result<()> {
        let mut label = label;
        let mut missing = 0;
        for (at, text) in texts.enumerate() {
            if at >= MOST_LISTED {
                missing += 1;
                continue;
            }
            for line in self.lines(&visible(&text), 0) {
                self.labelled(label, &line)?;
                label = "";
            }
        }
        if missing > 0 { self.labelled("", &format!("… and {missing} more")) } else { Ok(()) }
    }

    /// Each event with its location, and its records indented below.
    fn evidence(&mut self, events: &[EvidenceEvent]) -> io::Result<()> {
        let mut label = "evidence";
        for event in events.iter().take(MOST_LISTED) {
            let place = match (&event.source, event.line) {
                (Some(source), Some(line)) => format!("{source}:{line} {}", event.event_id),
                (Some(source), None) => format!("{source} {}", event.event_id),
                (None, _) => event.event_id.clone(),
            };
            for line in self.lines(&visible(&place), 0) {
                self.labelled(std::mem::take(&mut label), &line)?;
            }
            for line in self.lines(event.raw.as_deref().unwrap_or_default(), GAP.len()) {
                self.labelled("", &format!("{GAP}{line}"))?;
            }
        }
        match events.len().saturating_sub(MOST_LISTED) {
            0 => Ok(()),
            missing => self.labelled("", &format!("… and {missing} more")),
        }
    }

    fn labelled(&mut self, label: &str, text: &str) -> io::Result<()> {
        let pad = LABEL.saturating_sub(label.len());
        let (on, off) = if self.options.color && !label.is_empty() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        let line = format!("{INDENT}{on}{label}{off}{:pad$}{GAP}{text}", "");
        writeln!(self.out, "{}", line.trim_end_matches(' '))
    }

    /// The lines of a text as shown, indented `further` columns more than the texts of a block. On a terminal they wrap;
    /// if there are too many, only the first are shown.
    fn lines(&self, text: &str, further: usize) -> Vec<String> {
        let front = INDENT.len() + LABEL + GAP.len() + further;
        let limit = self.options.width.map(|total| total.saturating_sub(front).max(LEAST_TEXT));
        let mut shown = vec![];
        let mut missing = 0;
        for line in text.lines() {
            if shown.len() >= MOST_LINES {
                missing += line.chars().count();
                continue;
            }
            // Escaping only makes a text longer, so only as much of a long line as can be shown has to be escaped.
            let most = limit.map_or(line.len(), |limit| limit.saturating_mul(4 * (MOST_LINES + 1)));
            let end = line.floor_char_boundary(most.min(line.len()));
            let escaped = visible(&line[..end]);
            let rest = wrap(&escaped, limit.unwrap_or(usize::MAX), MOST_LINES, &mut shown);
            missing += rest.chars().count() + line[end..].chars().count();
        }
        if missing > 0 {
            shown.push(format!("… {missing} more"));
        }
        shown
    }
}

/// The number of events and their time span.
fn span(finding: &Finding) -> String {
    let count = match finding.count {
        1 => "1 event".to_owned(),
        count => format!("{count} events"),
    };
    match (finding.time, finding.last_time.filter(|last| Some(*last) != finding.time)) {
        (Some(first), Some(last)) => format!("{count}, first {}, last {}", readable(first), readable(last)),
        (Some(time), None) | (None, Some(time)) => format!("{count}, {}", readable(time)),
        (None, None) => count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding_testing::{entities_text, finding, findings, hostile, silenced, text};
    use crate::layout::width;

    fn terminal(width: usize) -> FindingOptions {
        FindingOptions { width: Some(width), terminal: true, ..FindingOptions::default() }
    }

    #[test]
    fn each_finding_is_a_line_in_the_order_of_the_caller() {
        let expected = "\
time                 risk  detection                    who    where        what
───────────────────  ────  ───────────────────────────  ─────  ───────────  ───────────────────────────────────────────────────────────────────
2026-11-23 16:02:58    80  Kubectl Reads Secrets        alice  node-1       kubectl get secrets -A (+1 more)
2026-11-23 17:00:00    35  Secrets Listed Cluster-Wide  alice  kube-system  list secrets (200)
2026-11-23 13:20:00    20  Kubectl Reads Secrets        alice  node-1       suppressed: backup job, owner ops; kubectl get secrets -A (+1 more)
";
        assert_eq!(text("table", &findings(), &FindingOptions::default()), expected);
        assert_eq!(text("table", &[], &FindingOptions::default()), "");
    }

    #[test]
    fn a_terminal_of_eighty_columns_keeps_one_line_each() {
        let expected = "\
time                 risk  detection        who    where        what
───────────────────  ────  ───────────────  ─────  ───────────  ────────────────
2026-11-23 16:02:58    80  Kubectl Reads …  alice  node-1       kubectl get sec…
2026-11-23 17:00:00    35  Secrets Listed…  alice  kube-system  list secrets (2…
2026-11-23 13:20:00    20  Kubectl Reads …  alice  node-1       suppressed: bac…
";
        let shown = text("table", &findings(), &terminal(80));
        assert_eq!(shown, expected);
        assert!(shown.lines().all(|line| width(line) <= 80));
    }

    #[test]
    fn scores_are_coloured_by_what_they_ask_for() {
        let options = FindingOptions { color: true, ..terminal(120) };
        let shown = text("table", &[finding(80), finding(50), finding(20)], &options);
        for score in ["\x1b[1;31m80\x1b[0m", "\x1b[33m50\x1b[0m", "\x1b[2m20\x1b[0m"] {
            assert!(shown.contains(score), "{shown:?}");
        }
        assert!(!text("table", &findings(), &terminal(120)).contains('\x1b'));
    }

    #[test]
    fn verbose_shows_all_about_a_finding() {
        let options = FindingOptions { verbose: true, ..FindingOptions::default() };
        let expected = "\
2026-11-23 16:02:58    80  Kubectl Reads Secrets
    who         alice
    where       node-1
    what        kubectl get secrets -A
                kubectl get secret db -o yaml
    message     alice read secrets with kubectl on node-1
    risk        user alice: 80
                system node-1: 40
    threat      process_name /usr/bin/kubectl
    events      2 events, first 2026-11-23 16:02:58.850, last 2026-11-23 16:05:00.000
    evidence    audit.log:12 1795401382.124:2250
                  type=EXECVE msg=audit(1795401382.124:2250): argc=3
                logs/audit 2.log 1795401390.001:2260
    next steps  View all events of alice

2026-11-23 13:20:00    20  Kubectl Reads Secrets (suppressed)
    who         alice
";
        let shown = text("table", &[finding(80), silenced()], &options);
        assert!(shown.starts_with(expected), "{shown}");
        assert!(shown.contains("    suppressed  backup job, owner ops\n"), "{shown}");
    }

    #[test]
    fn long_lists_say_how_much_is_missing() {
        let mut many = finding(80);
        many.events = vec![many.events[0].clone(); MOST_LISTED + 4];
        many.activity = vec!["get".into(); MOST_LISTED + 1];
        many.events[0].raw = Some("record\n".repeat(MOST_LINES + 2));
        let options = FindingOptions { verbose: true, ..FindingOptions::default() };
        let shown = text("table", &[many], &options);
        assert!(shown.contains("… and 4 more\n") && shown.contains("… and 1 more\n"), "{shown}");
        assert!(shown.contains("… 12 more\n"), "{shown}");
        assert!(shown.lines().count() < 100);
    }

    #[test]
    fn a_line_break_in_a_value_does_not_pass_for_another_value() {
        let mut broken = finding(80);
        broken.activity = vec!["get\n    next steps  nothing".into()];
        broken.events[0].raw = Some("one\ntwo".into());
        let options = FindingOptions { verbose: true, ..FindingOptions::default() };
        let shown = text("table", &[broken], &options);
        assert!(shown.contains("    what        get\\n    next steps  nothing\n"), "{shown}");
        assert!(shown.contains("                  one\n                  two\n"), "{shown}");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let mut long = finding(80);
        long.message = "猫/".repeat(3000);
        long.activity = vec!["\x1b".repeat(1000), long.message.clone()];
        long.detection = hostile().detection;
        for verbose in [false, true] {
            for columns in [40, 60, 75, 80, 100, 200] {
                let options = FindingOptions { verbose, color: false, ..terminal(columns) };
                let shown = text("table", &[long.clone(), hostile(), finding(1)], &options);
                let widest = shown.lines().map(width).max();
                assert!(widest <= Some(columns), "{columns} {verbose}: {widest:?}\n{shown}");
            }
        }
    }

    #[test]
    fn what_is_not_shown_is_counted_below() {
        let omitted = vec![("Kubectl\x1b Reads".to_owned(), 799_000), ("Other".to_owned(), 1)];
        for verbose in [false, true] {
            let options = FindingOptions { omitted: omitted.clone(), verbose, ..FindingOptions::default() };
            let shown = text("table", &[finding(80)], &options);
            assert!(shown.ends_with("\n… and 799000 more of Kubectl\\x1b Reads\n… and 1 more of Other\n"), "{shown}");
        }
    }

    #[test]
    fn entities_are_listed_with_their_sums() {
        let expected = "\
risk  type    entity  findings  highest  detections                       tactics                      first                last
────  ──────  ──────  ────────  ───────  ───────────────────────────────  ───────────────────────────  ───────────────────  ───────────────────
 115  user    alice          2       80  Kubectl Reads Secrets (+1 more)  Credential Access (+1 more)  2026-11-23 16:02:58  2026-11-23 17:00:00
";
        let shown = entities_text("table", &findings(), &FindingOptions::default()).unwrap();
        assert!(shown.starts_with(expected), "{shown}");
    }
}
