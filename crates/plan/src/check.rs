//! Checks a search before any log is read: reports at once all mistakes that its text and the lookups reveal.

use dogwatch_functions::{ArgumentNeed, EvalFunction, ParameterKind, eval, regex, stats};
use dogwatch_syntax::{
    Aggregate, AggregateArgument, ArgumentValue, Code, Command, Diagnostic, Expr, ExprKind, Pipeline, SearchExpr,
    SearchKind, Spanned, parse_search_expr,
};

use crate::catalog::SourceCatalog;
use crate::commands::{self, Role};
use crate::expr::kind_of;
use dogwatch_syntax::nearest;

/// All mistakes in a pipeline, in the order of its text.
pub fn check(pipeline: &Pipeline, catalog: &dyn SourceCatalog) -> Vec<Diagnostic> {
    let mut checker = Checker { catalog, found: Vec::new() };
    checker.pipeline(pipeline);
    checker.found.sort_by_key(|d| (d.span.start, d.span.end));
    checker.found
}

/// A diagnostic if a generating command is used where there are rows already.
fn misplaced(command: &Command) -> Option<Diagnostic> {
    let name = &command.name;
    let generating = commands::find(&name.value).is_some_and(|c| c.role == Role::Generating);
    let appends = command.flag("append");
    (generating && !appends).then(|| {
        let message = format!("`{}` makes rows of its own and has to start the search", name.value);
        Diagnostic::error(Code::Unexpected, name.span, message)
    })
}

/// A diagnostic for a number of results, as an argument `count` or an option `limit`, that is none: negative, or not whole.
pub fn count_is_whole(command: &Command, _: &dyn SourceCatalog) -> Vec<Diagnostic> {
    let is_none = |number: f64| number < 0.0 || number.fract() != 0.0;
    let arguments = command.arguments_in("count").filter_map(|count| match count.value {
        ArgumentValue::Number(number) if is_none(number) => Some(count.span),
        _ => None,
    });
    let option = command.option("limit").filter(|_| command.number("limit").is_some_and(is_none));
    let message = format!("`{}` takes a number of results, 0 or more", command.name.value);
    let spans = arguments.chain(option.map(|limit| limit.span));
    spans.map(|span| Diagnostic::error(Code::BadOption, span, message.clone())).collect()
}

struct Checker<'a> {
    catalog: &'a dyn SourceCatalog,
    found: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn pipeline(&mut self, pipeline: &Pipeline) {
        for (i, command) in pipeline.commands.iter().enumerate() {
            if i > 0 {
                self.found.extend(misplaced(command));
            }
            self.command(command);
        }
    }

    fn command(&mut self, command: &Command) {
        if let Some(definition) = commands::find(&command.name.value) {
            self.found.extend((definition.check)(command, self.catalog));
        }
        for argument in &command.arguments {
            match &argument.value {
                ArgumentValue::Expr(e) => self.expr(e),
                ArgumentValue::Assignments(list) => list.iter().for_each(|a| self.expr(&a.value)),
                ArgumentValue::Aggregates(list) => list.iter().for_each(|a| self.aggregate(a)),
                ArgumentValue::Search(e) => self.search(e),
                ArgumentValue::Subsearch(pipeline) => self.pipeline(pipeline),
                _ => {}
            }
        }
    }

    fn search(&mut self, expr: &SearchExpr) {
        match &expr.kind {
            SearchKind::And(parts) | SearchKind::Or(parts) => parts.iter().for_each(|p| self.search(p)),
            SearchKind::Not(part) => self.search(part),
            SearchKind::Subsearch(pipeline) | SearchKind::Branch(pipeline) => self.pipeline(pipeline),
            _ => {}
        }
    }

    fn aggregate(&mut self, aggregate: &Aggregate) {
        let name = &aggregate.function;
        match stats::find(&name.value) {
            None => {
                let complaint = Diagnostic::error(
                    Code::UnknownFunction,
                    name.span,
                    format!("there is no stats function `{}`", name.value),
                );
                let names = stats::STATS_FUNCTIONS
                    .iter()
                    .flat_map(|f| std::iter::once(f.name).chain(f.aliases.iter().copied()));
                self.found.push(match nearest(&name.value, names) {
                    Some(near) => complaint.with_help(format!("did you mean `{near}`?")),
                    None => complaint.with_help("`dogwatch functions` lists them"),
                });
            }
            Some((function, _)) if function.argument == ArgumentNeed::Required && aggregate.argument.is_none() => {
                let message = format!("`{}` needs a field: {}", name.value, function.usage);
                self.found.push(Diagnostic::error(Code::BadArguments, aggregate.span, message));
            }
            Some(_) => {}
        }
        if let Some(AggregateArgument::Eval(e)) = &aggregate.argument {
            self.expr(e);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Unary { operand, .. } => self.expr(operand),
            ExprKind::Binary { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::In { value, list, .. } => {
                self.expr(value);
                list.iter().for_each(|e| self.expr(e));
            }
            ExprKind::Call { name, arguments } => {
                arguments.iter().for_each(|e| self.expr(e));
                self.call(name, arguments, expr);
            }
            ExprKind::Subsearch(pipeline) => self.pipeline(pipeline),
            _ => {}
        }
    }

    fn call(&mut self, name: &Spanned<String>, arguments: &[Expr], call: &Expr) {
        let Some(function) = eval::find(&name.value) else {
            let complaint = Diagnostic::error(
                Code::UnknownFunction,
                name.span,
                format!("there is no eval function `{}`", name.value),
            );
            let names = eval::all().flat_map(|f| std::iter::once(f.name).chain(f.aliases.iter().copied()));
            let help = match nearest(&name.value, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None if stats::find(&name.value).is_some() => format!("`{}` is a function of stats", name.value),
                None => "`dogwatch functions` lists them".to_owned(),
            };
            self.found.push(complaint.with_help(help));
            return;
        };
        self.count(function, arguments.len(), call);
        for (i, argument) in arguments.iter().enumerate() {
            if let Some(kind) = kind_of(function, i) {
                self.argument(function, kind, argument);
            }
        }
    }

    fn count(&mut self, function: &EvalFunction, given: usize, call: &Expr) {
        let most = function.parameters.len();
        let least = function.parameters.iter().filter(|p| !p.optional).count();
        let fits = given >= least
            && (given <= most || (function.repeats > 0 && (given - most).is_multiple_of(function.repeats)));
        if !fits {
            let wanted = match (least, function.repeats) {
                (_, 2) => format!("{least} or more arguments, in pairs"),
                (_, 1) => format!("{least} or more arguments"),
                (1, _) if most == 1 => "1 argument".to_owned(),
                _ if least == most => format!("{least} arguments"),
                _ => format!("{least} to {most} arguments"),
            };
            let message = format!("`{}` takes {wanted}, here are {given}", function.name);
            self.found.push(
                Diagnostic::error(Code::BadArguments, call.span, message)
                    .with_help(format!("write {}", function.usage)),
            );
        }
    }

    fn argument(&mut self, function: &EvalFunction, kind: ParameterKind, argument: &Expr) {
        let ExprKind::String(text) = &argument.kind else { return };
        match kind {
            ParameterKind::Number
                if dogwatch_functions::types::parse_number(text).is_none() || function.repeats > 0 =>
            {
                let message = format!("`{}` needs a number here, not a string", function.name);
                self.found.push(Diagnostic::error(Code::BadArguments, argument.span, message));
            }
            ParameterKind::Regex => {
                if let Err(why) = regex::check(text) {
                    self.found.push(Diagnostic::error(Code::BadRegex, argument.span, why.to_string()));
                }
            }
            ParameterKind::Search => {
                let (_, complaints) = parse_search_expr(text);
                self.found.extend(complaints.into_iter().map(|mut complaint| {
                    complaint.span = argument.span;
                    complaint
                }));
            }
            _ => {}
        }
    }
}
