//! Sinks: destinations of a result's text. One file per sink, chosen by the name of the target.

use std::io::Write;
use std::path::Path;

use crate::error::OutputError;

mod file;
mod stdout;

/// A destination for the text of one result. The text takes effect only with [`commit`](Self::commit); a sink dropped
/// before that leaves nothing behind, if the destination allows it.
pub trait Sink: Write + Send {
    /// Completes the result: everything written becomes visible under the requested name.
    ///
    /// # Errors
    /// If the rest cannot be written or the file cannot be moved into place.
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

/// All sinks. The first that accepts a target is used.
pub static SINKS: &[SinkEntry] = &[stdout::ENTRY, file::ENTRY];

/// Opens the sink for a target: `-` is standard output, anything else a file.
///
/// # Errors
/// If the file cannot be created.
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
