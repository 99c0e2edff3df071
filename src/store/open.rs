//! Opens the store that the settings name.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloudfarm_contract::{Error, Result, Secret};
use uuid::Uuid;

use super::clock::Clock;
use super::leases::Absence;
use super::postgres::Postgres;
use super::seal::Sealer;
use super::signals::Bell;
use super::sqlite::Sqlite;
use super::{Database, Inner, Store, migrate};

const POSTGRES_SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];
const SQLITE_SCHEME: &str = "sqlite:";
const MEMORY: &str = ":memory:";

/// Which store, and how.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// `sqlite:path`, `sqlite::memory:` or `postgresql://...`.
    pub url: Secret,
    /// Seals payloads and secrets. A SQLite file without one gets a generated one beside it.
    pub key: Option<Secret>,
    /// Connections to PostgreSQL at most.
    pub connections: u32,
    /// Bytes that a SQLite file may grow to; 0 for no limit.
    pub size_max: u64,
}

impl Store {
    /// Opens it, and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// `invalid` for wrong settings, `unavailable` if it cannot be reached, `conflict` if a newer
    /// cloudfarm has changed its tables, or if it was sealed with another key.
    pub async fn open(options: &StoreOptions) -> Result<Self> {
        let bell = Arc::new(Bell::default());
        let (database, key) = connect(options, &bell).await?;
        let store = Self(Arc::new(Inner {
            database,
            sealer: Sealer::new(&key)?,
            clock: Clock::default(),
            bell,
            no_leases: Absence::default(),
        }));
        migrate::run(&store).await?;
        store.adjust_clock().await?;
        store.check_key().await?;
        Ok(store)
    }

    /// Refuses a key with which nothing could be opened: better at the start than at each job.
    async fn check_key(&self) -> Result<()> {
        const NAME: &str = "key";
        let proof = self.0.sealer.seal(Uuid::nil(), NAME, NAME.as_bytes())?;
        let proof = STANDARD.encode(proof);
        let kept: String = on_writer!(self, |connection, _dialect| {
            let insert = "INSERT INTO meta (name, value) VALUES ($1, $2) \
                          ON CONFLICT (name) DO UPDATE SET value = meta.value RETURNING value";
            sqlx::query_scalar(insert)
                .bind(NAME)
                .bind(&proof)
                .fetch_one(connection)
                .await
                .map_err(super::error::of_store)?
        });
        let opened = STANDARD
            .decode(kept)
            .ok()
            .and_then(|sealed| self.0.sealer.open(Uuid::nil(), NAME, &sealed).ok());
        if opened.is_some() {
            return Ok(());
        }
        Err(
            Error::conflict("the store was sealed with another key than store.key")
                .with_field("store.key")
                .with_hint("give the key that it was first used with"),
        )
    }
}

async fn connect(options: &StoreOptions, bell: &Arc<Bell>) -> Result<(Database, Secret)> {
    let url = options.url.expose();
    if POSTGRES_SCHEMES
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        let key = options.key.clone().ok_or_else(no_key)?;
        let database = Postgres::open(url, options.connections, bell).await?;
        return Ok((Database::Postgres(database), key));
    }
    let Some(path) = url.strip_prefix(SQLITE_SCHEME) else {
        return Err(wrong_url());
    };
    if path == MEMORY {
        let key = options.key.clone().map_or_else(generate, Ok)?;
        return Ok((Database::Sqlite(Sqlite::in_memory().await?), key));
    }
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.contains('?') {
        return Err(wrong_url());
    }
    let path = PathBuf::from(path);
    let database = Sqlite::open(&path, options.size_max).await?;
    let key = match &options.key {
        Some(key) => key.clone(),
        None => key_beside(&path)?,
    };
    Ok((Database::Sqlite(database), key))
}

fn no_key() -> Error {
    Error::invalid("store.key is missing: those who share a PostgreSQL must share the key")
        .with_field("store.key")
        .with_hint("`openssl rand -base64 32` makes one; give it as { env = .. } or { file = .. }")
}

fn wrong_url() -> Error {
    Error::invalid("store.url must be sqlite:path, sqlite::memory: or postgresql://...")
        .with_field("store.url")
}

fn generate() -> Result<Secret> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes)
        .map_err(|error| Error::internal("no key could be made").with_internal(error))?;
    Ok(Secret::from(STANDARD.encode(bytes)))
}

/// The key in the file beside the database, which is made if it is not there.
fn key_beside(database: &Path) -> Result<Secret> {
    let path = database.with_extension("key");
    match fs::read_to_string(&path) {
        Ok(text) => return Ok(Secret::from(text.trim())),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(cannot_use(error)),
    }
    let key = generate()?;
    // Linked into place when it is whole: of several that start at once one wins, and nobody
    // reads half a key.
    let draft = path.with_extension(format!("key-{}", Uuid::now_v7().simple()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .map_err(cannot_use)?;
    let written = file
        .write_all(key.expose().as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| match fs::hard_link(&draft, &path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        });
    let removed = fs::remove_file(&draft);
    written.and(removed).map_err(cannot_use)?;
    let text = fs::read_to_string(&path).map_err(cannot_use)?;
    Ok(Secret::from(text.trim()))
}

fn cannot_use(error: std::io::Error) -> Error {
    Error::unavailable(format!(
        "the key beside the store cannot be read or made: {}",
        error.kind()
    ))
    .with_field("store.key")
    .with_internal(error)
}
