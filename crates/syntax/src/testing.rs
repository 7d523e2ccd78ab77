//! A set of command signatures for tests and fuzzing. It shows every kind of slot; what Dogwatch's commands
//! really are is declared where they are planned, not here.

use dogwatch_syntax::ArgumentKind as A;
use dogwatch_syntax::OptionKind as O;
use dogwatch_syntax::{ArgumentSpec, CommandSignature, OptionSpec, Signatures};

/// The signatures of [`COMMANDS`].
pub struct TestSignatures;

impl Signatures for TestSignatures {
    fn command(&self, name: &str) -> Option<&'static CommandSignature> {
        COMMANDS.iter().find(|c| c.name == name || c.aliases.contains(&name))
    }

    fn command_names(&self) -> Vec<&'static str> {
        COMMANDS.iter().flat_map(|c| std::iter::once(c.name).chain(c.aliases.iter().copied())).collect()
    }
}

const FIELDS: A = A::Fields { wildcards: true, sign: false };
const SIGNED: A = A::Fields { wildcards: true, sign: true };
const EXACT: A = A::Fields { wildcards: false, sign: false };
const PAIRS: A = A::Renames { optional_as: true };

const fn must(slot: &'static str, kind: A) -> ArgumentSpec {
    ArgumentSpec { slot, kind, required: true, repeated: false, summary: "" }
}

const fn may(slot: &'static str, kind: A) -> ArgumentSpec {
    ArgumentSpec { required: false, ..must(slot, kind) }
}

const fn many(slot: &'static str, kind: A) -> ArgumentSpec {
    ArgumentSpec { repeated: true, ..may(slot, kind) }
}

const fn opt(name: &'static str, kind: O) -> OptionSpec {
    OptionSpec { name, kind, required: false, summary: "" }
}

const fn cmd(
    name: &'static str,
    options: &'static [OptionSpec],
    arguments: &'static [ArgumentSpec],
) -> CommandSignature {
    CommandSignature { name, aliases: &[], summary: "", options, arguments, details: "", source: "", examples: &[] }
}

const fn alias(signature: CommandSignature, aliases: &'static [&'static str]) -> CommandSignature {
    CommandSignature { aliases, ..signature }
}

const BY: A = A::Keyword(&["BY"]);
const AGGREGATES: ArgumentSpec = must("aggregates", A::Aggregates);
const STATS: &[ArgumentSpec] = &[AGGREGATES, may("by", BY), may("by_fields", EXACT)];
const STATS_OPTIONS: &[OptionSpec] = &[opt("allnum", O::Bool), opt("delim", O::Text)];
const TOP: &[ArgumentSpec] = &[may("count", A::Number), must("fields", EXACT), may("by", BY), may("by_fields", EXACT)];
const TOP_OPTIONS: &[OptionSpec] = &[opt("limit", O::Integer), opt("showperc", O::Bool)];

/// Every command that the tests use.
pub static COMMANDS: &[CommandSignature] = &[
    cmd("search", &[], &[may("expression", A::Search)]),
    cmd("where", &[], &[must("expression", A::Expr)]),
    cmd("eval", &[], &[must("assignments", A::Assignments)]),
    cmd("table", &[], &[must("fields", FIELDS)]),
    cmd("fields", &[], &[must("fields", SIGNED)]),
    cmd("rename", &[], &[must("renames", A::Renames { optional_as: false })]),
    cmd("stats", STATS_OPTIONS, STATS),
    cmd("eventstats", STATS_OPTIONS, STATS),
    cmd(
        "streamstats",
        &[
            opt("reset_before", O::Text),
            opt("reset_after", O::Text),
            opt("window", O::Integer),
            opt("current", O::Bool),
        ],
        STATS,
    ),
    cmd("top", TOP_OPTIONS, TOP),
    cmd("rare", TOP_OPTIONS, TOP),
    cmd("sort", &[opt("limit", O::Integer)], &[may("count", A::Number), must("keys", A::SortKeys)]),
    cmd(
        "dedup",
        &[opt("keepevents", O::Bool), opt("keepempty", O::Bool), opt("consecutive", O::Bool)],
        &[
            may("count", A::Number),
            must("fields", EXACT),
            may("sortby", A::Keyword(&["sortby"])),
            may("keys", A::SortKeys),
        ],
    ),
    cmd(
        "lookup",
        &[opt("local", O::Bool), opt("update", O::Bool)],
        &[
            must("table", A::Text),
            must("match", PAIRS),
            may("output", A::Keyword(&["OUTPUT", "OUTPUTNEW"])),
            may("output_fields", PAIRS),
        ],
    ),
    cmd(
        "inputlookup",
        &[opt("append", O::Bool), opt("start", O::Integer), opt("max", O::Integer), opt("strict", O::Bool)],
        &[must("table", A::Text), may("where", A::Keyword(&["where"])), may("filter", A::Search)],
    ),
    alias(cmd("bin", &[opt("span", O::Text), opt("bins", O::Integer)], &[must("field", PAIRS)]), &["bucket"]),
    cmd("append", &[opt("maxtime", O::Integer), opt("extendtimerange", O::Bool)], &[must("subsearch", A::Subsearch)]),
    cmd("appendpipe", &[opt("run_in_preview", O::Bool)], &[must("subsearch", A::Subsearch)]),
    cmd("multisearch", &[], &[many("subsearch", A::Subsearch)]),
    cmd("union", &[opt("maxtime", O::Integer)], &[many("dataset", A::Text), many("subsearch", A::Subsearch)]),
    cmd(
        "join",
        &[opt("type", O::OneOf(&["inner", "outer", "left"])), opt("overwrite", O::Bool)],
        &[may("fields", EXACT), must("subsearch", A::Subsearch)],
    ),
    cmd(
        "rex",
        &[
            opt("field", O::Field),
            opt("mode", O::OneOf(&["sed"])),
            opt("max_match", O::Integer),
            opt("offset_field", O::Field),
        ],
        &[must("pattern", A::Regex)],
    ),
    cmd("regex", &[], &[must("match", A::FieldRegex)]),
    cmd(
        "head",
        &[opt("limit", O::Integer), opt("null", O::Bool), opt("keeplast", O::Bool)],
        &[may("count", A::Number), may("while", A::ParenExpr)],
    ),
    cmd("tail", &[], &[may("count", A::Number)]),
    cmd("reverse", &[], &[]),
    cmd("mvexpand", &[opt("limit", O::Integer)], &[must("field", A::Field)]),
    cmd(
        "makemv",
        &[opt("delim", O::Text), opt("tokenizer", O::Text), opt("allowempty", O::Bool), opt("setsv", O::Bool)],
        &[must("field", A::Field)],
    ),
    cmd(
        "makeresults",
        &[
            opt("count", O::Integer),
            opt("annotate", O::Bool),
            opt("format", O::OneOf(&["csv", "json"])),
            opt("data", O::Text),
        ],
        &[],
    ),
    cmd("spath", &[opt("input", O::Field), opt("output", O::Field), opt("path", O::Text)], &[may("path", A::Text)]),
    cmd("fillnull", &[opt("value", O::Text)], &[may("fields", FIELDS)]),
    cmd("filldown", &[], &[may("fields", FIELDS)]),
    cmd(
        "chart",
        &[opt("usenull", O::Bool), opt("limit", O::Integer), opt("span", O::Text)],
        &[
            AGGREGATES,
            may("over", A::Keyword(&["OVER"])),
            may("over_field", A::Field),
            may("by", BY),
            may("by_fields", EXACT),
        ],
    ),
    cmd(
        "timechart",
        &[opt("span", O::Text), opt("limit", O::Integer), opt("cont", O::Bool)],
        &[AGGREGATES, may("by", BY), may("by_fields", EXACT)],
    ),
    cmd(
        "transaction",
        &[opt("maxspan", O::Text), opt("startswith", O::Text), opt("endswith", O::Text)],
        &[may("fields", EXACT)],
    ),
    cmd(
        "foreach",
        &[opt("mode", O::OneOf(&["multifield", "multivalue", "json_array"]))],
        &[must("fields", FIELDS), must("template", A::Text)],
    ),
    cmd("format", &[opt("mvsep", O::Text), opt("maxresults", O::Integer)], &[many("parts", A::Text)]),
    cmd("return", &[], &[may("count", A::Number), many("fields", A::Text)]),
    alias(cmd("extract", &[opt("pairdelim", O::Text), opt("kvdelim", O::Text)], &[many("stanza", A::Text)]), &["kv"]),
    CommandSignature {
        options: &[OptionSpec { name: "file", kind: O::Text, required: true, summary: "" }],
        ..cmd("needy", &[], &[])
    },
];
