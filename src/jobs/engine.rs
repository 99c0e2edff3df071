//! What the rest of the program sees of jobs: submit, look, wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cloudfarm_contract::{Error, ErrorKind, Result, Secret, Text};
use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::counters::Counters;
use super::held::Holdings;
use super::job::{Job, JobState};
use super::view;
use super::work::Work;
use crate::settings::JobSettings;
use crate::store::{
    self, Idempotency, JobRow, NewJob, RowState, Store, Submitted, SubmittedAll, Watcher,
};

/// The project of everybody, as long as there is only one.
const DEFAULT_PROJECT: Text = Text::from_static("default");

const OTHER_REQUEST: &str = "the Idempotency-Key was used for another request";

/// How often a waiting client's job is looked at where somebody tells of changes.
const LOOK_WHEN_TOLD: Duration = Duration::from_secs(2);
/// The same where nobody does: another process carries the jobs out, on the same file.
const LOOK_UNTOLD: Duration = Duration::from_millis(250);

/// The jobs, wherever they are carried out. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Jobs(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) store: Store,
    pub(super) settings: JobSettings,
    /// What this process carries out.
    pub(super) holdings: Holdings,
    pub(super) has_worker: AtomicBool,
    pub(super) counters: Counters,
}

/// How a piece of work is to be done.
#[derive(Debug, Clone)]
pub struct Submission {
    /// For which project.
    pub project: Text,
    /// The request that asks for it.
    pub request_id: Text,
    /// Makes a repeated request find the job of the first.
    pub idempotency: Option<Idempotency>,
    /// The higher, the earlier; 0 is usual.
    pub priority: i32,
    /// Not before this time; `None` for at once.
    pub run_at: Option<Timestamp>,
    /// There is one job of this key at most.
    pub unique_key: Option<String>,
}

impl Submission {
    /// The project of those who name none.
    pub fn default_project() -> Text {
        DEFAULT_PROJECT
    }

    /// At once, with the usual priority.
    pub fn new(request_id: Text) -> Self {
        Self {
            project: DEFAULT_PROJECT,
            request_id,
            idempotency: None,
            priority: 0,
            run_at: None,
            unique_key: None,
        }
    }
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
    /// About the thing of this id.
    pub resource: Option<Text>,
    /// Of this project.
    pub project: Option<Text>,
    /// Asked for before this one.
    pub before: Option<Uuid>,
}

/// What became of much work in one call.
#[derive(Debug)]
pub enum Begun {
    /// The jobs, in the order of the work.
    New(Vec<JobHandle>),
    /// The call was made before, and this was kept of it.
    Known(String),
}

/// A job that is stored.
#[derive(Debug, Clone)]
pub struct JobHandle {
    jobs: Jobs,
    id: Uuid,
}

impl Jobs {
    /// The jobs of this store.
    pub fn new(store: Store, settings: JobSettings) -> Self {
        Self(Arc::new(Inner {
            store,
            settings,
            holdings: Holdings::default(),
            has_worker: AtomicBool::new(false),
            counters: Counters::default(),
        }))
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Stores `work`, which a worker then carries out.
    ///
    /// # Errors
    ///
    /// `invalid` if something else was submitted under the same idempotency key; `unavailable` if
    /// the store is.
    pub async fn submit(&self, work: &dyn Work, submission: Submission) -> Result<JobHandle> {
        let job = self.new_job(work, &submission)?;
        let idempotency = submission.idempotency.as_ref();
        // Boxed: every request that changes something would carry the room for it.
        let id = match Box::pin(self.0.store.submit(&job, idempotency)).await? {
            Submitted::New => job.id,
            Submitted::Known(id) => id,
            Submitted::Other | Submitted::KnownCall => return Err(other_request()),
        };
        Ok(self.handle(id))
    }

    /// Stores all of this work or none.
    ///
    /// # Errors
    ///
    /// `unavailable` if the store is.
    pub async fn submit_all(&self, all: &[(Box<dyn Work>, Submission)]) -> Result<Vec<JobHandle>> {
        match self.submit_call(all, None, |_| Ok(String::new())).await? {
            Begun::New(handles) => Ok(handles),
            Begun::Known(_) => Err(Error::internal("jobs without a key were known")),
        }
    }

    /// Stores all of this work or none. With `once`, a repeated call gives what `keep` made of the
    /// first one's jobs.
    ///
    /// # Errors
    ///
    /// `invalid` if something else was submitted under the same idempotency key; `unavailable` if
    /// the store is.
    pub async fn submit_call(
        &self,
        all: &[(Box<dyn Work>, Submission)],
        once: Option<&Idempotency>,
        keep: impl FnOnce(&[Uuid]) -> Result<String>,
    ) -> Result<Begun> {
        let jobs = all
            .iter()
            .map(|(work, submission)| self.new_job(&**work, submission))
            .collect::<Result<Vec<_>>>()?;
        let ids: Vec<Uuid> = jobs.iter().map(|job| job.id).collect();
        let kept = once.map(|_| keep(&ids)).transpose()?;
        let project = Submission::default_project();
        let once = once
            .zip(kept.as_deref())
            .map(|(once, kept)| (project.as_str(), once, kept));
        match self.0.store.submit_call(&jobs, once).await? {
            SubmittedAll::New => {
                let handles = ids.into_iter().map(|id| self.handle(id));
                Ok(Begun::New(handles.collect()))
            }
            SubmittedAll::Known(kept) => Ok(Begun::Known(kept)),
            SubmittedAll::Other => Err(other_request()),
        }
    }

    /// What [`Jobs::submit_call`] kept of the same call, if it was made before.
    ///
    /// # Errors
    ///
    /// As [`Jobs::submit_call`].
    pub async fn recall(&self, once: &Idempotency) -> Result<Option<String>> {
        let project = Submission::default_project();
        match self.0.store.recall_call(&project, once).await? {
            Some(SubmittedAll::Known(kept)) => Ok(Some(kept)),
            Some(SubmittedAll::Other) => Err(other_request()),
            Some(SubmittedAll::New) | None => Ok(None),
        }
    }

    pub(super) fn new_job(&self, work: &dyn Work, submission: &Submission) -> Result<NewJob> {
        let settings = &self.0.settings;
        let resource = work.resource();
        Ok(NewJob {
            id: Uuid::now_v7(),
            action: work.action().to_owned(),
            project: submission.project.to_string(),
            cloud: work.cloud().to_string(),
            resource_kind: resource.kind.to_string(),
            resource_id: resource.id.map(|id| id.to_string()),
            priority: submission.priority,
            run_at: submission.run_at.map(Timestamp::as_millisecond),
            attempt_max: tries(settings, work.action()),
            timeout_ms: millis(settings.timeout_of(work.action())),
            request_id: submission.request_id.to_string(),
            params: view::write(&work.params())?,
            payload: view::write(&work.payload()?)?.into_bytes(),
            unique_key: submission.unique_key.clone(),
        })
    }

    /// The job of this id.
    ///
    /// # Errors
    ///
    /// `not_found`; `unavailable` if the store is.
    pub async fn get(&self, id: Uuid) -> Result<JobHandle> {
        self.0.store.get(id).await?;
        Ok(self.handle(id))
    }

    /// The newest jobs that match, newest first, and whether there are more.
    ///
    /// # Errors
    ///
    /// `unavailable` if the store is.
    pub async fn list(&self, filter: &JobFilter, limit: usize) -> Result<(Vec<Job>, bool)> {
        let filter = store::JobFilter {
            state: filter.state.map(JobState::as_str),
            cloud: filter.cloud.as_ref().map(Text::to_string),
            action: filter.action.as_ref().map(Text::to_string),
            resource: filter.resource.as_ref().map(Text::to_string),
            project: filter.project.as_ref().map(Text::to_string),
            before: filter.before,
        };
        let wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let rows = self.0.store.list(&filter, wanted).await?;
        let more = rows.len() > limit;
        let jobs = rows.into_iter().take(limit).map(view::job);
        Ok((jobs.collect::<Result<_>>()?, more))
    }

    /// How many jobs this process is carrying out.
    pub fn running(&self) -> usize {
        self.0.holdings.len()
    }

    /// What this process counted.
    pub fn counters(&self) -> &Counters {
        &self.0.counters
    }

    /// Calls a job off: one that was not begun at once, one that was as soon as its worker has
    /// undone what it can.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` if it has ended; `unavailable` if the store is.
    pub async fn cancel(&self, id: Uuid) -> Result<JobHandle> {
        self.0.store.cancel(id).await?;
        Ok(self.handle(id))
    }

    /// Begins a job again that failed or was called off.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` in any other state; `unavailable` if the store is.
    pub async fn retry(&self, id: Uuid) -> Result<JobHandle> {
        let action = self.0.store.get(id).await?.action;
        let tries = tries(&self.0.settings, &action);
        self.0.store.retry(id, tries).await?;
        Ok(self.handle(id))
    }

    fn handle(&self, id: Uuid) -> JobHandle {
        JobHandle {
            jobs: self.clone(),
            id,
        }
    }

    fn look_every(&self) -> Duration {
        let is_told = self.0.store.backend() != "sqlite";
        if is_told || self.0.has_worker.load(Ordering::Relaxed) {
            LOOK_WHEN_TOLD
        } else {
            LOOK_UNTOLD
        }
    }
}

impl JobHandle {
    /// Which job.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The job as it is now. Whoever sees it finished first is given its one-time secrets.
    ///
    /// # Errors
    ///
    /// `not_found` if it is not kept any more; `unavailable` if the store is.
    pub async fn show(&self) -> Result<Job> {
        let row = self.jobs.0.store.get(self.id).await?;
        self.reveal(row).await
    }

    /// The job as it is now, without its one-time secrets, which stay for whoever shows it.
    ///
    /// # Errors
    ///
    /// As [`JobHandle::show`].
    pub async fn peek(&self) -> Result<Job> {
        view::job(self.jobs.0.store.get(self.id).await?)
    }

    /// Listens to its changes from now on.
    pub fn watch(&self) -> JobWatcher {
        JobWatcher {
            watcher: self.jobs.0.store.bell().watch(self.id),
            look_every: self.jobs.look_every(),
        }
    }

    /// The job once it has ended, or as it is when the time is up.
    ///
    /// # Errors
    ///
    /// As [`JobHandle::show`].
    pub async fn wait(&self, timeout: Option<Duration>) -> Result<Job> {
        let Some(timeout) = timeout else {
            return self.show().await;
        };
        let store = &self.jobs.0.store;
        let deadline = Instant::now() + timeout;
        let mut watcher = self.watch();
        loop {
            let row = store.get(self.id).await?;
            if row.state.has_ended() || Instant::now() >= deadline {
                return self.reveal(row).await;
            }
            watcher.changed_before(deadline).await;
        }
    }

    async fn reveal(&self, row: JobRow) -> Result<Job> {
        let hands_over = row.state == RowState::Finished && row.has_secrets;
        let mut job = view::job(row)?;
        if hands_over && let Some(clear) = self.jobs.0.store.take_secrets(self.id).await? {
            let secrets: Map<String, Value> = serde_json::from_slice(&clear)
                .map_err(|error| Error::internal("the secrets are damaged").with_internal(error))?;
            if let Some(Value::Object(result)) = &mut job.result
                && !secrets.is_empty()
            {
                result.insert("secrets".to_owned(), Value::Object(secrets));
            }
        }
        Ok(job)
    }
}

/// Listens to the changes of a job.
#[derive(Debug)]
pub struct JobWatcher {
    watcher: Watcher,
    look_every: Duration,
}

impl JobWatcher {
    /// Returns when the job may have changed, and at `deadline`. Changes by other processes are
    /// not always told of, so it returns from time to time.
    pub async fn changed_before(&mut self, deadline: Instant) {
        let next_look = deadline.min(Instant::now() + self.look_every);
        tokio::select! {
            () = self.watcher.changed() => {}
            () = sleep_until(next_look) => {}
        }
    }
}

/// One-time secrets as they are sealed: an object, name to text.
pub(super) fn pack_secrets(secrets: &[(Text, Secret)]) -> Result<Vec<u8>> {
    let packed: Map<String, Value> = secrets
        .iter()
        .map(|(name, secret)| (name.to_string(), Value::from(secret.expose())))
        .collect();
    view::write(&packed).map(String::into_bytes)
}

/// What [`pack_secrets`] packed.
pub(super) fn unpack_secrets(packed: &[u8]) -> Result<Vec<(Text, Secret)>> {
    let unpacked: Map<String, Value> = serde_json::from_slice(packed)
        .map_err(|error| Error::internal("the secrets are damaged").with_internal(error))?;
    Ok(unpacked
        .into_iter()
        .filter_map(|(name, secret)| Some((Text::from(name), Secret::from(secret.as_str()?))))
        .collect())
}

/// Something else was asked for under the same `Idempotency-Key`.
pub fn other_request() -> Error {
    Error::invalid(OTHER_REQUEST)
        .with_field("Idempotency-Key")
        .with_hint("give each request a key of its own; only its repetitions share it")
}

/// Whether this is the error of [`other_request`].
pub fn is_other_request(error: &Error) -> bool {
    error.kind() == ErrorKind::Invalid && error.message() == OTHER_REQUEST
}

fn tries(settings: &JobSettings, action: &str) -> i32 {
    i32::try_from(settings.tries_of(action)).unwrap_or(i32::MAX)
}

pub(super) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
