//! Eval functions: the registry. A family is a folder, a function a file in it.

use crate::function::EvalFunction;

pub mod conditional;
pub mod conversion;
pub mod crypto;
pub mod info;
pub mod json;
pub mod math;
pub mod multivalue;
pub mod text;
pub mod time;

/// The families, sorted, each with its functions sorted by name.
pub static FAMILIES: &[(&str, &[&EvalFunction])] = &[
    ("conditional", conditional::FUNCTIONS),
    ("conversion", conversion::FUNCTIONS),
    ("crypto", crypto::FUNCTIONS),
    ("info", info::FUNCTIONS),
    ("json", json::FUNCTIONS),
    ("math", math::FUNCTIONS),
    ("multivalue", multivalue::FUNCTIONS),
    ("text", text::FUNCTIONS),
    ("time", time::FUNCTIONS),
];

/// All eval functions.
pub fn all() -> impl Iterator<Item = &'static EvalFunction> {
    FAMILIES.iter().flat_map(|(_, functions)| functions.iter().copied())
}

/// The eval function of a name or alias, lower case.
pub fn find(name: &str) -> Option<&'static EvalFunction> {
    all().find(|function| function.name == name || function.aliases.contains(&name))
}

#[cfg(test)]
mod tests;
