//! Words that a stranger who knows the field has to read twice, in comments, messages and pages.

use crate::breach::{Breach, assert_none};
use crate::source::{SourceFile, tree};

/// What is not written, and what is written instead. Each is put together here so that this file does not hold it.
const BANNED: &[(&str, &str)] = &[
    (concat!("mani", "eth"), "n-th"),
    (concat!("lay ", "aside"), "buffer"),
    (concat!("lays ", "aside"), "buffers"),
    (concat!("laid ", "aside"), "buffered"),
    (concat!("laying ", "aside"), "buffering"),
    (concat!("passes ", "over"), "skips, or ignores"),
    (concat!("passed ", "over"), "skipped, or ignored"),
    (concat!("passing ", "over"), "skipping, or ignoring"),
    (concat!("// ", "told"), "reported"),
    (concat!("is to", "ld by"), "is reported by, or recognised by"),
    (concat!("is to", "ld on"), "is reported on"),
    (concat!("are to", "ld at once"), "are reported at once"),
    (concat!("been to", "ld"), "been reported"),
    (concat!("looks ", "whether"), "checks whether"),
    (concat!("look ", "at whether"), "check whether"),
];

/// A comment opens with a noun of the field, not with these.
const BANNED_OPENINGS: &[&str] = &[concat!("So ", "many "), concat!("How ", "mani", "eth ")];

const REMEDY: &str = "The field's words are known to everybody who comes: filter, projection, batch, buffer, spill, envelope, \
     offset, watermark, skip, discard, report, emit.";

fn breaches(file: &SourceFile) -> Vec<Breach> {
    let mut found = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let text = line.to_lowercase();
        for (word, instead) in BANNED.iter().filter(|(word, _)| text.contains(word)) {
            found.push(Breach::at_line(&file.path, index + 1, format!("says `{word}`: write {instead}"), REMEDY));
        }
        let comment = line.trim_start().strip_prefix("//").map(|text| text.trim_start_matches(['/', '!']).trim_start());
        for opening in BANNED_OPENINGS.iter().filter(|opening| comment.is_some_and(|text| text.starts_with(**opening)))
        {
            found.push(Breach::at_line(
                &file.path,
                index + 1,
                format!("opens with `{opening}`: name the thing"),
                REMEDY,
            ));
        }
    }
    found
}

#[test]
fn texts_use_the_words_of_the_field() {
    let files = tree();
    let found: Vec<Breach> = files.iter().flat_map(breaches).collect();
    assert_none(&found);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banned_words_are_found_and_others_are_not() {
        let line = |text: &str| breaches(&SourceFile::new("crates/x/src/a.rs", text)).len();
        assert_eq!(line(concat!("/// Lines are ", "passed ", "over.")), 1);
        assert_eq!(line(concat!("// So ", "many rows.")), 1);
        assert_eq!(line("// There are so many rows."), 0);
        assert_eq!(line("/// One pass over the log."), 0);
    }
}
