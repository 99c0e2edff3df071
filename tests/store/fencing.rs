//! A worker that lost its lease changes nothing.

use cloudfarm::store::{Ending, JobNote, RowState};

use crate::ground::{Ground, claim_one, job, on_both};

on_both!(
    a_worker_that_lost_its_lease_changes_nothing,
    a_lease_that_was_renewed_in_time_is_not_taken,
    a_job_that_is_handed_back_does_not_count_the_try,
);

async fn a_worker_that_lost_its_lease_changes_nothing(ground: &mut Ground) {
    let (store, other) = (ground.open().await, ground.open().await);
    let new = job();
    store.submit(&new, None).await.unwrap();
    let stale = claim_one(&store, "frozen", 0).await;
    let now = other.now() + 1_000;
    let expired = other.expired(now).await.unwrap();
    assert_eq!(expired.len(), 1);
    let back = Ending::of(RowState::Ready);
    assert!(
        other
            .end(expired[0].lease(), &back, Some(now))
            .await
            .unwrap()
    );
    let fresh = claim_one(&other, "fresh", 30_000).await;
    let before = store.get(new.id).await.unwrap();

    let note = JobNote {
        step: "stale\n".to_owned(),
        made: Some("[\"stale\"]".to_owned()),
        secrets: Some(b"stale".to_vec()),
        resource_id: Some("stale".to_owned()),
        lease_ms: Some(60_000),
    };
    assert!(!store.note(stale.lease(), &note).await.unwrap());
    assert_eq!(store.renew(&[stale.lease()], 1).await.unwrap(), [None]);
    for state in [RowState::Finished, RowState::Error, RowState::Ready] {
        let ending = Ending::of(state);
        assert!(!store.end(stale.lease(), &ending, None).await.unwrap());
        let twice = [(stale.lease(), ending.clone()), (stale.lease(), ending)];
        assert_eq!(store.end_all(&twice).await.unwrap(), [false, false]);
    }
    assert_eq!(store.get(new.id).await.unwrap(), before);

    let done = Ending::of(RowState::Finished);
    assert!(other.end(fresh.lease(), &done, None).await.unwrap());
    assert!(!store.note(fresh.lease(), &note).await.unwrap());
}

async fn a_lease_that_was_renewed_in_time_is_not_taken(ground: &mut Ground) {
    let (store, other) = (ground.open().await, ground.open().await);
    store.submit(&job(), None).await.unwrap();
    let claimed = claim_one(&store, "w", 0).await;
    let now = other.now() + 1_000;
    let expired = other.expired(now).await.unwrap();
    // Between the look and the taking.
    store.renew(&[claimed.lease()], 60_000).await.unwrap();
    let back = Ending::of(RowState::Ready);
    assert!(
        !other
            .end(expired[0].lease(), &back, Some(now))
            .await
            .unwrap()
    );
    let done = Ending::of(RowState::Finished);
    assert!(store.end(claimed.lease(), &done, None).await.unwrap());
}

async fn a_job_that_is_handed_back_does_not_count_the_try(ground: &mut Ground) {
    let store = ground.open().await;
    store.submit(&job(), None).await.unwrap();
    for _ in 0..5 {
        let claimed = claim_one(&store, "w", 30_000).await;
        assert_eq!(claimed.attempt, 1);
        let back = Ending {
            uncounted: true,
            ..Ending::of(RowState::Ready)
        };
        assert!(store.end(claimed.lease(), &back, None).await.unwrap());
    }
}
