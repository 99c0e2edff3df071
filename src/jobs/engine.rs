//! Carries jobs out, in this process and at once, and keeps what became of them in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cloudfarm_contract::{Context, Error, Priority, Result, Secret, Text, async_trait};
use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::job::{Job, JobState, JobStep};
use super::run::{Earlier, Note, Run};
use super::work::{Outcome, Work};
use crate::Problem;
use crate::farm::Farm;

/// The project of everybody, as long as there is only one.
const DEFAULT_PROJECT: Text = Text::from_static("default");

/// How long a job may run.
const RUN_TIMEOUT: Duration = Duration::from_secs(600);

/// The jobs of this process.
#[derive(Debug)]
pub struct Jobs {
    runtime: Handle,
    running: TaskTracker,
    /// How many ended jobs are still shown.
    kept: usize,
    jobs: Arc<Mutex<BTreeMap<Uuid, Arc<Record>>>>,
}

/// Which jobs are wanted.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// In this state.
    pub state: Option<JobState>,
    /// On this cloud.
    pub cloud: Option<Text>,
    /// Of this action.
    pub action: Option<Text>,
    /// Asked for before this one.
    pub before: Option<Uuid>,
}

#[derive(Debug)]
struct Record {
    job: Mutex<Job>,
    steps: Mutex<Vec<JobStep>>,
    /// Handed to the first client that sees the job ended, and forgotten.
    secrets: Mutex<Vec<(Text, Secret)>>,
    ended: watch::Sender<bool>,
}

/// A job that was submitted.
#[derive(Debug, Clone)]
pub struct JobHandle(Arc<Record>);

impl Jobs {
    /// Jobs that run on `runtime`, of which `kept` are remembered after their end.
    pub fn new(runtime: Handle, kept: usize) -> Self {
        Self {
            runtime,
            running: TaskTracker::new(),
            kept,
            jobs: Arc::default(),
        }
    }

    /// Begins `work`.
    pub fn submit(&self, farm: Arc<Farm>, request_id: &Text, work: impl Work) -> JobHandle {
        let id = Uuid::now_v7();
        let record = Arc::new(Record {
            job: Mutex::new(new_job(id, request_id, &work)),
            steps: Mutex::default(),
            secrets: Mutex::default(),
            ended: watch::Sender::new(false),
        });
        {
            let mut jobs = lock(&self.jobs);
            jobs.insert(id, Arc::clone(&record));
            forget_oldest(&mut jobs, self.kept);
        }
        let run = Run::new(
            id,
            farm,
            Context::new(RUN_TIMEOUT, request_id, Priority::Job),
            Arc::clone(&record) as Arc<dyn super::Record>,
            Earlier::none(1),
            CancellationToken::new(),
        );
        let ending = Arc::clone(&record);
        let task = async move {
            let result = work.run(&run).await;
            ending.end(result);
        };
        self.running.spawn_on(task, &self.runtime);
        JobHandle(record)
    }

    /// The job of this id.
    ///
    /// # Errors
    ///
    /// `not_found`.
    pub fn get(&self, id: Uuid) -> Result<JobHandle> {
        let jobs = lock(&self.jobs);
        let record = jobs.get(&id).cloned();
        record
            .map(JobHandle)
            .ok_or_else(|| Error::not_found(format!("there is no job {id}")))
    }

    /// The newest jobs that match, newest first, and whether there are more.
    pub fn list(&self, filter: &JobFilter, limit: usize) -> (Vec<Job>, bool) {
        let records: Vec<_> = {
            let jobs = lock(&self.jobs);
            match filter.before {
                Some(before) => jobs
                    .range(..before)
                    .map(|(_, record)| record.clone())
                    .collect(),
                None => jobs.values().cloned().collect(),
            }
        };
        let mut found = records
            .iter()
            .rev()
            .map(|record| record.snapshot())
            .filter(|job| filter.matches(job))
            .take(limit + 1)
            .collect::<Vec<_>>();
        let more = found.len() > limit;
        found.truncate(limit);
        (found, more)
    }

    /// How many jobs are being carried out.
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// Waits until no job is being carried out, or the time is up. Gives how many still are.
    pub async fn drain(&self, timeout: Duration) -> usize {
        self.running.close();
        let _ = tokio::time::timeout(timeout, self.running.wait()).await;
        self.running.len()
    }
}

impl JobFilter {
    fn matches(&self, job: &Job) -> bool {
        self.state.is_none_or(|state| state == job.state)
            && self
                .cloud
                .as_ref()
                .is_none_or(|cloud| Some(cloud) == job.cloud.as_ref())
            && self
                .action
                .as_ref()
                .is_none_or(|action| *action == job.action)
    }
}

impl JobHandle {
    /// The job as it is now. Whoever sees it ended first is given its one-time secrets.
    pub fn show(&self) -> Job {
        let mut job = self.0.snapshot();
        if job.state.has_ended() {
            reveal(&mut job, std::mem::take(&mut *lock(&self.0.secrets)));
        }
        job
    }

    /// The job once it has ended, or as it is when the time is up.
    pub async fn wait(&self, timeout: Option<Duration>) -> Job {
        if let Some(timeout) = timeout {
            let mut ended = self.0.ended.subscribe();
            let _ = tokio::time::timeout(timeout, ended.wait_for(|ended| *ended)).await;
        }
        self.show()
    }
}

#[async_trait]
impl super::Record for Record {
    async fn write(&self, note: Note) -> Result<()> {
        lock(&self.steps).push(note.step);
        Ok(())
    }
}

impl Record {
    fn snapshot(&self) -> Job {
        let mut job = lock(&self.job).clone();
        job.steps.clone_from(&lock(&self.steps));
        if let Some(last) = job.steps.last() {
            job.updated_at = job.updated_at.max(last.at);
        }
        job
    }

    fn end(&self, result: Result<Outcome>) {
        let mut job = lock(&self.job);
        job.updated_at = Timestamp::now();
        match result {
            Ok(outcome) => {
                job.state = JobState::Finished;
                if let (Some(id), Some(resource)) = (outcome.made, &mut job.resource) {
                    resource.id = Some(id);
                }
                job.result = Some(outcome.result);
                *lock(&self.secrets) = outcome.secrets;
            }
            Err(error) => {
                log::warn!("job={} request_id={} {error:?}", job.id, job.request_id);
                job.state = JobState::Error;
                job.error = Some(Problem::new(&error, Some(job.request_id.clone())));
            }
        }
        drop(job);
        self.ended.send_replace(true);
    }
}

fn new_job(id: Uuid, request_id: &Text, work: &impl Work) -> Job {
    let now = Timestamp::now();
    Job {
        id,
        action: Text::from_static(work.action()),
        state: JobState::Running,
        cloud: Some(work.cloud().clone()),
        resource: Some(work.resource()),
        params: work.params(),
        steps: Vec::new(),
        tries: 1,
        try_max: 1,
        run_at: now,
        error: None,
        result: None,
        project: DEFAULT_PROJECT,
        request_id: request_id.clone(),
        created_at: now,
        updated_at: now,
    }
}

fn reveal(job: &mut Job, secrets: Vec<(Text, Secret)>) {
    if secrets.is_empty() {
        return;
    }
    let shown: Map<String, Value> = secrets
        .into_iter()
        .map(|(name, secret)| (name.into(), Value::from(secret.expose())))
        .collect();
    if let Some(Value::Object(result)) = &mut job.result {
        result.insert("secrets".to_owned(), Value::Object(shown));
    }
}

fn forget_oldest(jobs: &mut BTreeMap<Uuid, Arc<Record>>, kept: usize) {
    while jobs.len() > kept {
        let ended = jobs
            .iter()
            .find(|(_, record)| *record.ended.borrow())
            .map(|(id, _)| *id);
        match ended {
            Some(id) => jobs.remove(&id),
            None => return,
        };
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
