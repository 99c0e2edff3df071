//! Leases of nodes.

use cloudfarm::store::{EndOfLease, Ending, LeaseFilter, RowState, Store};
use cloudfarm_contract::Error;
use uuid::Uuid;

use crate::ground::{Ground, claim_one, job, on_both};

on_both!(
    a_job_gives_its_node_the_lease_that_was_asked_for,
    a_node_that_was_destroyed_has_no_lease,
    of_many_who_assign_a_node_one_does,
    a_refused_change_leaves_nothing,
    each_end_is_taken_once,
    what_cannot_be_destroyed_ends_again,
    leases_are_listed_in_order,
    that_there_are_none_is_known_until_there_is_one,
    leases_are_counted_by_how_far_they_are,
    a_vanished_node_takes_its_lease_unless_it_was_changed_meanwhile,
);

const NODE: (&str, &str, &str) = ("lab", "n-1", "web-1");

async fn with_end(store: &Store, (cloud, node, name): (&str, &str, &str), end: i64) -> Uuid {
    let changed = store.change_lease((cloud, node, name), |lease| {
        lease.set_end(Some(end));
        Ok(())
    });
    changed.await.unwrap().unwrap().term
}

fn nodes(leases: &[EndOfLease]) -> Vec<&str> {
    leases.iter().map(|lease| lease.node.as_str()).collect()
}

/// Carries out a job about `n-1`.
async fn carry_out(store: &Store, action: &str, params: &str) {
    let mut job = job();
    job.action = action.to_owned();
    job.params = params.to_owned();
    store.submit(&job, None).await.unwrap();
    let claimed = claim_one(store, "worker", 60_000).await;
    let ending = Ending {
        resource_id: Some("n-1".to_owned()),
        ..Ending::of(RowState::Finished)
    };
    assert!(store.end(claimed.lease(), &ending, None).await.unwrap());
}

async fn a_job_gives_its_node_the_lease_that_was_asked_for(ground: &mut Ground) {
    let store = ground.open().await;
    let asked = r#"{"name":"web-1","expires_at":"2030-01-31T18:00:00.123Z","protected":true}"#;
    carry_out(&store, "CreateNode", asked).await;
    let leases = store.leases_of("lab", &["n-0", "n-1"]).await.unwrap();
    assert_eq!(leases.len(), 1);
    assert_eq!(leases[0].expires_at, Some(1_896_112_800_123));
    assert_eq!(
        (leases[0].name.as_str(), leases[0].protected),
        ("web-1", true)
    );
    assert_eq!(store.protected_nodes("lab").await.unwrap(), ["n-1"]);
    assert!(store.leases_of("other", &["n-1"]).await.unwrap().is_empty());
}

async fn a_node_that_was_destroyed_has_no_lease(ground: &mut Ground) {
    let store = ground.open().await;
    carry_out(&store, "CreateNode", r#"{"name":"web-1"}"#).await;
    assert!(store.leases_of("lab", &["n-1"]).await.unwrap().is_empty());
    with_end(&store, NODE, store.now() + 60_000).await;
    carry_out(&store, "StopNode", "{}").await;
    assert_eq!(store.leases_of("lab", &["n-1"]).await.unwrap().len(), 1);
    carry_out(&store, "DestroyNode", "{}").await;
    assert!(store.leases_of("lab", &["n-1"]).await.unwrap().is_empty());
}

async fn of_many_who_assign_a_node_one_does(ground: &mut Ground) {
    let stores = [
        ground.open().await,
        ground.open().await,
        ground.open().await,
    ];
    let asked = (0..12).map(|number| {
        let store = stores[number % 3].clone();
        tokio::spawn(async move {
            let assigned = store.change_lease(NODE, |lease| match &lease.assigned_to {
                Some(user) => Err(Error::conflict(format!("it is {user}'s"))),
                None => {
                    lease.assigned_to = Some(format!("user-{number}"));
                    Ok(())
                }
            });
            assigned.await
        })
    });
    let mut users = Vec::new();
    for asked in asked.collect::<Vec<_>>() {
        if let Ok(lease) = asked.await.unwrap() {
            users.push(lease.unwrap().assigned_to);
        }
    }
    assert_eq!(users.len(), 1, "{users:?}");
    let kept = stores[0].leases_of("lab", &["n-1"]).await.unwrap();
    assert_eq!(kept[0].assigned_to, users[0]);
}

async fn a_refused_change_leaves_nothing(ground: &mut Ground) {
    let store = ground.open().await;
    let refused = store.change_lease(NODE, |_| Err(Error::conflict("no")));
    assert!(refused.await.is_err());
    assert!(store.leases_of("lab", &["n-1"]).await.unwrap().is_empty());
    let nothing = store.change_lease(NODE, |_| Ok(())).await.unwrap();
    assert_eq!(nothing, None);
    assert!(store.leases_of("lab", &["n-1"]).await.unwrap().is_empty());
}

async fn each_end_is_taken_once(ground: &mut Ground) {
    let (store, other) = (ground.open().await, ground.open().await);
    let now = store.now();
    assert!(!store.has_due_leases(now, now).await.unwrap());
    with_end(&store, NODE, now - 1000).await;
    assert!(store.has_due_leases(now, now).await.unwrap());
    with_end(&store, ("lab", "n-2", "web-2"), now + 60_000).await;
    with_end(&store, ("lab", "n-3", "web-3"), now - 1000).await;
    let protect = store.change_lease(("lab", "n-3", "web-3"), |lease| {
        lease.protected = true;
        Ok(())
    });
    protect.await.unwrap();
    let (one, two) = tokio::join!(
        store.notice_leases(now + 120_000),
        other.notice_leases(now + 120_000)
    );
    assert_eq!(one.unwrap().len() + two.unwrap().len(), 3);
    let (one, two) = tokio::join!(store.end_leases(), other.end_leases());
    let ended = [one.unwrap(), two.unwrap()].concat();
    assert_eq!(nodes(&ended), ["n-1"]);
    assert_eq!(nodes(&store.keep_leases().await.unwrap()), ["n-3"]);
    assert!(other.keep_leases().await.unwrap().is_empty());
    let to_destroy = store.leases_to_destroy().await.unwrap();
    assert_eq!(nodes(&to_destroy), ["n-1"]);
    let job = Uuid::now_v7();
    store.set_lease_job(&to_destroy[0], job).await.unwrap();
    assert!(other.leases_to_destroy().await.unwrap().is_empty());
    let lease = &other.leases_of("lab", &["n-1"]).await.unwrap()[0];
    assert_eq!((lease.ending, lease.job), (true, Some(job)));
}

async fn what_cannot_be_destroyed_ends_again(ground: &mut Ground) {
    let store = ground.open().await;
    let first = with_end(&store, NODE, store.now() - 1000).await;
    let mut destroy = job();
    destroy.action = "DestroyNode".to_owned();
    store.submit(&destroy, None).await.unwrap();
    store.end_leases().await.unwrap();
    let ended = &store.leases_to_destroy().await.unwrap()[0];
    store.set_lease_job(ended, destroy.id).await.unwrap();
    let later = store.now() + 60_000;
    assert!(!store.has_due_leases(later, later).await.unwrap());
    assert_eq!(store.end_leases_again(later).await.unwrap(), [], "it waits");
    let claimed = claim_one(&store, "worker", 60_000).await;
    let failed = Ending::of(RowState::Error);
    assert!(store.end(claimed.lease(), &failed, None).await.unwrap());
    let lease = &store.leases_of("lab", &["n-1"]).await.unwrap()[0];
    assert!(!lease.is_being_destroyed());
    assert_eq!(store.end_leases_again(0).await.unwrap(), [], "it rests");
    assert!(!store.has_due_leases(later, 0).await.unwrap());
    assert!(store.has_due_leases(later, later).await.unwrap());
    let again = store.end_leases_again(later).await.unwrap();
    assert_eq!(nodes(&again), ["n-1"]);
    let again = store.end_leases().await.unwrap();
    assert_eq!(nodes(&again), ["n-1"]);
    assert_ne!(again[0].term, first);
}

async fn leases_are_listed_in_order(ground: &mut Ground) {
    let store = ground.open().await;
    let now = store.now();
    for (cloud, node, ahead) in [("b", "n-1", 10), ("a", "n-2", 20), ("a", "n-1", 30)] {
        with_end(&store, (cloud, node, "x"), now + ahead).await;
    }
    let list = async |filter: LeaseFilter| {
        let leases = store.list_leases(&filter, 2).await.unwrap();
        let name = |lease: cloudfarm::store::LeaseRow| format!("{}/{}", lease.cloud, lease.node);
        leases.into_iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(list(LeaseFilter::default()).await, ["a/n-1", "a/n-2"]);
    let after = Some(("a".to_owned(), "n-2".to_owned()));
    let rest = LeaseFilter {
        after,
        ..LeaseFilter::default()
    };
    assert_eq!(list(rest).await, ["b/n-1"]);
    let soon = LeaseFilter {
        expires_before: Some(now + 20),
        ..LeaseFilter::default()
    };
    assert_eq!(list(soon).await, ["b/n-1"]);
    let theirs = LeaseFilter {
        assigned_to: Some("alice".to_owned()),
        ..LeaseFilter::default()
    };
    assert!(list(theirs).await.is_empty());
    let nobodys = LeaseFilter {
        assigned_to: Some(String::new()),
        cloud: Some("b".to_owned()),
        ..LeaseFilter::default()
    };
    assert_eq!(list(nobodys).await, ["b/n-1"]);
}

async fn that_there_are_none_is_known_until_there_is_one(ground: &mut Ground) {
    let store = ground.open().await;
    assert!(!store.knows_no_leases(), "nobody has looked");
    assert!(!store.look_for_leases().await.unwrap());
    assert!(store.knows_no_leases());
    carry_out(&store, "CreateNode", r#"{"name":"web-1","protected":true}"#).await;
    assert!(!store.knows_no_leases());
    assert!(store.look_for_leases().await.unwrap());
    assert!(!store.knows_no_leases());
}

async fn leases_are_counted_by_how_far_they_are(ground: &mut Ground) {
    let store = ground.open().await;
    let now = store.now();
    assert!(store.count_leases().await.unwrap().is_empty());
    let lease = async |node: &str, end: i64, protected: bool| {
        let changed = store.change_lease(("lab", node, "web"), |lease| {
            lease.set_end(Some(end));
            lease.protected = protected;
            Ok(())
        });
        changed.await.unwrap();
    };
    lease("n-1", now + 3_600_000, false).await;
    lease("n-2", now + 3_600_000, true).await;
    lease("n-3", now + 60_000, false).await;
    lease("n-4", now - 1000, true).await;
    lease("n-5", now - 1000, false).await;
    lease("n-6", now - 1000, false).await;
    store.notice_leases(now + 60_000).await.unwrap();
    store.end_leases().await.unwrap();
    for ended in store.leases_to_destroy().await.unwrap() {
        let mut destroy = job();
        destroy.action = "DestroyNode".to_owned();
        store.submit(&destroy, None).await.unwrap();
        store.set_lease_job(&ended, destroy.id).await.unwrap();
        if ended.node == "n-5" {
            let claimed = claim_one(&store, "worker", 60_000).await;
            let failed = Ending::of(RowState::Error);
            assert!(store.end(claimed.lease(), &failed, None).await.unwrap());
        }
    }
    with_end(&store, ("other", "n-1", "web"), now + 3_600_000).await;
    let mut counts: Vec<(String, String, i64)> = store
        .count_leases()
        .await
        .unwrap()
        .into_iter()
        .map(|it| (it.cloud, it.state, it.count))
        .collect();
    counts.sort();
    let expected = [
        ("lab", "active", 2),
        ("lab", "ending", 1),
        ("lab", "failed", 1),
        ("lab", "kept", 1),
        ("lab", "noticed", 1),
        ("other", "active", 1),
    ];
    let expected = expected.map(|(cloud, state, count)| (cloud.into(), state.into(), count));
    assert_eq!(counts, expected);
}

async fn a_vanished_node_takes_its_lease_unless_it_was_changed_meanwhile(ground: &mut Ground) {
    let store = ground.open().await;
    let now = store.now();
    with_end(&store, NODE, now + 60_000).await;
    assert!(store.unseen_leases(now - 60_000).await.unwrap().is_empty());
    let unseen = store.unseen_leases(store.now() + 1).await.unwrap();
    assert_eq!(nodes(&unseen), ["n-1"]);
    with_end(&store, NODE, now + 120_000).await;
    assert!(!store.forget_lease(&unseen[0]).await.unwrap());
    let unseen = store.unseen_leases(store.now() + 1).await.unwrap();
    assert!(store.forget_lease(&unseen[0]).await.unwrap());
    assert!(store.leases_of("lab", &["n-1"]).await.unwrap().is_empty());
}
