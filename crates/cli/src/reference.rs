//! Reference pages about commands and functions: what a page holds, and how it is listed, found and printed. What the
//! pages say comes from the registries of the commands and functions themselves.

use std::fmt::Write as _;
use std::io::{self, Write};

use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};

use crate::console::Console;
use crate::exit::{Exit, Failure};

/// What there is to say about one command or function.
#[derive(Clone, Debug)]
pub struct Page {
    /// `command`, `eval function`, `stats function`.
    pub kind: &'static str,
    /// Under which heading it is listed.
    pub group: String,
    /// Its name.
    pub name: &'static str,
    /// Its other names.
    pub aliases: &'static [&'static str],
    /// How it is written.
    pub usage: String,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Options and arguments: how each is written and what it means.
    pub parts: Vec<(String, &'static str)>,
    /// More, in Markdown.
    pub details: &'static str,
    /// The page of Splunk's documentation that it follows.
    pub source: &'static str,
    /// Examples.
    pub examples: Vec<ShownExample>,
}

/// An example on a page.
#[derive(Clone, Debug)]
pub struct ShownExample {
    /// A search or an expression.
    pub text: &'static str,
    /// The fields that it reads, as eval assignments, or what it shows.
    pub about: String,
    /// Its result as JSON.
    pub result: &'static str,
}

/// The arguments of a subcommand that prints pages.
pub fn arguments(command: Command, noun: &'static str) -> Command {
    let name = Arg::new("name").value_name("NAME").help(format!("The {noun}; without it, all are listed"));
    let format = Arg::new("format")
        .long("format")
        .value_name("FORMAT")
        .value_parser(["text", "json"])
        .default_value("text")
        .help("How to print");
    command.arg(name).arg(format)
}

/// Prints the list of all pages or the pages of the name asked for.
///
/// # Errors
/// When there is no page of that name.
pub fn show(pages: Vec<Page>, noun: &str, matches: &ArgMatches, console: Console) -> Result<Exit, Failure> {
    let json = matches.get_one::<String>("format").is_some_and(|format| format == "json");
    let width = console.width().unwrap_or(100).min(100);
    let text = match matches.get_one::<String>("name") {
        None if json => as_json(&pages),
        None => list(&pages, width),
        Some(name) => {
            let found = find(&pages, name);
            if found.is_empty() {
                return Err(unknown(&pages, noun, name));
            }
            if json { as_json(&found) } else { found.iter().map(|page| page_text(page, width)).collect() }
        }
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Ran)
}

fn names(page: &Page) -> impl Iterator<Item = &'static str> {
    std::iter::once(page.name).chain(page.aliases.iter().copied())
}

/// The pages of a name: several when an eval and a stats function share it. `p95` is a name of `p<number>`.
fn find(pages: &[Page], name: &str) -> Vec<Page> {
    let name = name.to_lowercase();
    let name = name.split('(').next().unwrap_or_default().trim();
    let is = |candidate: &str| match candidate.strip_suffix("<number>") {
        Some(stem) => {
            name == stem || name == candidate || name.strip_prefix(stem).is_some_and(|n| n.parse::<f64>().is_ok())
        }
        None => name == candidate,
    };
    pages.iter().filter(|page| names(page).any(is)).cloned().collect()
}

fn unknown(pages: &[Page], noun: &str, name: &str) -> Failure {
    let help = match dogwatch_syntax::nearest(name, pages.iter().flat_map(names)) {
        Some(near) => format!("did you mean `{near}`? `dogwatch {noun}s` lists all"),
        None => format!("`dogwatch {noun}s` lists all"),
    };
    Failure::usage(format!("there is no {noun} `{name}`"), help)
}

fn as_json(pages: &[Page]) -> String {
    let pages: Vec<Value> = pages.iter().map(page_json).collect();
    format!("{:#}\n", Value::Array(pages))
}

fn page_json(page: &Page) -> Value {
    let result = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
    let examples = page.examples.iter();
    json!({
        "kind": page.kind,
        "group": page.group,
        "name": page.name,
        "aliases": page.aliases,
        "usage": page.usage,
        "summary": page.summary,
        "arguments": page.parts.iter().map(|(usage, summary)| json!({"usage": usage, "summary": summary})).collect::<Vec<_>>(),
        "details": page.details,
        "source": page.source,
        "examples": examples
            .map(|e| json!({"text": e.text, "about": e.about, "result": result(e.result)}))
            .collect::<Vec<_>>(),
    })
}

fn list(pages: &[Page], width: usize) -> String {
    let mut text = String::new();
    let mut group = "";
    let column = pages.iter().map(|page| page.name.chars().count()).max().unwrap_or(0) + 2;
    for page in pages {
        if page.group != group {
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{}", page.group);
            group = &page.group;
        }
        wrap(&mut text, &format!("  {:column$}", page.name), page.summary, width);
    }
    text
}

fn page_text(page: &Page, width: usize) -> String {
    let mut text = format!("{} ({})\n\n", page.name, page.kind);
    wrap(&mut text, "", page.summary, width);
    let _ = writeln!(text, "\n  {}", page.usage);
    if !page.aliases.is_empty() {
        let _ = writeln!(text, "\nAlso called {}.", page.aliases.join(", "));
    }
    if !page.parts.is_empty() {
        text.push('\n');
        let column = page.parts.iter().map(|(usage, _)| usage.chars().count()).max().unwrap_or(0).min(28) + 2;
        for (usage, summary) in &page.parts {
            wrap(&mut text, &format!("  {usage:column$}"), summary, width);
        }
    }
    if !page.details.is_empty() {
        text.push('\n');
        page.details.lines().for_each(|line| wrap(&mut text, "", line, width));
    }
    if !page.examples.is_empty() {
        text.push_str("\nExamples:\n");
    }
    for example in &page.examples {
        let about = if example.about.is_empty() { String::new() } else { format!("  ({})", example.about) };
        let _ = writeln!(text, "  {}{about}\n    → {}", example.text, example.result);
    }
    let _ = writeln!(text, "\nFollows Splunk's {}\n", page.source);
    text
}

/// Writes a text behind a lead, broken at spaces; later lines are indented as far as the lead is wide.
fn wrap(out: &mut String, lead: &str, text: &str, width: usize) {
    let indent = lead.chars().count();
    out.push_str(lead);
    let mut used = indent;
    let mut first = true;
    for word in text.split(' ') {
        let length = word.chars().count();
        if !first && used + 1 + length > width {
            let _ = write!(out, "\n{:indent$}", "");
            used = indent;
        } else if !first {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
        first = false;
    }
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}
