//! Sinks: where the text of a result goes. One file per sink, chosen by the name of the target.

use std::io::Write;
use std::path::Path;

use crate::error::OutputError;

mod file;
mod stdout;

/// A place for the text of one result. What was written counts only after [`commit`](Self::commit); a sink that is
/// dropped before leaves nothing behind, where the place allows it.
pub trait Sink: Write + Send {
    /// Ends the result: everything written is there, under the name that was asked for.
    ///
    /// # Errors
    /// When the rest cannot be written or the file cannot be put in its place.
    fn commit(self: Box<Self>) -> Result<(), OutputError>;

    /// The sink as a writer.
    fn writer(&mut self) -> &mut dyn Write;
}

/// A kind of sink in the registry.
#[derive(Debug)]
pub struct SinkEntry {
    /// Its name.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    accepts: fn(&Path) -> bool,
    open: fn(&Path) -> Result<Box<dyn Sink>, OutputError>,
}

/// All sinks. The first that accepts a target takes it.
pub static SINKS: &[SinkEntry] = &[stdout::ENTRY, file::ENTRY];

/// Opens the sink for a target: `-` is standard output, anything else a file.
///
/// # Errors
/// When the file cannot be made.
pub fn open(target: &Path) -> Result<Box<dyn Sink>, OutputError> {
    let entry = SINKS.iter().find(|entry| (entry.accepts)(target)).unwrap_or(&stdout::ENTRY);
    (entry.open)(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_its_sink() {
        let name = |target: &str| SINKS.iter().find(|s| (s.accepts)(Path::new(target))).map(|s| s.name);
        assert_eq!(name("-"), Some("stdout"));
        assert_eq!(name("-x"), Some("file"));
        assert_eq!(name("a/b.json"), Some("file"));
    }
}
