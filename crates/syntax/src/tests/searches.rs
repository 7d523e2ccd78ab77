//! Search expressions: what groups with what, and how words, fields and values are read.

use super::{complaints, parse, printed};
use crate::{PatternPiece, SearchExpr, SearchKind, parse_search_expr};

/// A search expression with all its grouping shown.
fn shape(expr: &SearchExpr) -> String {
    let all = |list: &[SearchExpr], word: &str| {
        let parts: Vec<_> = list.iter().map(shape).collect();
        format!("({})", parts.join(word))
    };
    match &expr.kind {
        SearchKind::And(list) => all(list, " & "),
        SearchKind::Or(list) => all(list, " | "),
        SearchKind::Not(inner) => format!("!{}", shape(inner)),
        SearchKind::Branch(pipeline) => format!("branch {}", pipeline.commands.len()),
        SearchKind::Subsearch(pipeline) => format!("sub {}", pipeline.commands.len()),
        _ => crate::print_search_expr(expr),
    }
}

fn read(text: &str) -> SearchExpr {
    let (expr, diagnostics) = parse_search_expr(text);
    assert!(!diagnostics.iter().any(|d| d.is_error()), "{text}: {diagnostics:?}");
    let printed = crate::print_search_expr(&expr);
    let (again, _) = parse_search_expr(&printed);
    assert_eq!(again.without_spans(), expr.without_spans(), "{text}\n{printed}");
    expr
}

#[test]
fn or_binds_tighter_than_and() {
    for (text, expected) in [
        ("", "*"),
        ("*", "*"),
        ("a", "a"),
        ("a b", "(a & b)"),
        ("a AND b", "(a & b)"),
        ("a,b, c", "(a & b & c)"),
        ("a b OR c d", "(a & (b | c) & d)"),
        ("a AND b OR c", "(a & (b | c))"),
        ("a OR b OR c", "(a | b | c)"),
        ("a OR b AND c OR d", "((a | b) & (c | d))"),
        ("(a AND b) OR c", "((a & b) | c)"),
        ("a NOT b OR c", "(a & (!b | c))"),
        ("NOT a b", "(!a & b)"),
        ("NOT (a b)", "!(a & b)"),
        ("NOT NOT a", "!!a"),
        ("NOT(a)", "!a"),
        ("a (b (c))", "(a & (b & c))"),
        ("ANDROID ORDER NOTE", "(ANDROID & ORDER & NOTE)"),
        ("AND=1 x", "(\"AND\"=1 & x)"),
        ("\"OR\" \"NOT\"", "(\"OR\" & \"NOT\")"),
        ("x=\"IN\" IN", "(x=\"IN\" & (IN))"),
        ("a=1 b IN (1, \"2\", c*) d", "(a=1 & b IN (1, \"2\", c*) & d)"),
        ("a NOT IN (1) b", "(!a IN (1) & b)"),
        ("NOT 'user.name' IN (\"x\")", "!user.name IN (\"x\")"),
        ("a IN b", "(a & (IN) & b)"),
        ("a in (b)", "(a & in & b)"),
        ("a IN(b c)", "a IN (b, c)"),
        ("it's ok", "(it's & ok)"),
    ] {
        assert_eq!(shape(&read(text)), expected, "{text}");
    }
}

#[test]
fn comparisons_take_almost_anything_bare() {
    for (text, field, sign, value) in [
        ("a=b", "a", "=", "b"),
        ("a == b", "a", "=", "b"),
        ("a != b", "a", "!=", "b"),
        ("a<5", "a", "<", "5"),
        ("a <= 5", "a", "<=", "5"),
        ("a>=m", "a", ">=", "m"),
        ("objectRef.resource=secrets", "objectRef.resource", "=", "secrets"),
        ("sourceIPs{}=10.0.0.*", "sourceIPs{}", "=", "10.0.0.[*]"),
        ("annotations.authorization.k8s.io/decision=allow", "annotations.authorization.k8s.io/decision", "=", "allow"),
        ("\"a b\"=c", "a b", "=", "c"),
        ("'a b' = \"c d\"", "a b", "=", "c d"),
        ("user=*", "user", "=", "[*]"),
        ("user=\"*or\"", "user", "=", "[*]or"),
        ("user=\"\"", "user", "=", ""),
        ("p=/var/run/docker.sock", "p", "=", "/var/run/docker.sock"),
        (r"p=C:\Windows", "p", "=", r"C:\Windows"),
        (r#"p="C:\\Windows\\cmd.exe""#, "p", "=", r"C:\Windows\cmd.exe"),
        (r#"p="a\"b""#, "p", "=", "a\"b"),
        (r"p=a\*b*", "p", "=", "a*b[*]"),
        (r#"p="a\*b""#, "p", "=", "a*b"),
        (r#"p="C:\\*""#, "p", "=", r"C:\[*]"),
        (r"p=a\|b", "p", "=", "a|b"),
        ("u=http://x/?a=b&c=d", "u", "=", "http://x/?a=b&c=d"),
        ("m=user@x{}-y", "m", "=", "user@x{}-y"),
        ("a=**x**", "a", "=", "[*]x[*]"),
        ("ä=ö", "ä", "=", "ö"),
        ("a=CASE(Admin)", "a", "=", "Admin"),
        ("earliest>5", "earliest", ">", "5"),
    ] {
        let SearchKind::Compare { field: f, op, value: v } = read(text).kind else {
            panic!("{text}");
        };
        let shown: String = v
            .pattern
            .pieces()
            .iter()
            .map(|p| match p {
                PatternPiece::Star => "[*]".to_owned(),
                PatternPiece::Literal(text) => text.clone(),
            })
            .collect();
        let signs = ["=", "!=", "<", "<=", ">", ">="];
        assert_eq!((f.value.as_str(), signs[op as usize], shown.as_str()), (field, sign, value), "{text}");
        assert_eq!(v.quoted, text.ends_with('"'), "{text}");
    }
}

#[test]
fn case_and_term_mark_values() {
    for (text, case, term, literal) in [
        ("CASE(Failed)", true, false, "Failed"),
        ("TERM(10.0.0.1)", false, true, "10.0.0.1"),
        ("TERM( \"10.0.0.1\" )", false, true, "10.0.0.1"),
        ("TERM(user=admin)", false, true, "user=admin"),
        ("CASE(TERM(x))", true, true, "x"),
        ("CASE(two words)", true, false, "two words"),
        ("case", false, false, "case"),
    ] {
        let SearchKind::Term(value) = read(text).kind else {
            panic!("{text}");
        };
        let found = (value.pattern.keeps_case(), value.term, value.pattern.as_literal());
        assert_eq!(found, (case, term, Some(literal)), "{text}");
    }
}

#[test]
fn time_modifiers_are_no_comparisons() {
    for (text, is_earliest, expected) in [
        ("earliest=-24h@h", true, "-24h@h"),
        ("latest = now", false, "now"),
        ("latest=now()", false, "now()"),
        ("earliest=\"09/15/2026:00:00:00\"", true, "09/15/2026:00:00:00"),
        ("_index_earliest=-1d@d+3h", true, "-1d@d+3h"),
        ("_index_latest=1700000000", false, "1700000000"),
    ] {
        let SearchKind::Time { earliest, modifier } = read(text).kind else {
            panic!("{text}");
        };
        assert_eq!((earliest, modifier.value.as_str()), (is_earliest, expected), "{text}");
    }
}

#[test]
fn a_branch_is_a_pipeline_in_parentheses_and_nothing_else() {
    for (text, expected) in [
        ("(a b)", "(a & b)"),
        ("(a \"|\" b)", "(a & \"|\" & b)"),
        (r"(a \| b)", r"(a & \| & b)"),
        ("([search a | head 1] b)", "(sub 2 & b)"),
        ("(a | head 1)", "branch 2"),
        ("x (a | head 1) OR (b | head 2 | head 1)", "(x & (branch 2 | branch 3))"),
        ("((a | head 1) b)", "(branch 2 & b)"),
        ("(search a | where (x=1) | table y)", "branch 3"),
        ("(| makeresults | head 1)", "branch 2"),
        ("(a | append [search (b | head 1)])", "branch 2"),
    ] {
        let parsed = parse(text);
        assert!(!parsed.has_errors(), "{text}: {:?}", complaints(&parsed));
        let Some(crate::ArgumentValue::Search(expr)) = parsed.pipeline.commands[0].argument("expression") else {
            panic!("{text}");
        };
        assert_eq!(shape(expr), expected, "{text}");
        printed(text);
    }
}

#[test]
fn the_first_word_decides_whether_search_was_left_out() {
    for (text, name, implied) in [
        ("a b", "search", true),
        ("search a b", "search", false),
        ("| search a b", "search", false),
        ("search=5", "search", true),
        ("search = 5", "search", true),
        ("(search) a", "search", true),
        ("searches a", "search", true),
        ("stats count", "search", true),
        ("| stats count", "stats", false),
        ("  \n| makeresults", "makeresults", false),
    ] {
        let parsed = parse(text);
        assert!(!parsed.has_errors(), "{text}");
        let first = &parsed.pipeline.commands[0];
        assert_eq!((first.name.value.as_str(), first.implied), (name, implied), "{text}");
        printed(text);
    }
    for (text, name, implied) in [
        ("x | append [a b]", "search", true),
        ("x | append [search a]", "search", false),
        ("x | append [| stats count]", "stats", false),
        ("x | append [stats count | head 1]", "stats", false),
        ("x | append [host=a]", "search", true),
        ("x | append [head=a]", "search", true),
        ("x | append [(head) a]", "search", true),
    ] {
        let parsed = parse(text);
        assert!(!parsed.has_errors(), "{text}");
        let Some(crate::ArgumentValue::Subsearch(inner)) = parsed.pipeline.commands[1].argument("subsearch") else {
            panic!("{text}");
        };
        let first = &inner.commands[0];
        assert_eq!((first.name.value.as_str(), first.implied), (name, implied), "{text}");
        printed(text);
    }
}

#[test]
fn spans_are_exact() {
    let text = "index=a  (b OR \"c d\") x IN (1, 2) NOT y";
    let SearchKind::And(list) = read(text).kind else {
        panic!();
    };
    let parts: Vec<_> = list.iter().map(|e| &text[e.span.range()]).collect();
    assert_eq!(parts, ["index=a", "(b OR \"c d\")", "x IN (1, 2)", "NOT y"]);
}

#[test]
fn lower_case_operators_are_words_with_a_warning() {
    let parsed = parse("a or b not c");
    assert!(!parsed.has_errors());
    assert_eq!(
        complaints(&parsed),
        ["S003 [or] `or` is looked for as a word here", "S003 [not] `not` is looked for as a word here"]
    );
    assert_eq!(complaints(&parse("a='b'")), ["S003 ['b'] single quotes are part of the value here"]);
}
