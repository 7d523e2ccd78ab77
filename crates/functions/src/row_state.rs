//! Running state: window functions that go over rows in order and give each a value that depends on those before it.
//!
//! A function says what it remembers and what it gives for a row ([`RowState`]); [`over_rows`] makes a window function of
//! DataFusion's of it, which reads its rows as a stream and bounds what the state may take.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion_common::{DataFusionError, Result, ScalarValue};
use datafusion_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion_expr::{PartitionEvaluator, Signature, Volatility, WindowUDF, WindowUDFImpl};

/// What running state may take, bytes. It lives as long as its search and cannot go to disk.
pub const MOST_STATE: usize = 256 << 20;

/// A function over rows in order.
pub trait RowFunction: Debug + Send + Sync + 'static {
    /// Its name in plans. Two functions with equal names do the same.
    fn name(&self) -> &str;

    /// The type of its result for arguments of these types.
    ///
    /// # Errors
    /// If it cannot be applied to them.
    fn returns(&self, arguments: &[DataType]) -> Result<DataType>;

    /// The state before the first row.
    ///
    /// # Errors
    /// If it cannot be applied to such arguments.
    fn start(&self, arguments: &[FieldRef]) -> Result<Box<dyn RowState>>;

    /// What grows with the rows, for the message when it has grown too much: "the groups of `streamstats … BY user`".
    fn holds(&self) -> String;
}

/// What a function remembers of the rows so far.
pub trait RowState: Debug + Send {
    /// Takes in a row of the arguments, and gives its result.
    ///
    /// # Errors
    /// If the arguments are not those that the function was started for.
    fn row(&mut self, arguments: &[ArrayRef], row: usize) -> Result<ScalarValue>;

    /// Bytes that it holds. Called for every row, so it must not walk what it holds.
    fn size(&self) -> usize;
}

/// The window function that goes over rows by a function's running state. Its window has an order and ends with the row at
/// hand; it is not divided by groups.
pub fn over_rows(function: impl RowFunction) -> Arc<WindowUDF> {
    let signature = Signature::variadic_any(Volatility::Immutable);
    Arc::new(WindowUDF::from(OverRows { function: Arc::new(function), signature }))
}

#[derive(Debug)]
struct OverRows {
    function: Arc<dyn RowFunction>,
    signature: Signature,
}

impl PartialEq for OverRows {
    fn eq(&self, other: &Self) -> bool {
        self.function.name() == other.function.name()
    }
}

impl Eq for OverRows {}

impl Hash for OverRows {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name().hash(state);
    }
}

impl WindowUDFImpl for OverRows {
    fn name(&self) -> &str {
        self.function.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn field(&self, args: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<DataType> = args.input_fields().iter().map(|field| field.data_type().clone()).collect();
        Ok(Arc::new(Field::new(args.name(), self.function.returns(&types)?, true)))
    }

    fn partition_evaluator(&self, args: PartitionEvaluatorArgs<'_>) -> Result<Box<dyn PartitionEvaluator>> {
        let state = self.function.start(args.input_fields())?;
        Ok(Box::new(Evaluator { function: Arc::clone(&self.function), state }))
    }
}

#[derive(Debug)]
struct Evaluator {
    function: Arc<dyn RowFunction>,
    state: Box<dyn RowState>,
}

impl PartitionEvaluator for Evaluator {
    fn is_causal(&self) -> bool {
        true
    }

    fn supports_bounded_execution(&self) -> bool {
        true
    }

    fn evaluate(&mut self, values: &[ArrayRef], range: &Range<usize>) -> Result<ScalarValue> {
        let value = self.state.row(values, range.start)?;
        if self.state.size() > MOST_STATE {
            let (holds, most) = (self.function.holds(), MOST_STATE >> 20);
            return Err(DataFusionError::ResourcesExhausted(format!("{holds} take more than {most} MiB")));
        }
        Ok(value)
    }
}
