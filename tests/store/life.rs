//! A job from its submission to its end.

use cloudfarm::store::{Cancelled, Ending, JobFilter, JobNote, RowState, Submitted};
use cloudfarm_contract::ErrorKind;
use uuid::Uuid;

use crate::ground::{Ground, all, claim_one, job, on_both};

on_both!(
    a_job_is_carried_out,
    a_delayed_job_waits_for_its_time,
    a_waiting_job_is_called_off_at_once,
    a_begun_job_is_called_off_by_its_worker,
    a_failed_job_is_begun_again_by_hand,
    one_time_secrets_are_handed_over_once,
    lists_are_filtered_and_paged,
    old_jobs_are_forgotten,
    what_is_stored_is_sealed,
);

async fn a_job_is_carried_out(ground: &mut Ground) {
    let store = ground.open().await;
    let new = job();
    assert_eq!(store.submit(&new, None).await.unwrap(), Submitted::New);
    let row = store.get(new.id).await.unwrap();
    assert_eq!((row.state, row.attempt), (RowState::Ready, 0));

    let claimed = claim_one(&store, "w", 30_000).await;
    assert_eq!((claimed.id, claimed.attempt), (new.id, 1));
    assert_eq!(store.payload(&claimed).unwrap(), b"what to do");
    let lease = claimed.lease();
    for number in 1..=2 {
        let note = JobNote {
            step: format!("{{\"n\":{number}}}\n"),
            made: Some("[\"n-1\"]".to_owned()),
            resource_id: Some("n-1".to_owned()),
            ..JobNote::default()
        };
        assert!(store.note(lease, &note).await.unwrap());
    }
    let renewed = store.renew(&[lease], 30_000).await.unwrap();
    assert_eq!(renewed, [Some(false)]);
    let ending = Ending {
        result: Some("{}".to_owned()),
        ..Ending::of(RowState::Finished)
    };
    assert!(store.end(lease, &ending, None).await.unwrap());

    let row = store.get(new.id).await.unwrap();
    assert_eq!(row.state, RowState::Finished);
    assert_eq!(row.steps, "{\"n\":1}\n{\"n\":2}\n");
    assert_eq!(row.made, "[\"n-1\"]");
    assert_eq!(row.resource_id.as_deref(), Some("n-1"));
    assert!(row.ended_at.is_some());
    assert!(store.claim("w", 1, false, all(9)).await.unwrap().is_empty());
}

async fn a_delayed_job_waits_for_its_time(ground: &mut Ground) {
    let store = ground.open().await;
    let soon = store.now() + 300;
    let mut new = job();
    new.run_at = Some(soon);
    store.submit(&new, None).await.unwrap();
    assert!(store.claim("w", 1, false, all(9)).await.unwrap().is_empty());
    assert_eq!(store.next_due().await.unwrap(), Some(soon));
    while store.promote().await.unwrap() == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(store.now() >= soon, "not before its time");
    assert_eq!(claim_one(&store, "w", 1).await.id, new.id);
}

async fn a_waiting_job_is_called_off_at_once(ground: &mut Ground) {
    let store = ground.open().await;
    let new = job();
    store.submit(&new, None).await.unwrap();
    assert_eq!(store.cancel(new.id).await.unwrap(), Cancelled::AtOnce);
    assert!(store.claim("w", 1, false, all(9)).await.unwrap().is_empty());
    let row = store.get(new.id).await.unwrap();
    assert_eq!(row.state, RowState::Cancelled);
    let again = store.cancel(new.id).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Conflict);
    let unknown = store.cancel(Uuid::now_v7()).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
}

async fn a_begun_job_is_called_off_by_its_worker(ground: &mut Ground) {
    let store = ground.open().await;
    let new = job();
    store.submit(&new, None).await.unwrap();
    let claimed = claim_one(&store, "w", 30_000).await;
    assert_eq!(store.cancel(new.id).await.unwrap(), Cancelled::Asked);
    let renewed = store.renew(&[claimed.lease()], 30_000).await.unwrap();
    assert_eq!(renewed, [Some(true)]);

    // One that waits for its second try may have made something: it is not ended without a look.
    let later = Ending {
        run_at: Some(store.now() + 3_600_000),
        ..Ending::of(RowState::Delayed)
    };
    assert!(store.end(claimed.lease(), &later, None).await.unwrap());
    assert_eq!(store.cancel(new.id).await.unwrap(), Cancelled::Asked);
    let claimed = claim_one(&store, "w", 30_000).await;
    assert!(claimed.cancel_requested);
}

async fn a_failed_job_is_begun_again_by_hand(ground: &mut Ground) {
    let store = ground.open().await;
    let new = job();
    store.submit(&new, None).await.unwrap();
    let early = store.retry(new.id, 3).await.unwrap_err();
    assert_eq!(early.kind(), ErrorKind::Conflict);
    let claimed = claim_one(&store, "w", 30_000).await;
    let failed = Ending {
        error: Some("{}".to_owned()),
        ..Ending::of(RowState::Error)
    };
    assert!(store.end(claimed.lease(), &failed, None).await.unwrap());
    store.retry(new.id, 3).await.unwrap();
    let claimed = claim_one(&store, "w", 30_000).await;
    assert_eq!((claimed.attempt, claimed.attempt_max), (2, 4));
    assert_eq!(store.payload(&claimed).unwrap(), b"what to do");
    let row = store.get(new.id).await.unwrap();
    assert_eq!((row.error, row.ended_at), (None, None));
}

async fn one_time_secrets_are_handed_over_once(ground: &mut Ground) {
    let store = ground.open().await;
    let new = job();
    store.submit(&new, None).await.unwrap();
    let claimed = claim_one(&store, "w", 30_000).await;
    let ending = Ending {
        secrets: Some(b"{\"admin_password\":\"x\"}".to_vec()),
        ..Ending::of(RowState::Finished)
    };
    store.end(claimed.lease(), &ending, None).await.unwrap();
    assert!(store.get(new.id).await.unwrap().has_secrets);
    let other = ground.open().await;
    let (one, two, three) = tokio::join!(
        store.take_secrets(new.id),
        other.take_secrets(new.id),
        store.take_secrets(new.id),
    );
    let given: Vec<_> = [one, two, three]
        .into_iter()
        .filter_map(|taken| taken.unwrap())
        .collect();
    assert_eq!(given, [b"{\"admin_password\":\"x\"}".to_vec()]);
    assert!(!store.get(new.id).await.unwrap().has_secrets);
}

async fn lists_are_filtered_and_paged(ground: &mut Ground) {
    let store = ground.open().await;
    let mut ids = Vec::new();
    for number in 0..6 {
        let mut new = job();
        new.cloud = format!("c{}", number % 2);
        new.run_at = (number == 5).then(|| store.now() + 3_600_000);
        store.submit(&new, None).await.unwrap();
        ids.push(new.id);
    }
    ids.reverse();
    let found = async |filter: JobFilter, limit| {
        let rows = store.list(&filter, limit).await.unwrap();
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(found(JobFilter::default(), 9).await, ids);
    let pending = JobFilter {
        state: Some("pending"),
        ..JobFilter::default()
    };
    assert_eq!(found(pending, 9).await, ids);
    let on_cloud = JobFilter {
        cloud: Some("c1".to_owned()),
        before: Some(ids[0]),
        ..JobFilter::default()
    };
    assert_eq!(found(on_cloud, 1).await, [ids[2]]);
    let other = JobFilter {
        project: Some("other".to_owned()),
        ..JobFilter::default()
    };
    assert!(found(other, 9).await.is_empty());
}

async fn old_jobs_are_forgotten(ground: &mut Ground) {
    let store = ground.open().await;
    let (ended, waiting) = (job(), job());
    store.submit(&ended, None).await.unwrap();
    store.submit(&waiting, None).await.unwrap();
    store.cancel(ended.id).await.unwrap();
    assert_eq!(store.forget(store.now() - 60_000, 0).await.unwrap(), 0);
    assert_eq!(store.forget(store.now() + 1, 0).await.unwrap(), 1);
    assert!(store.get(ended.id).await.is_err());
    assert!(store.get(waiting.id).await.is_ok());
}

async fn what_is_stored_is_sealed(ground: &mut Ground) {
    let store = ground.open().await;
    store.submit(&job(), None).await.unwrap();
    if let Ground::Sqlite(directory) = &*ground {
        let inner = directory.path().join("inner");
        for file in std::fs::read_dir(inner).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(10).any(|part| part == b"what to do"));
        }
    }
    // Whoever has the database but not the key cannot even start.
    let error = ground
        .open_with("another key, which is long enough too")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.message().contains("another key"), "{error}");
}
