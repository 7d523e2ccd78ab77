//! Formats for findings: the registry and the interface. One file per format.
//!
//! A format is a function over a stream of findings, and another over entities (see [`Entities`]) if it supports them.
//! There can be more findings than fit into memory, so formats do not keep them. The exception is the table, whose column
//! widths depend on all its rows; it gets a bounded number of findings ([`FindingOptions::omitted`] counts the others).
//! The caller determines the order. Secrets have already been masked.

use std::io::Write;

use dogwatch_content::Finding;

pub use crate::detection_page::page_command;
pub use crate::entity::{Entities, EntityRisk};
use crate::error::OutputError;

mod csv;
mod json;
mod jsonl;
mod ocsf;
mod ocsf_objects;
mod sarif;
mod sarif_objects;
mod table;

/// Properties of the run and of the output's destination that a format can depend on.
#[derive(Clone, Debug, Default)]
pub struct FindingOptions {
    /// Columns of the terminal; `None` for no limit.
    pub width: Option<usize>,
    /// Whether headings and scores may be styled.
    pub color: bool,
    /// Whether the output goes to a terminal, where values must not emit control characters.
    pub terminal: bool,
    /// Whether a table shows all details of a finding: message, evidence, next steps.
    pub verbose: bool,
    /// The version of the tool, for formats that name it.
    pub version: String,
    /// When the findings are made, microseconds since 1970 UTC.
    pub now: i64,
    /// Findings that are not written: the name of a detection, and the number of its further findings.
    pub omitted: Vec<(String, u64)>,
}

/// A stream of findings. It ends after an error.
pub type Findings<'a> = &'a mut dyn Iterator<Item = Result<Finding, OutputError>>;

type WriteFindings = fn(Findings<'_>, &FindingOptions, &mut dyn Write) -> Result<(), OutputError>;
type WriteEntities = fn(&[EntityRisk], &FindingOptions, &mut dyn Write) -> Result<(), OutputError>;

/// A format in the registry.
#[derive(Debug)]
pub struct FindingFormat {
    /// The name by which it is chosen.
    pub name: &'static str,
    /// What it looks like, in one sentence.
    pub summary: &'static str,
    findings: WriteFindings,
    entities: Option<WriteEntities>,
}

impl FindingFormat {
    /// Writes findings in their order, with header and footer.
    ///
    /// # Errors
    /// If writing fails, or if the findings end in an error.
    pub fn write(
        &self,
        findings: Findings<'_>,
        options: &FindingOptions,
        out: &mut dyn Write,
    ) -> Result<(), OutputError> {
        (self.findings)(findings, options, out)
    }

    /// Writes entities with their risk, in their order.
    ///
    /// # Errors
    /// If writing fails, or if the format does not support entities.
    pub fn write_entities(
        &self,
        entities: &[EntityRisk],
        options: &FindingOptions,
        out: &mut dyn Write,
    ) -> Result<(), OutputError> {
        match self.entities {
            Some(write) => write(entities, options, out),
            None => Err(OutputError::NoEntities { format: self.name }),
        }
    }
}

/// All formats, sorted by name.
pub static FINDING_FORMATS: &[FindingFormat] =
    &[csv::ENTRY, json::ENTRY, jsonl::ENTRY, ocsf::ENTRY, sarif::ENTRY, table::ENTRY];

/// The format of a name.
pub fn find(name: &str) -> Option<&'static FindingFormat> {
    FINDING_FORMATS.iter().find(|format| format.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding_testing::{entities_text, findings, hostile, text};

    fn terminal() -> FindingOptions {
        FindingOptions { width: Some(100), terminal: true, verbose: true, ..FindingOptions::default() }
    }

    #[test]
    fn the_registry_is_sorted_and_says_what_each_is() {
        assert!(FINDING_FORMATS.is_sorted_by_key(|format| format.name));
        for format in FINDING_FORMATS {
            assert!(find(format.name).is_some());
            assert!(format.summary.ends_with('.'), "{}", format.name);
        }
        assert!(find("xml").is_none());
    }

    #[test]
    fn no_format_lets_a_finding_drive_the_terminal() {
        for format in FINDING_FORMATS {
            // One that is silenced has no entities.
            let findings = [hostile(), Finding { suppressed_by: None, ..hostile() }];
            let mut printed = text(format.name, &findings, &terminal());
            assert!(printed.contains("evil"), "{}: {printed}", format.name);
            if format.entities.is_some() {
                printed.push_str(&entities_text(format.name, &findings, &terminal()).unwrap());
            }
            let drives = |c: char| c != '\n' && c != '\t' && crate::visible::is_invisible(c);
            assert!(!printed.contains(drives), "{}: {printed:?}", format.name);
        }
    }

    #[test]
    fn every_format_takes_no_findings_and_findings_without_anything() {
        let mut bare = crate::finding_testing::finding(0);
        bare.time = None;
        bare.last_time = None;
        bare.who = None;
        bare.place = None;
        bare.message = String::new();
        (bare.risk_objects, bare.threat_objects) = (vec![], vec![]);
        (bare.activity, bare.events, bare.fields) = (vec![], vec![], vec![]);
        for format in FINDING_FORMATS {
            for options in [FindingOptions::default(), terminal()] {
                let none = text(format.name, &[], &options);
                let one = text(format.name, std::slice::from_ref(&bare), &options);
                assert!(!none.contains(&bare.detection.name), "{}: {none}", format.name);
                assert!(one.contains(&bare.detection.name), "{}: {one}", format.name);
                for (printed, findings) in [(&none, 0), (&one, 1)] {
                    assert_eq!(findings_in(format.name, printed), findings, "{}: {printed}", format.name);
                }
            }
        }
    }

    /// The number of findings that a program reading the format sees.
    fn findings_in(format: &str, printed: &str) -> usize {
        let value = || serde_json::from_str::<serde_json::Value>(printed).expect("a document");
        let lines = printed.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("an object"));
        match format {
            "json" => value().as_array().expect("an array").len(),
            "jsonl" | "ocsf" => lines.filter(serde_json::Value::is_object).count(),
            "sarif" => value()["runs"][0]["results"].as_array().expect("results").len(),
            "csv" => ::csv::Reader::from_reader(printed.as_bytes()).records().count(),
            // Nothing at all, not even a line of names.
            "table" => usize::from(!printed.is_empty()),
            other => panic!("say how the findings of {other} are counted"),
        }
    }

    #[test]
    fn formats_without_a_form_for_entities_say_so_and_what_to_do() {
        for format in FINDING_FORMATS {
            match entities_text(format.name, &findings(), &FindingOptions::default()) {
                Ok(printed) => assert!(printed.contains("alice"), "{}", format.name),
                Err(error) => {
                    assert!(["ocsf", "sarif"].contains(&format.name));
                    assert!(error.to_string().contains(format.name));
                    assert!(error.help().is_some_and(|help| help.contains("--by entity")));
                    assert!(!error.is_closed_pipe());
                }
            }
        }
    }

    #[test]
    fn a_reader_that_went_away_is_an_error_of_every_format() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        for format in FINDING_FORMATS {
            let mut all = findings().into_iter().map(Ok);
            let error = format.write(&mut all, &FindingOptions::default(), &mut Closed).unwrap_err();
            assert!(error.is_closed_pipe(), "{}", format.name);
        }
    }

    #[test]
    fn findings_that_end_in_an_error_are_an_error_of_every_format() {
        for format in FINDING_FORMATS {
            let broken = || OutputError::Findings("the disk is gone".into());
            let mut all = findings().into_iter().map(Ok).chain([Err(broken())]);
            let error = format.write(&mut all, &FindingOptions::default(), &mut Vec::new()).unwrap_err();
            assert!(error.to_string().contains("the disk is gone"), "{}", format.name);
        }
    }
}
