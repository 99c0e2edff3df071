//! One text per dialect, and one body of code for both.

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

/// A statement that the two write differently.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sql {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl Sql {
    pub(super) const fn of(self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }
}

/// Runs the body on a connection that may write. It is expanded for each database, so what it
/// binds must be known to both.
macro_rules! on_writer {
    ($store:expr, |$connection:ident, $dialect:ident| $body:block) => {
        on_connection!($store, writer, |$connection, $dialect| $body)
    };
}

/// The same on a connection that only reads.
macro_rules! on_reader {
    ($store:expr, |$connection:ident, $dialect:ident| $body:block) => {
        on_connection!($store, reader, |$connection, $dialect| $body)
    };
}

macro_rules! on_connection {
    ($store:expr, $kind:ident, |$connection:ident, $dialect:ident| $body:block) => {
        match &$store.0.database {
            $crate::store::Database::Sqlite(database) => {
                let mut held = database.$kind().await?;
                let $connection = &mut *held;
                let $dialect = $crate::store::dialect::Dialect::Sqlite;
                $body
            }
            $crate::store::Database::Postgres(database) => {
                let mut held = database.connection().await?;
                let $connection = &mut *held;
                let $dialect = $crate::store::dialect::Dialect::Postgres;
                $body
            }
        }
    };
}

/// Runs the body in a transaction and commits what it did. An error returned from the body with
/// `?` leaves nothing behind.
macro_rules! in_transaction {
    ($store:expr, |$connection:ident, $dialect:ident| $body:block) => {
        match &$store.0.database {
            $crate::store::Database::Sqlite(database) => {
                let mut transaction = database.begin().await?;
                let $connection = &mut *transaction;
                let $dialect = $crate::store::dialect::Dialect::Sqlite;
                let done = $body;
                transaction
                    .commit()
                    .await
                    .map_err($crate::store::error::of_commit)?;
                done
            }
            $crate::store::Database::Postgres(database) => {
                let mut transaction = database.begin().await?;
                let $connection = &mut *transaction;
                let $dialect = $crate::store::dialect::Dialect::Postgres;
                let done = $body;
                transaction
                    .commit()
                    .await
                    .map_err($crate::store::error::of_commit)?;
                done
            }
        }
    };
}
