//! Sends plans through bytes: encoded with datafusion-proto, decoded with the functions of a runtime profile and nothing else.
//!
//! Where plans read, they have nodes that no bytes stand for yet: logs, and rows that are in memory. These are left where they are,
//! and their number is sent ([`Leaves`]).

use std::sync::{Arc, Mutex, PoisonError};

use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::bytes::{
    physical_plan_from_bytes_with_extension_codec, physical_plan_to_bytes_with_extension_codec,
};
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};

use datafusion::common::{internal_datafusion_err, not_impl_err};

/// The leaves of plans, by number.
#[derive(Debug, Default)]
pub struct Leaves {
    leaves: Mutex<Vec<Arc<dyn ExecutionPlan>>>,
}

impl PhysicalExtensionCodec for Leaves {
    fn try_decode(
        &self,
        bytes: &[u8],
        _: &[Arc<dyn ExecutionPlan>],
        _: &TaskContext,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        let number = bytes.try_into().map(u64::from_be_bytes).ok().and_then(|number| usize::try_from(number).ok());
        let leaf = number.and_then(|number| leaves.get(number)).cloned();
        leaf.ok_or_else(|| internal_datafusion_err!("there is no such leaf: {bytes:?}"))
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        bytes: &mut Vec<u8>,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        if !node.children().is_empty() {
            return not_impl_err!("{} cannot be sent", node.name());
        }
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.extend((leaves.len() as u64).to_be_bytes());
        leaves.push(node);
        Ok(())
    }
}

/// The plan that its bytes stand for, in a context that knows nothing of the first.
///
/// # Errors
/// If it cannot be encoded or decoded.
pub fn sent(plan: Arc<dyn ExecutionPlan>, context: &TaskContext) -> Result<Arc<dyn ExecutionPlan>> {
    let leaves = Leaves::default();
    let bytes = physical_plan_to_bytes_with_extension_codec(plan, &leaves)?;
    physical_plan_from_bytes_with_extension_codec(&bytes, context, &leaves)
}
