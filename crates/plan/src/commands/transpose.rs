//! `transpose`: turns rows into columns.

use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{DataType, Field};
use dogwatch_functions::types::{self, Output, is_multivalue, multivalue_type, text_type};
use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, Code, Command, CommandExample, CommandSignature, Diagnostic, OptionKind, OptionSpec,
    nearest,
};

use crate::commands::{Barrier, CommandDef, Role};
use crate::error::Result;
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::Relation;

/// `transpose [<count>] [column_name=<text>] [header_field=<field>] [include_empty=<bool>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "transpose",
        summary: "Turns rows into columns: each field becomes a row.",
        options: &[
            OptionSpec::optional("column_name", OptionKind::Field, "The field for the fields' names: `column`."),
            OptionSpec::optional(
                "header_field",
                OptionKind::Field,
                "The field whose values name the new columns, instead of `row 1`, `row 2`.",
            ),
            OptionSpec::optional(
                "include_empty",
                OptionKind::Bool,
                "Whether fields without a value in any row stay. True if not given.",
            ),
        ],
        arguments: &[ArgumentSpec::optional(
            "count",
            ArgumentKind::Number,
            "How many rows: 5 if not given, 0 for all, at most 1000.",
        )],
        details: "The first rows are read before the rest of the search is planned, because their values name columns. Of rows \
                  with the same value in the header field the last one counts.",
        source: "Search Reference: transpose",
        examples: &[CommandExample {
            search: r#"| makeresults format=csv data="user,count
al,3
bo,1" | transpose header_field=user"#,
            shows: "The users as columns.",
            result: r#"[{"column":"count","al":"3","bo":"1"}]"#,
        }],
        ..CommandSignature::EMPTY
    },
    role: Role::Transforming,
    keeps_order: false,
    reads: |_, _| FieldSet::everything(),
    barrier: |command, _| Some(Barrier::First(rows_of(command) + 1)),
    lower,
    ..CommandDef::BASE
};

/// Default number of rows that become columns, as in Splunk.
const USUAL_ROWS: usize = 5;

/// Limit of rows, since each becomes a column, and a plan lists all its columns by name.
const MOST_ROWS: usize = 1000;

/// Number of rows that become columns.
fn rows_of(command: &Command) -> usize {
    match command.count_argument("count").unwrap_or(USUAL_ROWS) {
        0 => MOST_ROWS,
        count => count.min(MOST_ROWS),
    }
}

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let rows = step.input(rows)?;
    let command = step.command;
    let header = command.text("header_field");
    let fields: Vec<(usize, String)> = rows.fields().into_iter().enumerate().collect();
    if let (Some(option), Some(name)) = (command.option("header_field"), header)
        && !fields.iter().any(|(_, field)| field == name)
    {
        let message = format!("no row has a field `{name}`, so the columns are called `row 1` and so on");
        let complaint = Diagnostic::warning(Code::UnknownField, option.span, message);
        planner.diagnostics.push(match nearest(name, fields.iter().map(|(_, field)| field.as_str())) {
            Some(near) => complaint.with_help(format!("did you mean `{near}`?")),
            None => complaint,
        });
    }
    let batches = planner.collect(rows)?;
    let wanted = rows_of(command);
    let mut cut = cells(&batches);
    if cut.len() > wanted {
        let asked = command.count_argument("count");
        if asked == Some(0) || asked.is_some_and(|count| count > MOST_ROWS) {
            let message = format!("only the first {MOST_ROWS} rows become columns, and there are more");
            let help = "narrow the search, or group the rows";
            planner.diagnostics.push(Diagnostic::warning(Code::Cut, command.name.span, message).with_help(help));
        }
        cut.truncate(wanted);
    }
    let heads = heads(&cut, fields.iter().find(|(_, name)| Some(name.as_str()) == header).map(|(at, _)| *at));
    let filled = |at: usize| cut.iter().any(|(batch, row)| !types::cell(batch.column(at).as_ref(), *row).is_null());
    let keep_empty = command.switch("include_empty").unwrap_or(true);
    let fields: Vec<(usize, String)> =
        fields.into_iter().filter(|(at, name)| Some(name.as_str()) != header && (keep_empty || filled(*at))).collect();
    let mut names = Output::new(&text_type(), fields.len())?;
    fields.iter().for_each(|(_, name)| names.text(name));
    let mut columns =
        vec![(Field::new(command.text("column_name").unwrap_or("column"), text_type(), true), names.finish())];
    for (head, (batch, row)) in heads.into_iter().zip(&cut) {
        let column = transposed(batch, *row, &fields)?;
        match columns.iter_mut().find(|(field, _)| *field.name() == head) {
            Some(same) => *same = (Field::new(head, column.data_type().clone(), true), column),
            None => columns.push((Field::new(head, column.data_type().clone(), true), column)),
        }
    }
    planner.table(columns)
}

/// The rows of batches, in order.
fn cells(batches: &[RecordBatch]) -> Vec<(&RecordBatch, usize)> {
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row))).collect()
}

/// The names of the new columns.
fn heads(rows: &[(&RecordBatch, usize)], header: Option<usize>) -> Vec<String> {
    let head = |(number, (batch, row)): (usize, &(&RecordBatch, usize))| {
        let value =
            header.and_then(|at| types::cell(batch.column(at).as_ref(), *row).text().map(|text| text.into_owned()));
        value.filter(|text| !text.is_empty()).unwrap_or_else(|| format!("row {}", number + 1))
    };
    rows.iter().enumerate().map(head).collect()
}

/// A row as a column, with a value for each field.
fn transposed(batch: &RecordBatch, row: usize, fields: &[(usize, String)]) -> Result<Arc<dyn Array>> {
    let many = fields.iter().any(|(at, _)| is_multivalue(batch.column(*at).data_type()));
    let data_type: DataType = if many { multivalue_type() } else { text_type() };
    let mut output = Output::new(&data_type, fields.len())?;
    for (at, _) in fields {
        let values = types::cell(batch.column(*at).as_ref(), row).values();
        let texts: Vec<String> = values.iter().map(|value| value.text().into_owned()).collect();
        match texts.as_slice() {
            [] => output.null(),
            [text] if !many => output.text(text),
            texts => output.multi(texts),
        }
    }
    Ok(output.finish())
}
