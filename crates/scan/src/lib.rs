//! Reads log files as a DataFusion table.
//!
//! [`Inputs::list`] finds the files behind paths and recognises their formats; [`table`] makes a table of them that reads
//! only the projected fields of rows that a [`Condition`](dogwatch_predicate::Condition) does not rule out; [`ScanStats`]
//! reports progress and malformed input. If all fields are wanted, [`discover`] first collects their names.
//!
//! Large files are split and read by several workers at once, compressed ones as a stream; memory does not grow with
//! the size of a file. `dogwatch-formats` turns bytes into fields; this crate finds the files, splits them into chunks
//! and turns rows into Arrow columns. It knows nothing about SPL.
//!
//! ```
//! use std::sync::Arc;
//!
//! use dogwatch_scan::{InputOptions, Inputs, ScanRequest, ScanStats, table};
//!
//! let (inputs, errors) = Inputs::list(&["/no/such.log".to_owned()], &InputOptions::default());
//! assert_eq!(errors[0].to_string(), "/no/such.log: no such file or directory; check the path");
//! let request = ScanRequest { fields: vec!["exe".to_owned()], ..ScanRequest::default() };
//! let table = table(Arc::new(inputs), request, Arc::new(ScanStats::default()));
//! assert!(table.schema().index_of("exe").is_ok());
//! ```

mod column_builder;
mod columns;
mod compression;
mod discover;
mod error;
mod exec;
mod inputs;
mod line_index;
mod lines;
mod listing;
mod names;
mod projection;
mod prune;
mod range_reader;
mod reading;
mod residual_filter;
mod rotation;
mod row_builder;
mod shared;
mod spill_buffer;
mod stats;
mod table;
mod window;
mod work;

#[cfg(test)]
mod test_format;
#[cfg(test)]
mod tests;

pub use columns::SystemColumn;
pub use compression::Compression;
pub use discover::{DiscoveredField, DiscoveredFields, MOST_FIELDS, discover};
pub use error::{InputError, NamesError};
pub use inputs::{InputFile, InputOptions, Inputs, UNKNOWN_HOST};
pub use lines::Line;
pub use names::{FormatNames, NameTable};
pub use shared::{SharedScan, SharedTable};
pub use spill_buffer::{SpillBudget, SpillBuffer, SpillTable};
pub use stats::{MalformedFile, MalformedSample, ReadFailure, ScanStats, Snapshot};
pub use table::{ScanRequest, table};
pub use window::ChunkSizes;
