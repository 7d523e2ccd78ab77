//! Eval functions: the registry. A family is a folder, a function a file in it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use datafusion_expr::ScalarUDF;

use crate::function::{EvalFunction, Implementation};
use crate::row_udf::{RowFunction, RowUdf};

pub mod conditional;
pub mod conversion;
pub mod crypto;
pub mod info;
pub mod json;
pub mod math;
pub mod multivalue;
pub mod text;
pub mod time;

/// The families, sorted, each with its functions sorted by name.
pub static FAMILIES: &[(&str, &[&EvalFunction])] = &[
    ("conditional", conditional::FUNCTIONS),
    ("conversion", conversion::FUNCTIONS),
    ("crypto", crypto::FUNCTIONS),
    ("info", info::FUNCTIONS),
    ("json", json::FUNCTIONS),
    ("math", math::FUNCTIONS),
    ("multivalue", multivalue::FUNCTIONS),
    ("text", text::FUNCTIONS),
    ("time", time::FUNCTIONS),
];

/// All eval functions.
pub fn all() -> impl Iterator<Item = &'static EvalFunction> {
    FAMILIES.iter().flat_map(|(_, functions)| functions.iter().copied())
}

/// The eval function of a name or alias, lower case.
pub fn find(name: &str) -> Option<&'static EvalFunction> {
    all().find(|function| function.name == name || function.aliases.contains(&name))
}

/// Scalar functions into which [`Implementation::Expression`] turns its arguments.
static PARTS: &[&RowFunction] = &[&info::TYPE_OF];

/// The scalar function of an eval function that works row by row. Its name in plans is `eval_` plus the name, since
/// DataFusion has functions with the same names and different rules.
pub fn scalar(name: &str) -> Option<&'static Arc<ScalarUDF>> {
    SCALARS.get(name)
}

static SCALARS: LazyLock<HashMap<&'static str, Arc<ScalarUDF>>> = LazyLock::new(|| {
    let scalar = |function: &'static EvalFunction| match function.implementation {
        Implementation::Rows { returns, row, pure } => {
            Some((function.name, RowUdf::make(format!("eval_{}", function.name).into(), returns, row, pure)))
        }
        _ => None,
    };
    all().filter_map(scalar).collect()
});

/// All scalar functions that eval functions are lowered to.
pub(crate) fn scalars() -> impl Iterator<Item = Arc<ScalarUDF>> {
    SCALARS.values().cloned().chain(PARTS.iter().map(|function| function.udf()))
}

#[cfg(test)]
mod tests;
