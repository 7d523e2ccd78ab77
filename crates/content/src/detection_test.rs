//! The tests of a detection: logs on which its search must find something, or must not.

use serde_norway::Mapping;

use crate::yaml;

/// One entry of `tests:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetectionTest {
    /// Its name.
    pub name: String,
    /// Who runs it.
    pub kind: TestKind,
    /// The logs.
    pub attack_data: Vec<AttackData>,
    /// What the search has to do on them.
    pub expects: Expectation,
}

/// Who runs a test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TestKind {
    /// A program, on the logs.
    #[default]
    Unit,
    /// A program, in a Splunk with Enterprise Security.
    Integration,
    /// A person: the detection's tags say in `manual_test` why.
    Manual,
}

/// What a search has to do on a test's logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Find something.
    Fires,
    /// Find nothing. A test says so by a name that starts with `True Negative`.
    Silent,
}

/// A log of a test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttackData {
    /// A path from the project's folder, or a URL.
    pub data: String,
    /// Splunk's `source` of the events.
    pub source: String,
    /// Splunk's `sourcetype` of the events.
    pub sourcetype: String,
    /// The host that they come from, if the test says so.
    pub host: Option<String>,
    /// The index that they belong in, if the test says so.
    pub custom_index: Option<String>,
}

impl AttackData {
    /// Whether the log is named by a URL, which is never fetched.
    pub fn is_url(&self) -> bool {
        self.data.contains("://")
    }
}

impl DetectionTest {
    /// Reads the tests of a detection.
    pub(crate) fn read_all(detection: &Mapping, manual: bool) -> Vec<Self> {
        yaml::mappings_of(detection, "tests").into_iter().map(|(_, test)| Self::read(test, manual)).collect()
    }

    fn read(test: &Mapping, manual: bool) -> Self {
        let name = yaml::text_of(test, "name");
        let kind = match yaml::text_of(test, "test_type").to_lowercase().as_str() {
            _ if manual => TestKind::Manual,
            "manual" => TestKind::Manual,
            "integration" => TestKind::Integration,
            _ => TestKind::Unit,
        };
        let expects = if name.to_lowercase().trim_start().starts_with("true negative") {
            Expectation::Silent
        } else {
            Expectation::Fires
        };
        let optional = |data: &Mapping, key: &str| data.get(key).and_then(yaml::text);
        let attack_data = yaml::mappings_of(test, "attack_data").into_iter().map(|(_, data)| AttackData {
            data: yaml::text_of(data, "data"),
            source: yaml::text_of(data, "source"),
            sourcetype: yaml::text_of(data, "sourcetype"),
            host: optional(data, "host"),
            custom_index: optional(data, "custom_index"),
        });
        Self { name, kind, attack_data: attack_data.collect(), expects }
    }
}
