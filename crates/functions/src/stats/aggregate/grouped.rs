//! The accumulator for many groups: a tally for each, indexed by the group number. It avoids the slicing of batches by
//! group that DataFusion does for functions with single-group accumulators only.

use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{EmitTo, GroupsAccumulator};

use super::state::{StateRow, StateWriter, check_size, check_types};
use super::{ArgumentRows, Tally};
use crate::stats::RowNeed;
use crate::types::Output;

/// A tally for each group.
pub(super) struct Grouped<T> {
    prototype: T,
    needs: RowNeed,
    returns: DataType,
    tallies: Vec<T>,
    /// The sum of the tallies' heaps, maintained so that [`GroupsAccumulator::size`] need not iterate over the groups.
    heap: usize,
}

impl<T: Tally> Grouped<T> {
    pub(super) fn new(prototype: T, needs: RowNeed, returns: DataType) -> Self {
        Self { prototype, needs, returns, tallies: Vec::new(), heap: 0 }
    }

    fn grow(&mut self, groups: usize) {
        if groups > self.tallies.len() {
            self.tallies.resize(groups, self.prototype.clone());
        }
    }

    /// Changes the tally of a group and updates the heap size.
    fn change(&mut self, group: usize, change: impl FnOnce(&mut T)) {
        let Some(tally) = self.tallies.get_mut(group) else { return };
        let before = tally.heap();
        change(tally);
        self.heap = (self.heap + tally.heap()).saturating_sub(before);
    }

    /// Removes the groups to emit, unless a column cannot hold that many.
    fn take(&mut self, emit_to: EmitTo) -> Result<Vec<T>> {
        check_size(self.heap)?;
        let taken = emit_to.take_needed(&mut self.tallies);
        self.heap = self.heap.saturating_sub(taken.iter().map(Tally::heap).sum());
        Ok(taken)
    }
}

/// Whether a row passes the filter of the aggregate.
fn passes(filter: Option<&BooleanArray>, row: usize) -> bool {
    filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
}

impl<T: Tally> GroupsAccumulator for Grouped<T> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.grow(total_num_groups);
        let rows = ArgumentRows::new(values, self.needs)?;
        for (row, group) in group_indices.iter().enumerate() {
            if passes(opt_filter, row) {
                self.change(*group, |tally| tally.add(&rows.row(row)));
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let tallies = self.take(emit_to)?;
        let mut out = Output::new(&self.returns, tallies.len())?;
        tallies.iter().for_each(|tally| tally.result(&mut out));
        Ok(out.finish())
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let tallies = self.take(emit_to)?;
        let mut writer = StateWriter::new(T::STATE);
        tallies.iter().for_each(|tally| tally.save(&mut writer));
        Ok(writer.finish())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.grow(total_num_groups);
        check_types(values, T::STATE)?;
        for (row, group) in group_indices.iter().enumerate() {
            self.change(*group, |tally| tally.merge(&StateRow::new(values, row)));
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = ArgumentRows::new(values, self.needs)?;
        let mut writer = StateWriter::new(T::STATE);
        for row in 0..values[0].len() {
            let mut tally = self.prototype.clone();
            if passes(opt_filter, row) {
                tally.add(&rows.row(row));
            }
            tally.save(&mut writer);
        }
        Ok(writer.finish())
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.tallies.capacity() * size_of::<T>() + self.heap
    }
}
