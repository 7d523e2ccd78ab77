//! Placeholder: the crate's front door comes with its first module.
