//! Puts the project's own content into the library: writes a table of the files below `content/` with `include_bytes!`, and one of
//! the pages on detections in `docs/detections/` with `include_str!`.
//!
//! Paths are taken from the manifest's folder when the table is compiled, so a moved checkout finds its files again.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders whose files are needed to run, test and tune detections.
const FOLDERS: &[&str] =
    &["atomics", "baselines", "data_sources", "detections", "lookups", "macros", "searches", "stories", "telemetry"];

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo names the manifest's folder")?);
    let content = manifest.join("../../content");
    // Cargo watches every file of a folder, and the folder itself for new ones.
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../../content");
    let mut files = Vec::new();
    for folder in FOLDERS {
        collect(&content.join(folder), folder, &mut files)?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        writeln!(
            table,
            "    ({file:?}, include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../../content/\", {file:?}))),"
        )?;
    }
    table.push_str("]\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo names the folder for generated files")?);
    fs::write(out.join("bundled.rs"), table)?;
    fs::write(out.join("pages.rs"), pages(&manifest.join("../../docs/detections"))?)?;
    Ok(())
}

/// The table of the pages on detections, by name.
fn pages(folder: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../../docs/detections");
    let mut files = Vec::new();
    collect(folder, "", &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    let named = files.iter().filter_map(|file| Some((file, file.strip_prefix('/')?.strip_suffix(".md")?)));
    for (file, name) in named.filter(|(_, name)| *name != "README") {
        writeln!(
            table,
            "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../../docs/detections\", {file:?}))),"
        )?;
    }
    table.push_str("]\n");
    Ok(table)
}

fn collect(folder: &Path, name: &str, files: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(last) = path.file_name().and_then(|last| last.to_str()) else { continue };
        if last.starts_with('.') {
            continue;
        }
        let inside = format!("{name}/{last}");
        if path.is_dir() {
            collect(&path, &inside, files)?;
        } else {
            files.push(inside);
        }
    }
    Ok(())
}
