//! PostgreSQL: a pool of connections, and what its clients tell each other.

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::{Error, Result};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use sqlx::{Postgres as Driver, Transaction};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use uuid::Uuid;

use super::error::of_store;
use super::signals::{Bell, Signal};

const CHANNEL: &str = "cloudfarm";
/// How long a caller waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// PostgreSQL takes 8,000 bytes; a word has at most 41.
const WORDS_AT_ONCE: usize = 128;
/// Before a lost connection to the listener's server is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// An open PostgreSQL database.
#[derive(Debug)]
pub(super) struct Postgres {
    pool: PgPool,
    telling: mpsc::UnboundedSender<Signal>,
    tasks: [AbortHandle; 2],
    runtime: Handle,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

impl Postgres {
    pub(super) async fn open(url: &str, connections: u32, bell: &Arc<Bell>) -> Result<Self> {
        let options: PgConnectOptions = url.parse().map_err(|_| {
            Error::invalid("store.url is not the address of a PostgreSQL database")
                .with_field("store.url")
                .with_hint("write it as postgresql://user:password@host:5432/database")
        })?;
        let pool = PgPoolOptions::new()
            .max_connections(connections.max(2))
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.application_name("cloudfarm"))
            .await
            .map_err(of_store)?;
        // Its own words come back to a sender; this tells them from those of others.
        let sender = Uuid::now_v7().simple().to_string();
        let (telling, told) = mpsc::unbounded_channel();
        let tell = tokio::spawn(tell(pool.clone(), sender.clone(), told));
        let listen = tokio::spawn(listen(pool.clone(), sender, Arc::clone(bell)));
        Ok(Self {
            pool,
            telling,
            tasks: [tell.abort_handle(), listen.abort_handle()],
            runtime: Handle::current(),
        })
    }

    pub(super) async fn connection(&self) -> Result<PoolConnection<Driver>> {
        let pool = self.pool.clone();
        self.on_runtime(async move { pool.acquire().await }).await
    }

    pub(super) async fn begin(&self) -> Result<Transaction<'static, Driver>> {
        let pool = self.pool.clone();
        self.on_runtime(async move { pool.begin().await }).await
    }

    /// A connection lives no longer than the runtime that it was made on, and the threads that
    /// serve requests have runtimes of their own, which end first.
    async fn on_runtime<T: Send + 'static>(
        &self,
        work: impl Future<Output = sqlx::Result<T>> + Send + 'static,
    ) -> Result<T> {
        let done = self.runtime.spawn(work).await;
        let stopping = |error| Error::unavailable("the process is stopping").with_internal(error);
        done.map_err(stopping)?.map_err(of_store)
    }

    /// Milliseconds since 1970 by the server's clock.
    pub(super) async fn read_clock(&self) -> Result<i64> {
        let now = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
        sqlx::query_scalar(now)
            .fetch_one(&self.pool)
            .await
            .map_err(of_store)
    }

    /// Wakes those on other machines. It holds up nobody: they look for themselves if the word
    /// is lost.
    pub(super) fn tell_others(&self, signal: Signal) {
        // The task ends with the store only.
        let _ = self.telling.send(signal);
    }
}

/// Without a wait for the disk: a word that a crash of the server swallows wakes nobody anyway.
const NOTIFY: &str = "\
SELECT pg_notify($1, $2) FROM (SELECT set_config('synchronous_commit', 'off', true)) AS setting";

/// Sends what is told, many words in one statement. In a transaction of its own: one that notifies
/// commits alone in the whole database.
async fn tell(pool: PgPool, sender: String, mut told: mpsc::UnboundedReceiver<Signal>) {
    let mut signals = Vec::new();
    while told.recv_many(&mut signals, WORDS_AT_ONCE).await > 0 {
        let mut words: Vec<String> = signals.drain(..).map(Signal::to_word).collect();
        words.sort_unstable();
        words.dedup();
        let message = format!("{sender} {}", words.join(" "));
        let sent = sqlx::query(NOTIFY)
            .bind(CHANNEL)
            .bind(message)
            .execute(&pool)
            .await;
        if let Err(error) = sent {
            log::debug!("other processes could not be told of a change: {error}");
        }
    }
}

async fn listen(pool: PgPool, own: String, bell: Arc<Bell>) {
    loop {
        if let Err(error) = hear(&pool, &own, &bell).await {
            log::debug!("changes by other processes are not heard of: {error}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn hear(pool: &PgPool, own: &str, bell: &Bell) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    // What was told before the listener was there is not lost on those who look now.
    bell.ring(Signal::Ready);
    loop {
        let message = listener.recv().await?;
        let mut words = message.payload().split(' ');
        if words.next() != Some(own) {
            words
                .filter_map(Signal::of_word)
                .for_each(|signal| bell.ring(signal));
        }
    }
}
