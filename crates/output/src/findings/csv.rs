//! `csv`: one row per finding, always with the same columns, written like the rows of the result format `csv`.
//!
//! Multiple values share a cell, separated by line feeds. `event_id`, `source` and `line` have a line for each event, so
//! that the third line of each belongs to the third event. On a terminal, control characters are escaped.

use std::borrow::Cow;
use std::io::Write;

use dogwatch_content::{Finding, rfc3339};

use super::{FindingFormat, FindingOptions};
use crate::entity::EntityRisk;
use crate::error::OutputError;
use crate::visible::visible_except;

pub(super) const ENTRY: FindingFormat = FindingFormat {
    name: "csv",
    summary: "Comma-separated values with a heading row, a row for each finding.",
    findings: |findings, options, out| write(FINDING, findings.map(|finding| Ok(finding_row(&finding?))), options, out),
    entities: Some(|entities, options, out| {
        write(ENTITY, entities.iter().map(|entity| Ok(entity_row(entity))), options, out)
    }),
};

const FINDING: &[&str] = &[
    "time",
    "last_time",
    "risk_score",
    "detection",
    "detection_id",
    "type",
    "mitre_attack_id",
    "user",
    "where",
    "activity",
    "message",
    "count",
    "event_id",
    "source",
    "line",
    "suppressed_by",
];

const ENTITY: &[&str] =
    &["risk", "type", "value", "findings", "highest", "detections", "tactics", "techniques", "first_time", "last_time"];

fn finding_row(finding: &Finding) -> Vec<String> {
    let time = |time: Option<i64>| time.map(rfc3339).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let events = &finding.events;
    vec![
        time(finding.time),
        time(finding.last_time),
        finding.risk_score.to_string(),
        finding.detection.name.clone(),
        finding.detection.id.clone(),
        finding.detection.kind.as_str().to_owned(),
        finding.detection.tags.mitre_attack_id.join("\n"),
        text(&finding.who),
        text(&finding.place),
        finding.activity.join("\n"),
        finding.message.clone(),
        finding.count.to_string(),
        aligned(events.iter().map(|event| event.event_id.clone())),
        aligned(events.iter().map(|event| event.source.clone().unwrap_or_default())),
        aligned(events.iter().map(|event| event.line.map(|line| line.to_string()).unwrap_or_default())),
        text(&finding.suppressed_by),
    ]
}

/// One line per value; empty if all values are.
fn aligned(values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.collect();
    if values.iter().all(String::is_empty) { String::new() } else { values.join("\n") }
}

fn entity_row(entity: &EntityRisk) -> Vec<String> {
    vec![
        entity.risk.to_string(),
        entity.kind.clone(),
        entity.value.clone(),
        entity.findings.to_string(),
        entity.highest.to_string(),
        entity.detections.join("\n"),
        entity.tactics.join("\n"),
        entity.techniques.join("\n"),
        entity.first.map(rfc3339).unwrap_or_default(),
        entity.last.map(rfc3339).unwrap_or_default(),
    ]
}

fn write(
    heading: &[&str],
    rows: impl Iterator<Item = Result<Vec<String>, OutputError>>,
    options: &FindingOptions,
    out: &mut dyn Write,
) -> Result<(), OutputError> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(heading)?;
    for row in rows {
        let row = row?;
        let cells = row.iter().map(|cell| no_formula(cell));
        if options.terminal {
            writer.write_record(cells.map(|cell| visible_except(&cell, &['\n', '\t']).into_owned()))?;
        } else {
            writer.write_record(cells.map(|cell| cell.into_owned()))?;
        }
    }
    Ok(writer.flush()?)
}

/// Prefixes a cell that a spreadsheet would evaluate as a formula with `'` (OWASP, CSV Injection). The client's name and
/// the command are under an attacker's control.
fn no_formula(cell: &str) -> Cow<'_, str> {
    let formula = cell.len() > 1 && cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if formula { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

#[cfg(test)]
mod tests {
    use crate::finding_testing::{entities_text, finding, findings, hostile, silenced, text};
    use crate::findings::FindingOptions;

    fn rows(printed: &str) -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_reader(printed.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn columns_are_always_the_same_and_several_values_are_lines() {
        let expected = "time,last_time,risk_score,detection,detection_id,type,mitre_attack_id,user,where,activity,message,\
            count,event_id,source,line,suppressed_by\n\
            2026-11-23T16:02:58.850211Z,2026-11-23T16:05:00Z,80,Kubectl Reads Secrets,2a1d7c0e-5c5e-4c1b-9a51-0f2d3b4c5d6e,\
            TTP,\"T1552.007\nT1552\",alice,node-1,\"kubectl get secrets -A\nkubectl get secret db -o yaml\",\
            alice read secrets with kubectl on node-1,2,\"1795401382.124:2250\n1795401390.001:2260\",\
            \"audit.log\nlogs/audit 2.log\",\"12\n\",\n";
        assert_eq!(text("csv", &[finding(80)], &FindingOptions::default()), expected);
        assert!(text("csv", &[], &FindingOptions::default()).starts_with("time,last_time,"));
        assert!(text("csv", &[silenced()], &FindingOptions::default()).ends_with("\"backup job, owner ops\"\n"));
    }

    #[test]
    fn hostile_values_come_back_as_they_were() {
        let evil = hostile();
        let read = rows(&text("csv", std::slice::from_ref(&evil), &FindingOptions::default()));
        assert_eq!(read.len(), 1);
        assert_eq!(Some(read[0][7].as_str()), evil.who.as_deref());
        assert_eq!(read[0][10], evil.message);
    }

    #[test]
    fn no_cell_is_a_formula() {
        let mut evil = finding(80);
        evil.who = Some("=HYPERLINK(\"http://x\")".to_owned());
        evil.message = "-1+cmd|' /C calc'!A0".to_owned();
        evil.place = Some("-".to_owned());
        let read = rows(&text("csv", &[evil], &FindingOptions::default()));
        assert_eq!(
            [&read[0][7], &read[0][8], &read[0][10]],
            ["'=HYPERLINK(\"http://x\")", "-", "'-1+cmd|' /C calc'!A0"]
        );
    }

    #[test]
    fn entities_have_columns_of_their_own() {
        let printed = entities_text("csv", &findings(), &FindingOptions::default()).unwrap();
        assert!(printed.starts_with("risk,type,value,findings,highest,detections,"));
        assert_eq!(rows(&printed)[0][..3], ["115", "user", "alice"]);
    }
}
