//! A file that appears only when complete: the text is written to a temporary file beside it, which is renamed at the
//! end. An existing target that is not a regular file (a pipe, `/dev/null`) is written directly, since replacing it would
//! be wrong; a symbolic link is followed and kept.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{Sink, SinkEntry};
use crate::error::OutputError;

pub(super) const ENTRY: SinkEntry = SinkEntry {
    name: "file",
    summary: "A file, which takes its name when the result is complete.",
    accepts: |_| true,
    open: |target| {
        let failed = |source| OutputError::File { path: target.to_owned(), source };
        Ok(Box::new(FileSink::open(target).map_err(failed)?))
    },
};

#[derive(Debug)]
struct FileSink {
    target: PathBuf,
    /// Taken only when the sink ends.
    writer: Option<BufWriter<File>>,
    /// The temporary file beside the target, until it is renamed.
    beside: Option<PathBuf>,
}

impl FileSink {
    fn open(asked: &Path) -> io::Result<Self> {
        let target = fs::canonicalize(asked).unwrap_or_else(|_| asked.to_owned());
        let existing = fs::metadata(&target).ok();
        if existing.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
        }
        if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
            let file = OpenOptions::new().write(true).open(&target)?;
            return Ok(Self { target, writer: Some(BufWriter::new(file)), beside: None });
        }
        let Some(name) = target.file_name() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it names no file"));
        };
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.partial", std::process::id()));
        let beside = target.with_file_name(hidden);
        let file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
        let sink = Self { target, writer: Some(BufWriter::with_capacity(64 << 10, file)), beside: Some(beside) };
        if let (Some(metadata), Some(beside)) = (existing, &sink.beside) {
            fs::set_permissions(beside, metadata.permissions())?;
        }
        Ok(sink)
    }

    fn close(&mut self) -> io::Result<()> {
        if let Some(mut writer) = self.writer.take() {
            writer.flush()?;
        }
        if let Some(beside) = &self.beside {
            fs::rename(beside, &self.target)?;
            self.beside = None;
        }
        Ok(())
    }

    fn open_writer(&mut self) -> io::Result<&mut BufWriter<File>> {
        self.writer.as_mut().ok_or_else(|| io::Error::other("the file is closed already"))
    }
}

impl Write for FileSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open_writer()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open_writer()?.flush()
    }
}

impl Sink for FileSink {
    fn commit(mut self: Box<Self>) -> Result<(), OutputError> {
        self.close().map_err(|source| OutputError::File { path: self.target.clone(), source })
    }

    fn writer(&mut self) -> &mut dyn Write {
        self
    }
}

impl Drop for FileSink {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            // The run has already failed and reports why; a leftover temporary file is not worth another error.
            let _ = fs::remove_file(beside);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::open;

    fn names(directory: &Path) -> Vec<String> {
        fs::read_dir(directory).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn the_file_appears_only_when_complete() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("result.json");
        let mut sink = open(&target).unwrap();
        sink.write_all(b"[]\n").unwrap();
        sink.flush().unwrap();
        assert!(!target.exists());
        sink.commit().unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "[]\n");
        assert_eq!(names(directory.path()), ["result.json"]);
    }

    #[test]
    fn a_dropped_sink_leaves_the_old_file_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("result.json");
        fs::write(&target, "old").unwrap();
        let mut sink = open(&target).unwrap();
        sink.write_all(b"new").unwrap();
        drop(sink);
        assert_eq!(fs::read_to_string(&target).unwrap(), "old");
        assert_eq!(names(directory.path()), ["result.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_a_device_a_device() {
        let directory = tempfile::tempdir().unwrap();
        let (target, link) = (directory.path().join("real"), directory.path().join("link"));
        fs::write(&target, "old").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let mut sink = open(&link).unwrap();
        sink.write_all(b"new").unwrap();
        sink.commit().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");

        open(Path::new("/dev/null")).unwrap().commit().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn a_place_that_is_not_there_is_named() {
        let directory = tempfile::tempdir().unwrap();
        for target in [directory.path().to_owned(), directory.path().join("no/such/result")] {
            let error = open(&target).err().unwrap().to_string();
            assert!(error.contains(&*target.to_string_lossy()), "{error}");
        }
    }
}
