//! What is yet to be told to whom, and how that fares. Triggers write it in the step that ends a job
//! or a lease.

use cloudfarm_contract::Result;
use sqlx::FromRow;

use super::Store;
use super::dialect::Sql;
use super::error::of_store;

/// What a notifier wants to be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Jobs that failed.
    pub job_failed: bool,
    /// Jobs that ended, however.
    pub job_ended: bool,
    /// Leases that end soon.
    pub lease_notice: bool,
    /// Leases that have ended.
    pub lease_ended: bool,
}

/// How a notifier fares.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct NotifierRow {
    /// Its name.
    pub name: String,
    /// When it last took something.
    pub delivered_at: Option<i64>,
    /// When it last did not.
    pub failed_at: Option<i64>,
    /// Why not, if that was the last that happened.
    pub error: Option<String>,
    /// How much was given up.
    pub lost: i64,
    /// How much waits.
    pub waiting: i64,
    /// When the oldest of that happened.
    pub oldest: Option<i64>,
}

/// Something to be told, which was taken from the outbox.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Delivery {
    /// Tells repetitions from news.
    pub event: String,
    /// To whom.
    pub notifier: String,
    /// `job.failed`, `job.ended`, `lease.notice`, `lease.ended`.
    pub kind: String,
    /// When it happened.
    pub at: i64,
    /// On which cloud.
    pub cloud: String,
    /// The action of the job; empty for a lease.
    pub action: String,
    /// The job or the lease, as JSON.
    pub body: String,
    /// How often it was taken.
    pub attempt: i32,
}

const REGISTER: &str = "\
INSERT INTO notifiers (name, job_failed, job_ended, lease_notice, lease_ended, seen_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name) DO UPDATE SET job_failed = excluded.job_failed, job_ended = excluded.job_ended,
    lease_notice = excluded.lease_notice, lease_ended = excluded.lease_ended,
    seen_at = excluded.seen_at";

const FORGET: &str = "DELETE FROM notifiers WHERE seen_at < $1";

const FORGET_DELIVERIES: &str = "\
DELETE FROM outbox WHERE notifier NOT IN (SELECT name FROM notifiers)";

const LIST: &str = "\
SELECT name, delivered_at, failed_at, error, lost,
    (SELECT count(*) FROM outbox WHERE notifier = name) AS waiting,
    (SELECT min(at) FROM outbox WHERE notifier = name) AS oldest
FROM notifiers ORDER BY name";

macro_rules! take {
    ($lock:literal) => {
        concat!(
            "UPDATE outbox SET attempt = attempt + 1, next_at = $3 ",
            "WHERE notifier = $1 AND next_at <= $2 AND event = ",
            "(SELECT event FROM outbox WHERE notifier = $1 AND next_at <= $2 ",
            "ORDER BY next_at LIMIT 1 ",
            $lock,
            ") RETURNING event, notifier, kind, at, cloud, action, body, attempt"
        )
    };
}

const TAKE: Sql = Sql {
    sqlite: take!(""),
    postgres: take!("FOR UPDATE SKIP LOCKED"),
};

const DELETE: &str = "DELETE FROM outbox WHERE event = $1 AND notifier = $2 AND attempt = $3";

const POSTPONE: &str = "\
UPDATE outbox SET next_at = $4 WHERE event = $1 AND notifier = $2 AND attempt = $3";

const PUT_BACK: &str = "\
UPDATE outbox SET next_at = 0, attempt = attempt - 1
WHERE event = $1 AND notifier = $2 AND attempt = $3";

const TOOK: &str = "UPDATE notifiers SET delivered_at = $2, error = NULL WHERE name = $1";

const TOOK_NOT: &str = "\
UPDATE notifiers SET failed_at = $2, error = $3, lost = lost + $4 WHERE name = $1";

impl Store {
    /// Says that a notifier is in the settings: from now on what it wants is kept for it.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn register_notifier(&self, name: &str, wanted: Wanted) -> Result<()> {
        let now = self.now();
        on_writer!(self, |connection, _dialect| {
            sqlx::query(REGISTER)
                .bind(name)
                .bind(wanted.job_failed)
                .bind(wanted.job_ended)
                .bind(wanted.lease_notice)
                .bind(wanted.lease_ended)
                .bind(now)
                .execute(connection)
                .await
                .map_err(of_store)?;
        });
        Ok(())
    }

    /// Forgets notifiers that no settings had since then, with all that waits for them.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn forget_notifiers(&self, since: i64) -> Result<()> {
        in_transaction!(self, |connection, _dialect| {
            sqlx::query(FORGET)
                .bind(since)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?;
            sqlx::query(FORGET_DELIVERIES)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?;
        });
        Ok(())
    }

    /// How the notifiers fare.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn notifiers(&self) -> Result<Vec<NotifierRow>> {
        Ok(on_reader!(self, |connection, _dialect| {
            sqlx::query_as(LIST)
                .fetch_all(connection)
                .await
                .map_err(of_store)?
        }))
    }

    /// Takes what is due for a notifier; if it is neither ended nor postponed within `lease_ms`,
    /// another takes it.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn take_delivery(&self, notifier: &str, lease_ms: i64) -> Result<Option<Delivery>> {
        let now = self.now();
        Ok(on_writer!(self, |connection, dialect| {
            sqlx::query_as(TAKE.of(dialect))
                .bind(notifier)
                .bind(now)
                .bind(now + lease_ms)
                .fetch_optional(connection)
                .await
                .map_err(of_store)?
        }))
    }

    /// Drops what the notifier does not want after all.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn drop_delivery(&self, delivery: &Delivery) -> Result<()> {
        self.end_delivery(delivery, None).await
    }

    /// The notifier took it.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn delivered(&self, delivery: &Delivery) -> Result<()> {
        self.end_delivery(delivery, Some((None, 0))).await
    }

    /// The notifier did not take it in all the time that it had.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn give_up_delivery(&self, delivery: &Delivery, why: &str) -> Result<()> {
        self.end_delivery(delivery, Some((Some(why), 1))).await
    }

    async fn end_delivery(
        &self,
        delivery: &Delivery,
        outcome: Option<(Option<&str>, i64)>,
    ) -> Result<()> {
        let now = self.now();
        in_transaction!(self, |connection, _dialect| {
            sqlx::query(DELETE)
                .bind(&delivery.event)
                .bind(&delivery.notifier)
                .bind(delivery.attempt)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?;
            if let Some((why, lost)) = outcome {
                let told = match why {
                    None => sqlx::query(TOOK).bind(&delivery.notifier).bind(now),
                    Some(why) => sqlx::query(TOOK_NOT)
                        .bind(&delivery.notifier)
                        .bind(now)
                        .bind(why)
                        .bind(lost),
                };
                told.execute(&mut *connection).await.map_err(of_store)?;
            }
        });
        Ok(())
    }

    /// The notifier did not take it; it is told again not before `next_at`.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn postpone_delivery(
        &self,
        delivery: &Delivery,
        next_at: i64,
        why: &str,
    ) -> Result<()> {
        let now = self.now();
        in_transaction!(self, |connection, _dialect| {
            sqlx::query(POSTPONE)
                .bind(&delivery.event)
                .bind(&delivery.notifier)
                .bind(delivery.attempt)
                .bind(next_at)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?;
            sqlx::query(TOOK_NOT)
                .bind(&delivery.notifier)
                .bind(now)
                .bind(why)
                .bind(0_i64)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?;
        });
        Ok(())
    }

    /// Puts back what was not told, for the process stops.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn put_back_delivery(&self, delivery: &Delivery) -> Result<()> {
        on_writer!(self, |connection, _dialect| {
            sqlx::query(PUT_BACK)
                .bind(&delivery.event)
                .bind(&delivery.notifier)
                .bind(delivery.attempt)
                .execute(connection)
                .await
                .map_err(of_store)?;
        });
        Ok(())
    }
}
