//! Escaping of characters that must not reach a terminal. Anybody who can cause an event can write to a log: escape
//! sequences in it could move the cursor, retitle the window or hide text, and bidirectional controls could reorder it.
//! They are shown as escapes instead; the rest of a text is unchanged.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character controls the terminal or the order of text instead of being displayed: control characters (C0,
/// DEL, C1), bidirectional and other invisible formatting, line and paragraph separators.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        || ('\u{2028}'..='\u{202e}').contains(&c)
        || ('\u{2060}'..='\u{206f}').contains(&c)
        || ('\u{fff9}'..='\u{fffb}').contains(&c)
        || ('\u{e0000}'..='\u{e007f}').contains(&c)
}

/// The text with every invisible character as an escape: `\t`, `\n`, `\r`, `\x1b`, `\u{202e}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    visible_except(text, &[])
}

/// Like [`visible`], but the characters of `keep` stay as they are.
pub fn visible_except<'t>(text: &'t str, keep: &[char]) -> Cow<'t, str> {
    let escapes = |c: char| is_invisible(c) && !keep.contains(&c);
    if !text.contains(escapes) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if !escapes(c) {
            shown.push(c);
            continue;
        }
        // Writing to a String cannot fail.
        let _ = match c {
            '\t' => shown.write_str("\\t"),
            '\n' => shown.write_str("\\n"),
            '\r' => shown.write_str("\\r"),
            c if c.is_ascii() => write!(shown, "\\x{:02x}", u32::from(c)),
            c => write!(shown, "\\u{{{:x}}}", u32::from(c)),
        };
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drives_a_terminal_is_escaped_and_the_rest_stays() {
        for (text, shown) in [
            ("plain, ärger, 猫, 👩‍🚀", "plain, ärger, 猫, 👩‍🚀"),
            ("\x1b[2J\x1b]0;owned\x07", "\\x1b[2J\\x1b]0;owned\\x07"),
            ("a\tb\r\nc\0\x7f", "a\\tb\\r\\nc\\x00\\x7f"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("cod\u{202e}exe.txt", "cod\\u{202e}exe.txt"),
        ] {
            assert_eq!(visible(text), shown);
        }
        assert_eq!(visible_except("a\tb\x1b", &['\t']), "a\tb\\x1b");
    }
}
