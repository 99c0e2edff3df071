//! What is begun again and again: when it is due, and that each time makes one job.

use cloudfarm_contract::{Error, Result};
use sqlx::FromRow;
use uuid::Uuid;

use super::Store;
use super::error::of_store;

/// What an action with its secrets is sealed for.
const ACTION: &str = "schedule";

/// A schedule without what is sealed.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ScheduleRow {
    /// Orders schedules by the time they were made.
    pub id: Uuid,
    /// Whose it is.
    pub project: String,
    /// What it is called; another one for each of a project.
    pub name: String,
    /// When it is due, as a cron expression.
    pub cron: String,
    /// By the clocks of this time zone.
    pub time_zone: String,
    /// Whether it is begun at all.
    pub enabled: bool,
    /// What is begun, as JSON with secrets masked.
    pub action: String,
    /// When it is due next; `None` while it is not enabled.
    pub next_run: Option<i64>,
    /// The time that the last run was for.
    pub last_run: Option<i64>,
    /// The job of the last run.
    pub last_job: Option<Uuid>,
    /// When it was made.
    pub created_at: i64,
    /// When it was last changed by somebody.
    pub updated_at: i64,
}

/// What a client says of a schedule.
#[derive(Debug, Clone)]
pub struct NewSchedule {
    /// Orders schedules by the time they were made.
    pub id: Uuid,
    /// Whose it is.
    pub project: String,
    /// What it is called.
    pub name: String,
    /// When it is due.
    pub cron: String,
    /// By the clocks of this time zone.
    pub time_zone: String,
    /// What is begun, as JSON with secrets masked.
    pub action: String,
    /// The same with its secrets in clear; it is sealed before it is stored.
    pub payload: Vec<u8>,
    /// When it is due next; `None` if it is not enabled.
    pub next_run: Option<i64>,
}

/// A time of a schedule that has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// Of which schedule.
    pub schedule: Uuid,
    /// The time.
    pub at: i64,
    /// When it is due after that.
    pub next: i64,
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, project, name, cron, time_zone, enabled, action, next_run, last_run, ",
            "last_job, created_at, updated_at FROM schedules ",
            $rest
        )
    };
}

const INSERT: &str = "\
INSERT INTO schedules (id, project, name, cron, time_zone, enabled, action, payload, next_run,
    created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) ON CONFLICT (project, name) DO NOTHING";

const UPDATE: &str = "\
UPDATE schedules SET name = $3, cron = $4, time_zone = $5, enabled = $6, action = $7, payload = $8,
    next_run = $9, updated_at = $10
WHERE id = $1 AND updated_at = $2";

const TAKEN: &str = "\
SELECT count(*) FROM schedules WHERE project = $1 AND name = $2 AND id <> $3";

const DUE: &str =
    columns!("WHERE next_run IS NOT NULL AND next_run <= $1 ORDER BY next_run LIMIT $2");

/// So many are begun in one go at most.
const BATCH: i64 = 100;

impl Store {
    /// Keeps a schedule.
    ///
    /// # Errors
    ///
    /// `conflict` if the project has one of this name; `unavailable` with the reason.
    pub async fn add_schedule(&self, new: &NewSchedule) -> Result<()> {
        let sealed = self.0.sealer.seal(new.id, ACTION, &new.payload)?;
        let now = self.now();
        let added = on_writer!(self, |connection, _dialect| {
            sqlx::query(INSERT)
                .bind(new.id)
                .bind(&new.project)
                .bind(&new.name)
                .bind(&new.cron)
                .bind(&new.time_zone)
                .bind(new.next_run.is_some())
                .bind(&new.action)
                .bind(sealed)
                .bind(new.next_run)
                .bind(now)
                .execute(connection)
                .await
                .map_err(of_store)?
                .rows_affected()
        });
        match added {
            0 => Err(name_taken(&new.name)),
            _ => Ok(()),
        }
    }

    /// Writes what is other now of a schedule that is as it was at `updated_at`.
    ///
    /// # Errors
    ///
    /// `conflict` if somebody else changed it, or if another one has its name; `unavailable` with
    /// the reason.
    pub async fn change_schedule(&self, changed: &NewSchedule, updated_at: i64) -> Result<()> {
        let sealed = self.0.sealer.seal(changed.id, ACTION, &changed.payload)?;
        // Two changes in one millisecond are still two.
        let now = self.now().max(updated_at + 1);
        let written = in_transaction!(self, |connection, _dialect| {
            let taken: i64 = sqlx::query_scalar(TAKEN)
                .bind(&changed.project)
                .bind(&changed.name)
                .bind(changed.id)
                .fetch_one(&mut *connection)
                .await
                .map_err(of_store)?;
            if taken > 0 {
                return Err(name_taken(&changed.name));
            }
            sqlx::query(UPDATE)
                .bind(changed.id)
                .bind(updated_at)
                .bind(&changed.name)
                .bind(&changed.cron)
                .bind(&changed.time_zone)
                .bind(changed.next_run.is_some())
                .bind(&changed.action)
                .bind(sealed)
                .bind(changed.next_run)
                .bind(now)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?
                .rows_affected()
        });
        match written {
            0 => Err(Error::conflict(format!(
                "schedule {:?} was changed or deleted by somebody else",
                changed.name
            ))
            .with_hint("look at it again")),
            _ => Ok(()),
        }
    }

    /// The schedules of a project, by name.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn schedules(
        &self,
        project: &str,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<ScheduleRow>> {
        const LIST: &str =
            columns!("WHERE project = $1 AND ($2 IS NULL OR name > $2) ORDER BY name LIMIT $3");
        Ok(on_reader!(self, |connection, _dialect| {
            sqlx::query_as(LIST)
                .bind(project)
                .bind(after)
                .bind(limit)
                .fetch_all(connection)
                .await
                .map_err(of_store)?
        }))
    }

    /// The schedule of a project with this name, or this id.
    ///
    /// # Errors
    ///
    /// `not_found`; `unavailable` with the reason.
    pub async fn schedule(&self, project: &str, reference: &str) -> Result<ScheduleRow> {
        const FIND: &str = columns!("WHERE project = $1 AND (name = $2 OR id = $3)");
        let id = reference.parse::<Uuid>().unwrap_or_default();
        let found: Option<ScheduleRow> = on_reader!(self, |connection, _dialect| {
            sqlx::query_as(FIND)
                .bind(project)
                .bind(reference)
                .bind(id)
                .fetch_optional(connection)
                .await
                .map_err(of_store)?
        });
        found.ok_or_else(|| no_schedule(reference))
    }

    /// What a schedule begins, with its secrets in clear.
    ///
    /// # Errors
    ///
    /// `not_found`; `internal` if the key of the store is another than when it was kept;
    /// `unavailable` with the reason.
    pub async fn scheduled_action(&self, id: Uuid) -> Result<Vec<u8>> {
        let sealed: Option<Vec<u8>> = on_reader!(self, |connection, _dialect| {
            sqlx::query_scalar("SELECT payload FROM schedules WHERE id = $1")
                .bind(id)
                .fetch_optional(connection)
                .await
                .map_err(of_store)?
        });
        let sealed = sealed.ok_or_else(|| no_schedule(&id.to_string()))?;
        self.0.sealer.open(id, ACTION, &sealed)
    }

    /// Forgets a schedule; what it began goes on.
    ///
    /// # Errors
    ///
    /// `not_found`; `unavailable` with the reason.
    pub async fn delete_schedule(&self, id: Uuid) -> Result<()> {
        let deleted = on_writer!(self, |connection, _dialect| {
            sqlx::query("DELETE FROM schedules WHERE id = $1")
                .bind(id)
                .execute(connection)
                .await
                .map_err(of_store)?
                .rows_affected()
        });
        match deleted {
            0 => Err(no_schedule(&id.to_string())),
            _ => Ok(()),
        }
    }

    /// The schedules that are due at `now`.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn due_schedules(&self, now: i64) -> Result<Vec<ScheduleRow>> {
        Ok(on_reader!(self, |connection, _dialect| {
            sqlx::query_as(DUE)
                .bind(now)
                .bind(BATCH)
                .fetch_all(connection)
                .await
                .map_err(of_store)?
        }))
    }
}

fn no_schedule(reference: &str) -> Error {
    Error::not_found(format!("there is no schedule {reference:?}"))
}

fn name_taken(name: &str) -> Error {
    Error::conflict(format!("there is a schedule {name:?} already"))
        .with_hint("take another name, or change that one")
}
