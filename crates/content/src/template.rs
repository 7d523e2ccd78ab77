//! Texts with `$field$` in them, as messages and drilldowns have: what a finding's row has stands in for the names.

use std::borrow::Cow;
use std::collections::BTreeSet;

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'t> {
    /// Text that stands for itself.
    Text(&'t str),
    /// The name of a field.
    Field(&'t str),
}

/// The parts of a template in order. A dollar sign that opens nothing, as in `$5 to $user$`, is text.
fn parts(mut rest: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut text = 0;
    let whole = rest;
    let mut at = 0;
    while let Some((before, behind)) = rest.split_once('$') {
        let opens = at + before.len();
        match behind.split_once('$') {
            Some((field, after)) if is_name(field) => {
                parts.push(Part::Text(&whole[text..opens]));
                parts.push(Part::Field(field));
                rest = after;
                at = whole.len() - after.len();
                text = at;
            }
            _ => {
                rest = behind;
                at = whole.len() - behind.len();
            }
        }
    }
    parts.push(Part::Text(&whole[text..]));
    parts
}

fn is_name(field: &str) -> bool {
    !field.is_empty() && !field.contains(char::is_whitespace)
}

/// The fields that a template names as `$field$`, in order, each once.
pub fn template_fields(template: &str) -> Vec<&str> {
    let mut known = BTreeSet::new();
    let fields = parts(template).into_iter().filter_map(|part| match part {
        Part::Field(field) if known.insert(field) => Some(field),
        _ => None,
    });
    fields.collect()
}

/// The template with the values of fields for their names. A field without a value is named: `(no dest)`.
pub fn fill_template<'v>(template: &str, value: &dyn Fn(&str) -> Option<Cow<'v, str>>) -> String {
    let mut text = String::with_capacity(template.len() + 64);
    for part in parts(template) {
        match part {
            Part::Text(plain) => text.push_str(plain),
            Part::Field(name) => match value(name) {
                Some(value) => text.push_str(&value),
                None => text.extend(["(no ", name, ")"]),
            },
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_template_are_found() {
        assert_eq!(template_fields("$user$ on $dest$, $user$ again"), ["user", "dest"]);
        assert_eq!(template_fields("costs $5 for $user$ and $"), ["user"]);
        assert_eq!(template_fields("[$a.b{}$] $$"), ["a.b{}"]);
        assert!(template_fields("nothing").is_empty());
    }

    #[test]
    fn values_stand_in_for_names_and_the_rest_stays() {
        let value = |name: &str| (name == "user").then(|| Cow::from("alice $dest$"));
        for (template, filled) in [
            ("$user$ on $dest$", "alice $dest$ on (no dest)"),
            ("costs $5 for $user$ and $", "costs $5 for alice $dest$ and $"),
            ("$$ $user$$user$", "$$ alice $dest$alice $dest$"),
            ("", ""),
        ] {
            assert_eq!(fill_template(template, &value), filled);
        }
    }
}
