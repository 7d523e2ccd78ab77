//! The allow-list: which findings are known to be harmless, who said so, why, and until when.
//!
//! The searches apply it, through the macro `allowlist`; here its rows are checked before they silence anything, and
//! new ones are written. A row that is expired or faulty is reported, with what to write instead.

use std::net::IpAddr;

use dogwatch_syntax::{Code, Diagnostic, Span};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The name of the lookup.
pub const ALLOW_LIST: &str = "container_api_allowlist";

/// The macro with which the bundled detections leave out what the allow-list silences, and its definition there.
const NOT_SUPPRESSED: (&str, &str) = ("not_suppressed", r#"where suppressed_by="-""#);

/// Whether a macro leaves out what the allow-list silences.
pub fn leaves_out_suppressed(name: &str, definition: &str) -> bool {
    (name, definition.trim()) == NOT_SUPPRESSED
}

/// The day of a time, microseconds since 1970 UTC, in UTC. One that no calendar has is the first day of 1970.
pub fn day_of(micros: i64) -> Date {
    let time = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
    TimeZone::UTC.to_datetime(time).date()
}

/// The columns, in the order in which they are written. The first six take `*` for any text.
pub const COLUMNS: [&str; 10] =
    ["detection", "user", "dest", "user_agent", "namespace", "command", "src", "reason", "owner", "expires"];

/// How many of the columns are patterns.
const PATTERNS: usize = 6;

/// A day that never comes.
const NEVER: &str = "never";

/// The rows of an allow-list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    /// Its rows, in order.
    pub rows: Vec<AllowRow>,
    /// Why none of them can be read: the header lacks a column.
    pub fault: Option<String>,
}

/// A row: what it silences, and whether it does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowRow {
    /// The line of the file, from 1; 0 for a row that is in none.
    pub line: u64,
    /// The row in the file's bytes.
    pub span: Span,
    /// The detection's name.
    pub detection: String,
    /// Who acts.
    pub user: String,
    /// The host that it happens on.
    pub dest: String,
    /// The client of a Kubernetes request.
    pub user_agent: String,
    /// The namespace that is asked for.
    pub namespace: String,
    /// The command line, or the program where there is none.
    pub command: String,
    /// Where from: `*`, an address, or a network such as `10.20.0.0/16`.
    pub src: String,
    /// Why it is harmless.
    pub reason: String,
    /// Who answers for that.
    pub owner: String,
    /// The last day on which it holds, `2027-03-31`, or `never`.
    pub expires: String,
    /// Whether it silences anything.
    pub state: RowState,
}

/// Whether a row silences anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RowState {
    /// It does.
    #[default]
    Active,
    /// Its day has passed.
    Expired,
    /// It cannot be used: what is wrong, and what to write.
    Faulty(String),
}

impl AllowList {
    /// Reads the table. `today` decides which rows have expired; a row still holds on its last day.
    pub fn parse(bytes: &[u8], today: Date) -> Self {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let mut record = csv::ByteRecord::new();
        let mut list = Self::default();
        let mut header: Option<Header> = None;
        let (mut line, mut counted) = (1, 0);
        // Reading from memory, and bytes rather than text, leaves nothing that could fail; an error ends the table.
        while let Ok(true) = reader.read_byte_record(&mut record) {
            if record.iter().all(<[u8]>::is_empty) {
                continue;
            }
            let Some(header) = &header else {
                match read_header(&record) {
                    Ok(read) => header = Some(read),
                    Err(fault) => return Self { fault: Some(fault), ..list },
                }
                continue;
            };
            let start = record.position().map_or(0, csv::Position::byte);
            let start = usize::try_from(start).unwrap_or(usize::MAX).min(bytes.len());
            let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX).clamp(start, bytes.len());
            let span = trimmed(bytes, start, end);
            // The reader does not count empty lines in front of a row.
            line += bytes[counted..span.start].iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
            counted = span.start;
            list.rows.push(read_row(&record, header, span, line, today));
        }
        if header.is_none() {
            list.fault = Some(format!("it has no header: the first line is `{}`", header_line()));
        }
        list
    }

    /// The table with rows added at its end. What is there stays as it is, byte for byte.
    pub fn append(existing: &[u8], rows: &[AllowRow]) -> Vec<u8> {
        append(existing, &COLUMNS, rows.iter().map(AllowRow::to_line))
    }

    /// The table with only the rows that silence something.
    pub fn in_force(&self) -> Vec<u8> {
        let rows: Vec<AllowRow> = self.rows.iter().filter(|row| row.state == RowState::Active).cloned().collect();
        Self::append(&[], &rows)
    }

    /// Rows that do not do what they were written for, a line each. `name` is what the table is called.
    pub fn warnings(&self, name: &str) -> Vec<String> {
        let mut lines: Vec<String> = self.fault.iter().map(|fault| format!("{name}: {fault}")).collect();
        for row in &self.rows {
            match &row.state {
                RowState::Active => {}
                RowState::Expired => lines.push(format!(
                    "{name}:{}: this row of the allow-list expired on {} and silences nothing any more ({}; owner {})",
                    row.line, row.expires, row.reason, row.owner
                )),
                RowState::Faulty(why) => lines.push(format!("{name}:{}: {why}", row.line)),
            }
        }
        lines
    }

    /// What is wrong with the table, placed in it.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let whole = self.fault.iter().map(|fault| {
            Diagnostic::error(Code::BadRow, Span::at(0), format!("the allow-list cannot be used: {fault}"))
        });
        whole.chain(self.rows.iter().filter_map(AllowRow::diagnostic)).collect()
    }
}

impl AllowRow {
    /// The row as a line of the table, without its line break.
    pub fn to_line(&self) -> String {
        csv_line(self.cells())
    }

    /// The row's values in the order of [`COLUMNS`].
    pub fn cells(&self) -> [&str; 10] {
        [
            &self.detection,
            &self.user,
            &self.dest,
            &self.user_agent,
            &self.namespace,
            &self.command,
            &self.src,
            &self.reason,
            &self.owner,
            &self.expires,
        ]
    }

    /// What is wrong with the row, if anything is.
    pub fn diagnostic(&self) -> Option<Diagnostic> {
        match &self.state {
            RowState::Active => None,
            RowState::Expired => Some(
                Diagnostic::warning(
                    Code::ExpiredRow,
                    self.span,
                    format!("this row expired on {} and silences nothing any more", self.expires),
                )
                .with_help(format!("ask {} whether it still holds: give it a new day, or delete it", self.owner)),
            ),
            RowState::Faulty(why) => Some(Diagnostic::error(Code::BadRow, self.span, why.clone())),
        }
    }

    /// Checks a row that is about to be written, as [`AllowList::parse`] would.
    pub fn check(&self, today: Date) -> RowState {
        if let Some((column, _)) = COLUMNS.iter().zip(self.cells()).find(|(_, cell)| cell.trim().is_empty()) {
            return RowState::Faulty(empty(column));
        }
        if self.cells()[..=PATTERNS].iter().all(|cell| *cell == "*") {
            return RowState::Faulty(
                "this row silences every finding: name at least a detection, a user or a client".to_owned(),
            );
        }
        if let Some(fault) = bad_source(&self.src) {
            return RowState::Faulty(fault);
        }
        if self.expires == NEVER {
            return RowState::Active;
        }
        match self.expires.parse::<Date>() {
            Ok(day) if self.expires.len() == 10 && day < today => RowState::Expired,
            Ok(_) if self.expires.len() == 10 => RowState::Active,
            _ => RowState::Faulty(format!(
                "`expires` is `{}`: write the last day as year-month-day, such as {}, or `{NEVER}`",
                self.expires,
                today.saturating_add(jiff::Span::new().days(90)),
            )),
        }
    }
}

/// Where each column stands in the table, and how many the table has.
struct Header {
    places: Vec<usize>,
    width: usize,
}

fn read_header(record: &csv::ByteRecord) -> Result<Header, String> {
    let clean = |cell: &[u8]| {
        let text = String::from_utf8_lossy(cell);
        text.trim_start_matches('\u{feff}').trim().to_owned()
    };
    let names: Vec<String> = record.iter().map(clean).collect();
    let place = |column: &&str| names.iter().position(|name| name == column);
    let missing: Vec<&str> = COLUMNS.iter().filter(|column| place(column).is_none()).copied().collect();
    if missing.is_empty() {
        return Ok(Header { places: COLUMNS.iter().filter_map(place).collect(), width: record.len() });
    }
    Err(format!("its header lacks `{}`: the first line is `{}`", missing.join("`, `"), header_line()))
}

fn read_row(record: &csv::ByteRecord, header: &Header, span: Span, line: u64, today: Date) -> AllowRow {
    let cell = |column: usize| {
        let bytes = header.places.get(column).and_then(|at| record.get(*at)).unwrap_or_default();
        String::from_utf8_lossy(bytes).trim().to_owned()
    };
    let mut row = AllowRow {
        line,
        span,
        detection: cell(0),
        user: cell(1),
        dest: cell(2),
        user_agent: cell(3),
        namespace: cell(4),
        command: cell(5),
        src: cell(6),
        reason: cell(7),
        owner: cell(8),
        expires: cell(9),
        state: RowState::Active,
    };
    row.state = if record.len() > header.width {
        RowState::Faulty(format!(
            "this row has {} cells, the header {}: put a cell with a comma in it in double quotes",
            record.len(),
            header.width
        ))
    } else {
        row.check(today)
    };
    row
}

fn empty(column: &str) -> String {
    let instead = match column {
        "reason" => "write why the finding is harmless",
        "owner" => "write who answers for that",
        "expires" => "write the last day on which it holds, or `never`",
        _ => "write `*` for any",
    };
    format!("`{column}` is empty, so this row matches nothing: {instead}")
}

/// What is wrong with a source: it is neither `*` nor an address nor a network.
fn bad_source(src: &str) -> Option<String> {
    if src == "*" || src.parse::<IpAddr>().is_ok() {
        return None;
    }
    let network = src.split_once('/').and_then(|(address, length)| {
        let widest = if address.parse::<IpAddr>().ok()?.is_ipv4() { 32 } else { 128 };
        length.parse::<u8>().ok().filter(|length| *length <= widest)
    });
    if network.is_some() {
        return None;
    }
    Some(format!("`src` is `{src}`: write `*`, an address such as `10.20.0.7`, or a network such as `10.20.0.0/16`"))
}

fn header_line() -> String {
    COLUMNS.join(",")
}

/// A table of CSV with further lines, which end as its own do. An empty one gets its header.
pub fn append(existing: &[u8], columns: &[&str], lines: impl Iterator<Item = String>) -> Vec<u8> {
    let mut written = existing.to_vec();
    let end: &[u8] = if existing.windows(2).any(|pair| pair == b"\r\n") { b"\r\n" } else { b"\n" };
    if existing.iter().all(u8::is_ascii_whitespace) {
        written.clear();
        written.extend_from_slice(columns.join(",").as_bytes());
        written.extend_from_slice(end);
    } else if !existing.ends_with(b"\n") {
        written.extend_from_slice(end);
    }
    for line in lines {
        written.extend_from_slice(line.as_bytes());
        written.extend_from_slice(end);
    }
    written
}

/// A line of CSV, without its end.
pub fn csv_line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    cells.into_iter().map(quoted).collect::<Vec<_>>().join(",")
}

/// A cell, in quotes where it needs them (RFC 4180).
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ') {
        return format!("\"{}\"", cell.replace('"', "\"\""));
    }
    cell.to_owned()
}

fn trimmed(bytes: &[u8], start: usize, end: usize) -> Span {
    let row = &bytes[start..end];
    let is_break = |byte: &&u8| matches!(byte, b'\r' | b'\n');
    let front = row.iter().take_while(is_break).count();
    let back = row[front..].iter().rev().take_while(is_break).count();
    Span::new(start + front, end - back)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const HEADER: &str = "detection,user,dest,user_agent,namespace,command,src,reason,owner,expires\n";

    fn parse(rows: &str) -> AllowList {
        AllowList::parse(format!("{HEADER}{rows}").as_bytes(), date(2026, 11, 25))
    }

    fn state(row: &str) -> RowState {
        parse(row).rows[0].state.clone()
    }

    #[test]
    fn rows_hold_until_their_day_has_passed() {
        let row = |expires: &str| format!("*,ci,*,*,*,*,10.0.0.0/8,deploys,Ana,{expires}\n");
        assert_eq!(state(&row("never")), RowState::Active);
        assert_eq!(state(&row("2026-11-25")), RowState::Active);
        assert_eq!(state(&row("2026-11-24")), RowState::Expired);
        for bad in ["25.11.2026", "2026-11-31", "2026-11-25T10:00", "soon", "Never"] {
            assert!(matches!(state(&row(bad)), RowState::Faulty(why) if why.contains("expires")), "{bad}");
        }
    }

    #[test]
    fn what_cannot_be_used_says_what_to_write() {
        let told = |row: &str| match state(row) {
            RowState::Faulty(why) => why,
            other => format!("{other:?}"),
        };
        assert!(told("X,,*,*,*,*,*,r,o,never\n").contains("`user` is empty"));
        assert!(told("X,u,*,*,*,*,*,,o,never\n").contains("write why"));
        assert!(told("X,u,*,*,*,*,*,r\n").contains("`owner` is empty"));
        assert!(told("X,u,*,*,*,*,10.0.*,r,o,never\n").contains("network"));
        assert!(told("X,u,*,*,*,*,10.0.0.0/33,r,o,never\n").contains("network"));
        assert!(told("*,*,*,*,*,*,*,r,o,never\n").contains("every finding"));
        assert!(told("X,u,*,*,*,*,*,r,o,never,more\n").contains("11 cells"));
        assert_eq!(state("X,u,*,*,*,*,2001:db8::/32,r,o,never\n"), RowState::Active);
        assert!(AllowList::parse(b"a,b\n1,2\n", date(2026, 1, 1)).fault.is_some_and(|f| f.contains("`detection`")));
        assert!(AllowList::parse(b"", date(2026, 1, 1)).fault.is_some());
    }

    #[test]
    fn faults_are_placed_in_the_table() {
        let text = format!("{HEADER}\nX,u,*,*,*,*,*,\"a, b\",o,2020-01-01\r\nX,,*,*,*,*,*,r,o,never");
        let list = AllowList::parse(text.as_bytes(), date(2026, 11, 25));
        assert_eq!(list.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 4]);
        let told = list.diagnostics();
        assert_eq!(told[0].code, Code::ExpiredRow);
        assert_eq!(&text[told[0].span.range()], "X,u,*,*,*,*,*,\"a, b\",o,2020-01-01");
        assert_eq!(&text[told[1].span.range()], "X,,*,*,*,*,*,r,o,never");
    }

    #[test]
    fn only_rows_that_hold_are_in_force_and_the_others_are_reported() {
        let list = parse(
            "*,ci,*,*,*,*,*,deploys,Ana,2026-11-25\n*,cd,*,*,*,*,*,deploys,Ana,2026-11-24\n*,,*,*,*,*,*,r,o,never\n",
        );
        let in_force = String::from_utf8(list.in_force()).unwrap();
        assert_eq!(in_force, format!("{HEADER}*,ci,*,*,*,*,*,deploys,Ana,2026-11-25\n"));
        let warnings = list.warnings("a.csv");
        assert_eq!(warnings.len(), 2);
        assert!(warnings[0].starts_with("a.csv:3: this row of the allow-list expired on 2026-11-24"), "{warnings:?}");
        assert!(warnings[1].starts_with("a.csv:4: `user` is empty"), "{warnings:?}");
        assert_eq!(day_of(1_795_449_778_850_211), date(2026, 11, 23));
    }

    #[test]
    fn rows_are_added_and_the_rest_is_left_alone() {
        let row = AllowRow {
            detection: "A, \"b\"".to_owned(),
            user: "u".to_owned(),
            reason: "r".to_owned(),
            ..parse("*,*,*,*,*,*,10.0.0.1,r,o,never\n").rows[0].clone()
        };
        let written = AllowList::append(b"x,y\r\n1", std::slice::from_ref(&row));
        assert!(written.starts_with(b"x,y\r\n1\r\n") && written.ends_with(b"never\r\n"));
        let fresh = AllowList::append(b"\n", std::slice::from_ref(&row));
        let read = AllowList::parse(&fresh, date(2026, 11, 25));
        assert_eq!(read.rows[0].cells(), row.cells());
    }

    proptest! {
        #[test]
        fn no_table_breaks_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200), header in any::<bool>()) {
            let mut table = if header { HEADER.as_bytes().to_vec() } else { Vec::new() };
            table.extend(bytes);
            for found in AllowList::parse(&table, date(2026, 11, 25)).diagnostics() {
                prop_assert!(found.span.end <= table.len());
            }
        }

        #[test]
        fn what_is_written_is_read(cells in proptest::collection::vec("[a-z,\"\n *;']{1,8}", 3)) {
            let cell = |at: usize| format!("x{}x", cells[at]);
            let row = AllowRow {
                detection: cell(0), user: cell(1), command: cell(2), dest: "*".into(), user_agent: "*".into(),
                namespace: "*".into(), src: "*".into(), reason: "r".into(), owner: "o".into(), expires: "never".into(),
                ..AllowRow::default()
            };
            let table = AllowList::append(b"", std::slice::from_ref(&row));
            let read = AllowList::parse(&table, date(2026, 11, 25));
            prop_assert_eq!(read.rows.len(), 1);
            prop_assert_eq!(read.rows[0].cells(), row.cells());
        }
    }
}
