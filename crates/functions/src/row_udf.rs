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

/// A scalar function that works row by row, and gives equal results for equal arguments: a static of the file with its logic,
/// and a row in the table of its folder, from which [`crate::registry`] has it.
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

    /// The one argument that is a column of text, if the others are constants and the function always gives the same for
    /// the same.
    fn only_text_column<'a>(&self, args: &'a ScalarFunctionArgs) -> Option<&'a StringArray> {
        let mut arrays = args.args.iter().filter_map(|argument| match argument {
            ColumnarValue::Array(array) => Some(array),
            ColumnarValue::Scalar(_) => None,
        });
        let pure = self.signature.volatility == Volatility::Immutable;
        let only = arrays.next().filter(|_| pure && args.args.len() > 1)?;
        if arrays.next().is_some() { None } else { only.as_string_opt::<i32>() }
    }

    /// The values where a column has few different ones: each is worked out once. `firsts` are the rows in which each
    /// first stands, `places` says for every row which of them it has.
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

/// Columns with fewer rows are not looked through.
const FEWEST: usize = 64;

/// How many columns are remembered.
const REMEMBERED: usize = 8;

/// Where the different values of a column first stand, and for each row which of them it has.
type Repeated = (UInt32Array, UInt32Array);

thread_local! {
    /// The columns that were last looked through. They are kept, so that no other can be where they are.
    static LAST: RefCell<VecDeque<(StringArray, Option<Repeated>)>> = RefCell::default();
}

/// What a column repeats; nothing if most values occur once. Paths of programs, users and clients repeat; command lines
/// often do not. Searches ask much about the same columns.
fn repeated(column: &StringArray) -> Option<Repeated> {
    if column.len() < FEWEST {
        return None;
    }
    LAST.with_borrow_mut(|last| {
        if let Some((_, known)) = last.iter().find(|(known, _)| is_same(known, column)) {
            return known.clone();
        }
        let found = look_through(column);
        last.truncate(REMEMBERED - 1);
        last.push_front((column.clone(), found.clone()));
        found
    })
}

/// Whether two columns are one, at the same place in memory.
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
        // The beginning tells: with most of it different, the rest is not worth the search.
        if places.len() == FEWEST && firsts.len() > FEWEST / 2 {
            return None;
        }
    }
    (firsts.len() <= column.len() / 2).then(|| (firsts.into(), places.into()))
}

impl ScalarUDFImpl for RowUdf {
    fn name(&self) -> &str {
        &self.name
    }

    /// Names are made again and again while a plan is rewritten, and arguments can be long: the name only tells calls apart.
    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Ok(format!("{}#{:x}", self.name, FixedState::default().hash_one(args)))
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
