//! From the rows of a detection's search to findings.

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use dogwatch_content::{Detection, EvidenceEvent, Finding, FindingKey, Revision, RiskObject, ThreatObject, mask_field};
use dogwatch_functions::{time_format, types};
use dogwatch_plan::GROUP_COLUMN;

/// How many values of a field are named in a message.
const NAMED: usize = 5;

/// What `suppressed_by` holds in a row that nothing silences.
const NOT_SUPPRESSED: &str = "-";

/// Names that say nothing: a place or an identity that is none.
const NOBODY: [&str; 2] = ["unknown", "-"];

/// The findings that the rows are.
pub(super) fn findings(detection: &Arc<Detection>, batches: &[RecordBatch], show_secrets: bool) -> Vec<Finding> {
    let rows = batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)));
    rows.map(|(batch, row)| finding(detection, batch, row, show_secrets)).collect()
}

fn finding(detection: &Arc<Detection>, batch: &RecordBatch, row: usize, show_secrets: bool) -> Finding {
    let fields = Fields::of(batch, row, show_secrets);
    let events =
        fields.values("event_id").iter().map(|id| EvidenceEvent { event_id: id.clone(), ..Default::default() });
    let events: Vec<EvidenceEvent> = events.collect();
    let (message, risk_objects, threat_objects) = risk(detection, &fields);
    let first = |names: &[&str]| names.iter().find_map(|name| fields.shown(name));
    let of_kind = |kind: &str| risk_objects.iter().find(|object| object.kind == kind).map(|o| o.value.clone());
    let activity = ["activity", "process", "command", "object"].iter().map(|name| fields.values(name));
    let activity = activity.into_iter().find(|values| !values.is_empty()).map(<[String]>::to_vec);
    let count = fields.values("count").first().and_then(|count| count.parse().ok());
    let mut finding = Finding {
        detection: Arc::clone(detection),
        key: FindingKey::default(),
        revision: Revision::default(),
        time: time_of(batch, row, "_time"),
        last_time: time_of(batch, row, "last_time"),
        risk_score: risk_objects.iter().map(|object| object.score).max().unwrap_or_else(|| detection.risk_score()),
        who: first(&["user"]).or_else(|| of_kind("user")),
        place: first(&["dest", "namespace", "host"]).or_else(|| of_kind("system")),
        activity: activity.unwrap_or_else(|| vec![message.clone()]),
        count: count.unwrap_or(events.len().max(1) as u64),
        suppressed_by: fields.values("suppressed_by").first().filter(|by| *by != NOT_SUPPRESSED).cloned(),
        message,
        risk_objects,
        threat_objects,
        events,
        fields: fields.all,
    };
    finding.key = match group_of(batch, row) {
        Some(group) => FindingKey::of_group(&detection.id, group),
        None => FindingKey::of_events(&finding),
    };
    finding.revision = Revision::of(&finding);
    finding
}

/// The values of the search's last grouping, if it has one.
fn group_of(batch: &RecordBatch, row: usize) -> Option<&[u8]> {
    let column = batch.column_by_name(GROUP_COLUMN)?.as_binary_opt::<i32>()?;
    column.is_valid(row).then(|| column.value(row))
}

fn risk(detection: &Detection, fields: &Fields) -> (String, Vec<RiskObject>, Vec<ThreatObject>) {
    let Some(rba) = &detection.rba else { return (detection.name.clone(), vec![], vec![]) };
    let mut objects = Vec::new();
    for object in &rba.risk_objects {
        for value in fields.values(&object.field).iter().filter(|value| !NOBODY.contains(&value.as_str())) {
            objects.push(RiskObject {
                kind: object.kind.clone(),
                field: object.field.clone(),
                value: value.clone(),
                score: object.score,
            });
        }
    }
    let mut threats = Vec::new();
    for object in &rba.threat_objects {
        for value in fields.values(&object.field).iter().filter(|value| !NOBODY.contains(&value.as_str())) {
            threats.push(ThreatObject { kind: object.kind.clone(), field: object.field.clone(), value: value.clone() });
        }
    }
    (message(&rba.message, fields), objects, threats)
}

/// The detection's message with the row's values for `$field$`. A field without a value is named.
fn message(template: &str, fields: &Fields) -> String {
    let mut text = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('$') {
        text.push_str(before);
        match behind.split_once('$') {
            Some((name, after)) if !name.is_empty() && !name.contains(char::is_whitespace) => {
                match fields.shown(name) {
                    Some(shown) => text.push_str(&shown),
                    None => text.push_str(&format!("(no {name})")),
                }
                rest = after;
            }
            _ => {
                text.push('$');
                rest = behind;
            }
        }
    }
    text.push_str(rest);
    text
}

/// The fields of a row, as text, secrets masked.
struct Fields {
    all: Vec<(String, Vec<String>)>,
}

impl Fields {
    fn of(batch: &RecordBatch, row: usize, show_secrets: bool) -> Self {
        let schema = batch.schema();
        let columns = schema.fields().iter().zip(batch.columns()).filter(|(field, _)| field.name() != GROUP_COLUMN);
        let all = columns
            .map(|(field, array)| (field.name().clone(), texts(field.name(), array.as_ref(), row, show_secrets)));
        Self { all: all.filter(|(_, values)| !values.is_empty()).collect() }
    }

    fn values(&self, name: &str) -> &[String] {
        self.all.iter().find(|(field, _)| field == name).map_or(&[], |(_, values)| values)
    }

    /// The values for people, a few of them; none if they say nothing.
    fn shown(&self, name: &str) -> Option<String> {
        let values = self.values(name);
        if values.iter().all(|value| NOBODY.contains(&value.as_str())) {
            return None;
        }
        let mut text = values.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        if values.len() > NAMED {
            text.push_str(&format!(" and {} more", values.len() - NAMED));
        }
        Some(text)
    }
}

fn texts(name: &str, array: &dyn Array, row: usize, show_secrets: bool) -> Vec<String> {
    if let Some(time) = instant(name, array, row) {
        return time_format::format(time, "%Y-%m-%dT%H:%M:%S.%6QZ").into_iter().collect();
    }
    let shown = |text: &str| if show_secrets { text.to_owned() } else { mask_field(name, text).into_owned() };
    types::cell(array, row).values().iter().map(|value| shown(&value.text())).collect()
}

fn time_of(batch: &RecordBatch, row: usize, name: &str) -> Option<i64> {
    batch.column_by_name(name).and_then(|array| instant(name, array.as_ref(), row))
}

/// The instant that a field is: a timestamp, or seconds in one of the fields that findings have for times.
fn instant(name: &str, array: &dyn Array, row: usize) -> Option<i64> {
    if array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Timestamp(..) => Some(array.as_primitive::<TimestampMicrosecondType>().value(row)),
        _ if ["_time", "last_time", "firstTime", "lastTime"].contains(&name) => {
            types::cell(array, row).number().and_then(types::microseconds)
        }
        _ => None,
    }
}
