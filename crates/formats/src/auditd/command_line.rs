//! The command line of an event, put together from all its EXECVE records.
//!
//! A record holds some 7,500 bytes, so a long command line takes several, and a long argument is cut into pieces
//! (`a4_len=46844 a4[0]=…`, then `a4[1]=…` in the next record). Arguments are ordered by their numbers, not by
//! where they stand. One that is missing (argc is larger: older kernels leave out empty ones) adds nothing.

use super::fields::{Field, Fields, Form};
use super::value;

/// A whole argument, or a piece of one.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    argument: u32,
    piece: u32,
    value: &'a [u8],
    form: Form,
}

/// The arguments of an event.
#[derive(Debug, Default)]
pub(super) struct CommandLine<'a> {
    pieces: Vec<Piece<'a>>,
}

impl<'a> CommandLine<'a> {
    /// Gathers the arguments of EXECVE records, given as line and where the fields begin.
    pub(super) fn new(records: impl Iterator<Item = (&'a [u8], usize)>) -> Self {
        let mut pieces = Vec::new();
        for (line, body) in records {
            pieces.extend(Fields::new(line, body).filter_map(|Field { key, value, form, .. }| {
                let (argument, piece) = argument(key)?;
                Some(Piece { argument, piece: piece.unwrap_or(0), value, form })
            }));
        }
        // A record may stand in the log twice: its arguments count once.
        pieces.sort_by_key(|piece| (piece.argument, piece.piece));
        pieces.dedup_by_key(|piece| (piece.argument, piece.piece));
        Self { pieces }
    }

    /// Appends all arguments, decoded, with a space between them.
    pub(super) fn write(&self, into: &mut Vec<u8>) {
        let mut last = None;
        for piece in &self.pieces {
            if last.is_some_and(|last| last != piece.argument) {
                into.push(b' ');
            }
            last = Some(piece.argument);
            value::decode_text(piece.value, piece.form, into);
        }
    }

    /// Appends one argument, decoded, from all its pieces.
    pub(super) fn write_argument(&self, argument: u32, into: &mut Vec<u8>) {
        for piece in self.of(argument) {
            value::decode_text(piece.value, piece.form, into);
        }
    }

    /// The number of the first piece of an argument.
    pub(super) fn first_piece(&self, argument: u32) -> Option<u32> {
        self.of(argument).first().map(|piece| piece.piece)
    }

    fn of(&self, argument: u32) -> &[Piece<'a>] {
        let start = self.pieces.partition_point(|piece| piece.argument < argument);
        let length = self.pieces[start..].partition_point(|piece| piece.argument == argument);
        &self.pieces[start..start + length]
    }
}

/// Reads `a4` or `a4[1]`: the argument's number and the piece's.
pub(super) fn argument(key: &[u8]) -> Option<(u32, Option<u32>)> {
    let rest = key.strip_prefix(b"a")?;
    let digits = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse().ok();
    let argument = number(&rest[..digits])?;
    match &rest[digits..] {
        [] => Some((argument, None)),
        [b'[', piece @ .., b']'] if piece.iter().all(u8::is_ascii_digit) => Some((argument, Some(number(piece)?))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(records: &[&str]) -> String {
        let mut bytes = Vec::new();
        CommandLine::new(records.iter().map(|line| (line.as_bytes(), 0))).write(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn arguments_are_joined_in_order() {
        assert_eq!(joined(&[r#"argc=3 a0="ls" a1=2D6C a2="x y""#]), "ls -l x y");
        assert_eq!(joined(&[r#" a10="k" a2="c""#, r#"argc=11 a0="a" a1="b""#]), "a b c k");
        assert_eq!(joined(&[r#"a0="a" a1="" a2="c""#]), "a  c");
        assert_eq!(joined(&[r#"argc=9 a0="a" a8="i""#]), "a i");
        assert_eq!(joined(&[r#"a0="a""#, r#"a0="a""#]), "a");
        assert_eq!(joined(&["argc=0"]), "");
    }

    #[test]
    fn pieces_are_joined_across_records_and_forms() {
        let records =
            [r#"argc=2 a0="x" a1_len=9 a1[0]="kube""#, r#"  a1[2]=2067C3"#, r#"  a1[1]="ctl""#, r#" a1[3]=A9"#];
        assert_eq!(joined(&records), "x kubectl gé");
    }

    #[test]
    fn keys() {
        assert_eq!(argument(b"a0"), Some((0, None)));
        assert_eq!(argument(b"a12[3]"), Some((12, Some(3))));
        for key in ["argc", "a", "a1_len", "a1[", "a1[]", "a1[x]", "a99999999999", "b1"] {
            assert_eq!(argument(key.as_bytes()), None, "{key}");
        }
    }
}
