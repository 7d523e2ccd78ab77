//! Test results as JUnit XML, the form that CI systems read: one suite a detection.

use std::fmt::Write;

use dogwatch_engine::{TestOutcome, TestStatus};

/// The report.
pub fn report(outcomes: &[TestOutcome]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dogwatch\">\n");
    for suite in outcomes.chunk_by(|a, b| a.detection == b.detection) {
        let count = |status| suite.iter().filter(|outcome| outcome.status == status).count();
        let skipped = count(TestStatus::Skipped);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{skipped}\">",
            escaped(&suite[0].detection),
            suite.len(),
            count(TestStatus::Failed),
            count(TestStatus::Missing),
        );
        suite.iter().for_each(|outcome| case(outcome, &mut text));
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn case(outcome: &TestOutcome, text: &mut String) {
    let _ = write!(
        text,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
        escaped(&outcome.detection),
        escaped(&outcome.test),
        outcome.took.as_secs_f64()
    );
    let element = match outcome.status {
        TestStatus::Passed => {
            text.push_str("/>\n");
            return;
        }
        TestStatus::Failed => "failure",
        TestStatus::Missing => "error",
        TestStatus::Skipped => "skipped",
    };
    let _ = writeln!(
        text,
        ">\n      <{element} message=\"{}\">{}</{element}>\n    </testcase>",
        escaped(&outcome.summary),
        escaped(&outcome.details.join("\n"))
    );
}

/// Text in XML 1.0, which has no way to write most control characters.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn suites_are_counted_and_text_is_escaped() {
        let outcome = |status| TestOutcome {
            detection: "A <b> & \u{1b}".to_owned(),
            test: "\"t\"".to_owned(),
            status,
            summary: "no finding".to_owned(),
            details: vec!["1 < 2".to_owned()],
            took: Duration::from_millis(1500),
        };
        let report =
            report(&[TestStatus::Passed, TestStatus::Failed, TestStatus::Missing, TestStatus::Skipped].map(outcome));
        assert!(report.contains("tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\""), "{report}");
        assert!(report.contains("A &lt;b&gt; &amp; \u{fffd}") && report.contains("name=\"&quot;t&quot;\""), "{report}");
        assert!(report.contains("<failure message=\"no finding\">1 &lt; 2</failure>"), "{report}");
        assert!(report.contains("time=\"1.500\"/>"), "{report}");
    }
}
