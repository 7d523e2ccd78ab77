//! The inputs of a search: the files in order, each with its format and names.
//!
//! The beginning of every file is read here, once, to recognise compression and format. Its rows are read by
//! [`crate::table`] and [`crate::discover`], as often as needed.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::PathBuf;

use dogwatch_formats::{FORMATS, Format, Framing};

use crate::compression::{self, Compression};
use crate::error::InputError;
use crate::listing::{Candidate, Kind, Listing};
use crate::names::NameTable;
use crate::range_reader::{self, Place, RangeReader};

/// Bytes at the beginning of a file from which its format is recognised.
const HEAD: usize = 64 * 1024;

/// The `host` of rows that name none, if no other is given.
pub const UNKNOWN_HOST: &str = "unknown";

/// Options for listing inputs.
#[derive(Clone, Debug)]
pub struct InputOptions {
    /// The `host` of rows that name none themselves; [`UNKNOWN_HOST`] if not given.
    pub host: Option<String>,
    /// The `sourcetype` of all rows. If it is one of a format's names, every file is read as that format.
    pub sourcetype: Option<String>,
    /// The `index` of all rows.
    pub index: Option<String>,
    /// The names of the formats.
    pub names: NameTable,
    /// The formats that are recognised.
    pub formats: &'static [&'static dyn Format],
}

impl Default for InputOptions {
    fn default() -> Self {
        Self { host: None, sourcetype: None, index: None, names: NameTable::default(), formats: FORMATS }
    }
}

/// Files to search, in order.
#[derive(Debug)]
pub struct Inputs {
    files: Vec<InputFile>,
    names: NameTable,
    skipped: usize,
    empty: usize,
}

/// One file to search.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// Its path; `-` for standard input.
    pub path: PathBuf,
    /// Its `source`: the path as given (for files in a directory, starting with the directory as given), `stdin` for `-`.
    pub source: String,
    /// Its format.
    pub format: &'static dyn Format,
    /// Its compression.
    pub compression: Compression,
    /// Its size on disk when it was listed, bytes. It is not read further than that.
    pub size: u64,
    /// The `host` of its rows that name none.
    pub host: String,
    /// The `sourcetype` of its rows.
    pub sourcetype: String,
    /// The `index` of its rows.
    pub index: String,
    /// Its framing into rows.
    pub framing: Framing,
    pub(crate) place: Place,
}

impl InputFile {
    /// Whether several workers can read it at once.
    pub fn splittable(&self) -> bool {
        self.compression == Compression::None && matches!(self.framing, Framing::Lines { .. })
    }
}

impl Inputs {
    /// Finds the files behind the paths and recognises their formats. A path is a file, a directory (searched
    /// recursively), a glob, or `-` for standard input. Files are ordered by path as given and, within directories, by
    /// name; the files of a rotated set are kept together, oldest first.
    ///
    /// Inputs that cannot be searched are returned as errors. In directories, hidden files and files that are not logs
    /// are skipped ([`Inputs::skipped`]).
    pub fn list(paths: &[String], options: &InputOptions) -> (Self, Vec<InputError>) {
        Self::list_with(paths, options, &mut io::stdin())
    }

    /// [`Inputs::list`] with a substitute for standard input.
    pub fn list_with(paths: &[String], options: &InputOptions, stdin: &mut dyn Read) -> (Self, Vec<InputError>) {
        let listing = Listing::of(paths);
        let mut errors = listing.errors;
        let mut inputs = Self { files: Vec::new(), names: options.names.clone(), skipped: listing.skipped, empty: 0 };
        for candidate in &listing.candidates {
            match look(candidate, options, stdin) {
                Ok(Found::Log(file)) => inputs.files.push(*file),
                Ok(Found::Empty) => inputs.empty += 1,
                Ok(Found::Other) => inputs.skipped += 1,
                Err(error) => errors.push(error),
            }
        }
        (inputs, errors)
    }

    /// The files in order; a file's index is its rank in `__seq`.
    pub fn files(&self) -> &[InputFile] {
        &self.files
    }

    /// The names of the formats.
    pub fn names(&self) -> &NameTable {
        &self.names
    }

    /// Number of skipped entries of directories and globs: hidden ones, pipes, and files that are not logs.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// Number of empty files.
    pub fn empty(&self) -> usize {
        self.empty
    }

    /// The size of all files on disk, bytes.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// The formats that the files have, each once.
    pub fn formats(&self) -> Vec<&'static dyn Format> {
        let mut formats: Vec<&'static dyn Format> = Vec::new();
        for file in &self.files {
            if !formats.iter().any(|format| format.name() == file.format.name()) {
                formats.push(file.format);
            }
        }
        formats
    }

    /// Whether a field is multivalue in any of the files, and therefore a list column.
    pub fn is_multivalue(&self, field: &str) -> bool {
        self.formats().iter().any(|format| format.is_multivalue(field))
    }
}

/// Result of recognising a candidate.
enum Found {
    Log(Box<InputFile>),
    Empty,
    /// Not a log, and not named by the user.
    Other,
}

fn look(candidate: &Candidate, options: &InputOptions, stdin: &mut dyn Read) -> Result<Found, InputError> {
    let unreadable = |error| InputError::Unreadable { path: candidate.source.clone(), error };
    let (place, size) = match candidate.kind {
        Kind::Regular => {
            let size = fs::metadata(&candidate.path).map_err(unreadable)?.len();
            (Place::Path(candidate.path.clone()), size)
        }
        Kind::Stdin => spool(candidate, stdin)?,
        Kind::Stream => spool(candidate, &mut File::open(&candidate.path).map_err(unreadable)?)?,
    };
    let open = || place.open().map(|file| RangeReader::new(file, 0, size));
    let (first, read) = compression::head(&mut open().map_err(unreadable)?, HEAD);
    read.map_err(unreadable)?;
    let compression = Compression::of(&first)
        .map_err(|method| InputError::UnknownCompression { path: candidate.source.clone(), method })?;
    let (head, intact) = match compression {
        Compression::None => (first, Ok(())),
        _ => compression::decompress(open().map_err(unreadable)?, compression)
            .map_or_else(|error| (Vec::new(), Err(error)), |mut reader| compression::head(&mut reader, HEAD)),
    };
    if intact.is_ok() && head.len() < HEAD && head.iter().all(u8::is_ascii_whitespace) {
        return Ok(Found::Empty);
    }
    let Some(format) = recognise(&head, options) else {
        // The readable part of a damaged file may be too short to recognise it.
        intact.map_err(|error| InputError::Damaged {
            path: candidate.source.clone(),
            method: compression.as_str(),
            error,
        })?;
        let known = options.formats.iter().map(|format| format.name()).collect::<Vec<_>>().join(", ");
        let error = InputError::NotALog { path: candidate.source.clone(), known };
        return if candidate.explicit { Err(error) } else { Ok(Found::Other) };
    };
    let names = options.names.of_format(format);
    let name = |given: &Option<String>, named: Option<&String>, own: &str| {
        given.as_ref().or(named).map_or_else(|| own.to_owned(), String::clone)
    };
    Ok(Found::Log(Box::new(InputFile {
        path: candidate.path.clone(),
        source: candidate.source.clone(),
        format,
        compression,
        size,
        host: name(&options.host, None, UNKNOWN_HOST),
        sourcetype: name(&options.sourcetype, names.map(|names| &names.sourcetype), format.sourcetype()),
        index: name(&options.index, names.map(|names| &names.index), format.index()),
        framing: format.framing(&head),
        place,
    })))
}

fn spool(candidate: &Candidate, reader: &mut dyn Read) -> Result<(Place, u64), InputError> {
    range_reader::spool(reader).map_err(|error| InputError::Spool {
        path: candidate.source.clone(),
        directory: std::env::temp_dir(),
        error,
    })
}

/// The format that the user named; otherwise the best match, and of equal ones the first, which is the most specific.
fn recognise(head: &[u8], options: &InputOptions) -> Option<&'static dyn Format> {
    let named = options.sourcetype.as_ref().and_then(|name| options.names.format_of_sourcetype(name));
    if let Some(names) = named {
        return Some(names.format);
    }
    let mut best: Option<(u8, &'static dyn Format)> = None;
    for &format in options.formats {
        let fit = format.sniff(head);
        if fit > best.map_or(0, |(fit, _)| fit) {
            best = Some((fit, format));
        }
    }
    best.map(|(_, format)| format)
}
