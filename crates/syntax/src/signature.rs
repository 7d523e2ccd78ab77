//! What the parser must know of commands, as data. The registry of commands (crate `dogwatch-plan`) declares a
//! [`CommandSignature`] per command; parsing, suggestions, help, completion and reference pages come from it.

/// Answers the parser's questions about commands.
pub trait Signatures {
    /// The signature of a command, by its name or an alias, lower case.
    fn command(&self, name: &str) -> Option<&'static CommandSignature>;
    /// All command names and aliases, for suggestions.
    fn command_names(&self) -> Vec<&'static str>;
}

/// How a command is written and what it means.
#[derive(Debug)]
pub struct CommandSignature {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Its `name=value` options. They may stand before, between or after the arguments.
    pub options: &'static [OptionSpec],
    /// Its arguments in the order in which they are written.
    pub arguments: &'static [ArgumentSpec],
    /// More than the summary: rules, limits, differences to Splunk. Markdown.
    pub details: &'static str,
    /// The page of Splunk's documentation that it follows.
    pub source: &'static str,
    /// Whole searches that show it, with their meaning.
    pub examples: &'static [CommandExample],
}

impl CommandSignature {
    /// A signature that says nothing.
    pub const EMPTY: Self = Self {
        name: "",
        aliases: &[],
        summary: "",
        options: &[],
        arguments: &[],
        details: "",
        source: "",
        examples: &[],
    };
}

/// An example of a command. Examples run as tests.
#[derive(Debug)]
pub struct CommandExample {
    /// A search that needs no log (it starts with `| makeresults` or the like).
    pub search: &'static str,
    /// What it shows.
    pub shows: &'static str,
    /// The result as JSON: an array of rows.
    pub result: &'static str,
}

/// A `name=value` option.
#[derive(Debug)]
pub struct OptionSpec {
    /// Its name.
    pub name: &'static str,
    /// What values it takes.
    pub kind: OptionKind,
    /// Whether it must be given.
    pub required: bool,
    /// What it does.
    pub summary: &'static str,
}

impl OptionSpec {
    /// An option that may be left out.
    pub const fn optional(name: &'static str, kind: OptionKind, summary: &'static str) -> Self {
        Self { name, kind, required: false, summary }
    }

    /// An option that has to be given.
    pub const fn required(name: &'static str, kind: OptionKind, summary: &'static str) -> Self {
        Self { name, kind, required: true, summary }
    }
}

/// The type of an option's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionKind {
    /// A number without a fraction.
    Integer,
    /// A number.
    Number,
    /// A boolean.
    Bool,
    /// Any text, quoted or bare.
    Text,
    /// A field name.
    Field,
    /// One of these words, ignoring case; the tree holds the spelling given here.
    OneOf(&'static [&'static str]),
}

/// An argument slot.
#[derive(Debug)]
pub struct ArgumentSpec {
    /// The name under which the tree holds it.
    pub slot: &'static str,
    /// What is written there.
    pub kind: ArgumentKind,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it can be written several times.
    pub repeated: bool,
    /// What it means.
    pub summary: &'static str,
}

impl ArgumentSpec {
    /// An argument that may be left out.
    pub const fn optional(slot: &'static str, kind: ArgumentKind, summary: &'static str) -> Self {
        Self { slot, kind, required: false, repeated: false, summary }
    }

    /// An argument that has to be given.
    pub const fn required(slot: &'static str, kind: ArgumentKind, summary: &'static str) -> Self {
        Self { slot, kind, required: true, repeated: false, summary }
    }

    /// The same argument, which can be written several times.
    pub const fn repeated(mut self) -> Self {
        self.repeated = true;
        self
    }
}

/// What can be written in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// A number: `head 5`.
    Number,
    /// A string, quoted or one bare word: a pattern, a lookup's name, a path.
    Text,
    /// A regular expression: a quoted string (a bare word is accepted) whose backslashes stay.
    Regex,
    /// A list of fields divided by commas or spaces.
    Fields {
        /// `*` allowed.
        wildcards: bool,
        /// A leading `+` or `-` allowed.
        sign: bool,
    },
    /// One field.
    Field,
    /// `a AS b, c AS d`. With `optional_as`, a name alone stands for itself.
    Renames {
        /// Whether the `AS` part may be left out.
        optional_as: bool,
    },
    /// Sort keys: `- a, +b, num(c)`, perhaps with a final `d`, `desc`, `a`, `asc`.
    SortKeys,
    /// `field=expression, …`.
    Assignments,
    /// An eval expression up to the end of the command.
    Expr,
    /// An eval expression in parentheses (`head (x<3)`), or without where nothing else can be meant.
    ParenExpr,
    /// A search expression up to the end of the command.
    Search,
    /// Aggregations: `count, sum(x) AS y`.
    Aggregates,
    /// A keyword, then another slot's content: `BY a b`, `OUTPUT a AS b`, `sortby -x`, `over f`, `where …`.
    /// The words are matched ignoring case; the tree holds a `Keyword` argument in this slot.
    Keyword(&'static [&'static str]),
    /// `field=regex`, `field!=regex` or a regex alone.
    FieldRegex,
    /// `[ … ]`.
    Subsearch,
}
