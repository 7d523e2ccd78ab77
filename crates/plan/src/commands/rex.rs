//! `rex`: fields from the named groups of a regular expression, or a text changed as sed does.

use datafusion_expr::lit;
use dogwatch_functions::operators;
use dogwatch_functions::types::{self, Cell, Output, multivalue_type, text_type};
use dogwatch_functions::{regex, row_udf::RowUdf};
use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, ArgumentValue, Code, Command, CommandExample, CommandSignature, Diagnostic, OptionKind,
    OptionSpec, Spanned,
};

use crate::catalog::SourceCatalog;
use crate::commands::{CommandDef, Role, regex as regex_command};
use crate::error::{PlanError, Result};
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::Relation;
use crate::sed::Sed;

/// `rex [field=<field>] [max_match=<n>] <pattern>` and `rex [field=<field>] mode=sed <script>`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "rex",
        aliases: &[],
        summary: "Takes fields out of a text with the named groups of a regular expression, or rewrites the text like sed.",
        options: &[
            OptionSpec::optional("field", OptionKind::Field, "The text's field: `_raw` if not given."),
            OptionSpec::optional(
                "max_match",
                OptionKind::Integer,
                "How many matches count: 1 if not given, 0 for all. With more than one the fields are multivalues.",
            ),
            OptionSpec::optional(
                "mode",
                OptionKind::OneOf(&["sed"]),
                "`sed`: the argument is a sed script, `s/…/…/g` or `y/…/…/`.",
            ),
            OptionSpec::optional(
                "offset_field",
                OptionKind::Field,
                "A field for the places of the groups: `name=first-last`, bytes from 0.",
            ),
        ],
        arguments: &[ArgumentSpec::required(
            "pattern",
            ArgumentKind::Regex,
            "A regular expression with named groups, `(?<name>…)`; or a sed script.",
        )],
        details: "Patterns are PCRE: look-around and back-references work. Where nothing matches, fields stay as they are.",
        source: "Search Reference: rex",
        examples: &[CommandExample {
            search: r#"| makeresults | eval s="pod web-1" | rex field=s "pod (?<pod>\S+)" | table pod"#,
            shows: "A named group becomes a field.",
            result: r#"[{"pod":"web-1"}]"#,
        }],
    },
    role: Role::Streaming,
    check,
    reads,
    makes,
    lower,
    ..CommandDef::BASE
};

fn source_field(command: &Command) -> String {
    command.text("field").unwrap_or("_raw").to_owned()
}

fn pattern(command: &Command) -> Option<Spanned<String>> {
    let argument = command.arguments_in("pattern").next()?;
    match &argument.value {
        ArgumentValue::Text(text) => Some(Spanned::new(text.clone(), argument.span)),
        _ => None,
    }
}

fn is_sed(command: &Command) -> bool {
    command.option("mode").is_some()
}

fn groups(command: &Command) -> Vec<String> {
    let Some(compiled) = pattern(command).and_then(|p| regex::compile(&p.value).ok()) else { return vec![] };
    compiled.capture_names().flatten().map(str::to_owned).collect()
}

fn check(command: &Command, _: &dyn SourceCatalog) -> Vec<Diagnostic> {
    let Some(pattern) = pattern(command) else { return vec![] };
    if is_sed(command) {
        let fault = Sed::parse(&pattern.value).err();
        return fault
            .map(|why| {
                Diagnostic::error(Code::BadRegex, pattern.span, format!("this sed script cannot be read: {why}"))
                    .with_help("write s/pattern/replacement/ with flags g or a number, or y/abc/xyz/")
            })
            .into_iter()
            .collect();
    }
    if let Some(complaint) = regex_command::complaint(&pattern) {
        return vec![complaint];
    }
    if groups(command).is_empty() {
        let complaint = Diagnostic::error(
            Code::BadRegex,
            pattern.span,
            "this regular expression has no named group, so there is nothing to extract",
        );
        return vec![complaint.with_help("name what you want: (?<field>…)")];
    }
    vec![]
}

fn makes(command: &Command) -> Vec<String> {
    groups(command).into_iter().chain(command.text("offset_field").map(str::to_owned)).collect()
}

fn reads(command: &Command, after: &FieldSet) -> FieldSet {
    let mut needed = after.clone();
    // A field that the pattern does not fill keeps its value, so it is still wanted from before.
    needed.add_exact(&source_field(command));
    needed
}

fn max_match(command: &Command) -> usize {
    match command.count("max_match") {
        Some(0) => usize::MAX,
        most => most.unwrap_or(1),
    }
}

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let rows = step.input(rows)?;
    let field = source_field(step.command);
    let Some(pattern) = pattern(step.command) else {
        return Err(PlanError::search(Code::MissingArgument, step.command.span, "rex needs a pattern"));
    };
    let source = rows.get(&field);
    if is_sed(step.command) {
        let script = lit(pattern.value.as_str());
        let returns = |types: &[arrow::datatypes::DataType]| {
            if types.first().is_some_and(types::is_multivalue) { multivalue_type() } else { text_type() }
        };
        let changed = RowUdf::new("spl_sed", returns, sed_row, true).call(vec![source, script]);
        return Ok(rows.set(vec![(field, changed)])?);
    }
    let most = max_match(step.command);
    let mut columns = Vec::new();
    for group in groups(step.command) {
        let arguments = vec![source.clone(), lit(pattern.value.as_str()), lit(group.as_str()), lit(most as f64)];
        let (udf, data_type) = if most == 1 {
            (RowUdf::new("spl_rex", |_| text_type(), rex_row, true), text_type())
        } else {
            (RowUdf::new("spl_rex_all", |_| multivalue_type(), rex_row, true), multivalue_type())
        };
        let found = udf.call(arguments);
        let old_type = rows.data_type(&group);
        let to = types::unify(&old_type, &data_type);
        let found = operators::unify_to(found, &data_type, &to);
        let value = match rows.has(&group) {
            true => datafusion_expr::when(found.clone().is_not_null(), found).otherwise(operators::unify_to(
                rows.get(&group),
                &old_type,
                &to,
            ))?,
            false => found,
        };
        columns.push((group, value));
    }
    if let Some(name) = step.command.text("offset_field") {
        let arguments = vec![source, lit(pattern.value.as_str())];
        columns.push((
            name.to_owned(),
            RowUdf::new("spl_rex_offsets", |_| text_type(), offsets_row, true).call(arguments),
        ));
    }
    Ok(rows.set(columns)?)
}

fn rex_row(arguments: &[Cell<'_>], output: &mut Output) -> datafusion_common::Result<()> {
    let (Some(pattern), Some(group), Some(most)) = (arguments[1].text(), arguments[2].text(), arguments[3].number())
    else {
        output.null();
        return Ok(());
    };
    let Ok(pattern) = regex::compile(&pattern) else {
        output.null();
        return Ok(());
    };
    let mut found: Vec<String> = Vec::new();
    for value in arguments[0].values() {
        let text = value.text();
        for captures in pattern.captures_iter(&text) {
            if found.len() as f64 >= most {
                break;
            }
            // A pattern that runs out of its budget on this text matches no further.
            let Ok(captures) = captures else { break };
            if let Some(hit) = captures.name(&group) {
                found.push(hit.as_str().to_owned());
            } else if most == 1.0 {
                break;
            }
        }
    }
    output.multi(found);
    Ok(())
}

fn offsets_row(arguments: &[Cell<'_>], output: &mut Output) -> datafusion_common::Result<()> {
    let (text, pattern) = (arguments[0].text(), arguments[1].text().and_then(|p| regex::compile(&p).ok()));
    let (Some(text), Some(pattern)) = (text, pattern) else {
        output.null();
        return Ok(());
    };
    let places: Vec<String> = match pattern.captures(&text) {
        Ok(Some(captures)) => pattern
            .capture_names()
            .flatten()
            .filter_map(|name| {
                let hit = captures.name(name)?;
                Some(format!("{name}={}-{}", hit.start(), hit.end().saturating_sub(1)))
            })
            .collect(),
        _ => vec![],
    };
    if places.is_empty() {
        output.null()
    } else {
        output.text(&places.join("&"))
    }
    Ok(())
}

fn sed_row(arguments: &[Cell<'_>], output: &mut Output) -> datafusion_common::Result<()> {
    let Some(sed) = arguments[1].text().and_then(|script| Sed::parse(&script).ok()) else {
        output.null();
        return Ok(());
    };
    let changed: Vec<String> = arguments[0].values().iter().map(|v| sed.apply(&v.text())).collect();
    output.multi(changed);
    Ok(())
}
