//! A page of the specification: its Markdown as cases, and the same text with other results in it. Nothing runs here.

use std::ops::Range;

/// A search of a page with everything that the page says about it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// The line of the search's fence, from 1.
    pub line: usize,
    /// The search.
    pub spl: String,
    /// The files that it is run over and may use.
    pub files: Vec<File>,
    /// What must come out; `None` if the page does not say yet.
    pub expected: Option<Expected>,
    /// The warnings and notes that the page tells of.
    pub notes: Option<Block>,
    /// The line behind the last block of the case, from 0.
    end: usize,
}

/// What a page says must come out.
#[derive(Debug, PartialEq, Eq)]
pub struct Expected {
    /// Whether the search must be refused.
    pub error: bool,
    /// Whether the rows may come in any order.
    pub unordered: bool,
    /// The text.
    pub block: Block,
}

/// The inside of a fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What stands in it, every line with its end.
    pub text: String,
    lines: Range<usize>,
}

/// A file that a page gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What it is for.
    pub kind: FileKind,
    /// Its name; a macro's with its arguments in parentheses.
    pub name: String,
    /// What it holds.
    pub text: String,
    /// The level of the heading that it stands under.
    level: usize,
}

impl File {
    /// A file that no page gives.
    pub fn new(kind: FileKind, name: &str, text: String) -> Self {
        Self { kind, name: name.to_owned(), text, level: 0 }
    }
}

/// What a file of a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// To be searched.
    Logs,
    /// A CSV table.
    Lookup,
    /// A macro's definition.
    Macro,
}

/// A page.
#[derive(Debug)]
pub struct Page {
    text: String,
    /// Its cases in order.
    pub cases: Vec<Case>,
}

/// What is to be written into a page for one case.
#[derive(Debug, Default)]
pub struct Blessing {
    /// Whether the search was refused.
    pub error: bool,
    /// The rows or the errors.
    pub result: String,
    /// The warnings and notes; empty for none.
    pub notes: String,
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// With the line of a block that makes no sense where it stands.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let (mut cases, mut files): (Vec<Case>, Vec<File>) = (vec![], vec![]);
        let (mut level, mut at) = (0, 0);
        while at < lines.len() {
            let line = lines[at].trim_end();
            let hashes = line.len() - line.trim_start_matches('#').len();
            if hashes > 0 && line[hashes..].starts_with(' ') {
                level = hashes;
                files.retain(|file| file.level < level);
            }
            let ticks = line.len() - line.trim_start_matches('`').len();
            if ticks < 3 {
                at += 1;
                continue;
            }
            let closes = |l: &&str| l.trim_end().len() >= ticks && l.trim_end().chars().all(|c| c == '`');
            let length = lines[at + 1..].iter().position(closes).ok_or_else(|| format!("line {}: no end", at + 1))?;
            let inside = at + 1..at + 1 + length;
            let block = Block { text: lines[inside.clone()].concat(), lines: inside };
            let wrong = |why: &str| format!("line {}: {why}", at + 1);
            let (kind, rest) = line[ticks..].split_once(' ').unwrap_or((&line[ticks..], ""));
            match file_kind(kind) {
                Some(_) if rest.is_empty() => return Err(wrong("the block needs a name: ```logs web.jsonl")),
                Some(kind) => {
                    files.push(File { kind, name: rest.to_owned(), text: block.text, level });
                }
                None if kind == "spl" => cases.push(Case {
                    line: at + 1,
                    spl: block.text.trim_end().to_owned(),
                    files: visible(&files),
                    end: at + 2 + length,
                    ..Case::default()
                }),
                None if ["result", "error", "note"].contains(&kind) => {
                    let case = cases.last_mut().ok_or_else(|| wrong("there is no search that this belongs to"))?;
                    case.end = at + 2 + length;
                    case.add(kind, rest, block).map_err(wrong)?;
                }
                None => {}
            }
            at += length + 2;
        }
        Ok(Self { text: text.to_owned(), cases })
    }

    /// The page with other results, one blessing for each case.
    pub fn blessed(&self, blessings: &[Blessing]) -> String {
        let mut lines: Vec<String> = self.text.split_inclusive('\n').map(str::to_owned).collect();
        // From the end, so that line numbers before stay true.
        for (case, new) in self.cases.iter().zip(blessings).rev() {
            let word = if new.error { "error" } else { "result" };
            match &case.notes {
                Some(block) if new.notes.is_empty() => {
                    // With its fences and the empty line before it.
                    lines.drain(block.lines.start.saturating_sub(2)..block.lines.end + 1);
                }
                Some(block) => drop(lines.splice(block.lines.clone(), [new.notes.clone()])),
                None if new.notes.is_empty() => {}
                None => lines.insert(case.end, format!("\n```note\n{}```\n", new.notes)),
            }
            match &case.expected {
                Some(expected) => {
                    let block = &expected.block;
                    lines.splice(block.lines.clone(), [new.result.clone()]);
                    if expected.error != new.error {
                        lines[block.lines.start - 1] = format!("```{word}\n");
                    }
                }
                None => lines.insert(case.end, format!("\n```{word}\n{}```\n", new.result)),
            }
        }
        lines.concat()
    }
}

impl Case {
    fn add(&mut self, kind: &str, rest: &str, block: Block) -> Result<(), &'static str> {
        match (kind, rest) {
            ("note", "") if self.notes.is_none() => self.notes = Some(block),
            ("result", "" | "unordered") | ("error", "") if self.expected.is_none() => {
                self.expected = Some(Expected { error: kind == "error", unordered: rest == "unordered", block });
            }
            (_, "") | ("result", "unordered") => return Err("the search before has such a block already"),
            _ => return Err("nothing but `unordered` may stand after `result`, and nothing after `error` and `note`"),
        }
        Ok(())
    }
}

/// The files that a case sees: of several with one name the last, which hides the others under its heading.
fn visible(files: &[File]) -> Vec<File> {
    let hidden = |at: usize| files[at + 1..].iter().any(|f| (f.kind, &f.name) == (files[at].kind, &files[at].name));
    (0..files.len()).filter(|at| !hidden(*at)).map(|at| files[at].clone()).collect()
}

fn file_kind(word: &str) -> Option<FileKind> {
    match word {
        "logs" => Some(FileKind::Logs),
        "lookup" => Some(FileKind::Lookup),
        "macro" => Some(FileKind::Macro),
        _ => None,
    }
}

const PAGE: &str = "# A\n\n```logs a.jsonl\n{\"n\":1}\n```\n\n## B\n\n```lookup l.csv\nn\n1\n```\n\n```spl\nn=1\n| table n\n```\n\n\
     ```result unordered\n{\"n\":\"1\"}\n```\n\n## C\n\n````spl\n```x```\n````\n";

#[test]
fn files_last_until_the_next_heading_of_their_level() {
    let page = Page::parse(PAGE).expect("the page is well formed");
    let names = |case: &Case| case.files.iter().map(|file| file.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&page.cases[0]), ["a.jsonl", "l.csv"]);
    assert_eq!(names(&page.cases[1]), ["a.jsonl"]);
    assert_eq!(page.cases[1].spl, "```x```");
}

#[test]
fn a_blessed_page_says_what_came_out_and_nothing_else_changes() {
    let page = Page::parse(PAGE).expect("the page is well formed");
    let one =
        |error: bool, result: &str, notes: &str| Blessing { error, result: result.to_owned(), notes: notes.to_owned() };
    let blessed = page.blessed(&[one(false, "{\"n\":\"2\"}\n", "careful\n"), one(true, "bad\n", "")]);
    let expected = PAGE.replace("{\"n\":\"1\"}\n```\n", "{\"n\":\"2\"}\n```\n\n```note\ncareful\n```\n")
        + "\n```error\nbad\n```\n";
    assert_eq!(blessed, expected);
    let again = Page::parse(&blessed).expect("a blessed page is well formed");
    assert_eq!(
        again.blessed(&[one(false, "{\"n\":\"1\"}\n", ""), one(true, "bad\n", "")]),
        PAGE.to_owned() + "\n```error\nbad\n```\n"
    );
    assert!(again.cases[1].expected.as_ref().is_some_and(|expected| expected.error));
}

#[test]
fn blocks_that_make_no_sense_are_refused() {
    for text in ["```result\n```\n", "```logs\n```\n", "```spl\nx\n", "```spl\nx\n```\n```result sorted\n```\n"] {
        assert!(Page::parse(text).is_err(), "{text}");
    }
}
