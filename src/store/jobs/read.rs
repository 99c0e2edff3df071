//! Looks at jobs.

use cloudfarm_contract::{Error, Result};
use uuid::Uuid;

use super::super::Store;
use super::super::error::of_store;
use super::{JobRow, SECRETS};

/// Which jobs are wanted.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// In this state; `pending` stands for `delayed` and `ready`.
    pub state: Option<&'static str>,
    /// On this cloud.
    pub cloud: Option<String>,
    /// Of this action.
    pub action: Option<String>,
    /// About the thing of this id.
    pub resource: Option<String>,
    /// Of this project.
    pub project: Option<String>,
    /// Asked for before this one.
    pub before: Option<Uuid>,
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, action, project, cloud, resource_kind, resource_id, state, priority, ",
            "run_at, attempt, attempt_max, cancel_requested, request_id, params, steps, made, ",
            "error, result, secrets IS NOT NULL AS has_secrets, created_at, updated_at, ended_at ",
            "FROM jobs ",
            $rest
        )
    };
}

const GET: &str = columns!("WHERE id = $1");

const LIST: &str = columns!(
    "WHERE ($1 IS NULL OR state = $1 OR ($1 = 'pending' AND state IN ('delayed', 'ready')))
        AND ($2 IS NULL OR cloud = $2)
        AND ($3 IS NULL OR action = $3)
        AND ($4 IS NULL OR resource_id = $4)
        AND ($5 IS NULL OR project = $5)
        AND ($6 IS NULL OR id < $6)
    ORDER BY id DESC LIMIT $7"
);

impl Store {
    /// The job of this id.
    ///
    /// # Errors
    ///
    /// `not_found`; `unavailable` with the reason.
    pub async fn get(&self, id: Uuid) -> Result<JobRow> {
        let found: Option<JobRow> = on_reader!(self, |connection, _dialect| {
            sqlx::query_as(GET)
                .bind(id)
                .fetch_optional(connection)
                .await
                .map_err(of_store)?
        });
        found.ok_or_else(|| no_job(id))
    }

    /// The newest jobs that match, newest first.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn list(&self, filter: &JobFilter, limit: i64) -> Result<Vec<JobRow>> {
        Ok(on_reader!(self, |connection, _dialect| {
            sqlx::query_as(LIST)
                .bind(filter.state)
                .bind(&filter.cloud)
                .bind(&filter.action)
                .bind(&filter.resource)
                .bind(&filter.project)
                .bind(filter.before)
                .bind(limit)
                .fetch_all(connection)
                .await
                .map_err(of_store)?
        }))
    }

    /// The one-time secrets of a job, which are wiped with this; `None` if they were handed over
    /// before.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn take_secrets(&self, id: Uuid) -> Result<Option<Vec<u8>>> {
        let sealed: Option<Vec<u8>> = in_transaction!(self, |connection, _dialect| {
            // The update holds the row: of two who ask at the same time one finds nothing.
            sqlx::query("UPDATE jobs SET updated_at = updated_at WHERE id = $1")
                .bind(id)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?;
            let sealed: Option<Option<Vec<u8>>> =
                sqlx::query_scalar("SELECT secrets FROM jobs WHERE id = $1")
                    .bind(id)
                    .fetch_optional(&mut *connection)
                    .await
                    .map_err(of_store)?;
            sqlx::query("UPDATE jobs SET secrets = NULL WHERE id = $1")
                .bind(id)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?;
            sealed.flatten()
        });
        sealed
            .map(|sealed| self.0.sealer.open(id, SECRETS, &sealed))
            .transpose()
    }
}

pub(super) fn no_job(id: Uuid) -> Error {
    Error::not_found(format!("there is no job {id}"))
}
