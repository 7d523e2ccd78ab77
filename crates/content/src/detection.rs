//! A detection: a search, what its findings mean, and the tests that hold it to that.
//!
//! The file is Splunk's security content as `contentctl` reads it. It is read leniently: what is missing is empty, and
//! only a file without a name or a search is none. What contentctl would refuse is reported by
//! [`Content::check`](crate::Content::check).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dogwatch_syntax::{Code, Diagnostic};
use serde_norway::Mapping;

use crate::detection_test::DetectionTest;
use crate::embedded_search::EmbeddedSearch;
use crate::rba::Rba;
use crate::yaml;
use crate::yaml_position::{Step, YamlPositions};

/// How many drilldowns are read, since each is looked for in the file. contentctl wants two.
const MAX_DRILLDOWNS: usize = 50;

/// A detection and the file that it stands in.
#[derive(Clone, Debug, Default)]
pub struct Detection {
    /// The file, as it was opened; for bundled content its path below `content/`.
    pub path: PathBuf,
    /// The file's text.
    pub text: Arc<str>,
    /// What it is called.
    pub name: String,
    /// Its UUID.
    pub id: String,
    /// Its version; grows with every change.
    pub version: u64,
    /// The day of its last change.
    pub date: Option<jiff::civil::Date>,
    /// Who wrote it.
    pub author: String,
    /// How far it has come.
    pub status: Status,
    /// What its findings are for.
    pub kind: DetectionKind,
    /// What it finds, in words.
    pub description: String,
    /// The names of the data sources that it needs.
    pub data_sources: Vec<String>,
    /// Its search.
    pub search: EmbeddedSearch,
    /// What has to be in place for it to find anything.
    pub how_to_implement: String,
    /// What else it finds.
    pub known_false_positives: String,
    /// Pages about it.
    pub references: Vec<String>,
    /// Searches that show more of a finding.
    pub drilldowns: Vec<Drilldown>,
    /// What its findings say about risk; none for most hunting searches.
    pub rba: Option<Rba>,
    /// What it belongs to.
    pub tags: Tags,
    /// Its tests.
    pub tests: Vec<DetectionTest>,
}

/// What the findings of a detection are for: its `type`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DetectionKind {
    /// An attack's tactic, technique or procedure: somebody looks at each finding.
    Ttp,
    /// Something unusual: adds up to risk.
    Anomaly,
    /// For somebody who looks for something: has no risk.
    Hunting,
    /// Adds up other detections' findings.
    Correlation,
    /// Fills a lookup that others compare with.
    Baseline,
    /// Anything else, as it was written.
    Other(String),
    /// The file does not say.
    #[default]
    Unknown,
}

impl DetectionKind {
    pub(crate) fn read(written: &str) -> Self {
        match written.to_ascii_lowercase().as_str() {
            "ttp" => Self::Ttp,
            "anomaly" => Self::Anomaly,
            "hunting" => Self::Hunting,
            "correlation" => Self::Correlation,
            "baseline" => Self::Baseline,
            "" => Self::Unknown,
            _ => Self::Other(written.to_owned()),
        }
    }

    /// As contentctl writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ttp => "TTP",
            Self::Anomaly => "Anomaly",
            Self::Hunting => "Hunting",
            Self::Correlation => "Correlation",
            Self::Baseline => "Baseline",
            Self::Other(written) => written,
            Self::Unknown => "unknown",
        }
    }

    /// Whether its findings count as risk.
    pub fn has_risk(&self) -> bool {
        !matches!(self, Self::Hunting | Self::Correlation | Self::Baseline)
    }
}

/// How far content has come: its `status`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// In use.
    Production,
    /// On trial, often without logs to test it on.
    Experimental,
    /// Going away.
    Deprecated,
    /// Anything else, as it was written.
    Other(String),
    /// The file does not say.
    #[default]
    Unknown,
}

impl Status {
    pub(crate) fn read(written: &str) -> Self {
        match written {
            "production" => Self::Production,
            "experimental" => Self::Experimental,
            "deprecated" => Self::Deprecated,
            "" => Self::Unknown,
            _ => Self::Other(written.to_owned()),
        }
    }

    /// As contentctl writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Production => "production",
            Self::Experimental => "experimental",
            Self::Deprecated => "deprecated",
            Self::Other(written) => written,
            Self::Unknown => "unknown",
        }
    }
}

/// A search that shows more of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drilldown {
    /// What it shows, with the finding's values as `$field$`.
    pub name: String,
    /// The search; `%original_detection_search%` stands for the detection's.
    pub search: EmbeddedSearch,
    /// From when on, mostly `$info_min_time$`.
    pub earliest_offset: Option<String>,
    /// Up to when, mostly `$info_max_time$`.
    pub latest_offset: Option<String>,
}

/// What a detection belongs to. The fields are named as in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags {
    /// Stories.
    pub analytic_story: Vec<String>,
    /// What is attacked.
    pub asset_type: String,
    /// MITRE ATT&CK techniques, `T1552.007`.
    pub mitre_attack_id: Vec<String>,
    /// Splunk's products that can run it.
    pub product: Vec<String>,
    /// Enterprise Security's domain: `endpoint`, `access`, `threat`, ….
    pub security_domain: String,
    /// Vulnerabilities.
    pub cve: Vec<String>,
    /// Atomic Red Team tests that it finds.
    pub atomic_guid: Vec<String>,
    /// Why no program can test it.
    pub manual_test: Option<String>,
}

impl Tags {
    fn read(tags: &Mapping) -> Self {
        Self {
            analytic_story: yaml::texts_of(tags, "analytic_story"),
            asset_type: yaml::text_of(tags, "asset_type"),
            mitre_attack_id: yaml::texts_of(tags, "mitre_attack_id"),
            product: yaml::texts_of(tags, "product"),
            security_domain: yaml::text_of(tags, "security_domain"),
            cve: yaml::texts_of(tags, "cve"),
            atomic_guid: yaml::texts_of(tags, "atomic_guid"),
            manual_test: tags.get("manual_test").and_then(yaml::text),
        }
    }

    /// All tags that a detection can be chosen by.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        let lists = [&self.analytic_story, &self.mitre_attack_id, &self.cve, &self.product];
        let single = [self.asset_type.as_str(), self.security_domain.as_str()];
        lists.into_iter().flatten().map(String::as_str).chain(single).filter(|tag| !tag.is_empty())
    }
}

impl Detection {
    /// The names of the lookups that the search itself calls, in order; those of its macros are not among them.
    pub fn lookups(&self) -> Vec<String> {
        crate::lookup_names::lookups(&self.search.text).into_iter().map(|(name, _)| name).collect()
    }

    /// Reads a detection from the text of its file.
    ///
    /// # Errors
    /// What stops the file being used, placed in its text: no YAML, no name, no search.
    pub fn parse(path: &Path, text: Arc<str>) -> Result<Self, Vec<Diagnostic>> {
        let file = yaml::parse(&text).map_err(|diagnostic| vec![diagnostic])?;
        let places = YamlPositions::new(&text);
        let name = required(&file, &places, "name");
        let search = required(&file, &places, "search");
        let (name, search) = match (name, search) {
            (Ok(name), Ok(search)) => (name, search),
            (name, search) => return Err(name.err().into_iter().chain(search.err()).collect()),
        };
        let search = EmbeddedSearch::top_level(&places, &text, "search", search);
        let tags = file.get("tags").and_then(|tags| tags.as_mapping()).map(Tags::read).unwrap_or_default();
        let kind = DetectionKind::read(&yaml::text_of(&file, "type"));
        let rba = Rba::read(&file).filter(|_| kind.has_risk() || file.get("rba").is_some());
        Ok(Self {
            path: path.to_owned(),
            name,
            id: yaml::text_of(&file, "id"),
            version: yaml::number_of(&file, "version").unwrap_or_default(),
            date: yaml::text_of(&file, "date").parse().ok(),
            author: yaml::text_of(&file, "author"),
            status: Status::read(&yaml::text_of(&file, "status")),
            kind,
            description: yaml::text_of(&file, "description"),
            data_sources: data_sources(&file),
            search,
            how_to_implement: yaml::text_of(&file, "how_to_implement"),
            known_false_positives: yaml::text_of(&file, "known_false_positives"),
            references: yaml::texts_of(&file, "references"),
            drilldowns: drilldowns(&file, &places, &text),
            rba,
            tests: DetectionTest::read_all(&file, tags.manual_test.is_some()),
            tags,
            text,
        })
    }

    /// The name as contentctl makes a file of it: `Kubectl Read Secrets` is `kubectl_read_secrets`.
    pub fn snake_name(&self) -> String {
        snake_name(&self.name)
    }

    /// The macro at the end of the search, with which others leave out what they know.
    pub fn filter_macro(&self) -> String {
        format!("{}_filter", self.snake_name())
    }

    /// The highest score of its risk objects, 0 to 100; 0 for what has no risk, as a hunting search.
    pub fn risk_score(&self) -> u8 {
        if !self.kind.has_risk() {
            return 0;
        }
        self.rba.as_ref().map_or(0, Rba::score)
    }
}

/// A name as contentctl makes a file of it.
pub(crate) fn snake_name(name: &str) -> String {
    name.replace([' ', '-', '.', '/'], "_").to_lowercase()
}

/// A file, and the name that it has to give itself.
pub(crate) fn named(text: &str) -> Result<(Mapping, String), Vec<Diagnostic>> {
    let file = yaml::parse(text).map_err(|diagnostic| vec![diagnostic])?;
    let name = required(&file, &YamlPositions::new(text), "name").map_err(|diagnostic| vec![diagnostic])?;
    Ok((file, name))
}

/// The text of a key that a file cannot do without.
pub(crate) fn required(file: &Mapping, places: &YamlPositions<'_>, key: &str) -> Result<String, Diagnostic> {
    let path = [Step::Key(key)];
    let Some(value) = file.get(key) else {
        return Err(Diagnostic::error(Code::BadKey, places.nearest(&path), format!("`{key}` is missing"))
            .with_help(format!("add a line `{key}: …`")));
    };
    match yaml::text(value) {
        Some(text) if !text.trim().is_empty() => Ok(text),
        Some(_) | None => Err(Diagnostic::error(Code::BadKey, places.key(&path), format!("`{key}` has no text"))
            .with_help(format!("write the text behind `{key}:`"))),
    }
}

/// The names of data sources; `A AND B` names two.
fn data_sources(file: &Mapping) -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut names = Vec::new();
    for written in yaml::texts_of(file, "data_source") {
        for name in written.split(" AND ").map(str::trim).filter(|name| !name.is_empty()) {
            if known.insert(name.to_owned()) {
                names.push(name.to_owned());
            }
        }
    }
    names
}

fn drilldowns(file: &Mapping, places: &YamlPositions<'_>, text: &str) -> Vec<Drilldown> {
    let offset = |drilldown: &Mapping, key: &str| drilldown.get(key).and_then(yaml::text);
    yaml::mappings_of(file, "drilldown_searches")
        .into_iter()
        .take(MAX_DRILLDOWNS)
        .map(|(index, drilldown)| {
            let place = places.find(&[Step::Key("drilldown_searches"), Step::Item(index), Step::Key("search")]);
            Drilldown {
                name: yaml::text_of(drilldown, "name"),
                search: EmbeddedSearch::at(place, text, yaml::text_of(drilldown, "search")),
                earliest_offset: offset(drilldown, "earliest_offset"),
                latest_offset: offset(drilldown, "latest_offset"),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detection_test::{Expectation, TestKind};
    use dogwatch_syntax::Span;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Detection, Vec<Diagnostic>> {
        Detection::parse(Path::new("a.yml"), text.into())
    }

    const FULL: &str = include_str!("../tests/fixtures/project/detections/endpoint/auditd_shell_reads_a_token.yml");

    #[test]
    fn a_whole_detection_is_read() {
        let read = parse(FULL).expect("the fixture is sound");
        assert_eq!(read.name, "Auditd Shell Reads A Token");
        assert_eq!(read.snake_name(), "auditd_shell_reads_a_token");
        assert_eq!(read.filter_macro(), "auditd_shell_reads_a_token_filter");
        assert_eq!((read.kind.as_str(), read.status.as_str(), read.version), ("TTP", "production", 3));
        assert_eq!(read.date, Some(jiff::civil::date(2026, 11, 20)));
        assert_eq!(read.data_sources, ["Linux Auditd Path"]);
        assert_eq!(read.risk_score(), 60);
        assert_eq!(read.drilldowns.len(), 2);
        assert!(read.drilldowns.iter().all(|drilldown| drilldown.search.is_placed()));
        assert!(read.search.is_placed());
        assert_eq!(read.tests[0].expects, Expectation::Fires);
        assert_eq!(read.tests[1].expects, Expectation::Silent);
        assert_eq!(read.tests[1].kind, TestKind::Unit);
        assert_eq!(read.tests[0].attack_data[0].sourcetype, "linux_audit");
        assert!(read.tags.values().any(|tag| tag == "T1552.007"));
    }

    #[test]
    fn little_is_enough_and_less_is_told() {
        let read = parse("name: A\nsearch: 1\n").expect("a name and a search are enough");
        assert_eq!(read.risk_score(), 0);
        assert_eq!((read.kind, read.status), (DetectionKind::Unknown, Status::Unknown));
        let missing = parse("id: a\n").expect_err("neither name nor search");
        assert_eq!(missing.len(), 2);
        assert!(missing.iter().all(|d| d.code == Code::BadKey && d.span == Span::new(0, 5)));
        let wrong = parse("name: A\nsearch:\n- a\n").expect_err("a list is no search");
        assert_eq!(wrong[0].span, Span::new(8, 14));
        assert_eq!(parse("a: [").expect_err("no YAML")[0].code, Code::BadYaml);
    }

    #[test]
    fn a_hunting_search_has_no_risk() {
        let read = parse("name: A\nsearch: a\ntype: Hunting\ntags: {message: m, risk_score: 50}\n").expect("it is one");
        assert_eq!((read.rba.clone(), read.risk_score()), (None, 0));
        let manual = parse("name: A\nsearch: a\ntags: {manual_test: why}\ntests: [{name: t}]\n").expect("it is one");
        assert_eq!(manual.tests[0].kind, TestKind::Manual);
    }

    proptest! {
        #[test]
        fn no_file_breaks_the_reader(text in "(?s).{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn no_broken_detection_breaks_the_reader(cut in 0..FULL.len(), length in 0..200usize, put in "(?s).{0,12}") {
            let end = (cut + length).min(FULL.len());
            let (Some(head), Some(tail)) = (FULL.get(..cut), FULL.get(end..)) else { return Ok(()) };
            let text = format!("{head}{put}{tail}");
            for found in parse(&text).err().into_iter().flatten() {
                prop_assert!(text.get(found.span.range()).is_some(), "{found:?}");
            }
        }
    }
}
