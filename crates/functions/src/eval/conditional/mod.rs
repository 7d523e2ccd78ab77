//! Functions that compare, choose and test conditions.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{Expr, when};

use crate::function::EvalFunction;
use crate::operators::unify_to;
use crate::types::unify;

mod always;
mod case;
mod cidrmatch;
mod coalesce;
mod if_else;
mod in_list;
mod like;
mod matches;
mod never;
mod nothing;
mod nullif;
mod searchmatch;
mod validate;

/// The family, sorted by name.
pub static FUNCTIONS: &[&EvalFunction] = &[
    &case::FUNCTION,
    &cidrmatch::FUNCTION,
    &coalesce::FUNCTION,
    &never::FUNCTION,
    &if_else::FUNCTION,
    &in_list::FUNCTION,
    &like::FUNCTION,
    &matches::FUNCTION,
    &nothing::FUNCTION,
    &nullif::FUNCTION,
    &searchmatch::FUNCTION,
    &always::FUNCTION,
    &validate::FUNCTION,
];

/// The first value whose condition is true, or else the last value, if there is one. All values are converted to one
/// type.
fn choose(branches: Vec<(Expr, (Expr, &DataType))>, otherwise: Option<(Expr, &DataType)>) -> Result<Expr> {
    let values = branches.iter().map(|(_, (_, data_type))| *data_type);
    let types = values.chain(otherwise.as_ref().map(|(_, data_type)| *data_type));
    let to = types.fold(DataType::Null, |all, one| unify(&all, one));
    let mut branches = branches.into_iter().map(|(condition, (value, from))| (condition, unify_to(value, from, &to)));
    let otherwise = otherwise.map(|(value, from)| unify_to(value, from, &to));
    let Some((condition, value)) = branches.next() else {
        return Ok(otherwise.unwrap_or_default());
    };
    let mut chosen = when(condition, value);
    for (condition, value) in branches {
        chosen = chosen.when(condition, value);
    }
    match otherwise {
        Some(otherwise) => chosen.otherwise(otherwise),
        None => chosen.end(),
    }
}
