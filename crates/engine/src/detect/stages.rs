//! Runs a search command by command and counts the rows after each, to see where an expected event is lost.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use dogwatch_content::{Content, Detection};
use dogwatch_functions::types;
use dogwatch_scan::{Inputs, ScanStats};
use dogwatch_syntax::{NoMacros, Pipeline};
use futures::TryStreamExt;

use super::{DetectionMacros, search_of};
use crate::datafusion_context::{self, physical};
use crate::error::EngineError;
use crate::options::Text;
use crate::session::{Session, parse};

/// The rows of a search after one of its commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageCount {
    /// The command, macros expanded.
    pub command: String,
    /// Number of rows.
    pub rows: u64,
    /// The ids of the events behind the rows, if they still have them.
    pub events: Option<BTreeSet<String>>,
}

impl Session {
    /// Runs the first command of a detection's search over some logs, then the first two, and so on.
    ///
    /// # Errors
    /// If the search is wrong, or fails.
    pub async fn stages(
        &self,
        content: &Content,
        detection: &Detection,
        paths: &[String],
    ) -> Result<Vec<StageCount>, EngineError> {
        let (inputs, _) = Inputs::list(paths, &self.input_options());
        let catalog = self.catalog(Arc::new(inputs), Arc::new(ScanStats::default()), &self.runtime()?, self.threads());
        let macros = DetectionMacros { session: &self.macros, content };
        let (pipeline, _, _) = parse(&search_of(detection), &macros, &catalog);
        let mut stages = Vec::new();
        for end in 1..=pipeline.commands.len() {
            let first = Pipeline { commands: pipeline.commands[..end].to_vec(), span: pipeline.span };
            let counted =
                format!("{}\n| stats count AS rows, values(event_id) AS events", dogwatch_syntax::print(&first));
            let text = Text { name: detection.name.clone(), text: counted };
            let planned = self.parse(&text, &NoMacros, &catalog)?.plan(&catalog)?;
            let plan = physical(&catalog.context, planned.plan).await?;
            let batches: Vec<RecordBatch> = datafusion_context::run(plan, &catalog.context)?.try_collect().await?;
            let command = Pipeline { commands: vec![pipeline.commands[end - 1].clone()], span: pipeline.span };
            stages.push(stage(dogwatch_syntax::print(&command), &batches));
        }
        Ok(stages)
    }
}

fn stage(command: String, batches: &[RecordBatch]) -> StageCount {
    let cell = |name: &str| {
        let batch = batches.iter().find(|batch| batch.num_rows() > 0)?;
        batch.column_by_name(name)
    };
    let rows = cell("rows").and_then(|array| types::cell(array.as_ref(), 0).number()).unwrap_or_default();
    let events = cell("events").filter(|array| array.is_valid(0));
    let events = events.map(|array| types::cell(array.as_ref(), 0).values());
    StageCount {
        command,
        rows: rows as u64,
        events: events.map(|values| values.iter().map(|value| value.text().into_owned()).collect()),
    }
}
