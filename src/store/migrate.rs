//! Brings the tables up to date; forward only.

use cloudfarm_contract::{Error, Result};

use super::Store;
use super::dialect::{Dialect, Sql};
use super::error::of_store;

/// Each step, once and for all: what was released is never edited.
const STEPS: &[Sql] = &[
    Sql {
        sqlite: include_str!("migrations/sqlite/0001_jobs.sql"),
        postgres: include_str!("migrations/postgres/0001_jobs.sql"),
    },
    Sql {
        sqlite: include_str!("migrations/sqlite/0002_accounted.sql"),
        postgres: include_str!("migrations/postgres/0002_accounted.sql"),
    },
    Sql {
        sqlite: include_str!("migrations/sqlite/0003_schedules.sql"),
        postgres: include_str!("migrations/postgres/0003_schedules.sql"),
    },
    Sql {
        sqlite: include_str!("migrations/sqlite/0004_leases.sql"),
        postgres: include_str!("migrations/postgres/0004_leases.sql"),
    },
    Sql {
        sqlite: include_str!("migrations/sqlite/0005_notifiers.sql"),
        postgres: include_str!("migrations/postgres/0005_notifiers.sql"),
    },
    Sql {
        sqlite: include_str!("migrations/sqlite/0006_speed.sql"),
        postgres: include_str!("migrations/postgres/0006_speed.sql"),
    },
];

/// The version of the tables that this program knows.
pub const SCHEMA_VERSION: i64 = STEPS.len() as i64;

/// One at a time, however many processes start: the lock goes with the transaction.
const LOCK: Sql = Sql {
    sqlite: "SELECT 1",
    postgres: "SELECT 1 FROM pg_advisory_xact_lock(7164726001)",
};

const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)";

pub(super) async fn run(store: &Store) -> Result<()> {
    in_transaction!(store, |connection, dialect| {
        sqlx::query(LOCK.of(dialect))
            .execute(&mut *connection)
            .await
            .map_err(of_store)?;
        sqlx::query(VERSIONS)
            .execute(&mut *connection)
            .await
            .map_err(of_store)?;
        let version: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM schema_version")
            .fetch_one(&mut *connection)
            .await
            .map_err(of_store)?;
        for (version, step) in missing(version.unwrap_or_default(), dialect)? {
            sqlx::raw_sql(step)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?;
            sqlx::query("INSERT INTO schema_version (version, applied_at) VALUES ($1, $2)")
                .bind(version)
                .bind(store.now())
                .execute(&mut *connection)
                .await
                .map_err(of_store)?;
        }
    });
    Ok(())
}

/// The steps after `version`.
fn missing(version: i64, dialect: Dialect) -> Result<Vec<(i64, &'static str)>> {
    if version > SCHEMA_VERSION {
        return Err(Error::conflict(format!(
            "the store has schema {version}, and this program knows {SCHEMA_VERSION} at most"
        ))
        .with_hint("start the newer cloudfarm that changed it"));
    }
    let steps = STEPS.iter().map(|step| step.of(dialect));
    Ok((1..)
        .zip(steps)
        .filter(|(number, _)| *number > version)
        .collect())
}
