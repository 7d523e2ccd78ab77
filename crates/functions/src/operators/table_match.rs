//! The `lookup` command's match of values with the rows of a table whose columns hold patterns: wildcards, networks, text
//! without regard to case.
//!
//! A table with plain keys is joined by DataFusion; only what a join cannot say comes here. Source: Splunk's
//! transforms.conf, `match_type`, `case_sensitive_match`, `max_matches`, `default_match`.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion_common::{Result, ScalarValue};
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use dogwatch_predicate::{Matcher, Pattern};

use crate::network;
use crate::types::{Cell, Column, Output, multivalue_type, text_type};

/// How the values of a column are compared with the field's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatchKind {
    /// They are equal.
    #[default]
    Exact,
    /// `*` in the table stands for anything.
    Wildcard,
    /// The table has networks, the field an address in one of them.
    Network,
}

/// A table ready to be matched.
#[derive(Debug)]
pub struct MatchTable {
    /// For each key column, the test of each row; none where the cell is empty.
    keys: Vec<Vec<Option<Test>>>,
    outputs: Vec<Vec<Option<String>>>,
    rows: usize,
    most: usize,
    default: Option<String>,
}

#[derive(Debug)]
enum Test {
    Pattern(Matcher),
    Network((IpAddr, u32)),
}

impl MatchTable {
    /// A table of `rows` rows that gives at most `most` of them for a match, and `default` in every output where
    /// none matches.
    pub fn new(rows: usize, most: usize, default: Option<String>) -> Self {
        Self { keys: Vec::new(), outputs: Vec::new(), rows, most: most.max(1), default }
    }

    /// Adds a column to look in, a cell a row.
    pub fn key(&mut self, kind: MatchKind, case_sensitive: bool, cells: &[Option<String>]) {
        let test = |text: &String| match kind {
            MatchKind::Exact => {
                Some(Test::Pattern(Pattern::literal(text.as_str()).keeping_case(case_sensitive).matcher()))
            }
            MatchKind::Wildcard => {
                Some(Test::Pattern(Pattern::with_stars(text).keeping_case(case_sensitive).matcher()))
            }
            MatchKind::Network => network::parse_subnet(text).map(Test::Network),
        };
        self.keys.push(cells.iter().map(|cell| cell.as_ref().and_then(test)).collect());
    }

    /// Adds a column to take values from, a cell a row.
    pub fn output(&mut self, cells: Vec<Option<String>>) {
        self.outputs.push(cells);
    }

    /// The type of the values that [`lookup_value`] gives.
    pub fn value_type(&self) -> DataType {
        if self.most > 1 && self.rows > 1 { multivalue_type() } else { text_type() }
    }

    /// The rows that match, in the table's order. Every key must match; of a multivalue any value may.
    fn matching(&self, sought: &[Vec<String>]) -> Vec<usize> {
        let fits = |row: usize| {
            self.keys
                .iter()
                .zip(sought)
                .all(|(key, values)| key[row].as_ref().is_some_and(|test| values.iter().any(|value| test.holds(value))))
        };
        (0..self.rows).filter(|row| fits(*row)).take(self.most).collect()
    }
}

impl Test {
    fn holds(&self, value: &str) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.matches(value),
            Self::Network(network) => network::contains(*network, value),
        }
    }
}

/// The values of one output column in the rows of the table that match what is sought, a value a key.
pub fn lookup_value(table: &Arc<MatchTable>, output: usize, sought: Vec<Expr>) -> Expr {
    let signature = Signature::variadic_any(Volatility::Immutable);
    Arc::new(ScalarUDF::from(TableMatch { table: Arc::clone(table), output, signature })).call(sought)
}

#[derive(Debug)]
struct TableMatch {
    table: Arc<MatchTable>,
    output: usize,
    signature: Signature,
}

impl PartialEq for TableMatch {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.table, &other.table) && self.output == other.output
    }
}

impl Eq for TableMatch {}

impl Hash for TableMatch {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.table).hash(state);
        self.output.hash(state);
    }
}

impl ScalarUDFImpl for TableMatch {
    fn name(&self) -> &str {
        "lookup_value"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.table.value_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        // As tables come that are there to be filled: those of exceptions.
        if self.table.rows == 0 && self.table.default.is_none() {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_new_null(args.return_field.data_type())?));
        }
        let columns = args
            .args
            .into_iter()
            .map(|argument| match argument {
                ColumnarValue::Array(array) => Ok(Column::new(array)),
                ColumnarValue::Scalar(scalar) => Ok(Column::constant(scalar.to_array()?)),
            })
            .collect::<Result<Vec<_>>>()?;
        let mut output = Output::new(args.return_field.data_type(), rows)?;
        // Neighbouring rows mostly ask for the same.
        let mut known: HashMap<Vec<Vec<String>>, Vec<usize>> = HashMap::new();
        for row in 0..rows {
            let sought: Vec<Vec<String>> = columns.iter().map(|column| texts(&column.cell(row))).collect();
            let found = known.entry(sought).or_insert_with_key(|sought| self.table.matching(sought));
            let values = self.table.outputs.get(self.output);
            let texts = found.iter().filter_map(|row| values.and_then(|v| v.get(*row)).and_then(Option::as_ref));
            match (&self.table.default, found.is_empty()) {
                (Some(default), true) => output.multi(std::iter::once(default.clone())),
                _ => output.multi(texts.cloned()),
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

    fn sought(values: &[&str]) -> Vec<Vec<String>> {
        values.iter().map(|v| vec![(*v).to_owned()]).collect()
    }

    #[test]
    fn all_keys_have_to_match_and_rows_come_in_order() {
        let mut table = MatchTable::new(3, 10, None);
        table.key(MatchKind::Wildcard, true, &cells(&["system:*", "*", "alice"]));
        table.key(MatchKind::Network, true, &cells(&["10.0.0.0/8", "203.0.113.0/24", "nonsense"]));
        assert_eq!(table.matching(&sought(&["system:x", "10.1.2.3"])), [0]);
        assert_eq!(table.matching(&sought(&["system:x", "203.0.113.9"])), [1]);
        assert_eq!(table.matching(&sought(&["alice", "10.1.2.3"])), Vec::<usize>::new());
    }

    #[test]
    fn case_counts_unless_told_otherwise_and_an_empty_cell_matches_nothing() {
        let mut table = MatchTable::new(2, 1, None);
        table.key(MatchKind::Exact, false, &cells(&["Alice", ""]));
        assert_eq!(table.matching(&sought(&["aLICE"])), [0]);
        assert_eq!(table.matching(&sought(&[""])), Vec::<usize>::new());
        let mut strict = MatchTable::new(1, 1, None);
        strict.key(MatchKind::Wildcard, true, &cells(&["Al*"]));
        assert!(strict.matching(&sought(&["alice"])).is_empty());
    }

    #[test]
    fn any_value_of_a_multivalue_may_match_and_the_most_matches_are_kept() {
        let mut table = MatchTable::new(3, 2, None);
        table.key(MatchKind::Wildcard, true, &cells(&["*", "*", "*"]));
        assert_eq!(table.matching(&[vec!["a".to_owned(), "b".to_owned()]]), [0, 1]);
        assert!(table.matching(&[vec![]]).is_empty());
    }
}
