//! `lookup`: adds fields from a table, matched by the values of other fields.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion_expr::{Expr, LogicalPlanBuilder, when};
use dogwatch_functions::operators::{self, MatchKind, MatchTable};
use dogwatch_functions::types::{self, Output, multivalue_type, text_type};
use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, ArgumentValue, Code, Command, CommandSignature, Diagnostic, OptionKind, OptionSpec,
    Rename, Spanned,
};

use crate::catalog::{JOINED_TABLE, Lookup, LookupRules, MOST_MATCHES, SourceCatalog};
use crate::commands::{CommandDef, Role};
use crate::error::{PlanError, Result};
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::{Relation, column};
use dogwatch_syntax::nearest;

/// `lookup <table> <field> [AS <field>], … [OUTPUT|OUTPUTNEW <field> [AS <field>], …]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "lookup",
        aliases: &[],
        summary: "Adds fields from a lookup table, by the values of others.",
        options: &[
            OptionSpec::optional("local", OptionKind::Bool, "Accepted for Splunk's sake; without effect."),
            OptionSpec::optional("update", OptionKind::Bool, "Accepted for Splunk's sake; without effect."),
        ],
        arguments: &[
            ArgumentSpec::required("table", ArgumentKind::Text, "The lookup: a CSV file of the lookup directories."),
            ArgumentSpec::required(
                "match",
                ArgumentKind::Renames { optional_as: true },
                "The table's columns to look in, `AS` the field to look for.",
            ),
            ArgumentSpec::optional(
                "mode",
                ArgumentKind::Keyword(&["OUTPUT", "OUTPUTNEW"]),
                "`OUTPUT` replaces fields there are, `OUTPUTNEW` fills only what is missing.",
            ),
            ArgumentSpec::optional(
                "outputs",
                ArgumentKind::Renames { optional_as: true },
                "The table's columns to add, `AS` the field for them. All others if not given.",
            ),
        ],
        details: "Values are compared with upper and lower case. Where several rows of the table match, fields are multivalues in \
                  the table's order. Where none does, fields stay as they are. A definition beside the table, `<table>.yml` as in \
                  Splunk's security content, can say otherwise: `match_type` (`WILDCARD(user)`, `CIDR(src)`), \
                  `case_sensitive_match`, `max_matches`, `default_match`.",
        source: "Search Reference: lookup",
        examples: &[],
    },
    role: Role::Streaming,
    check,
    reads,
    makes: |command| list(command, "outputs").iter().map(|output| output.to.value.clone()).collect(),
    lower,
    ..CommandDef::BASE
};

/// The name of the lookup that a command uses.
pub fn table_name(command: &Command) -> Option<Spanned<String>> {
    let argument = command.arguments_in("table").next()?;
    match &argument.value {
        ArgumentValue::Text(name) => Some(Spanned::new(name.clone(), argument.span)),
        _ => None,
    }
}

/// Loads a lookup, or returns a diagnostic.
pub fn load(name: &Spanned<String>, catalog: &dyn SourceCatalog) -> std::result::Result<Lookup, Diagnostic> {
    catalog.lookup(&name.value).map_err(|fault| {
        let diagnostic = Diagnostic::error(Code::BadLookup, name.span, fault.message);
        match fault.help {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        }
    })
}

fn list<'a>(command: &'a Command, slot: &str) -> &'a [Rename] {
    match command.argument(slot) {
        Some(ArgumentValue::Renames(list)) => list,
        _ => &[],
    }
}

fn columns_of(table: &RecordBatch) -> Vec<String> {
    table.schema().fields().iter().map(|f| f.name().clone()).filter(|n| !n.starts_with("__")).collect()
}

fn check(command: &Command, catalog: &dyn SourceCatalog) -> Vec<Diagnostic> {
    let Some(name) = table_name(command) else { return vec![] };
    let table = match load(&name, catalog) {
        Ok(table) => table.rows,
        Err(complaint) => return vec![complaint],
    };
    let columns = columns_of(&table);
    list(command, "match")
        .iter()
        .chain(list(command, "outputs"))
        .filter(|rename| !columns.contains(&rename.from.value))
        .map(|rename| {
            let complaint = Diagnostic::error(
                Code::BadLookup,
                rename.from.span,
                format!("the lookup `{}` has no column `{}`", name.value, rename.from.value),
            );
            match nearest(&rename.from.value, columns.iter().map(String::as_str)) {
                Some(near) => complaint.with_help(format!("did you mean `{near}`?")),
                None => complaint.with_help(format!("it has {}", columns.join(", "))),
            }
        })
        .collect()
}

fn reads(command: &Command, after: &FieldSet) -> FieldSet {
    let mut needed = after.clone();
    for rename in list(command, "match") {
        needed.add_exact(&rename.to.value);
    }
    needed
}

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let mut rows = step.input(rows)?;
    let Some(name) = table_name(step.command) else { return Ok(rows) };
    let Lookup { rows: table, rules } = load(&name, planner.catalog).map_err(PlanError::from)?;
    let matches = list(step.command, "match");
    let outputs: Vec<(String, String)> = if step.command.argument("outputs").is_some() {
        list(step.command, "outputs").iter().map(|r| (r.from.value.clone(), r.to.value.clone())).collect()
    } else {
        let key = |column: &String| matches.iter().any(|m| m.from.value == *column);
        columns_of(&table).into_iter().filter(|c| !key(c)).map(|c| (c.clone(), c)).collect()
    };
    let only_new = step.command.argument("mode") == Some(&ArgumentValue::Keyword("OUTPUTNEW"));
    let keys: Vec<&str> = matches.iter().map(|m| m.from.value.as_str()).collect();
    let plain = LookupRules { match_types: Vec::new(), ..rules.clone() } == LookupRules::default()
        && keys.iter().all(|key| rules.kind_of(key) == MatchKind::Exact);
    let values: Vec<&str> = outputs.iter().map(|(from, _)| from.as_str()).collect();
    let (found, value_types);
    if plain {
        (rows, value_types) = join(planner, rows, &table, &keys, &values, matches)?;
        found = (0..values.len()).map(|i| column(&format!("__value{i}"))).collect();
    } else {
        let patterns = patterns(&table, &rules, &keys, &values);
        value_types = vec![patterns.value_type(); values.len()];
        let sought: Vec<Expr> = matches.iter().map(|m| rows.get(&m.to.value)).collect();
        found = patterns.values(&sought)?;
    }
    let mut added = Vec::new();
    for (i, (_, to)) in outputs.iter().enumerate() {
        let (value, value_type) = (found[i].clone(), &value_types[i]);
        let old_type = rows.data_type(to);
        let unified = types::unify(value_type, &old_type);
        let (new, old) =
            (operators::unify_to(value, value_type, &unified), operators::unify_to(rows.get(to), &old_type, &unified));
        let (first, second) = if only_new { (old, new) } else { (new, old) };
        added.push((to.clone(), when(first.clone().is_not_null(), first).otherwise(second)?));
    }
    let hidden: Vec<String> =
        rows.columns().into_iter().filter(|c| c.starts_with("__") && c != crate::relation::ORDER).collect();
    let kept: Vec<&str> = hidden.iter().filter(|h| is_ours(h)).map(String::as_str).collect();
    Ok(rows.set(added)?.without(&kept)?)
}

/// Joins a table with plain keys: returns the rows with columns `__value0…` added, and the types of these.
fn join(
    planner: &Planner<'_>,
    rows: Relation,
    table: &RecordBatch,
    keys: &[&str],
    values: &[&str],
    matches: &[Rename],
) -> Result<(Relation, Vec<DataType>)> {
    let grouped = group(table, keys, values)?;
    let value_types = (0..values.len()).map(|i| grouped.column(keys.len() + i).data_type().clone()).collect();
    let source = planner.catalog.rows(grouped)?;
    let found = LogicalPlanBuilder::scan(JOINED_TABLE, source, None)?;
    let names: Vec<_> = found.schema().fields().iter().map(|f| column(f.name()).alias(f.name())).collect();
    let found = found.project(names)?.build()?;
    let mut on = Vec::new();
    let mut sought = Vec::new();
    for (i, rename) in matches.iter().enumerate() {
        let field = &rename.to.value;
        sought.push((format!("__sought{i}"), operators::to_text(rows.get(field), &rows.data_type(field))));
        on.push((format!("__sought{i}"), format!("__key{i}")));
    }
    Ok((rows.set(sought)?.left_join(found, &on)?, value_types))
}

/// Matches a table whose definition needs more than equal keys.
fn patterns(table: &RecordBatch, rules: &LookupRules, keys: &[&str], values: &[&str]) -> MatchTable {
    let cells = |name: &str| (0..table.num_rows()).map(|row| cell_text(table, name, row)).collect::<Vec<_>>();
    let mut patterns = MatchTable::new(table.num_rows(), rules.max_matches, rules.default_match.clone());
    for key in keys {
        patterns.key(rules.kind_of(key), rules.case_sensitive, cells(key));
    }
    values.iter().for_each(|value| patterns.output(cells(value)));
    patterns
}

/// A cell of a table; an empty one counts as missing.
fn cell_text(table: &RecordBatch, name: &str, row: usize) -> Option<String> {
    let array = table.column_by_name(name)?;
    types::cell(array.as_ref(), row).text().map(|t| t.into_owned()).filter(|t| !t.is_empty())
}

fn is_ours(column: &str) -> bool {
    ["__sought", "__key", "__value", "__matched"].iter().any(|prefix| column.starts_with(prefix))
}

/// The table with one row for each combination of keys: columns `__key0…`, `__value0…`, multivalues where a combination
/// occurs more than once.
fn group(table: &RecordBatch, keys: &[&str], values: &[&str]) -> Result<RecordBatch> {
    let text = |name: &str, row: usize| cell_text(table, name, row);
    let mut places: HashMap<Vec<Option<String>>, usize> = HashMap::new();
    let mut groups: Vec<(Vec<Option<String>>, Vec<usize>)> = Vec::new();
    for row in 0..table.num_rows() {
        let key: Vec<_> = keys.iter().map(|name| text(name, row)).collect();
        let place = *places.entry(key.clone()).or_insert_with(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        if groups[place].1.len() < MOST_MATCHES {
            groups[place].1.push(row);
        }
    }
    let multiple = groups.iter().any(|(_, rows)| rows.len() > 1);
    let value_type = if multiple { multivalue_type() } else { text_type() };
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for i in 0..keys.len() {
        let mut output = Output::new(&text_type(), groups.len())?;
        groups.iter().for_each(|(key, _)| match &key[i] {
            Some(text) => output.text(text),
            None => output.null(),
        });
        fields.push(Field::new(format!("__key{i}"), text_type(), true));
        columns.push(output.finish());
    }
    for (i, name) in values.iter().enumerate() {
        let mut output = Output::new(&value_type, groups.len())?;
        groups.iter().for_each(|(_, rows)| output.multi(rows.iter().filter_map(|row| text(name, *row))));
        fields.push(Field::new(format!("__value{i}"), value_type.clone(), true));
        columns.push(output.finish());
    }
    fields.push(Field::new("__matched", types::bool_type(), true));
    columns.push(Arc::new(BooleanArray::from(vec![true; groups.len()])));
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(datafusion_common::DataFusionError::from)?)
}
