//! `md5`: the MD5 digest of a text.

use datafusion_common::Result;
use md5::{Digest, Md5};

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, text_type};

/// `md5(<str>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "md5",
    aliases: &[],
    family: "crypto",
    usage: "md5(<str>)",
    parameters: &[Parameter::required("str", ParameterKind::Any)],
    repeats: 0,
    summary: "The MD5 digest of a text.",
    details: "In lower-case hexadecimal; null for null.",
    source: "Search Reference: Cryptographic functions, md5()",
    examples: &[Example { expression: r#"md5("hello")"#, given: "", result: r#""5d41402abc4b2a76b9719d911017c592""# }],
    implementation: Implementation::Rows { returns: |_| text_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::digest_row(arguments, output, |bytes| Md5::digest(bytes).to_vec())?;
    Ok(())
}
