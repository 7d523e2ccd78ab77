//! The saved state of a tally as Arrow columns, passed from a partition to the next phase, or spilled to disk.
//!
//! Plain Arrow types, so that a state can be sent to another machine. Tallies do not know how it is stored.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, Float64Builder, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field, Float64Type};
use datafusion_common::{Result, internal_err, resources_err};

/// A column of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateColumn {
    /// A number or none.
    Number,
    /// A text or none.
    Text,
    /// An order key or none.
    Key,
    /// Several numbers.
    Numbers,
    /// Several texts.
    Texts,
    /// Several order keys.
    Keys,
}

impl StateColumn {
    /// Its Arrow type.
    pub fn data_type(self) -> DataType {
        let list = |item| DataType::List(Arc::new(Field::new("item", item, true)));
        match self {
            Self::Number => DataType::Float64,
            Self::Text => DataType::Utf8,
            Self::Key => DataType::Binary,
            Self::Numbers => list(DataType::Float64),
            Self::Texts => list(DataType::Utf8),
            Self::Keys => list(DataType::Binary),
        }
    }
}

/// Maximum bytes of text in a column of results or states: Arrow's offsets have 32 bits.
const COLUMN_BYTES: usize = i32::MAX as usize;

/// Returns an error for more than a column can hold.
pub(super) fn check_size(bytes: usize) -> Result<()> {
    if bytes > COLUMN_BYTES {
        return resources_err!(
            "a stats function holds {bytes} bytes of values, more than the {COLUMN_BYTES} that one column of results \
             can have; narrow the search, or count the values with dc() instead of collecting them"
        );
    }
    Ok(())
}

/// Checks that the columns are those of a state.
pub(super) fn check_types(columns: &[ArrayRef], state: &[StateColumn]) -> Result<()> {
    let fits = columns.len() == state.len()
        && columns.iter().zip(state).all(|(column, state)| column.data_type() == &state.data_type());
    if !fits {
        let types: Vec<_> = columns.iter().map(|column| column.data_type()).collect();
        return internal_err!("a stats function's state should be {state:?} and is {types:?}");
    }
    Ok(())
}

/// Columns of states under construction. For each state, each column gets exactly one call.
pub struct StateWriter {
    columns: Vec<Builder>,
}

enum Builder {
    Number(Float64Builder),
    Text(StringBuilder),
    Key(BinaryBuilder),
    Numbers(ListBuilder<Float64Builder>),
    Texts(ListBuilder<StringBuilder>),
    Keys(ListBuilder<BinaryBuilder>),
}

impl StateWriter {
    pub(super) fn new(state: &[StateColumn]) -> Self {
        let columns = state.iter().map(|column| match column {
            StateColumn::Number => Builder::Number(Float64Builder::new()),
            StateColumn::Text => Builder::Text(StringBuilder::new()),
            StateColumn::Key => Builder::Key(BinaryBuilder::new()),
            StateColumn::Numbers => Builder::Numbers(ListBuilder::new(Float64Builder::new())),
            StateColumn::Texts => Builder::Texts(ListBuilder::new(StringBuilder::new())),
            StateColumn::Keys => Builder::Keys(ListBuilder::new(BinaryBuilder::new())),
        });
        Self { columns: columns.collect() }
    }

    /// Appends to a [`StateColumn::Number`].
    pub fn number(&mut self, column: usize, number: Option<f64>) {
        if let Some(Builder::Number(b)) = self.columns.get_mut(column) {
            b.append_option(number);
        }
    }

    /// Appends to a [`StateColumn::Text`].
    pub fn text(&mut self, column: usize, text: Option<&str>) {
        if let Some(Builder::Text(b)) = self.columns.get_mut(column) {
            b.append_option(text);
        }
    }

    /// Appends to a [`StateColumn::Key`].
    pub fn key(&mut self, column: usize, key: Option<&[u8]>) {
        if let Some(Builder::Key(b)) = self.columns.get_mut(column) {
            b.append_option(key);
        }
    }

    /// Appends to a [`StateColumn::Numbers`].
    pub fn numbers(&mut self, column: usize, numbers: impl Iterator<Item = f64>) {
        if let Some(Builder::Numbers(b)) = self.columns.get_mut(column) {
            numbers.for_each(|number| b.values().append_value(number));
            b.append(true);
        }
    }

    /// Appends to a [`StateColumn::Texts`].
    pub fn texts<T: AsRef<str>>(&mut self, column: usize, texts: impl Iterator<Item = T>) {
        if let Some(Builder::Texts(b)) = self.columns.get_mut(column) {
            texts.for_each(|text| b.values().append_value(text));
            b.append(true);
        }
    }

    /// Appends to a [`StateColumn::Keys`].
    pub fn keys<T: AsRef<[u8]>>(&mut self, column: usize, keys: impl Iterator<Item = T>) {
        if let Some(Builder::Keys(b)) = self.columns.get_mut(column) {
            keys.for_each(|key| b.values().append_value(key));
            b.append(true);
        }
    }

    pub(super) fn finish(self) -> Vec<ArrayRef> {
        let finish = |builder| -> ArrayRef {
            match builder {
                Builder::Number(mut b) => Arc::new(b.finish()),
                Builder::Text(mut b) => Arc::new(b.finish()),
                Builder::Key(mut b) => Arc::new(b.finish()),
                Builder::Numbers(mut b) => Arc::new(b.finish()),
                Builder::Texts(mut b) => Arc::new(b.finish()),
                Builder::Keys(mut b) => Arc::new(b.finish()),
            }
        };
        self.columns.into_iter().map(finish).collect()
    }
}

/// A state being read. A null column reads as `None`, a null list as empty.
pub struct StateRow<'a> {
    columns: &'a [ArrayRef],
    row: usize,
}

impl<'a> StateRow<'a> {
    /// The state in a row of columns that [`check_types`] has accepted.
    pub(super) fn new(columns: &'a [ArrayRef], row: usize) -> Self {
        Self { columns, row }
    }

    fn present(&self, column: usize) -> Option<&'a dyn Array> {
        let array: &'a dyn Array = self.columns.get(column)?.as_ref();
        array.is_valid(self.row).then_some(array)
    }

    /// The elements of a list column, and the range of them that belongs to this row.
    fn span(&self, column: usize) -> Option<(&'a dyn Array, Range<usize>)> {
        let list = self.present(column)?.as_list_opt::<i32>()?;
        let offsets = list.value_offsets();
        let span = usize::try_from(offsets[self.row]).ok()?..usize::try_from(offsets[self.row + 1]).ok()?;
        Some((list.values().as_ref(), span))
    }

    /// Reads a [`StateColumn::Number`].
    pub fn number(&self, column: usize) -> Option<f64> {
        Some(self.present(column)?.as_primitive_opt::<Float64Type>()?.value(self.row))
    }

    /// Reads a [`StateColumn::Text`].
    pub fn text(&self, column: usize) -> Option<&'a str> {
        Some(self.present(column)?.as_string_opt::<i32>()?.value(self.row))
    }

    /// Reads a [`StateColumn::Key`].
    pub fn key(&self, column: usize) -> Option<&'a [u8]> {
        Some(self.present(column)?.as_binary_opt::<i32>()?.value(self.row))
    }

    /// Reads a [`StateColumn::Numbers`].
    pub fn numbers(&self, column: usize) -> impl Iterator<Item = f64> + use<'a> {
        let found = self.span(column).and_then(|(items, span)| Some((items.as_primitive_opt::<Float64Type>()?, span)));
        found.into_iter().flat_map(|(items, span)| span.map(|i| items.value(i)))
    }

    /// Reads a [`StateColumn::Texts`].
    pub fn texts(&self, column: usize) -> impl Iterator<Item = &'a str> + use<'a> {
        let found = self.span(column).and_then(|(items, span)| Some((items.as_string_opt::<i32>()?, span)));
        found.into_iter().flat_map(|(items, span)| span.map(|i| items.value(i)))
    }

    /// Reads a [`StateColumn::Keys`].
    pub fn keys(&self, column: usize) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let found = self.span(column).and_then(|(items, span)| Some((items.as_binary_opt::<i32>()?, span)));
        found.into_iter().flat_map(|(items, span)| span.map(|i| items.value(i)))
    }
}
