//! `mvexpand`: a row for each value of a multivalue.

use datafusion_expr::lit;
use dogwatch_functions::operators::{self, SortKind};
use dogwatch_functions::row_functions::multivalue;
use dogwatch_syntax::{ArgumentKind, ArgumentSpec, CommandExample, CommandSignature, OptionKind, OptionSpec};

use crate::commands::{CommandDef, Role};
use crate::error::Result;
use crate::planner::{Planner, Step};
use crate::relation::{ORDER, Relation, column};

/// `mvexpand <field> [limit=<n>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "mvexpand",
        aliases: &[],
        summary: "Makes a row for each value of a multivalue field; the other fields are copied.",
        options: &[OptionSpec::optional(
            "limit",
            OptionKind::Integer,
            "How many values of a row at most; 0, and if not given: all.",
        )],
        arguments: &[ArgumentSpec::required(
            "fields",
            ArgumentKind::Fields { wildcards: false, sign: false },
            "The field.",
        )],
        details: "A row without the field stays.",
        source: "Search Reference: mvexpand",
        examples: &[CommandExample {
            search: r#"| makeresults | eval a=split("x,y", ","), b=1 | mvexpand a | table a b"#,
            shows: "One row for each value.",
            result: r#"[{"a":"x","b":1},{"a":"y","b":1}]"#,
        }],
    },
    role: Role::Streaming,
    lower,
    ..CommandDef::BASE
};

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let mut rows = step.input(rows)?;
    let limit = step.command.number("limit").filter(|limit| *limit >= 1.0).unwrap_or(f64::MAX);
    for field in step.command.fields("fields") {
        if !rows.has(&field) {
            continue;
        }
        let values = operators::mv_values(rows.get(&field), &rows.data_type(&field));
        let values = multivalue::FIRST_VALUES.call(vec![values, lit(limit)]);
        let places = multivalue::PLACES.call(vec![values.clone()]);
        rows = rows.set(vec![(field.clone(), values), ("__place".to_owned(), places)])?;
        rows = rows.unnest(&[field.as_str(), "__place"])?;
        let key =
            operators::order_key(vec![column(ORDER), operators::sort_key(SortKind::Number, column("__place"), false)]);
        rows = rows.reorder(key)?.without(&["__place"])?;
    }
    Ok(rows)
}
