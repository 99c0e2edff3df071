//! Puts many jobs into the queue in one statement: each statement is a journey to a server, or to
//! the thread that has the file.

use cloudfarm_contract::Result;
use serde_json::{Value, json};
use sqlx::{PgConnection, SqliteConnection};

use super::super::error::of_commit;
use super::lane;
use super::submit::NewJob;

macro_rules! insert_all {
    ($these:literal, $rest:literal) => {
        concat!(
            "\
INSERT INTO jobs (id, action, project, cloud, lane, resource_kind, resource_id, state, priority,
    run_at, attempt_max, timeout_ms, request_id, params, payload, unique_key, created_at, updated_at)
SELECT ",
            $these,
            $rest
        )
    };
}

macro_rules! insert_all_on_postgres {
    ($rest:literal) => {
        insert_all!(
            "*, $17, $17 FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
    $6::text[], $7::text[], $8::text[], $9::int[], $10::bigint[], $11::int[], $12::bigint[],
    $13::text[], $14::text[], $15::bytea[], $16::text[])",
            $rest
        )
    };
}

const INSERT_ALL_ON_POSTGRES: &str = insert_all_on_postgres!("");

/// Looks for each key first, which takes its time.
const INSERT_OTHERS_ON_POSTGRES: &str =
    insert_all_on_postgres!(" ON CONFLICT (unique_key) WHERE unique_key IS NOT NULL DO NOTHING");

/// SQLite has no arrays; $1 is one in JSON, with bytes in hexadecimal. The condition is there for
/// its grammar: without one, ON would belong to FROM.
const INSERT_ALL_ON_SQLITE: &str = insert_all!(
    "unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
    value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12,
    value ->> 13, unhex(value ->> 14), value ->> 15, $2, $2 FROM json_each($1) WHERE TRUE",
    " ON CONFLICT (unique_key) DO NOTHING"
);

/// A connection on which jobs can be stored.
pub(super) trait InsertAll {
    /// Stores `jobs`, but those of whose key there is one. `sealed` are their payloads.
    async fn insert_all(&mut self, jobs: &[NewJob], sealed: &[Vec<u8>], now: i64) -> Result<()>;
}

impl InsertAll for PgConnection {
    async fn insert_all(&mut self, jobs: &[NewJob], sealed: &[Vec<u8>], now: i64) -> Result<()> {
        fn column<'a, T>(jobs: &'a [NewJob], of: impl Fn(&'a NewJob) -> T) -> Vec<T> {
            jobs.iter().map(of).collect()
        }
        let insert = match jobs.iter().any(|job| job.unique_key.is_some()) {
            true => INSERT_OTHERS_ON_POSTGRES,
            false => INSERT_ALL_ON_POSTGRES,
        };
        sqlx::query(insert)
            .bind(column(jobs, |job| job.id))
            .bind(column(jobs, |job| job.action.as_str()))
            .bind(column(jobs, |job| job.project.as_str()))
            .bind(column(jobs, |job| job.cloud.as_str()))
            .bind(column(jobs, |job| lane(&job.cloud, &job.project)))
            .bind(column(jobs, |job| job.resource_kind.as_str()))
            .bind(column(jobs, |job| job.resource_id.as_deref()))
            .bind(column(jobs, |job| job.first_state(now).as_str()))
            .bind(column(jobs, |job| job.priority))
            .bind(column(jobs, |job| job.run_at.unwrap_or(now)))
            .bind(column(jobs, |job| job.attempt_max))
            .bind(column(jobs, |job| job.timeout_ms))
            .bind(column(jobs, |job| job.request_id.as_str()))
            .bind(column(jobs, |job| job.params.as_str()))
            .bind(sealed)
            .bind(column(jobs, |job| job.unique_key.as_deref()))
            .bind(now)
            .execute(self)
            .await
            .map(drop)
            .map_err(of_commit)
    }
}

impl InsertAll for SqliteConnection {
    async fn insert_all(&mut self, jobs: &[NewJob], sealed: &[Vec<u8>], now: i64) -> Result<()> {
        let rows: Vec<Value> = jobs
            .iter()
            .zip(sealed)
            .map(|(job, sealed)| {
                json!([
                    job.id.simple(),
                    job.action,
                    job.project,
                    job.cloud,
                    lane(&job.cloud, &job.project),
                    job.resource_kind,
                    job.resource_id,
                    job.first_state(now).as_str(),
                    job.priority,
                    job.run_at.unwrap_or(now),
                    job.attempt_max,
                    job.timeout_ms,
                    job.request_id,
                    job.params,
                    hex::encode(sealed),
                    job.unique_key,
                ])
            })
            .collect();
        sqlx::query(INSERT_ALL_ON_SQLITE)
            .bind(Value::from(rows).to_string())
            .bind(now)
            .execute(self)
            .await
            .map(drop)
            .map_err(of_commit)
    }
}
