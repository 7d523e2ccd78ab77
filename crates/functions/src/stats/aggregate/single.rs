//! Accumulators of one group: [`Single`] for aggregates and growing window frames, [`Frame`] for sliding frames of
//! functions that cannot retract a row.

use std::collections::VecDeque;

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;
use datafusion_common::{Result, ScalarValue};
use datafusion_expr::Accumulator;

use super::state::{StateRow, StateWriter, check_size, check_types};
use super::{ArgumentRows, Tally};
use crate::stats::RowNeed;
use crate::types::Output;

/// The result of a tally as a scalar of this type.
pub(super) fn result<T: Tally>(tally: &T, returns: &DataType) -> Result<ScalarValue> {
    check_size(tally.heap())?;
    let mut out = Output::new(returns, 1)?;
    tally.result(&mut out);
    ScalarValue::try_from_array(&out.finish(), 0)
}

/// A tally as DataFusion's accumulator.
#[derive(Debug)]
pub(super) struct Single<T> {
    tally: T,
    needs: RowNeed,
    returns: DataType,
}

impl<T> Single<T> {
    pub(super) fn new(tally: T, needs: RowNeed, returns: DataType) -> Self {
        Self { tally, needs, returns }
    }
}

impl<T: Tally> Accumulator for Single<T> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = ArgumentRows::new(values, self.needs)?;
        (0..values[0].len()).for_each(|row| self.tally.add(&rows.row(row)));
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        result(&self.tally, &self.returns)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.tally.heap()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        check_size(self.tally.heap())?;
        let mut writer = StateWriter::new(T::STATE);
        self.tally.save(&mut writer);
        writer.finish().iter().map(|column| ScalarValue::try_from_array(column, 0)).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        check_types(states, T::STATE)?;
        (0..states[0].len()).for_each(|row| self.tally.merge(&StateRow::new(states, row)));
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = ArgumentRows::new(values, self.needs)?;
        (0..values[0].len()).for_each(|row| self.tally.remove(&rows.row(row)));
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        T::RETRACTS
    }
}

/// The rows of a sliding frame, whose result is recomputed each time.
#[derive(Debug)]
pub(super) struct Frame<T> {
    prototype: T,
    needs: RowNeed,
    returns: DataType,
    batches: VecDeque<Vec<ArrayRef>>,
}

impl<T> Frame<T> {
    pub(super) fn new(prototype: T, needs: RowNeed, returns: DataType) -> Self {
        Self { prototype, needs, returns, batches: VecDeque::new() }
    }
}

impl<T: Tally> Frame<T> {
    fn tally(&self) -> Result<Single<T>> {
        let mut single = Single::new(self.prototype.clone(), self.needs, self.returns.clone());
        self.batches.iter().try_for_each(|batch| single.update_batch(batch))?;
        Ok(single)
    }
}

impl<T: Tally> Accumulator for Frame<T> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.batches.push_back(values.to_vec());
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.tally()?.evaluate()
    }

    fn size(&self) -> usize {
        let columns = self.batches.iter().flatten();
        size_of_val(self) + columns.map(Array::get_array_memory_size).sum::<usize>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.tally()?.state()
    }

    fn merge_batch(&mut self, _states: &[ArrayRef]) -> Result<()> {
        datafusion_common::internal_err!("a window frame has rows, not states")
    }

    /// Rows leave a frame in the order in which they came.
    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let mut leaving = values.first().map_or(0, |column| column.len());
        while leaving > 0 {
            let Some(batch) = self.batches.pop_front() else { break };
            let rows = batch.first().map_or(0, |column| column.len());
            if rows > leaving {
                let rest = |column: &ArrayRef| column.slice(leaving, rows - leaving);
                self.batches.push_front(batch.iter().map(rest).collect());
            }
            leaving = leaving.saturating_sub(rows);
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }
}
