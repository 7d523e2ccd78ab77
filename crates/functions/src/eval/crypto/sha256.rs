//! `sha256`: the SHA-256 digest of a text.

use datafusion_common::Result;
use sha2::{Digest, Sha256};

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, text_type};

/// `sha256(<str>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "sha256",
    aliases: &[],
    family: "crypto",
    usage: "sha256(<str>)",
    parameters: &[Parameter::required("str", ParameterKind::Any)],
    repeats: 0,
    summary: "The SHA-256 digest of a text.",
    details: "In lower-case hexadecimal; null for null.",
    source: "Search Reference: Cryptographic functions, sha256()",
    examples: &[Example {
        expression: r#"sha256("hello")"#,
        given: "",
        result: r#""2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824""#,
    }],
    implementation: Implementation::Rows { returns: |_| text_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::digest_row(arguments, output, |bytes| Sha256::digest(bytes).to_vec())?;
    Ok(())
}
