//! Many who ask for a node at the same time.

use std::sync::Arc;

use cloudfarm_contract::{Driver, ErrorKind, SystemClock};

use crate::wire::{Reply, Seen, Wire, cx, field, ok, refused};

fn described(ids: &[&str]) -> Reply {
    let items: String = ids
        .iter()
        .map(|id| {
            format!(
                "<item><instancesSet><item><instanceId>{id}</instanceId>\
                 <instanceState><name>running</name></instanceState></item></instancesSet></item>"
            )
        })
        .collect();
    ok(format!(
        "<DescribeInstancesResponse><reservationSet>{items}</reservationSet>\
         </DescribeInstancesResponse>"
    ))
}

/// The ids that a call asks for, whichever way.
fn asked(seen: &Seen) -> Vec<&str> {
    let is_id = |name: &str| name.starts_with("InstanceId.") || name.starts_with("Filter.1.Value.");
    let ids = seen.iter().filter(|(name, _)| is_id(name));
    ids.map(|(_, id)| id.as_str()).collect()
}

/// A cloud that knows every instance but `i-gone`, and does not take a call that names it.
fn answer(seen: &Seen) -> Reply {
    let mut ids = asked(seen);
    if field(seen, "InstanceId.1") == "i-gone" {
        return refused(400, "InvalidInstanceID.NotFound", "it does not exist");
    }
    ids.retain(|id| *id != "i-gone");
    described(&ids)
}

#[tokio::test]
async fn they_share_calls_of_two_hundred() {
    let wire = Wire::new(answer).await;
    let driver = wire.driver(Arc::new(SystemClock));
    let mut looks = tokio::task::JoinSet::new();
    for number in 0..500 {
        let driver = Arc::clone(&driver);
        let id = match number {
            77 => "i-gone".to_owned(),
            _ => format!("i-{number:08}"),
        };
        looks.spawn(async move { (driver.get_node(&cx(), &id).await, id) });
    }
    while let Some(look) = looks.join_next().await {
        match look.unwrap() {
            (Ok(node), id) => assert_eq!(node.id, *id),
            (Err(error), id) => {
                assert_eq!(id, "i-gone", "{error:?}");
                assert_eq!(error.kind(), ErrorKind::NotFound);
            }
        }
    }
    let calls = wire.calls("DescribeInstances");
    assert!(calls.len() <= 10, "{} calls for 500 nodes", calls.len());
    for call in &calls {
        assert!(asked(call).len() <= 200);
    }
    let asked: usize = calls.iter().map(|call| asked(call).len()).sum();
    assert_eq!(asked, 500, "each is asked for once");
}

#[tokio::test]
async fn what_one_is_refused_the_others_ask_for_themselves() {
    let mut calls = 0;
    let wire = Wire::new(move |seen| {
        calls += 1;
        if asked(seen).len() > 1 && calls < 8 {
            return refused(503, "Unavailable", "come back later");
        }
        answer(seen)
    })
    .await;
    let driver: Arc<dyn Driver> = wire.driver(Arc::new(SystemClock));
    let mut looks = tokio::task::JoinSet::new();
    for number in 0..40 {
        let driver = Arc::clone(&driver);
        looks.spawn(async move { driver.get_node(&cx(), &format!("i-{number:08}")).await });
    }
    let looks = looks.join_all().await;
    let refused: Vec<_> = looks
        .iter()
        .filter_map(|look| look.as_ref().err())
        .collect();
    assert!(refused.len() < 8, "{} of 40 refused", refused.len());
    for error in refused {
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
}

#[tokio::test]
async fn who_gives_up_leaves_the_others_their_answers() {
    let wire = Wire::new(answer).await;
    let driver = wire.driver(Arc::new(SystemClock));
    let mut looks = tokio::task::JoinSet::new();
    let mut given_up = Vec::new();
    for number in 0..60 {
        let driver = Arc::clone(&driver);
        let look = async move { driver.get_node(&cx(), &format!("i-{number:08}")).await };
        if number % 3 == 0 {
            given_up.push(looks.spawn(look));
        } else {
            looks.spawn(look);
        }
    }
    tokio::task::yield_now().await;
    for look in given_up {
        look.abort();
    }
    let mut found = 0;
    while let Some(look) = looks.join_next().await {
        match look {
            Ok(look) => {
                look.unwrap();
                found += 1;
            }
            Err(error) => assert!(error.is_cancelled()),
        }
    }
    assert!(found >= 40, "{found}");
}
