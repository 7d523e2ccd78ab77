//! Assigns values to ranges of numbers and spans of time.

use datafusion_common::Result;

use crate::row_udf::RowFunction;
use crate::time_span::TimeSpan;
use crate::types::{Cell, Output, format_number, number_type, text_type};

/// The start of the time span that an instant is in, seconds since 1970: time, count and unit of the span, and the origin
/// of the spans.
pub static SPAN_START: RowFunction = RowFunction::new("spl_span_start", |_| number_type(), span_row);

/// The range that a number is in, as text: number, size.
pub static RANGE: RowFunction = RowFunction::new("spl_range", |_| text_type(), range_row);

/// The start of the range that a number is in: number, size.
pub static START: RowFunction = RowFunction::new("spl_range_start", |_| number_type(), start_row);

/// The finest round size that divides an interval into fewer ranges than requested: minimum and maximum, number of
/// ranges, the smallest size, and whether the numbers are times.
pub static SIZE: RowFunction = RowFunction::new("spl_range_size", |_| number_type(), size_row);

fn span_row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let span = arguments[1].number().zip(arguments[2].text()).and_then(|(n, unit)| TimeSpan::new(n, &unit));
    match arguments[0].number().zip(span) {
        Some((time, span)) => output.number(span.start(time, arguments[3].number().unwrap_or(0.0))),
        None => output.null(),
    }
    Ok(())
}

fn range_row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match arguments[0].number().zip(arguments[1].number()) {
        Some((value, size)) => {
            let start = tidy((value / size).floor() * size);
            output.text(&format!("{}-{}", format_number(start), format_number(tidy(start + size))));
        }
        None => output.null(),
    }
    Ok(())
}

/// Removes the rounding error of a product of decimal fractions: 0.30000000000000004 becomes 0.3.
fn tidy(number: f64) -> f64 {
    format!("{number:.12e}").parse().unwrap_or(number)
}

fn start_row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match arguments[0].number().zip(arguments[1].number()) {
        Some((value, size)) => output.number((value / size).floor() * size),
        None => output.null(),
    }
    Ok(())
}

const TIME_SIZES: [f64; 17] = [
    1.0, 5.0, 10.0, 15.0, 30.0, 60.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0, 43_200.0,
    86_400.0, 604_800.0,
];

fn size_row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let [least, greatest, bins, smallest] = [0, 1, 2, 3].map(|i| arguments[i].number());
    let (Some(least), Some(greatest), Some(bins)) = (least, greatest, bins) else {
        output.null();
        return Ok(());
    };
    let fits = |size: f64| size >= smallest.unwrap_or(0.0) && (greatest / size).floor() - (least / size).floor() < bins;
    if arguments[4].truth() == Some(true) {
        let size = TIME_SIZES.iter().copied().find(|s| fits(*s));
        output.number(size.unwrap_or_else(|| ((greatest - least) / bins / 604_800.0).ceil() * 604_800.0));
        return Ok(());
    }
    let power = ((greatest - least).max(f64::MIN_POSITIVE) / bins).log10().floor() as i32;
    let sizes = (power..power + 4).flat_map(|p| [1.0, 2.0, 5.0].map(|m| m * 10_f64.powi(p)));
    output.number(sizes.into_iter().find(|s| fits(*s)).unwrap_or(1.0));
    Ok(())
}
