//! Running state: window functions that process rows in order and give each a value that depends on earlier rows.
//!
//! A function defines its state and the result for a row ([`RowState`]); [`over_rows`] turns it into a DataFusion window
//! function that reads its rows as a stream and limits the memory of the state.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion_common::{DataFusionError, Result, ScalarValue, plan_err};
use datafusion_expr::expr::WindowFunction;
use datafusion_expr::function::{ExpressionArgs, PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion_expr::{
    Expr, PartitionEvaluator, Signature, Volatility, WindowFunctionDefinition, WindowUDF, WindowUDFImpl, lit,
};
use datafusion_physical_expr::PhysicalExpr;

use crate::literals;

/// Memory limit of running state, bytes. It lives as long as its search and cannot spill.
pub const MOST_STATE: usize = 256 << 20;

/// A function over rows in order, a static in the table of [`crate::registry`].
pub trait RowFunction: Debug + Send + Sync {
    /// Its name in plans.
    fn name(&self) -> &'static str;

    /// The state before the first row, for a call with these parameters.
    ///
    /// # Errors
    /// If the parameters are invalid, or do not match the arguments.
    fn start(&self, parameters: &str, arguments: &Arguments<'_>) -> Result<Box<dyn RowState>>;
}

/// The arguments of a call.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a> {
    /// Their types.
    pub fields: &'a [FieldRef],
    /// What they are, as many.
    pub exprs: &'a [Arc<dyn PhysicalExpr>],
}

/// The state of a function after the rows so far.
pub trait RowState: Debug + Send {
    /// Processes a row of the arguments, and returns its result.
    ///
    /// # Errors
    /// If the arguments are not those that the function was started for.
    fn row(&mut self, arguments: &[ArrayRef], row: usize) -> Result<ScalarValue>;

    /// Memory that it holds, bytes. Called for every row, so it must not iterate over the state.
    fn size(&self) -> usize;

    /// A name for the growing part of the state, for the message when it exceeds the limit: "the groups of
    /// `streamstats … BY user`".
    fn holds(&self) -> String;
}

/// A call of the window function that applies a function's running state to rows. Its window is ordered and ends with the
/// current row; it is not partitioned. The function starts with `parameters`; `returns` is the type of its results.
///
/// # Errors
/// If there is no null of that type.
pub fn over_rows(
    function: &'static dyn RowFunction,
    parameters: String,
    returns: &DataType,
    arguments: Vec<Expr>,
) -> Result<WindowFunction> {
    let witness = ScalarValue::try_new_null(returns)?;
    let arguments = [lit(parameters), lit(witness)].into_iter().chain(arguments).collect();
    Ok(WindowFunction::new(WindowFunctionDefinition::WindowUDF(window(function)), arguments))
}

/// The window function of a function.
pub(crate) fn window(function: &'static dyn RowFunction) -> Arc<WindowUDF> {
    let signature = Signature::variadic_any(Volatility::Immutable);
    Arc::new(WindowUDF::from(OverRows { function, signature }))
}

/// Number of arguments before those of the function: its parameters, and a null of the result type. DataFusion asks for
/// the result type when it knows only the types of the arguments, not their values.
const OWN: usize = 2;

#[derive(Debug)]
struct OverRows {
    function: &'static dyn RowFunction,
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
        let Some(witness) = args.input_fields().get(1) else {
            return plan_err!("{} has no result type among its arguments", self.name());
        };
        Ok(Arc::new(Field::new(args.name(), witness.data_type().clone(), true)))
    }

    fn expressions(&self, args: ExpressionArgs<'_>) -> Vec<Arc<dyn PhysicalExpr>> {
        args.input_exprs().get(OWN..).unwrap_or_default().to_vec()
    }

    fn partition_evaluator(&self, args: PartitionEvaluatorArgs<'_>) -> Result<Box<dyn PartitionEvaluator>> {
        let Some(parameters) = literals::text_of(args.input_exprs().first()) else {
            return plan_err!("the parameters of {} are no literal", self.name());
        };
        let arguments = Arguments {
            fields: args.input_fields().get(OWN..).unwrap_or_default(),
            exprs: args.input_exprs().get(OWN..).unwrap_or_default(),
        };
        Ok(Box::new(Evaluator { state: self.function.start(parameters, &arguments)? }))
    }
}

#[derive(Debug)]
struct Evaluator {
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
            let (holds, most) = (self.state.holds(), MOST_STATE >> 20);
            return Err(DataFusionError::ResourcesExhausted(format!("{holds} take more than {most} MiB")));
        }
        Ok(value)
    }
}
