//! What is wrong with a search, or with the file that holds it, as data. Rendering is the caller's business.
//!
//! Every kind of complaint has a stable code in [`Code`]; the text may change, the code does not.

use crate::span::Span;

/// How grave a complaint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// For information: the search runs.
    Note,
    /// The search runs, but probably not as meant.
    Warning,
    /// The search cannot run.
    Error,
}

/// The stable name of a kind of complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// `S001`: a quotation mark without its partner.
    UnbalancedQuote,
    /// `S002`: a parenthesis or bracket without its partner.
    UnbalancedParenthesis,
    /// `S003`: something else was expected here.
    Unexpected,
    /// `S004`: no such command.
    UnknownCommand,
    /// `S005`: no such eval or stats function.
    UnknownFunction,
    /// `S006`: an option that the command does not have, or a bad value for one.
    BadOption,
    /// `S007`: an argument is missing.
    MissingArgument,
    /// `S008`: wrong number or type of arguments to a function.
    BadArguments,
    /// `S009`: a regular expression that does not compile or names no group.
    BadRegex,
    /// `S010`: a macro that does not resolve, or that calls itself.
    BadMacro,
    /// `S011`: a time modifier that cannot be read.
    BadTime,
    /// `S012`: a lookup that cannot be found or read.
    BadLookup,
    /// `S013`: a pipeline inside a search expression (runs here, not in Splunk).
    Branch,
    /// `S014`: no event had this field.
    UnknownField,
    /// `S015`: the search is well formed, but this engine does not run it.
    Unsupported,
    /// `S016`: too deep or too long.
    TooLarge,
    /// `S017`: results that a default limit has cut.
    Cut,
    /// `C001`: a file of detections that cannot be read or is no YAML.
    BadYaml,
    /// `C002`: a key that is missing, unknown or of the wrong type.
    BadKey,
    /// `C003`: a value that the key does not allow.
    BadValue,
    /// `C004`: an `id` or a `name` that another file has already.
    Duplicate,
    /// `C005`: a file whose name does not fit the `name` in it.
    BadFileName,
    /// `C006`: a macro, lookup, data source, story or log that does not exist.
    Unresolved,
    /// `C007`: a field in the words about risk that the search does not name.
    BadToken,
    /// `C008`: a row of the allow-list, or of another lookup, that cannot be used.
    BadRow,
    /// `C009`: a row of the allow-list whose day has passed.
    ExpiredRow,
}

impl Code {
    /// The code as printed, for instance `S004`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnbalancedQuote => "S001",
            Self::UnbalancedParenthesis => "S002",
            Self::Unexpected => "S003",
            Self::UnknownCommand => "S004",
            Self::UnknownFunction => "S005",
            Self::BadOption => "S006",
            Self::MissingArgument => "S007",
            Self::BadArguments => "S008",
            Self::BadRegex => "S009",
            Self::BadMacro => "S010",
            Self::BadTime => "S011",
            Self::BadLookup => "S012",
            Self::Branch => "S013",
            Self::UnknownField => "S014",
            Self::Unsupported => "S015",
            Self::TooLarge => "S016",
            Self::Cut => "S017",
            Self::BadYaml => "C001",
            Self::BadKey => "C002",
            Self::BadValue => "C003",
            Self::Duplicate => "C004",
            Self::BadFileName => "C005",
            Self::Unresolved => "C006",
            Self::BadToken => "C007",
            Self::BadRow => "C008",
            Self::ExpiredRow => "C009",
        }
    }
}

/// One complaint about a search or about the file that holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Its kind.
    pub code: Code,
    /// How grave it is.
    pub severity: Severity,
    /// Where: in the expanded search, or, for a complaint about a file, in that file.
    pub span: Span,
    /// What is wrong, in one sentence without a final stop.
    pub message: String,
    /// What stands under the underlined text, if more than the message is worth saying.
    pub label: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, span, message: message.into(), label: None, help: None }
    }

    /// A warning.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// A note.
    pub fn note(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(code, span, message) }
    }

    /// Adds what to do.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the words under the underlined text.
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Whether the search cannot run because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
