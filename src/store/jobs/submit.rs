//! Puts jobs into the queue.

use cloudfarm_contract::{Error, Result};
use uuid::Uuid;

use super::super::error::{of_commit, of_store};
use super::super::{Database, Signal, Store};
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
    /// Something else was submitted under the same idempotency key.
    Other,
}

const INSERT: &str = "\
INSERT INTO jobs (id, action, project, cloud, lane, resource_kind, resource_id, state, priority,
    run_at, attempt_max, timeout_ms, request_id, params, payload, unique_key, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17)
ON CONFLICT (unique_key) DO NOTHING";

const REMEMBER: &str = "\
INSERT INTO idempotency (project, key, fingerprint, job, created_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (project, key) DO UPDATE
SET fingerprint = excluded.fingerprint, job = excluded.job, created_at = excluded.created_at
WHERE idempotency.created_at < $6";

const RECALL: &str = "\
SELECT fingerprint, job FROM idempotency WHERE project = $1 AND key = $2 AND created_at >= $3";

/// The statement that stores a job; its type is another for each database.
macro_rules! insert {
    ($job:expr, $sealed:expr, $now:expr) => {{
        let (job, now): (&NewJob, i64) = ($job, $now);
        let state = if job.is_ready(now) {
            RowState::Ready
        } else {
            RowState::Delayed
        };
        sqlx::query(INSERT)
            .bind(job.id)
            .bind(&job.action)
            .bind(&job.project)
            .bind(&job.cloud)
            .bind(lane(&job.cloud, &job.project))
            .bind(&job.resource_kind)
            .bind(&job.resource_id)
            .bind(state.as_str())
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
            let remembered = sqlx::query(REMEMBER)
                .bind(&job.project)
                .bind(&idempotency.key)
                .bind(&idempotency.fingerprint)
                .bind(job.id)
                .bind(now)
                .bind(idempotency.not_before)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?;
            if remembered.rows_affected() == 0 {
                let found: (Vec<u8>, Uuid) = sqlx::query_as(RECALL)
                    .bind(&job.project)
                    .bind(&idempotency.key)
                    .bind(idempotency.not_before)
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
        let now = self.now();
        match &self.0.database {
            Database::Postgres(database) => self.insert_all(database, jobs, now).await?,
            Database::Sqlite(_) => in_transaction!(self, |connection, _dialect| {
                for job in jobs {
                    let sealed = self.0.sealer.seal(job.id, PAYLOAD, &job.payload)?;
                    insert!(job, &sealed, now)
                        .execute(&mut *connection)
                        .await
                        .map_err(of_store)?;
                }
            }),
        }
        if jobs.iter().any(|job| job.is_ready(now)) {
            self.ring(Signal::Ready);
        }
        Ok(())
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
        let found: Option<(Vec<u8>, Uuid)> = on_reader!(self, |connection, _dialect| {
            sqlx::query_as(RECALL)
                .bind(project)
                .bind(&idempotency.key)
                .bind(idempotency.not_before)
                .fetch_optional(connection)
                .await
                .map_err(of_store)?
        });
        Ok(found.map(|found| compare(idempotency, &found)))
    }

    /// What the worker needs to carry out the job.
    pub(super) fn open_payload(&self, id: Uuid, sealed: Option<&[u8]>) -> Result<Vec<u8>> {
        let sealed = sealed.ok_or_else(|| Error::internal("the job has no payload any more"))?;
        self.0.sealer.open(id, PAYLOAD, sealed)
    }
}

impl NewJob {
    pub(super) fn is_ready(&self, now: i64) -> bool {
        self.run_at.is_none_or(|at| at <= now)
    }
}

fn compare(idempotency: &Idempotency, (fingerprint, job): &(Vec<u8>, Uuid)) -> Submitted {
    if *fingerprint == idempotency.fingerprint {
        Submitted::Known(*job)
    } else {
        Submitted::Other
    }
}
