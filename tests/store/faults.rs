//! What goes wrong with stores.

use std::time::{Duration, Instant};

use cloudfarm::store::{Ending, JobFilter, RowState, Store};
use cloudfarm_contract::ErrorKind;

use crate::ground::{Ground, claim_one, job};

#[tokio::test]
async fn a_locked_file_is_told_and_waited_for() {
    let ground = Ground::sqlite();
    let store = ground.open().await;
    let pool = sqlx::SqlitePool::connect(&ground.url()).await.unwrap();
    let lock = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let error = store.submit(&job(), None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.is_retryable());
    assert!(error.message().contains("locked"), "{error}");
    assert!(store.check().await.is_err());
    // Reading goes on.
    assert!(
        store
            .list(&JobFilter::default(), 9)
            .await
            .unwrap()
            .is_empty()
    );
    drop(lock);
    pool.close().await;
    store.check().await.unwrap();
    store.submit(&job(), None).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_leaves_nothing_half_written() {
    let ground = Ground::sqlite();
    let store = ground.open_at_most(256 * 1024).await;
    store.submit(&job(), None).await.unwrap();
    let mut large = job();
    large.payload = vec![b'x'; 1_000_000];
    let error = store.submit(&large, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains("full"), "{error}");
    assert!(store.get(large.id).await.is_err());
    let claimed = claim_one(&store, "w", 1_000).await;
    let done = Ending::of(RowState::Finished);
    assert!(store.end(claimed.lease(), &done, None).await.unwrap());
}

#[tokio::test]
async fn a_file_that_is_gone_is_told() {
    let ground = Ground::sqlite();
    let store = ground.open().await;
    let (file, aside) = (ground.file(), ground.file().with_extension("aside"));
    std::fs::rename(&file, &aside).unwrap();
    let error = store.submit(&job(), None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains("gone"), "{error}");
    std::fs::rename(&aside, &file).unwrap();
    store.submit(&job(), None).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let ground = Ground::sqlite();
    std::fs::create_dir_all(ground.file().parent().unwrap()).unwrap();
    std::fs::write(
        ground.file(),
        "this is no database, but it is long enough".repeat(99),
    )
    .unwrap();
    let error = ground.open_with(crate::ground::KEY).await.unwrap_err();
    assert!(
        error.message().contains("damaged or no database"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_goes_away_and_comes_back_is_found_again() {
    let mut ground = Ground::postgres();
    let store = ground.open().await;
    store.submit(&job(), None).await.unwrap();
    let Ground::Postgres(postgres) = &mut ground else {
        unreachable!("it was made so")
    };
    postgres.crash();
    let error = store.submit(&job(), None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.is_retryable());
    assert!(store.check().await.is_err());
    postgres.resume();
    eventually(&store).await;
    assert_eq!(store.list(&JobFilter::default(), 9).await.unwrap().len(), 1);
}

/// Connections that died are found one by one.
async fn eventually(store: &Store) {
    let started = Instant::now();
    while let Err(error) = store.check().await {
        assert!(started.elapsed() < Duration::from_secs(30), "{error:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
