//! The `lookup` command's matching of values with the rows of a table whose columns hold patterns: wildcards, networks,
//! case-insensitive text.
//!
//! A table with plain keys is joined by DataFusion; only matching that a join cannot express is done here. The table's
//! cells are literal arguments; their tests are compiled once for each table in use. Source: Splunk's transforms.conf,
//! `match_type`, `case_sensitive_match`, `max_matches`, `default_match`.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use arrow::array::{Array, ListArray, StringArray};
use arrow::datatypes::DataType;
use datafusion_common::{Result, ScalarValue, exec_datafusion_err, exec_err, internal_datafusion_err};
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit};
use dogwatch_predicate::{Matcher, Pattern};
use serde::{Deserialize, Serialize};

use crate::types::{Cell, Column, Output, multivalue_type, text_type};
use crate::{literals, network, row_udf};

/// The rule by which a column's values are compared with the field's.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchKind {
    /// They are equal.
    #[default]
    Exact,
    /// `*` in the table matches any text.
    Wildcard,
    /// The table has networks, and the field an address within them.
    Network,
}

/// A table to be matched.
#[derive(Debug)]
pub struct MatchTable {
    rules: Rules,
    /// The cells of the key columns, column by column.
    keys: Vec<Option<String>>,
    outputs: Vec<Vec<Option<String>>>,
    rows: usize,
}

/// How a table is matched.
#[derive(Debug, Deserialize, Serialize)]
struct Rules {
    /// The kind of match of each key column, and whether it is case-sensitive.
    keys: Vec<(MatchKind, bool)>,
    /// Maximum number of rows for a match.
    most: usize,
    /// The value if no row matches.
    default: Option<String>,
}

impl MatchTable {
    /// A table of `rows` rows that returns at most `most` of them for a match, and `default` in every output if none
    /// matches.
    pub fn new(rows: usize, most: usize, default: Option<String>) -> Self {
        let rules = Rules { keys: Vec::new(), most: most.max(1), default };
        Self { rules, keys: Vec::new(), outputs: Vec::new(), rows }
    }

    /// Adds a key column, one cell per row.
    pub fn key(&mut self, kind: MatchKind, case_sensitive: bool, cells: Vec<Option<String>>) {
        self.rules.keys.push((kind, case_sensitive));
        self.keys.extend(cells);
    }

    /// Adds an output column, one cell per row.
    pub fn output(&mut self, cells: Vec<Option<String>>) {
        self.outputs.push(cells);
    }

    /// The type of the values that [`MatchTable::values`] returns.
    pub fn value_type(&self) -> DataType {
        if self.rules.most > 1 && self.rows > 1 { multivalue_type() } else { text_type() }
    }

    /// For each output column, its values in the rows of the table that match the sought values, one per key.
    ///
    /// # Errors
    /// None that a table could cause.
    pub fn values(self, sought: &[Expr]) -> Result<Vec<Expr>> {
        let function = if self.value_type() == text_type() { &ONE } else { &MANY };
        let rules = serde_json::to_string(&self.rules);
        let rules = rules.map_err(|why| internal_datafusion_err!("the rules of a table are no text: {why}"))?;
        let table = [lit(rules), lit(literals::list(self.keys))];
        let call = |cells| function.call([&table[..], &[lit(literals::list(cells))], sought].concat());
        Ok(self.outputs.into_iter().map(call).collect())
    }
}

/// The key columns of a table, ready to be matched.
struct Keys {
    /// For each column, the test of each row; `None` if the cell is empty.
    columns: Vec<Vec<Option<Test>>>,
    rows: usize,
    most: usize,
}

enum Test {
    Pattern(Matcher),
    Network((IpAddr, u32)),
}

impl Keys {
    fn new(rules: &Rules, cells: &StringArray, rows: usize) -> Result<Self> {
        if cells.len() != rows * rules.keys.len() {
            return exec_err!("a table of {rows} rows cannot have {} cells in its keys", cells.len());
        }
        let column = |(at, (kind, case)): (usize, &(MatchKind, bool))| {
            let cells = cells.slice(at * rows, rows);
            cells.iter().map(|cell| cell.and_then(|cell| Test::new(*kind, *case, cell))).collect()
        };
        Ok(Self { columns: rules.keys.iter().enumerate().map(column).collect(), rows, most: rules.most })
    }

    /// The rows that match, in the table's order. Every key must match; for a multivalue, any of its values may.
    fn matching(&self, sought: &[Vec<String>]) -> Vec<usize> {
        let fits = |row: usize| {
            self.columns
                .iter()
                .zip(sought)
                .all(|(key, values)| key[row].as_ref().is_some_and(|test| values.iter().any(|value| test.holds(value))))
        };
        (0..self.rows).filter(|row| fits(*row)).take(self.most).collect()
    }
}

impl Test {
    fn new(kind: MatchKind, case_sensitive: bool, cell: &str) -> Option<Self> {
        match kind {
            MatchKind::Exact => Some(Self::Pattern(Pattern::literal(cell).keeping_case(case_sensitive).matcher())),
            MatchKind::Wildcard => {
                Some(Self::Pattern(Pattern::with_stars(cell).keeping_case(case_sensitive).matcher()))
            }
            MatchKind::Network => network::parse_subnet(cell).map(Self::Network),
        }
    }

    fn holds(&self, value: &str) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.matches(value),
            Self::Network(network) => network::contains(*network, value),
        }
    }
}

/// A literal with the cells of keys, their rules, and the compiled keys.
type Ready = (Weak<ListArray>, String, Arc<Keys>);

/// The tables in use. A literal is identified by its address, which cannot be reused while it is listed here.
static READY: Mutex<Vec<Ready>> = Mutex::new(Vec::new());

/// The keys of a literal with cells, compiled on first use.
fn ready(cells: &ScalarValue, text: &str, rules: &Rules, rows: usize) -> Result<Arc<Keys>> {
    let ScalarValue::List(list) = cells else {
        return exec_err!("the keys of a table must be a list, not {}", cells.data_type());
    };
    let tables = || READY.lock().unwrap_or_else(PoisonError::into_inner);
    let is_it = |(known, by, _): &&Ready| std::ptr::eq(known.as_ptr(), Arc::as_ptr(list)) && by == text;
    if let Some((_, _, keys)) = tables().iter().find(is_it) {
        return Ok(Arc::clone(keys));
    }
    let keys = Arc::new(Keys::new(rules, &literals::strings(cells)?, rows)?);
    let mut tables = tables();
    tables.retain(|(known, ..)| known.strong_count() > 0);
    tables.push((Arc::downgrade(list), text.to_owned(), Arc::clone(&keys)));
    Ok(keys)
}

static ONE: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| TableMatch::udf("lookup_value", text_type()));
static MANY: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| TableMatch::udf("lookup_values", multivalue_type()));

/// The scalar functions of this file.
pub(super) fn scalars() -> [Arc<ScalarUDF>; 2] {
    [Arc::clone(&ONE), Arc::clone(&MANY)]
}

/// The scalar function. Its arguments are the table (rules, cells of the keys, cells of the output column), and the
/// sought values, one per key.
#[derive(Debug, PartialEq, Eq, Hash)]
struct TableMatch {
    name: &'static str,
    returns: DataType,
    signature: Signature,
}

impl TableMatch {
    fn udf(name: &'static str, returns: DataType) -> Arc<ScalarUDF> {
        Arc::new(ScalarUDF::from(Self { name, returns, signature: Signature::variadic_any(Volatility::Immutable) }))
    }
}

impl ScalarUDFImpl for TableMatch {
    fn name(&self) -> &str {
        self.name
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Ok(row_udf::call_name(self.name, args))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.returns.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let text = literals::text(&args.args, 0)?;
        let rules: Rules =
            serde_json::from_str(text).map_err(|why| exec_datafusion_err!("a table without rules: {why}"))?;
        let values = literals::strings(literals::parameter(&args.args, 2)?)?;
        // Tables that users have to fill, such as allow-lists, are shipped empty.
        if values.is_empty() && rules.default.is_none() {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_new_null(&self.returns)?));
        }
        let keys = ready(literals::parameter(&args.args, 1)?, text, &rules, values.len())?;
        let columns = args.args[3..]
            .iter()
            .map(|argument| match argument {
                ColumnarValue::Array(array) => Ok(Column::new(Arc::clone(array))),
                ColumnarValue::Scalar(scalar) => Ok(Column::constant(scalar.to_array()?)),
            })
            .collect::<Result<Vec<_>>>()?;
        let mut output = Output::new(&self.returns, rows)?;
        // Neighbouring rows mostly look up the same values.
        let mut known: HashMap<Vec<Vec<String>>, Vec<usize>> = HashMap::new();
        for row in 0..rows {
            let sought: Vec<Vec<String>> = columns.iter().map(|column| texts(&column.cell(row))).collect();
            let found = known.entry(sought).or_insert_with_key(|sought| keys.matching(sought));
            match (&rules.default, found.is_empty()) {
                (Some(default), true) => output.multi(std::iter::once(default)),
                _ => output.multi(found.iter().filter(|row| values.is_valid(**row)).map(|row| values.value(*row))),
            }
        }
        Ok(ColumnarValue::Array(output.finish()))
    }
}

fn texts(cell: &Cell<'_>) -> Vec<String> {
    cell.values().iter().map(|value| value.text().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|t| (!t.is_empty()).then(|| (*t).to_owned())).collect()
    }

    fn matching(table: &MatchTable, sought: &[Vec<String>]) -> Vec<usize> {
        let cells = StringArray::from(table.keys.clone());
        Keys::new(&table.rules, &cells, table.rows).unwrap().matching(sought)
    }

    fn sought(values: &[&str]) -> Vec<Vec<String>> {
        values.iter().map(|v| vec![(*v).to_owned()]).collect()
    }

    #[test]
    fn all_keys_have_to_match_and_rows_come_in_order() {
        let mut table = MatchTable::new(3, 10, None);
        table.key(MatchKind::Wildcard, true, cells(&["system:*", "*", "alice"]));
        table.key(MatchKind::Network, true, cells(&["10.0.0.0/8", "203.0.113.0/24", "nonsense"]));
        assert_eq!(matching(&table, &sought(&["system:x", "10.1.2.3"])), [0]);
        assert_eq!(matching(&table, &sought(&["system:x", "203.0.113.9"])), [1]);
        assert_eq!(matching(&table, &sought(&["alice", "10.1.2.3"])), Vec::<usize>::new());
    }

    #[test]
    fn case_counts_unless_told_otherwise_and_an_empty_cell_matches_nothing() {
        let mut table = MatchTable::new(2, 1, None);
        table.key(MatchKind::Exact, false, cells(&["Alice", ""]));
        assert_eq!(matching(&table, &sought(&["aLICE"])), [0]);
        assert_eq!(matching(&table, &sought(&[""])), Vec::<usize>::new());
        let mut strict = MatchTable::new(1, 1, None);
        strict.key(MatchKind::Wildcard, true, cells(&["Al*"]));
        assert!(matching(&strict, &sought(&["alice"])).is_empty());
    }

    #[test]
    fn any_value_of_a_multivalue_may_match_and_the_most_matches_are_kept() {
        let mut table = MatchTable::new(3, 2, None);
        table.key(MatchKind::Wildcard, true, cells(&["*", "*", "*"]));
        assert_eq!(matching(&table, &[vec!["a".to_owned(), "b".to_owned()]]), [0, 1]);
        assert!(matching(&table, &[vec![]]).is_empty());
    }
}
