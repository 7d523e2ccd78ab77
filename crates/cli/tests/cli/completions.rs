//! `dogwatch completions`.

use std::path::Path;

use crate::tool::run;

#[test]
fn every_shell_gets_a_script_that_knows_the_subcommands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = run(Path::new("."), &["completions", shell]).expect(0, &[]);
        assert!(ran.stdout.contains("explain") && ran.stdout.contains("earliest"), "{shell}");
    }
}

#[test]
fn an_unknown_shell_is_a_usage_error() {
    run(Path::new("."), &["completions", "tcsh"]).expect(2, &["tcsh", "bash"]);
}
