//! Sort keys: bytes whose ascending order is the requested order.
//!
//! A value is encoded as a tag and a self-delimiting body, so that keys can be concatenated and compared as bytes.
//! Numbers come before IP addresses, and these before text; missing values come last, whether ascending or descending.
//! Source: Search Reference, sort command.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder};
use arrow::datatypes::{DataType, Int64Type, UInt32Type, UInt64Type};
use datafusion_common::{Result, ScalarValue, exec_err};
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit};

use crate::literals;
use crate::row_udf::call_name;
use crate::types::{Cell, Value, cell, parse_number};

/// How values are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortKind {
    /// Numbers and numeric texts by value, IP addresses by address, other texts by code point (`auto`).
    Auto,
    /// Numbers by value, other texts after them by code point (`num`).
    Number,
    /// All as text (`str`).
    Text,
    /// IP addresses by address, other texts after them by code point (`ip`).
    Ip,
}

impl SortKind {
    fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Number => "num",
            Self::Text => "str",
            Self::Ip => "ip",
        }
    }
}

/// The type of keys.
pub fn order_type() -> DataType {
    DataType::Binary
}

const NUMBER: u8 = 0x10;
const ADDRESS: u8 = 0x20;
const TEXT: u8 = 0x30;
const MISSING: u8 = 0xF8;

/// The key of a value. A multivalue goes by its first value.
pub fn sort_key(kind: SortKind, value: Expr, descending: bool) -> Expr {
    SORT.call(vec![value, lit(kind.name()), lit(descending)])
}

/// Combines several keys into one, the first being the most significant.
pub fn order_key(parts: Vec<Expr>) -> Expr {
    JOIN.call(parts)
}

/// A key for the reverse of the order of the given one.
pub fn invert_order(key: Expr) -> Expr {
    INVERT.call(vec![key])
}

/// Prefixes a key with a block number: rows come before all rows with a greater number.
pub fn prefix_order(block: u32, key: Expr) -> Expr {
    PREFIX.call(vec![key, lit(block)])
}

/// The key of an integer (Int64, UInt64, UInt32), as row numbers are.
pub fn number_order(number: Expr) -> Expr {
    INTEGER.call(vec![number])
}

/// Appends the key of a value.
pub fn encode_sort_key(kind: SortKind, descending: bool, cell: &Cell<'_>, key: &mut Vec<u8>) {
    let first = match cell {
        Cell::Multi(..) => cell.values().first().copied(),
        cell => cell.single(),
    };
    let Some(value) = first else {
        key.push(MISSING);
        return;
    };
    let start = key.len();
    match kind {
        SortKind::Auto => match (value.number(), &value) {
            (Some(number), _) => encode_number(number, key),
            (None, Value::Text(text)) => encode_address_or_text(text, key),
            _ => encode_text(&value.text(), key),
        },
        SortKind::Number => match value.number().or_else(|| parse_number(value.text().trim())) {
            Some(number) => encode_number(number, key),
            None => encode_text(&value.text(), key),
        },
        SortKind::Text => encode_text(&value.text(), key),
        SortKind::Ip => encode_address_or_text(&value.text(), key),
    }
    if descending {
        key[start..].iter_mut().for_each(|byte| *byte = !*byte);
    }
}

fn encode_number(number: f64, key: &mut Vec<u8>) {
    // Adding zero turns -0 into 0, which are the same number.
    let bits = (number + 0.0).to_bits();
    let ordered = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
    key.push(NUMBER);
    key.extend(ordered.to_be_bytes());
}

fn encode_address_or_text(text: &str, key: &mut Vec<u8>) {
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            key.extend([ADDRESS, 4]);
            key.extend(address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            key.extend([ADDRESS, 6]);
            key.extend(address.octets());
        }
        Err(_) => encode_text(text, key),
    }
}

fn encode_text(text: &str, key: &mut Vec<u8>) {
    key.push(TEXT);
    for byte in text.bytes() {
        key.push(byte);
        if byte == 0 {
            key.push(0xFF);
        }
    }
    key.extend([0, 0]);
}

/// What is done to make a key.
#[derive(Clone, Copy, Debug)]
enum Step {
    Sort(SortKind, bool),
    Join,
    Invert,
    Prefix(u32),
    Integer,
}

/// Which step a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Sort,
    Join,
    Invert,
    Prefix,
    Integer,
}

static SORT: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| KeyUdf::udf(Kind::Sort));
static JOIN: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| KeyUdf::udf(Kind::Join));
static INVERT: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| KeyUdf::udf(Kind::Invert));
static PREFIX: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| KeyUdf::udf(Kind::Prefix));
static INTEGER: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| KeyUdf::udf(Kind::Integer));

/// The scalar functions of this file.
pub(super) fn scalars() -> impl Iterator<Item = Arc<ScalarUDF>> {
    [&SORT, &JOIN, &INVERT, &PREFIX, &INTEGER].into_iter().map(|function| Arc::clone(function))
}

/// The scalar function of a step. Its arguments are one or more keys or values; those of a sort key are followed by the kind and
/// whether it is descending, that of a prefix by the number of the block.
#[derive(Debug, PartialEq, Eq, Hash)]
struct KeyUdf {
    kind: Kind,
    signature: Signature,
}

impl KeyUdf {
    fn udf(kind: Kind) -> Arc<ScalarUDF> {
        let signature = Signature::one_of(
            vec![datafusion_expr::TypeSignature::Nullary, datafusion_expr::TypeSignature::VariadicAny],
            Volatility::Immutable,
        );
        Arc::new(ScalarUDF::from(Self { kind, signature }))
    }

    /// What a call does.
    fn step(&self, arguments: &[ColumnarValue]) -> Result<Step> {
        Ok(match self.kind {
            Kind::Sort => {
                let name = literals::text(arguments, 1)?;
                let kinds = [SortKind::Auto, SortKind::Number, SortKind::Text, SortKind::Ip];
                let Some(kind) = kinds.into_iter().find(|kind| kind.name() == name) else {
                    return exec_err!("there is no order `{name}`");
                };
                Step::Sort(kind, literals::flag(arguments, 2)?)
            }
            Kind::Join => Step::Join,
            Kind::Invert => Step::Invert,
            Kind::Prefix => match literals::parameter(arguments, 1)? {
                ScalarValue::UInt32(Some(block)) => Step::Prefix(*block),
                other => return exec_err!("the number of a block must be UInt32, not {}", other.data_type()),
            },
            Kind::Integer => Step::Integer,
        })
    }
}

impl ScalarUDFImpl for KeyUdf {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Sort => "sort_key",
            Kind::Join => "order_key",
            Kind::Invert => "invert_order",
            Kind::Prefix => "prefix_order",
            Kind::Integer => "number_order",
        }
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Ok(call_name(self.name(), args))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(order_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let step = self.step(&args.args)?;
        let keys = if self.kind == Kind::Join { args.args.len() } else { 1 };
        let columns = args.args.iter().take(keys).map(|a| a.to_array(rows)).collect::<Result<Vec<_>>>()?;
        let array = make_keys(step, &columns, rows)?;
        if constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}

fn make_keys(step: Step, columns: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let mut builder = BinaryBuilder::with_capacity(rows, rows * 16);
    let mut key = Vec::new();
    for row in 0..rows {
        key.clear();
        match (step, columns.first()) {
            (Step::Sort(kind, descending), Some(column)) => {
                encode_sort_key(kind, descending, &cell(column.as_ref(), row), &mut key);
            }
            (Step::Integer, Some(column)) => encode_integer(column, row, &mut key)?,
            (Step::Invert, Some(column)) => key.extend(bytes(column, row)?.iter().map(|byte| !byte)),
            (Step::Prefix(block), Some(column)) => {
                key.extend(block.to_be_bytes());
                key.extend_from_slice(bytes(column, row)?);
            }
            (_, _) => {
                for column in columns {
                    key.extend_from_slice(bytes(column, row)?);
                }
            }
        }
        builder.append_value(&key);
    }
    Ok(Arc::new(builder.finish()))
}

/// The key of a row; null counts as empty.
fn bytes(column: &ArrayRef, row: usize) -> Result<&[u8]> {
    if column.is_null(row) {
        return Ok(&[]);
    }
    match column.as_binary_opt::<i32>() {
        Some(keys) => Ok(keys.value(row)),
        None => exec_err!("an order key must be Binary, not {}", column.data_type()),
    }
}

fn encode_integer(column: &ArrayRef, row: usize, key: &mut Vec<u8>) -> Result<()> {
    if column.is_null(row) {
        key.extend([0xFF; 8]);
    } else if let Some(numbers) = column.as_primitive_opt::<UInt64Type>() {
        key.extend(numbers.value(row).to_be_bytes());
    } else if let Some(numbers) = column.as_primitive_opt::<Int64Type>() {
        key.extend((numbers.value(row) as u64 ^ 1 << 63).to_be_bytes());
    } else if let Some(numbers) = column.as_primitive_opt::<UInt32Type>() {
        key.extend(u64::from(numbers.value(row)).to_be_bytes());
    } else {
        return exec_err!("a row number must be an integer, not {}", column.data_type());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(kind: SortKind, descending: bool, cell: Cell<'_>) -> Vec<u8> {
        let mut key = vec![];
        encode_sort_key(kind, descending, &cell, &mut key);
        key
    }

    fn sorted(kind: SortKind, descending: bool, mut texts: Vec<&'static str>) -> Vec<&'static str> {
        texts.sort_by_key(|text| key(kind, descending, Cell::Text(text)));
        texts
    }

    #[test]
    fn each_kind_has_its_order() {
        let texts = vec!["b", "10", "B", "9", "-1", "10.0.0.10", "9.255.0.1", "é"];
        assert_eq!(
            sorted(SortKind::Auto, false, texts.clone()),
            ["-1", "9", "10", "9.255.0.1", "10.0.0.10", "B", "b", "é"]
        );
        assert_eq!(
            sorted(SortKind::Text, true, texts.clone()),
            ["é", "b", "B", "9.255.0.1", "9", "10.0.0.10", "10", "-1"]
        );
        assert_eq!(sorted(SortKind::Ip, false, vec!["::1", "10.0.0.2", "9.0.0.1"]), ["9.0.0.1", "10.0.0.2", "::1"]);
        assert_eq!(sorted(SortKind::Number, true, vec!["2", "1e3", "-5"]), ["1e3", "2", "-5"]);
    }

    #[test]
    fn missing_values_come_last_both_ways() {
        for descending in [false, true] {
            let missing = key(SortKind::Auto, descending, Cell::Null);
            for value in [Cell::Text("zz"), Cell::Number(1e300), Cell::Number(-1e300), Cell::Text("")] {
                assert!(key(SortKind::Auto, descending, value) < missing);
            }
        }
    }

    proptest! {
        #[test]
        fn a_joined_key_orders_like_the_pair(a in "[ -b\0]{0,3}", b in "[ -b\0]{0,3}", c in "[ -b\0]{0,3}", d in "[ -b\0]{0,3}") {
            let joined = |x: &str, y: &str| {
                let mut joined = key(SortKind::Text, false, Cell::Text(x));
                joined.extend(key(SortKind::Text, true, Cell::Text(y)));
                joined
            };
            let expected = a.as_bytes().cmp(b.as_bytes()).then(d.as_bytes().cmp(c.as_bytes()));
            prop_assert_eq!(joined(&a, &c).cmp(&joined(&b, &d)), expected);
        }

        #[test]
        fn numbers_order_by_value(a in -1e9..1e9f64, b in -1e9..1e9f64) {
            let (x, y) = (key(SortKind::Auto, false, Cell::Number(a)), key(SortKind::Auto, false, Cell::Number(b)));
            prop_assert_eq!(Some(x.cmp(&y)), a.partial_cmp(&b));
        }
    }
}
