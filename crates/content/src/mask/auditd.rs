//! The arguments of a command in the records of an auditd event.
//!
//! EXECVE records hold each argument by itself (`a1="--token" a2="x"`), in hexadecimal digits if it has a space or a
//! quote, and the kernel goes on in a further record where one gets long. PROCTITLE, USER_CMD and TTY hold a whole line
//! so. A secret is recognised by what stands around it, so the arguments are put together to a command line; if that holds a
//! secret, the masked line stands in the place of the first.

use std::ops::Range;

use super::text;
use super::{MASKED, hidden};

/// The kinds of records that hold one line, and the field that holds it.
const LINES: [(&str, &str); 4] =
    [("proctitle=", "proctitle"), ("type=USER_CMD", "cmd"), ("type=TTY", "data"), ("type=USER_TTY", "data")];

/// Where a command stands: the pieces of text to replace by it.
#[derive(Default)]
struct Command {
    words: Vec<String>,
    places: Vec<Range<usize>>,
}

/// The records with their command lines masked; none if they hold no command or the commands no secret.
pub(super) fn arguments(records: &str) -> Option<String> {
    if !records.contains('=') {
        return None;
    }
    let mut execve = Command::default();
    let mut all = Vec::new();
    let mut at = 0;
    for line in records.split_inclusive('\n') {
        if line.contains("type=EXECVE") {
            let (words, place) = fields(line, at, is_argument);
            execve.words.extend(words);
            execve.places.extend(place);
        } else if let Some((_, name)) = LINES.iter().find(|(mark, _)| line.contains(mark)) {
            let (words, place) = fields(line, at, |field| field == *name);
            all.push(Command { words, places: place.into_iter().collect() });
        }
        at += line.len();
    }
    all.push(execve);
    let mut shown: Vec<(Range<usize>, String)> = all.into_iter().flat_map(|command| masked(&command)).collect();
    if shown.is_empty() {
        return None;
    }
    shown.sort_by_key(|(place, _)| place.start);
    let mut text = String::with_capacity(records.len());
    let mut copied = 0;
    for (place, new) in shown {
        text.push_str(&records[copied..place.start]);
        text.push_str(&new);
        copied = place.end;
    }
    text.push_str(&records[copied..]);
    Some(text)
}

/// What stands in the places of a command afterwards; nothing if it holds no secret.
fn masked(command: &Command) -> Vec<(Range<usize>, String)> {
    let plain = command.words.join(" ");
    let mut words = Vec::with_capacity(command.words.len());
    for word in &command.words {
        let behind_option = words.last().is_some_and(|last: &String| {
            last.starts_with('-') && !last.contains([' ', '=']) && text::is_secret_name(last)
        });
        // An option's value is one argument, whatever is in it.
        words.push(match word.split_once('=') {
            _ if behind_option && !word.starts_with('-') && !text::is_looked_up(word) => hidden(word),
            Some((name, value))
                if name.starts_with('-') && text::is_secret_name(name) && !text::is_looked_up(value) =>
            {
                format!("{name}={}", hidden(value))
            }
            _ => word.clone(),
        });
    }
    let joined = words.join(" ");
    let shown = text::mask(&joined);
    if shown == plain {
        return Vec::new();
    }
    let first = format!("command=\"{}\"", shown.replace('"', "'"));
    let new = std::iter::once(first).chain(std::iter::repeat_with(|| format!("command=\"{MASKED}\"")));
    command.places.iter().cloned().zip(new).collect()
}

/// The decoded values of the fields of a line that are wanted, and the place from the first to the last of them.
fn fields(line: &str, offset: usize, wanted: impl Fn(&str) -> bool) -> (Vec<String>, Option<Range<usize>>) {
    let mut words = Vec::new();
    let mut place: Option<Range<usize>> = None;
    let mut at = offset;
    // Fields are set apart by single spaces; what is enriched follows behind 0x1d.
    for field in line.split([' ', '\u{1d}', '\n']) {
        if let Some(value) =
            field.split_once('=').filter(|(name, _)| wanted(name)).and_then(|(_, value)| decoded(value))
        {
            words.push(value);
            let start = place.map_or(at, |place| place.start);
            place = Some(start..at + field.len());
        }
        at += field.len() + 1;
    }
    (words, place)
}

/// Whether a field is an argument or a piece of one: `a0`, `a1[0]`. SYSCALL has fields of the same names that are
/// numbers.
fn is_argument(name: &str) -> bool {
    let number = name.strip_prefix('a').map(|rest| rest.split('[').next().unwrap_or_default());
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A value as it was: in quotes, or in hexadecimal digits.
fn decoded(value: &str) -> Option<String> {
    if let Some(quoted) = value.strip_prefix('"') {
        return Some(quoted.trim_end_matches('"').to_owned());
    }
    let bytes = hexadecimal(value.trim_end_matches('\''))?;
    Some(String::from_utf8_lossy(&bytes).replace('\0', " "))
}

fn hexadecimal(digits: &str) -> Option<Vec<u8>> {
    if digits.is_empty() {
        return None;
    }
    let value = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digits.as_bytes().chunks(2).map(|pair| Some(value(*pair.first()?)? << 4 | value(*pair.get(1)?)?)).collect()
}
