//! Whatever a condition matches is let through by every format's byte filter: for one condition, and for several at once.
//!
//! The rows are those of the corpus and of the samples; the conditions are made of the values that the rows have, written in
//! other ways. What matches is said by [`Condition::holds`] and [`Pattern::matches`] and by nothing else.

#![allow(clippy::unwrap_used)]

mod json_recorder;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dogwatch_formats::{FORMATS, Prefilter};
use dogwatch_predicate::{Condition, Pattern};
use json_recorder::{Recorder, Row, read, read_into};
use proptest::prelude::*;
use proptest::sample::Index;

/// Larger files take too long to be read some hundred times.
const LARGEST: u64 = 400_000;

/// A log, what it is read as, and its rows.
struct Log {
    format: &'static str,
    path: PathBuf,
    bytes: Vec<u8>,
    rows: Vec<Row>,
}

/// Logs of every format.
static LOGS: LazyLock<Vec<Vec<Log>>> = LazyLock::new(|| FORMATS.iter().map(|format| logs(format.name())).collect());

fn logs(format: &'static str) -> Vec<Log> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut logs = Vec::new();
    for folder in [root.join("../../corpus").join(format), root.join("tests/samples").join(format)] {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let is_log = path.extension().is_some_and(|e| ["log", "json", "jsonl"].iter().any(|known| e == *known));
            if is_log && path.metadata().unwrap().len() <= LARGEST {
                let bytes = std::fs::read(&path).unwrap();
                let rows = read(format, &bytes).rows;
                logs.push(Log { format, path, bytes, rows });
            }
        }
    }
    logs.retain(|log| !log.rows.is_empty());
    logs.sort_by(|one, other| one.path.cmp(&other.path));
    logs
}

/// How a predicate is made of a value that a row has.
#[derive(Clone, Copy, Debug)]
enum Form {
    Whole,
    Begins,
    Ends,
    Within,
    Around,
    Raw,
    Absent,
}

/// What conditions are made of, before the log is known.
#[derive(Clone, Debug)]
struct Draft {
    row: Index,
    field: Index,
    form: Form,
    from: Index,
    to: Index,
    upper: bool,
    keeps_case: bool,
}

fn draft() -> impl Strategy<Value = Condition<Draft>> {
    use Form::{Absent, Around, Begins, Ends, Raw, Whole, Within};
    let form = prop::sample::select(vec![Whole, Whole, Begins, Ends, Within, Around, Raw, Absent]);
    let places = (any::<Index>(), any::<Index>(), any::<Index>(), any::<Index>());
    let leaf = (places, form, any::<bool>(), 0..6).prop_map(|((row, field, from, to), form, upper, case)| {
        Condition::Test(Draft { row, field, form, from, to, upper, keeps_case: case == 0 })
    });
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::All),
            prop::collection::vec(inner, 1..4).prop_map(Condition::Any),
        ]
    })
}

impl Draft {
    fn of(&self, log: &Log) -> Condition {
        let row = self.row.get(&log.rows);
        if row.fields.is_empty() {
            return Condition::Anything;
        }
        let (name, value) = self.field.get(&row.fields);
        let letters: Vec<char> = value.chars().take(200).collect();
        let (from, to) = (self.from.index(letters.len() + 1), self.to.index(letters.len() + 1));
        let (from, to) = (from.min(to), from.max(to));
        let text = |letters: &[char]| -> String {
            let text: String = letters.iter().collect();
            if self.upper && !self.keeps_case { text.to_uppercase() } else { text }
        };
        let starred = |text: String, before: bool, behind: bool| -> Pattern {
            use dogwatch_predicate::PatternPiece::{Literal, Star};
            let pieces = [before.then_some(Star), Some(Literal(text)), behind.then_some(Star)];
            pieces.into_iter().flatten().collect()
        };
        let whole = letters.len() == value.chars().count();
        let pattern = match self.form {
            Form::Whole => starred(text(&letters), false, !whole),
            Form::Begins => starred(text(&letters[..to]), false, true),
            Form::Ends if whole => starred(text(&letters[from..]), true, false),
            Form::Ends | Form::Within => starred(text(&letters[from..to]), true, true),
            Form::Around => {
                use dogwatch_predicate::PatternPiece::{Literal, Star};
                let end = if whole { &letters[to..] } else { &[] };
                [Literal(text(&letters[..from])), Star, Literal(text(end)), Star].into_iter().collect()
            }
            Form::Raw => return Condition::raw(text(&letters[from..to])),
            Form::Absent => return Condition::absent(name),
        };
        Condition::field(name, pattern.keeping_case(self.keeps_case))
    }
}

fn filtered(log: &Log, filter: &Prefilter) -> Recorder {
    let mut some = Recorder::default();
    read_into(log.format, &log.bytes, &[], Some(filter), &mut some);
    some
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_matches_is_let_through(
        log in any::<Index>(),
        drafts in prop::collection::vec(draft(), 1..6),
    ) {
        for (format, logs) in FORMATS.iter().zip(LOGS.iter()) {
            let log = log.get(logs);
            let conditions: Vec<Condition> =
                drafts.iter().map(|draft| draft.replace(&mut |draft| draft.of(log))).collect();
            let together = filtered(log, &format.compile_rules(&conditions));
            for (number, condition) in conditions.iter().enumerate() {
                let wanted: Vec<&Row> = log.rows.iter().filter(|row| row.satisfies(condition)).collect();
                let alone = filtered(log, &format.prefilter(condition));
                let found: Vec<&Row> = alone.rows.iter().filter(|row| row.satisfies(condition)).collect();
                prop_assert_eq!(&found, &wanted, "{:?} over {}", condition, log.path.display());
                // Where nothing is said, anything can be satisfied.
                let said = |at: &usize| {
                    let rules = &together.candidates[*at];
                    rules.is_empty() || rules.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
                };
                let rows = (0..together.rows.len()).filter(said).map(|at| &together.rows[at]);
                let found: Vec<&Row> = rows.filter(|row| row.satisfies(condition)).collect();
                prop_assert_eq!(&found, &wanted, "{:?} among {:?} over {}", condition, conditions, log.path.display());
            }
        }
    }
}

#[test]
fn every_format_has_logs_to_test_with() {
    for (format, logs) in FORMATS.iter().zip(LOGS.iter()) {
        assert!(!logs.is_empty(), "corpus/{0} or crates/formats/tests/samples/{0}", format.name());
    }
}
