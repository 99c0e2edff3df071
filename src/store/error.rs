//! What the store's errors mean to those who use it.

use std::time::Duration;

use cloudfarm_contract::{Error, Retry, SideEffect};
use sqlx::error::DatabaseError;

/// When a client may ask again: a store that restarts is back in seconds.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The error as clients may see it. What the database said goes to the log only.
pub(super) fn of_store(error: sqlx::Error) -> Error {
    let meant = match &error {
        sqlx::Error::Database(said) => of_database(said.as_ref()),
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_) => unavailable("the store cannot be reached"),
        _ => Error::internal("the store failed"),
    };
    meant.with_internal(error)
}

/// The same for the one connection that writes to a file: whoever holds it for so long waits for
/// the lock of another process, or for a slow disk.
pub(super) fn of_writer(error: sqlx::Error) -> Error {
    if matches!(error, sqlx::Error::PoolTimedOut) {
        return unavailable("the file of the store is busy, or locked by another process")
            .with_internal(error);
    }
    of_store(error)
}

/// The same for a commit: when the answer to it is lost, nobody knows whether it was done.
pub(super) fn of_commit(error: sqlx::Error) -> Error {
    let is_refused = matches!(error, sqlx::Error::Database(_));
    let error = of_store(error);
    if is_refused {
        error
    } else {
        error.with_side_effect(SideEffect::Possible)
    }
}

fn of_database(said: &dyn DatabaseError) -> Error {
    let code = said.code().unwrap_or_default();
    match code.parse::<u32>() {
        Ok(code) if code != 0 && code < 10_000 => of_sqlite(code),
        _ => of_postgres(&code),
    }
}

/// Extended result codes hold the primary one in their low byte.
fn of_sqlite(code: u32) -> Error {
    match code & 0xff {
        5 | 6 => unavailable("the file of the store is locked by another process"),
        8 => unavailable("the file of the store cannot be written"),
        10 => unavailable("the file of the store cannot be read or written"),
        11 | 26 => Error::internal("the file of the store is damaged or no database")
            .with_side_effect(SideEffect::None),
        13 => unavailable("the disk of the store is full"),
        14 => unavailable("the file of the store cannot be opened"),
        _ => Error::internal("the store failed"),
    }
}

/// By the class of the SQLSTATE.
fn of_postgres(code: &str) -> Error {
    match code {
        "53100" => unavailable("the disk of the store is full"),
        "53300" => unavailable("the store has no connection to spare"),
        "25006" => unavailable("the store cannot be written: it is read-only"),
        "40001" | "40P01" | "55P03" => unavailable("the store is busy"),
        _ if code.starts_with("08") || code.starts_with("53") || code.starts_with("57P") => {
            unavailable("the store cannot be reached")
        }
        _ if code.starts_with("28") => {
            Error::provider_auth("the store refused the name or password in store.url")
                .with_field("store.url")
        }
        _ => Error::internal("the store failed"),
    }
}

fn unavailable(message: &'static str) -> Error {
    Error::unavailable(message).with_retry(Retry::After(RETRY_AFTER))
}
