//! What the suite stands on.

use std::path::PathBuf;

use cloudfarm::store::{Claimed, Lane, NewJob, Pick, Store, StoreOptions};
use cloudfarm_contract::{Result, Secret};
use tempfile::TempDir;
use uuid::Uuid;

use crate::database;
use crate::postgres_server::Postgres;

/// A key that is long enough.
pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";

/// An empty database that goes with the test.
#[derive(Debug)]
pub(crate) enum Ground {
    Sqlite(TempDir),
    Postgres(Postgres),
}

impl Ground {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(TempDir::new().unwrap())
    }

    pub(crate) fn postgres() -> Self {
        Self::Postgres(Postgres::start())
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(_) => format!("sqlite:{}", self.file().display()),
            Self::Postgres(postgres) => postgres.url(),
        }
    }

    /// The file of a SQLite database.
    pub(crate) fn file(&self) -> PathBuf {
        match self {
            Self::Sqlite(directory) => directory.path().join("inner/store.db"),
            Self::Postgres(_) => panic!("PostgreSQL has many files"),
        }
    }

    /// Opens the store, as each process does for itself.
    pub(crate) async fn open(&self) -> Store {
        self.open_with(KEY).await.unwrap()
    }

    pub(crate) async fn open_with(&self, key: &str) -> Result<Store> {
        Store::open(&self.options(key)).await
    }

    /// Opens a file that may grow to so many bytes.
    pub(crate) async fn open_at_most(&self, size_max: u64) -> Store {
        let options = StoreOptions {
            size_max,
            ..self.options(KEY)
        };
        Store::open(&options).await.unwrap()
    }

    fn options(&self, key: &str) -> StoreOptions {
        StoreOptions {
            url: Secret::from(self.url()),
            key: Some(Secret::from(key)),
            connections: 8,
            size_max: 0,
        }
    }

    /// Changes the database behind the store's back.
    pub(crate) async fn execute(&self, sql: &'static str) {
        database::execute(&self.url(), sql).await;
    }
}

/// The same tests on both.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&mut crate::ground::Ground::sqlite()).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&mut crate::ground::Ground::postgres()).await;
            })*
        }
    };
}
pub(crate) use on_both;

/// A job that is ready, on cloud `lab`, of project `default`.
pub(crate) fn job() -> NewJob {
    NewJob {
        id: Uuid::now_v7(),
        action: "CreateNode".to_owned(),
        project: "default".to_owned(),
        cloud: "lab".to_owned(),
        resource_kind: "node".to_owned(),
        resource_id: None,
        priority: 0,
        run_at: None,
        attempt_max: 3,
        timeout_ms: 60_000,
        request_id: "r-1".to_owned(),
        params: "{}".to_owned(),
        payload: b"what to do".to_vec(),
        unique_key: None,
    }
}

/// Takes up to `count` jobs of each lane.
pub(crate) fn all(count: i64) -> impl Fn(&[Lane]) -> Vec<Pick> {
    move |lanes| {
        let waiting = lanes.iter().filter(|lane| lane.head.is_some());
        waiting
            .map(|lane| Pick {
                cloud: lane.cloud.clone(),
                project: lane.project.clone(),
                count,
            })
            .collect()
    }
}

/// Claims the only job that waits.
pub(crate) async fn claim_one(store: &Store, worker: &str, lease_ms: i64) -> Claimed {
    let mut claimed = store.claim(worker, lease_ms, false, all(1)).await.unwrap();
    assert_eq!(claimed.len(), 1, "one job waits");
    claimed.remove(0)
}
