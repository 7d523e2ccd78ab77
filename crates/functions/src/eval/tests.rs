//! Checks that every eval function is registered in order, documented, and has examples. The values of the examples are
//! checked in the planner's tests, where expressions can be parsed.

use std::collections::BTreeSet;

use super::*;
use crate::function::{Implementation, ParameterKind};

#[test]
fn families_and_functions_are_sorted_and_named_once() {
    assert!(FAMILIES.is_sorted_by_key(|(family, _)| family));
    let mut names = BTreeSet::new();
    for (family, functions) in FAMILIES {
        assert!(functions.is_sorted_by_key(|function| function.name), "{family}");
        for function in *functions {
            assert_eq!(function.family, *family, "{}", function.name);
            for name in std::iter::once(&function.name).chain(function.aliases) {
                assert!(names.insert(*name), "{name} is registered twice");
                assert_eq!(*name, name.to_lowercase());
            }
        }
    }
}

#[test]
fn functions_are_documented_and_have_examples() {
    for function in all() {
        let name = function.name;
        assert!(function.usage.starts_with(name), "{name}: {}", function.usage);
        assert!(function.summary.ends_with('.') && function.summary.len() > 5, "{name}");
        assert!(!function.details.is_empty(), "{name}");
        assert!(function.source.starts_with("Search Reference"), "{name}");
        assert!(!function.examples.is_empty(), "{name}");
        assert!(function.repeats <= function.parameters.len(), "{name}");
        assert!(function.parameters.is_sorted_by_key(|p| p.optional), "{name}: optional parameters come last");
        for example in function.examples {
            assert!(example.expression.contains(&format!("{name}(")), "{name}: {}", example.expression);
            serde_json::from_str::<serde_json::Value>(example.result).unwrap();
        }
        let lambda = matches!(function.implementation, Implementation::Lambda(_));
        assert_eq!(lambda, function.parameters.iter().any(|p| p.kind == ParameterKind::EachValue), "{name}");
    }
}

#[test]
fn no_arguments_of_any_kind_make_a_function_fail() {
    use crate::types::{Cell, Output};
    for function in all() {
        let Implementation::Rows { returns, row, .. } = function.implementation else { continue };
        for value in [
            Cell::Null,
            Cell::Text(""),
            Cell::Text("é*%\\{"),
            Cell::Number(-1.5),
            Cell::Number(1e300),
            Cell::Bool(true),
        ] {
            let required = function.parameters.iter().filter(|p| !p.optional).count();
            for count in required..=function.parameters.len() {
                let arguments = vec![value; count];
                let types = vec![crate::types::text_type(); count];
                let mut output = Output::new(&returns(&types), 1).unwrap();
                let done = row(&arguments, &mut output);
                if done.is_ok() {
                    assert_eq!(output.finish().len(), 1, "{} appends one value", function.name);
                }
            }
        }
    }
}
