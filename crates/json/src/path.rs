//! The paths that `spath` and `json_extract` go along a JSON value, and those that occur in one.
//!
//! Source: Search Reference, spath command: location path.

use std::collections::BTreeSet;

use crate::tree::Json;

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'p> {
    /// A member of an object.
    Member(&'p str),
    /// An element of an array, counted from 0.
    Element(usize),
    /// All elements of an array.
    Elements,
}

/// The steps of a path such as `a.b{0}.c{}`; none if it is malformed.
pub fn parse(path: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let open = part.find('{').unwrap_or(part.len());
        let (name, mut indices) = part.split_at(open);
        if !name.is_empty() {
            steps.push(Step::Member(name));
        } else if indices.is_empty() {
            return None;
        }
        while let Some(rest) = indices.strip_prefix('{') {
            let (index, after) = rest.split_once('}')?;
            steps.push(if index.is_empty() { Step::Elements } else { Step::Element(index.parse().ok()?) });
            indices = after;
        }
        if !indices.is_empty() {
            return None;
        }
    }
    Some(steps)
}

/// The values at the end of a path, in order.
pub fn follow<'v, 't>(json: &'v Json<'t>, path: &[Step<'_>]) -> Vec<&'v Json<'t>> {
    let mut values = vec![json];
    for step in path {
        let mut next = Vec::new();
        for value in values {
            match (step, value) {
                (Step::Member(name), Json::Object(members, _)) => {
                    next.extend(members.iter().filter(|(member, _)| member.is(name)).map(|(_, value)| value));
                }
                (Step::Element(index), Json::Array(elements, _)) => next.extend(elements.get(*index)),
                (Step::Elements, Json::Array(elements, _)) => next.extend(elements),
                _ => {}
            }
        }
        values = next;
    }
    values
}

/// Adds the paths of all strings, numbers and words in a value, as Splunk names fields: `a.b`, `list{}`, `list{}.c`.
pub fn collect(json: &Json<'_>, paths: &mut BTreeSet<String>) {
    collect_below(json, &mut String::new(), paths);
}

/// Recurses as deep as a tree is, which [`crate::DEPTH_LIMIT`] bounds.
fn collect_below(json: &Json<'_>, path: &mut String, paths: &mut BTreeSet<String>) {
    let length = path.len();
    match json {
        Json::Object(members, _) => {
            for (name, member) in members {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&name.decode());
                collect_below(member, path, paths);
                path.truncate(length);
            }
        }
        Json::Array(elements, _) => {
            path.push_str("{}");
            elements.iter().for_each(|element| collect_below(element, path, paths));
            path.truncate(length);
        }
        _ if path.is_empty() => {}
        _ => {
            // Elements of one array mostly have the same names.
            if !paths.contains(path.as_str()) {
                paths.insert(path.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(json: &str, path: &str) -> Vec<String> {
        let value = Json::parse(json).unwrap();
        let steps = parse(path).unwrap();
        follow(&value, &steps).iter().filter_map(|v| v.field_text().map(|text| text.into_owned())).collect()
    }

    #[test]
    fn follows_paths() {
        let json = r#"{"a":{"b":[{"c":1},{"c":2.0}]},"x":null,"s":"q\"\u00e9\ud83d\ude00","\u0061":true}"#;
        assert_eq!(texts(json, "a.b{}.c"), ["1", "2.0"]);
        assert_eq!(texts(json, "a.b{1}.c"), ["2.0"]);
        assert_eq!(texts(json, "a.b{0}"), [r#"{"c":1}"#]);
        assert_eq!(texts(json, "s"), ["q\"é😀"]);
        assert_eq!(texts(json, "a").len(), 2, "a name may stand twice, and be written with escapes");
        assert!(texts(json, "x").is_empty());
        assert!(texts(json, "a.c").is_empty());
        assert_eq!(parse("a..b"), None);
        assert_eq!(parse("a{x}"), None);
    }

    #[test]
    fn collects_the_paths_that_lead_somewhere() {
        let json = r#"{"a":{"b":[{"c":1},{"c":2,"d":null}],"e":[]},"\u0066":[[true]],"g":{}}"#;
        let mut paths = BTreeSet::new();
        collect(&Json::parse(json).unwrap(), &mut paths);
        assert_eq!(paths.iter().map(String::as_str).collect::<Vec<_>>(), ["a.b{}.c", "a.b{}.d", "f{}{}"]);
        paths.clear();
        collect(&Json::parse("1").unwrap(), &mut paths);
        assert!(paths.is_empty());
    }
}
