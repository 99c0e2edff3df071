//! Whose the things are that bear a mark of ours.

use cloudfarm_contract::Result;
use sqlx::FromRow;
use uuid::Uuid;

use super::Store;
use super::error::of_store;
use super::jobs::RowState;

/// What a job says of what it made.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Maker {
    /// The job.
    pub id: Uuid,
    /// How far it is.
    #[sqlx(try_from = "String")]
    pub state: RowState,
    /// What it made, as a list in JSON.
    pub made: String,
}

/// A thing that is somebody's although no job says so.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Accounted {
    /// The kind, as jobs name it.
    pub kind: String,
    /// The provider's id.
    pub id: String,
    /// Why: `made`, `adopted`, `forgotten`.
    pub how: String,
}

const MAKER: &str = "SELECT id, state, made FROM jobs WHERE id = $1";

const LIST: &str = "SELECT kind, id, how FROM accounted WHERE cloud = $1";

const ACCOUNT_FOR: &str = "\
INSERT INTO accounted (cloud, kind, id, how, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (cloud, kind, id) DO UPDATE SET how = excluded.how, created_at = excluded.created_at";

impl Store {
    /// Those of these jobs that are known.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn makers(&self, jobs: &[Uuid]) -> Result<Vec<Maker>> {
        let mut found = Vec::with_capacity(jobs.len());
        on_reader!(self, |connection, _dialect| {
            for job in jobs {
                let maker: Option<Maker> = sqlx::query_as(MAKER)
                    .bind(job)
                    .fetch_optional(&mut *connection)
                    .await
                    .map_err(of_store)?;
                found.extend(maker);
            }
        });
        Ok(found)
    }

    /// What on a cloud is somebody's although no job says so.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn accounted(&self, cloud: &str) -> Result<Vec<Accounted>> {
        Ok(on_reader!(self, |connection, _dialect| {
            sqlx::query_as(LIST)
                .bind(cloud)
                .fetch_all(connection)
                .await
                .map_err(of_store)?
        }))
    }

    /// Says whose a thing is, whatever was said before.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn account_for(&self, cloud: &str, thing: &Accounted) -> Result<()> {
        let now = self.now();
        on_writer!(self, |connection, _dialect| {
            sqlx::query(ACCOUNT_FOR)
                .bind(cloud)
                .bind(&thing.kind)
                .bind(&thing.id)
                .bind(&thing.how)
                .bind(now)
                .execute(connection)
                .await
                .map_err(of_store)?;
        });
        Ok(())
    }
}
