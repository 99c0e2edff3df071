//! Calls jobs off, and begins them again.

use cloudfarm_contract::{Error, Result};
use uuid::Uuid;

use super::super::error::of_store;
use super::super::{Signal, Store};

/// What became of a wish to call a job off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// It had not begun and never will.
    AtOnce,
    /// It was begun; its worker ends it and undoes what it can.
    Asked,
}

const CANCEL_WAITING: &str = "\
UPDATE jobs SET state = 'cancelled', cancel_requested = TRUE, ended_at = $2, updated_at = $2
WHERE id = $1 AND state IN ('delayed', 'ready') AND attempt = 0";

/// One that waits for its next attempt may have made something: a worker has to look.
const CANCEL_BEGUN: &str = "\
UPDATE jobs SET cancel_requested = TRUE, updated_at = $2,
    state = CASE WHEN state = 'delayed' THEN 'ready' ELSE state END
WHERE id = $1 AND state IN ('delayed', 'ready', 'running')";

const RETRY: &str = "\
UPDATE jobs SET state = 'ready', run_at = $2, attempt_max = attempt + $3, cancel_requested = FALSE,
    error = NULL, ended_at = NULL, updated_at = $2
WHERE id = $1 AND state IN ('error', 'cancelled') AND payload IS NOT NULL";

impl Store {
    /// Calls a job off.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` if it has ended; `unavailable` with the reason.
    pub async fn cancel(&self, id: Uuid) -> Result<Cancelled> {
        let now = self.now();
        let change = async |sql: &'static str| -> Result<bool> {
            Ok(on_writer!(self, |connection, _dialect| {
                sqlx::query(sql)
                    .bind(id)
                    .bind(now)
                    .execute(connection)
                    .await
                    .map_err(of_store)?
                    .rows_affected()
            }) == 1)
        };
        if change(CANCEL_WAITING).await? {
            self.ring(Signal::Changed(id));
            return Ok(Cancelled::AtOnce);
        }
        if change(CANCEL_BEGUN).await? {
            self.ring(Signal::Cancel(id));
            self.ring(Signal::Changed(id));
            self.ring(Signal::Ready);
            return Ok(Cancelled::Asked);
        }
        let state = self.get(id).await?.state;
        Err(Error::conflict(format!(
            "job {id} has ended already, in state {}",
            state.as_str()
        )))
    }

    /// Begins a job again that failed or was called off, with `tries` further attempts.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` in any other state; `unavailable` with the reason.
    pub async fn retry(&self, id: Uuid, tries: i32) -> Result<()> {
        let now = self.now();
        let changed = on_writer!(self, |connection, _dialect| {
            sqlx::query(RETRY)
                .bind(id)
                .bind(now)
                .bind(tries)
                .execute(connection)
                .await
                .map_err(of_store)?
                .rows_affected()
        });
        if changed == 1 {
            self.ring(Signal::Changed(id));
            self.ring(Signal::Ready);
            return Ok(());
        }
        let state = self.get(id).await?.state;
        Err(Error::conflict(format!(
            "job {id} is in state {}; only one that failed or was cancelled is begun again",
            state.as_str()
        )))
    }
}
