//! Puts many jobs into the queue in one statement, where each statement is a journey.

use cloudfarm_contract::Result;

use super::super::Store;
use super::super::error::of_commit;
use super::super::postgres::Postgres;
use super::submit::NewJob;
use super::{PAYLOAD, RowState, lane};

macro_rules! insert_all {
    ($rest:literal) => {
        concat!(
            "\
INSERT INTO jobs (id, action, project, cloud, lane, resource_kind, resource_id, state, priority,
    run_at, attempt_max, timeout_ms, request_id, params, payload, unique_key, created_at, updated_at)
SELECT *, $17, $17 FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
    $6::text[], $7::text[], $8::text[], $9::int[], $10::bigint[], $11::int[], $12::bigint[],
    $13::text[], $14::text[], $15::bytea[], $16::text[])",
            $rest
        )
    };
}

const INSERT_ALL: &str = insert_all!("");

/// Looks for each key first, which takes its time.
const INSERT_OTHERS: &str = insert_all!(" ON CONFLICT (unique_key) DO NOTHING");

impl Store {
    pub(super) async fn insert_all(
        &self,
        database: &Postgres,
        jobs: &[NewJob],
        now: i64,
    ) -> Result<()> {
        fn column<'a, T>(jobs: &'a [NewJob], of: impl Fn(&'a NewJob) -> T) -> Vec<T> {
            jobs.iter().map(of).collect()
        }
        let sealed = jobs
            .iter()
            .map(|job| self.0.sealer.seal(job.id, PAYLOAD, &job.payload))
            .collect::<Result<Vec<_>>>()?;
        let state = |job: &NewJob| match job.is_ready(now) {
            true => RowState::Ready.as_str(),
            false => RowState::Delayed.as_str(),
        };
        let insert = match jobs.iter().any(|job| job.unique_key.is_some()) {
            true => INSERT_OTHERS,
            false => INSERT_ALL,
        };
        let mut connection = database.connection().await?;
        sqlx::query(insert)
            .bind(column(jobs, |job| job.id))
            .bind(column(jobs, |job| job.action.as_str()))
            .bind(column(jobs, |job| job.project.as_str()))
            .bind(column(jobs, |job| job.cloud.as_str()))
            .bind(column(jobs, |job| lane(&job.cloud, &job.project)))
            .bind(column(jobs, |job| job.resource_kind.as_str()))
            .bind(column(jobs, |job| job.resource_id.as_deref()))
            .bind(column(jobs, state))
            .bind(column(jobs, |job| job.priority))
            .bind(column(jobs, |job| job.run_at.unwrap_or(now)))
            .bind(column(jobs, |job| job.attempt_max))
            .bind(column(jobs, |job| job.timeout_ms))
            .bind(column(jobs, |job| job.request_id.as_str()))
            .bind(column(jobs, |job| job.params.as_str()))
            .bind(sealed)
            .bind(column(jobs, |job| job.unique_key.as_deref()))
            .bind(now)
            .execute(&mut *connection)
            .await
            .map(drop)
            .map_err(of_commit)
    }
}
