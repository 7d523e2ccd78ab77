//! Every search of the specification and every bundled detection gives the same rows when its plan has been sent.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::util::pretty::pretty_format_batches;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::{ExecutionPlan, collect};
use dogwatch_content::Content;
use dogwatch_engine::{EngineError, Runtime, Search, Session, SessionOptions, Text, tables_of};
use dogwatch_roundtrip::sent;

#[allow(dead_code)] // The pages' own test uses the rest.
#[path = "../../crates/engine/tests/spec/folder.rs"]
mod folder;
#[allow(dead_code)]
#[path = "../../crates/engine/tests/spec/page.rs"]
mod page;

use folder::Folder;
use page::{File, FileKind, Page};

/// Searches whose plans cannot be sent, by a part of the message that says so, and why. One that can be sent after all fails
/// the test.
const EXCEPTIONS: &[(&str, &str)] = &[];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All pages, sorted.
fn pages() -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![root().join("spec")], vec![]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be listed").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

async fn planned(options: SessionOptions, spl: &str, paths: &[String]) -> Result<Search, EngineError> {
    let text = Text { name: "search".to_owned(), text: spl.to_owned() };
    Session::new(options)?.search(&text, paths).await
}

/// The rows as text, in order.
fn shown(rows: Result<Vec<RecordBatch>>) -> String {
    match rows {
        Ok(batches) => {
            // How rows are cut into batches is no result.
            let schema = batches.first().map(RecordBatch::schema);
            let one = schema.and_then(|schema| arrow::compute::concat_batches(&schema, &batches).ok());
            pretty_format_batches(one.as_slice()).map_or_else(|why| why.to_string(), |table| table.to_string())
        }
        Err(why) => format!("fails: {}", why.strip_backtrace()),
    }
}

/// What came of a search.
enum Outcome {
    /// The search itself is refused: there is no plan.
    Refused,
    /// The plan gives the same rows when it has been sent; their number.
    Same(usize),
    /// It cannot be sent.
    Stuck(String),
    /// It gives others.
    Different(String),
}

/// Plans a search twice, and sends one of the plans.
async fn compare(options: &SessionOptions, spl: &str, paths: &[String]) -> Outcome {
    let (Ok(one), Ok(other)) = (planned(options.clone(), spl, paths).await, planned(options.clone(), spl, paths).await)
    else {
        return Outcome::Refused;
    };
    // One that has none of what planning knew.
    let runtime = Runtime::new(512 << 20, options.now.unwrap_or_default()).expect("there can be a runtime");
    let context = runtime.context(2).task_ctx();
    let plan = match sent(Arc::clone(other.plan()), &context) {
        Ok(plan) => plan,
        Err(why) => return Outcome::Stuck(why.strip_backtrace()),
    };
    let here = collect(Arc::clone(one.plan()) as Arc<dyn ExecutionPlan>, Arc::clone(&context)).await;
    let rows = here.as_ref().map_or(0, |batches| batches.iter().map(RecordBatch::num_rows).sum());
    let (here, there) = (shown(here), shown(collect(plan, context).await));
    if here == there { Outcome::Same(rows) } else { Outcome::Different(format!("here\n{here}\nsent\n{there}")) }
}

/// What is wrong with the outcomes of searches, and how many rows came.
#[derive(Default)]
struct Report {
    faults: String,
    searches: usize,
    rows: usize,
    excused: Vec<&'static str>,
}

impl Report {
    fn add(&mut self, label: &str, spl: &str, outcome: Outcome) {
        let fault = match outcome {
            Outcome::Refused => return,
            Outcome::Same(rows) => {
                self.searches += 1;
                self.rows += rows;
                return;
            }
            Outcome::Stuck(why) => match EXCEPTIONS.iter().find(|(part, _)| why.contains(part)) {
                Some((part, _)) => {
                    self.excused.push(part);
                    return;
                }
                None => why,
            },
            Outcome::Different(why) => why,
        };
        let _ = writeln!(self.faults, "{label}\n{spl}\n{fault}\n");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn searches_of_the_specification_give_the_same_rows_when_their_plans_have_been_sent() {
    let mut report = Report::default();
    for path in pages() {
        let text = fs::read_to_string(&path).expect("the page can be read");
        let page = Page::parse(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        for case in page.cases {
            let folder = Folder::new(&case.files);
            let outcome = compare(&folder.options(), &case.spl, &folder.logs).await;
            report.add(&format!("{}:{}", path.display(), case.line), &case.spl, outcome);
        }
    }
    assert!(report.faults.is_empty(), "{}", report.faults);
    assert!(report.searches > 400 && report.rows > 800, "{} searches, {} rows", report.searches, report.rows);
    for (part, reason) in EXCEPTIONS {
        assert!(report.excused.contains(part), "{reason} is no reason any more: every plan can be sent");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bundled_detections_give_the_same_rows_when_their_plans_have_been_sent() {
    let content = Content::bundled();
    let macros: Vec<File> = content
        .macros
        .iter()
        .map(|one| {
            let name = format!("{}({})", one.name, one.arguments.join(", "));
            File::new(FileKind::Macro, &name, one.definition.text.clone())
        })
        .collect();
    let folder = Folder::new(&macros);
    let options = SessionOptions { tables: tables_of(&content), ..folder.options() };
    let logs = ["auditd", "kube_audit"].map(|name| root().join("corpus").join(name).display().to_string());
    let mut report = Report::default();
    let mut searches: Vec<(String, String)> =
        content.detections.iter().map(|one| (one.path.display().to_string(), one.search.text.clone())).collect();
    for entry in fs::read_dir(root().join("content/searches")).expect("there are searches").flatten() {
        let text = fs::read_to_string(entry.path()).expect("the search can be read");
        searches.push((entry.path().display().to_string(), text));
    }
    for (label, spl) in searches {
        match compare(&options, &spl, &logs).await {
            Outcome::Refused => panic!("{label} is refused"),
            outcome => report.add(&label, &spl, outcome),
        }
    }
    assert!(report.faults.is_empty(), "{}", report.faults);
    assert!(report.searches > 60 && report.rows > 50, "{} searches, {} rows", report.searches, report.rows);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_registry_a_plan_cannot_be_read() {
    let folder = Folder::new(&[]);
    let spl = "| makeresults | eval x=lower(\"A\"), y=x.\"b\" | streamstats count BY y";
    let search = planned(folder.options(), spl, &[]).await.expect("the search is right");
    let why =
        sent(Arc::clone(search.plan()), &TaskContext::default()).map_or_else(|why| why.to_string(), |_| String::new());
    assert!(why.contains("scalar function order_key"), "{why}");
}

/// The packages of a lock file that come from a registry, with their versions.
fn locked(path: &Path) -> BTreeSet<(String, String)> {
    let text = fs::read_to_string(path).expect("there is a lock file");
    let field = |package: &str, key: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
        line.and_then(|value| value.strip_suffix('"')).map(str::to_owned)
    };
    let packages = text.split("[[package]]").filter(|package| package.contains("\nsource = "));
    packages.filter_map(|package| field(package, "name").zip(field(package, "version"))).collect()
}

#[test]
fn versions_are_those_that_the_tool_is_built_with() {
    let tool = locked(&root().join("Cargo.lock"));
    let names: BTreeSet<&str> = tool.iter().map(|(name, _)| name.as_str()).collect();
    let here = locked(&root().join("roundtrip/Cargo.lock"));
    let other: Vec<_> = here.iter().filter(|one| names.contains(one.0.as_str()) && !tool.contains(*one)).collect();
    assert!(!here.is_empty() && other.is_empty(), "copy Cargo.lock into roundtrip/: it differs in {other:?}");
}
