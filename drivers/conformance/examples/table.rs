//! `table FOLDER ENGINE...`: the page of how every engine fares, from the reports in a folder.
#![expect(clippy::print_stdout, reason = "the page goes to standard output")]

use std::error::Error;
use std::path::Path;

use cloudfarm_conformance::{Report, table};

const ABOUT: &str = "\
# How the engines fare

Every engine is held to one suite of behaviour, the bullets of the [driver contract](adding-a-driver.md).
A case is skipped for want of a capability, which the table names, and for no other reason. The
reports come from the runs against the servers of `tests/clouds`, whose pages say what those servers
do not prove; `tests/conformance-table` writes this page from them.
";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .ok_or("usage: table FOLDER ENGINE..., with the folder of the reports")?;
    let reports = arguments
        .map(|engine| read(Path::new(&folder), &engine))
        .collect::<Result<Vec<_>, _>>()?;
    print!("{ABOUT}\n{}", table(&reports));
    let bad = reports.iter().filter(|report| !report.is_good());
    let bad: Vec<&str> = bad.map(|report| report.engine.as_str()).collect();
    if bad.is_empty() {
        return Ok(());
    }
    Err(format!("not every case passed: {}", bad.join(", ")).into())
}

fn read(folder: &Path, engine: &str) -> Result<Report, Box<dyn Error>> {
    let file = folder.join(format!("{engine}.json"));
    let text = std::fs::read_to_string(&file)
        .map_err(|error| format!("there is no report of {engine}: {error}"))?;
    serde_json::from_str(&text)
        .map_err(|error| format!("the report of {engine} cannot be read: {error}").into())
}
