//! Jobs: their kinds without an engine, and real processes that carry them out.
#![expect(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

#[path = "../common/database.rs"]
#[expect(
    clippy::expect_used,
    unreachable_pub,
    reason = "shared with other tests"
)]
mod database;
#[path = "../common/postgres.rs"]
#[expect(
    clippy::expect_used,
    unreachable_pub,
    reason = "shared with other tests"
)]
mod postgres_server;

mod census;
mod crashes;
mod faults;
mod lab;
mod leases;
mod notifiers;
mod operations;
mod payloads;
mod place;
mod poison;
mod processes;
#[path = "../common/receiver.rs"]
#[expect(
    clippy::expect_used,
    dead_code,
    unreachable_pub,
    reason = "shared with other tests"
)]
mod receiver;
mod requests;
mod samples;
mod scenes;
mod schedules;
mod store_faults;
mod waits;
mod watch;
