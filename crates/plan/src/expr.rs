//! Lowers eval expressions to DataFusion expressions over the current relation, and collects the fields that they read.

use arrow::datatypes::DataType;
use datafusion_expr::{Expr as Plan, lit};
use dogwatch_functions::operators::{self, Arithmetic, Comparison};
use dogwatch_functions::{EvalFunction, Implementation, LambdaKind, ParameterKind, eval};
use dogwatch_syntax::{BinaryOp, Code, Expr, ExprKind, UnaryOp, parse_search_expr};

use crate::catalog::SourceCatalog;
use crate::error::{PlanError, Result};
use crate::fields::FieldSet;
use crate::relation::{Relation, null};
use crate::search;

/// Adds the fields that an expression reads.
pub fn reads(expr: &Expr, fields: &mut FieldSet) {
    match &expr.kind {
        ExprKind::Field(name) => fields.add_exact(name),
        ExprKind::Unary { operand, .. } => reads(operand, fields),
        ExprKind::Binary { left, right, .. } => {
            reads(left, fields);
            reads(right, fields);
        }
        ExprKind::In { value, list, .. } => {
            reads(value, fields);
            list.iter().for_each(|e| reads(e, fields));
        }
        ExprKind::Call { name, arguments } => {
            arguments.iter().for_each(|e| reads(e, fields));
            let function = eval::find(&name.value);
            for (i, argument) in arguments.iter().enumerate() {
                if let (Some(ParameterKind::Search), ExprKind::String(text)) =
                    (function.and_then(|f| kind_of(f, i)), &argument.kind)
                {
                    search::reads(&parse_search_expr(text).0, fields);
                }
            }
        }
        ExprKind::Number { .. } | ExprKind::String(_) | ExprKind::Subsearch(_) | ExprKind::Error => {}
    }
}

/// The kind of the parameter that an argument is passed to.
pub fn kind_of(function: &EvalFunction, argument: usize) -> Option<ParameterKind> {
    let parameters = function.parameters;
    let index = if argument < parameters.len() {
        argument
    } else {
        let repeats = function.repeats.min(parameters.len());
        (repeats > 0).then(|| parameters.len() - repeats + (argument - parameters.len()) % repeats)?
    };
    parameters.get(index).map(|p| p.kind)
}

/// The context in which an expression is lowered.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The rows that it reads.
    pub rows: &'a Relation,
    /// The catalog, for search expressions in `searchmatch`.
    pub catalog: &'a dyn SourceCatalog,
    /// Inside `mvmap` and `mvfilter`: the field that stands for one value.
    item: Option<&'a Item<'a>>,
}

/// A field that stands for one of its values.
struct Item<'a> {
    field: &'a str,
    /// The expression for the value.
    value: Plan,
    /// That of the function around this one.
    outer: Option<&'a Item<'a>>,
}

impl Item<'_> {
    /// The value of a field that stands for one here.
    fn value_of(&self, field: &str) -> Option<&Plan> {
        if self.field == field { Some(&self.value) } else { self.outer?.value_of(field) }
    }

    fn level(&self) -> usize {
        self.outer.map_or(0, |outer| outer.level() + 1)
    }
}

impl<'a> Scope<'a> {
    /// A scope over rows.
    pub fn new(rows: &'a Relation, catalog: &'a dyn SourceCatalog) -> Self {
        Self { rows, catalog, item: None }
    }

    /// The DataFusion expression and its type.
    pub fn typed(&self, expr: &Expr) -> Result<(Plan, DataType)> {
        let plan = self.lower(expr)?;
        let data_type = self.type_of(&plan)?;
        Ok((plan, data_type))
    }

    fn type_of(&self, plan: &Plan) -> Result<DataType> {
        Ok(self.rows.type_of(plan)?)
    }

    /// An expression as a condition; null counts as not true.
    pub fn condition(&self, expr: &Expr) -> Result<Plan> {
        let (plan, data_type) = self.typed(expr)?;
        Ok(operators::truth(plan, &data_type))
    }

    /// The DataFusion expression.
    pub fn lower(&self, expr: &Expr) -> Result<Plan> {
        Ok(match &expr.kind {
            ExprKind::Number { value, .. } => lit(*value),
            ExprKind::String(text) => lit(text.as_str()),
            ExprKind::Field(name) => self.field(name),
            ExprKind::Unary { op, operand } => self.unary(*op, operand)?,
            ExprKind::Binary { op, left, right } => self.binary(*op, left, right)?,
            ExprKind::In { value, list, negated } => self.is_in(value, list, *negated)?,
            ExprKind::Call { name, arguments } => {
                let function = eval::find(&name.value).ok_or_else(|| {
                    PlanError::search(
                        Code::UnknownFunction,
                        name.span,
                        format!("there is no eval function `{}`", name.value),
                    )
                })?;
                self.call(function, arguments)?
            }
            ExprKind::Subsearch(pipeline) => {
                return Err(PlanError::search(
                    Code::Unsupported,
                    pipeline.span,
                    "a subsearch in an eval expression needs the return command, which Dogwatch does not have yet",
                ));
            }
            ExprKind::Error => null(),
        })
    }

    fn field(&self, name: &str) -> Plan {
        if let Some(value) = self.item.and_then(|item| item.value_of(name)) {
            return value.clone();
        }
        let column = self.rows.get(name);
        match self.rows.data_type(name) {
            time @ DataType::Timestamp(..) => operators::to_number(column, &time),
            _ => column,
        }
    }

    fn unary(&self, op: UnaryOp, operand: &Expr) -> Result<Plan> {
        let (plan, data_type) = self.typed(operand)?;
        Ok(match op {
            UnaryOp::Not => operators::not(operators::truth(plan, &data_type)),
            UnaryOp::Minus => operators::negate(plan, &data_type),
            UnaryOp::Plus => plan,
        })
    }

    fn binary(&self, op: BinaryOp, left: &Expr, right: &Expr) -> Result<Plan> {
        let (l, lt) = self.typed(left)?;
        let (r, rt) = self.typed(right)?;
        let logical = |f: fn(Plan, Plan) -> Plan| f(operators::truth(l.clone(), &lt), operators::truth(r.clone(), &rt));
        let compared = |c| operators::compare(c, l.clone(), &lt, r.clone(), &rt);
        let computed = |a| operators::arithmetic(a, l.clone(), &lt, r.clone(), &rt);
        Ok(match op {
            BinaryOp::Or => logical(operators::or),
            BinaryOp::Xor => logical(operators::xor),
            BinaryOp::And => logical(operators::and),
            BinaryOp::Equal => compared(Comparison::Equal),
            BinaryOp::NotEqual => compared(Comparison::NotEqual),
            BinaryOp::Less => compared(Comparison::Less),
            BinaryOp::LessEqual => compared(Comparison::LessOrEqual),
            BinaryOp::Greater => compared(Comparison::Greater),
            BinaryOp::GreaterEqual => compared(Comparison::GreaterOrEqual),
            BinaryOp::Like => self.call_named("like", vec![l, r])?,
            BinaryOp::Concat => operators::concat(vec![l, r]),
            BinaryOp::Add => computed(Arithmetic::Add),
            BinaryOp::Subtract => computed(Arithmetic::Subtract),
            BinaryOp::Multiply => computed(Arithmetic::Multiply),
            BinaryOp::Divide => computed(Arithmetic::Divide),
            BinaryOp::Modulo => computed(Arithmetic::Modulo),
        })
    }

    fn is_in(&self, value: &Expr, list: &[Expr], negated: bool) -> Result<Plan> {
        let (value, data_type) = self.typed(value)?;
        let mut any = Vec::with_capacity(list.len());
        for candidate in list {
            let (candidate, candidate_type) = self.typed(candidate)?;
            any.push(operators::compare(Comparison::Equal, value.clone(), &data_type, candidate, &candidate_type));
        }
        let found = any.into_iter().reduce(operators::or).unwrap_or_else(|| lit(false));
        Ok(if negated { operators::not(found) } else { found })
    }

    fn call_named(&self, name: &str, arguments: Vec<Plan>) -> Result<Plan> {
        match eval::find(name) {
            Some(function) => self.apply(function, arguments),
            None => Err(PlanError::Internal(format!("the function `{name}` is not registered"))),
        }
    }

    fn apply(&self, function: &EvalFunction, arguments: Vec<Plan>) -> Result<Plan> {
        Ok(match function.implementation {
            Implementation::Rows { .. } => match eval::scalar(function.name) {
                Some(scalar) => scalar.call(arguments),
                None => return Err(PlanError::Internal(format!("the function `{}` is not registered", function.name))),
            },
            Implementation::Expression(make) => {
                let types = arguments.iter().map(|a| self.type_of(a)).collect::<Result<Vec<_>>>()?;
                make(arguments, &types)?
            }
            Implementation::Lambda(_) => null(),
        })
    }

    fn call(&self, function: &EvalFunction, arguments: &[Expr]) -> Result<Plan> {
        if let Implementation::Lambda(kind) = function.implementation {
            return self.each_value(kind, arguments);
        }
        let mut lowered = Vec::with_capacity(arguments.len());
        for (i, argument) in arguments.iter().enumerate() {
            lowered.push(match (kind_of(function, i), &argument.kind) {
                (Some(ParameterKind::Search), ExprKind::String(text)) => {
                    search::filter(&parse_search_expr(text).0, self.rows, self.catalog)?
                }
                (Some(ParameterKind::Bool), _) => self.condition(argument)?,
                _ => self.lower(argument)?,
            });
        }
        self.apply(function, lowered)
    }

    /// `mvmap(field, expression)` and `mvfilter(expression)`: the expression over each value of the field.
    fn each_value(&self, kind: LambdaKind, arguments: &[Expr]) -> Result<Plan> {
        let (list, name, body) = match (kind, arguments) {
            (LambdaKind::Map, [list, body]) => {
                let mut read = FieldSet::nothing();
                reads(list, &mut read);
                (list.clone(), read.names.first().cloned(), body)
            }
            (_, [body, ..]) => {
                let mut read = FieldSet::nothing();
                reads(body, &mut read);
                let name = read.names.first().cloned();
                let kind = ExprKind::Field(name.clone().unwrap_or_default());
                (Expr { kind, span: body.span }, name, body)
            }
            (_, []) => return Ok(null()),
        };
        let Some(name) = name else {
            return Err(PlanError::search(
                Code::BadArguments,
                list.span,
                "this needs a field: the expression is computed for each of its values",
            ));
        };
        let (list, list_type) = self.typed(&list)?;
        let list = operators::mv_values(list, &list_type);
        let value = operators::lambda_item(self.item.map_or(0, |outer| outer.level() + 1));
        let item = Item { field: &name, value, outer: self.item };
        let inner = Scope { item: Some(&item), ..*self };
        let (body, body_type) = inner.typed(body)?;
        let body = match kind {
            LambdaKind::Map => operators::to_text(body, &body_type),
            LambdaKind::Filter => operators::truth(body, &body_type),
        };
        Ok(operators::lambda(kind, list, body, &item.value)?)
    }
}

/// All hold.
pub fn all_of(conditions: Vec<Plan>) -> Plan {
    datafusion_expr::utils::conjunction(conditions).unwrap_or_else(|| lit(true))
}
