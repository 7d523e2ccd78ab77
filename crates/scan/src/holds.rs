//! Whether a row's fields satisfy a condition, on a batch's columns.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use dogwatch_formats::{Condition, same_number};

use crate::columns::SystemColumn;
use crate::prune;

/// A condition over the columns of a schema. As a condition it is implied by the search, never stronger: what cannot be
/// told holds.
pub(crate) enum Test {
    Holds,
    Never,
    All(Vec<Test>),
    Any(Vec<Test>),
    /// The column has no value.
    Absent {
        column: usize,
    },
    /// The column's value contains the literals in order, or is the one literal.
    Contains {
        column: usize,
        literals: Vec<String>,
        whole: bool,
    },
}

impl Test {
    pub(crate) fn new(condition: &Condition, schema: &SchemaRef) -> Self {
        let each = |parts: &[Condition]| parts.iter().map(|part| Self::new(part, schema)).collect::<Vec<_>>();
        match condition {
            // Text of a whole row is searched by the search itself.
            Condition::Anything | Condition::Raw(_) => Self::Holds,
            Condition::Nothing => Self::Never,
            Condition::Absent(name) if SystemColumn::of(name).is_none() => {
                schema.index_of(name).map_or(Self::Holds, |column| Self::Absent { column })
            }
            Condition::Absent(_) => Self::Holds,
            Condition::All(parts) => Self::All(each(parts)),
            Condition::Any(parts) => Self::Any(each(parts)),
            // Where a row comes from has several names, which the search knows.
            Condition::Field { name, .. } if SystemColumn::of(name).is_some() => Self::Holds,
            Condition::Field { name, literals, whole } => match schema.index_of(name) {
                Ok(column) => Self::Contains { column, literals: literals.clone(), whole: *whole },
                Err(_) => Self::Holds,
            },
        }
    }

    /// The columns that it looks at.
    pub(crate) fn columns(&self) -> Vec<usize> {
        match self {
            Self::Holds | Self::Never => vec![],
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::columns).collect(),
            Self::Absent { column } | Self::Contains { column, .. } => vec![*column],
        }
    }

    pub(crate) fn holds(&self, batch: &RecordBatch, row: usize) -> bool {
        match self {
            Self::Holds => true,
            Self::Never => false,
            Self::All(parts) => parts.iter().all(|part| part.holds(batch, row)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(batch, row)),
            Self::Absent { column } => batch.column(*column).is_null(row),
            Self::Contains { column, literals, whole } => contains(batch.column(*column), row, literals, *whole),
        }
    }
}

fn contains(array: &ArrayRef, row: usize, literals: &[String], whole: bool) -> bool {
    let fits = |value: &str| {
        prune::fits(value, literals, whole) || matches!(literals, [one] if whole && same_number(value, one))
    };
    if array.is_null(row) {
        return false;
    }
    match array.data_type() {
        DataType::Utf8 => fits(array.as_string::<i32>().value(row)),
        DataType::List(_) => {
            let values = array.as_list::<i32>().value(row);
            let values = values.as_string::<i32>();
            values.iter().flatten().any(fits)
        }
        _ => true,
    }
}
