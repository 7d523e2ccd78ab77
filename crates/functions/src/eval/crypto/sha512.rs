//! `sha512`: the SHA-512 digest of a text.

use datafusion_common::Result;
use sha2::{Digest, Sha512};

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, text_type};

/// `sha512(<str>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "sha512",
    aliases: &[],
    family: "crypto",
    usage: "sha512(<str>)",
    parameters: &[Parameter::required("str", ParameterKind::Any)],
    repeats: 0,
    summary: "The SHA-512 digest of a text.",
    details: "In lower-case hexadecimal; null for null.",
    source: "Search Reference: Cryptographic functions, sha512()",
    examples: &[Example {
        expression: r#"sha512("hello")"#,
        given: "",
        result: r#""9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043""#,
    }],
    implementation: Implementation::Rows { returns: |_| text_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::digest_row(arguments, output, |bytes| Sha512::digest(bytes).to_vec())?;
    Ok(())
}
