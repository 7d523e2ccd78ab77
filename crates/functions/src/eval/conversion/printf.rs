//! `printf`: text built from a format and values, as C's printf does.

use datafusion_common::Result;

use super::number_text::{exponential, general, hexadecimal, with_commas};
use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, text_type};

/// `printf(<format>, <arguments>, ...)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "printf",
    aliases: &[],
    family: "conversion",
    usage: "printf(<format>, <arguments>, ...)",
    parameters: &[
        Parameter::required("format", ParameterKind::Text),
        Parameter::optional("arguments", ParameterKind::Any),
    ],
    repeats: 1,
    summary: "Text built from a format and values, as C's printf does.",
    details: "Conversions: `%d` `%i` `%u` `%o` `%x` `%X` `%c` `%s` `%z` `%f` `%F` `%e` `%E` `%g` `%G` `%a` `%A` `%p` `%%`; flags `-` `+` space `0` `#` and `'` (thousands); width and precision, also `*`. `%z` is `%s`. A conversion without a value, and one of a number for what is no number, prints nothing. Null if the format is null.",
    source: "Search Reference: Conversion functions, printf()",
    examples: &[
        Example { expression: r#"printf("%s%z 100%%", "foo", "bar")"#, given: "", result: r#""foobar 100%""# },
        Example { expression: r#"printf("%.*f", 1, 1.23)"#, given: "", result: r#""1.2""# },
        Example { expression: r#"printf("%'d", 12345)"#, given: "", result: r#""12,345""# },
        Example { expression: r#"printf("%.3s|", "splunk")"#, given: "", result: r#""spl|""# },
        Example { expression: r#"printf("%c,%c", "abc", 65)"#, given: "", result: r#""a,A""# },
    ],
    implementation: Implementation::Rows { returns: |_| text_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match arguments.split_first().map(|(format, values)| (format.text(), values)) {
        Some((Some(format), values)) => output.text(&print(&format, values)),
        _ => output.null(),
    }
    Ok(())
}

/// Maximum width and precision; larger ones are reduced to it.
const LIMIT: f64 = 1000.0;

/// A conversion: the part between `%` and its letter.
#[derive(Default)]
struct Conversion {
    left: bool,
    plus: bool,
    space: bool,
    zero: bool,
    alternate: bool,
    thousands: bool,
    width: usize,
    precision: Option<usize>,
}

fn print(format: &str, values: &[Cell<'_>]) -> String {
    let mut values = values.iter();
    let mut text = String::with_capacity(format.len() * 2);
    let mut rest = format.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let mut conversion = Conversion::default();
        while let Some(flag) = rest.next_if(|c| "-+ 0#'".contains(*c)) {
            match flag {
                '-' => conversion.left = true,
                '+' => conversion.plus = true,
                ' ' => conversion.space = true,
                '0' => conversion.zero = true,
                '#' => conversion.alternate = true,
                _ => conversion.thousands = true,
            }
        }
        let width = size(&mut rest, &mut values);
        conversion.left |= width < 0.0;
        conversion.width = width.abs().min(LIMIT) as usize;
        if rest.next_if_eq(&'.').is_some() {
            let precision = size(&mut rest, &mut values);
            conversion.precision = (precision >= 0.0).then_some(precision.min(LIMIT) as usize);
        }
        // C's length modifiers, which have no meaning here.
        while rest.next_if(|c| "hlLqjt".contains(*c)).is_some() {}
        match rest.next() {
            Some('%') => text.push('%'),
            Some(letter) => conversion.print(letter, values.next(), &mut text),
            None => text.push('%'),
        }
    }
    text
}

/// A width or precision: digits, or `*` for the next value.
fn size(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, values: &mut std::slice::Iter<'_, Cell<'_>>) -> f64 {
    if rest.next_if_eq(&'*').is_some() {
        return values.next().and_then(Cell::number).unwrap_or(0.0);
    }
    let mut size = 0.0;
    while let Some(digit) = rest.next_if(char::is_ascii_digit) {
        size = (size * 10.0 + f64::from(digit.to_digit(10).unwrap_or(0))).min(LIMIT);
    }
    size
}

impl Conversion {
    fn print(&self, letter: char, value: Option<&Cell<'_>>, to: &mut String) {
        let number = value.and_then(Cell::number);
        match letter {
            's' | 'z' => {
                let text = value.and_then(Cell::text).unwrap_or_default();
                self.pad(text.chars().take(self.precision.unwrap_or(usize::MAX)).collect(), to);
            }
            'c' => {
                let c = match value.and_then(Cell::single) {
                    Some(crate::types::Value::Number(code)) => char::from_u32(code as u32),
                    other => other.and_then(|value| value.text().chars().next()),
                };
                self.pad(c.map(String::from).unwrap_or_default(), to);
            }
            'd' | 'i' | 'u' | 'o' | 'x' | 'X' | 'p' => match number {
                Some(number) => self.integer(letter, number.trunc(), to),
                None => self.pad(String::new(), to),
            },
            'f' | 'F' | 'e' | 'E' | 'g' | 'G' | 'a' | 'A' => match number {
                Some(number) => self.float(letter, number, to),
                None => self.pad(String::new(), to),
            },
            other => {
                to.push('%');
                to.push(other);
            }
        }
    }

    fn sign(&self, number: f64) -> &'static str {
        match (number < 0.0, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        }
    }

    fn integer(&self, letter: char, number: f64, to: &mut String) {
        let whole = number.abs() as u128;
        let signed = matches!(letter, 'd' | 'i');
        // An unsigned conversion of a negative number shows its 64 bits, as C does.
        let bits = if number < 0.0 { u128::from((number as i64) as u64) } else { whole };
        let mut digits = match letter {
            'o' => format!("{bits:o}"),
            'x' | 'p' => format!("{bits:x}"),
            'X' => format!("{bits:X}"),
            'u' => bits.to_string(),
            _ => whole.to_string(),
        };
        if let Some(precision) = self.precision {
            digits = format!("{digits:0>precision$}");
        }
        if self.thousands && (signed || letter == 'u') {
            digits = with_commas(&digits);
        }
        let prefix = match letter {
            'o' if self.alternate && !digits.starts_with('0') => "0",
            'x' if self.alternate && bits != 0 => "0x",
            'X' if self.alternate && bits != 0 => "0X",
            'p' => "0x",
            _ if signed => self.sign(number),
            _ => "",
        };
        self.pad_number(prefix, &digits, self.precision.is_none(), to);
    }

    fn float(&self, letter: char, number: f64, to: &mut String) {
        let size = number.abs();
        let precision = self.precision.unwrap_or(6);
        let mut digits = match letter.to_ascii_lowercase() {
            'f' => format!("{size:.precision$}"),
            'e' => exponential(size, precision),
            'g' => general(size, precision, self.alternate),
            _ => hexadecimal(size, self.precision),
        };
        if self.alternate && !digits.contains(['.', 'e', 'p']) {
            digits.push('.');
        }
        if self.thousands {
            digits = with_commas(&digits);
        }
        if letter.is_ascii_uppercase() {
            digits = digits.to_uppercase();
        }
        self.pad_number(self.sign(number), &digits, true, to);
    }

    fn pad_number(&self, prefix: &str, digits: &str, zeros: bool, to: &mut String) {
        let length = prefix.len() + digits.len();
        if self.zero && zeros && !self.left && length < self.width {
            let text = format!("{prefix}{}{digits}", "0".repeat(self.width - length));
            to.push_str(&text);
        } else {
            self.pad(format!("{prefix}{digits}"), to);
        }
    }

    fn pad(&self, text: String, to: &mut String) {
        let missing = self.width.saturating_sub(text.chars().count());
        if self.left {
            to.push_str(&text);
        }
        to.extend(std::iter::repeat_n(' ', missing));
        if !self.left {
            to.push_str(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_c_does() {
        let number = |format: &str, n: f64| print(format, &[Cell::Number(n)]);
        for (format, n, expected) in [
            ("%d", -42.9, "-42"),
            ("%05d", -42.0, "-0042"),
            ("%+d", 42.0, "+42"),
            ("% d", 42.0, " 42"),
            ("%.5d", 42.0, "00042"),
            ("%x", 255.0, "ff"),
            ("%#X", 255.0, "0XFF"),
            ("%#o", 8.0, "010"),
            ("%u", 7.0, "7"),
            ("%f", 1.5, "1.500000"),
            ("%.0f", 2.5, "2"),
            ("%08.2f", -2.34567, "-0002.35"),
            ("%e", 12345.678, "1.234568e+04"),
            ("%.2E", 0.00012, "1.20E-04"),
            ("%g", 0.0001, "0.0001"),
            ("%g", 1e10, "1e+10"),
            ("%g", 100000.0, "100000"),
            ("%.3g", 1234.5, "1.23e+03"),
            ("%#g", 1.0, "1.00000"),
            ("%a", 1.0, "0x1p+0"),
            ("%a", 0.5, "0x1p-1"),
            ("%A", 10.0, "0X1.4P+3"),
            ("%'.2f", 1234567.891, "1,234,567.89"),
            ("%c", 233.0, "é"),
            ("%k", 1.0, "%k"),
            ("%", 1.0, "%"),
            ("%ld", 5.0, "5"),
            ("%s", 3.0, "3"),
        ] {
            assert_eq!(number(format, n), expected, "{format}");
        }
        assert_eq!(print("%5d|%-5d|", &[Cell::Number(42.0), Cell::Number(42.0)]), "   42|42   |");
        assert_eq!(print("%*d", &[Cell::Number(4.0), Cell::Text("7")]), "   7");
        assert_eq!(print("%-6s|", &[Cell::Text("é")]), "é     |");
        assert_eq!(print("%d%s", &[Cell::Text("x")]), "");
        assert_eq!(print("%999999999s", &[Cell::Text("x")]).len(), 1000);
    }
}
