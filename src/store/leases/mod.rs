//! The leases of nodes.

mod absence;
mod count;
mod due;

use cloudfarm_contract::{Error, Result};
use sqlx::FromRow;
use uuid::Uuid;

use super::Store;
use super::dialect::Sql;
use super::error::of_store;
use super::jobs::RowState;
use super::signals::Signal;

pub(super) use absence::Absence;
pub use count::LeaseCount;
pub use due::EndOfLease;

/// Until when a node may be there, whose it is, and whether it may be destroyed.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct LeaseRow {
    /// The cloud.
    pub cloud: String,
    /// The provider's id of the node.
    pub node: String,
    /// The name that the node had when the lease last changed.
    pub name: String,
    /// Until when it may be there; `None` for ever.
    pub expires_at: Option<i64>,
    /// Another one each time the end is another.
    pub term: Uuid,
    /// Whether it may not be destroyed.
    pub protected: bool,
    /// Whose it is.
    pub assigned_to: Option<String>,
    /// For what.
    pub purpose: Option<String>,
    /// Since when.
    pub assigned_at: Option<i64>,
    /// Whether the end came with the assignment and goes with it.
    pub end_is_assigned: bool,
    /// The end before the assignment.
    pub end_before: Option<i64>,
    /// Whether the coming end was told.
    pub noticed: bool,
    /// Whether it is to be destroyed.
    pub ending: bool,
    /// The job that destroys it.
    pub job: Option<Uuid>,
    /// How far that job is.
    pub job_state: Option<String>,
}

impl LeaseRow {
    /// Sets another end; what was begun for the old one does not count any more.
    pub fn set_end(&mut self, expires_at: Option<i64>) {
        self.expires_at = expires_at;
        self.term = Uuid::now_v7();
        self.noticed = false;
        self.ending = false;
        self.job = None;
        self.job_state = None;
    }

    /// Whether the node is being destroyed, and nobody has given that up.
    pub fn is_being_destroyed(&self) -> bool {
        let state = self.job_state.clone().map(RowState::try_from);
        let given_up = matches!(state, Some(Ok(RowState::Error | RowState::Cancelled)));
        self.ending && !given_up
    }

    /// Whether it says nothing.
    fn is_empty(&self) -> bool {
        self.expires_at.is_none() && !self.protected && self.assigned_to.is_none()
    }
}

/// Which leases are wanted.
#[derive(Debug, Clone, Default)]
pub struct LeaseFilter {
    /// On this cloud.
    pub cloud: Option<String>,
    /// Of this user; of nobody, if it is empty.
    pub assigned_to: Option<String>,
    /// That end before this time.
    pub expires_before: Option<i64>,
    /// After this cloud and node.
    pub after: Option<(String, String)>,
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT l.cloud, l.node, l.name, l.expires_at, l.term, l.protected, l.assigned_to, ",
            "l.purpose, l.assigned_at, l.end_is_assigned, l.end_before, l.noticed, l.ending, ",
            "l.job, (SELECT state FROM jobs WHERE id = l.job) AS job_state ",
            "FROM leases l ",
            $rest
        )
    };
}

const OF_NODES: Sql = Sql {
    sqlite: columns!("WHERE l.cloud = $1 AND l.node IN (SELECT value FROM json_each($2))"),
    postgres: columns!(
        "WHERE l.cloud = $1 AND l.node IN (SELECT json_array_elements_text($2::json))"
    ),
};

const LIST: &str = columns!(
    "WHERE ($1 IS NULL OR l.cloud = $1)
        AND ($2 IS NULL OR l.assigned_to = $2 OR ($2 = '' AND l.assigned_to IS NULL))
        AND ($3 IS NULL OR l.expires_at < $3)
        AND ($4 IS NULL OR (l.cloud, l.node) > ($4, $5))
    ORDER BY l.cloud, l.node LIMIT $6"
);

const ANY: &str = "SELECT EXISTS (SELECT 1 FROM leases)";

const PROTECTED: &str = "SELECT node FROM leases WHERE cloud = $1 AND protected";

/// Makes sure that there is a row to be locked.
const TOUCH: &str = "\
INSERT INTO leases (cloud, node, name, term, seen_at, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $5, $5) ON CONFLICT (cloud, node) DO UPDATE SET name = excluded.name";

const GET: &str = columns!("WHERE l.cloud = $1 AND l.node = $2");

const PUT: &str = "\
UPDATE leases SET expires_at = $3, term = $4, protected = $5, assigned_to = $6, purpose = $7,
    assigned_at = $8, end_is_assigned = $9, end_before = $10, noticed = $11, ending = $12,
    job = $13, kept = kept AND term = $4 AND protected = $5, updated_at = $14
WHERE cloud = $1 AND node = $2";

const DELETE: &str = "DELETE FROM leases WHERE cloud = $1 AND node = $2";

impl Store {
    /// The leases that these nodes of a cloud have.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn leases_of(&self, cloud: &str, nodes: &[&str]) -> Result<Vec<LeaseRow>> {
        let nodes = serde_json::to_string(nodes)
            .map_err(|error| Error::internal("ids cannot be written").with_internal(error))?;
        let leases: Vec<LeaseRow> = on_reader!(self, |connection, dialect| {
            sqlx::query_as(OF_NODES.of(dialect))
                .bind(cloud)
                .bind(&nodes)
                .fetch_all(connection)
                .await
                .map_err(of_store)?
        });
        if !leases.is_empty() {
            self.0.no_leases.looked(self.0.bell.rung(), true);
        }
        Ok(leases)
    }

    /// Whether it is known, from a moment ago, that no node has a lease.
    pub fn knows_no_leases(&self) -> bool {
        self.0.no_leases.holds(self.0.bell.rung())
    }

    /// Looks whether any node has a lease.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn look_for_leases(&self) -> Result<bool> {
        let signals = self.0.bell.rung();
        let any: bool = on_reader!(self, |connection, _dialect| {
            sqlx::query_scalar(ANY)
                .fetch_one(connection)
                .await
                .map_err(of_store)?
        });
        self.0.no_leases.looked(signals, any);
        Ok(any)
    }

    /// Leases in the order of clouds and nodes.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn list_leases(&self, filter: &LeaseFilter, limit: i64) -> Result<Vec<LeaseRow>> {
        let (cloud, node) = filter.after.clone().unzip();
        Ok(on_reader!(self, |connection, _dialect| {
            sqlx::query_as(LIST)
                .bind(&filter.cloud)
                .bind(&filter.assigned_to)
                .bind(filter.expires_before)
                .bind(&cloud)
                .bind(&node)
                .bind(limit)
                .fetch_all(connection)
                .await
                .map_err(of_store)?
        }))
    }

    /// The ids of the nodes of a cloud that may not be destroyed.
    ///
    /// # Errors
    ///
    /// `unavailable` with the reason.
    pub async fn protected_nodes(&self, cloud: &str) -> Result<Vec<String>> {
        Ok(on_reader!(self, |connection, _dialect| {
            sqlx::query_scalar(PROTECTED)
                .bind(cloud)
                .fetch_all(connection)
                .await
                .map_err(of_store)?
        }))
    }

    /// Changes the lease of a node, which is made if there is none, while nobody else does. A
    /// lease that says nothing is deleted; then it gives `None`.
    ///
    /// # Errors
    ///
    /// What `change` refuses it with: then nothing is changed. `unavailable` with the reason.
    pub async fn change_lease(
        &self,
        (cloud, node, name): (&str, &str, &str),
        change: impl FnOnce(&mut LeaseRow) -> Result<()>,
    ) -> Result<Option<LeaseRow>> {
        let now = self.now();
        let changed = in_transaction!(self, |connection, _dialect| {
            // The row is held by this until the end of the transaction.
            sqlx::query(TOUCH)
                .bind(cloud)
                .bind(node)
                .bind(name)
                .bind(Uuid::now_v7())
                .bind(now)
                .execute(&mut *connection)
                .await
                .map_err(of_store)?;
            let mut lease: LeaseRow = sqlx::query_as(GET)
                .bind(cloud)
                .bind(node)
                .fetch_one(&mut *connection)
                .await
                .map_err(of_store)?;
            change(&mut lease)?;
            if lease.is_empty() {
                sqlx::query(DELETE)
                    .bind(cloud)
                    .bind(node)
                    .execute(&mut *connection)
                    .await
                    .map_err(of_store)?;
                None
            } else {
                sqlx::query(PUT)
                    .bind(cloud)
                    .bind(node)
                    .bind(lease.expires_at)
                    .bind(lease.term)
                    .bind(lease.protected)
                    .bind(&lease.assigned_to)
                    .bind(&lease.purpose)
                    .bind(lease.assigned_at)
                    .bind(lease.end_is_assigned)
                    .bind(lease.end_before)
                    .bind(lease.noticed)
                    .bind(lease.ending)
                    .bind(lease.job)
                    .bind(now)
                    .execute(&mut *connection)
                    .await
                    .map_err(of_store)?;
                Some(lease)
            }
        });
        self.ring(Signal::Leased);
        Ok(changed)
    }
}
