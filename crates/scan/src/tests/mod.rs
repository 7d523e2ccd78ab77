//! Tests over several modules: what is listed, how it is split, and what comes out of a plan.

mod corpus;
mod listing;
mod places;
mod plans;
mod splitting;
mod throughput;

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use dogwatch_formats::Format;
use tempfile::TempDir;

use crate::columns;
use crate::error::InputError;
use crate::inputs::{InputOptions, Inputs};
use crate::names::NameTable;
use crate::row_builder::{Output, RowBuilder};
use crate::stats::{ScanStats, Snapshot};
use crate::table::ScanRequest;
use crate::test_format::{JSON_LIKE, PAIRS};
use crate::work::{ScanPredicates, Work};

static FORMATS: &[&dyn Format] = &[&PAIRS, &JSON_LIKE];

fn options() -> InputOptions {
    InputOptions { names: NameTable::of(FORMATS), formats: FORMATS, ..InputOptions::default() }
}

/// A directory with files.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn add(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn root(&self) -> String {
        self.0.path().to_str().unwrap().to_owned()
    }

    /// Without the directory.
    fn relative<'a>(&self, source: &'a str) -> &'a str {
        source.strip_prefix(&self.root()).map_or(source, |rest| rest.trim_start_matches('/'))
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 1).unwrap()
}

fn list(paths: &[&str]) -> (Arc<Inputs>, Vec<String>) {
    let (inputs, errors) = list_errors(paths);
    (inputs, errors.iter().map(InputError::to_string).collect())
}

fn list_errors(paths: &[&str]) -> (Arc<Inputs>, Vec<InputError>) {
    let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
    let (inputs, errors) = Inputs::list_with(&paths, &options(), &mut &b""[..]);
    (Arc::new(inputs), errors)
}

/// The inputs behind paths without a fault.
fn inputs(paths: &[&str]) -> Arc<Inputs> {
    let (inputs, errors) = list(paths);
    assert_eq!(errors, [""; 0]);
    inputs
}

fn request(fields: &[&str]) -> ScanRequest {
    ScanRequest { fields: fields.iter().map(|&field| field.to_owned()).collect(), ..ScanRequest::default() }
}

#[derive(Clone, Default)]
struct Batches(Arc<Mutex<Vec<RecordBatch>>>);

impl Output for Batches {
    fn send(&mut self, batch: Result<RecordBatch, ArrowError>) -> ControlFlow<()> {
        self.0.lock().unwrap().push(batch.unwrap());
        ControlFlow::Continue(())
    }

    fn is_closed(&self) -> bool {
        false
    }
}

/// A column as text; null is `∅`.
fn texts(batches: &[RecordBatch], column: &str) -> Vec<String> {
    let options = FormatOptions::new().with_null("∅");
    let mut texts = Vec::new();
    for batch in batches {
        let array = batch.column_by_name(column).unwrap();
        let formatter = ArrayFormatter::try_new(array, &options).unwrap();
        texts.extend((0..array.len()).map(|row| formatter.value(row).to_string()));
    }
    texts
}

/// Rows in order of `__seq`, which is first; the wanted columns, then what was counted.
fn rows(inputs: &Arc<Inputs>, request: &ScanRequest, wanted: &[&str]) -> (Vec<Vec<String>>, Snapshot) {
    let stats = Arc::new(ScanStats::default());
    let work = Work::new(inputs, &ScanPredicates::One(&request.condition), request.prefilter, request.sizes, &stats);
    let schema = Arc::new(columns::schema(&request.fields, inputs));
    let batches = Batches::default();
    work.run(&mut RowBuilder::new(schema, request.bounds(), batches.clone()));
    let batches = batches.0.lock().unwrap();
    let columns = std::iter::once("__seq").chain(wanted.iter().copied());
    let columns: Vec<Vec<String>> = columns.map(|column| texts(&batches, column)).collect();
    let count = columns[0].len();
    let mut rows: Vec<Vec<String>> =
        (0..count).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect();
    rows.sort_by_key(|row| row[0].parse::<u64>().unwrap());
    (rows, stats.snapshot())
}

/// One column of all rows, in order.
fn column(inputs: &Arc<Inputs>, name: &str) -> Vec<String> {
    let rows = rows(inputs, &request(&[name]), &[name]).0;
    rows.into_iter().map(|mut row| row.swap_remove(1)).collect()
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| std::os::unix::fs::MetadataExt::uid(&metadata) == 0)
}

fn link(target: &Path, name: &Path) {
    std::os::unix::fs::symlink(target, name).unwrap();
}
