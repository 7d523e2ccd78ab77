//! The lookups that a search names.

use dogwatch_syntax::outline::{CommandOutline, outline};
use dogwatch_syntax::{Span, Spanned};

/// The commands that name a lookup.
const LOOKUP_COMMANDS: &[&str] = &["lookup", "inputlookup", "outputlookup"];

/// The lookups that a search names, in order, and where.
pub(crate) fn lookups(search: &str) -> Vec<(String, Span)> {
    outline(search).commands.iter().filter_map(lookup).collect()
}

/// The lookup that a command names: its first word that is no option.
fn lookup(command: &CommandOutline<'_>) -> Option<(String, Span)> {
    if !LOOKUP_COMMANDS.iter().any(|known| command.name.value.eq_ignore_ascii_case(known)) {
        return None;
    }
    let Spanned { value: name, span } = command.words().find(|word| !word.value.contains('='))?;
    let bare = name.trim_matches('"');
    let is_name = !bare.is_empty() && bare.chars().all(|c| c.is_alphanumeric() || "_.-".contains(c));
    is_name.then(|| (bare.to_owned(), span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookups_are_found_where_commands_start() {
        let search = "index=a lookup no | lookup local=true known user OUTPUT x | search \"| lookup no\" \
                      [| inputlookup append=t start=0 other.csv where a=b] | outputlookup create_empty=f \"third\"";
        let names: Vec<_> = lookups(search).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["known", "other.csv", "third"]);
        assert_eq!(lookups("lookup first a")[0].0, "first");
        assert!(lookups("| lookup [search x]").is_empty());
    }
}
