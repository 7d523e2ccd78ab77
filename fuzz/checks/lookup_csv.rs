//! A lookup table, whatever is in it: it is read as an allow-list and as a table of a search, or refused with a message, never
//! as a bug.

use std::sync::{Arc, OnceLock};

use dogwatch_content::AllowList;
use dogwatch_engine::{EngineError, Session, SessionOptions, Table, Text};

static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();

/// `input` is the file.
pub fn check(input: &[u8]) {
    let today = jiff::civil::date(2026, 11, 25);
    let rows = AllowList::parse(input, today).rows.len();
    assert!(rows <= input.len(), "{rows} rows in {} bytes", input.len());

    let runtime = RUNTIME.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1).enable_all().build().expect("a runtime")
    });
    let table = Table { name: "table".to_owned(), csv: input.into(), rules: Default::default() };
    let options = SessionOptions { tables: Arc::new([table]), ..SessionOptions::default() };
    let text = Text { name: "search".to_owned(), text: "| inputlookup table".to_owned() };
    let planned = runtime.block_on(async { Session::new(options)?.search(&text, &[]).await.map(drop) });
    assert!(!matches!(planned, Err(EngineError::Internal(_))), "{planned:?}");
}
