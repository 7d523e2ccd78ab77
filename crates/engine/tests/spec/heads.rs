//! What a page about a command or function opens with: its usage, meaning and source, as the registries declare them.
//! So the page cannot say something else than the reference.

use dogwatch_functions::{EvalFunction, StatsFunction};
use dogwatch_syntax::CommandSignature;

/// What the page at a path under `spec/` has to open with; `None` for a page that is about no one feature.
pub fn head(page: &str) -> Option<String> {
    let (folder, file) = page.split_once('/')?;
    let name = file.strip_suffix(".md")?;
    let numbered = format!("{name}<number>");
    match folder {
        "commands" => dogwatch_plan::commands::find(name).map(|command| of_command(&command.signature)),
        "eval" => dogwatch_functions::eval::find(name).map(of_eval),
        "stats" => {
            let is = |function: &&&StatsFunction| function.name == name || function.name == numbered;
            dogwatch_functions::stats::STATS_FUNCTIONS.iter().find(is).map(|function| of_stats(function))
        }
        _ => None,
    }
}

/// The text with this head instead of what it opens with now: all before its first heading of the second level or its
/// first block.
pub fn with_head(text: &str, head: &str) -> String {
    let starts = |line: &&str| line.starts_with("## ") || line.starts_with("```");
    let opening: usize = text.split_inclusive('\n').take_while(|line| !starts(line)).map(str::len).sum();
    // What an author writes between the head and the first block stands behind the line with the source.
    let kept = text[..opening].split_once("\n\nFollows Splunk's ").and_then(|(_, rest)| rest.split_once('\n'));
    let kept = kept.map_or("", |(_, rest)| rest.trim());
    let gap = if kept.is_empty() { "" } else { "\n\n" };
    format!("{head}{kept}{gap}{}", &text[opening..])
}

fn of_command(signature: &CommandSignature) -> String {
    assemble(signature.name, signature.aliases, None, signature.summary, signature.details, signature.source)
}

fn of_eval(function: &EvalFunction) -> String {
    let usage = Some(function.usage);
    assemble(function.name, function.aliases, usage, function.summary, function.details, function.source)
}

fn of_stats(function: &StatsFunction) -> String {
    let usage = Some(function.usage);
    assemble(function.name, function.aliases, usage, function.summary, function.details, function.source)
}

fn assemble(name: &str, aliases: &[&str], usage: Option<&str>, summary: &str, details: &str, source: &str) -> String {
    let mut paragraphs = vec![format!("# `{name}`")];
    paragraphs.extend(usage.map(|usage| format!("`{usage}`")));
    paragraphs.push(format!("{summary} {details}").trim().to_owned());
    if !aliases.is_empty() {
        let names: Vec<String> = aliases.iter().map(|alias| format!("`{alias}`")).collect();
        paragraphs.push(format!("Also called {}.", names.join(", ")));
    }
    paragraphs.push(format!("Follows Splunk's {source}."));
    paragraphs.join("\n\n") + "\n\n"
}

#[test]
fn a_head_is_replaced_and_what_the_author_wrote_stays() {
    let head = "# `a`\n\nNew.\n\nFollows Splunk's Manual.\n\n";
    assert_eq!(with_head("```spl\nx\n```\n", head), format!("{head}```spl\nx\n```\n"));
    let old = "# `a`\n\nOld.\n\nFollows Splunk's Manual.\n\nMine.\n\n## B\n";
    let new = with_head(old, head);
    assert_eq!(new, format!("{head}Mine.\n\n## B\n"));
    assert_eq!(with_head(&new, head), new);
}
