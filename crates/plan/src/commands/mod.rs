//! The commands: the registry, and the declaration that each command's file makes.
//!
//! A command is one file: its signature as data (parsing, help and reference are derived from it), the fields that it
//! reads, and how it is lowered to a plan. Below, each has two lines, in sorted order.

use std::collections::BTreeSet;

use dogwatch_syntax::{ArgumentValue, Command, CommandSignature, Diagnostic, Pipeline, Signatures, walk};

use crate::catalog::SourceCatalog;
use crate::error::Result;
use crate::expr;
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::Relation;

mod addtotals;
mod append;
mod appendpipe;
mod bin;
mod dedup;
mod eval;
mod eventstats;
mod fields;
mod fillnull;
mod head;
mod inputlookup;
mod lookup;
mod makemv;
mod makeresults;
mod multisearch;
mod mvexpand;
mod rare;
mod regex;
mod rename;
mod reverse;
mod rex;
pub mod search;
pub mod sort;
mod spath;
mod stats;
mod streamstats;
mod table;
mod tail;
mod top;
mod transpose;
mod union;
mod r#where;

/// All commands, sorted by name.
static COMMANDS: &[&CommandDef] = &[
    &addtotals::COMMAND,
    &append::COMMAND,
    &appendpipe::COMMAND,
    &bin::COMMAND,
    &dedup::COMMAND,
    &eval::COMMAND,
    &eventstats::COMMAND,
    &fields::COMMAND,
    &fillnull::COMMAND,
    &head::COMMAND,
    &inputlookup::COMMAND,
    &lookup::COMMAND,
    &makemv::COMMAND,
    &makeresults::COMMAND,
    &multisearch::COMMAND,
    &mvexpand::COMMAND,
    &rare::COMMAND,
    &regex::COMMAND,
    &rename::COMMAND,
    &reverse::COMMAND,
    &rex::COMMAND,
    &search::COMMAND,
    &sort::COMMAND,
    &spath::COMMAND,
    &stats::COMMAND,
    &streamstats::COMMAND,
    &table::COMMAND,
    &tail::COMMAND,
    &top::COMMAND,
    &transpose::COMMAND,
    &union::COMMAND,
    &r#where::COMMAND,
];

/// The definition of a command.
pub struct CommandDef {
    /// Its syntax and meaning.
    pub signature: CommandSignature,
    /// Its allowed position, and the kind of its results.
    pub role: Role,
    /// Whether rows that come in newest first also go out newest first.
    pub keeps_order: bool,
    /// Mistakes in its use that can be found without rows, such as a bad pattern or a missing lookup.
    pub check: fn(&Command, &dyn SourceCatalog) -> Vec<Diagnostic>,
    /// The fields that it creates, as far as its text names them. They are excluded from messages about fields that the
    /// logs do not have.
    pub makes: fn(&Command) -> Vec<String>,
    /// The group-by columns, as named in its by-clause. Empty for a command that does not group.
    pub groups: fn(&Command) -> Vec<String>,
    /// Whether it returns rows for empty input, as a global count does.
    pub fills: fn(&Command) -> bool,
    /// A diagnostic after the search has run, given the number of results.
    pub after_run: fn(&Command, u64) -> Option<Diagnostic>,
    /// The input fields that it needs in order to provide the given fields to the rest of the search.
    pub reads: fn(&Command, &FieldSet) -> FieldSet,
    /// Whether the rest of the search, which reads the given fields, can be planned only with the rows of its input.
    pub barrier: fn(&Command, &FieldSet) -> Option<Barrier>,
    /// Builds its part of the plan. The rows are `None` at the start of a search.
    pub lower: fn(&mut Planner<'_>, &Step<'_>, Option<Relation>) -> Result<Relation>,
}

impl CommandDef {
    /// The defaults: the command works on rows, keeps their order, creates no fields and no groups, needs the fields that
    /// the rest of the search and its own arguments read, and changes nothing.
    pub const BASE: Self = Self {
        signature: CommandSignature::EMPTY,
        role: Role::Streaming,
        keeps_order: true,
        check: |_, _| Vec::new(),
        makes: |_| Vec::new(),
        groups: |_| Vec::new(),
        fills: |_| false,
        after_run: |_, _| None,
        reads: passes_on,
        barrier: |_, _| None,
        lower: |_, step, rows| step.input(rows),
    };
}

impl std::fmt::Debug for CommandDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommandDef").field("name", &self.signature.name).finish_non_exhaustive()
    }
}

/// The number of input rows that a command needs before it can be planned. The part of the search before it runs first,
/// once, and `lower` gets a table of its rows, which it can read ([`Planner::collect`]) and use in any number of plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barrier {
    /// All of them. They are kept in a spill buffer.
    All,
    /// The first ones in order. Only for numbers that fit into memory.
    First(usize),
}

/// The position of a command in a search, and the kind of its results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Generates rows and starts a search; its results are a table. With `append=true` it may come later.
    Generating,
    /// Starts a search or adds to rows; its results are a table.
    Uniting,
    /// Starts a search with events of the logs, or works on rows; events stay events.
    Searching,
    /// Works on rows; events stay events.
    Streaming,
    /// Works on rows; its results are a table.
    Transforming,
}

/// All commands, sorted by name.
pub fn all() -> &'static [&'static CommandDef] {
    COMMANDS
}

/// The command of a name or alias, lower case.
pub fn find(name: &str) -> Option<&'static CommandDef> {
    COMMANDS.iter().copied().find(|c| c.signature.name == name || c.signature.aliases.contains(&name))
}

/// The registry as seen by the parser.
#[derive(Clone, Copy, Debug, Default)]
pub struct Registry;

impl Signatures for Registry {
    fn command(&self, name: &str) -> Option<&'static CommandSignature> {
        find(name).map(|c| &c.signature)
    }

    fn command_names(&self) -> Vec<&'static str> {
        COMMANDS
            .iter()
            .flat_map(|c| std::iter::once(c.signature.name).chain(c.signature.aliases.iter().copied()))
            .collect()
    }
}

/// The fields that the commands of a pipeline create, including those of its subsearches and branches.
pub fn made(pipeline: &Pipeline) -> BTreeSet<String> {
    let commands = walk::commands(pipeline).into_iter();
    commands.filter_map(|command| Some((find(&command.name.value)?.makes)(command))).flatten().collect()
}

/// The last grouping command of a pipeline: its index in the pipeline, and the group-by columns.
pub fn groups(pipeline: &Pipeline) -> Option<(usize, Vec<String>)> {
    let last_first = pipeline.commands.iter().enumerate().rev();
    let grouping = last_first.map(|(place, command)| Some((place, (find(&command.name.value)?.groups)(command))));
    grouping.flatten().find(|(_, columns)| !columns.is_empty())
}

/// The diagnostic of a pipeline's commands after it has run, given the number of results. If several commands have one,
/// the last one's is returned.
pub fn after_run(pipeline: &Pipeline, results: u64) -> Option<Diagnostic> {
    let last_first = pipeline.commands.iter().rev();
    last_first.filter_map(|command| (find(&command.name.value)?.after_run)(command, results)).next()
}

/// `reads` of commands that keep all fields: the fields that the rest of the search reads, and those that the arguments
/// read.
pub fn passes_on(command: &Command, after: &FieldSet) -> FieldSet {
    after.clone().union(read_by_arguments(command))
}

/// The fields that the arguments of a command read.
pub fn read_by_arguments(command: &Command) -> FieldSet {
    let mut read = FieldSet::nothing();
    for argument in &command.arguments {
        match &argument.value {
            ArgumentValue::Fields(list) => read.extend(list.names.iter().map(|n| n.value.as_str())),
            ArgumentValue::Renames(list) => read.extend(list.iter().map(|r| r.from.value.as_str())),
            ArgumentValue::SortKeys(keys) => read.extend(keys.iter().map(|k| k.field.value.as_str())),
            ArgumentValue::Expr(e) => expr::reads(e, &mut read),
            ArgumentValue::Search(e) => crate::search::reads(e, &mut read),
            ArgumentValue::FieldRegex { field, .. } => read.add_exact(&field.value),
            _ => {}
        }
    }
    read
}
