//! A file of other names for indexes and sourcetypes, whatever is in it: it is refused as a whole, or its names are added and the
//! former ones stay valid.

use std::path::Path;

use dogwatch_formats::FORMATS;
use dogwatch_scan::NameTable;

/// `input` is the file.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let before = NameTable::of(FORMATS);
    let mut names = NameTable::of(FORMATS);
    let is_refused = names.merge(text, Path::new("names.toml")).is_err();
    for (one, other) in before.formats().iter().zip(names.formats()) {
        let (former, now): (Vec<_>, Vec<_>) = (one.sourcetypes().collect(), other.sourcetypes().collect());
        assert!(former.iter().all(|name| now.contains(name)), "{former:?} {now:?}");
        assert!(!is_refused || former == now, "{former:?} {now:?}");
    }
}
