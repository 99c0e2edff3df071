//! A job that ends its process each time.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cloudfarm::farm::{Farm, FarmHandle};
use cloudfarm::jobs::{
    Job, JobState, Jobs, Kinds, Outcome, ResourceRef, Run, Submission, Work, Worker,
};
use cloudfarm::settings::{JobSettings, Span};
use cloudfarm::store::{Store, StoreOptions};
use cloudfarm_contract::{Result, Secret, Text, async_trait};
use serde_json::{Value, json};

use crate::place::{KEY, Kind, Place, on_both};

on_both!(a_job_that_aborts_its_process_stops_after_its_tries);

/// Names the store to the process of a worker.
const STORE: &str = "CLOUDFARM_TEST_POISONED_STORE";

static CLOUD: Text = Text::from_static("lab");

#[derive(Debug)]
struct Poison;

#[async_trait]
impl Work for Poison {
    fn action(&self) -> &'static str {
        "Poison"
    }

    fn cloud(&self) -> &Text {
        &CLOUD
    }

    fn resource(&self) -> ResourceRef {
        ResourceRef {
            kind: Text::from_static("node"),
            id: None,
        }
    }

    fn params(&self) -> Value {
        json!({})
    }

    fn payload(&self) -> Result<Value> {
        Ok(json!({}))
    }

    async fn run(&self, _run: &Run) -> Result<Outcome> {
        std::process::abort();
    }
}

async fn jobs(store: &str) -> Jobs {
    let options = StoreOptions {
        url: Secret::from(store),
        key: Some(Secret::from(KEY)),
        connections: 4,
        size_max: 0,
    };
    let settings = JobSettings {
        tries: 3,
        lease: Span::seconds(1),
        poll: Span::millis(50),
        retry_pause: Span::millis(10),
        ..JobSettings::default()
    };
    Jobs::new(Store::open(&options).await.unwrap(), settings)
}

/// The process of a worker, where this program is started as one.
#[tokio::test]
async fn worker_process() {
    let Ok(store) = std::env::var(STORE) else {
        return;
    };
    let farm = FarmHandle::new(Farm::of([]));
    let kinds = Kinds::new(|_, _| Ok(Box::new(Poison)));
    let _worker = Worker::start_with(jobs(&store).await, farm, kinds);
    std::future::pending::<()>().await;
}

/// Starts this program as a worker.
fn start(store: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "poison::worker_process", "--nocapture"])
        .env(STORE, store)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Starts a worker again whenever it ended, until the job has. Gives how many ended.
async fn revive(jobs: &Jobs, store: &str, job: uuid::Uuid) -> (Job, usize) {
    let handle = jobs.get(job).await.unwrap();
    let mut worker = start(store);
    let mut ended = 0;
    loop {
        let job = handle.wait(Some(Duration::from_millis(50))).await.unwrap();
        if matches!(job.state, JobState::Error | JobState::Finished) {
            worker.kill().unwrap();
            worker.wait().unwrap();
            return (job, ended);
        }
        if let Some(status) = worker.try_wait().unwrap() {
            assert!(!status.success(), "it was to go on until it is killed");
            ended += 1;
            worker = start(store);
        }
    }
}

async fn a_job_that_aborts_its_process_stops_after_its_tries(kind: Kind) {
    let place = Place::new(kind, "0s");
    let store = place.store();
    let jobs = jobs(&store).await;
    let submission = Submission::new(Text::from_static("r-1"));
    let job = jobs.submit(&Poison, submission).await.unwrap().id();
    let revived = tokio::time::timeout(Duration::from_secs(60), revive(&jobs, &store, job));
    let (job, ended) = revived.await.unwrap();
    assert_eq!((job.state, ended), (JobState::Error, 3));
    let error = job.error.unwrap();
    assert!(
        format!("{error:?}").contains("vanished in each of 3 tries"),
        "{error:?}"
    );
}
