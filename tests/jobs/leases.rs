//! Leases of nodes over processes that share a store.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::place::{Kind, Place, Process, on_both};

on_both!(
    of_three_processes_one_ends_a_lease,
    a_lease_ends_although_every_process_was_killed_meanwhile,
    a_lease_is_that_of_a_node_whose_worker_was_killed,
);

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn in_seconds(seconds: u64) -> String {
    let end = Timestamp::now() + Duration::from_secs(seconds);
    // The store counts in milliseconds.
    Timestamp::from_millisecond(end.as_millisecond())
        .unwrap()
        .to_string()
}

/// Makes a node whose lease ends then.
async fn leased(place: &Place, server: &Process, end: &str) {
    let body = json!({
        "name": "web-1", "image": "debian-12*", "size": "tiny", "expires_at": end,
    });
    let url = format!("{}/api/v1/clouds/lab/nodes?wait=30", server.url);
    let answer = place.client().post(url).json(&body).send().await.unwrap();
    let job: Value = answer.json().await.unwrap();
    assert_eq!(job["state"], "finished", "{job:#}");
}

async fn until_gone(place: &Place, server: &Process) {
    let started = Instant::now();
    while !place.nodes(server).await.is_empty() {
        assert!(started.elapsed() < PATIENCE, "{}", place.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn destructions(place: &Place, server: &Process) -> usize {
    let jobs = place.read(server, "/jobs?action=DestroyNode").await;
    jobs["items"].as_array().unwrap().len()
}

async fn of_three_processes_one_ends_a_lease(kind: Kind) {
    let place = Place::new(kind, "0s");
    let server = place.serve(&["--no-worker"]);
    let workers = [place.worker(), place.worker(), place.worker()];
    leased(&place, &server, &in_seconds(4)).await;
    let node = place.read(&server, "/clouds/lab/nodes/web-1").await;
    assert!(node["lease"]["expires_at"].is_string(), "{node:#}");
    until_gone(&place, &server).await;
    // Each process looks several times more before it is asked how often the node was destroyed.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(destructions(&place, &server).await, 1);
    let leases = place.read(&server, "/leases").await;
    assert_eq!(leases["items"], json!([]));
    drop(workers);
}

async fn a_lease_ends_although_every_process_was_killed_meanwhile(kind: Kind) {
    let place = Place::new(kind, "0s");
    let server = place.serve(&[]);
    leased(&place, &server, &in_seconds(4)).await;
    server.kill();
    let server = place.serve(&[]);
    until_gone(&place, &server).await;
    assert_eq!(destructions(&place, &server).await, 1);
}

async fn a_lease_is_that_of_a_node_whose_worker_was_killed(kind: Kind) {
    let place = Place::new(kind, "2s");
    let server = place.serve(&["--no-worker"]);
    let worker = place.worker();
    let end = in_seconds(3600);
    let body = json!({
        "name": "web-1", "image": "debian-12*", "size": "tiny", "expires_at": end,
        "protected": true,
    });
    let url = format!("{}/api/v1/clouds/lab/nodes", server.url);
    let answer = place.client().post(url).json(&body).send().await.unwrap();
    let job: Value = answer.json().await.unwrap();
    let id = crate::place::id(&job);
    place
        .until(&server, &id, crate::place::has_step("created"))
        .await;
    worker.kill();
    let _other = place.worker();
    place
        .until(&server, &id, crate::place::in_state("finished"))
        .await;
    let node = place.read(&server, "/clouds/lab/nodes/web-1").await;
    let kept: Timestamp = node["lease"]["expires_at"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let asked: Timestamp = end.parse().unwrap();
    assert_eq!(kept, asked);
    assert_eq!(node["lease"]["protected"], true);
}
