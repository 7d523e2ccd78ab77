//! The examples of `--help`.

use std::process::Command;

use crate::pages::check_commands;

/// What `dogwatch NAME --help` prints, as wide as it is without a terminal.
fn help(name: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dogwatch"));
    command.args(name.split_whitespace()).arg("--help").env_remove("COLUMNS");
    String::from_utf8(command.output().expect("the binary starts").stdout).expect("text")
}

/// The names of the subcommands, as the first page of help lists them.
fn subcommands() -> Vec<String> {
    let help = help("");
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_examples_of_help_run() {
    let names = subcommands();
    assert!(names.len() > 8, "{names:?}");
    let mut wrong = Vec::new();
    for name in std::iter::once(String::new()).chain(names) {
        let help = help(&name);
        let examples: Vec<String> = help
            .lines()
            .skip_while(|line| *line != "Examples:")
            .skip(1)
            .take_while(|line| !line.is_empty())
            .map(|line| line.trim_start().to_owned())
            .collect();
        if examples.is_empty() {
            wrong.push(format!("`dogwatch {name} --help` has no examples"));
        }
        for example in examples {
            let at = format!("`dogwatch {name} --help`: {example}");
            let is_whole = example.contains("dogwatch ");
            let faults = if is_whole { check_commands(&[example], &at) } else { vec![format!("{at}: is cut in two")] };
            wrong.extend(faults);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
