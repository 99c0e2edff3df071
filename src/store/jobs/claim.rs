//! Gives workers their jobs.
//!
//! A lane is a cloud and a project. Which lanes have work is found by hopping over the index, so
//! that neither a hundred thousand waiting jobs nor a full lane slows it; whose turn it is decides
//! the caller; then each lane gives its foremost jobs.

use cloudfarm_contract::Result;
use sqlx::FromRow;
use uuid::Uuid;

use super::super::Store;
use super::super::dialect::Sql;
use super::super::error::of_store;
use super::{Lease, SECRETS};

/// A cloud and a project with work that waits, or runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// The cloud.
    pub cloud: String,
    /// The project.
    pub project: String,
    /// Priority and due time of the foremost waiting job; `None` if none waits.
    pub head: Option<(i32, i64)>,
    /// How many jobs run, on all machines.
    pub running: i64,
}

/// How many jobs to take from a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// The cloud.
    pub cloud: String,
    /// The project.
    pub project: String,
    /// So many at most.
    pub count: i64,
}

/// A job that a worker has under its lease.
#[derive(Debug, Clone, FromRow)]
pub struct Claimed {
    /// Which job.
    pub id: Uuid,
    /// What is done.
    pub action: String,
    /// For whom.
    pub project: String,
    /// On which cloud.
    pub cloud: String,
    /// The kind of thing it is about.
    pub resource_kind: String,
    /// The higher, the earlier.
    pub priority: i32,
    /// Due since.
    pub run_at: i64,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// How often it may be begun.
    pub attempt_max: i32,
    /// How long this attempt may take.
    pub timeout_ms: i64,
    lease: Uuid,
    /// Whether it is to be called off.
    pub cancel_requested: bool,
    /// The request that asked for it.
    pub request_id: String,
    /// What earlier attempts did.
    pub steps: String,
    /// What earlier attempts made, as a list in JSON.
    pub made: String,
    payload: Option<Vec<u8>>,
    secrets: Option<Vec<u8>>,
}

#[derive(FromRow)]
struct ReadyLane {
    lane: String,
    priority: Option<i32>,
    run_at: Option<i64>,
}

const READY: &str = "\
WITH RECURSIVE lanes (lane) AS (
    SELECT min(lane) FROM jobs WHERE state = 'ready'
    UNION ALL
    SELECT (SELECT min(j.lane) FROM jobs j WHERE j.state = 'ready' AND j.lane > lanes.lane)
    FROM lanes WHERE lanes.lane IS NOT NULL
)
SELECT lane,
    (SELECT j.priority FROM jobs j WHERE j.state = 'ready' AND j.lane = lanes.lane
        ORDER BY j.priority DESC, j.run_at, j.id LIMIT 1) AS priority,
    (SELECT j.run_at FROM jobs j WHERE j.state = 'ready' AND j.lane = lanes.lane
        ORDER BY j.priority DESC, j.run_at, j.id LIMIT 1) AS run_at
FROM lanes WHERE lane IS NOT NULL";

const RUNNING: &str = "SELECT lane, count(*) FROM jobs WHERE state = 'running' GROUP BY lane";

/// One claim at a time where limits hold over all machines: else two could each take the last
/// place.
const LOCK: Sql = Sql {
    sqlite: "SELECT 1",
    postgres: "SELECT 1 FROM pg_advisory_xact_lock(7164726002)",
};

/// The array keeps PostgreSQL from evaluating the inner statement more than once. It need not wait
/// for the disk there: what a worker writes before it asks a cloud for anything is on disk only if
/// the claim before it is, and a claim that is lost in a crash of the server can be made anew.
const CLAIM: Sql = Sql {
    sqlite: "\
UPDATE jobs SET state = 'running', attempt = attempt + 1, lease = $3, lease_until = $4, worker = $5,
    updated_at = $6
WHERE id IN (
    SELECT id FROM jobs WHERE state = 'ready' AND lane = $1
    ORDER BY priority DESC, run_at, id LIMIT $2)
RETURNING id, action, project, cloud, resource_kind, priority, run_at, attempt, attempt_max,
    timeout_ms, lease, cancel_requested, request_id, steps, made, payload, secrets",
    postgres: "\
UPDATE jobs SET state = 'running', attempt = attempt + 1, lease = $3, lease_until = $4, worker = $5,
    updated_at = $6
WHERE id = ANY(ARRAY(
    SELECT id FROM jobs WHERE state = 'ready' AND lane = $1
    ORDER BY priority DESC, run_at, id LIMIT $2 FOR UPDATE SKIP LOCKED))
    AND (SELECT set_config('synchronous_commit', 'off', true)) IS NOT NULL
RETURNING id, action, project, cloud, resource_kind, priority, run_at, attempt, attempt_max,
    timeout_ms, lease, cancel_requested, request_id, steps, made, payload, secrets",
};

/// Takes from one lane.
macro_rules! take {
    ($connection:expr, $dialect:expr, $pick:expr, $by:expr) => {{
        let (pick, by): (&Pick, &Claim<'_>) = ($pick, $by);
        let taken: Vec<Claimed> = sqlx::query_as(CLAIM.of($dialect))
            .bind(super::lane(&pick.cloud, &pick.project))
            .bind(pick.count)
            .bind(by.lease)
            .bind(by.until)
            .bind(by.worker)
            .bind(by.now)
            .fetch_all(&mut *$connection)
            .await
            .map_err(of_store)?;
        taken
    }};
}

/// Who takes, and until when.
struct Claim<'a> {
    worker: &'a str,
    lease: Uuid,
    until: i64,
    now: i64,
}

/// The lanes as they are for a connection; the type of the connection differs.
macro_rules! lanes {
    ($connection:expr) => {{
        let ready: Vec<ReadyLane> = sqlx::query_as(READY)
            .fetch_all(&mut *$connection)
            .await
            .map_err(of_store)?;
        let running: Vec<(String, i64)> = if ready.is_empty() {
            Vec::new()
        } else {
            sqlx::query_as(RUNNING)
                .fetch_all(&mut *$connection)
                .await
                .map_err(of_store)?
        };
        join(ready, running)
    }};
}

impl Store {
    /// Claims jobs for `worker` until `lease_ms` from now. `plan` sees the lanes and says what to
    /// take; with `strict` no other claim comes between its look and the taking. Foremost first.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn claim(
        &self,
        worker: &str,
        lease_ms: i64,
        strict: bool,
        plan: impl Fn(&[Lane]) -> Vec<Pick>,
    ) -> Result<Vec<Claimed>> {
        let seen = on_reader!(self, |connection, _dialect| { lanes!(connection) });
        let mut picks = plan(&seen);
        if picks.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.now();
        let by = Claim {
            worker,
            lease: Uuid::now_v7(),
            until: now + lease_ms,
            now,
        };
        let mut claimed = if !strict && picks.len() == 1 {
            // One statement is a transaction of its own, which saves two journeys.
            on_writer!(self, |connection, dialect| {
                take!(connection, dialect, &picks[0], &by)
            })
        } else {
            in_transaction!(self, |connection, dialect| {
                if strict {
                    sqlx::query(LOCK.of(dialect))
                        .execute(&mut *connection)
                        .await
                        .map_err(of_store)?;
                    picks = plan(&lanes!(connection));
                }
                let mut claimed = Vec::new();
                for pick in &picks {
                    claimed.extend(take!(connection, dialect, pick, &by));
                }
                claimed
            })
        };
        claimed.sort_by_key(|job| (-job.priority, job.run_at, job.id));
        for job in &claimed {
            self.ring(super::super::Signal::Changed(job.id));
        }
        Ok(claimed)
    }

    /// What the worker needs to carry out the job.
    ///
    /// # Errors
    ///
    /// `internal` if the key of the store is another than when the job was submitted.
    pub fn payload(&self, job: &Claimed) -> Result<Vec<u8>> {
        self.open_payload(job.id, job.payload.as_deref())
    }

    /// The one-time secrets that earlier attempts were told.
    ///
    /// # Errors
    ///
    /// `internal` if the key of the store is another than when they were stored.
    pub fn secrets_of(&self, job: &Claimed) -> Result<Option<Vec<u8>>> {
        let open = |sealed| self.0.sealer.open(job.id, SECRETS, sealed);
        job.secrets.as_deref().map(open).transpose()
    }
}

impl Claimed {
    /// The right to write to it.
    pub const fn lease(&self) -> Lease {
        Lease {
            job: self.id,
            token: self.lease,
        }
    }
}

fn join(ready: Vec<ReadyLane>, running: Vec<(String, i64)>) -> Vec<Lane> {
    let mut lanes: Vec<(String, Lane)> = Vec::with_capacity(ready.len() + running.len());
    for found in ready {
        let mut lane = named(&found.lane);
        lane.head = found.priority.zip(found.run_at);
        lanes.push((found.lane, lane));
    }
    for (name, count) in running {
        match lanes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, lane)) => lane.running = count,
            None => {
                let mut lane = named(&name);
                lane.running = count;
                lanes.push((name, lane));
            }
        }
    }
    lanes.into_iter().map(|(_, lane)| lane).collect()
}

fn named(name: &str) -> Lane {
    let (cloud, project) = name.split_once(' ').unwrap_or((name, ""));
    Lane {
        cloud: cloud.to_owned(),
        project: project.to_owned(),
        head: None,
        running: 0,
    }
}
