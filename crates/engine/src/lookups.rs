//! Lookup tables: CSV files in the lookup directories, referenced by file name.

use std::collections::HashMap;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringBuilder, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema};
use dogwatch_content::MatchType;
use dogwatch_plan::{Lookup, LookupFault, LookupRules, MatchKind};
use dogwatch_syntax::nearest;

use crate::allow_list::rows_at;

/// Larger tables than this are refused: they are held in memory.
const LARGEST: u64 = 1 << 30;

/// A lookup table in memory, under the name that searches use.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name, without `.csv`.
    pub name: String,
    /// The CSV text.
    pub csv: Arc<[u8]>,
    /// The matching rules of the lookup.
    pub rules: LookupRules,
}

/// The lookups of content that have a table.
pub fn tables_of(content: &dogwatch_content::Content) -> Arc<[Table]> {
    let table = |lookup: &dogwatch_content::Lookup| {
        let csv = Arc::clone(lookup.csv.as_ref()?);
        Some(Table { name: lookup.name.clone(), csv, rules: rules_of(lookup) })
    };
    content.lookups.iter().filter_map(table).collect()
}

/// The bytes of a table, and the file that they come from if it is one of the directories'.
pub(crate) fn bytes(directories: &[PathBuf], tables: &[Table], name: &str) -> Option<(Option<PathBuf>, Arc<[u8]>)> {
    match find(directories, name) {
        Some(path) => fs::read(&path).ok().map(|bytes| (Some(path), bytes.into())),
        None => tables.iter().find(|table| table.name == name).map(|table| (None, Arc::clone(&table.csv))),
    }
}

/// Loads a table: its columns as text, and `__row`, the number of the row. Directories come before tables in memory, so
/// that a file can override a table that came with a detection. `now` is the time of the search, microseconds since 1970
/// UTC: rows of the allow-list expire.
///
/// # Errors
/// If no table has that name, or it is not valid CSV, or its definition cannot be read.
pub fn load(directories: &[PathBuf], tables: &[Table], name: &str, now: i64) -> Result<Lookup, LookupFault> {
    let stem = name.strip_suffix(".csv").unwrap_or(name);
    let in_memory = tables.iter().find(|table| table.name == stem);
    let Some(path) = find(directories, name) else {
        let Some(table) = in_memory else { return Err(unknown(directories, tables, name)) };
        let rows = parse(&rows_at(stem, &table.csv, now)).map_err(|why| unreadable(name, &why))?;
        return Ok(Lookup { rows, rules: table.rules.clone() });
    };
    let fault = |message: String| LookupFault { message: format!("the lookup `{name}`: {message}"), help: None };
    let size = fs::metadata(&path).map_err(|e| fault(e.to_string()))?.len();
    if size > LARGEST {
        return Err(fault(format!(
            "{} has {size} bytes, more than the {LARGEST} that a lookup may have",
            path.display()
        )));
    }
    let bytes = fs::read(&path).map_err(|e| fault(e.to_string()))?;
    let rows =
        parse(&rows_at(stem, &bytes, now)).map_err(|why| unreadable(name, &format!("{}: {why}", path.display())))?;
    let definition = path.with_extension("yml");
    let rules = match (fs::read_to_string(&definition), in_memory) {
        (Ok(text), _) => rules(&definition, &text).map_err(|why| fault(format!("{}: {why}", definition.display())))?,
        (Err(why), _) if why.kind() != std::io::ErrorKind::NotFound => {
            return Err(fault(format!("{}: {why}", definition.display())));
        }
        (Err(_), Some(table)) => table.rules.clone(),
        (Err(_), None) => LookupRules::default(),
    };
    Ok(Lookup { rows, rules })
}

/// The lookups that were asked for in a run, each read once: many searches use the same ones.
#[derive(Debug, Default)]
pub struct LoadedLookups(Mutex<HashMap<String, LoadedLookup>>);

/// A lookup as the searches of a run see it.
#[derive(Clone, Debug)]
pub struct LoadedLookup {
    /// Differs where the rows or the rules do.
    pub version: u64,
    /// The table, or why there is none.
    pub lookup: Result<Lookup, LookupFault>,
}

impl LoadedLookups {
    /// The lookup of a name, from `load` if it was not asked for before.
    pub fn get(&self, name: &str, load: impl FnOnce() -> Result<Lookup, LookupFault>) -> LoadedLookup {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = || {
            let lookup = load();
            LoadedLookup { version: version(&lookup), lookup }
        };
        known.entry(name.to_owned()).or_insert_with(loaded).clone()
    }
}

fn version(lookup: &Result<Lookup, LookupFault>) -> u64 {
    let mut hash = std::hash::DefaultHasher::new();
    match lookup {
        Ok(lookup) => {
            format!("{:?} {:?}", lookup.rules, lookup.rows.schema().fields()).hash(&mut hash);
            for column in lookup.rows.columns().iter().filter_map(|column| column.as_string_opt::<i32>()) {
                column.iter().for_each(|value| value.hash(&mut hash));
            }
        }
        Err(fault) => fault.message.hash(&mut hash),
    }
    hash.finish()
}

fn unreadable(name: &str, why: &str) -> LookupFault {
    LookupFault {
        message: format!("the lookup `{name}`: {why}"),
        help: Some("a lookup is a CSV file whose first line names the columns".to_owned()),
    }
}

/// The file of a lookup. A name must not be a path: a search cannot read files outside the directories.
fn find(directories: &[PathBuf], name: &str) -> Option<PathBuf> {
    let plain = !name.is_empty() && Path::new(name).file_name().is_some_and(|f| f == name);
    let names = [name.to_owned(), format!("{name}.csv")];
    let paths = directories.iter().flat_map(|directory| names.iter().map(|n| directory.join(n)));
    plain.then(|| paths.into_iter().find(|p| p.is_file())).flatten()
}

fn unknown(directories: &[PathBuf], tables: &[Table], name: &str) -> LookupFault {
    let message = format!("there is no lookup `{name}`");
    if directories.is_empty() && tables.is_empty() {
        let help = Some(
            "say where lookup tables are: --lookups DIR, with a file of that name (.csv may be left out)".to_owned(),
        );
        return LookupFault { message, help };
    }
    let mut known = known(directories);
    known.extend(tables.iter().map(|table| table.name.clone()));
    let help = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("{} has no CSV file", list(directories)),
        None if directories.is_empty() => format!("there are {}", known.join(", ")),
        None => format!("{} has {}", list(directories), known.join(", ")),
    };
    LookupFault { message, help: Some(help) }
}

/// The rules of a lookup's definition.
pub(crate) fn rules_of(lookup: &dogwatch_content::Lookup) -> LookupRules {
    let kind = |kind| match kind {
        MatchType::Exact => MatchKind::Exact,
        MatchType::Wildcard => MatchKind::Wildcard,
        MatchType::Cidr => MatchKind::Network,
    };
    LookupRules {
        match_types: lookup.match_types.iter().map(|(of, column)| (column.clone(), kind(*of))).collect(),
        case_sensitive: lookup.case_sensitive,
        max_matches: lookup.max_matches.unwrap_or(LookupRules::default().max_matches),
        default_match: lookup.default_match.clone(),
    }
}

/// The rules in a definition beside a table, a YAML file in the shape of Splunk's security content.
fn rules(path: &Path, text: &str) -> Result<LookupRules, String> {
    dogwatch_content::Lookup::parse(path, text.into()).map(|lookup| rules_of(&lookup)).map_err(|complaints| {
        complaints.iter().map(|complaint| complaint.message.as_str()).collect::<Vec<_>>().join("; ")
    })
}

fn list(directories: &[PathBuf]) -> String {
    directories.iter().map(|d| d.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// A few of the available lookups.
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
        let fault = load(&[directory], &[], "../etc/passwd", 0).map(|_| ()).map_err(|f| f.message);
        assert_eq!(fault, Err("there is no lookup `../etc/passwd`".to_owned()));
    }

    #[test]
    fn a_definition_says_how_to_match() {
        let text = "name: x\nmatch_type: [WILDCARD(user), \"CIDR(src)\"]\nmax_matches: 3\ncase_sensitive_match: true\n";
        let read = rules(Path::new("x.yml"), text).map_err(|e| panic!("{e}")).ok();
        let read = read.as_ref();
        assert_eq!(read.map(|r| r.kind_of("user")), Some(MatchKind::Wildcard));
        assert_eq!(read.map(|r| r.kind_of("src")), Some(MatchKind::Network));
        assert_eq!(read.map(|r| r.kind_of("other")), Some(MatchKind::Exact));
        assert_eq!(read.map(|r| (r.max_matches, r.case_sensitive)), Some((3, true)));
        assert!(rules(Path::new("x.yml"), "match_type: []").is_err());
    }

    #[test]
    fn a_file_stands_in_for_a_table_in_memory() {
        let directory = tempfile::tempdir().map_err(|e| panic!("{e}")).ok();
        let path = directory.as_ref().map(|d| d.path().to_owned()).into_iter().collect::<Vec<_>>();
        let rules = LookupRules { max_matches: 7, ..LookupRules::default() };
        let table = Table { name: "t".to_owned(), csv: b"a\n1\n".as_slice().into(), rules: rules.clone() };
        let rows = |found: Result<Lookup, LookupFault>| found.map(|l| (l.rows.num_rows(), l.rules.max_matches)).ok();
        assert_eq!(rows(load(&path, std::slice::from_ref(&table), "t.csv", 0)), Some((1, 7)));
        assert!(fs::write(path[0].join("t.csv"), "a\n1\n2\n").is_ok());
        assert_eq!(rows(load(&path, &[table], "t", 0)), Some((2, 7)));
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
