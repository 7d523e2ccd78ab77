//! A search in a task of its own: what the engine gives, as messages, so that the task that prints never waits for
//! anything but messages and signals. What is printed is decided elsewhere.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use dogwatch_engine::{EngineError, InputError, ScanStats, Session, SessionOptions, Text};
use dogwatch_syntax::{Diagnostic, Sources};
use futures::StreamExt;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::render;

/// How many batches may wait to be printed.
const WAITING: usize = 2;

/// What a run tells while it goes on.
pub enum Message {
    /// The search is planned and its result's columns are known.
    Ready(Box<Ready>),
    /// Rows.
    Batch(RecordBatch),
}

/// What is known before the first row.
pub struct Ready {
    /// The columns of the result.
    pub schema: SchemaRef,
    /// Notes and warnings about the search.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that they refer to.
    pub sources: Sources,
    /// Inputs that are not searched.
    pub input_errors: Vec<InputError>,
    /// How many files in directories were left out because they are no logs.
    pub skipped: usize,
    /// The counts of the run.
    pub stats: Arc<ScanStats>,
}

/// What is known after the last row.
pub struct Finished {
    /// Warnings that only the run could tell: fields that no event had.
    pub warnings: Vec<Diagnostic>,
}

/// A search that runs.
pub struct Run {
    messages: mpsc::Receiver<Message>,
    task: JoinHandle<Result<Finished, EngineError>>,
}

impl Run {
    /// Starts a search. Needs a runtime.
    pub fn start(options: SessionOptions, text: Text, paths: Vec<String>) -> Self {
        let (sender, messages) = mpsc::channel(WAITING);
        Self { messages, task: tokio::spawn(produce(options, text, paths, sender)) }
    }

    /// The next message; `None` when the run is over.
    pub async fn next(&mut self) -> Option<Message> {
        self.messages.recv().await
    }

    /// How the run went, once there are no more messages. A bad search is reported on the console.
    pub async fn finish(mut self, console: Console) -> Result<Finished, Failure> {
        match (&mut self.task).await {
            Ok(Ok(finished)) => Ok(finished),
            Ok(Err(error)) => Err(failure(error, console)),
            // The panic hook has said all there is to say.
            Err(_) => Err(Failure::Silent(Exit::Bug)),
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn produce(
    options: SessionOptions,
    text: Text,
    paths: Vec<String>,
    messages: mpsc::Sender<Message>,
) -> Result<Finished, EngineError> {
    let session = Session::new(options)?;
    let mut search = session.search(&text, &paths).await?;
    let ready = Ready {
        schema: search.schema(),
        diagnostics: search.diagnostics().to_vec(),
        sources: search.sources().clone(),
        input_errors: search.take_input_errors(),
        skipped: search.skipped(),
        stats: search.stats(),
    };
    let mut open = messages.send(Message::Ready(Box::new(ready))).await.is_ok();
    let mut rows = search.stream()?;
    while open && let Some(batch) = rows.next().await {
        open = messages.send(Message::Batch(batch?)).await.is_ok();
    }
    drop(rows);
    Ok(Finished { warnings: search.warnings() })
}

/// The runtime that searches run in.
pub fn runtime(threads: Option<usize>) -> Result<Runtime, Failure> {
    let mut builder = Builder::new_multi_thread();
    if let Some(threads) = threads {
        builder.worker_threads(threads);
    }
    builder.enable_all().build().map_err(|error| Failure::files(format!("cannot start threads: {error}")))
}

/// What an error of the engine means for the run. A bad search is reported on the console.
pub fn failure(error: EngineError, console: Console) -> Failure {
    match error {
        EngineError::Search(failure) => {
            console.tell(&render::diagnostics(&failure.diagnostics, &failure.sources, &console.renderer()));
            Failure::Silent(Exit::Usage)
        }
        EngineError::Setup(message) => Failure::Told { exit: Exit::Usage, message, help: None },
        EngineError::Resources(message) => Failure::Told { exit: Exit::Files, message, help: None },
        EngineError::Cancelled => Failure::Silent(Exit::Interrupted),
        EngineError::Internal(message) => Failure::Told { exit: Exit::Bug, message, help: None },
    }
}
