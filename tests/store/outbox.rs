//! What is yet to be told to whom.

use cloudfarm::store::{Cancelled, Delivery, Ending, RowState, Store, Wanted};
use serde_json::Value;

use crate::ground::{Ground, claim_one, job, on_both};

on_both!(
    what_ends_is_kept_for_those_who_want_it,
    one_takes_what_is_due,
    what_failed_comes_again_and_is_counted,
    a_lease_is_told_of_before_and_after_its_end,
    a_notifier_that_nobody_has_is_forgotten,
);

const LEASE: i64 = 60_000;

async fn register(store: &Store) {
    let failures = Wanted {
        job_failed: true,
        ..Wanted::default()
    };
    let ends = Wanted {
        job_ended: true,
        ..Wanted::default()
    };
    store.register_notifier("failures", failures).await.unwrap();
    store.register_notifier("ends", ends).await.unwrap();
}

/// Ends a job in this state.
async fn end(store: &Store, state: RowState) {
    let mut job = job();
    job.params = r#"{"name":"web-1"}"#.to_owned();
    store.submit(&job, None).await.unwrap();
    let claimed = claim_one(store, "worker", LEASE).await;
    let ending = Ending {
        error: (state == RowState::Error).then(|| r#"{"detail":"no room"}"#.to_owned()),
        ..Ending::of(state)
    };
    assert!(store.end(claimed.lease(), &ending, None).await.unwrap());
}

async fn take(store: &Store, notifier: &str) -> Option<Delivery> {
    store.take_delivery(notifier, LEASE).await.unwrap()
}

async fn what_ends_is_kept_for_those_who_want_it(ground: &mut Ground) {
    let store = ground.open().await;
    end(&store, RowState::Error).await;
    register(&store).await;
    assert_eq!(take(&store, "failures").await, None, "it was before");
    end(&store, RowState::Finished).await;
    end(&store, RowState::Error).await;
    end(&store, RowState::Delayed).await;
    let waiting = job();
    store.submit(&waiting, None).await.unwrap();
    assert_eq!(store.cancel(waiting.id).await.unwrap(), Cancelled::AtOnce);
    let failed = take(&store, "failures").await.unwrap();
    assert_eq!((failed.kind.as_str(), failed.attempt), ("job.failed", 1));
    assert_eq!(
        (failed.cloud.as_str(), failed.action.as_str()),
        ("lab", "CreateNode")
    );
    let body: Value = serde_json::from_str(&failed.body).unwrap();
    assert_eq!(body["error"]["detail"], "no room", "{body:#}");
    assert_eq!(body["params"]["name"], "web-1");
    assert_eq!(body["resource_id"], Value::Null);
    assert_eq!(body["tries"], 1);
    assert_eq!(take(&store, "failures").await, None);
    let mut states = Vec::new();
    while let Some(delivery) = take(&store, "ends").await {
        assert_eq!(delivery.kind, "job.ended");
        let body: Value = serde_json::from_str(&delivery.body).unwrap();
        states.push(body["state"].as_str().unwrap().to_owned());
    }
    states.sort();
    assert_eq!(states, ["cancelled", "error", "finished"]);
}

async fn one_takes_what_is_due(ground: &mut Ground) {
    let (store, other) = (ground.open().await, ground.open().await);
    register(&store).await;
    for _ in 0..5 {
        end(&store, RowState::Finished).await;
    }
    let mut events = Vec::new();
    loop {
        let (one, two) = tokio::join!(take(&store, "ends"), take(&other, "ends"));
        let before = events.len();
        events.extend([one, two].into_iter().flatten().map(|taken| taken.event));
        // One that lost the race for a row gives nothing and asks again.
        if events.len() == before {
            break;
        }
    }
    events.sort();
    events.dedup();
    assert_eq!(events.len(), 5);
}

async fn what_failed_comes_again_and_is_counted(ground: &mut Ground) {
    let store = ground.open().await;
    register(&store).await;
    end(&store, RowState::Finished).await;
    let first = take(&store, "ends").await.unwrap();
    let later = store.now() + LEASE;
    store
        .postpone_delivery(&first, later, "it answered 500")
        .await
        .unwrap();
    assert_eq!(take(&store, "ends").await, None, "not before its time");
    store
        .postpone_delivery(&first, 0, "it answered 500")
        .await
        .unwrap();
    let second = take(&store, "ends").await.unwrap();
    assert_eq!((second.attempt, &second.body), (2, &first.body));
    // Whoever held it first is too late.
    store.delivered(&first).await.unwrap();
    let row = |rows: Vec<cloudfarm::store::NotifierRow>| rows.into_iter().next().unwrap();
    assert_eq!(row(store.notifiers().await.unwrap()).waiting, 1);
    store.put_back_delivery(&second).await.unwrap();
    let third = take(&store, "ends").await.unwrap();
    assert_eq!(third.attempt, 2, "a try that was none does not count");
    store
        .give_up_delivery(&third, "it answered 500")
        .await
        .unwrap();
    let ends = row(store.notifiers().await.unwrap());
    assert_eq!((ends.waiting, ends.lost), (0, 1));
    assert_eq!(ends.error.as_deref(), Some("it answered 500"));
    end(&store, RowState::Finished).await;
    let fourth = take(&store, "ends").await.unwrap();
    store.delivered(&fourth).await.unwrap();
    let ends = row(store.notifiers().await.unwrap());
    assert_eq!((ends.waiting, ends.error), (0, None));
    assert!(ends.delivered_at.is_some());
}

async fn a_lease_is_told_of_before_and_after_its_end(ground: &mut Ground) {
    let store = ground.open().await;
    let wanted = Wanted {
        lease_notice: true,
        lease_ended: true,
        ..Wanted::default()
    };
    store.register_notifier("leases", wanted).await.unwrap();
    let now = store.now();
    for (node, protected) in [("n-1", false), ("n-2", true)] {
        let changed = store.change_lease(("lab", node, "web"), |lease| {
            lease.set_end(Some(now - 1000));
            lease.protected = protected;
            Ok(())
        });
        changed.await.unwrap();
    }
    store.notice_leases(now).await.unwrap();
    store.keep_leases().await.unwrap();
    store.end_leases().await.unwrap();
    let mut told = Vec::new();
    while let Some(delivery) = take(&store, "leases").await {
        let body: Value = serde_json::from_str(&delivery.body).unwrap();
        let node = body["node"].as_str().unwrap().to_owned();
        told.push((delivery.kind, node, body["protected"].as_bool().unwrap()));
    }
    told.sort();
    let expected = [
        ("lease.ended", "n-1", false),
        ("lease.ended", "n-2", true),
        ("lease.notice", "n-1", false),
        ("lease.notice", "n-2", true),
    ];
    let expected = expected.map(|(kind, node, kept)| (kind.to_owned(), node.to_owned(), kept));
    assert_eq!(told, expected);
}

async fn a_notifier_that_nobody_has_is_forgotten(ground: &mut Ground) {
    let store = ground.open().await;
    register(&store).await;
    end(&store, RowState::Finished).await;
    store.forget_notifiers(store.now() - LEASE).await.unwrap();
    assert_eq!(store.notifiers().await.unwrap().len(), 2);
    store.forget_notifiers(store.now() + 1).await.unwrap();
    assert_eq!(store.notifiers().await.unwrap(), []);
    assert_eq!(take(&store, "ends").await, None);
    end(&store, RowState::Finished).await;
    assert_eq!(take(&store, "ends").await, None, "nobody wants it");
}
