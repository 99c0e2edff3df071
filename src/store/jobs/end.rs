//! Ends attempts, many in one commit where many end at once.

use cloudfarm_contract::Result;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::error::of_commit;
use super::super::postgres::Postgres;
use super::super::sqlite::Sqlite;
use super::super::{Database, Signal, Store};
use super::RowState;
use super::fenced::{Ending, Lease};

const END: &str = "\
UPDATE jobs SET state = $3, run_at = COALESCE($4, run_at), attempt = attempt - $5,
    steps = steps || $6, error = $7, result = $8, secrets = COALESCE($9, secrets),
    resource_id = COALESCE($10, resource_id), ended_at = $11, updated_at = $12,
    payload = CASE WHEN $13 THEN NULL ELSE payload END,
    lease = NULL, lease_until = NULL, worker = NULL
WHERE id = $1 AND lease = $2 AND ($14 IS NULL OR lease_until < $14)";

macro_rules! end_all {
    ($these:literal, $now:literal, $only:literal) => {
        concat!(
            "WITH ended (id, lease, state, run_at, uncounted, step, error, result, secrets, resource_id) AS (",
            $these,
            ")
UPDATE jobs SET state = ended.state, run_at = COALESCE(ended.run_at, jobs.run_at),
    attempt = jobs.attempt - ended.uncounted, steps = jobs.steps || ended.step,
    error = ended.error, result = ended.result,
    secrets = COALESCE(ended.secrets, jobs.secrets),
    resource_id = COALESCE(ended.resource_id, jobs.resource_id),
    ended_at = CASE WHEN ended.state IN ('finished', 'error', 'cancelled') THEN ",
            $now,
            " END,
    payload = CASE WHEN ended.state = 'finished' THEN NULL ELSE jobs.payload END,
    lease = NULL, lease_until = NULL, worker = NULL, updated_at = ",
            $now,
            "
FROM ended WHERE jobs.id = ended.id AND jobs.lease = ended.lease",
            $only,
            " RETURNING jobs.id"
        )
    };
}

/// The same for many. Given the ids twice, PostgreSQL looks for them in the index, however few jobs
/// it takes the table to have.
const END_ALL_ON_POSTGRES: &str = end_all!(
    "SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::int[], $6::text[],
        $7::text[], $8::text[], $9::bytea[], $10::text[])",
    "$11",
    " AND jobs.id = ANY($1)"
);

/// SQLite has no arrays; $1 is one in JSON, with bytes in hexadecimal.
const END_ALL_ON_SQLITE: &str = end_all!(
    "SELECT unhex(value ->> 0), unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5,
        value ->> 6, value ->> 7, unhex(value ->> 8), value ->> 9 FROM json_each($1)",
    "$2",
    ""
);

/// An ending as it is stored, its secrets sealed.
type Sealed<'a> = (Lease, &'a Ending, Option<Vec<u8>>);

impl Store {
    /// Ends an attempt and gives up the lease; with `expired_at`, only if it had run out by then.
    /// Gives whether the lease still held.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn end(
        &self,
        lease: Lease,
        ending: &Ending,
        expired_at: Option<i64>,
    ) -> Result<bool> {
        let secrets = self.seal_secrets(lease, ending.secrets.as_deref())?;
        let written = self.end_one(&(lease, ending, secrets), expired_at).await?;
        self.ring_ended(lease, ending, written);
        Ok(written)
    }

    /// Ends all of these attempts and gives up their leases, or none. Gives for each whether its
    /// lease still held.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn end_all(&self, endings: &[(Lease, Ending)]) -> Result<Vec<bool>> {
        let sealed = endings
            .iter()
            .map(|(lease, ending)| {
                let secrets = self.seal_secrets(*lease, ending.secrets.as_deref())?;
                Ok((*lease, ending, secrets))
            })
            .collect::<Result<Vec<Sealed<'_>>>>()?;
        let written = match (&self.0.database, sealed.as_slice()) {
            (_, [only]) => vec![self.end_one(only, None).await?],
            (Database::Postgres(database), all) => {
                end_on_postgres(database, all, self.now()).await?
            }
            (Database::Sqlite(database), all) => end_on_sqlite(database, all, self.now()).await?,
        };
        for ((lease, ending), written) in endings.iter().zip(&written) {
            self.ring_ended(*lease, ending, *written);
        }
        Ok(written)
    }

    /// One statement is a transaction of its own.
    async fn end_one(&self, of: &Sealed<'_>, expired_at: Option<i64>) -> Result<bool> {
        let (lease, ending, secrets) = of;
        let now = self.now();
        let ended_at = ending.state.has_ended().then_some(now);
        let changed = on_writer!(self, |connection, _dialect| {
            sqlx::query(END)
                .bind(lease.job)
                .bind(lease.token)
                .bind(ending.state.as_str())
                .bind(ending.run_at)
                .bind(i32::from(ending.uncounted))
                .bind(&ending.step)
                .bind(&ending.error)
                .bind(&ending.result)
                .bind(secrets)
                .bind(&ending.resource_id)
                .bind(ended_at)
                .bind(now)
                .bind(ending.state == RowState::Finished)
                .bind(expired_at)
                .execute(connection)
                .await
                .map_err(of_commit)?
                .rows_affected()
        });
        Ok(changed == 1)
    }

    fn ring_ended(&self, lease: Lease, ending: &Ending, written: bool) {
        if !written {
            return;
        }
        self.ring(Signal::Changed(lease.job));
        if ending.state == RowState::Ready {
            self.ring(Signal::Ready);
        }
    }
}

async fn end_on_postgres(
    database: &Postgres,
    endings: &[Sealed<'_>],
    now: i64,
) -> Result<Vec<bool>> {
    fn column<T>(endings: &[Sealed<'_>], of: impl Fn(&Sealed<'_>) -> T) -> Vec<T> {
        endings.iter().map(of).collect()
    }
    let mut connection = database.connection().await?;
    let written: Vec<Uuid> = sqlx::query_scalar(END_ALL_ON_POSTGRES)
        .bind(column(endings, |(lease, ..)| lease.job))
        .bind(column(endings, |(lease, ..)| lease.token))
        .bind(column(endings, |(_, ending, _)| ending.state.as_str()))
        .bind(column(endings, |(_, ending, _)| ending.run_at))
        .bind(column(endings, |(_, ending, _)| {
            i32::from(ending.uncounted)
        }))
        .bind(column(endings, |(_, ending, _)| ending.step.clone()))
        .bind(column(endings, |(_, ending, _)| ending.error.clone()))
        .bind(column(endings, |(_, ending, _)| ending.result.clone()))
        .bind(column(endings, |(_, _, secrets)| secrets.clone()))
        .bind(column(endings, |(_, ending, _)| ending.resource_id.clone()))
        .bind(now)
        .fetch_all(&mut *connection)
        .await
        .map_err(of_commit)?;
    Ok(column(endings, |(lease, ..)| written.contains(&lease.job)))
}

async fn end_on_sqlite(database: &Sqlite, endings: &[Sealed<'_>], now: i64) -> Result<Vec<bool>> {
    let rows: Vec<Value> = endings
        .iter()
        .map(|(lease, ending, secrets)| {
            json!([
                lease.job.simple(),
                lease.token.simple(),
                ending.state.as_str(),
                ending.run_at,
                i32::from(ending.uncounted),
                ending.step,
                ending.error,
                ending.result,
                secrets.as_deref().map(hex::encode),
                ending.resource_id,
            ])
        })
        .collect();
    let mut connection = database.writer().await?;
    let written: Vec<Uuid> = sqlx::query_scalar(END_ALL_ON_SQLITE)
        .bind(Value::from(rows).to_string())
        .bind(now)
        .fetch_all(&mut *connection)
        .await
        .map_err(of_commit)?;
    Ok(endings
        .iter()
        .map(|(lease, ..)| written.contains(&lease.job))
        .collect())
}
