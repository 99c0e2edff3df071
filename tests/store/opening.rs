//! The start: tables, keys, files.

use std::os::unix::fs::PermissionsExt;

use cloudfarm::store::{SCHEMA_VERSION, Store, StoreOptions};
use cloudfarm_contract::{ErrorKind, Secret};

use crate::ground::{Ground, job, on_both};

on_both!(
    many_can_start_at_the_same_time,
    a_schema_of_a_newer_program_is_refused,
);

async fn many_can_start_at_the_same_time(ground: &mut Ground) {
    let ground = &*ground;
    let stores = futures_util::future::join_all((0..6).map(|_| ground.open())).await;
    stores[0].submit(&job(), None).await.unwrap();
    for store in &stores {
        store.check().await.unwrap();
    }
}

async fn a_schema_of_a_newer_program_is_refused(ground: &mut Ground) {
    drop(ground.open().await);
    ground
        .execute("INSERT INTO schema_version (version, applied_at) VALUES (9999, 0)")
        .await;
    let error = ground.open_with(crate::ground::KEY).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let message = error.message();
    assert!(message.contains("9999"), "{message}");
    assert!(message.contains(&SCHEMA_VERSION.to_string()), "{message}");
}

fn options(url: &str, key: Option<&str>) -> StoreOptions {
    StoreOptions {
        url: Secret::from(url),
        key: key.map(Secret::from),
        connections: 2,
        size_max: 0,
    }
}

#[tokio::test]
async fn a_file_appears_by_itself_for_nobody_else_to_read() {
    let ground = Ground::sqlite();
    let url = ground.url();
    let store = Store::open(&options(&url, None)).await.unwrap();
    store.submit(&job(), None).await.unwrap();
    let file = ground.file();
    let mut names = Vec::new();
    for entry in std::fs::read_dir(file.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.path());
        names.push(entry.file_name().into_string().unwrap());
    }
    assert!(names.contains(&"store.key".to_owned()), "{names:?}");
    // The key that was made is found again, by others too.
    drop(store);
    let again = options(&url, None);
    let (one, two) = tokio::join!(Store::open(&again), Store::open(&again));
    one.unwrap();
    two.unwrap();
}

#[tokio::test]
async fn wrong_settings_are_refused_with_what_would_be_right() {
    let cases = [
        ("mysql://db/x", None, "sqlite:path"),
        ("sqlite:", None, "sqlite:path"),
        ("postgresql://127.0.0.1:1/x", None, "store.key is missing"),
        ("sqlite::memory:", Some("short"), "32 characters"),
    ];
    for (url, key, says) in cases {
        let error = Store::open(&options(url, key)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{url}");
        assert!(error.message().contains(says), "{error}");
    }
}
