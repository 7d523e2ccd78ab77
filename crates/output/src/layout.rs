//! Layout of text in terminal columns: width, line breaking, and the distribution of widths. Widths are those of a
//! terminal, where 猫 takes two columns and a combining accent none. Nothing here knows about rows or types.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// Separator of columns.
pub(crate) const GAP: &str = "  ";
/// Maximum column width where nothing wraps: a longer cell pushes the rest of its row to the right.
pub(crate) const WIDEST: usize = 120;

/// Number of columns that a text takes. It must not contain control characters.
pub(crate) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char_width).sum() }
}

fn char_width(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// Breaks a text into lines of at most `limit` columns and appends them, until there are `most` lines in all. A line
/// breaks after a space in its second half, else after a punctuation mark there, else anywhere. Returns the text that did
/// not fit.
pub(crate) fn wrap<'t>(text: &'t str, limit: usize, most: usize, lines: &mut Vec<String>) -> &'t str {
    let mut rest = text;
    while lines.len() < most {
        let end = line_end(rest, limit);
        let (line, after) = rest.split_at(end);
        let whole = after.is_empty() && width(line) <= limit;
        lines.push(if whole { line } else { line.trim_end_matches(' ') }.to_owned());
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    rest
}

/// Where the first line of a text ends. Never 0 for a text that is not empty.
fn line_end(text: &str, limit: usize) -> usize {
    let mut used = 0;
    let (mut space, mut mark) = (None, None);
    for (at, c) in text.char_indices() {
        let next = used + char_width(c);
        if next > limit && at > 0 {
            // A space that no longer fits at the end of the line is dropped.
            return if c == ' ' { at + 1 } else { space.or(mark).unwrap_or(at) };
        }
        used = next;
        if used > limit / 2 {
            match c {
                ' ' => space = Some(at + 1),
                ',' | ';' | ':' | '&' | '=' | '/' | '|' | '-' => mark = Some(at + 1),
                _ => {}
            }
        }
    }
    text.len()
}

/// A text that takes at most `limit` columns; one that is longer is cut and ends in `…`.
pub(crate) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    let mut used = 0;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        used += char_width(c);
        if used > limit {
            return if limit == 0 { "".into() } else { format!("{}…", &text[..end]).into() };
        }
        if used < limit {
            end = at + c.len_utf8();
        }
    }
    text.into()
}

/// The rule under the headings of columns of these widths.
pub(crate) fn rule(widths: &[usize]) -> String {
    let parts: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
    parts.join(GAP)
}

/// The desired and the minimum width of a column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    /// The minimum width at which it is readable.
    pub least: usize,
    /// The width at which nothing wraps.
    pub most: usize,
}

/// Distributes `total` columns: each gets its minimum, and the rest is shared evenly until all have their desired width.
/// `None` if not even the minimums fit.
pub(crate) fn share(wishes: &[Wish], total: usize) -> Option<Vec<usize>> {
    let at = |level: usize| wishes.iter().map(move |wish| wish.least.max(level.min(wish.most)));
    if at(0).sum::<usize>() > total {
        return None;
    }
    let (mut low, mut high) = (0, total);
    while low < high {
        let level = (low + high).div_ceil(2);
        if at(level).sum::<usize>() <= total { low = level } else { high = level - 1 }
    }
    let mut widths: Vec<usize> = at(low).collect();
    let mut left = total - widths.iter().sum::<usize>();
    for (width, wish) in widths.iter_mut().zip(wishes) {
        if left > 0 && *width < wish.most {
            *width += 1;
            left -= 1;
        }
    }
    Some(widths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_nothing_is_lost() {
        for (text, limit, lines) in [
            ("", 5, vec![""]),
            ("kubectl", 7, vec!["kubectl"]),
            ("kubectl get secrets -n default", 12, vec!["kubectl get", "secrets -n", "default"]),
            ("kubectl ", 7, vec!["kubectl"]),
            ("get secrets --all", 11, vec!["get secrets", "--all"]),
            ("system:kube-controller", 16, vec!["system:kube-", "controller"]),
            ("/var/run/secrets/kubernetes.io", 12, vec!["/var/run/", "secrets/", "kubernetes.i", "o"]),
            ("猫猫猫", 4, vec!["猫猫", "猫"]),
            ("猫猫", 1, vec!["猫", "猫"]),
            ("ee\u{301}e", 2, vec!["ee\u{301}", "e"]),
        ] {
            let mut wrapped = vec![];
            assert_eq!(wrap(text, limit, usize::MAX, &mut wrapped), "");
            assert_eq!(wrapped, lines, "{text}");
        }
    }

    #[test]
    fn a_long_text_stops_at_the_most_lines() {
        let mut lines = vec![];
        assert_eq!(wrap("aaabbbccc", 3, 2, &mut lines), "ccc");
        assert_eq!(lines, ["aaa", "bbb"]);
    }

    #[test]
    fn what_is_cut_fits_and_says_so() {
        for (text, limit, shown) in [
            ("kubectl", 7, "kubectl"),
            ("kubectl", 6, "kubec…"),
            ("kubectl", 1, "…"),
            ("kubectl", 0, ""),
            ("", 0, ""),
            ("猫猫猫", 6, "猫猫猫"),
            ("猫猫猫", 5, "猫猫…"),
            ("猫猫猫", 4, "猫…"),
            ("e\u{301}e\u{301}e", 2, "e\u{301}…"),
        ] {
            assert_eq!(cut(text, limit), shown, "{text} {limit}");
            assert!(width(&cut(text, limit)) <= limit);
        }
    }

    #[test]
    fn what_is_left_goes_to_those_that_need_it() {
        let short = Wish { least: 4, most: 4 };
        let long = Wish { least: 8, most: 100 };
        assert_eq!(share(&[short, long, short], 200), Some(vec![4, 100, 4]));
        assert_eq!(share(&[short, long, short], 50), Some(vec![4, 42, 4]));
        assert_eq!(share(&[long, long], 31), Some(vec![16, 15]));
        assert_eq!(share(&[short, long, short], 15), None);
        assert_eq!(share(&[], 0), Some(vec![]));
    }
}
