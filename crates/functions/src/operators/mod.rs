//! The operators of SPL's expressions and searches, as DataFusion expressions over arguments whose types are known.
//!
//! An operator whose meaning depends only on types becomes DataFusion's own; if it depends on values, it becomes a scalar
//! function. Nothing here parses SPL. Functions with a name are in [`crate::eval`].

mod arithmetic;
mod compare;
mod convert;
mod json_fields;
mod lambda;
mod logic;
mod order;
mod search;
mod struct_field;
mod table_match;
mod term;

pub use arithmetic::{Arithmetic, arithmetic, arithmetic_type, concat, negate};
pub use compare::{Comparison, compare, compare_cells, compare_values};
pub use convert::{as_time, mv_values, to_number, to_text, unify_to};
pub use json_fields::{json_fields, json_fields_function};
pub(crate) use lambda::body_argument;
pub use lambda::{lambda, lambda_item};
pub use logic::{and, not, or, truth, xor};
pub use order::{SortKind, encode_sort_key, invert_order, number_order, order_key, order_type, prefix_order, sort_key};
pub use search::{search_compare, search_equal, search_equal_any, search_exists, search_not_equal};
pub use struct_field::{struct_field, struct_field_function};
pub use table_match::{MatchKind, MatchTable};
pub use term::search_term;

use std::sync::Arc;

use datafusion_expr::ScalarUDF;

use crate::row_udf::RowFunction;

/// All scalar functions that operators are lowered to.
pub(crate) fn scalars() -> impl Iterator<Item = Arc<ScalarUDF>> {
    let rows = ROW_FUNCTIONS.iter().map(|function| function.udf());
    rows.chain(lambda::scalars())
        .chain(order::scalars())
        .chain(search::scalars())
        .chain(table_match::scalars())
        .chain(term::scalars())
}

/// The operators that are scalar functions row by row.
static ROW_FUNCTIONS: &[&RowFunction] = &[
    &arithmetic::ADD,
    &arithmetic::CONCAT,
    &arithmetic::DIVIDE,
    &arithmetic::MODULO,
    &arithmetic::MULTIPLY,
    &arithmetic::SUBTRACT,
    &compare::EQUAL,
    &compare::GREATER,
    &compare::GREATER_OR_EQUAL,
    &compare::LESS,
    &compare::LESS_OR_EQUAL,
    &compare::NOT_EQUAL,
    &convert::TO_NUMBER,
    &convert::TO_TEXT,
    &convert::TO_TIME,
    &convert::VALUES,
    &logic::TRUTH,
];

#[cfg(test)]
mod tests;
