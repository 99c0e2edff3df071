//! The code on the page about drivers is the code of the minimal driver.
//!
//! A block of Rust on the page follows a comment that names its file, and the part of the file
//! between `ANCHOR: name` and `ANCHOR_END: name` where it is not all of it. To bring the page up to
//! date run the test with `CLOUDFARM_UPDATE_DOCS=1`.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

const PAGE: &str = "docs/adding-a-driver.md";
const OPENING: &str = "```rust\n";
const CLOSING: &str = "```\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The source that a comment such as `<!-- path/to/file.rs#part -->` names.
fn source(reference: &str) -> String {
    let (file, part) = match reference.split_once('#') {
        Some((file, part)) => (file, Some(part)),
        None => (reference, None),
    };
    let text = read_to_string(root().join(file)).unwrap();
    let Some(part) = part else {
        return text;
    };
    let start = format!("// ANCHOR: {part}\n");
    let end = format!("// ANCHOR_END: {part}\n");
    let (_, rest) = text
        .split_once(&start)
        .unwrap_or_else(|| panic!("no {start:?} in {file}"));
    let (inner, _) = rest
        .split_once(&end)
        .unwrap_or_else(|| panic!("no {end:?} in {file}"));
    unindented(inner.trim_end_matches(' '))
}

fn unindented(text: &str) -> String {
    let filled = text.lines().filter(|line| !line.trim().is_empty());
    let margin = filled
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let cut = text
        .lines()
        .map(|line| line.get(margin..).unwrap_or("").to_owned() + "\n");
    cut.collect()
}

/// The page with every block of Rust as its source is now, and the references that it makes.
fn renewed(page: &str) -> (String, Vec<String>) {
    let mut renewed = String::new();
    let mut references = Vec::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(OPENING) {
        let comment = before.lines().last().unwrap_or_default();
        let reference = comment
            .strip_prefix("<!-- ")
            .and_then(|comment| comment.strip_suffix(" -->"))
            .unwrap_or_else(|| {
                panic!("a block of Rust does not say where it is from: {after:.80}")
            });
        let (_, behind) = after.split_once(CLOSING).unwrap();
        renewed += &format!("{before}{OPENING}{}{CLOSING}", source(reference));
        references.push(reference.to_owned());
        rest = behind;
    }
    (renewed + rest, references)
}

#[test]
fn the_page_shows_the_code_as_it_is() {
    let path = root().join(PAGE);
    let page = read_to_string(&path).unwrap();
    let (renewed, references) = renewed(&page);
    assert!(references.len() >= 6, "{references:?}");
    if std::env::var_os("CLOUDFARM_UPDATE_DOCS").is_some() {
        std::fs::write(&path, renewed).unwrap();
        return;
    }
    assert!(
        page == renewed,
        "{PAGE} is out of date: run this test with CLOUDFARM_UPDATE_DOCS=1"
    );
}

#[test]
fn every_part_that_is_marked_is_shown() {
    let (_, references) = renewed(&read_to_string(root().join(PAGE)).unwrap());
    for entry in read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let file = entry.unwrap().path();
        for line in read_to_string(&file).unwrap().lines() {
            if let Some(part) = line.trim().strip_prefix("// ANCHOR: ") {
                let name = file.file_name().unwrap().to_str().unwrap();
                let reference = format!("docs/minimal-driver/src/{name}#{part}");
                assert!(references.contains(&reference), "{reference} is not shown");
            }
        }
    }
}
