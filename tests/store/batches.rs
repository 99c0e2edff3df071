//! Many jobs in one statement.

use cloudfarm::store::{Ending, JobRow, NewJob, RowState, Store};
use uuid::Uuid;

use crate::ground::{Ground, all, claim_one, job, on_both};

on_both!(
    each_job_of_a_batch_is_stored_as_it_is,
    each_end_of_a_batch_is_written_as_it_is,
    one_without_its_lease_does_not_keep_the_others_from_their_end,
);

/// What takes quoting, in every dialect and in JSON.
const ODD: &str = "a \"quoted\" \\ word\n\tof 'ours': \u{1f600} \u{7f} {}[],";

async fn each_job_of_a_batch_is_stored_as_it_is(ground: &mut Ground) {
    let store = ground.open().await;
    let once = |key: &str| NewJob {
        unique_key: Some(key.to_owned()),
        ..job()
    };
    let later = NewJob {
        run_at: Some(store.now() + 60_000),
        priority: -7,
        ..job()
    };
    let odd = NewJob {
        cloud: "odd".to_owned(),
        resource_id: Some(ODD.to_owned()),
        params: ODD.to_owned(),
        payload: (0..=255).collect(),
        ..job()
    };
    let (first, second) = (once("tick"), once("tick"));
    let jobs = [later.clone(), odd.clone(), first.clone(), second.clone()];
    store.submit_all(&jobs).await.unwrap();

    let row = store.get(later.id).await.unwrap();
    let seen = (row.state, row.run_at, row.priority, row.resource_id);
    assert_eq!(seen, (RowState::Delayed, later.run_at.unwrap(), -7, None));
    let row = store.get(odd.id).await.unwrap();
    let seen = (row.state, row.params.as_str(), row.resource_id.as_deref());
    assert_eq!(seen, (RowState::Ready, ODD, Some(ODD)));
    assert!(store.get(first.id).await.is_ok());
    assert!(
        store.get(second.id).await.is_err(),
        "there is one of its key"
    );

    let claimed = store.claim("w", 30_000, false, all(9)).await.unwrap();
    let odd = claimed.iter().find(|claimed| claimed.id == odd.id).unwrap();
    assert_eq!(store.payload(odd).unwrap(), Vec::from_iter(0..=255));
}

async fn each_end_of_a_batch_is_written_as_it_is(ground: &mut Ground) {
    let store = ground.open().await;
    let jobs: Vec<NewJob> = (0..3).map(|_| job()).collect();
    store.submit_all(&jobs).await.unwrap();
    let claimed = store.claim("w", 30_000, false, all(9)).await.unwrap();
    let later = store.now() + 60_000;
    let finished = Ending {
        step: format!("{ODD}\n"),
        result: Some(ODD.to_owned()),
        secrets: Some(vec![0, 255, 7]),
        resource_id: Some(ODD.to_owned()),
        ..Ending::of(RowState::Finished)
    };
    let failed = Ending {
        error: Some(ODD.to_owned()),
        ..Ending::of(RowState::Error)
    };
    let again = Ending {
        run_at: Some(later),
        uncounted: true,
        ..Ending::of(RowState::Delayed)
    };
    let ids: Vec<Uuid> = claimed.iter().map(|claimed| claimed.id).collect();
    let leases = claimed.iter().map(|claimed| claimed.lease());
    let endings: Vec<_> = leases.zip([finished, failed, again]).collect();
    assert_eq!(store.end_all(&endings).await.unwrap(), [true; 3]);

    let row = get(&store, ids[0]).await;
    assert_eq!(row.state, RowState::Finished);
    assert_eq!(row.steps, format!("{ODD}\n"));
    assert_eq!((row.result.as_deref(), row.error), (Some(ODD), None));
    assert_eq!(row.resource_id.as_deref(), Some(ODD));
    assert!(row.ended_at.is_some());
    let secrets = store.take_secrets(ids[0]).await.unwrap();
    assert_eq!(secrets, Some(vec![0, 255, 7]));

    let row = get(&store, ids[1]).await;
    assert_eq!((row.state, row.attempt), (RowState::Error, 1));
    assert_eq!((row.result, row.error.as_deref()), (None, Some(ODD)));
    assert!(row.ended_at.is_some() && !row.has_secrets);

    let row = get(&store, ids[2]).await;
    assert_eq!((row.state, row.attempt), (RowState::Delayed, 0));
    assert_eq!((row.run_at, row.ended_at), (later, None));
}

async fn one_without_its_lease_does_not_keep_the_others_from_their_end(ground: &mut Ground) {
    let store = ground.open().await;
    store.submit(&job(), None).await.unwrap();
    let held = claim_one(&store, "w", 30_000).await;
    store.submit(&job(), None).await.unwrap();
    let lost = claim_one(&store, "w", 30_000).await;
    let done = Ending::of(RowState::Finished);
    assert!(store.end(lost.lease(), &done, None).await.unwrap());
    let both = [(lost.lease(), done.clone()), (held.lease(), done)];
    assert_eq!(store.end_all(&both).await.unwrap(), [false, true]);
    assert_eq!(get(&store, held.id).await.state, RowState::Finished);
}

async fn get(store: &Store, id: Uuid) -> JobRow {
    store.get(id).await.unwrap()
}
