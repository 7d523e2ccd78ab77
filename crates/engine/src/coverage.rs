//! Coverage: which detections can fire on given logs, judged by comparing what the logs record with what detections need.
//!
//! Formats declare telemetry fields, whose values show what a log records (record types, levels). A detection needs the
//! values of these fields that are named in its search terms and in the `separator` of its data sources. It does not
//! matter whether the behaviour that it looks for has occurred.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::RecordBatch;
use dogwatch_content::{Content, DataSource, Detection};
use dogwatch_functions::types;
use dogwatch_plan::{Condition, Predicate};
use dogwatch_scan::{Inputs, ScanStats};
use dogwatch_syntax::Pattern;
use futures::StreamExt;

use crate::detect::{DetectionMacros, search_of};
use crate::error::EngineError;
use crate::options::Text;
use crate::session::Session;

/// What the logs record: the values of each telemetry field, with the number of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Telemetry {
    /// By field.
    pub values: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// The telemetry fields, in the order in which the formats declare them.
    pub fields: Vec<&'static str>,
    /// Fields whose values are only shown, and never reported as missing.
    pub informative: BTreeSet<&'static str>,
    /// The sourcetypes of the files.
    pub sourcetypes: BTreeSet<String>,
    /// The logs that could not be read, and why.
    pub unread: Vec<String>,
}

/// Coverage of a detection by the logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Whether it can fire at all.
    pub fires: bool,
    /// Missing telemetry: `type=SOCKADDR`, `syscall=bind`, `level=Request*`, `sourcetype=kube:audit`. A detection that
    /// can fire may still lack some of its sources.
    pub missing: BTreeSet<String>,
}

impl Session {
    /// Collects the telemetry of the logs behind some paths.
    ///
    /// # Errors
    /// If the logs cannot be searched.
    pub async fn telemetry(&self, paths: &[String]) -> Result<Telemetry, EngineError> {
        let mut telemetry = Telemetry::default();
        let (inputs, errors) = Inputs::list(paths, &self.input_options());
        telemetry.unread = errors.iter().map(ToString::to_string).collect();
        telemetry.sourcetypes = inputs.files().iter().map(|file| file.sourcetype.clone()).collect();
        for names in self.names().formats() {
            let has_logs = inputs.files().iter().any(|file| file.format.name() == names.format.name());
            for field in names.format.about().telemetry {
                if telemetry.values.insert(field.name, BTreeMap::new()).is_none() {
                    telemetry.fields.push(field.name);
                }
                if !field.decides {
                    telemetry.informative.insert(field.name);
                }
                if has_logs {
                    let rows = field.rows.map_or(String::new(), |(name, value)| format!(" {name}=\"{value}\""));
                    let of = format!("sourcetype=\"{}\"{rows}", names.sourcetype);
                    self.count_values(&of, field.name, paths, &mut telemetry).await?;
                }
            }
        }
        Ok(telemetry)
    }

    /// Counts the values of a field of events.
    async fn count_values(
        &self,
        events: &str,
        field: &'static str,
        paths: &[String],
        telemetry: &mut Telemetry,
    ) -> Result<(), EngineError> {
        let text = Text { name: "coverage".to_owned(), text: format!("{events} | stats count BY \"{field}\"") };
        let mut search = self.search(&text, paths).await?;
        let mut rows = search.stream()?;
        let counts = telemetry.values.entry(field).or_default();
        while let Some(batch) = rows.next().await {
            counted(&batch?, counts);
        }
        Ok(())
    }

    /// The origin of logs of a sourcetype, if it belongs to a known format.
    pub fn log_origin(&self, sourcetype: &str) -> Option<&'static str> {
        self.names().format_of_sourcetype(sourcetype).map(|names| names.format.about().origin)
    }

    /// Coverage of a detection by the logs.
    ///
    /// # Errors
    /// If the detection's search is wrong.
    pub fn coverage(
        &self,
        content: &Content,
        detection: &Detection,
        telemetry: &Telemetry,
    ) -> Result<Coverage, EngineError> {
        let (inputs, _) = Inputs::list(&[], &self.input_options());
        let catalog = self.catalog(Arc::new(inputs), Arc::new(ScanStats::default()), &self.runtime()?, 1);
        let macros = DetectionMacros { session: &self.macros, content };
        let planned = self.parse(&search_of(detection), &macros, &catalog)?.plan(&catalog)?;
        let names = |field: &str, value: &Pattern| dogwatch_plan::SourceCatalog::other_names(&catalog, field, value);
        // A search with several sources can fire on any one of them.
        let needs: Vec<Lack> = planned.reads.iter().map(|read| lacking(&read.condition, telemetry, &names)).collect();
        let mut fires = needs.is_empty() || needs.iter().any(|lack| lack.all.is_empty());
        let mut missing: BTreeSet<String> =
            needs.into_iter().flat_map(|lack| lack.all.into_iter().chain(lack.some)).collect();
        let of_detection = |name: &String| content.data_sources.iter().find(|source| source.name == *name);
        let sources: Vec<_> = detection.data_sources.iter().filter_map(of_detection).collect();
        let absent: Vec<_> = sources.iter().filter_map(|source| lacking_source(source, telemetry)).collect();
        fires &= absent.len() < sources.len().max(1);
        missing.extend(absent);
        Ok(Coverage { fires, missing })
    }
}

fn counted(batch: &RecordBatch, counts: &mut BTreeMap<String, u64>) {
    for row in 0..batch.num_rows() {
        let value = types::cell(batch.column(0).as_ref(), row).text().map(|text| text.into_owned());
        let count = batch.column_by_name("count").and_then(|c| types::cell(c.as_ref(), row).number());
        if let (Some(value), Some(count)) = (value, count) {
            *counts.entry(value).or_default() += count as u64;
        }
    }
}

/// The term that identifies a data source's events, if the logs have none of them.
fn lacking_source(source: &DataSource, telemetry: &Telemetry) -> Option<String> {
    let (separator, value) = (source.separator.as_deref()?, source.separator_value.as_deref()?);
    let known = telemetry.values.get(separator)?;
    let pattern = Pattern::with_stars(value).matcher();
    (!known.keys().any(|have| pattern.matches(have))).then(|| format!("{separator}={value}"))
}

/// The parts of a condition that the logs cannot satisfy.
#[derive(Debug, Default, PartialEq, Eq)]
struct Lack {
    /// Values without which nothing satisfies the condition.
    all: BTreeSet<String>,
    /// Values without which some alternative is never satisfied.
    some: BTreeSet<String>,
}

fn lacking(condition: &Condition, telemetry: &Telemetry, names: &dyn Fn(&str, &Pattern) -> Vec<String>) -> Lack {
    let each = |parts: &[Condition]| parts.iter().map(|part| lacking(part, telemetry, names)).collect::<Vec<_>>();
    match condition {
        Condition::Anything | Condition::Nothing | Condition::Test(Predicate::Raw(_) | Predicate::Absent(_)) => {
            Lack::default()
        }
        Condition::All(parts) => each(parts).into_iter().fold(Lack::default(), |mut lack, part| {
            lack.all.extend(part.all);
            lack.some.extend(part.some);
            lack
        }),
        Condition::Any(parts) => any_lacks(each(parts)),
        Condition::Test(Predicate::Field { name, pattern }) => {
            let matcher = pattern.matcher();
            let there = match name.as_str() {
                "sourcetype" => {
                    let also = names(name, pattern);
                    let has = |known: &String| matcher.matches(known) || also.contains(known);
                    telemetry.sourcetypes.iter().any(has)
                }
                other if telemetry.informative.contains(other) => true,
                other => match telemetry.values.get(other) {
                    Some(known) => known.keys().any(|value| matcher.matches(value)),
                    None => true,
                },
            };
            let missing = (!there).then(|| format!("{name}={pattern}"));
            Lack { all: missing.into_iter().collect(), some: BTreeSet::new() }
        }
    }
}

fn any_lacks(parts: Vec<Lack>) -> Lack {
    let names = |lack: &Lack| lack.all.iter().chain(&lack.some).all(|what| what.starts_with("sourcetype="));
    let possible = parts.iter().any(|lack| lack.all.is_empty());
    if parts.iter().all(names) {
        // A log has many aliases. Any of them is enough to satisfy the condition, and one is enough to report it as
        // missing.
        let all = parts.into_iter().flat_map(|lack| lack.all).min_by_key(String::len);
        return Lack { all: all.filter(|_| !possible).into_iter().collect(), some: BTreeSet::new() };
    }
    let (all, some): (Vec<_>, Vec<_>) = parts.into_iter().map(|lack| (lack.all, lack.some)).unzip();
    let (all, some): (BTreeSet<String>, BTreeSet<String>) =
        (all.into_iter().flatten().collect(), some.into_iter().flatten().collect());
    match possible {
        true => Lack { some: all.into_iter().chain(some).collect(), all: BTreeSet::new() },
        false => Lack { all, some },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn telemetry() -> Telemetry {
        let types = BTreeMap::from([("EXECVE".to_owned(), 3), ("SYSCALL".to_owned(), 9)]);
        let syscalls = BTreeMap::from([("execve".to_owned(), 3), ("connect".to_owned(), 6)]);
        Telemetry {
            values: BTreeMap::from([("type", types), ("syscall", syscalls), ("key", BTreeMap::new())]),
            fields: vec!["type", "syscall", "key"],
            informative: BTreeSet::from(["key"]),
            sourcetypes: BTreeSet::from(["linux_audit".to_owned()]),
            unread: vec![],
        }
    }

    fn field(name: &str, value: &str) -> Condition {
        Condition::field(name, Pattern::with_stars(value))
    }

    fn missing(condition: &Condition) -> Vec<String> {
        lacking(condition, &telemetry(), &|_, _| vec![]).all.into_iter().collect()
    }

    #[test]
    fn what_the_logs_do_not_record_is_missing() {
        let all = Condition::All(vec![field("type", "execve"), field("process", "*secret*")]);
        assert!(missing(&all).is_empty());
        let listens = Condition::All(vec![field("type", "SOCKADDR"), field("syscall", "bind"), field("lport", "2375")]);
        assert_eq!(missing(&listens), ["syscall=bind", "type=SOCKADDR"]);
        let either = Condition::Any(vec![listens, field("syscall", "conn*")]);
        assert!(missing(&either).is_empty());
        assert!(lacking(&either, &telemetry(), &|_, _| vec![]).some.contains("syscall=bind"));
        assert_eq!(missing(&field("sourcetype", "kube:audit")), ["sourcetype=kube:audit"]);
        assert!(missing(&field("key", "container_api")).is_empty(), "a site chooses its keys");
    }
}
