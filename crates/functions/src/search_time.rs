//! The time of a search: an option of the session in which a plan runs, and the function that reads it.
//!
//! A plan contains the function, not the time, so that it can be kept and run again later. DataFusion folds the call into
//! a literal when the plan is optimized for a run.

use std::any::Any;

use arrow::datatypes::DataType;
use datafusion_common::config::{ConfigEntry, ConfigExtension, ExtensionOptions};
use datafusion_common::{Result, ScalarValue, not_impl_err};
use datafusion_expr::expr::ScalarFunction;
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

/// When the search began, microseconds since 1970 UTC: a session option that `now()` refers to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SearchTime(pub i64);

impl ConfigExtension for SearchTime {
    const PREFIX: &'static str = "search_time";
}

impl ExtensionOptions for SearchTime {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(*self)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        match (key, value.parse()) {
            ("microseconds", Ok(microseconds)) => {
                self.0 = microseconds;
                Ok(())
            }
            _ => not_impl_err!("{key}={value} is no option of the search's time"),
        }
    }

    fn entries(&self) -> Vec<ConfigEntry> {
        vec![ConfigEntry {
            key: format!("{}.microseconds", Self::PREFIX),
            value: Some(self.0.to_string()),
            description: "When the search began, microseconds since 1970 UTC",
        }]
    }
}

/// Seconds since 1970 UTC at which the search began.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Now {
    signature: Signature,
}

impl ScalarUDFImpl for Now {
    fn name(&self) -> &str {
        "search_time"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let SearchTime(microseconds) = args.config_options.extensions.get::<SearchTime>().copied().unwrap_or_default();
        Ok(ColumnarValue::Scalar(ScalarValue::Float64(Some(microseconds as f64 / 1e6))))
    }
}

/// The function with which a plan reads the time of the search.
pub fn function() -> ScalarUDF {
    ScalarUDF::from(Now { signature: Signature::nullary(Volatility::Stable) })
}

/// A call of it: seconds since 1970 UTC.
pub fn search_time() -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(function().into(), vec![]))
}
