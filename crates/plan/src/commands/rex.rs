//! `rex`: extracts fields by the named groups of a regular expression, or edits text like sed.

use datafusion_expr::lit;
use dogwatch_functions::row_functions::extraction;
use dogwatch_functions::sed::Sed;
use dogwatch_functions::types::{self, multivalue_type, text_type};
use dogwatch_functions::{operators, regex};
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
    // A field keeps its value if the pattern does not match, so its previous value is still needed.
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
        let changed = extraction::SED.call(vec![source, script]);
        return Ok(rows.set(vec![(field, changed)])?);
    }
    let most = max_match(step.command);
    let mut columns = Vec::new();
    for group in groups(step.command) {
        let arguments = vec![source.clone(), lit(pattern.value.as_str()), lit(group.as_str()), lit(most as f64)];
        let (udf, data_type) =
            if most == 1 { (&extraction::GROUP, text_type()) } else { (&extraction::GROUP_ALL, multivalue_type()) };
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
        columns.push((name.to_owned(), extraction::GROUP_OFFSETS.call(arguments)));
    }
    Ok(rows.set(columns)?)
}
