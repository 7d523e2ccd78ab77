//! Digests.

use datafusion_common::Result;

use crate::function::EvalFunction;
use crate::types::{Cell, Output};

mod md5;
mod sha1;
mod sha256;
mod sha512;

/// The family, sorted by name.
pub static FUNCTIONS: &[&EvalFunction] = &[&md5::FUNCTION, &sha1::FUNCTION, &sha256::FUNCTION, &sha512::FUNCTION];

/// Appends the digest of a text in lower-case hexadecimal; null for null.
fn digest_row(arguments: &[Cell<'_>], output: &mut Output, digest: impl Fn(&[u8]) -> Vec<u8>) -> Result<()> {
    match arguments[0].text() {
        Some(text) => {
            let digits: String = digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
            output.text(&digits);
        }
        None => output.null(),
    }
    Ok(())
}
