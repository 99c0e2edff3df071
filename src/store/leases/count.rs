//! How many leases there are.

use cloudfarm_contract::Result;
use sqlx::FromRow;

use super::super::Store;
use super::super::error::of_store;

/// How many leases of a cloud are that far.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct LeaseCount {
    /// The cloud.
    pub cloud: String,
    /// `active`, `noticed`, `kept`, `ending`, or `failed` where a node could not be destroyed.
    pub state: String,
    /// So many.
    pub count: i64,
}

const COUNT: &str = "\
SELECT cloud, state, count(*) AS count FROM (
    SELECT l.cloud AS cloud, CASE
        WHEN l.ending AND j.state IN ('error', 'cancelled') THEN 'failed'
        WHEN l.ending THEN 'ending'
        WHEN l.protected AND l.expires_at <= $1 THEN 'kept'
        WHEN l.noticed THEN 'noticed'
        ELSE 'active' END AS state
    FROM leases l LEFT JOIN jobs j ON j.id = l.job) AS far
GROUP BY cloud, state";

impl Store {
    /// How many leases each cloud has, by how far they are.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn count_leases(&self) -> Result<Vec<LeaseCount>> {
        let now = self.now();
        Ok(on_reader!(self, |connection, _dialect| {
            sqlx::query_as(COUNT)
                .bind(now)
                .fetch_all(connection)
                .await
                .map_err(of_store)?
        }))
    }
}
