//! Eval functions: the registry. A family is a folder, a function a file in it.

use crate::function::EvalFunction;

pub mod text;

/// The families, sorted, each with its functions sorted by name.
pub static FAMILIES: &[(&str, &[&EvalFunction])] = &[("text", text::FUNCTIONS)];

/// All eval functions.
pub fn all() -> impl Iterator<Item = &'static EvalFunction> {
    FAMILIES.iter().flat_map(|(_, functions)| functions.iter().copied())
}

/// The eval function of a name or alias, lower case.
pub fn find(name: &str) -> Option<&'static EvalFunction> {
    all().find(|function| function.name == name || function.aliases.contains(&name))
}
