//! Numbers as C's printf writes them, without sign, and the commas between thousands.

/// Inserts a comma between thousands; a sign and a fraction are kept.
pub(super) fn with_commas(number: &str) -> String {
    let whole_end = number.find('.').unwrap_or(number.len());
    let (whole, fraction) = number.split_at(whole_end);
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut text = String::from(sign);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}

/// `%e`: one digit, a fraction, and an exponent of at least two digits.
pub(super) fn exponential(size: f64, precision: usize) -> String {
    let text = format!("{size:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// `%g`: `%e` or `%f`, depending on the exponent, with `precision` significant digits; trailing zeros are removed unless
/// kept.
pub(super) fn general(size: f64, precision: usize, keep_zeros: bool) -> String {
    let precision = precision.max(1);
    let rounded = format!("{size:.*e}", precision - 1);
    let exponent: i32 = rounded.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let text = if exponent < -4 || exponent >= precision as i32 {
        exponential(size, precision - 1)
    } else {
        format!("{size:.*}", (precision as i32 - 1 - exponent).max(0) as usize)
    };
    if keep_zeros {
        return text;
    }
    let (digits, exponent) = match text.find('e') {
        Some(at) => text.split_at(at),
        None => (text.as_str(), ""),
    };
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    format!("{digits}{exponent}")
}

/// `%a`: the bits of the number in hexadecimal and an exponent of two.
pub(super) fn hexadecimal(size: f64, precision: Option<usize>) -> String {
    const FRACTION_BITS: u32 = 52;
    if size == 0.0 {
        return "0x0p+0".to_owned();
    }
    let bits = size.to_bits();
    let mut exponent = ((bits >> FRACTION_BITS) & 0x7FF) as i64 - 1023;
    let mut mantissa = bits & ((1 << FRACTION_BITS) - 1);
    if exponent == -1023 {
        exponent = -1022;
    } else {
        mantissa |= 1 << FRACTION_BITS;
    }
    if let Some(places) = precision.filter(|places| *places < 13) {
        let dropped = FRACTION_BITS - 4 * places as u32;
        mantissa = (mantissa + (1 << (dropped - 1))) >> dropped << dropped;
    }
    let fraction = format!("{:013x}", mantissa & ((1 << FRACTION_BITS) - 1));
    let fraction = match precision {
        Some(places) => format!("{fraction:0<places$}")[..places].to_owned(),
        None => fraction.trim_end_matches('0').to_owned(),
    };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("0x{}{point}{fraction}p{exponent:+}", mantissa >> FRACTION_BITS)
}
