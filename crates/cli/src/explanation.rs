//! What a search would do, as a page for those who write searches. The engine found it out; here it is put in words.

use std::fmt::Write;

use dogwatch_engine::{Explanation, Read};
use dogwatch_output::rfc3339;
use dogwatch_output::visible::visible_except;
use dogwatch_plan::{Condition, Predicate};
use dogwatch_syntax::Pattern;

/// How many words of one group are listed.
const LISTED: usize = 12;

/// The page.
pub fn page(explanation: &Explanation) -> String {
    let mut page = String::new();
    section(&mut page, "The search, as it is understood", &by_line(&explanation.search));
    if let Some(form) = &explanation.splunk_form {
        section(&mut page, "The same search, in a form that Splunk accepts", &by_line(form));
    }
    let several = explanation.reads.len() > 1;
    for (i, read) in explanation.reads.iter().enumerate() {
        let number = if several { format!(", {} of {}", i + 1, explanation.reads.len()) } else { String::new() };
        section(&mut page, &format!("What it reads of the logs{number}"), &read_text(read));
    }
    if explanation.reads.is_empty() {
        section(&mut page, "What it reads of the logs", "nothing");
    }
    section(&mut page, "The plan (DataFusion's; rows flow from the bottom to the top)", &explanation.plan);
    page
}

/// A heading and a text below it, indented.
fn section(page: &mut String, heading: &str, text: &str) {
    if !page.is_empty() {
        page.push('\n');
    }
    page.push_str(heading);
    page.push('\n');
    for line in visible_except(text.trim_end(), &['\n']).lines() {
        page.push_str(format!("  {line}").trim_end());
        page.push('\n');
    }
}

/// A search with each command on a line of its own, those in brackets and branches indented.
fn by_line(search: &str) -> String {
    let mut text = String::with_capacity(search.len() + 64);
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for c in search.chars() {
        if let Some(open) = quote {
            text.push(c);
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == open {
                quote = None;
            }
            continue;
        }
        match c {
            '"' | '\'' => quote = Some(c),
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c == '|' || c == '[' {
            text.truncate(text.trim_end_matches(' ').len());
            if !text.is_empty() && !text.ends_with('[') {
                let _ = write!(text, "\n{:1$}", "", 2 * depth);
            }
        }
        text.push(c);
    }
    text
}

fn read_text(read: &Read) -> String {
    let request = &read.request;
    let mut text = format!("events  {}\n", condition(&request.condition));
    // Writing to a String cannot fail.
    for (name, bound) in [("from", request.earliest), ("before", request.latest)] {
        if let Some(time) = bound {
            let _ = writeln!(text, "{name:6}  {}", rfc3339(time));
        }
    }
    let fields = if request.fields.is_empty() {
        "none beside those of every event".to_owned()
    } else {
        request.fields.join(", ")
    };
    let _ = writeln!(text, "fields  {fields}");
    if read.words.is_empty() {
        text.push_str("words   none that an event must contain: every event is parsed\n");
        return text;
    }
    let groups: Vec<String> = read.words.iter().map(|group| one_of(group)).collect();
    let _ = writeln!(text, "words   {}", groups.join("\n        and "));
    text.push_str("        an event without them is skipped unparsed; they are also found in hex and escapes\n");
    text
}

/// The words of which one must occur.
fn one_of(words: &[String]) -> String {
    match words.len() {
        n if n > LISTED => format!("{} or one of {} others", words[..LISTED].join(" or "), n - LISTED),
        _ => words.join(" or "),
    }
}

/// A condition in the words of a search.
fn condition(of: &Condition) -> String {
    let several = |list: &[Condition], word: &str| {
        let parts = list.iter().map(|one| match one {
            Condition::All(_) | Condition::Any(_) => format!("({})", condition(one)),
            one => condition(one),
        });
        parts.collect::<Vec<_>>().join(word)
    };
    match of {
        Condition::Anything => "all".to_owned(),
        Condition::Nothing => "none".to_owned(),
        Condition::All(list) => several(list, " AND "),
        Condition::Any(list) => several(list, " OR "),
        Condition::Test(Predicate::Field { name, pattern }) => format!("{name}={}", pattern_text(pattern)),
        Condition::Test(Predicate::Raw(pattern)) => pattern_text(pattern),
        Condition::Test(Predicate::Absent(name)) => format!("NOT {name}=*"),
    }
}

fn pattern_text(pattern: &Pattern) -> String {
    let text = pattern.to_string();
    let bare = |c: char| c.is_alphanumeric() || "*_.-:/@".contains(c);
    if !text.is_empty() && text.chars().all(bare) { text } else { format!("{text:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_broken_before_pipes_and_brackets_outside_quotes() {
        let search = r#"a="x|y" (b=1 | eval z="\"|[" | table z) | append [search 'c|d'=1 | head 1] | sort z"#;
        let lines = [
            r#"a="x|y" (b=1"#,
            r#"  | eval z="\"|[""#,
            "  | table z)",
            "| append",
            "  [search 'c|d'=1",
            "  | head 1]",
            "| sort z",
        ];
        assert_eq!(by_line(search).lines().collect::<Vec<_>>(), lines);
        assert_eq!(by_line("| makeresults | append [| makeresults]"), "| makeresults\n| append\n  [| makeresults]");
    }

    #[test]
    fn long_groups_of_words_are_cut() {
        let words: Vec<String> = (0..20).map(|n| format!("w{n}")).collect();
        assert_eq!(one_of(&words[..2]), "w0 or w1");
        assert!(one_of(&words).ends_with("w11 or one of 8 others"));
    }
}
