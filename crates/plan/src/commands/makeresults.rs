//! `makeresults`: generates rows, empty or from data in the search.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion_common::{DataFusionError, ScalarValue};
use datafusion_expr::{LogicalPlanBuilder, lit};
use dogwatch_functions::operators;
use dogwatch_functions::types::{Output, text_type};
use dogwatch_syntax::{Code, Command, CommandExample, CommandSignature, Diagnostic, OptionKind, OptionSpec};

use crate::catalog::{OWN_TABLE, SourceCatalog};
use crate::commands::{CommandDef, Role};
use crate::error::{PlanError, Result};
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::{ORDER, Relation, TIME, column};

/// `makeresults [count=<n>] [format=csv|json data=<text>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "makeresults",
        aliases: &[],
        summary: "Makes rows from nothing, with the time of the search, or from data in the search.",
        options: &[
            OptionSpec::optional("count", OptionKind::Integer, "How many rows: 1 if not given."),
            OptionSpec::optional(
                "annotate",
                OptionKind::Bool,
                "Adds the fields host, source, sourcetype, splunk_server and splunk_server_group, empty.",
            ),
            OptionSpec::optional("format", OptionKind::OneOf(&["csv", "json"]), "The format of `data`."),
            OptionSpec::optional(
                "data",
                OptionKind::Text,
                "The rows: CSV with a header line, or a JSON array of objects.",
            ),
            OptionSpec::optional("splunk_server", OptionKind::Text, "Accepted for Splunk's sake; without effect."),
            OptionSpec::optional(
                "splunk_server_group",
                OptionKind::Text,
                "Accepted for Splunk's sake; without effect.",
            ),
        ],
        arguments: &[],
        details: "At most ten million rows.",
        source: "Search Reference: makeresults",
        examples: &[CommandExample {
            search: "| makeresults format=csv data=\"name,age\nJohn,35\" | table name age",
            shows: "Rows from CSV text.",
            result: r#"[{"name":"John","age":"35"}]"#,
        }],
    },
    role: Role::Generating,
    keeps_order: false,
    check,
    reads: |_, _| FieldSet::nothing(),
    lower,
    ..CommandDef::BASE
};

/// Nobody needs more rows, and they would only fill the memory.
const MOST_ROWS: usize = 10_000_000;

fn check(command: &Command, _: &dyn SourceCatalog) -> Vec<Diagnostic> {
    match (command.option("format"), command.option("data")) {
        (Some(format), None) => {
            vec![Diagnostic::error(Code::MissingArgument, format.span, "format= needs data=, the text of the rows")]
        }
        (None, Some(data)) => {
            vec![Diagnostic::error(Code::MissingArgument, data.span, "data= needs format=csv or format=json")]
        }
        (Some(_), Some(data)) => match rows_of_data(command) {
            Err(why) => vec![Diagnostic::error(Code::BadOption, data.span, format!("the data cannot be read: {why}"))],
            Ok(_) => vec![],
        },
        (None, None) => vec![],
    }
}

/// Columns and rows of inline data. A missing value is `None`.
type Table = (Vec<String>, Vec<Vec<Option<String>>>);

fn rows_of_data(command: &Command) -> std::result::Result<Option<Table>, String> {
    let Some(data) = command.text("data") else { return Ok(None) };
    if command.text("format") == Some("json") {
        return json_rows(data).map(Some);
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::Headers).from_reader(data.as_bytes());
    let header: Vec<String> = reader.headers().map_err(|e| e.to_string())?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| e.to_string())?;
        rows.push((0..header.len()).map(|i| record.get(i).filter(|v| !v.is_empty()).map(str::to_owned)).collect());
    }
    Ok(Some((header, rows)))
}

fn json_rows(data: &str) -> std::result::Result<Table, String> {
    let objects: Vec<serde_json::Map<String, serde_json::Value>> =
        serde_json::from_str(data).map_err(|e| format!("{e}; it must be an array of objects"))?;
    let mut header: Vec<String> = Vec::new();
    for name in objects.iter().flat_map(|o| o.keys()) {
        if !header.contains(name) {
            header.push(name.clone());
        }
    }
    let value = |v: &serde_json::Value| match v {
        serde_json::Value::Null => None,
        serde_json::Value::String(s) => Some(s.clone()),
        other => Some(other.to_string()),
    };
    let rows = objects.iter().map(|o| header.iter().map(|name| o.get(name).and_then(value)).collect()).collect();
    Ok((header, rows))
}

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, _: Option<Relation>) -> Result<Relation> {
    let data = rows_of_data(step.command).map_err(PlanError::Internal)?;
    let has_data = data.is_some();
    let (header, table) = data.unwrap_or_default();
    let count = step.command.count("count").unwrap_or(1).min(MOST_ROWS);
    let count = if has_data { table.len() } else { count };
    let mut fields = vec![Field::new("__row", DataType::UInt64, false)];
    let mut columns: Vec<ArrayRef> = vec![Arc::new(UInt64Array::from_iter_values(0..count as u64))];
    for (i, name) in header.iter().enumerate() {
        let mut output = Output::new(&text_type(), count)?;
        table.iter().for_each(|row| match row.get(i).and_then(Option::as_ref) {
            Some(value) => output.text(value),
            None => output.null(),
        });
        fields.push(Field::new(name, text_type(), true));
        columns.push(output.finish());
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(DataFusionError::from)?;
    let source = planner.catalog.rows(batch)?;
    let now = lit(ScalarValue::TimestampMicrosecond(Some(planner.catalog.now()), Some("UTC".into())));
    let mut exprs = vec![operators::order_key(vec![operators::number_order(column("__row"))]).alias(ORDER)];
    if !has_data {
        exprs.insert(0, now.alias(TIME));
    }
    exprs.extend(header.iter().map(|name| column(name).alias(name)));
    if step.command.flag("annotate") {
        let none = lit(ScalarValue::Utf8(None));
        let names = ["host", "source", "sourcetype", "splunk_server", "splunk_server_group"];
        exprs.extend(names.iter().map(|name| none.clone().alias(*name)));
    }
    Ok(Relation::new(LogicalPlanBuilder::scan(OWN_TABLE, source, None)?.project(exprs)?.build()?))
}
