//! Trees made at random: what the printer writes parses back to them.

use proptest::prelude::*;
use proptest::strategy::Union;

use super::{complaints, parse};
use crate::*;

fn spanned<T>(value: T) -> Spanned<T> {
    Spanned::new(value, Span::default())
}

/// Names of every sort, the awkward ones too. No `*`, which some lists refuse, and neither `"` nor backtick,
/// which mean something to the text step before parsing.
fn name() -> BoxedStrategy<String> {
    prop_oneof![
        4 => "[a-z_][a-z0-9_]{0,5}",
        2 => "[a-zA-Z][a-zA-Z0-9_.:/{}@-]{0,8}",
        1 => "[a-zA-Z0-9_ .{}:@/'|()=<>!,+%$#é\\[\\]\\\\-]{1,8}",
        1 => proptest::sample::select(vec![
            "by", "AS", "NOT", "or", "in", "5", "d", "desc", "search", "sortby", "limit", "-a", "l{}", "{a}",
            "a.b", "earliest", "OUTPUT", "where", "true", "eval", "\\", "a\\",
        ]).prop_map(str::to_owned),
    ]
    .boxed()
}

fn text() -> BoxedStrategy<String> {
    prop_oneof![3 => "[a-z0-9 _.]{0,8}", 1 => "\\PC{0,8}", 1 => "[\"\\\\(*`|' \\n]{0,5}"].boxed()
}

/// A regular expression or other text whose backslashes are never undone.
fn regex() -> BoxedStrategy<String> {
    let piece = proptest::sample::select(vec![
        "a", "b c", "\"", "(", ")", "|", "[x]", "\\d", "\\\\", "\\.", "'", "=", "`", "*", "5",
    ]);
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat()).boxed()
}

fn names() -> BoxedStrategy<Vec<Spanned<String>>> {
    prop::collection::vec(name().prop_map(spanned), 1..4).boxed()
}

fn node(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::default() }
}

fn binary_op() -> impl Strategy<Value = BinaryOp> {
    use BinaryOp::*;
    proptest::sample::select(vec![
        Or,
        Xor,
        And,
        Equal,
        NotEqual,
        Less,
        LessEqual,
        Greater,
        GreaterEqual,
        Like,
        Concat,
        Add,
        Subtract,
        Multiply,
        Divide,
        Modulo,
    ])
}

fn expr(depth: u32) -> BoxedStrategy<Expr> {
    let number = proptest::sample::select(vec![("1", 1.0), ("1.5", 1.5), (".5", 0.5), ("1e3", 1e3), ("0x1F", 31.0)]);
    let leaf = prop_oneof![
        number.prop_map(|(text, value)| node(ExprKind::Number { value, text: text.to_owned() })),
        text().prop_map(|t| node(ExprKind::String(t))),
        name().prop_map(|n| node(ExprKind::Field(n))),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let inner = move || expr(depth - 1);
    let sign = proptest::sample::select(vec![UnaryOp::Minus, UnaryOp::Plus, UnaryOp::Not]);
    let function = proptest::sample::select(vec!["f", "if", "like", "in", "mvindex"]);
    let boxed = move || inner().prop_map(Box::new);
    prop_oneof![
        2 => leaf,
        1 => (sign, boxed()).prop_map(|(op, operand)| node(ExprKind::Unary { op, operand })),
        4 => (binary_op(), boxed(), boxed())
            .prop_map(|(op, left, right)| node(ExprKind::Binary { op, left, right })),
        1 => (boxed(), prop::collection::vec(inner(), 1..3), any::<bool>())
            .prop_map(|(value, list, negated)| node(ExprKind::In { value, list, negated })),
        1 => (function, prop::collection::vec(inner(), 0..3)).prop_map(|(name, arguments)| {
            node(ExprKind::Call { name: spanned(name.to_owned()), arguments })
        }),
        1 => pipeline(depth - 1, 1).prop_map(|p| node(ExprKind::Subsearch(p))),
    ]
    .boxed()
}

/// Values. A bare one without apostrophes: beside parentheses these can look like a quoted name.
fn pattern(quoted: bool) -> BoxedStrategy<Pattern> {
    let literal = if quoted { "[a-z0-9 \"\\\\*|()=é]{1,5}" } else { "[a-zA-Z0-9_./:@\\\\*\"|-]{1,5}" };
    prop::collection::vec(prop_oneof![Just(String::new()), literal], 1..4)
        .prop_map(|parts| {
            let piece = |part: String| if part.is_empty() { PatternPiece::Star } else { PatternPiece::Literal(part) };
            parts.into_iter().map(piece).collect()
        })
        .boxed()
}

fn search_value() -> BoxedStrategy<SearchValue> {
    (any::<bool>(), 0..8)
        .prop_flat_map(|(quoted, form)| {
            pattern(quoted).prop_map(move |pattern| SearchValue {
                pattern: pattern.keeping_case(form == 0 || form == 1),
                quoted,
                term: form == 0 || form == 2,
                span: Span::default(),
            })
        })
        .boxed()
}

fn search_node(kind: SearchKind) -> SearchExpr {
    SearchExpr { kind, span: Span::default() }
}

fn search_leaf() -> BoxedStrategy<SearchExpr> {
    use CompareOp::*;
    let op = proptest::sample::select(vec![Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual]);
    let modifier = prop_oneof![Just("-24h@h".to_owned()), text()];
    let kind = prop_oneof![
        Just(SearchKind::All),
        search_value()
            .prop_filter("a bare star is All", |v| v.quoted || v.pattern.keeps_case() || v.term || !v.pattern.is_star())
            .prop_map(SearchKind::Term),
        (name(), op, search_value())
            .prop_filter("a time modifier is no comparison", |(f, op, _)| {
                f != "earliest" || *op != CompareOp::Equal
            })
            .prop_map(|(field, op, value)| SearchKind::Compare { field: spanned(field), op, value }),
        (name(), prop::collection::vec(search_value(), 1..3))
            .prop_map(|(field, values)| SearchKind::In { field: spanned(field), values }),
        (any::<bool>(), modifier).prop_map(|(earliest, m)| SearchKind::Time { earliest, modifier: spanned(m) }),
    ];
    kind.prop_map(search_node).boxed()
}

fn search(depth: u32) -> BoxedStrategy<SearchExpr> {
    if depth == 0 {
        return search_leaf();
    }
    let inner = move || search(depth - 1);
    let several = move || prop::collection::vec(inner(), 2..4);
    prop_oneof![
        4 => search_leaf(),
        2 => several().prop_map(|list| search_node(SearchKind::And(list))),
        2 => several().prop_map(|list| search_node(SearchKind::Or(list))),
        1 => inner().prop_map(|e| search_node(SearchKind::Not(Box::new(e)))),
        1 => pipeline(depth - 1, 1).prop_map(|p| search_node(SearchKind::Subsearch(p))),
        1 => pipeline(depth - 1, 2).prop_map(|p| search_node(SearchKind::Branch(p))),
    ]
    .boxed()
}

type Parts = (Vec<(&'static str, OptionValue)>, Vec<(&'static str, ArgumentValue)>);

fn command(name: &'static str, parts: Parts) -> Command {
    let (options, arguments) = parts;
    Command {
        name: spanned(name.to_owned()),
        options: options
            .into_iter()
            .map(|(name, value)| CommandOption { name: spanned(name.to_owned()), value: spanned(value) })
            .collect(),
        arguments: arguments.into_iter().map(|(slot, value)| Argument { slot, value, span: Span::default() }).collect(),
        span: Span::default(),
        implied: false,
    }
}

fn fields(removes: bool) -> BoxedStrategy<ArgumentValue> {
    names().prop_map(move |names| ArgumentValue::Fields(FieldList { removes, names })).boxed()
}

fn pairs() -> BoxedStrategy<ArgumentValue> {
    let pair = (name(), name()).prop_map(|(from, to)| Rename { from: spanned(from), to: spanned(to) });
    prop::collection::vec(pair.prop_filter("a name for itself is one name", |r| r.from != r.to), 1..3)
        .prop_map(ArgumentValue::Renames)
        .boxed()
}

fn sort_keys() -> BoxedStrategy<ArgumentValue> {
    let order = proptest::sample::select(vec![SortOrder::Auto, SortOrder::Number, SortOrder::Text, SortOrder::Ip]);
    let key = (name(), any::<bool>(), order).prop_map(|(field, descending, order)| SortKey {
        field: spanned(field),
        descending,
        order,
    });
    prop::collection::vec(key, 1..4).prop_map(ArgumentValue::SortKeys).boxed()
}

fn aggregates(depth: u32) -> BoxedStrategy<ArgumentValue> {
    let function = proptest::sample::select(vec!["count", "sum", "p95", "perc99.9"]);
    let argument = prop_oneof![
        Just(None),
        name().prop_map(|n| Some(AggregateArgument::Field(spanned(n)))),
        expr(depth).prop_map(|e| Some(AggregateArgument::Eval(e))),
    ];
    let one = (function, argument, prop::option::of(name())).prop_map(|(function, argument, alias)| {
        let text = match &argument {
            None => function.to_owned(),
            Some(AggregateArgument::Field(field)) => format!("{function}({})", field.value),
            Some(AggregateArgument::Eval(expr)) => format!("{function}(eval({}))", print_expr(expr)),
        };
        Aggregate {
            function: spanned(function.to_owned()),
            argument,
            alias: alias.map(spanned),
            span: Span::default(),
            text,
        }
    });
    prop::collection::vec(one, 1..3).prop_map(ArgumentValue::Aggregates).boxed()
}

fn assignments(depth: u32) -> BoxedStrategy<ArgumentValue> {
    let dynamic = ("[a-z _]{1,4}", "[a-z.]{1,4}", any::<bool>()).prop_map(|(text, field, first)| {
        let mut parts = vec![NamePart::Text(text), NamePart::Field(field)];
        if first {
            parts.reverse();
        }
        AssignTarget::Dynamic(parts)
    });
    let target = prop_oneof![3 => name().prop_map(AssignTarget::Field), 1 => dynamic];
    let one = (target, expr(depth)).prop_map(|(t, value)| Assignment { target: spanned(t), value });
    prop::collection::vec(one, 1..3).prop_map(ArgumentValue::Assignments).boxed()
}

/// A command that can stand anywhere but first.
fn later_command(depth: u32) -> BoxedStrategy<Command> {
    use ArgumentValue as V;
    let number = || (0..100i32).prop_map(|n| V::Number(f64::from(n)));
    let by = || prop::option::of(fields(false));
    let with_by = |mut parts: Parts, by: Option<V>| {
        if let Some(fields) = by {
            parts.1.push(("by", V::Keyword("BY")));
            parts.1.push(("by_fields", fields));
        }
        parts
    };
    let sub = pipeline(depth.saturating_sub(1), 1);
    let choices: Vec<BoxedStrategy<Command>> = vec![
        search(depth).prop_map(|e| command("search", (vec![], vec![("expression", V::Search(e))]))).boxed(),
        expr(depth).prop_map(|e| command("where", (vec![], vec![("expression", V::Expr(e))]))).boxed(),
        assignments(depth).prop_map(|a| command("eval", (vec![], vec![("assignments", a)]))).boxed(),
        fields(false).prop_map(|f| command("table", (vec![], vec![("fields", f)]))).boxed(),
        fields(true).prop_map(|f| command("fields", (vec![], vec![("fields", f)]))).boxed(),
        pairs().prop_map(|p| command("rename", (vec![], vec![("renames", p)]))).boxed(),
        (aggregates(depth), by(), text())
            .prop_map(move |(a, by, d)| {
                let parts = (vec![("delim", OptionValue::Text(d))], vec![("aggregates", a)]);
                command("stats", with_by(parts, by))
            })
            .boxed(),
        (number(), fields(false), by())
            .prop_map(move |(n, f, by)| command("top", with_by((vec![], vec![("count", n), ("fields", f)]), by)))
            .boxed(),
        sort_keys().prop_map(|k| command("sort", (vec![], vec![("keys", k)]))).boxed(),
        (fields(false), sort_keys(), any::<bool>())
            .prop_map(|(f, k, b)| {
                let arguments = vec![("fields", f), ("sortby", V::Keyword("sortby")), ("keys", k)];
                command("dedup", (vec![("keepempty", OptionValue::Bool(b))], arguments))
            })
            .boxed(),
        (regex(), pairs(), pairs())
            .prop_map(|(table, a, b)| {
                let arguments = vec![
                    ("table", V::Text(table)),
                    ("match", a),
                    ("output", V::Keyword("OUTPUTNEW")),
                    ("output_fields", b),
                ];
                command("lookup", (vec![], arguments))
            })
            .boxed(),
        (regex(), name())
            .prop_map(|(p, f)| command("rex", (vec![("field", OptionValue::Text(f))], vec![("pattern", V::Text(p))])))
            .boxed(),
        (name(), any::<bool>(), regex())
            .prop_map(|(field, negated, pattern)| {
                let (field, pattern) = (spanned(field), spanned(pattern));
                command("regex", (vec![], vec![("match", V::FieldRegex { field, negated, pattern })]))
            })
            .boxed(),
        (number(), expr(depth))
            .prop_map(|(n, e)| command("head", (vec![], vec![("count", n), ("while", V::Expr(e))])))
            .boxed(),
        expr(depth)
            .prop_map(|e| command("head", (vec![("limit", OptionValue::Number(7.0))], vec![("while", V::Expr(e))])))
            .boxed(),
        sub.prop_map(|p| command("append", (vec![], vec![("subsearch", V::Subsearch(p))]))).boxed(),
        prop::collection::vec(regex(), 1..4)
            .prop_map(|t| command("format", (vec![], t.into_iter().map(|t| ("parts", V::Text(t))).collect())))
            .boxed(),
    ];
    Union::new(choices).boxed()
}

fn first_command(depth: u32) -> BoxedStrategy<Command> {
    let implied = search(depth).prop_map(|e| Command {
        implied: true,
        ..command("search", (vec![], vec![("expression", ArgumentValue::Search(e))]))
    });
    let makeresults =
        (0..9i32).prop_map(|n| command("makeresults", (vec![("count", OptionValue::Number(f64::from(n)))], vec![])));
    prop_oneof![3 => implied, 1 => makeresults, 1 => later_command(depth)].boxed()
}

/// A pipeline of at least this many commands.
fn pipeline(depth: u32, least: usize) -> BoxedStrategy<Pipeline> {
    let count = least - 1..least + 1;
    if depth == 0 {
        let first = search_leaf().prop_map(|e| Command {
            implied: true,
            ..command("search", (vec![], vec![("expression", ArgumentValue::Search(e))]))
        });
        let reverse = Just(command("reverse", (vec![], vec![])));
        return (first, prop::collection::vec(reverse, count)).prop_map(|(f, r)| joined(f, r)).boxed();
    }
    (first_command(depth - 1), prop::collection::vec(later_command(0), count)).prop_map(|(f, r)| joined(f, r)).boxed()
}

fn joined(first: Command, rest: Vec<Command>) -> Pipeline {
    let mut commands = vec![first];
    commands.extend(rest);
    Pipeline { commands, span: Span::default() }
}

fn check(tree: &Pipeline) -> Result<(), TestCaseError> {
    let text = print(tree);
    let parsed = parse(&text);
    prop_assert!(!parsed.has_errors(), "{}\n{:#?}", text, complaints(&parsed));
    prop_assert_eq!(&parsed.pipeline.without_spans(), tree, "{}", text);
    if let Some(form) = splunk_form(tree) {
        let parsed = parse(&form);
        prop_assert!(!parsed.has_errors(), "{}\n{:#?}", form, complaints(&parsed));
        prop_assert!(parsed.diagnostics.iter().all(|d| d.code != Code::Branch), "{}", form);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pipelines_survive_printing(tree in pipeline(3, 1)) {
        check(&tree)?;
    }

    #[test]
    fn single_commands_survive_printing(command in later_command(0)) {
        let first = Command {
            implied: true,
            ..super::tree("*").commands.remove(0)
        };
        check(&joined(first, vec![command]).without_spans())?;
    }

    #[test]
    fn expressions_survive_printing(tree in expr(3)) {
        let text = print_expr(&tree);
        let (again, diagnostics) = parse_expr(&text);
        // Subsearches know no commands here.
        if diagnostics.iter().all(|d| d.code == Code::Branch || d.severity == Severity::Warning) {
            prop_assert_eq!(again.without_spans(), tree, "{}", text);
        } else {
            prop_assert!(diagnostics.iter().any(|d| d.code == Code::UnknownCommand), "{}\n{:?}", text, diagnostics);
        }
    }

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,60}") {
        parse(&text);
    }

    #[test]
    fn any_soup_of_spl_is_read_and_what_is_right_survives_printing(
        parts in prop::collection::vec(proptest::sample::select(SOUP), 0..14)
    ) {
        let text = parts.concat();
        let parsed = parse(&text);
        let length = parsed.sources.expanded.len();
        prop_assert!(parsed.diagnostics.iter().all(|d| d.span.end <= length), "{}", text);
        if !parsed.has_errors() {
            let out = print(&parsed.pipeline);
            let again = parse(&out);
            prop_assert!(!again.has_errors(), "{}\n{}\n{:#?}", text, out, complaints(&again));
            prop_assert_eq!(again.pipeline.without_spans(), parsed.pipeline.without_spans(), "{}\n{}", text, out);
        }
    }
}

/// Pieces that meet each other in real searches and in bad ones.
const SOUP: &[&str] = &[
    " ",
    " ",
    " ",
    " ",
    "a",
    "b.c",
    "5",
    "1.5",
    "=",
    "==",
    "!=",
    "<",
    "(",
    ")",
    "[",
    "]",
    "|",
    " | ",
    "\"",
    "\"x y\"",
    "'",
    "'f g'",
    "\\",
    "*",
    ",",
    "-",
    "+",
    ".",
    "NOT ",
    " OR ",
    " AND ",
    " IN (",
    " BY ",
    " AS ",
    "`",
    "```",
    "{",
    "{}",
    "| where ",
    "| eval ",
    "| stats count",
    "| sort ",
    "| head ",
    "| table ",
    "| rename ",
    "| append [",
    "| union ",
    "| foreach ",
    "| lookup t ",
    "| format ",
    "| rex ",
    "| regex ",
    "| return ",
    "[search ",
    "CASE(",
    "TERM(",
    "earliest=",
    "count(",
    "eval(",
    "limit=",
    "\n",
    "é",
    "$n$",
    "search ",
    "desc",
    " d",
];
