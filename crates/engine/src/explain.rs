//! Explains what a search does, for people who write searches.

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, lit};
use datafusion::scalar::ScalarValue;
use dogwatch_plan::{Condition, EventRequest, Predicate};
use dogwatch_syntax::{Diagnostic, Pattern, Sources};

/// What a search would do.
#[derive(Debug)]
pub struct Explanation {
    /// The search as parsed, with macros expanded, one command per line.
    pub search: String,
    /// The form that Splunk accepts, if the search as written is not one.
    pub splunk_form: Option<String>,
    /// The parts of the logs that are read, one entry for each search in it.
    pub reads: Vec<Read>,
    /// DataFusion's plan, optimised.
    pub plan: String,
    /// Notes and warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that they refer to.
    pub sources: Sources,
}

/// Maximum number of list values shown in a plan: lookup tables are lists too.
const MOST_SHOWN: usize = 16;

/// A plan as text.
pub(crate) fn shown(plan: LogicalPlan) -> Result<String> {
    let shorten = |expr: Expr| {
        Ok(match &expr {
            Expr::Literal(ScalarValue::List(list), _) if list.values().len() > MOST_SHOWN => {
                Transformed::yes(lit(format!("{} values", list.values().len())))
            }
            _ => Transformed::no(expr),
        })
    };
    let short = plan.transform_up(|node| node.map_expressions(|expr| expr.transform(shorten)))?;
    Ok(short.data.display_indent().to_string())
}

/// The input of one search.
#[derive(Debug)]
pub struct Read {
    /// The request: fields, condition, time range.
    pub request: EventRequest,
    /// The words that an event must contain, or it is skipped unparsed: at least one word of every group. They are
    /// matched ignoring case, and also in the encodings of the log's format (hexadecimal, `\u` escapes). Terms about the
    /// origin of an event (index, sourcetype, host, source) are not included.
    pub words: Vec<Vec<String>>,
}

impl Read {
    /// What a request reads.
    pub(crate) fn of(request: &EventRequest) -> Self {
        let mut words = Vec::new();
        match &request.condition {
            Condition::All(parts) => words.extend(parts.iter().filter_map(alternatives)),
            other => words.extend(alternatives(other)),
        }
        words.dedup();
        Self { request: request.clone(), words }
    }
}

/// The words of which one must occur, if that is known.
fn alternatives(condition: &Condition) -> Option<Vec<String>> {
    let longest =
        |pattern: &Pattern| pattern.literals().max_by_key(|text| text.len()).map(|text| vec![text.to_owned()]);
    match condition {
        Condition::Anything | Condition::Nothing | Condition::Test(Predicate::Absent(_)) => None,
        Condition::Test(Predicate::Field { name, .. }) if FROM_ELSEWHERE.contains(&name.as_str()) => None,
        Condition::Test(Predicate::Field { pattern, .. } | Predicate::Raw(pattern)) => longest(pattern),
        Condition::Any(parts) => {
            let words = parts.iter().map(alternatives).collect::<Option<Vec<_>>>()?;
            let mut words: Vec<String> = words.concat();
            words.sort();
            words.dedup();
            Some(words)
        }
        // One of the conditions is enough to skip an event; the longest word is probably the rarest.
        Condition::All(parts) => {
            parts.iter().filter_map(alternatives).max_by_key(|words| words.iter().map(String::len).min())
        }
    }
}

/// Fields whose values need not occur in the bytes of an event.
const FROM_ELSEWHERE: [&str; 6] = ["index", "sourcetype", "host", "source", "_time", "event_id"];

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Array, StringArray};
    use datafusion::common::utils::SingleRowListArrayBuilder;
    use datafusion::logical_expr::LogicalPlanBuilder;

    use super::*;

    #[test]
    fn long_lists_are_counted() {
        let plan = |length: usize| {
            let texts: StringArray = (0..length).map(|number| Some(format!("cell {number}"))).collect();
            let list = SingleRowListArrayBuilder::new(Arc::new(texts) as Arc<dyn Array>).build_list_scalar();
            let builder = LogicalPlanBuilder::empty(true).project([lit(list).alias("x")]);
            shown(builder.and_then(LogicalPlanBuilder::build).unwrap()).unwrap()
        };
        assert!(plan(MOST_SHOWN).contains("cell 3"));
        assert!(plan(100).contains("100 values") && !plan(100).contains("cell 3"));
    }

    fn field(name: &str, value: &str) -> Condition {
        Condition::equals(name, value)
    }

    #[test]
    fn the_words_are_those_without_which_nothing_matches() {
        let either = Condition::Any(vec![field("a0", "kubectl"), field("a0", "docker")]);
        let condition = Condition::All(vec![field("sourcetype", "x"), field("type", "EXECVE"), either]);
        let request = EventRequest { fields: vec![], raw: false, condition, earliest: None, latest: None };
        assert_eq!(Read::of(&request).words, [vec!["EXECVE"], vec!["docker", "kubectl"]]);
    }

    #[test]
    fn an_alternative_that_says_nothing_takes_the_group_away() {
        let either = Condition::Any(vec![field("a0", "kubectl"), Condition::Anything]);
        let request = EventRequest { fields: vec![], raw: false, condition: either, earliest: None, latest: None };
        assert!(Read::of(&request).words.is_empty());
    }
}
