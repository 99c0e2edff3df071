//! A client for measurements; `tests/bench/eucalyptus` and `tests/bench/smartdatacenter` drive it.
//! The cloud is JSON in `BENCH_CLOUD`: an entry of the farm. Once it is ready it says so. Each line
//! `list` on standard input is answered by one line of JSON: how many nodes there are, what it took
//! to list them in seconds, and the resident memory in kilobytes after it.
#![expect(clippy::print_stdout, reason = "answers go to standard output")]

use std::env;
use std::error::Error;
use std::io::{BufRead as _, Write as _, stdin, stdout};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cloudfarm_contract::{
    CloudConfig, Context, Driver, Engine, NodeQuery, PageRequest, Priority, Secret, SystemClock,
    Text,
};
use cloudfarm_eucalyptus::{Ec2, Eucalyptus};
use cloudfarm_smartdatacenter::SmartDataCenter;
use mimalloc::MiMalloc;
use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The server's own.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const ENGINES: &[&dyn Engine] = &[&Ec2, &Eucalyptus, &SmartDataCenter];

type Failure = Box<dyn Error + Send + Sync>;

#[derive(Deserialize)]
struct Cloud {
    engine: String,
    user: Option<String>,
    password: Option<Secret>,
    #[serde(default)]
    extra_params: Map<String, Value>,
}

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

fn connect() -> Result<Arc<dyn Driver>, Failure> {
    let cloud: Cloud = serde_json::from_str(&env::var("BENCH_CLOUD")?)?;
    let engine = ENGINES.iter().find(|engine| engine.name() == cloud.engine);
    let engine = engine.ok_or_else(|| format!("there is no engine {:?}", cloud.engine))?;
    Ok(engine.connect(CloudConfig {
        name: Text::from_static("bench"),
        engine: Text::from(cloud.engine.as_str()),
        user: cloud.user,
        password: cloud.password,
        extra_params: cloud.extra_params,
        clock: Arc::new(SystemClock),
    })?)
}

fn answer(answer: &Value) -> Result<(), Failure> {
    println!("{answer}");
    Ok(stdout().flush()?)
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
