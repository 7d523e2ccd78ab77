//! Finds the console blocks of a Markdown page.

/// What stands before a block that is not run. The reason follows, up to `-->`.
const NOT_RUN: &str = "<!-- not run:";

/// A console block.
#[derive(Debug)]
pub struct Block {
    /// Line of its opening fence, from 1.
    pub line: usize,
    /// Why it is not run.
    pub not_run: Option<String>,
    /// How far it is indented: blocks stand in lists too.
    pub indent: usize,
    /// Its lines, without the indentation.
    pub lines: Vec<String>,
}

/// A command of a session and what it prints.
#[derive(Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The command, continued lines included.
    pub command: String,
    /// The lines shown below it, as indexes into the block's lines.
    pub shown: std::ops::Range<usize>,
}

impl Block {
    /// Whether it shows what its commands print.
    pub fn is_session(&self) -> bool {
        self.lines.iter().any(|line| line.starts_with("$ "))
    }

    /// The commands of a session with what they print.
    pub fn exchanges(&self) -> Vec<Exchange> {
        let mut exchanges: Vec<Exchange> = Vec::new();
        let mut index = 0;
        while index < self.lines.len() {
            let Some(command) = self.lines[index].strip_prefix("$ ") else {
                // What stands before the first prompt belongs to no command; `pages.rs` complains.
                if let Some(last) = exchanges.last_mut() {
                    last.shown.end = index + 1;
                }
                index += 1;
                continue;
            };
            let mut command = command.to_owned();
            while command.ends_with('\\') && index + 1 < self.lines.len() {
                index += 1;
                command.push('\n');
                command.push_str(&self.lines[index]);
            }
            index += 1;
            exchanges.push(Exchange { command, shown: index..index });
        }
        // A blank line between two commands is for the eye.
        for exchange in &mut exchanges {
            while !exchange.shown.is_empty() && self.lines[exchange.shown.end - 1].is_empty() {
                exchange.shown.end -= 1;
            }
        }
        exchanges
    }
}

/// The console blocks of a page, in order.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut before = "";
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let text = line.trim_start();
        let Some(kind) = text.strip_prefix("```") else {
            if !text.is_empty() {
                before = text;
            }
            continue;
        };
        let indent = line.len() - text.len();
        let body: Vec<String> = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| line.trim() != "```")
            .map(|line| line.get(indent..).unwrap_or_default().trim_end().to_owned())
            .collect();
        if kind == "console" || kind == "sh" {
            let reason = before.strip_prefix(NOT_RUN).and_then(|rest| rest.strip_suffix("-->"));
            let not_run = reason.map(|reason| reason.trim().to_owned());
            blocks.push(Block { line: number + 1, not_run, indent, lines: body });
        }
        before = "";
    }
    blocks
}

#[test]
fn a_session_is_taken_apart() {
    let page = "x\n\n<!-- not run: needs a server -->\n```console\n$ a \\\n  b\none\n\ntwo\n\n$ c\n```\n1. y\n   ```sh\n   d\n   ```\n";
    let blocks = blocks(page);
    assert_eq!(blocks.len(), 2);
    assert_eq!((blocks[0].line, blocks[0].not_run.as_deref()), (4, Some("needs a server")));
    let exchanges = blocks[0].exchanges();
    assert_eq!(exchanges[0], Exchange { command: "a \\\n  b".into(), shown: 2..5 });
    assert_eq!(blocks[0].lines[2..5], ["one", "", "two"]);
    assert_eq!(exchanges[1], Exchange { command: "c".into(), shown: 7..7 });
    assert_eq!((blocks[1].indent, blocks[1].not_run.as_deref(), &*blocks[1].lines), (3, None, &["d".to_owned()][..]));
}
