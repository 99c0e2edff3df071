//! What has to be done from time to time, by whichever process comes first.

use cloudfarm_contract::Result;
use sqlx::FromRow;
use uuid::Uuid;

use super::super::error::of_store;
use super::super::{Signal, Store};
use super::{Lease, RowState};

/// A running job whose worker has not been heard of.
#[derive(Debug, Clone, FromRow)]
pub struct Expired {
    id: Uuid,
    lease: Uuid,
    /// Which attempt it was.
    pub attempt: i32,
    /// How often it may be begun.
    pub attempt_max: i32,
    /// What is done.
    pub action: String,
    /// On which cloud.
    pub cloud: String,
    /// The request that asked for it.
    pub request_id: String,
    /// What was made.
    pub made: String,
    /// Whether it is to be called off.
    pub cancel_requested: bool,
}

impl Expired {
    /// The lease that ran out.
    pub const fn lease(&self) -> Lease {
        Lease {
            job: self.id,
            token: self.lease,
        }
    }
}

/// How many jobs of a cloud and a project have not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCount {
    /// The cloud.
    pub cloud: String,
    /// The project.
    pub project: String,
    /// In this state.
    pub state: RowState,
    /// So many.
    pub count: i64,
}

/// So many rows at once at most, so that nobody waits long for the lock.
const BATCH: i64 = 500;

const PROMOTE: &str = "\
UPDATE jobs SET state = 'ready' WHERE id IN (
    SELECT id FROM jobs WHERE state = 'delayed' AND run_at <= $1 ORDER BY run_at LIMIT $2)
    AND state = 'delayed'";

const NEXT: &str = "\
SELECT min(at) FROM (
    SELECT min(run_at) AS at FROM jobs WHERE state = 'delayed'
    UNION ALL SELECT min(next_run) FROM schedules WHERE next_run IS NOT NULL) AS due";

const EXPIRED: &str = "\
SELECT id, lease, attempt, attempt_max, action, cloud, request_id, made, cancel_requested
FROM jobs WHERE state = 'running' AND lease_until < $1 LIMIT $2";

const FORGET_JOBS: &str = "\
DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE ended_at < $1 LIMIT $2)";

const FORGET_KEYS: &str = "DELETE FROM idempotency WHERE created_at < $1";

/// Each part can be answered from the index of its state, however many jobs have ended.
const COUNT: &str = "\
SELECT lane, 'delayed', count(*) FROM jobs WHERE state = 'delayed' GROUP BY lane
UNION ALL SELECT lane, 'ready', count(*) FROM jobs WHERE state = 'ready' GROUP BY lane
UNION ALL SELECT lane, 'running', count(*) FROM jobs WHERE state = 'running' GROUP BY lane";

impl Store {
    /// Makes jobs ready whose time has come.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn promote(&self) -> Result<u64> {
        let now = self.now();
        let promoted = on_writer!(self, |connection, _dialect| {
            sqlx::query(PROMOTE)
                .bind(now)
                .bind(BATCH)
                .execute(connection)
                .await
                .map_err(of_store)?
                .rows_affected()
        });
        if promoted > 0 {
            self.ring(Signal::Ready);
        }
        Ok(promoted)
    }

    /// When the next delayed job or schedule is due.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn next_due(&self) -> Result<Option<i64>> {
        Ok(on_reader!(self, |connection, _dialect| {
            sqlx::query_scalar(NEXT)
                .fetch_one(connection)
                .await
                .map_err(of_store)?
        }))
    }

    /// Running jobs whose lease had run out by `now`.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn expired(&self, now: i64) -> Result<Vec<Expired>> {
        Ok(on_reader!(self, |connection, _dialect| {
            sqlx::query_as(EXPIRED)
                .bind(now)
                .bind(BATCH)
                .fetch_all(connection)
                .await
                .map_err(of_store)?
        }))
    }

    /// Deletes jobs that ended before `jobs`, and idempotency keys from before `keys`. Gives how
    /// many jobs.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn forget(&self, jobs: i64, keys: i64) -> Result<u64> {
        Ok(on_writer!(self, |connection, _dialect| {
            sqlx::query(FORGET_KEYS)
                .bind(keys)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?;
            sqlx::query(FORGET_JOBS)
                .bind(jobs)
                .bind(BATCH)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?
                .rows_affected()
        }))
    }

    /// How many jobs wait and run, by cloud and project.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn count_open(&self) -> Result<Vec<OpenCount>> {
        let counts: Vec<(String, String, i64)> = on_reader!(self, |connection, _dialect| {
            sqlx::query_as(COUNT)
                .fetch_all(connection)
                .await
                .map_err(of_store)?
        });
        let counts = counts.into_iter().filter_map(|(lane, state, count)| {
            let (cloud, project) = lane.split_once(' ')?;
            Some(OpenCount {
                cloud: cloud.to_owned(),
                project: project.to_owned(),
                state: RowState::try_from(state).ok()?,
                count,
            })
        });
        Ok(counts.collect())
    }
}
