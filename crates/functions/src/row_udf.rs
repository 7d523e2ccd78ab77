//! A DataFusion scalar UDF over a function that works row by row.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, AsArray, StringArray, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use foldhash::fast::{FixedState, RandomState};

use crate::types::{Cell, Column, Output};

/// The logic of a row: reads its arguments, appends one value.
pub type Row = fn(&[Cell<'_>], &mut Output) -> Result<()>;

/// The type of a function's result for arguments of these types.
pub type Returns = fn(&[DataType]) -> DataType;

/// A scalar function that works row by row and gives equal results for equal arguments: a static in the file with its
/// logic, listed in the table of its folder, from which [`crate::registry`] takes it.
#[derive(Debug)]
pub struct RowFunction {
    name: &'static str,
    returns: Returns,
    row: Row,
    udf: OnceLock<Arc<ScalarUDF>>,
}

impl RowFunction {
    /// A function; `name` must be unique among all.
    pub const fn new(name: &'static str, returns: Returns, row: Row) -> Self {
        Self { name, returns, row, udf: OnceLock::new() }
    }

    /// The scalar UDF.
    pub fn udf(&self) -> Arc<ScalarUDF> {
        Arc::clone(self.udf.get_or_init(|| RowUdf::make(Cow::Borrowed(self.name), self.returns, self.row, true)))
    }

    /// A call of it.
    pub fn call(&self, arguments: Vec<Expr>) -> Expr {
        self.udf().call(arguments)
    }
}

/// A scalar UDF that calls a [`Row`] for each row. Two are equal when their names are.
#[derive(Debug)]
pub(crate) struct RowUdf {
    name: Cow<'static, str>,
    signature: Signature,
    returns: Returns,
    row: Row,
}

impl PartialEq for RowUdf {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for RowUdf {}

impl Hash for RowUdf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl RowUdf {
    /// A UDF; `name` must be unique among all.
    pub(crate) fn make(name: Cow<'static, str>, returns: Returns, row: Row, pure: bool) -> Arc<ScalarUDF> {
        let volatility = if pure { Volatility::Immutable } else { Volatility::Volatile };
        let signature = Signature::one_of(
            vec![datafusion_expr::TypeSignature::Nullary, datafusion_expr::TypeSignature::VariadicAny],
            volatility,
        );
        Arc::new(ScalarUDF::from(Self { name, signature, returns, row }))
    }

    /// The values of so many rows.
    fn rows(&self, args: &[ColumnarValue], rows: usize, return_type: &DataType) -> Result<Output> {
        let columns = args
            .iter()
            .map(|argument| match argument {
                ColumnarValue::Array(array) => Ok(Column::new(Arc::clone(array))),
                ColumnarValue::Scalar(scalar) => Ok(Column::constant(scalar.to_array()?)),
            })
            .collect::<Result<Vec<_>>>()?;
        let mut output = Output::new(return_type, rows)?;
        let mut cells = Vec::with_capacity(columns.len());
        for row in 0..rows {
            cells.clear();
            cells.extend(columns.iter().map(|column| column.cell(row)));
            (self.row)(&cells, &mut output)?;
        }
        Ok(output)
    }

    /// The only argument that is a text column, if the others are constants and the function is pure.
    fn only_text_column<'a>(&self, args: &'a ScalarFunctionArgs) -> Option<&'a StringArray> {
        let mut arrays = args.args.iter().filter_map(|argument| match argument {
            ColumnarValue::Array(array) => Some(array),
            ColumnarValue::Scalar(_) => None,
        });
        let pure = self.signature.volatility == Volatility::Immutable;
        let only = arrays.next().filter(|_| pure && args.args.len() > 1)?;
        if arrays.next().is_some() { None } else { only.as_string_opt::<i32>() }
    }

    /// The results for a column with few distinct values: each is computed once. `firsts` are the rows in which each
    /// value occurs first, `places` gives the index into them for every row.
    fn once_for_each(
        &self,
        mut args: ScalarFunctionArgs,
        firsts: &UInt32Array,
        places: &UInt32Array,
    ) -> Result<ColumnarValue> {
        for argument in &mut args.args {
            if let ColumnarValue::Array(array) = argument {
                *array = take(array.as_ref(), firsts, None)?;
            }
        }
        let output = self.rows(&args.args, firsts.len(), args.return_field.data_type())?;
        Ok(ColumnarValue::Array(take(output.finish().as_ref(), places, None)?))
    }
}

/// Columns with fewer rows are not checked for repetition.
const FEWEST: usize = 64;

/// Number of cached columns, and their total size in bytes. A thread keeps them until others replace them, so this is the
/// memory that each idle thread holds.
const REMEMBERED: usize = 8;
const REMEMBERED_BYTES: usize = 16 << 20;

/// The rows in which the distinct values of a column occur first, and for each row the index into them.
type Repeated = (UInt32Array, UInt32Array);

thread_local! {
    /// The columns checked last. They are kept alive, so that their addresses cannot be reused.
    static LAST: RefCell<VecDeque<(StringArray, Option<Repeated>)>> = RefCell::default();
}

/// The repetition in a column; `None` if most values occur once. Paths of programs, users and clients repeat; command
/// lines often do not. Searches test the same columns many times.
fn repeated(column: &StringArray) -> Option<Repeated> {
    if column.len() < FEWEST {
        return None;
    }
    LAST.with_borrow_mut(|last| {
        if let Some((_, known)) = last.iter().find(|(known, _)| is_same(known, column)) {
            return known.clone();
        }
        let found = look_through(column);
        last.push_front((column.clone(), found.clone()));
        let mut bytes = 0;
        let fits = last.iter().take(REMEMBERED).take_while(|(known, found)| {
            bytes += known.get_array_memory_size()
                + found
                    .as_ref()
                    .map_or(0, |(firsts, places)| firsts.get_array_memory_size() + places.get_array_memory_size());
            bytes <= REMEMBERED_BYTES
        });
        let fits = fits.count();
        last.truncate(fits);
        found
    })
}

/// Whether two columns are identical, by address.
fn is_same(one: &StringArray, other: &StringArray) -> bool {
    let nulls = |column: &StringArray| column.nulls().map(|nulls| (nulls.buffer().as_ptr(), nulls.offset()));
    one.len() == other.len()
        && one.value_offsets().as_ptr() == other.value_offsets().as_ptr()
        && one.value_data().as_ptr() == other.value_data().as_ptr()
        && nulls(one) == nulls(other)
}

fn look_through(column: &StringArray) -> Option<Repeated> {
    let mut known: HashMap<Option<&str>, u32, RandomState> = HashMap::default();
    let (mut firsts, mut places) = (Vec::new(), Vec::with_capacity(column.len()));
    for (row, value) in (0_u32..).zip(column.iter()) {
        let next = u32::try_from(firsts.len()).ok()?;
        let place = *known.entry(value).or_insert(next);
        if place == next {
            firsts.push(row);
        }
        places.push(place);
        // The beginning decides: if most of its values are distinct, checking the rest is not worthwhile.
        if places.len() == FEWEST && firsts.len() > FEWEST / 2 {
            return None;
        }
    }
    (firsts.len() <= column.len() / 2).then(|| (firsts.into(), places.into()))
}

/// The name of a call's column. Names are built again and again while a plan is rewritten, and arguments can be long, so
/// the name only has to distinguish calls.
pub(crate) fn call_name(function: &str, arguments: &[Expr]) -> String {
    format!("{function}#{:x}", FixedState::default().hash_one(arguments))
}

impl ScalarUDFImpl for RowUdf {
    fn name(&self) -> &str {
        &self.name
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Ok(call_name(&self.name, args))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        Ok((self.returns)(arg_types))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)))
            && self.signature.volatility == Volatility::Immutable;
        let rows = if constant { 1 } else { args.number_rows };
        if let Some(column) = self.only_text_column(&args)
            && let Some((firsts, places)) = repeated(column)
        {
            return self.once_for_each(args, &firsts, &places);
        }
        let return_type = args.return_field.data_type();
        let output = self.rows(&args.args, rows, return_type)?;
        let array = output.finish();
        if constant {
            return Ok(ColumnarValue::Scalar(datafusion_common::ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}

#[cfg(test)]
mod tests {
    use datafusion_expr::{col, lit};

    use super::*;
    use crate::types::text_type;

    /// 200 rows of two values.
    fn column(value: &str) -> StringArray {
        StringArray::from_iter_values((0..200).map(|row| if row % 2 == 0 { value } else { "other" }))
    }

    fn remembered() -> Vec<StringArray> {
        LAST.with_borrow(|last| last.iter().map(|(column, _)| column.clone()).collect())
    }

    /// The cache finds a column by its address, so the address must not be reused.
    #[test]
    fn a_remembered_column_keeps_its_place() {
        let place = {
            let one = column("one");
            assert!(repeated(&one).is_some());
            one.value_data().as_ptr()
        };
        let kept = remembered().into_iter().find(|known| known.value_data().as_ptr() == place);
        assert_eq!(kept.as_ref().map(|known| known.value(0)), Some("one"), "its memory is still its own");
    }

    #[test]
    fn columns_in_the_same_memory_are_told_apart() {
        let whole = column("one");
        assert!(is_same(&whole, &whole.clone()));
        let (first, second) = (whole.slice(0, 100), whole.slice(100, 100));
        let empty = StringArray::new(whole.offsets().clone(), whole.values().clone(), Some(vec![false; 200].into()));
        for other in [&first, &second, &empty, &column("one")] {
            assert!(!is_same(&whole, other));
        }
        assert!(!is_same(&first, &second));
        let (all, none) = (repeated(&whole).unwrap(), repeated(&empty).unwrap());
        assert_eq!((all.0.len(), none.0.len()), (2, 1));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        for number in 0..100 {
            repeated(&column(&number.to_string()));
        }
        assert_eq!(remembered().len(), REMEMBERED);
        // Larger together than what may be kept, and then larger by itself.
        for number in 0..5 {
            repeated(&column(&number.to_string().repeat(REMEMBERED_BYTES / 300)));
        }
        let bytes: usize = remembered().iter().map(Array::get_array_memory_size).sum();
        assert!(bytes > 0 && bytes <= REMEMBERED_BYTES, "{bytes}");
        repeated(&column(&"x".repeat(REMEMBERED_BYTES / 50)));
        assert!(remembered().is_empty());
    }

    fn call(argument: Expr) -> String {
        let function = RowUdf::make("spl_test".into(), |_| text_type(), |_, _| Ok(()), true);
        function.call(vec![argument]).schema_name().to_string()
    }

    /// Names are rebuilt for each rewrite of a plan, and an argument can be a list of thousands of values.
    #[test]
    fn names_tell_calls_apart_and_do_not_grow_with_arguments() {
        let names: std::collections::HashSet<String> =
            (0..1000).map(|n| call(lit(n))).chain(["a", "b"].map(|name| call(col(name)))).collect();
        assert_eq!(names.len(), 1002);
        assert_eq!(call(lit("a")), call(lit("a")));
        assert!(call(lit("a".repeat(1 << 20))).len() < 40);
    }
}
