//! What the benchmark of jobs measures of cloudfarm.
//!
//! usage: `empty-jobs STORE speed JOBS WORKERS | latency SAMPLES 1 | backlog JOBS WAITING`
//!
//! Prints one line of JSON.

mod empty;

use std::error::Error;
use std::time::{Duration, Instant};

use cloudfarm::farm::{Farm, FarmHandle};
use cloudfarm::jobs::{Jobs, Submission, Work, Worker};
use cloudfarm::settings::JobSettings;
use cloudfarm::store::{Store, StoreOptions};
use cloudfarm_contract::{Secret, Text};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::empty::{Empty, Ran};

type Outcome<T> = Result<T, Box<dyn Error>>;

const CHUNK: usize = 1000;
/// Seals what is in the store.
const KEY: &str = "a key for a store that is thrown away";
/// The workers of the measurement with a backlog.
const BACKLOG_WORKERS: usize = 8;
/// As many as the local queue of the peers has.
const PICK: u32 = 500;

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [store, mode, count, number] = arguments.as_slice() else {
        return Err("usage: empty-jobs STORE MODE COUNT NUMBER".into());
    };
    let (count, number): (usize, usize) = (count.parse()?, number.parse()?);
    let measured = match mode.as_str() {
        "speed" => speed(store, count, number).await?,
        "latency" => latency(store, count).await?,
        "backlog" => backlog(store, count, number).await?,
        _ => return Err("the modes are speed, latency and backlog".into()),
    };
    println!("{measured}");
    Ok(())
}

async fn open(store: &str, workers: usize) -> Outcome<Jobs> {
    let options = StoreOptions {
        url: Secret::from(store),
        key: Some(Secret::from(KEY)),
        connections: 25,
        size_max: 0,
    };
    let settings = JobSettings {
        pick: PICK,
        at_once: u32::try_from(workers)?,
        ..JobSettings::default()
    };
    Ok(Jobs::new(Store::open(&options).await?, settings))
}

fn start(jobs: &Jobs, ran: &Ran) -> Worker {
    let farm = FarmHandle::new(Farm::of([]));
    Worker::start_with(jobs.clone(), farm, ran.kinds())
}

async fn submit(jobs: &Jobs, count: usize) -> Outcome<()> {
    let mut left = count;
    while left > 0 {
        let chunk: Vec<(Box<dyn Work>, Submission)> = (0..left.min(CHUNK))
            .map(|_| (Box::new(Empty::default()) as Box<dyn Work>, submission()))
            .collect();
        jobs.submit_all(&chunk).await?;
        left -= chunk.len();
    }
    Ok(())
}

fn submission() -> Submission {
    Submission::new(Text::from_static("bench"))
}

/// From the first request until the store says that all jobs have ended.
async fn speed(store: &str, count: usize, workers: usize) -> Outcome<Value> {
    let jobs = open(store, workers).await?;
    let ran = Ran::default();
    let worker = start(&jobs, &ran);
    let began = Instant::now();
    submit(&jobs, count).await?;
    let enqueued = began.elapsed();
    ran.reach(count).await;
    finish(worker).await?;
    Ok(json!({
        "enqueue_s": enqueued.as_secs_f64(),
        "total_s": began.elapsed().as_secs_f64(),
        "ran": ran.count(),
    }))
}

/// From before the request until the job runs, one at a time on an idle system.
async fn latency(store: &str, samples: usize) -> Outcome<Value> {
    let jobs = open(store, 1).await?;
    let ran = Ran::default();
    let worker = start(&jobs, &ran);
    sleep(Duration::from_secs(1)).await;
    let mut milliseconds = Vec::with_capacity(samples);
    for at in 1..=samples {
        let began = Instant::now();
        jobs.submit(&Empty::default(), submission()).await?;
        ran.reach(at).await;
        milliseconds.push((ran.last() - began).as_secs_f64() * 1000.0);
        sleep(Duration::from_millis(fastrand::u64(20..60))).await;
    }
    finish(worker).await?;
    Ok(json!({ "latency_ms": milliseconds }))
}

/// How long `count` jobs take while `waiting` more are in the queue.
async fn backlog(store: &str, count: usize, waiting: usize) -> Outcome<Value> {
    let jobs = open(store, BACKLOG_WORKERS).await?;
    submit(&jobs, count + waiting).await?;
    let ran = Ran::default();
    let began = Instant::now();
    let worker = start(&jobs, &ran);
    ran.reach(count).await;
    let took = began.elapsed();
    worker.stop();
    finish(worker).await?;
    Ok(json!({ "run_s": took.as_secs_f64() }))
}

/// Returns once the store knows of the end of everything that ran.
async fn finish(worker: Worker) -> Outcome<()> {
    match worker.drain(Duration::from_secs(60)).await {
        0 => Ok(()),
        left => Err(format!("{left} jobs did not end").into()),
    }
}
