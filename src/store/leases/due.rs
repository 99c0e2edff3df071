//! Leases whose end is near or there. Each statement takes what it gives, so that of many
//! processes one does what follows.

use cloudfarm_contract::Result;
use sqlx::FromRow;
use uuid::Uuid;

use super::super::Store;
use super::super::error::of_store;

/// So many at once at most, so that nobody waits long for the lock.
const BATCH: i64 = 200;

/// A lease whose end is near or there.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct EndOfLease {
    /// The cloud.
    pub cloud: String,
    /// The provider's id of the node.
    pub node: String,
    /// Its name.
    pub name: String,
    /// Which end is meant.
    pub term: Uuid,
}

macro_rules! take {
    ($set:literal, $which:literal) => {
        concat!(
            "UPDATE leases SET ",
            $set,
            " WHERE (cloud, node) IN (SELECT cloud, node FROM leases WHERE ",
            $which,
            " ORDER BY expires_at LIMIT $2) AND ",
            $which,
            " RETURNING cloud, node, name, term"
        )
    };
}

const NOTICE: &str = take!(
    "noticed = TRUE",
    "expires_at <= $1 AND NOT noticed AND NOT ending"
);

const KEEP: &str = take!("kept = TRUE", "expires_at <= $1 AND protected AND NOT kept");

const END: &str = take!(
    "ending = TRUE, noticed = TRUE",
    "expires_at <= $1 AND NOT protected AND NOT ending"
);

const TO_DESTROY: &str = "\
SELECT cloud, node, name, term FROM leases WHERE ending AND job IS NULL LIMIT $1";

const SET_JOB: &str = "\
UPDATE leases SET job = $4 WHERE cloud = $1 AND node = $2 AND term = $3 AND ending";

/// What failed, or was called off, and rested since.
const AGAIN: &str = "\
UPDATE leases SET ending = FALSE, job = NULL, term = $1 WHERE ending AND job IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM jobs WHERE id = leases.job AND (ended_at IS NULL OR ended_at > $2))
RETURNING cloud, node, name, term";

/// Whether there is anything to be done about any lease: a look that locks nothing, for it is made
/// all the time.
const DUE: &str = "\
SELECT EXISTS (SELECT 1 FROM leases WHERE expires_at <= $1 AND NOT kept AND (NOT ending
    OR job IS NULL OR NOT EXISTS
        (SELECT 1 FROM jobs WHERE id = leases.job AND (ended_at IS NULL OR ended_at > $2))))";

const UNSEEN: &str = "\
UPDATE leases SET seen_at = $2 WHERE (cloud, node) IN
    (SELECT cloud, node FROM leases WHERE seen_at < $1 ORDER BY seen_at LIMIT $3)
    AND seen_at < $1
RETURNING cloud, node, name, term";

const VANISHED: &str = "DELETE FROM leases WHERE cloud = $1 AND node = $2 AND term = $3";

impl Store {
    /// Whether a lease ends by `before`, or has ended and its node could not be destroyed by a job
    /// that ended before `rested`.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn has_due_leases(&self, before: i64, rested: i64) -> Result<bool> {
        Ok(on_reader!(self, |connection, _dialect| {
            sqlx::query_scalar(DUE)
                .bind(before)
                .bind(rested)
                .fetch_one(connection)
                .await
                .map_err(of_store)?
        }))
    }

    /// Leases that end by `before`, each once for each end.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn notice_leases(&self, before: i64) -> Result<Vec<EndOfLease>> {
        self.take_leases(NOTICE, before).await
    }

    /// Leases that have ended of nodes that stay, for they are protected; each once for each end.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn keep_leases(&self) -> Result<Vec<EndOfLease>> {
        self.take_leases(KEEP, self.now()).await
    }

    /// Leases that have ended; from now on nobody can give them another end, and their nodes are
    /// to be destroyed.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn end_leases(&self) -> Result<Vec<EndOfLease>> {
        self.take_leases(END, self.now()).await
    }

    async fn take_leases(&self, sql: &'static str, by: i64) -> Result<Vec<EndOfLease>> {
        Ok(on_writer!(self, |connection, _dialect| {
            sqlx::query_as(sql)
                .bind(by)
                .bind(BATCH)
                .fetch_all(connection)
                .await
                .map_err(of_store)?
        }))
    }

    /// Leases that have ended and whose nodes no job destroys yet.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn leases_to_destroy(&self) -> Result<Vec<EndOfLease>> {
        Ok(on_reader!(self, |connection, _dialect| {
            sqlx::query_as(TO_DESTROY)
                .bind(BATCH)
                .fetch_all(connection)
                .await
                .map_err(of_store)?
        }))
    }

    /// Remembers the job that destroys the node of a lease that has ended.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn set_lease_job(&self, lease: &EndOfLease, job: Uuid) -> Result<()> {
        on_writer!(self, |connection, _dialect| {
            sqlx::query(SET_JOB)
                .bind(&lease.cloud)
                .bind(&lease.node)
                .bind(lease.term)
                .bind(job)
                .execute(connection)
                .await
                .map_err(of_store)?;
        });
        Ok(())
    }

    /// Lets leases end anew whose nodes could not be destroyed, by jobs that ended before then.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn end_leases_again(&self, before: i64) -> Result<Vec<EndOfLease>> {
        Ok(on_writer!(self, |connection, _dialect| {
            sqlx::query_as(AGAIN)
                .bind(Uuid::now_v7())
                .bind(before)
                .fetch_all(connection)
                .await
                .map_err(of_store)?
        }))
    }

    /// Leases of nodes that nobody has looked for since then, for the caller to do so.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn unseen_leases(&self, since: i64) -> Result<Vec<EndOfLease>> {
        let now = self.now();
        Ok(on_writer!(self, |connection, _dialect| {
            sqlx::query_as(UNSEEN)
                .bind(since)
                .bind(now)
                .bind(BATCH)
                .fetch_all(connection)
                .await
                .map_err(of_store)?
        }))
    }

    /// Deletes the lease of a node that is not there any more. Gives whether it was still that one.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn forget_lease(&self, lease: &EndOfLease) -> Result<bool> {
        let forgotten = on_writer!(self, |connection, _dialect| {
            sqlx::query(VANISHED)
                .bind(&lease.cloud)
                .bind(&lease.node)
                .bind(lease.term)
                .execute(connection)
                .await
                .map_err(of_store)?
                .rows_affected()
        });
        Ok(forgotten > 0)
    }
}
