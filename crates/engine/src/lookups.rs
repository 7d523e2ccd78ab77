//! Lookup tables: CSV files of the lookup directories, called by their file names.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringBuilder, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema};
use dogwatch_plan::LookupFault;
use dogwatch_syntax::nearest;

/// Larger tables than this are refused: they are held in memory.
const LARGEST: u64 = 1 << 30;

/// Loads a table: its columns as text, and `__row`, the number of the row.
///
/// # Errors
/// If no directory has it, or it is no CSV table.
pub fn load(directories: &[PathBuf], name: &str) -> Result<RecordBatch, LookupFault> {
    let path = find(directories, name)?;
    let fault = |message: String| LookupFault { message: format!("the lookup `{name}`: {message}"), help: None };
    let size = fs::metadata(&path).map_err(|e| fault(e.to_string()))?.len();
    if size > LARGEST {
        return Err(fault(format!(
            "{} has {size} bytes, more than the {LARGEST} that a lookup may have",
            path.display()
        )));
    }
    let bytes = fs::read(&path).map_err(|e| fault(e.to_string()))?;
    parse(&bytes).map_err(|why| LookupFault {
        message: format!("the lookup `{name}`: {}: {why}", path.display()),
        help: Some("a lookup is a CSV file whose first line names the columns".to_owned()),
    })
}

fn find(directories: &[PathBuf], name: &str) -> Result<PathBuf, LookupFault> {
    // A name is a name: a search must not read files elsewhere.
    let plain = !name.is_empty() && Path::new(name).file_name().is_some_and(|f| f == name);
    let names = [name.to_owned(), format!("{name}.csv")];
    if plain {
        for directory in directories {
            if let Some(path) = names.iter().map(|n| directory.join(n)).find(|p| p.is_file()) {
                return Ok(path);
            }
        }
    }
    let message = format!("there is no lookup `{name}`");
    if directories.is_empty() {
        let help = Some(
            "say where lookup tables are: --lookups DIR, with a file of that name (.csv may be left out)".to_owned(),
        );
        return Err(LookupFault { message, help });
    }
    let known = known(directories);
    let help = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("{} has no CSV file", list(directories)),
        None => format!("{} has {}", list(directories), known.join(", ")),
    };
    Err(LookupFault { message, help: Some(help) })
}

fn list(directories: &[PathBuf]) -> String {
    directories.iter().map(|d| d.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// A few of the lookups that there are.
fn known(directories: &[PathBuf]) -> Vec<String> {
    let mut names: Vec<String> = directories
        .iter()
        .filter_map(|directory| fs::read_dir(directory).ok())
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".csv"))
        .collect();
    names.sort();
    names.truncate(200);
    names
}

fn parse(bytes: &[u8]) -> Result<RecordBatch, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header: Vec<String> = match reader.byte_headers() {
        Ok(header) => header.iter().map(|h| String::from_utf8_lossy(h).trim().to_owned()).collect(),
        Err(error) => return Err(error.to_string()),
    };
    if header.iter().all(String::is_empty) {
        return Err("it is empty".to_owned());
    }
    if let Some(twice) = header.iter().enumerate().find(|(i, name)| header[..*i].contains(name)) {
        return Err(format!("the column `{}` is there twice", twice.1));
    }
    let mut columns: Vec<StringBuilder> = header.iter().map(|_| StringBuilder::new()).collect();
    let mut rows = 0_u64;
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|e| e.to_string())? {
        for (i, column) in columns.iter_mut().enumerate() {
            match record.get(i) {
                Some(value) if !value.is_empty() => column.append_value(String::from_utf8_lossy(value)),
                _ => column.append_null(),
            }
        }
        rows += 1;
    }
    let mut fields: Vec<Field> = header.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
    fields.push(Field::new("__row", DataType::UInt64, false));
    let mut arrays: Vec<ArrayRef> = columns.iter_mut().map(|c| Arc::new(c.finish()) as ArrayRef).collect();
    arrays.push(Arc::new(UInt64Array::from_iter_values(0..rows)));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_path() {
        let directory = std::env::temp_dir();
        let fault = load(&[directory], "../etc/passwd").map(|_| ()).map_err(|f| f.message);
        assert_eq!(fault, Err("there is no lookup `../etc/passwd`".to_owned()));
    }

    #[test]
    fn a_table_has_its_columns_and_row_numbers() {
        let table = parse(b"user,group\nal,staff\nbo,\n").map_err(|e| panic!("{e}")).ok();
        let table = table.as_ref();
        assert_eq!(table.map(|t| (t.num_rows(), t.num_columns())), Some((2, 3)));
        assert_eq!(table.map(|t| t.column(1).null_count()), Some(1));
        assert!(parse(b"").is_err());
        assert!(parse(b"a,a\n1,2\n").is_err());
    }
}
