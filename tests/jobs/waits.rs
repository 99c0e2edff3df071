//! Many waits on one cloud share its list.

use cloudfarm::jobs::kinds::Create;
use cloudfarm_contract::Operation;
use cloudfarm_contract::model::{Node, NodeCreate};
use futures_util::future::join_all;
use serde_json::json;

use crate::census::count;
use crate::lab::{CLOUD, Lab, TestJob};

/// Makes so many nodes at the same time; gives how often single nodes and lists were asked for.
async fn looks(nodes: usize, params: serde_json::Value) -> (usize, usize) {
    let lab = Lab::new(params);
    let request = lab.node_create().await;
    let mut jobs: Vec<TestJob> = (0..nodes)
        .map(|number| {
            let request = NodeCreate {
                name: format!("web-{number}").into(),
                ..request.clone()
            };
            let cloud = CLOUD;
            TestJob::new(&Create { cloud, request }, 3)
        })
        .collect();
    let ended = join_all(jobs.iter_mut().map(|job| job.run(&lab))).await;
    let lists = lab.calls.of(Operation::ListNodes);
    let singles = lab.calls.of(Operation::GetNode);
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
    assert_eq!(count::<Node>(&lab).await, nodes);
    (singles, lists)
}

#[tokio::test(start_paused = true)]
async fn a_hundred_waits_share_the_list() {
    let slow = json!({ "transition": "20s", "latency": "40ms" });
    let (singles, lists) = looks(100, slow.clone()).await;
    let (each, _) = looks(1, slow).await;
    println!("100 waits: {singles} looks at nodes and {lists} lists, alone {each} looks each");
    assert!(lists > 0);
    // Each of them alone would look as often as one does.
    assert!(
        (singles + lists) * 5 < each * 100,
        "{singles} + {lists}, {each} each"
    );
}

#[tokio::test(start_paused = true)]
async fn a_few_waits_look_at_their_own_nodes() {
    let (singles, lists) = looks(3, json!({ "transition": "5s" })).await;
    assert!(singles > 3);
    assert_eq!(lists, 0);
}

#[tokio::test(start_paused = true)]
async fn a_list_of_many_pages_is_not_worth_it() {
    let crowded = json!({ "nodes": 20_000, "transition": "20s" });
    let lab = Lab::new(crowded);
    let request = lab.node_create().await;
    let mut jobs: Vec<TestJob> = (0..10)
        .map(|_| {
            let (cloud, request) = (CLOUD, request.clone());
            TestJob::new(&Create { cloud, request }, 3)
        })
        .collect();
    let ended = join_all(jobs.iter_mut().map(|job| job.run(&lab))).await;
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
    let lists = lab.calls.of(Operation::ListNodes);
    // It is begun once, to know that it is long.
    assert!(lists > 0 && lists < 10, "{lists}");
}
