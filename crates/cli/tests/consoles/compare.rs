//! Whether a page shows what a command printed.
//!
//! The rule: lines are equal once seconds (`0.03 s`) and the version (`dogwatch 0.1.0`) are masked on both sides. In what a page
//! shows, `…` on a line of its own stands for any number of lines, and within a line for any text.

/// What stands for something that a page leaves out.
const CUT: &str = "…";

/// Whether `printed` is what `shown` says.
pub fn fits(shown: &[String], printed: &[String]) -> bool {
    let Some(cut) = shown.iter().position(|line| line.trim() == CUT) else {
        return shown.len() == printed.len()
            && shown.iter().zip(printed).all(|(shown, printed)| line_fits(shown, printed));
    };
    let (head, rest) = (&shown[..cut], &shown[cut + 1..]);
    printed.len() >= head.len()
        && fits(head, &printed[..head.len()])
        && (head.len()..=printed.len()).any(|start| fits(rest, &printed[start..]))
}

/// What a page has to show of `printed`, with the cuts that it makes now: as many lines before the first cut and behind the
/// last one as before, and lines that fit as they are written.
pub fn blessed(shown: &[String], printed: &[String]) -> Vec<String> {
    let cut_within = |shown: &&String| shown.contains(CUT) && shown.trim() != CUT;
    let written =
        |line: &String| shown.iter().filter(cut_within).find(|shown| line_fits(shown, line)).unwrap_or(line).clone();
    let cuts: Vec<usize> = (0..shown.len()).filter(|index| shown[*index].trim() == CUT).collect();
    let (Some(first), Some(last)) = (cuts.first(), cuts.last()) else { return printed.iter().map(written).collect() };
    let tail = shown.len() - last - 1;
    if first + tail >= printed.len() {
        return printed.iter().map(written).collect();
    }
    let mut blessed: Vec<String> = printed[..*first].iter().map(written).collect();
    blessed.push(shown[*first].clone());
    blessed.extend(printed[printed.len() - tail..].iter().map(written));
    blessed
}

fn line_fits(shown: &str, printed: &str) -> bool {
    let (shown, printed) = (masked(shown), masked(printed));
    let mut parts = shown.trim_end().split(CUT);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = printed.trim_end().strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(place) = rest.find(part) else { return false };
        rest = &rest[place + part.len()..];
    }
    true
}

/// The line with what changes from run to run and from release to release taken out.
fn masked(line: &str) -> String {
    let mut masked = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (before, number) = rest.split_at(start);
        masked.push_str(before);
        let length = number.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(number.len());
        let (number, behind) = number.split_at(length);
        let is_seconds =
            behind.strip_prefix(" s").is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_alphanumeric()));
        let is_version = before.ends_with("dogwatch ") && number.matches('.').count() == 2;
        masked.push_str(if is_seconds || is_version { "#" } else { number });
        rest = behind;
    }
    masked.push_str(rest);
    masked
}

#[cfg(test)]
mod tests {
    use super::{blessed, fits};

    fn lines(text: &str) -> Vec<String> {
        text.split('|').map(str::to_owned).collect()
    }

    #[test]
    fn seconds_and_versions_may_differ_and_nothing_else() {
        let fit = |shown: &str, printed: &str| fits(&lines(shown), &lines(printed));
        assert!(fit("read 2 KiB in 0.03 s; dogwatch 0.1.0", "read 2 KiB in 12.5 s; dogwatch 0.2.0"));
        assert!(!fit("read 2 KiB in 0.03 s", "read 3 KiB in 0.03 s"));
        assert!(!fit("2 sheets", "3 sheets"));
        assert!(!fit("a|b", "a"));
        assert!(!fit("a", "a|b"));
    }

    #[test]
    fn an_ellipsis_stands_for_lines_or_for_a_part_of_one() {
        let fit = |shown: &str, printed: &str| fits(&lines(shown), &lines(printed));
        assert!(fit("a|…|d", "a|b|c|d"));
        assert!(fit("a|  …|d|…", "a|d"));
        assert!(!fit("a|…|d", "a|b|c"));
        assert!(fit("on …, by … now", "on Monday, by me now"));
        assert!(!fit("on …, by … now", "on Monday, by me"));
    }

    #[test]
    fn blessing_keeps_the_cuts() {
        let bless = |shown: &str, printed: &str| blessed(&lines(shown), &lines(printed)).join("|");
        assert_eq!(bless("a|…|d", "A|B|C|D"), "A|…|D");
        assert_eq!(bless("a|b", "A|B|C"), "A|B|C");
        assert_eq!(bless("x|on …, y", "X|on Monday, y"), "X|on …, y");
        assert_eq!(bless("a|…|d", "A|B"), "A|B");
    }
}
