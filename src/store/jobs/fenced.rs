//! What only the holder of a job's lease may write. Each statement names the lease, so that a
//! worker that lost it changes nothing, whatever it believes.

use cloudfarm_contract::Result;
use uuid::Uuid;

use super::super::error::of_store;
use super::super::{Signal, Store};
use super::{RowState, SECRETS};

/// The right to write to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    /// Which job.
    pub job: Uuid,
    /// Another one for each claim.
    pub token: Uuid,
}

/// An entry of a job's record.
#[derive(Debug, Clone, Default)]
pub struct JobNote {
    /// What was done, as one JSON document and a line end.
    pub step: String,
    /// All that was made, as a list in JSON; `None` if that is as it was.
    pub made: Option<String>,
    /// All one-time secrets in clear; `None` if they are as they were.
    pub secrets: Option<Vec<u8>>,
    /// The provider's id of the thing, if it is known now.
    pub resource_id: Option<String>,
    /// Renews the lease for so long from now.
    pub lease_ms: Option<i64>,
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub struct Ending {
    /// What the job is from now on.
    pub state: RowState,
    /// Not before this time, if it is to be tried again.
    pub run_at: Option<i64>,
    /// Whether this attempt does not count.
    pub uncounted: bool,
    /// A last step, as one JSON document and a line end; may be empty.
    pub step: String,
    /// Why it failed, as JSON.
    pub error: Option<String>,
    /// What came of it, as JSON.
    pub result: Option<String>,
    /// All one-time secrets in clear, if they are others than before; they are sealed before they
    /// are stored.
    pub secrets: Option<Vec<u8>>,
    /// The provider's id of the thing, if it is known now.
    pub resource_id: Option<String>,
}

impl Ending {
    /// With this state and nothing else.
    pub const fn of(state: RowState) -> Self {
        Self {
            state,
            run_at: None,
            uncounted: false,
            step: String::new(),
            error: None,
            result: None,
            secrets: None,
            resource_id: None,
        }
    }
}

const NOTE: &str = "\
UPDATE jobs SET steps = steps || $3, made = COALESCE($4, made), secrets = COALESCE($5, secrets),
    resource_id = COALESCE($6, resource_id), updated_at = $7,
    lease_until = COALESCE($8, lease_until)
WHERE id = $1 AND lease = $2";

const RENEW: &str = "\
UPDATE jobs SET lease_until = $3 WHERE id = $1 AND lease = $2 RETURNING cancel_requested";

impl Store {
    /// Writes all of `note` or nothing. Gives whether the lease still holds.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn note(&self, lease: Lease, note: &JobNote) -> Result<bool> {
        let secrets = self.seal_secrets(lease, note.secrets.as_deref())?;
        let now = self.now();
        let written = on_writer!(self, |connection, _dialect| {
            sqlx::query(NOTE)
                .bind(lease.job)
                .bind(lease.token)
                .bind(&note.step)
                .bind(&note.made)
                .bind(&secrets)
                .bind(&note.resource_id)
                .bind(now)
                .bind(note.lease_ms.map(|length| now + length))
                .execute(connection)
                .await
                .map_err(of_store)?
                .rows_affected()
        });
        self.ring(Signal::Changed(lease.job));
        Ok(written == 1)
    }

    /// Holds these jobs for `lease_ms` from now. For each that is still held, it gives whether it
    /// is to be called off; `None` for one that was lost.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn renew(&self, leases: &[Lease], lease_ms: i64) -> Result<Vec<Option<bool>>> {
        let until = self.now() + lease_ms;
        Ok(in_transaction!(self, |connection, _dialect| {
            let mut answers = Vec::with_capacity(leases.len());
            for lease in leases {
                let answer: Option<bool> = sqlx::query_scalar(RENEW)
                    .bind(lease.job)
                    .bind(lease.token)
                    .bind(until)
                    .fetch_optional(&mut *connection)
                    .await
                    .map_err(of_store)?;
                answers.push(answer);
            }
            answers
        }))
    }

    pub(super) fn seal_secrets(
        &self,
        lease: Lease,
        clear: Option<&[u8]>,
    ) -> Result<Option<Vec<u8>>> {
        clear
            .map(|clear| self.0.sealer.seal(lease.job, SECRETS, clear))
            .transpose()
    }
}
