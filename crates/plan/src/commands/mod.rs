//! The commands: the registry, and what a command's file declares.
//!
//! A command is one file: its signature as data (parsing, help and reference come from it), what it reads, and how it
//! becomes a plan. Below, each has two lines, sorted.

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

/// A command: everything about it.
pub struct CommandDef {
    /// How it is written and what it means.
    pub signature: CommandSignature,
    /// Where it can stand and what it gives.
    pub role: Role,
    /// Whether rows that come newest first still do behind it.
    pub keeps_order: bool,
    /// Complaints about a use of it that need no rows: a bad pattern, a lookup that is not there.
    pub check: fn(&Command, &dyn SourceCatalog) -> Vec<Diagnostic>,
    /// The fields that it gives a value, as far as its text says so. A message about a field that the logs do not have
    /// leaves them out.
    pub makes: fn(&Command) -> Vec<String>,
    /// The columns whose values make its groups, as its by-clause names them. None for a command that groups nothing.
    pub groups: fn(&Command) -> Vec<String>,
    /// Whether it gives rows where none come in, as a count over everything does.
    pub fills: fn(&Command) -> bool,
    /// What the user has to know after the search has run and had this many results.
    pub after_run: fn(&Command, u64) -> Option<Diagnostic>,
    /// The fields that it needs of what comes in, for these to be left for the rest of the search.
    pub reads: fn(&Command, &FieldSet) -> FieldSet,
    /// Whether it needs its input's rows before the rest of the search, which reads these fields, can be planned.
    pub barrier: fn(&Command, &FieldSet) -> Option<Barrier>,
    /// Builds its part of the plan. The rows are `None` at the start of a search.
    pub lower: fn(&mut Planner<'_>, &Step<'_>, Option<Relation>) -> Result<Relation>,
}

impl CommandDef {
    /// What holds for a command unless it says otherwise: it works on rows, keeps their order, makes no field and no
    /// groups, needs what comes after it and what its arguments read, and changes nothing.
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

/// How many of its input's rows a command needs before it can be planned. The part of the search before it runs first, once,
/// and `lower` gets a table of its rows, which it can read ([`Planner::collect`]) and build plans over, several if it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barrier {
    /// All of them. They are kept in a spill buffer.
    All,
    /// The first ones in order. Only for numbers that fit into memory.
    First(usize),
}

/// Where a command can stand and what it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It makes rows of its own and starts a search; what it gives is a table. With `append=true` it may stand later.
    Generating,
    /// It can start a search or add to rows; what it gives is a table.
    Uniting,
    /// It starts a search with events of the logs, or works on rows; events stay events.
    Searching,
    /// It works on rows; events stay events.
    Streaming,
    /// It works on rows and gives a table.
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

/// The registry, as the parser asks it.
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

/// The fields that the commands of a pipeline give a value, those of its subsearches and branches included.
pub fn made(pipeline: &Pipeline) -> BTreeSet<String> {
    let commands = walk::commands(pipeline).into_iter();
    commands.filter_map(|command| Some((find(&command.name.value)?.makes)(command))).flatten().collect()
}

/// The last command of a pipeline that groups rows: its place in the pipeline, and the columns whose values make the groups.
pub fn groups(pipeline: &Pipeline) -> Option<(usize, Vec<String>)> {
    let last_first = pipeline.commands.iter().enumerate().rev();
    let grouping = last_first.map(|(place, command)| Some((place, (find(&command.name.value)?.groups)(command))));
    grouping.flatten().find(|(_, columns)| !columns.is_empty())
}

/// What the commands of a pipeline have to say after it has run and had this many results. The last one that has something
/// to say speaks for all.
pub fn after_run(pipeline: &Pipeline, results: u64) -> Option<Diagnostic> {
    let last_first = pipeline.commands.iter().rev();
    last_first.filter_map(|command| (find(&command.name.value)?.after_run)(command, results)).next()
}

/// For commands that leave all fields as they are: they need what comes after, and what their arguments read.
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
