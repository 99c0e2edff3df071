//! One job for a request, however often it comes.

use cloudfarm::store::{Idempotency, JobFilter, Submitted};

use crate::ground::{Ground, job, on_both};

on_both!(
    a_repeated_request_finds_the_job_of_the_first,
    of_many_at_the_same_time_one_makes_the_job,
    there_is_one_job_of_a_unique_key,
);

fn asked(body: &str, not_before: i64) -> Idempotency {
    Idempotency {
        key: "k-1".to_owned(),
        fingerprint: body.as_bytes().to_vec(),
        not_before,
    }
}

async fn a_repeated_request_finds_the_job_of_the_first(ground: &mut Ground) {
    let (store, other) = (ground.open().await, ground.open().await);
    let (first, second) = (job(), job());
    let same = asked("a", 0);
    assert_eq!(other.recall("default", &same).await.unwrap(), None);
    let made = store.submit(&first, Some(&same)).await.unwrap();
    assert_eq!(made, Submitted::New);
    let known = Submitted::Known(first.id);
    assert_eq!(other.submit(&second, Some(&same)).await.unwrap(), known);
    assert_eq!(other.recall("default", &same).await.unwrap(), Some(known));
    let different = asked("b", 0);
    let refused = store.submit(&second, Some(&different)).await.unwrap();
    assert_eq!(refused, Submitted::Other);
    assert!(store.get(second.id).await.is_err());

    // Another project has keys of its own, and an old key is free again.
    let mut of_other = job();
    of_other.project = "other".to_owned();
    let made = store.submit(&of_other, Some(&different)).await.unwrap();
    assert_eq!(made, Submitted::New);
    let later = asked("b", store.now() + 1);
    assert_eq!(store.recall("default", &later).await.unwrap(), None);
    let made = store.submit(&second, Some(&later)).await.unwrap();
    assert_eq!(made, Submitted::New);
}

async fn of_many_at_the_same_time_one_makes_the_job(ground: &mut Ground) {
    let stores = [ground.open().await, ground.open().await];
    let mut submissions = tokio::task::JoinSet::new();
    for number in 0..16 {
        let store = stores[number % 2].clone();
        submissions.spawn(async move {
            let new = job();
            let submitted = store.submit(&new, Some(&asked("a", 0))).await.unwrap();
            (new.id, submitted)
        });
    }
    let all = submissions.join_all().await;
    let made: Vec<_> = all
        .iter()
        .filter(|(_, submitted)| *submitted == Submitted::New)
        .collect();
    assert_eq!(made.len(), 1);
    let known = Submitted::Known(made[0].0);
    let repeated = all.iter().filter(|(_, submitted)| *submitted == known);
    assert_eq!(repeated.count(), 15);
    let rows = stores[0].list(&JobFilter::default(), 99).await.unwrap();
    assert_eq!(rows.len(), 1);
}

async fn there_is_one_job_of_a_unique_key(ground: &mut Ground) {
    let stores = [ground.open().await, ground.open().await];
    let tick = || {
        let mut new = job();
        new.unique_key = Some("nightly 2030-01-01T00:00:00Z".to_owned());
        new
    };
    let (first, second) = (tick(), tick());
    let (one, two) = tokio::join!(
        stores[0].submit(&first, None),
        stores[1].submit(&second, None)
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert!(
        (one, two) == (Submitted::New, Submitted::Known(first.id))
            || (one, two) == (Submitted::Known(second.id), Submitted::New),
        "{one:?} {two:?}"
    );
}
