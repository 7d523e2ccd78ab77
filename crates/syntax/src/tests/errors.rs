//! Complaints: what they say, where they point, and that one does not hide the next.

use super::{complaints, parse};

#[test]
fn each_mistake_has_its_place_and_words() {
    let mut wrong = vec![];
    for (text, expected) in [
        ("", "S007 [] the search is empty"),
        ("b=\"bob", "S001 [\"bob] unterminated string: the quotation mark is never closed"),
        ("search * | eval x=(1+2", "S002 [(] missing `)`: the parenthesis `(` is never closed"),
        ("* | eval x=(1+2 | table x", "S002 [(] missing `)`: the parenthesis `(` is never closed"),
        ("* | where a=1)", "S002 [)] unexpected `)`: `|` or the end of `where` was expected"),
        ("* | where a=", "S003 [] unexpected end of the search: an expression after `=` is missing"),
        (
            "* | where a= | head 1",
            "S003 [|] unexpected end of the command: an expression after `=` is missing before `|`",
        ),
        ("* | where", "S007 [] where needs an expression"),
        ("* | where a b", "S003 [b] unexpected `b`: `|` or the end of `where` was expected"),
        ("* | where AND a", "S003 [AND] unexpected `AND`: an operand after `where` was expected"),
        ("* | where a AND", "S003 [] unexpected end of the search: an expression after `AND` is missing"),
        ("* | where f(a", "S002 [(] missing `)`: the parenthesis `(` is never closed"),
        ("* | where f(a b)", "S003 [b] unexpected `b`: `,`, an operator or `)` was expected"),
        ("* | where f(a,)", "S002 [)] unexpected `)`: an operand after `,` was expected"),
        ("* | where a IN ()", "S003 [()] the list after `IN` is empty"),
        ("* | where a IN b", "S003 [b] unexpected `b`: a list in parentheses after `IN` was expected"),
        ("* | where a='b", "S001 ['b] unterminated string: the quotation mark is never closed"),
        ("* | where a=5m", "S003 [5m] `5m` is no number"),
        (
            "* | eval a",
            "S003 [] unexpected end of the search: `=` and an expression after the field of `eval` is missing",
        ),
        ("* | eval a==1", "S003 [=] unexpected `=`: `=` and an expression after the field of `eval` was expected"),
        ("* | eval", "S007 [] eval needs an assignment `field=expression`"),
        ("* | eval a=1,", "S003 [] unexpected end of the search: a field to assign to in `eval` is missing"),
        ("* | stats", "S007 [] stats needs a function, for instance `count`"),
        ("* | stats by x", "S003 [by] unexpected `by`: a function, for instance `count` was expected"),
        ("* | stats count by", "S007 [] stats needs a list of fields after `BY`"),
        ("* | stats sum(x", "S002 [(] missing `)`: the parenthesis `(` is never closed"),
        ("* | stats sum(x) as", "S003 [] unexpected end of the search: a name after `AS` is missing"),
        ("* | stats sparkline(count, 1h)", "S008 [,] `sparkline` takes one argument"),
        ("* | stats \"count\"", "S003 [\"] unexpected `\"`: a function of `stats` was expected"),
        ("* | stats count foo=1", "S006 [foo] `stats` has no option `foo`"),
        ("* | stast count", "S004 [stast] unknown command `stast`"),
        ("* | host=a", "S004 [host] unknown command `host`"),
        ("* | (a)", "S003 [(] unexpected `(`: the name of a command was expected"),
        ("* | head limti=5", "S006 [limti] `head` has no option `limti`"),
        ("* | mvexpand a limti=5", "S006 [limti] `mvexpand` has no option `limti`"),
        ("* | mvexpand limit=x a", "S006 [x] the option `limit` takes a whole number, not `x`"),
        ("* | mvexpand limit=1.5 a", "S006 [1.5] the option `limit` takes a whole number, not `1.5`"),
        ("* | mvexpand a limit=", "S006 [] the option `limit` has no value"),
        (
            "* | join type=lefft a [search b]",
            "S006 [lefft] the option `type` takes one of inner, outer, left, not `lefft`",
        ),
        ("* | dedup a keepempty=maybe", "S006 [maybe] the option `keepempty` takes `true` or `false`, not `maybe`"),
        ("* | dedup", "S007 [] dedup needs a list of fields"),
        ("* | reverse x", "S003 [x] unexpected `x`: `|` or an option of `reverse` was expected"),
        ("* | needy", "S007 [] needy needs the option `file=…`"),
        ("* | rename a b", "S003 [b] unexpected `b`: `AS new_name` after `a` was expected"),
        ("* | rename a* AS b", "S008 [a* AS b] `a*` and `b` hold different numbers of wildcards"),
        ("* | top a*", "S003 [a*] `top` takes no wildcards"),
        ("* | append", "S007 [] append needs a subsearch in square brackets"),
        ("* | append x", "S003 [x] unexpected `x`: a subsearch in square brackets was expected"),
        ("* | append [search a", "S002 [[] missing `]`: the bracket `[` is never closed"),
        ("* | append []", "S007 [[]] the subsearch is empty"),
        ("* | append [search a) ]", "S002 [)] unexpected `)`: `|` or the end of `search` was expected"),
        ("* | | head", "S003 [|] a command is missing after `|`"),
        ("* | head |", "S003 [|] a command is missing after `|`"),
        ("(a", "S002 [(] missing `)`: the parenthesis `(` is never closed"),
        ("(a | head 1", "S002 [(] missing `)`: the parenthesis `(` is never closed"),
        ("a)", "S002 [)] unexpected `)`: `|` or the end was expected"),
        ("a]", "S002 []] unexpected `]`: `|` or the end was expected"),
        ("[search a", "S002 [[] missing `]`: the bracket `[` is never closed"),
        ("a ()", "S003 [()] the parentheses are empty"),
        ("a=", "S003 [] unexpected end of the search: a value for `a` is missing"),
        ("=a", "S003 [=] a field name is missing before `=`"),
        ("a OR", "S003 [OR] an operand is missing after `OR`"),
        ("OR a", "S003 [OR] an operand is missing before `OR`"),
        ("AND a", "S003 [AND] an operand is missing before `AND`"),
        ("a OR AND b", "S003 [AND] an operand is missing before `AND`"),
        ("a NOT", "S003 [NOT] an operand is missing after `NOT`"),
        ("a IN ()", "S003 [()] the list after `IN` is empty"),
        ("a IN (b", "S002 [(] missing `)`: the parenthesis `(` is never closed"),
        ("a=(b OR c)", "S003 [(] unexpected parenthesis `(`: a value for `a` was expected"),
        ("a=[search b]", "S015 [[] a subsearch cannot stand as the value of a comparison here"),
        ("TERM()", "S007 [TERM()] `TERM()` is empty"),
        ("CASE(a", "S002 [(] missing `)`: the parenthesis `(` is never closed"),
    ] {
        let found = complaints(&parse(text));
        if found != [expected] {
            wrong.push(format!("{text}\n  said   {found:?}\n  wanted {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn suggestions_name_what_is_near() {
    for (text, help) in [
        ("* | stast count", "did you mean `stats`?"),
        ("* | buckt _time", "did you mean `bucket`?"),
        ("* | xyzzy", "after `|` stands the name of a command; to look for words write `| search …`"),
        ("* | host=a", "to filter events write `| search host…`"),
        ("* | mvexpand a limti=5", "did you mean `limit`?"),
        ("* | mvexpand a zzz=5", "its options are: limit"),
        ("* | table a=5", "`table` has no options"),
        ("* | join type=lefft a [search b]", "did you mean `left`?"),
    ] {
        assert_eq!(parse(text).diagnostics[0].help.as_deref(), Some(help), "{text}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = "a=(b) | stast count | eval x=1+, y=2, z=(3 | mvexpand a limti=5 nope=1 limit=x | where a= | table b";
    let parsed = parse(text);
    assert_eq!(
        complaints(&parsed),
        [
            "S003 [(] unexpected parenthesis `(`: a value for `a` was expected",
            "S004 [stast] unknown command `stast`",
            "S003 [,] unexpected `,`: an expression after `+` was expected",
            "S002 [(] missing `)`: the parenthesis `(` is never closed",
            "S006 [limti] `mvexpand` has no option `limti`",
            "S006 [nope] `mvexpand` has no option `nope`",
            "S006 [x] the option `limit` takes a whole number, not `x`",
            "S003 [|] unexpected end of the command: an expression after `=` is missing before `|`",
        ]
    );
    let names: Vec<_> = parsed.pipeline.commands.iter().map(|c| c.name.value.as_str()).collect();
    assert_eq!(names, ["search", "stast", "eval", "mvexpand", "where", "table"]);
    let Some(crate::ArgumentValue::Assignments(list)) = parsed.pipeline.commands[2].argument("assignments") else {
        panic!();
    };
    assert_eq!(list.len(), 1);
}

#[test]
fn mistakes_in_branches_and_subsearches_stay_there() {
    for (text, expected) in [
        (
            "(a | stast b) OR (c | heed 1) | sort x",
            vec!["S004 [stast] unknown command `stast`", "S004 [heed] unknown command `heed`"],
        ),
        (
            "* | append [search a | where b=] | tabel c",
            vec![
                "S003 []] unexpected `]`: an expression after `=` is missing before it",
                "S004 [tabel] unknown command `tabel`",
            ],
        ),
        ("(a | where f(b) | heed 1) OR c", vec!["S004 [heed] unknown command `heed`"]),
    ] {
        let parsed = parse(text);
        let errors: Vec<_> = complaints(&parsed).into_iter().filter(|c| !c.starts_with("S013")).collect();
        assert_eq!(errors, expected, "{text}");
    }
}
