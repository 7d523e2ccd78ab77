//! The first rows of each group by a key, for rankings. Memory is proportional to the rows kept.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, BooleanArray, ListArray, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use arrow::row::{RowConverter, SortField};
use datafusion_common::{Result, ScalarValue, exec_datafusion_err, internal_datafusion_err};
use datafusion_expr::expr::AggregateFunction;
use datafusion_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, Expr, GroupsAccumulator, Signature, Volatility, lit,
};
use datafusion_physical_expr::expressions::Literal;

/// The `most` rows of each group whose keys (Binary) are the smallest, in the order of the keys: a list of structs of the key and
/// then the values.
pub fn first_rows(key: Expr, most: u64, values: Vec<Expr>) -> Expr {
    let arguments = [vec![key, lit(most)], values].concat();
    Expr::AggregateFunction(AggregateFunction::new_udf(function(), arguments, false, None, vec![], None))
}

/// The aggregate, for the registry.
pub(crate) fn function() -> Arc<AggregateUDF> {
    Arc::new(AggregateUDF::from(FirstRows::default()))
}

/// The aggregate. Arguments: the key, the number of rows as a literal, and the values.
#[derive(Debug, PartialEq, Eq, Hash)]
struct FirstRows {
    signature: Signature,
}

impl Default for FirstRows {
    fn default() -> Self {
        Self { signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

/// The members of a row: the key and the values, named by their number.
fn members(arguments: &[DataType]) -> Fields {
    let types = std::iter::once(&DataType::Binary).chain(arguments.iter().skip(2));
    types.enumerate().map(|(at, data_type)| Arc::new(Field::new(at.to_string(), data_type.clone(), true))).collect()
}

fn list_of(members: Fields) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(DataType::Struct(members), true)))
}

impl FirstRows {
    fn start(args: &AccumulatorArgs<'_>) -> Result<Groups> {
        let most = args.exprs.get(1).and_then(|most| most.downcast_ref::<Literal>()).map(Literal::value);
        let Some(ScalarValue::UInt64(Some(most))) = most else {
            return Err(exec_datafusion_err!("how many rows spl_first_rows keeps is a literal"));
        };
        let types: Vec<DataType> = args.expr_fields.iter().map(|field| field.data_type().clone()).collect();
        Groups::new(usize::try_from(*most).unwrap_or(usize::MAX), members(&types))
    }
}

impl AggregateUDFImpl for FirstRows {
    fn name(&self) -> &str {
        "spl_first_rows"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        Ok(list_of(members(arguments)))
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(One(Self::start(&args)?)))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Self::start(&args)?))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[rows]", args.name), args.return_field.data_type().clone(), true))])
    }
}

/// A kept row: its key and its encoded values.
type Kept = (Box<[u8]>, Box<[u8]>);

/// Bytes of a kept row besides its contents: two boxes with the allocator's overhead.
const PER_ROW: usize = size_of::<Kept>() + 2 * 16;

/// The first rows of each group so far.
#[derive(Debug)]
struct Groups {
    most: usize,
    members: Fields,
    converter: RowConverter,
    /// Sorted by key; the sort is stable.
    groups: Vec<Vec<Kept>>,
    /// Bytes of kept rows.
    size: usize,
}

impl Groups {
    fn new(most: usize, members: Fields) -> Result<Self> {
        let values = members.iter().skip(1).map(|field| SortField::new(field.data_type().clone()));
        let converter = RowConverter::new(values.collect())?;
        Ok(Self { most, members, converter, groups: Vec::new(), size: 0 })
    }

    /// Adds rows; `group_of` returns the group of each, if any.
    fn add(
        &mut self,
        keys: &ArrayRef,
        values: &[ArrayRef],
        group_of: impl Fn(usize) -> Option<usize>,
        groups: usize,
    ) -> Result<()> {
        self.groups.resize_with(groups.max(self.groups.len()), Vec::new);
        let keys = keys.as_binary_opt::<i32>().ok_or_else(|| internal_datafusion_err!("keys are Binary"))?;
        let rows = self.converter.convert_columns(values)?;
        for row in 0..keys.len() {
            let Some(kept) = group_of(row).and_then(|group| self.groups.get_mut(group)) else { continue };
            let key = keys.value(row);
            if kept.len() == self.most && kept.last().is_none_or(|(last, _)| key >= &**last) {
                continue;
            }
            let value = rows.row(row);
            self.size += key.len() + value.data().len() + PER_ROW;
            let place = kept.partition_point(|(known, _)| **known <= *key);
            if kept.is_empty() {
                // Most groups of most searches have one row.
                kept.reserve_exact(1);
            }
            kept.insert(place, (key.into(), value.data().into()));
            if kept.len() > self.most
                && let Some((key, value)) = kept.pop()
            {
                self.size -= key.len() + value.len() + PER_ROW;
            }
        }
        Ok(())
    }

    /// Adds rows that are lists of rows.
    fn add_lists(&mut self, lists: &ArrayRef, group_of: impl Fn(usize) -> usize, groups: usize) -> Result<()> {
        let lists = lists.as_list_opt::<i32>().ok_or_else(|| internal_datafusion_err!("rows are a list"))?;
        let offsets = lists.value_offsets();
        let start = offsets[0] as usize;
        let mut group = Vec::with_capacity(lists.values().len());
        for row in 0..lists.len() {
            group.resize(offsets[row + 1] as usize - start, group_of(row));
        }
        let rows = lists.values().slice(start, group.len());
        let rows = rows.as_struct_opt().ok_or_else(|| internal_datafusion_err!("rows are structs"))?;
        let (keys, values) = rows.columns().split_first().ok_or_else(|| internal_datafusion_err!("a row has a key"))?;
        self.add(keys, values, |row| group.get(row).copied(), groups)
    }

    /// Removes groups and returns their rows.
    fn take(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let groups = emit_to.take_needed(&mut self.groups);
        let lengths = OffsetBuffer::from_lengths(groups.iter().map(Vec::len));
        let rows: Vec<Kept> = groups.into_iter().flatten().collect();
        self.size -= rows.iter().map(|(key, value)| key.len() + value.len() + PER_ROW).sum::<usize>();
        let parser = self.converter.parser();
        let values = self.converter.convert_rows(rows.iter().map(|(_, value)| parser.parse(value)))?;
        let keys: ArrayRef = Arc::new(BinaryArray::from_iter_values(rows.iter().map(|(key, _)| key)));
        self.lists(keys, values, lengths)
    }

    fn lists(&self, keys: ArrayRef, values: Vec<ArrayRef>, lengths: OffsetBuffer<i32>) -> Result<ArrayRef> {
        let columns = std::iter::once(keys).chain(values).collect();
        let rows = StructArray::try_new(self.members.clone(), columns, None)?;
        let item = Arc::new(Field::new_list_field(DataType::Struct(self.members.clone()), true));
        Ok(Arc::new(ListArray::try_new(item, lengths, Arc::new(rows), None)?))
    }
}

/// The key and the values of the arguments.
fn parts(arguments: &[ArrayRef]) -> Result<(&ArrayRef, &[ArrayRef])> {
    match arguments {
        [key, _, values @ ..] => Ok((key, values)),
        _ => Err(internal_datafusion_err!("spl_first_rows has a key, a number and values")),
    }
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        arguments: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&BooleanArray>,
        groups: usize,
    ) -> Result<()> {
        let (keys, values) = parts(arguments)?;
        let counts = |row| filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
        self.add(keys, values, |row| counts(row).then(|| group_indices[row]), groups)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], group_indices: &[usize], groups: usize) -> Result<()> {
        let lists = states.first().ok_or_else(|| internal_datafusion_err!("a state is a list"))?;
        self.add_lists(lists, |row| group_indices[row], groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.take(emit_to)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.take(emit_to)?])
    }

    /// Makes each row a group of its own, if partial aggregation before the exchange saves nothing.
    fn convert_to_state(&self, arguments: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        if filter.is_some() {
            return Err(internal_datafusion_err!("spl_first_rows has no filter"));
        }
        let (keys, values) = parts(arguments)?;
        let lengths = OffsetBuffer::from_lengths(std::iter::repeat_n(1, keys.len()));
        Ok(vec![self.lists(Arc::clone(keys), values.to_vec(), lengths)?])
    }

    fn size(&self) -> usize {
        self.groups.capacity() * size_of::<Vec<Kept>>() + self.size
    }
}

/// The first rows of all.
#[derive(Debug)]
struct One(Groups);

impl Accumulator for One {
    fn update_batch(&mut self, arguments: &[ArrayRef]) -> Result<()> {
        let (keys, values) = parts(arguments)?;
        self.0.add(keys, values, |_| Some(0), 1)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let lists = states.first().ok_or_else(|| internal_datafusion_err!("a state is a list"))?;
        self.0.add_lists(lists, |_| 0, 1)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.0.groups.resize_with(1, Vec::new);
        let rows = self.0.take(EmitTo::All)?;
        ScalarValue::try_from_array(&rows, 0)
    }

    fn size(&self) -> usize {
        self.0.size()
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringArray};

    use super::*;

    fn first(most: usize) -> Groups {
        Groups::new(most, members(&[DataType::Binary, DataType::UInt64, DataType::Utf8, DataType::Int64])).unwrap()
    }

    /// The arguments for rows of a key and a text, whose number is the text's length.
    fn rows(rows: &[(&str, &str)]) -> Vec<ArrayRef> {
        vec![
            Arc::new(BinaryArray::from_iter_values(rows.iter().map(|(key, _)| key.as_bytes()))),
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|_| 0))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|(_, text)| text))),
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|(_, text)| text.len() as i64))),
        ]
    }

    fn texts(lists: &ArrayRef, group: usize) -> Vec<String> {
        let kept = lists.as_list::<i32>().value(group);
        let (texts, lengths) = (kept.as_struct().column(1).as_string::<i32>(), kept.as_struct().column(2));
        let lengths = lengths.as_primitive::<arrow::datatypes::Int64Type>();
        let checked = texts.iter().zip(lengths.iter());
        checked
            .map(|(text, length)| {
                assert_eq!(text.map(|text| text.len() as i64), length);
                text.unwrap().to_owned()
            })
            .collect()
    }

    #[test]
    fn the_smallest_keys_of_each_group_stay_in_order() {
        let mut kept = first(3);
        let given = rows(&[("d", "4"), ("b", "2"), ("e", "5"), ("b", "2 again"), ("x", "other"), ("c", "3")]);
        kept.update_batch(&given, &[0, 0, 0, 0, 2, 0], None, 3).unwrap();
        kept.update_batch(&rows(&[("a", "1"), ("z", "26")]), &[0, 0], None, 3).unwrap();
        let lists = kept.evaluate(EmitTo::All).unwrap();
        assert_eq!(texts(&lists, 0), ["1", "2", "2 again"]);
        assert!(texts(&lists, 1).is_empty());
        assert_eq!(texts(&lists, 2), ["other"]);
        assert_eq!(kept.size, 0, "what is given away is no longer counted");
    }

    #[test]
    fn parts_give_what_the_whole_gives() {
        let given: Vec<(String, String)> = (0..100).map(|n| (format!("{:03}", n * 37 % 101), n.to_string())).collect();
        let given: Vec<(&str, &str)> = given.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
        let groups = |count: usize| -> Vec<usize> { (0..count).map(|row| row % 2).collect() };
        let (mut whole, mut merged, mut one) = (first(7), first(7), One(first(7)));
        whole.update_batch(&rows(&given), &groups(100), None, 2).unwrap();
        for (number, part) in given.chunks(10).enumerate() {
            let state = match number % 2 {
                0 => whole.convert_to_state(&rows(part), None).unwrap(),
                _ => {
                    let mut half = first(7);
                    half.update_batch(&rows(part), &groups(10), None, 2).unwrap();
                    half.state(EmitTo::All).unwrap()
                }
            };
            let count = state[0].len();
            merged.merge_batch(&state, &groups(count), 2).unwrap();
            one.merge_batch(&state).unwrap();
        }
        let (whole, merged) = (whole.evaluate(EmitTo::All).unwrap(), merged.evaluate(EmitTo::All).unwrap());
        for group in [0, 1] {
            assert_eq!(texts(&merged, group), texts(&whole, group));
        }
        let ScalarValue::List(all) = one.evaluate().unwrap() else { panic!("a list") };
        let mut sorted = given.clone();
        sorted.sort_unstable();
        let expected: Vec<&str> = sorted.iter().take(7).map(|(_, text)| *text).collect();
        assert_eq!(texts(&(all as ArrayRef), 0), expected);
    }
}
