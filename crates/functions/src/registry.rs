//! All functions that can stand in a plan, by name.
//!
//! A plan that is sent or stored names its functions and has their arguments, nothing else. So a name stands for one function,
//! and whatever else decides what a call does is one of its arguments, a literal.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use datafusion_expr::{AggregateUDF, ScalarUDF, WindowUDF};

use crate::row_state::RowFunction;
use crate::running::RunningStats;
use crate::stats::STATS_FUNCTIONS;
use crate::{eval, operators, ranking, row_functions, row_state, search_time, window};

/// The functions. DataFusion's own, which plans also have, are not among them.
#[derive(Debug, Default)]
pub struct Registry {
    scalars: BTreeMap<String, Arc<ScalarUDF>>,
    aggregates: BTreeMap<String, Arc<AggregateUDF>>,
    windows: BTreeMap<String, Arc<WindowUDF>>,
}

impl Registry {
    /// The scalar functions, by name.
    pub fn scalars(&self) -> impl Iterator<Item = &Arc<ScalarUDF>> {
        self.scalars.values()
    }

    /// The aggregates, by name.
    pub fn aggregates(&self) -> impl Iterator<Item = &Arc<AggregateUDF>> {
        self.aggregates.values()
    }

    /// The window functions, by name.
    pub fn windows(&self) -> impl Iterator<Item = &Arc<WindowUDF>> {
        self.windows.values()
    }

    /// The scalar function of this name.
    pub fn scalar(&self, name: &str) -> Option<&Arc<ScalarUDF>> {
        self.scalars.get(name)
    }

    /// The aggregate of this name.
    pub fn aggregate(&self, name: &str) -> Option<&Arc<AggregateUDF>> {
        self.aggregates.get(name)
    }

    /// The window function of this name.
    pub fn window(&self, name: &str) -> Option<&Arc<WindowUDF>> {
        self.windows.get(name)
    }
}

/// The functions with running state.
static ROW_FUNCTIONS: &[&dyn RowFunction] = &[&RunningStats];

/// The registry. There is one, made when it is first asked for.
pub fn registry() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry {
        scalars: scalars().map(|function| (function.name().to_owned(), function)).collect(),
        aggregates: aggregates().map(|function| (function.name().to_owned(), function)).collect(),
        windows: windows().map(|function| (function.name().to_owned(), function)).collect(),
    });
    &REGISTRY
}

fn scalars() -> impl Iterator<Item = Arc<ScalarUDF>> {
    let rows = row_functions::ROW_FUNCTIONS.iter().map(|function| function.udf());
    let others = [operators::json_fields_function(), operators::struct_field_function(), search_time::function()];
    let rows = rows.chain(operators::scalars()).chain(eval::scalars()).chain(window::scalars());
    rows.chain(others.into_iter().map(Arc::new))
}

fn aggregates() -> impl Iterator<Item = Arc<AggregateUDF>> {
    STATS_FUNCTIONS.iter().map(|function| (function.udaf)()).chain([ranking::function()])
}

fn windows() -> impl Iterator<Item = Arc<WindowUDF>> {
    let groups = STATS_FUNCTIONS.iter().map(|function| window::over_groups(function));
    let rows = ROW_FUNCTIONS.iter().map(|function| row_state::window(*function));
    groups.chain(rows).chain([window::occurrence()])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use datafusion::execution::SessionStateDefaults;

    use super::*;
    use crate::function::Implementation;

    /// Those that occur twice.
    fn doubles(names: impl Iterator<Item = String>) -> Vec<String> {
        let mut seen = BTreeSet::new();
        names.filter(|name| !seen.insert(name.clone())).collect()
    }

    #[test]
    fn names_are_unique_also_among_those_of_datafusion() {
        let foreign = SessionStateDefaults::default_scalar_functions();
        assert_eq!(doubles(scalars().chain(foreign).map(|f| f.name().to_owned())), [""; 0]);
        let foreign = SessionStateDefaults::default_aggregate_functions();
        assert_eq!(doubles(aggregates().chain(foreign).map(|f| f.name().to_owned())), [""; 0]);
        let foreign = SessionStateDefaults::default_window_functions();
        assert_eq!(doubles(windows().chain(foreign).map(|f| f.name().to_owned())), [""; 0]);
    }

    #[test]
    fn a_function_is_found_by_its_name() {
        let eval = registry().scalar("eval_lower").unwrap();
        assert_eq!(Some(eval), eval::scalar("lower"));
        assert!(registry().scalar("spl_equal").is_some() && registry().scalar("spl_group").is_some());
        assert!(registry().scalar("lower").is_none(), "that is DataFusion's");
        for function in eval::all() {
            if matches!(function.implementation, Implementation::Rows { .. }) {
                assert!(registry().scalar(&format!("eval_{}", function.name)).is_some(), "{}", function.name);
            }
        }
        assert_eq!(registry().scalars().count(), scalars().count());
    }
}
