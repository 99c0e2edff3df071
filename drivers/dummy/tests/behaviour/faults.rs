//! What can be made to go wrong.

use std::time::Duration;

use cloudfarm_contract::model::{Mark, NodeState};
use cloudfarm_contract::{Context, ErrorKind, NodeQuery, PageRequest, Priority, SideEffect};
use serde_json::{Value, json};

use crate::support::cloud;

/// A create on a cloud with a fault that always happens to creates.
async fn create(faults: Value) -> (crate::support::Fixture, cloudfarm_contract::Result<()>) {
    let mut params = json!({"faults": faults});
    params["faults"]["operations"] = json!(["create_node"]);
    let lab = cloud(params);
    let mut request = lab.request("web-1").await;
    request.mark = Some(Mark::new("job-1"));
    let made = lab.driver.create_node(&lab.cx, &request).await.map(|_| ());
    (lab, made)
}

#[tokio::test]
async fn a_refused_call_says_when_to_come_back_and_did_nothing() {
    let (lab, made) = create(json!({"rate_limit": 1, "retry_after": "7s"})).await;
    let error = made.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert!(lab.all(NodeQuery::all(), 10).await.is_empty());
}

#[tokio::test]
async fn a_lost_reply_leaves_a_node_that_the_mark_finds() {
    let (lab, made) = create(json!({"lost_reply": 1})).await;
    let error = made.unwrap_err();
    assert_eq!(error.side_effect(), SideEffect::Possible);
    let found = lab.all(NodeQuery::marked(Mark::new("job-1")), 10).await;
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn server_errors_and_expired_tokens_do_nothing() {
    let cases = [
        (
            "server_error",
            ErrorKind::ProviderError,
            SideEffect::Possible,
        ),
        ("expired_token", ErrorKind::ProviderAuth, SideEffect::None),
    ];
    for (fault, kind, side_effect) in cases {
        let (lab, made) = create(json!({fault: 1})).await;
        let error = made.unwrap_err();
        assert_eq!((error.kind(), error.side_effect()), (kind, side_effect));
        assert!(error.is_retryable(), "{fault}");
        assert!(lab.all(NodeQuery::all(), 10).await.is_empty());
    }
}

#[tokio::test]
async fn a_node_ends_in_error_or_vanishes_halfway() {
    let (lab, made) = create(json!({"node_error": 1})).await;
    made.unwrap();
    lab.settle();
    let node = lab.all(NodeQuery::all(), 10).await.remove(0);
    assert_eq!(node.state, NodeState::Error);
    assert!(
        node.fault
            .unwrap()
            .message
            .contains("No valid host was found")
    );

    let (lab, made) = create(json!({"vanish": 1})).await;
    made.unwrap();
    assert_eq!(lab.all(NodeQuery::all(), 10).await.len(), 1);
    lab.settle();
    assert!(lab.all(NodeQuery::all(), 10).await.is_empty());

    let plan = json!({"vanish": 1, "operations": ["get_node"]});
    let lab = cloud(json!({"nodes": 2, "faults": plan}));
    let id = lab.all(NodeQuery::all(), 10).await[0].id.clone();
    let error = lab.driver.get_node(&lab.cx, &id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(lab.all(NodeQuery::all(), 10).await.len(), 1);
}

#[tokio::test]
async fn pages_that_end_early_lead_to_the_rest() {
    let lab = cloud(json!({"nodes": 50, "faults": {"truncated_page": 0.5}}));
    let query = NodeQuery {
        page: PageRequest::first(10),
        ..NodeQuery::all()
    };
    let mut short = 0;
    for _ in 0..20 {
        let page = lab.driver.list_nodes(&lab.cx, &query).await.unwrap();
        assert!(page.next.is_some());
        short += usize::from(page.items.len() < 10);
    }
    assert!((1..20).contains(&short), "{short} of 20 pages were short");
    assert_eq!(lab.all(NodeQuery::all(), 10).await.len(), 50);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_ids_addresses_and_faults() {
    let story = async |seed: u64| {
        let lab = cloud(json!({
            "seed": seed,
            "nodes": 5,
            "faults": {"rate_limit": 0.1, "server_error": 0.1, "lost_reply": 0.1},
        }));
        let mut told = Vec::new();
        for _ in 0..60 {
            let nodes = lab.driver.list_nodes(&lab.cx, &NodeQuery::all()).await;
            told.push(match nodes {
                Ok(page) => format!("{:?}", page.items),
                Err(error) => format!("{error:?}"),
            });
        }
        told
    };
    assert_eq!(story(1).await, story(1).await);
    assert_ne!(story(1).await, story(2).await);
}

#[tokio::test(start_paused = true)]
async fn a_dead_cloud_refuses_or_hangs_until_the_deadline() {
    let lab = cloud(json!({"unreachable": true}));
    let error = lab.driver.check(&lab.cx).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.side_effect()),
        (ErrorKind::Unavailable, SideEffect::None)
    );

    for params in [json!({"hang": true}), json!({"faults": {"hang": 1}})] {
        let lab = cloud(params);
        let started = tokio::time::Instant::now();
        let cx = Context::new(Duration::from_secs(5), "test", Priority::Person);
        let error = lab.driver.check(&cx).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(started.elapsed().as_secs(), 5);
        let error = lab
            .driver
            .destroy_node(&lab.cx, "node-1")
            .await
            .unwrap_err();
        assert_eq!(error.side_effect(), SideEffect::Possible);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_takes_its_latency_and_some_jitter() {
    let lab = cloud(json!({"latency": "20ms", "latency_jitter": "10ms"}));
    let mut taken = Vec::new();
    for _ in 0..10 {
        let started = tokio::time::Instant::now();
        lab.driver.check(&lab.cx).await.unwrap();
        taken.push(started.elapsed().as_millis());
    }
    assert!(
        taken.iter().all(|millis| (20..=34).contains(millis)),
        "{taken:?}"
    );
    assert!(taken.iter().any(|millis| *millis != taken[0]), "{taken:?}");
}
