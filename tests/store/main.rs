//! The store: one suite, on SQLite and on PostgreSQL.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test ends where its ground gives way"
)]

#[path = "../common/database.rs"]
#[expect(unreachable_pub, reason = "shared with other tests")]
mod database;
#[path = "../common/postgres.rs"]
#[expect(unreachable_pub, reason = "shared with other tests")]
mod postgres_server;

mod ground;

mod batches;
mod claims;
mod faults;
mod fencing;
mod idempotency;
mod leases;
mod life;
mod opening;
mod outbox;
mod property;
mod schedules;
