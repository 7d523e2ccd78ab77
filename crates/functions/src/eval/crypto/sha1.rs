//! `sha1`: the SHA-1 digest of a text.

use datafusion_common::Result;
use sha1::{Digest, Sha1};

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, text_type};

/// `sha1(<str>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "sha1",
    aliases: &[],
    family: "crypto",
    usage: "sha1(<str>)",
    parameters: &[Parameter::required("str", ParameterKind::Any)],
    repeats: 0,
    summary: "The SHA-1 digest of a text.",
    details: "In lower-case hexadecimal; null for null.",
    source: "Search Reference: Cryptographic functions, sha1()",
    examples: &[Example {
        expression: r#"sha1("hello")"#,
        given: "",
        result: r#""aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d""#,
    }],
    implementation: Implementation::Rows { returns: |_| text_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::digest_row(arguments, output, |bytes| Sha1::digest(bytes).to_vec())?;
    Ok(())
}
