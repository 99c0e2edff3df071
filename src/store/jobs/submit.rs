//! Puts jobs into the queue.

use cloudfarm_contract::{Error, Result};
use uuid::Uuid;

use super::super::error::{of_commit, of_store};
use super::super::{Signal, Store, Tick};
use super::submit_all::InsertAll as _;
use super::{PAYLOAD, RowState, lane};

/// A job to be stored.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Orders jobs by the time they were asked for.
    pub id: Uuid,
    /// What is done.
    pub action: String,
    /// For whom.
    pub project: String,
    /// On which cloud; empty for none.
    pub cloud: String,
    /// The kind of thing it is about.
    pub resource_kind: String,
    /// The provider's id of the thing.
    pub resource_id: Option<String>,
    /// The higher, the earlier.
    pub priority: i32,
    /// Not before this time; `None` for at once.
    pub run_at: Option<i64>,
    /// How often it may be begun.
    pub attempt_max: i32,
    /// How long one attempt may take.
    pub timeout_ms: i64,
    /// The request that asked for it.
    pub request_id: String,
    /// What was asked for, as JSON with secrets masked.
    pub params: String,
    /// What a worker needs, in clear; it is sealed before it is stored.
    pub payload: Vec<u8>,
    /// There is one job of this key at most.
    pub unique_key: Option<String>,
}

/// Makes a repeated request find the job of the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// What the client calls the request.
    pub key: String,
    /// Tells requests with the same key apart.
    pub fingerprint: Vec<u8>,
    /// Records from before this time do not count any more.
    pub not_before: i64,
}

/// What became of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    /// The job is stored.
    New,
    /// The same was submitted before, as this job.
    Known(Uuid),
    /// It was a call with many actions.
    KnownCall,
    /// Something else was submitted under the same idempotency key.
    Other,
}

/// What became of many that were submitted in one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubmittedAll {
    /// The jobs are stored.
    New,
    /// The same call was made before, and this is what was kept of it.
    Known(String),
    /// Something else was submitted under the same idempotency key.
    Other,
}

const INSERT: &str = "\
INSERT INTO jobs (id, action, project, cloud, lane, resource_kind, resource_id, state, priority,
    run_at, attempt_max, timeout_ms, request_id, params, payload, unique_key, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17)
ON CONFLICT (unique_key) WHERE unique_key IS NOT NULL DO NOTHING";

const REMEMBER: &str = "\
INSERT INTO idempotency (project, key, fingerprint, job, created_at, items)
VALUES ($1, $2, $3, $4, $5, $7)
ON CONFLICT (project, key) DO UPDATE
SET fingerprint = excluded.fingerprint, job = excluded.job, created_at = excluded.created_at,
    items = excluded.items
WHERE idempotency.created_at < $6";

const RECALL: &str = "\
SELECT fingerprint, job, items FROM idempotency WHERE project = $1 AND key = $2 AND created_at >= $3";

/// Only whoever finds the schedule as it was when it was due makes the job of that time.
const ADVANCE: &str = "\
UPDATE schedules SET next_run = $3, last_run = $2, last_job = $4 WHERE id = $1 AND next_run = $2";

/// A key as it is remembered: fingerprint, job, and what became of a call.
type Remembered = (Vec<u8>, Uuid, Option<String>);

/// The statement that remembers a key; its type is another for each database.
macro_rules! remember {
    ($project:expr, $idempotency:expr, $job:expr, $items:expr, $now:expr) => {{
        let idempotency: &Idempotency = $idempotency;
        sqlx::query(REMEMBER)
            .bind($project)
            .bind(&idempotency.key)
            .bind(&idempotency.fingerprint)
            .bind($job)
            .bind($now)
            .bind(idempotency.not_before)
            .bind($items)
    }};
}

/// The statement that looks a key up.
macro_rules! recall {
    ($project:expr, $idempotency:expr) => {{
        let idempotency: &Idempotency = $idempotency;
        sqlx::query_as(RECALL)
            .bind($project)
            .bind(&idempotency.key)
            .bind(idempotency.not_before)
    }};
}

/// The statement that stores a job; its type is another for each database.
macro_rules! insert {
    ($job:expr, $sealed:expr, $now:expr) => {{
        let (job, now): (&NewJob, i64) = ($job, $now);
        sqlx::query(INSERT)
            .bind(job.id)
            .bind(&job.action)
            .bind(&job.project)
            .bind(&job.cloud)
            .bind(lane(&job.cloud, &job.project))
            .bind(&job.resource_kind)
            .bind(&job.resource_id)
            .bind(job.first_state(now).as_str())
            .bind(job.priority)
            .bind(job.run_at.unwrap_or(now))
            .bind(job.attempt_max)
            .bind(job.timeout_ms)
            .bind(&job.request_id)
            .bind(&job.params)
            .bind($sealed)
            .bind(&job.unique_key)
            .bind(now)
    }};
}

/// Stores a job, unless there is one of its key.
macro_rules! put {
    ($connection:expr, $job:expr, $sealed:expr, $now:expr) => {{
        let inserted = insert!($job, $sealed, $now).execute(&mut *$connection);
        match inserted.await.map_err(of_commit)?.rows_affected() {
            0 => {
                let same = "SELECT id FROM jobs WHERE unique_key = $1";
                let id = sqlx::query_scalar(same)
                    .bind(&$job.unique_key)
                    .fetch_one(&mut *$connection)
                    .await;
                Submitted::Known(id.map_err(of_store)?)
            }
            _ => Submitted::New,
        }
    }};
}

impl Store {
    /// Stores a job, and in the same transaction under which key it was asked for.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn submit(
        &self,
        job: &NewJob,
        idempotency: Option<&Idempotency>,
    ) -> Result<Submitted> {
        let Some(idempotency) = idempotency else {
            return self.submit_plain(job).await;
        };
        let sealed = self.0.sealer.seal(job.id, PAYLOAD, &job.payload)?;
        let now = self.now();
        let submitted = in_transaction!(self, |connection, _dialect| {
            let remembered = remember!(&job.project, idempotency, job.id, None::<&str>, now)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?;
            if remembered.rows_affected() == 0 {
                let found: Remembered = recall!(&job.project, idempotency)
                    .fetch_one(&mut *connection)
                    .await
                    .map_err(of_store)?;
                compare(idempotency, &found)
            } else {
                put!(connection, job, &sealed, now)
            }
        });
        self.ring_submitted(job, submitted, now);
        Ok(submitted)
    }

    /// One statement is a transaction of its own, which saves two journeys.
    async fn submit_plain(&self, job: &NewJob) -> Result<Submitted> {
        let sealed = self.0.sealer.seal(job.id, PAYLOAD, &job.payload)?;
        let now = self.now();
        let submitted = on_writer!(self, |connection, _dialect| {
            put!(connection, job, &sealed, now)
        });
        self.ring_submitted(job, submitted, now);
        Ok(submitted)
    }

    fn ring_submitted(&self, job: &NewJob, submitted: Submitted, now: i64) {
        if submitted == Submitted::New && job.is_ready(now) {
            self.ring(Signal::Ready);
        }
    }

    /// Stores all of these jobs or none.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn submit_all(&self, jobs: &[NewJob]) -> Result<()> {
        self.submit_call(jobs, None).await.map(drop)
    }

    /// Stores all of these jobs or none. With `once`, it keeps in the same transaction under which
    /// key of the project the call was made, and what became of it.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn submit_call(
        &self,
        jobs: &[NewJob],
        once: Option<(&str, &Idempotency, &str)>,
    ) -> Result<SubmittedAll> {
        let now = self.now();
        let seal = |job: &NewJob| self.0.sealer.seal(job.id, PAYLOAD, &job.payload);
        let sealed = jobs.iter().map(seal).collect::<Result<Vec<_>>>()?;
        let Some((project, idempotency, items)) = once else {
            // One statement is a transaction of its own.
            on_writer!(self, |connection, _dialect| {
                connection.insert_all(jobs, &sealed, now).await?;
            });
            self.ring_any(jobs, now);
            return Ok(SubmittedAll::New);
        };
        let submitted = in_transaction!(self, |connection, _dialect| {
            let remembered = remember!(project, idempotency, Uuid::nil(), Some(items), now)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?;
            if remembered.rows_affected() == 0 {
                let found: Remembered = recall!(project, idempotency)
                    .fetch_one(&mut *connection)
                    .await
                    .map_err(of_store)?;
                compare_call(idempotency, found)
            } else {
                connection.insert_all(jobs, &sealed, now).await?;
                SubmittedAll::New
            }
        });
        if submitted == SubmittedAll::New {
            self.ring_any(jobs, now);
        }
        Ok(submitted)
    }

    fn ring_any(&self, jobs: &[NewJob], now: i64) {
        if jobs.iter().any(|job| job.is_ready(now)) {
            self.ring(Signal::Ready);
        }
    }

    /// What was submitted under this key before, if anything was.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn recall(
        &self,
        project: &str,
        idempotency: &Idempotency,
    ) -> Result<Option<Submitted>> {
        let found: Option<Remembered> = on_reader!(self, |connection, _dialect| {
            recall!(project, idempotency)
                .fetch_optional(connection)
                .await
                .map_err(of_store)?
        });
        Ok(found.map(|found| compare(idempotency, &found)))
    }

    /// What was kept of the call that was made under this key before, if one was.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn recall_call(
        &self,
        project: &str,
        idempotency: &Idempotency,
    ) -> Result<Option<SubmittedAll>> {
        let found: Option<Remembered> = on_reader!(self, |connection, _dialect| {
            recall!(project, idempotency)
                .fetch_optional(connection)
                .await
                .map_err(of_store)?
        });
        Ok(found.map(|found| compare_call(idempotency, found)))
    }

    /// Stores the job of a time of a schedule and sets when it is due next, both or neither. Gives
    /// whether it did: of many who try, one does.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn submit_tick(&self, job: &NewJob, tick: &Tick) -> Result<bool> {
        let sealed = self.0.sealer.seal(job.id, PAYLOAD, &job.payload)?;
        let now = self.now();
        let is_first = in_transaction!(self, |connection, _dialect| {
            let advanced = sqlx::query(ADVANCE)
                .bind(tick.schedule)
                .bind(tick.at)
                .bind(tick.next)
                .bind(job.id)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?;
            let is_first = advanced.rows_affected() == 1;
            if is_first {
                insert!(job, &sealed, now)
                    .execute(&mut *connection)
                    .await
                    .map_err(of_store)?;
            }
            is_first
        });
        if is_first {
            self.ring(Signal::Ready);
        }
        Ok(is_first)
    }

    /// What the worker needs to carry out the job.
    pub(super) fn open_payload(&self, id: Uuid, sealed: Option<&[u8]>) -> Result<Vec<u8>> {
        let sealed = sealed.ok_or_else(|| Error::internal("the job has no payload any more"))?;
        self.0.sealer.open(id, PAYLOAD, sealed)
    }
}

impl NewJob {
    /// What it is once it is stored.
    pub(super) fn first_state(&self, now: i64) -> RowState {
        match self.is_ready(now) {
            true => RowState::Ready,
            false => RowState::Delayed,
        }
    }

    fn is_ready(&self, now: i64) -> bool {
        self.run_at.is_none_or(|at| at <= now)
    }
}

fn compare(idempotency: &Idempotency, (fingerprint, job, items): &Remembered) -> Submitted {
    if *fingerprint != idempotency.fingerprint {
        Submitted::Other
    } else if items.is_some() {
        Submitted::KnownCall
    } else {
        Submitted::Known(*job)
    }
}

fn compare_call(idempotency: &Idempotency, (fingerprint, _, items): Remembered) -> SubmittedAll {
    match items {
        Some(items) if fingerprint == idempotency.fingerprint => SubmittedAll::Known(items),
        _ => SubmittedAll::Other,
    }
}
