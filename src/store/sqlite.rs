//! The SQLite file: one connection that writes, several that read.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use cloudfarm_contract::{Error, Result};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite as Driver, Transaction};

use super::error::{of_store, of_writer};

/// How long a writer waits for one of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a caller waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Readers do not wait for the writer, nor for each other.
const READERS: u32 = 4;
/// SQLite's own.
const PAGE_SIZE: u64 = 4096;
const BEGIN: &str = "BEGIN IMMEDIATE";

/// An open SQLite database.
#[derive(Debug)]
pub(super) struct Sqlite {
    writer: SqlitePool,
    reader: SqlitePool,
    file: Option<OpenFile>,
}

/// Which file was opened: another one may take its name later.
#[derive(Debug)]
struct OpenFile {
    path: PathBuf,
    inode: u64,
}

impl Sqlite {
    /// Opens the file, which is made if it is not there; its directory too. It grows to `size_max`
    /// bytes, if that is not 0.
    pub(super) async fn open(path: &Path, size_max: u64) -> Result<Self> {
        make_private(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(BUSY_TIMEOUT)
            .journal_mode(SqliteJournalMode::Wal)
            // What was acknowledged survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true);
        let limited = match size_max / PAGE_SIZE {
            0 => options.clone(),
            pages => options.clone().pragma("max_page_count", pages.to_string()),
        };
        let writer = pool(1).connect_with(limited).await;
        let writer = writer.map_err(of_store)?;
        let reader = pool(READERS).connect_lazy_with(options.read_only(true));
        let inode = fs::metadata(path).map_err(cannot_use)?.ino();
        Ok(Self {
            writer,
            reader,
            file: Some(OpenFile {
                path: path.to_owned(),
                inode,
            }),
        })
    }

    /// A database that goes with the process.
    pub(super) async fn in_memory() -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .in_memory(true)
            .foreign_keys(true);
        // The database lives as long as its only connection.
        let only = pool(1).connect_with(options).await.map_err(of_store)?;
        Ok(Self {
            writer: only.clone(),
            reader: only,
            file: None,
        })
    }

    pub(super) async fn writer(&self) -> Result<PoolConnection<Driver>> {
        self.check_file()?;
        self.writer.acquire().await.map_err(of_writer)
    }

    pub(super) async fn reader(&self) -> Result<PoolConnection<Driver>> {
        self.check_file()?;
        self.reader.acquire().await.map_err(of_store)
    }

    /// A transaction that holds the write lock from its start: one that takes it later fails at
    /// once if another process wrote in between.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Driver>> {
        self.check_file()?;
        match self.writer.begin_with(BEGIN).await {
            // SQLite itself has ended the transaction before, for the disk was full: the
            // connection believes that it goes on.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                let stuck = self.writer.acquire().await.map_err(of_writer)?;
                stuck.close().await.map_err(of_store)?;
                self.writer.begin_with(BEGIN).await.map_err(of_writer)
            }
            begun => begun.map_err(of_writer),
        }
    }

    /// What is written to a file that was deleted is lost without an error from SQLite.
    fn check_file(&self) -> Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        match fs::metadata(&file.path) {
            Ok(found) if found.ino() == file.inode => Ok(()),
            Ok(_) => Err(gone("another file has taken the place of the store's")),
            Err(error) => Err(gone("the file of the store is gone").with_internal(error)),
        }
    }
}

fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(size)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        // A connection to a file does not go stale.
        .test_before_acquire(false)
}

/// Makes the file and its directory for nobody else to read. SQLite gives the files beside it the
/// same mode.
fn make_private(path: &Path) -> Result<()> {
    if let Some(directory) = path.parent().filter(|path| !path.as_os_str().is_empty()) {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(cannot_use)?;
    }
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(cannot_use)
}

fn cannot_use(error: std::io::Error) -> Error {
    Error::unavailable(format!(
        "the file of the store cannot be made or opened: {}",
        error.kind()
    ))
    .with_field("store.url")
    .with_internal(error)
}

fn gone(message: &'static str) -> Error {
    Error::unavailable(message).with_hint("stop the process, bring the file back and start again")
}
