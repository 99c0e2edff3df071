//! What is in a store, changed behind its back.

/// Carries out `sql` on the database at this address.
pub async fn execute(url: &str, sql: &'static str) {
    if url.starts_with("sqlite:") {
        let pool = sqlx::SqlitePool::connect(url).await.expect("a database");
        sqlx::raw_sql(sql).execute(&pool).await.expect("it is done");
        pool.close().await;
    } else {
        let pool = sqlx::PgPool::connect(url).await.expect("a database");
        sqlx::raw_sql(sql).execute(&pool).await.expect("it is done");
        pool.close().await;
    }
}
