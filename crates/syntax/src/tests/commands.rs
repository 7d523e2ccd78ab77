//! Commands: options and slots as the signatures say, lists, aggregations.

use super::{parse, printed, tree};
use crate::{AggregateArgument, ArgumentValue, Command, OptionValue, SortOrder};

/// A command's options and arguments on one line.
fn shape(command: &Command) -> String {
    let mut parts = vec![command.name.value.clone()];
    for option in &command.options {
        let value = match &option.value.value {
            OptionValue::Number(n) => n.to_string(),
            OptionValue::Bool(b) => b.to_string(),
            OptionValue::Text(text) => format!("{text:?}"),
        };
        parts.push(format!("{}={value}", option.name.value));
    }
    for argument in &command.arguments {
        parts.push(format!("{}:{}", argument.slot, value(&argument.value)));
    }
    parts.join(" ")
}

fn value(value: &ArgumentValue) -> String {
    match value {
        ArgumentValue::Number(n) => n.to_string(),
        ArgumentValue::Text(text) => format!("{text:?}"),
        ArgumentValue::Keyword(word) => (*word).to_owned(),
        ArgumentValue::Fields(list) => {
            let names: Vec<_> = list.names.iter().map(|n| n.value.as_str()).collect();
            format!("{}({})", if list.removes { "-" } else { "" }, names.join(","))
        }
        ArgumentValue::Renames(list) => {
            let pairs: Vec<_> = list.iter().map(|r| format!("{}>{}", r.from.value, r.to.value)).collect();
            format!("({})", pairs.join(","))
        }
        ArgumentValue::SortKeys(keys) => {
            let key = |k: &crate::SortKey| {
                let order = match k.order {
                    SortOrder::Auto => "",
                    SortOrder::Number => "num ",
                    SortOrder::Text => "str ",
                    SortOrder::Ip => "ip ",
                };
                format!("{}{order}{}", if k.descending { "-" } else { "" }, k.field.value)
            };
            format!("({})", keys.iter().map(key).collect::<Vec<_>>().join(","))
        }
        ArgumentValue::Assignments(list) => format!("{} assignments", list.len()),
        ArgumentValue::Expr(expr) => format!("<{}>", crate::print_expr(expr)),
        ArgumentValue::Search(expr) => format!("<{}>", crate::print_search_expr(expr)),
        ArgumentValue::Aggregates(list) => {
            let one = |a: &crate::Aggregate| {
                let alias = a.alias.as_ref().map(|n| format!(" AS {}", n.value));
                let kind = match &a.argument {
                    None => "",
                    Some(AggregateArgument::Field(_)) => "f ",
                    Some(AggregateArgument::Eval(_)) => "e ",
                };
                format!("{kind}{}{}", a.text, alias.unwrap_or_default())
            };
            format!("({})", list.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        ArgumentValue::FieldRegex { field, negated, pattern } => {
            format!("{}{}{:?}", field.value, if *negated { "!=" } else { "=" }, pattern.value)
        }
        ArgumentValue::Subsearch(pipeline) => {
            let inner: Vec<_> = pipeline.commands.iter().map(shape).collect();
            format!("[{}]", inner.join(" | "))
        }
    }
}

fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let search = format!("* | {text} | head 1");
        let pipeline = tree(&search);
        assert_eq!(pipeline.commands.len(), 3, "{search}");
        let command = &pipeline.commands[1];
        assert_eq!(shape(command), *expected, "{text}");
        assert_eq!(&search[command.span.range()], *text, "span of {text}");
        printed(&search);
        // The same at the end of the text and of a subsearch.
        assert_eq!(shape(&tree(&format!("* | {text}")).commands[1]), *expected, "{text}");
        printed(&format!("* | append [search * | {text}]"));
        printed(&format!("(* | {text})"));
    }
}

#[test]
fn numbers_sort_keys_and_options() {
    check(&[
        ("head", "head"),
        ("head 5", "head count:5"),
        ("head limit=10 (1==1)", "head limit=10 while:<1 == 1>"),
        ("head (n<3) keeplast=true null=f", "head keeplast=true null=false while:<n < 3>"),
        ("head n<3", "head while:<n < 3>"),
        ("head (limit=5)", "head while:<limit == 5>"),
        ("head (5)", "head while:<5>"),
        ("head limit = 5", "head limit=5"),
        ("HEAD LIMIT=5", "head limit=5"),
        ("tail", "tail"),
        ("reverse", "reverse"),
        ("sort - _time", "sort keys:(-_time)"),
        ("sort -a, +b", "sort keys:(-a,b)"),
        ("sort 0 - a", "sort count:0 keys:(-a)"),
        ("sort 0 -n", "sort count:0 keys:(-n)"),
        ("sort num(x) desc", "sort keys:(-num x)"),
        ("sort str(x), -ip(y) auto(z)", "sort keys:(str x,-ip y,z)"),
        ("sort limit=2 n", "sort limit=2 keys:(n)"),
        ("sort - sum(bytes)", "sort keys:(-sum(bytes))"),
        ("sort a d", "sort keys:(-a)"),
        ("sort -a, b desc", "sort keys:(a,-b)"),
        ("sort a b", "sort keys:(a,b)"),
        ("sort b a", "sort keys:(b,a)"),
        ("sort a, d", "sort keys:(a,d)"),
        ("sort d", "sort keys:(d)"),
        ("sort a asc", "sort keys:(a)"),
        ("sort \"total x\", -'a b'", "sort keys:(total x,-a b)"),
        ("dedup s h", "dedup fields:(s,h)"),
        ("dedup 3 s, h keepempty=t", "dedup keepempty=true count:3 fields:(s,h)"),
        ("dedup keepevents=true s consecutive=1 h", "dedup keepevents=true consecutive=true fields:(s,h)"),
        ("dedup s sortby -n, +m", "dedup fields:(s) sortby:sortby keys:(-n,m)"),
        ("dedup s SORTBY - n keepempty=f", "dedup keepempty=false fields:(s) sortby:sortby keys:(-n)"),
    ]);
}

#[test]
fn lists_of_fields() {
    check(&[
        ("table a b c", "table fields:(a,b,c)"),
        ("table a, b,c", "table fields:(a,b,c)"),
        ("table _time, 'sourceIPs{}' , user.name", "table fields:(_time,sourceIPs{},user.name)"),
        (
            "table sourceIPs{} annotations.authorization.k8s.io/decision",
            "table fields:(sourceIPs{},annotations.authorization.k8s.io/decision)",
        ),
        ("table \"biggest n\" e*", "table fields:(biggest n,e*)"),
        ("table -x", "table fields:(-x)"),
        ("fields - a b", "fields fields:-(a,b)"),
        ("fields -a, b", "fields fields:-(a,b)"),
        ("fields + a", "fields fields:(a)"),
        ("fields c, error*", "fields fields:(c,error*)"),
        ("top u", "top fields:(u)"),
        ("top 3 a b by c", "top count:3 fields:(a,b) by:BY by_fields:(c)"),
        ("top limit=1 u By g, h", "top limit=1 fields:(u) by:BY by_fields:(g,h)"),
        ("top \"by\" by x", "top fields:(by) by:BY by_fields:(x)"),
        ("mvexpand foo limit=2", "mvexpand limit=2 field:(foo)"),
        ("makemv delim=\",\" foo", "makemv delim=\",\" field:(foo)"),
        ("makemv foo delim=:", "makemv delim=\":\" field:(foo)"),
        (r#"makemv tokenizer="([^,]+),?" foo"#, r#"makemv tokenizer="([^,]+),?" field:(foo)"#),
        ("fillnull", "fillnull"),
        ("fillnull value=NULL", "fillnull value=\"NULL\""),
        ("fillnull value=\"a \\\"b\\\"\" x y", "fillnull value=\"a \\\"b\\\"\" fields:(x,y)"),
        ("fillnull value=0, x", "fillnull value=\"0\" fields:(x)"),
        ("rename SESSIONID AS \"The session ID\"", "rename renames:(SESSIONID>The session ID)"),
        ("rename a AS x, b as \"y z\"", "rename renames:(a>x,b>y z)"),
        ("rename EU* AS EMEA*", "rename renames:(EU*>EMEA*)"),
        ("rename \"items{}.sku\" AS sku user.name As n", "rename renames:(items{}.sku>sku,user.name>n)"),
        ("rename a AS a", "rename renames:(a>a)"),
        ("bin _time span=5m", "bin span=\"5m\" field:(_time>_time)"),
        ("bin _time span=5m AS slot", "bin span=\"5m\" field:(_time>slot)"),
        ("bucket span=1h _time as t", "bin span=\"1h\" field:(_time>t)"),
        ("spath", "spath"),
        ("spath input=j output=f path=a.b{1}", "spath input=\"j\" output=\"f\" path=\"a.b{1}\""),
        ("spath input='a b' x{}.y", "spath input=\"a b\" path:\"x{}.y\""),
        ("lookup t.csv a", "lookup table:\"t.csv\" match:(a>a)"),
        (
            "lookup t.csv a AS b, c output d AS e f",
            "lookup table:\"t.csv\" match:(a>b,c>c) output:OUTPUT output_fields:(d>e,f>f)",
        ),
        (
            "lookup local=true \"my table\" a OUTPUTNEW b",
            "lookup local=true table:\"my table\" match:(a>a) output:OUTPUTNEW output_fields:(b>b)",
        ),
        ("inputlookup t.csv", "inputlookup table:\"t.csv\""),
        (
            "inputlookup append=t t.csv start=2 where a=1 OR b",
            "inputlookup append=true start=2 table:\"t.csv\" where:where filter:<a=1 OR b>",
        ),
        ("transaction a b maxspan=5m startswith=\"x y\"", "transaction maxspan=\"5m\" startswith=\"x y\" fields:(a,b)"),
    ]);
}

#[test]
fn aggregations() {
    check(&[
        ("stats count", "stats aggregates:(count)"),
        ("stats count AS n", "stats aggregates:(count AS n)"),
        ("stats c", "stats aggregates:(c)"),
        ("stats count()", "stats aggregates:(count)"),
        ("stats Count", "stats aggregates:(count)"),
        ("stats count, sum(x), max(x) by u", "stats aggregates:(count, f sum(x), f max(x)) by:BY by_fields:(u)"),
        ("stats sum(a) sum(b)", "stats aggregates:(f sum(a), f sum(b))"),
        ("stats sum(a)as x,sum(b)", "stats aggregates:(f sum(a) AS x, f sum(b))"),
        ("stats dc(x) as d BY site, srv", "stats aggregates:(f dc(x) AS d) by:BY by_fields:(site,srv)"),
        ("stats count(eval(a=1))", "stats aggregates:(e count(eval(a=1)))"),
        ("stats sum(eval(a*(b+1))) AS \"total x\" count", "stats aggregates:(e sum(eval(a*(b+1))) AS total x, count)"),
        ("stats count( EVAL( a = 1 ) )", "stats aggregates:(e count( EVAL( a = 1 ) ))"),
        ("stats sum(a + b)", "stats aggregates:(e sum(a + b))"),
        (
            "stats values(objectRef.resource) p95(x) perc99.9(y)",
            "stats aggregates:(f values(objectRef.resource), f p95(x), f perc99.9(y))",
        ),
        ("stats avg(*) avg(x*)", "stats aggregates:(f avg(*), f avg(x*))"),
        ("stats sum(\"a b\") sum('c d') sum( e )", "stats aggregates:(f sum(a b), f sum(c d), f sum(e))"),
        (
            "stats values(annotations.authorization.k8s.io/decision) AS d",
            "stats aggregates:(f values(annotations.authorization.k8s.io/decision) AS d)",
        ),
        (
            "stats values(sourceIPs{}) by user.name",
            "stats aggregates:(f values(sourceIPs{})) by:BY by_fields:(user.name)",
        ),
        (
            "stats allnum=t count delim=\",\" by x",
            "stats allnum=true delim=\",\" aggregates:(count) by:BY by_fields:(x)",
        ),
        (
            "streamstats count as n reset_before=\"(\"count==3\")\"",
            "streamstats reset_before=\"(count==3)\" aggregates:(count AS n)",
        ),
        (
            "streamstats reset_after=\"(\"a=\"x y\" OR b\")\" count",
            "streamstats reset_after=\"(a=\\\"x y\\\" OR b)\" aggregates:(count)",
        ),
        (
            "streamstats window=3 current=f sum(n) AS s by g",
            "streamstats window=3 current=false aggregates:(f sum(n) AS s) by:BY by_fields:(g)",
        ),
        ("chart count BY st, srv", "chart aggregates:(count) by:BY by_fields:(st,srv)"),
        (
            "chart count over srv by st usenull=f",
            "chart usenull=false aggregates:(count) over:OVER over_field:(srv) by:BY by_fields:(st)",
        ),
        ("chart sum(x) OVER y", "chart aggregates:(f sum(x)) over:OVER over_field:(y)"),
        ("timechart span=5m sum(n) AS s", "timechart span=\"5m\" aggregates:(f sum(n) AS s)"),
    ]);
}

#[test]
fn text_patterns_and_subsearches() {
    check(&[
        (r#"rex field=s "(?<d>\d+)""#, r#"rex field="s" pattern:"(?<d>\\d+)""#),
        (r#"rex "a \"b\" \\ \." max_match=5"#, r#"rex max_match=5 pattern:"a \"b\" \\\\ \\.""#),
        (r#"rex mode=SED field=s "s/\s\"(x)\"/\1/g""#, r#"rex mode="sed" field="s" pattern:"s/\\s\"(x)\"/\\1/g""#),
        ("rex (?<x>a.b)", "rex pattern:\"(?<x>a.b)\""),
        (r#"regex email="^a\.b$""#, r#"regex match:email="^a\\.b$""#),
        ("regex a != \"x\"", "regex match:a!=\"x\""),
        ("regex \"x=y\"", "regex match:_raw=\"x=y\""),
        ("regex \"a b\"=x", "regex match:a b=\"x\""),
        (
            "append [search k=b | stats count AS n]",
            "append subsearch:[search expression:<k=b> | stats aggregates:(count AS n)]",
        ),
        ("append [| makeresults] maxtime=5", "append maxtime=5 subsearch:[makeresults]"),
        (
            "append maxtime=5 [a | append [b]]",
            "append maxtime=5 subsearch:[search expression:<a> | append subsearch:[search expression:<b>]]",
        ),
        ("appendpipe [stats sum(n) as n]", "appendpipe subsearch:[stats aggregates:(f sum(n) AS n)]"),
        (
            "join type=LEFT uid x [| inputlookup r.csv]",
            "join type=\"left\" fields:(uid,x) subsearch:[inputlookup table:\"r.csv\"]",
        ),
        (
            "multisearch [search a] [search b | eval t=1]",
            "multisearch subsearch:[search expression:<a>] subsearch:[search expression:<b> | eval assignments:1 assignments]",
        ),
        (
            "union a, [search b] c maxtime=1",
            "union maxtime=1 dataset:\"a\" subsearch:[search expression:<b>] dataset:\"c\"",
        ),
        ("union [search a], [search b]", "union subsearch:[search expression:<a>] subsearch:[search expression:<b>]"),
        (
            "foreach a* [eval <<FIELD>>=\"x]\\\"\"]",
            "foreach fields:(a*) template:\"eval <<FIELD>>=\\\"x]\\\\\\\"\\\"\"",
        ),
        (
            "foreach mode=multivalue mv [eval t = t + <<ITEM>>, c = 1]",
            "foreach mode=\"multivalue\" fields:(mv) template:\"eval t = t + <<ITEM>>, c = 1\"",
        ),
        (
            "format mvsep=\"m\" \"{\" \"[\" \"AND\" \"]\" \"AND\" \"}\"",
            "format mvsep=\"m\" parts:\"{\" parts:\"[\" parts:\"AND\" parts:\"]\" parts:\"AND\" parts:\"}\"",
        ),
        (
            "format \"(\" \"(\" \"AND\" \")\" \"OR\" \")\"",
            "format parts:\"(\" parts:\"(\" parts:\"AND\" parts:\")\" parts:\"OR\" parts:\")\"",
        ),
        ("format mvsep=\"(\"", "format mvsep=\"(\""),
        ("return 5 ip=srcip $n x", "return count:5 fields:\"ip=srcip\" fields:\"$n\" fields:\"x\""),
        ("kv pairdelim=\"|;\", kvdelim=\"=:\"", "extract pairdelim=\"|;\" kvdelim=\"=:\""),
        ("makeresults format=csv data=\"name,age\nJohn,35\"", "makeresults format=\"csv\" data=\"name,age\\nJohn,35\""),
        ("where a=1 AND (b OR c)", "where expression:<a == 1 AND (b OR c)>"),
        ("eval a=1, b=if(x,\"|\",2)", "eval assignments:2 assignments"),
        ("search", "search expression:<*>"),
        ("search count>2", "search expression:<count>2>"),
    ]);
}

#[test]
fn spans_of_arguments_are_exact() {
    let text = "* | top limit=1 u, v by g | stats sum(x) AS s count BY 'h' | rex \"a\"";
    let pipeline = tree(text);
    let mut found = vec![];
    for command in &pipeline.commands[1..] {
        for option in &command.options {
            found.push(&text[option.value.span.range()]);
        }
        for argument in &command.arguments {
            found.push(&text[argument.span.range()]);
            if let ArgumentValue::Aggregates(list) = &argument.value {
                found.extend(list.iter().map(|a| &text[a.span.range()]));
            }
        }
    }
    assert_eq!(found, ["1", "u, v", "by", "g", "sum(x) AS s count", "sum(x) AS s", "count", "BY", "'h'", "\"a\""]);
    assert_eq!(&text[pipeline.span.range()], text);
}

#[test]
fn helpers_of_the_tree_find_options_and_arguments() {
    let parsed = parse("* | head limit=1 limit=2 3");
    let head = &parsed.pipeline.commands[1];
    assert_eq!(head.option("limit").unwrap().value, OptionValue::Number(2.0));
    assert_eq!(head.argument("count"), Some(&ArgumentValue::Number(3.0)));
    assert_eq!(head.arguments_in("while").count(), 0);
}
