//! The paths of the values in JSON text.

use std::collections::BTreeSet;

use datafusion_common::Result;
use dogwatch_json::{Json, path};

use crate::row_udf::RowFunction;
use crate::types::{Cell, Output, multivalue_type};

/// The paths of all values in JSON texts, sorted, as `spath` writes them. None for text that is not JSON.
pub static PATHS: RowFunction = RowFunction::new("spl_json_paths", |_| multivalue_type(), paths_row);

fn paths_row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let mut paths = BTreeSet::new();
    for value in arguments[0].values() {
        if let Some(json) = Json::parse(&value.text()) {
            path::collect(&json, &mut paths);
        }
    }
    output.multi(paths);
    Ok(())
}
