//! Lists of names: fields, renames, sort keys, aggregations, and the `field=regex` of the regex command.
//!
//! Elements are divided by commas, by spaces, or both. Options may stand between elements, and a keyword of the
//! command ends the list. Which aggregation functions exist is not known here.

use crate::arguments::Reading;
use crate::ast::{Aggregate, AggregateArgument, ArgumentValue, FieldList, Rename, SortKey, SortOrder};
use crate::diagnostic::{Code, Diagnostic};
use crate::parser::{Parser, Read, unescape};
use crate::span::{Span, Spanned};

impl Parser<'_> {
    /// Whether the list ends here. Skips commas and options first.
    fn at_list_end(&mut self, reading: &mut Reading<'_>) -> bool {
        loop {
            self.skip_separators();
            if self.at_end() {
                return true;
            }
            if !self.take_options(reading) {
                break;
            }
        }
        matches!(self.peek(), Some('[' | ']' | '(' | ')')) || self.at_keyword(reading.signature)
    }

    pub(crate) fn fields(&mut self, reading: &mut Reading<'_>, wildcards: bool, sign: bool) -> Read<ArgumentValue> {
        let mut list = FieldList { removes: false, names: vec![] };
        if sign {
            list.removes = self.eat('-');
            if !list.removes {
                self.eat('+');
            }
        }
        while !self.at_list_end(reading) {
            let name = self.column("a field")?;
            if !wildcards && name.value.contains('*') {
                let message = format!("`{}` takes no wildcards", reading.signature.name);
                self.report(
                    Diagnostic::error(Code::Unexpected, name.span, message).with_help("write the fields' whole names"),
                );
            }
            list.names.push(name);
        }
        if list.names.is_empty() {
            return Err(self.missing(reading.signature, "a list of fields"));
        }
        Ok(ArgumentValue::Fields(list))
    }

    pub(crate) fn field(&mut self, reading: &mut Reading<'_>) -> Read<ArgumentValue> {
        let name = self.column(&format!("a field for `{}`", reading.signature.name))?;
        Ok(ArgumentValue::Fields(FieldList { removes: false, names: vec![name] }))
    }

    pub(crate) fn renames(&mut self, reading: &mut Reading<'_>, optional_as: bool) -> Read<ArgumentValue> {
        let mut list = vec![];
        while !self.at_list_end(reading) {
            let from = self.column("a field")?;
            self.take_options(reading);
            self.skip_space();
            let to = if self.eat_word("AS") {
                let to = self.name("a new name after `AS`")?;
                self.check_wildcards(&from, &to);
                to
            } else if optional_as {
                from.clone()
            } else {
                return Err(self.unexpected(&format!("`AS new_name` after `{}`", from.value)));
            };
            list.push(Rename { from, to });
        }
        Ok(ArgumentValue::Renames(list))
    }

    fn check_wildcards(&mut self, from: &Spanned<String>, to: &Spanned<String>) {
        let count = |name: &str| name.matches('*').count();
        if count(&from.value) != count(&to.value) {
            let message = format!("`{}` and `{}` hold different numbers of wildcards", from.value, to.value);
            self.report(
                Diagnostic::error(Code::BadArguments, from.span.to(to.span), message)
                    .with_help("what each `*` matches goes where the new name has its `*`"),
            );
        }
    }

    pub(crate) fn sort_keys(&mut self, reading: &mut Reading<'_>) -> Read<ArgumentValue> {
        let mut keys: Vec<SortKey> = vec![];
        loop {
            let before = self.pos;
            if self.at_list_end(reading) {
                break;
            }
            let after_comma = self.text[before..self.pos].contains(',');
            if !keys.is_empty() && !after_comma && self.final_order(reading, &mut keys) {
                break;
            }
            keys.push(self.sort_key()?);
        }
        if keys.is_empty() {
            return Err(self.missing(reading.signature, "a field to sort by"));
        }
        Ok(ArgumentValue::SortKeys(keys))
    }

    /// `d` or `desc` at the very end turns all keys around (Search Reference, "sort"); `asc` leaves them.
    fn final_order(&mut self, reading: &mut Reading<'_>, keys: &mut [SortKey]) -> bool {
        let start = self.pos;
        for (word, turns) in [("desc", true), ("d", true), ("asc", false)] {
            if self.eat_word(word) {
                if self.at_list_end(reading) {
                    for key in keys {
                        key.descending ^= turns;
                    }
                    return true;
                }
                self.pos = start;
            }
        }
        false
    }

    fn sort_key(&mut self) -> Read<SortKey> {
        let mut descending = false;
        if self.eat('-') {
            descending = true;
        } else {
            self.eat('+');
        }
        self.skip_space();
        let start = self.pos;
        let field = self.name("a field to sort by")?;
        let open = self.pos;
        if self.text[start..].starts_with(['"', '\'']) || !self.eat('(') {
            return Ok(SortKey { field, descending, order: SortOrder::Auto });
        }
        let order = match field.value.to_ascii_lowercase().as_str() {
            "auto" => SortOrder::Auto,
            "num" => SortOrder::Number,
            "str" => SortOrder::Text,
            "ip" => SortOrder::Ip,
            // What else looks like a call is the name that an aggregation has without AS: `sum(bytes)`.
            _ => {
                let argument = self.name("a field")?;
                self.close(open, ')', "the end of the field")?;
                let value = format!("{}({})", field.value, argument.value);
                let field = Spanned::new(value, field.span.to(self.span_from(start)));
                return Ok(SortKey { field, descending, order: SortOrder::Auto });
            }
        };
        let field = self.name("a field")?;
        self.close(open, ')', "the end of the field")?;
        Ok(SortKey { field, descending, order })
    }

    /// `field="regex"`, `field!="regex"`, or a regex for `_raw`.
    pub(crate) fn field_regex(&mut self) -> Read<ArgumentValue> {
        self.skip_space();
        let start = self.pos;
        let field = match self.peek() {
            Some(mark @ ('"' | '\'')) => {
                let raw = self.quoted()?;
                Spanned::new(unescape(raw.value, mark), raw.span)
            }
            _ => {
                let word = self.bare("|,()[]\"'=!`", false);
                Spanned::new(word.value.to_owned(), word.span)
            }
        };
        self.skip_space();
        let negated = self.rest().starts_with("!=");
        if !field.value.is_empty() && (negated || self.peek() == Some('=')) {
            self.pos += if negated { 2 } else { 1 };
            let pattern = self.regex()?;
            return Ok(ArgumentValue::FieldRegex { field, negated, pattern });
        }
        self.pos = start;
        let pattern = self.regex()?;
        Ok(ArgumentValue::FieldRegex {
            field: Spanned::new("_raw".to_owned(), Span::at(start)),
            negated: false,
            pattern,
        })
    }

    pub(crate) fn aggregates(&mut self, reading: &mut Reading<'_>) -> Read<ArgumentValue> {
        let mut list = vec![];
        while !self.at_list_end(reading) {
            list.push(self.aggregate(reading.signature.name)?);
        }
        Ok(ArgumentValue::Aggregates(list))
    }

    fn aggregate(&mut self, command: &str) -> Read<Aggregate> {
        let start = self.pos;
        let rest = self.rest();
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_.".contains(c))).unwrap_or(rest.len());
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return Err(self.unexpected(&format!("a function of `{command}`")));
        }
        self.pos += length;
        let name = rest[..length].to_ascii_lowercase();
        let function = Spanned::new(name, self.span_from(start));
        let (argument, text) = self.aggregate_argument(&function.value)?;
        let mut end = self.pos;
        self.skip_space();
        let alias = if self.eat_word("AS") {
            let alias = self.name("a name after `AS`")?;
            end = self.pos;
            Some(alias)
        } else {
            self.pos = end;
            None
        };
        Ok(Aggregate { function, argument, alias, span: Span::new(start, end), text })
    }

    /// The argument in parentheses, if any, and the name that the aggregation has without an alias.
    fn aggregate_argument(&mut self, function: &str) -> Read<(Option<AggregateArgument>, String)> {
        let plain = (None, function.to_owned());
        let end = self.pos;
        self.skip_space();
        let open = self.pos;
        if !self.eat('(') {
            self.pos = end;
            return Ok(plain);
        }
        self.skip_space();
        if self.eat(')') {
            return Ok(plain);
        }
        if let Some(field) = self.aggregate_field()? {
            let text = format!("{function}({})", field.value);
            self.close(open, ')', "the end of the field")?;
            return Ok((Some(AggregateArgument::Field(field)), text));
        }
        let eval_open = self.pos + 4;
        let is_eval = self.rest().get(..5).is_some_and(|w| w.eq_ignore_ascii_case("eval("));
        if is_eval {
            self.pos += 5;
        }
        let expr = self.expr(if is_eval { "eval(" } else { "(" })?;
        if is_eval {
            self.close(eval_open, ')', "an operator")?;
        }
        self.skip_space();
        if self.peek() == Some(',') {
            let span = Span::new(self.pos, self.pos + 1);
            let message = format!("`{function}` takes one argument");
            return Err(self.error(Code::BadArguments, span, message));
        }
        self.close(open, ')', "an operator")?;
        let text = format!("{function}{}", &self.text[open..self.pos]);
        Ok((Some(AggregateArgument::Eval(expr)), text))
    }

    /// A field as the whole argument: quoted, or one bare word. A bare word is a whole name here, dots and
    /// all.
    fn aggregate_field(&mut self) -> Read<Option<Spanned<String>>> {
        let start = self.pos;
        let field = match self.peek() {
            Some(mark @ ('"' | '\'')) => {
                let raw = self.quoted()?;
                Spanned::new(unescape(raw.value, mark), raw.span)
            }
            _ => {
                let word = self.bare("|,()[]\"'=<>!`", false);
                Spanned::new(word.value.to_owned(), word.span)
            }
        };
        self.skip_space();
        if !field.value.is_empty() && matches!(self.peek(), None | Some(')' | '|')) {
            return Ok(Some(field));
        }
        self.pos = start;
        Ok(None)
    }
}
