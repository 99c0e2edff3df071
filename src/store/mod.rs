//! What has to outlive the process: SQLite by default, PostgreSQL where several machines share it.
//!
//! Both speak the same statements where they can; where they cannot, a `Sql` has one static text
//! for each. Nothing outside of this module knows SQL. Times are milliseconds since 1970 in UTC.

#[macro_use]
mod dialect;
mod accounted;
mod clock;
mod error;
mod jobs;
mod leases;
mod migrate;
mod open;
mod outbox;
mod postgres;
mod schedules;
mod seal;
mod signals;
mod sqlite;

use std::sync::Arc;

use cloudfarm_contract::Result;

pub use accounted::{Accounted, Maker};
pub use jobs::{
    Cancelled, Claimed, Ending, Expired, Idempotency, JobFilter, JobNote, JobRow, Lane, Lease,
    NewJob, OpenCount, Pick, RowState, Submitted, SubmittedAll,
};
pub use leases::{EndOfLease, LeaseCount, LeaseFilter, LeaseRow};
pub use migrate::SCHEMA_VERSION;
pub use open::StoreOptions;
pub use outbox::{Delivery, NotifierRow, Wanted};
pub use schedules::{NewSchedule, ScheduleRow, Tick};
pub use signals::{Bell, Signal, Watcher};

use clock::Clock;
use seal::Sealer;

/// The store of this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    database: Database,
    sealer: Sealer,
    clock: Clock,
    bell: Arc<Bell>,
    no_leases: leases::Absence,
}

#[derive(Debug)]
enum Database {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Store {
    /// Milliseconds since 1970, by the clock of the store: leases are compared between machines
    /// whose own clocks differ.
    pub fn now(&self) -> i64 {
        self.0.clock.now()
    }

    /// What tells of changes, by this process and, on PostgreSQL, by the others.
    pub fn bell(&self) -> &Arc<Bell> {
        &self.0.bell
    }

    /// The name of what stores: `sqlite` or `postgresql`.
    pub fn backend(&self) -> &'static str {
        match &self.0.database {
            Database::Sqlite(_) => "sqlite",
            Database::Postgres(_) => "postgresql",
        }
    }

    /// Whether it can be read and written.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn check(&self) -> Result<()> {
        // SQLite leaves out the writing of what is as it was, and a full disk would not be seen.
        let now = self.now().to_string();
        on_writer!(self, |connection, _dialect| {
            // A row of its own, so that the check waits for no job's lock.
            sqlx::query("UPDATE meta SET value = $1 WHERE name = 'check'")
                .bind(now)
                .execute(connection)
                .await
                .map(drop)
                .map_err(error::of_store)
        })
    }

    /// Reads the clock of the store anew.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn adjust_clock(&self) -> Result<()> {
        if let Database::Postgres(database) = &self.0.database {
            let theirs = database.read_clock().await?;
            self.0.clock.adjust(theirs);
        }
        Ok(())
    }

    fn ring(&self, signal: Signal) {
        self.0.bell.ring(signal);
        if let Database::Postgres(database) = &self.0.database {
            database.tell_others(signal);
        }
    }
}
