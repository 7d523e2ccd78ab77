//! The residual filter: evaluates the condition itself on the columns of a batch, for rows that have passed the byte
//! filter.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use dogwatch_predicate::{Condition, Matcher, Predicate};

use crate::columns::SystemColumn;

/// A condition over the columns of a schema. It is implied by the search and never stronger: a clause that the columns
/// cannot decide counts as true.
pub(crate) struct RowFilter {
    condition: Condition<ColumnTest>,
}

/// The test of a column.
enum ColumnTest {
    /// It has no value.
    Absent { column: usize },
    /// One of its values matches.
    Matches { column: usize, matcher: Matcher },
}

impl RowFilter {
    pub(crate) fn new(condition: &Condition, schema: &SchemaRef) -> Self {
        let column = |name: &str| {
            // The origin of a row has aliases, which only the search itself knows.
            let own = SystemColumn::of(name).is_none();
            own.then(|| schema.index_of(name).ok()).flatten()
        };
        let test = |predicate: &Predicate| match predicate {
            // Terms over the whole text of a row are left to the search itself.
            Predicate::Raw(_) => None,
            Predicate::Absent(name) => Some(ColumnTest::Absent { column: column(name)? }),
            Predicate::Field { name, pattern } => {
                Some(ColumnTest::Matches { column: column(name)?, matcher: pattern.matcher() })
            }
        };
        let condition =
            condition.replace(&mut |predicate| test(predicate).map_or(Condition::Anything, Condition::Test));
        Self { condition }
    }

    /// The columns that it looks at.
    pub(crate) fn columns(&self) -> impl Iterator<Item = usize> {
        self.condition
            .tests()
            .into_iter()
            .map(|(ColumnTest::Absent { column } | ColumnTest::Matches { column, .. })| *column)
    }

    /// Whether a row can be wanted.
    pub(crate) fn admits(&self, batch: &RecordBatch, row: usize) -> bool {
        self.condition.holds(&mut |test| test.holds(batch, row))
    }
}

impl ColumnTest {
    fn holds(&self, batch: &RecordBatch, row: usize) -> bool {
        let (Self::Absent { column } | Self::Matches { column, .. }) = self;
        let array = batch.column(*column);
        let matcher = match self {
            Self::Absent { .. } => return array.is_null(row),
            Self::Matches { matcher, .. } => matcher,
        };
        if array.is_null(row) {
            return false;
        }
        match array.data_type() {
            DataType::Utf8 => matcher.matches(array.as_string::<i32>().value(row)),
            DataType::List(_) => {
                let values = array.as_list::<i32>().value(row);
                let values = values.as_string::<i32>();
                values.iter().flatten().any(|value| matcher.matches(value))
            }
            _ => true,
        }
    }
}
