//! Result formats, formats for findings, and sinks: turns record batches and findings into text, and writes it.
//!
//! A [`ResultFormat`] from the registry [`format::FORMATS`] turns a result into text, batch by batch, so that memory
//! stays flat however long the result is. A [`Sink`] from [`sink::open`] takes the text and keeps it only when the run
//! succeeded. Findings of detections have formats of their own, in [`findings::FINDING_FORMATS`], because other tools
//! have schemas for them (OCSF, SARIF). Nothing here knows how rows or findings were made, nor about searches, progress
//! or exit codes.
//!
//! ```
//! use std::sync::Arc;
//! use arrow::array::{ArrayRef, RecordBatch, StringArray};
//! use dogwatch_output::format::{self, FormatOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let user: ArrayRef = Arc::new(StringArray::from(vec!["root"]));
//! let rows = RecordBatch::try_from_iter([("user", user)])?;
//! let mut text = Vec::new();
//! let mut jsonl = format::find("jsonl").ok_or("registered")?.make(&FormatOptions::default());
//! jsonl.begin(&rows.schema(), &mut text)?;
//! jsonl.batch(&rows, &mut text)?;
//! jsonl.finish(&mut text)?;
//! assert_eq!(text, b"{\"user\":\"root\"}\n");
//! # Ok(())
//! # }
//! ```

mod attack;
mod detection_page;
mod entity;
mod error;
#[cfg(test)]
mod finding_testing;
pub mod findings;
pub mod format;
mod grid;
mod json;
mod json_object;
mod layout;
mod risk;
pub mod sink;
#[cfg(test)]
mod testing;
mod value;
pub mod visible;

pub use dogwatch_content::rfc3339;
pub use error::OutputError;
pub use findings::{FINDING_FORMATS, FindingFormat, FindingOptions};
pub use format::{FormatOptions, ResultFormat};
pub use sink::Sink;
