//! Extraction and replacement in texts by regular expressions and sed scripts.

use arrow::datatypes::DataType;
use datafusion_common::Result;

use crate::regex;
use crate::row_udf::RowFunction;
use crate::sed::Sed;
use crate::types::{Cell, Output, bool_type, is_multivalue, multivalue_type, text_type};

/// Whether a pattern matches one of the values: value, pattern. False for no value.
pub static MATCHES: RowFunction = RowFunction::new("spl_matches", |_| bool_type(), matches_row);

/// The first match of a named group, as text: value, pattern, name, 1. Null if the pattern does not match.
pub static GROUP: RowFunction = RowFunction::new("spl_group", |_| text_type(), group_row);

/// The matches of a named group, as a multivalue: value, pattern, name, maximum number of matches.
pub static GROUP_ALL: RowFunction = RowFunction::new("spl_group_all", |_| multivalue_type(), group_row);

/// The offsets of the named groups' first matches: value, pattern. `name=first-last`, bytes from 0, joined by `&`.
pub static GROUP_OFFSETS: RowFunction = RowFunction::new("spl_group_offsets", |_| text_type(), offsets_row);

/// The texts that a pattern matches, or its first group: value, pattern.
pub static TOKENS: RowFunction = RowFunction::new("spl_tokens", |_| multivalue_type(), tokens_row);

/// Each value edited by a sed script: value, script.
pub static SED: RowFunction = RowFunction::new("spl_sed", sed_type, sed_row);

fn matches_row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let pattern = arguments[1].text().and_then(|p| regex::compile(&p).ok());
    let found = pattern.is_some_and(|p| arguments[0].values().iter().any(|v| p.is_match(&v.text()).unwrap_or(false)));
    output.bool(found);
    Ok(())
}

fn group_row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let (Some(pattern), Some(group), Some(most)) = (arguments[1].text(), arguments[2].text(), arguments[3].number())
    else {
        output.null();
        return Ok(());
    };
    let Ok(pattern) = regex::compile(&pattern) else {
        output.null();
        return Ok(());
    };
    let mut found: Vec<String> = Vec::new();
    for value in arguments[0].values() {
        let text = value.text();
        for captures in pattern.captures_iter(&text) {
            if found.len() as f64 >= most {
                break;
            }
            // A pattern that exceeds its backtracking limit on this text has no further matches.
            let Ok(captures) = captures else { break };
            if let Some(hit) = captures.name(&group) {
                found.push(hit.as_str().to_owned());
            } else if most == 1.0 {
                break;
            }
        }
    }
    output.multi(found);
    Ok(())
}

fn offsets_row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let (text, pattern) = (arguments[0].text(), arguments[1].text().and_then(|p| regex::compile(&p).ok()));
    let (Some(text), Some(pattern)) = (text, pattern) else {
        output.null();
        return Ok(());
    };
    let places: Vec<String> = match pattern.captures(&text) {
        Ok(Some(captures)) => pattern
            .capture_names()
            .flatten()
            .filter_map(|name| {
                let hit = captures.name(name)?;
                Some(format!("{name}={}-{}", hit.start(), hit.end().saturating_sub(1)))
            })
            .collect(),
        _ => vec![],
    };
    if places.is_empty() {
        output.null()
    } else {
        output.text(&places.join("&"))
    }
    Ok(())
}

fn tokens_row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let mut out: Vec<String> = Vec::new();
    if let Some(pattern) = arguments[1].text().and_then(|p| regex::compile(&p).ok()) {
        for value in arguments[0].values() {
            let text = value.text();
            for captures in pattern.captures_iter(&text) {
                let Ok(captures) = captures else { break };
                out.extend(captures.get(1).or(captures.get(0)).map(|m| m.as_str().to_owned()));
            }
        }
    }
    output.multi(out);
    Ok(())
}

fn sed_type(arguments: &[DataType]) -> DataType {
    if arguments.first().is_some_and(is_multivalue) { multivalue_type() } else { text_type() }
}

fn sed_row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let Some(sed) = arguments[1].text().and_then(|script| Sed::parse(&script).ok()) else {
        output.null();
        return Ok(());
    };
    let changed: Vec<String> = arguments[0].values().iter().map(|v| sed.apply(&v.text())).collect();
    output.multi(changed);
    Ok(())
}
