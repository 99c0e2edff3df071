//! A client for measurements; `tests/bench/eucalyptus` and `tests/bench/smartdatacenter` drive it.
//! The cloud is JSON in `BENCH_CLOUD`: an entry of the farm. Once it is ready it says so. Each line
//! `list` on standard input is answered by one line of JSON: how many nodes there are, what it took
//! to list them in seconds, and the resident memory in kilobytes after it.

use std::io::{BufRead as _, stdin};
use std::time::{Duration, Instant};

use cloudfarm_contract::{Context, Driver, NodeQuery, PageRequest, Priority};
use list_nodes::{Failure, answer, connect};
use mimalloc::MiMalloc;
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

/// The server's own.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let driver = connect()?;
    answer(&json!({"ready": true}))?;
    for line in stdin().lock().lines() {
        if line? != "list" {
            return Err("the one command is list".into());
        }
        let (wall, cpu) = (Instant::now(), clock_gettime(ClockId::ProcessCPUTime));
        let nodes = list(&*driver).await?;
        let cpu = clock_gettime(ClockId::ProcessCPUTime) - cpu;
        answer(&json!({
            "nodes": nodes,
            "wall": wall.elapsed().as_secs_f64(),
            "cpu": Duration::try_from(cpu)?.as_secs_f64(),
            "resident_kb": resident_kb()?,
        }))?;
    }
    Ok(())
}

/// How many nodes there are: every page is read, and none is kept.
async fn list(driver: &dyn Driver) -> Result<usize, Failure> {
    let cx = Context::new(Duration::from_secs(120), "benchmark", Priority::Person);
    let mut nodes = 0;
    let mut query = NodeQuery::default();
    loop {
        let page = driver.list_nodes(&cx, &query).await?;
        nodes += page.items.len();
        match page.next {
            Some(next) => query.page = PageRequest::after(next, None),
            None => return Ok(nodes),
        }
    }
}

fn resident_kb() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let words = line.ok_or("the kernel does not tell the resident memory")?;
    Ok(words.trim().trim_end_matches("kB").trim().parse()?)
}
