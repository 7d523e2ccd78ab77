//! Macros and comments: what they become, and where complaints about them point.

use std::collections::HashMap;

use super::{complaints, parse, parse_with};
use crate::{Code, MacroDefinition, Macros, NoMacros, Parsed};

/// Macros by `name` or `name(arity)`.
struct Table(HashMap<&'static str, MacroDefinition>);

impl Macros for Table {
    fn get(&self, name: &str, arity: usize) -> Option<MacroDefinition> {
        let key = if arity == 0 { name.to_owned() } else { format!("{name}({arity})") };
        self.0.get(key.as_str()).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.0.keys().map(|k| (*k).to_owned()).collect()
    }
}

fn table() -> Table {
    let rows: [(&str, &[&str], &str); 12] = [
        ("kube", &[], "index=kubernetes"),
        ("named(1)", &["n"], "name=\"$n$\""),
        ("pair(2)", &["a", "b"], "x=$a$ y=$b$ `named($a$)`"),
        ("self", &[], "a `self`"),
        ("ping", &[], "`pong`"),
        ("pong", &[], "`ping`"),
        ("bad", &[], "where a="),
        ("empty", &[], ""),
        ("piped", &[], "| stats count"),
        ("money", &[], "price=$5 $x$"),
        ("quoted", &[], "\"`kube`\""),
        ("grow(1)", &["x"], "$x$ $x$ $x$ $x$ $x$ $x$ $x$ $x$ $x$ $x$"),
    ];
    let definition = |arguments: &[&str], text: &str| MacroDefinition {
        arguments: arguments.iter().map(|a| (*a).to_owned()).collect(),
        definition: text.to_owned(),
        is_eval: false,
    };
    let mut table: HashMap<_, _> = rows.into_iter().map(|(k, a, d)| (k, definition(a, d))).collect();
    let computed = MacroDefinition { is_eval: true, ..definition(&[], "\"a\".\"b\"") };
    table.insert("computed", computed);
    Table(table)
}

fn expanded(text: &str) -> String {
    let parsed = parse_with(text, &table());
    assert!(!parsed.has_errors(), "{text}: {:?}", complaints(&parsed));
    check_segments(&parsed);
    parsed.sources.expanded
}

/// Segments cover the expanded text without gaps, and each is a copy of its source, blanks for comments apart.
fn check_segments(parsed: &Parsed) {
    let sources = &parsed.sources;
    let mut end = 0;
    for segment in &sources.segments {
        assert_eq!(segment.start, end);
        end = segment.end;
        let copy = &sources.expanded[segment.start..segment.end];
        let from = segment.source_start;
        let original = &sources.sources[segment.source].text[from..from + copy.len()];
        let copied = |(a, b): (char, char)| a == b || (a, b) == (' ', '`');
        assert!(copy.chars().zip(original.chars()).all(copied), "{copy:?} {original:?}");
    }
    assert_eq!(end, sources.expanded.len());
}

#[test]
fn calls_are_replaced_as_text() {
    for (text, expected) in [
        ("`kube` a", "index=kubernetes a"),
        ("`kube()` a", "index=kubernetes a"),
        ("` kube ` a", "index=kubernetes a"),
        ("`named(secret)`", "name=\"secret\""),
        ("`named(\"a, b\")`", "name=\"a, b\""),
        ("`named(\"say \\\"hi\\\"\")`", "name=\"say \"hi\"\""),
        ("`pair(1, \"p q\")`", "x=1 y=p q name=\"1\""),
        ("`named(f(1,2))`", "name=\"f(1,2)\""),
        ("a `empty`b", "a b"),
        ("a `piped`", "a | stats count"),
        ("`money`", "price=$5 $x$"),
        ("a=\"`kube`\"", "a=\"`kube`\""),
        ("`quoted`", "\"`kube`\""),
        ("a ```x | \" `kube` y``` b", "a   b"),
        ("a```x```b", "a b"),
        ("a=\"```x```\"", "a=\"```x```\""),
        (r#"a\" `kube` \\"`kube`""#, r#"a\" index=kubernetes \\"`kube`""#),
        ("a=\"\\\"`kube`\"", "a=\"\\\"`kube`\""),
    ] {
        assert_eq!(expanded(text), expected, "{text}");
    }
}

#[test]
fn what_cannot_be_expanded_is_one_error_at_the_call() {
    for (text, expected) in [
        ("a `kub` b", "S010 [`kub`] no macro is named `kub`"),
        ("`named` b", "S010 [`named`] the macro `named` does not take 0 arguments"),
        ("`named(1,2)`", "S010 [`named(1,2)`] the macro `named` does not take 2 arguments"),
        ("`named(1` b", "S010 [`named(1`] the call of the macro `named` lacks its closing parenthesis `)`"),
        ("a `` b", "S010 [``] a macro name is missing between the backticks"),
        ("a `kube", "S010 [`] the macro call is never closed"),
        ("a | `nope` | stats count", "S010 [`nope`] no macro is named `nope`"),
        ("a | where `nope`", "S010 [`nope`] no macro is named `nope`"),
        ("`computed`", "S015 [`computed`] the macro `computed` is an eval macro (iseval)"),
        ("`self`", "S010 [`self`] the macro calls itself: `self` → `self`"),
        ("`ping`", "S010 [`ping`] the macro calls itself: `ping` → `pong` → `ping`"),
        ("a ```b", "S001 [ ] the comment is never closed"),
    ] {
        assert_eq!(complaints(&parse_with(text, &table())), [expected], "{text}");
    }
    let parsed = parse_with("a `kub` b", &table());
    assert_eq!(parsed.diagnostics[0].help.as_deref(), Some("did you mean `kube`?"));
    let parsed = crate::parse("`x`", &NoMacros, &crate::testing::TestSignatures);
    assert!(parsed.diagnostics[0].help.as_deref().unwrap().contains("no macros"));
}

#[test]
fn complaints_inside_a_macro_point_into_its_definition() {
    let parsed = parse_with("a | `bad`", &table());
    assert_eq!(parsed.diagnostics.len(), 1);
    let (source, range) = parsed.sources.locate(parsed.diagnostics[0].span);
    let source = &parsed.sources.sources[source];
    assert_eq!(source.name, "macro `bad`");
    assert_eq!(range.start, source.text.len());

    // What an argument brought in is where the argument was written.
    let parsed = parse_with("`named(x)` | where a==\"`kube`\" | `pair(\"1\", \"=\")`", &table());
    let error = parsed.diagnostics.iter().find(|d| d.is_error()).unwrap();
    assert_eq!(error.code, Code::UnknownCommand);
    let (source, range) = parsed.sources.locate(error.span);
    assert_eq!((&parsed.sources.sources[source].text[range], source > 0), ("x", true));

    let text = "`named(ok)` ```c``` | stast";
    let parsed = parse_with(text, &table());
    let (source, range) = parsed.sources.locate(parsed.diagnostics[0].span);
    assert_eq!((source, &text[range]), (0, "stast"));
}

#[test]
fn expansion_is_bounded() {
    let mut call = "\"0123456789\"".to_owned();
    for _ in 0..7 {
        let escaped = call.replace('\\', "\\\\").replace('"', "\\\"");
        call = format!("\"`grow({escaped})`\"");
        if call.len() > 100_000 {
            break;
        }
    }
    let call = call.trim_matches('"').to_owned();
    parse_with(&call, &table());

    /// `m0` calls `m1` twice, and so on.
    struct Doubling(usize);
    impl Macros for Doubling {
        fn get(&self, name: &str, _arity: usize) -> Option<MacroDefinition> {
            let level: usize = name.strip_prefix('m')?.parse().ok()?;
            let next = level + 1;
            let definition = if level == self.0 { String::new() } else { format!("`m{next}``m{next}`") };
            Some(MacroDefinition { definition, ..MacroDefinition::default() })
        }
        fn names(&self) -> Vec<String> {
            vec![]
        }
    }
    for depth in [40, 1000] {
        let parsed = parse_with("`m0`", &Doubling(depth));
        assert!(parsed.diagnostics.iter().any(|d| d.code == Code::TooLarge), "{depth}");
    }
    assert_eq!(parse(&"a ".repeat(1 << 20)).diagnostics[0].code, Code::TooLarge);
}
