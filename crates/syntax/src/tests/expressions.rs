//! Eval expressions: precedence, literals, names.

use crate::{AssignTarget, Expr, ExprKind, NamePart, UnaryOp, parse_expr};

use super::{printed, tree};

/// An expression in prefix form, all its grouping shown.
fn shape(expr: &Expr) -> String {
    let all = |list: &[Expr]| list.iter().map(|e| format!(" {}", shape(e))).collect::<String>();
    match &expr.kind {
        ExprKind::Number { text, .. } => text.clone(),
        ExprKind::String(text) => format!("{text:?}"),
        ExprKind::Field(name) if name.contains(['.', ' ']) => format!("<{name}>"),
        ExprKind::Field(name) => name.clone(),
        ExprKind::Unary { op, operand } => {
            let sign = match op {
                UnaryOp::Minus => "neg",
                UnaryOp::Plus => "pos",
                UnaryOp::Not => "NOT",
            };
            format!("({sign} {})", shape(operand))
        }
        ExprKind::Binary { op, left, right } => format!("({op:?} {} {})", shape(left), shape(right)),
        ExprKind::In { value, list, negated } => {
            let word = if *negated { "NotIn" } else { "In" };
            format!("({word} {}{})", shape(value), all(list))
        }
        ExprKind::Call { name, arguments } => format!("{}[{}]", name.value, all(arguments).trim()),
        ExprKind::Subsearch(pipeline) => format!("sub{}", pipeline.commands.len()),
        ExprKind::Error => "error".to_owned(),
    }
}

fn read(text: &str) -> Expr {
    let (expr, diagnostics) = parse_expr(text);
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    assert_eq!(expr.span.range(), 0..text.len(), "{text}");
    let printed = crate::print_expr(&expr);
    let (again, diagnostics) = parse_expr(&printed);
    assert!(diagnostics.is_empty(), "{text}: {printed}: {diagnostics:?}");
    assert_eq!(again.without_spans(), expr.without_spans(), "{text}\n{printed}");
    expr
}

#[test]
fn precedence_is_splunks() {
    for (text, expected) in [
        ("2+3*4", "(Add 2 (Multiply 3 4))"),
        ("(2+3)*4", "(Multiply (Add 2 3) 4)"),
        ("7-2-1", "(Subtract (Subtract 7 2) 1)"),
        ("7-(2-1)", "(Subtract 7 (Subtract 2 1))"),
        ("10%3*2", "(Multiply (Modulo 10 3) 2)"),
        ("-a*b", "(Multiply (neg a) b)"),
        ("-(a*b)", "(neg (Multiply a b))"),
        ("2--1", "(Subtract 2 (neg 1))"),
        ("+-a", "(pos (neg a))"),
        ("a.\"x\".b", "(Concat (Concat a \"x\") b)"),
        ("a + b . c", "(Concat (Add a b) c)"),
        ("a.b*c", "(Concat a (Multiply b c))"),
        ("a=1 OR b=2 AND c=3", "(Or (Equal a 1) (And (Equal b 2) (Equal c 3)))"),
        ("(a OR b) AND c", "(And (Or a b) c)"),
        ("a XOR b OR c", "(Xor a (Or b c))"),
        ("NOT a=1 AND b", "(And (NOT (Equal a 1)) b)"),
        ("NOT (a AND b)", "(NOT (And a b))"),
        ("NOT NOT a", "(NOT (NOT a))"),
        ("a = NOT b", "(Equal a (NOT b))"),
        ("not a and b or c xor d", "(Xor (Or (And (NOT a) b) c) d)"),
        ("a==b", "(Equal a b)"),
        ("a!=b", "(NotEqual a b)"),
        ("a<=b", "(LessEqual a b)"),
        ("a < b + 1", "(Less a (Add b 1))"),
        ("a like \"x%\"", "(Like a \"x%\")"),
        ("a NOT LIKE \"x%\"", "(NOT (Like a \"x%\"))"),
        ("a IN (1, \"b\", c) AND d", "(And (In a 1 \"b\" c) d)"),
        ("status in(\"400\", \"401\")", "(In status \"400\" \"401\")"),
        ("a not in (1)", "(NotIn a 1)"),
        ("NOT a IN (1)", "(NOT (In a 1))"),
        ("in(a, 1)", "in[a 1]"),
        ("like(a, \"b\")", "like[a \"b\"]"),
        ("orders + android", "(Add orders android)"),
        ("IF(isnull(x), null(), 1)", "if[isnull[x] null[] 1]"),
        ("case(a=1,\"x\",true(),\"y\")", "case[(Equal a 1) \"x\" true[] \"y\"]"),
        ("f ( a )", "f[a]"),
    ] {
        assert_eq!(shape(&read(text)), expected, "{text}");
    }
}

#[test]
fn literals_and_names() {
    for (text, expected) in [
        ("1", "1"),
        ("1.5", "1.5"),
        (".5", ".5"),
        ("1e3", "1e3"),
        ("1.5E-3", "1.5E-3"),
        ("0xFF", "0xFF"),
        ("\"a\\\"b\"", "\"a\\\"b\""),
        (r#""\d+""#, r#""\\d+""#),
        (r#""\\d""#, r#""\\d""#),
        (r#""\.""#, r#""\\.""#),
        ("\"\"", "\"\""),
        ("\"a | b ] )\"", "\"a | b ] )\""),
        ("'a b'", "<a b>"),
        ("'user.name'", "<user.name>"),
        (r"'it\'s'", "it's"),
        ("'a'.'b.c'", "(Concat a <b.c>)"),
        ("sourceIPs{}", "sourceIPs{}"),
        ("items{}.sku", "(Concat items{} sku)"),
        ("l{0}", "l{0}"),
        ("x:y", "x:y"),
        ("_time", "_time"),
        ("a.b.1.5", "(Concat (Concat a b) 1.5)"),
        ("1 . 5", "(Concat 1 5)"),
        ("a.5", "(Concat a 5)"),
        ("größe", "größe"),
    ] {
        assert_eq!(shape(&read(text)), expected, "{text}");
    }
    let values = [("1e3", 1000.0), (".5", 0.5), ("0xFF", 255.0), ("0A", f64::NAN)];
    for (text, expected) in values {
        match parse_expr(text).0.kind {
            ExprKind::Number { value, .. } => assert_eq!(value, expected),
            ExprKind::Error => assert!(expected.is_nan(), "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn subsearches_stand_in_expressions() {
    let text = "search id=1 | eval n = 1 + [| makeresults | eval n=41 | return $n] | table n";
    assert_eq!(tree(text).commands.len(), 3);
    printed(text);
}

#[test]
fn assignment_targets() {
    let field = |name: &str| AssignTarget::Field(name.to_owned());
    let part = |name: &str| NamePart::Field(name.to_owned());
    let text = |text: &str| NamePart::Text(text.to_owned());
    for (written, expected) in [
        ("a", field("a")),
        ("'a b'", field("a b")),
        ("\"a b\"", field("a b")),
        ("a.b", field("a.b")),
        ("l{}", field("l{}")),
        ("l{0}.x", field("l{0}.x")),
        ("'{a}'", field("{a}")),
        ("{a}", AssignTarget::Dynamic(vec![part("a")])),
        ("pre_{a}", AssignTarget::Dynamic(vec![text("pre_"), part("a")])),
        ("\"{a} of {b}\"", AssignTarget::Dynamic(vec![part("a"), text(" of "), part("b")])),
        ("l{}{a}", AssignTarget::Dynamic(vec![text("l{}"), part("a")])),
    ] {
        for spaced in ["=", " = "] {
            let search = format!("* | eval {written}{spaced}1, z=2");
            let pipeline = tree(&search);
            let Some(crate::ArgumentValue::Assignments(list)) = pipeline.commands[1].argument("assignments") else {
                panic!("{search}");
            };
            assert_eq!(list.len(), 2);
            assert_eq!(list[0].target.value, expected, "{search}");
            printed(&search);
        }
    }
}
