//! Leases of nodes over processes that share a store.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::place::{Kind, Place, Process, on_both};

on_both!(
    of_three_processes_one_ends_a_lease,
    a_lease_ends_although_every_process_was_killed_meanwhile,
    a_lease_is_that_of_a_node_whose_worker_was_killed,
    a_lease_goes_once_the_cloud_says_that_its_node_is_gone,
    leases_are_counted_from_their_beginning_to_their_end,
    a_node_that_cannot_be_destroyed_is_counted,
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
    let lease = json!({ "expires_at": end });
    node(place, server, "web-1", &lease).await;
}

/// Makes a node with these fields on top of what each needs.
async fn node(place: &Place, server: &Process, name: &str, more: &Value) {
    node_on(place, server, "lab", name, more).await;
}

async fn node_on(place: &Place, server: &Process, cloud: &str, name: &str, more: &Value) {
    let mut body = json!({ "name": name, "image": "debian-12*", "size": "tiny" });
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    let url = format!("{}/api/v1/clouds/{cloud}/nodes?wait=30", server.url);
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

/// The names of the nodes that have leases.
async fn leases(place: &Place, server: &Process) -> Vec<String> {
    let leases = place.read(server, "/leases").await;
    let items = leases["items"].as_array().unwrap();
    let name = |lease: &Value| lease["name"].as_str().unwrap().to_owned();
    items.iter().map(name).collect()
}

async fn until_leased(place: &Place, server: &Process, expected: &[&str]) {
    let started = Instant::now();
    loop {
        let seen = leases(place, server).await;
        if seen == expected {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "{seen:?}\n{}", place.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn a_lease_goes_once_the_cloud_says_that_its_node_is_gone(kind: Kind) {
    let place = Place::new(kind, "0s");
    place.write_settings("[leases]\nlook = \"1s\"\n");
    let server = place.serve(&["--no-worker"]);
    let worker = place.telling_worker();
    let lease = json!({ "expires_at": in_seconds(3600), "protected": true });
    node(&place, &server, "web-1", &lease).await;
    node(&place, &server, "web-2", &lease).await;
    place.write_cloud(&json!({ "transition": "0s", "unreachable": true }));
    worker.signal("HUP");
    place.until_logged("SIGHUP: serving").await;

    // Somebody else on the same cloud, who knows nothing of leases.
    let others = json!({ "transition": "0s", "state_file": place.state_file() });
    let other = Place::with_cloud(Kind::Sqlite, &others);
    let stranger = other.serve(&[]);
    let url = format!("{}/api/v1/clouds/lab/nodes/web-1?wait=30", stranger.url);
    let gone = other.client().delete(url).send().await.unwrap();
    assert_eq!(gone.status(), 200, "{}", other.log());
    assert_eq!(place.nodes(&server).await, ["web-2"]);

    // The cloud that does not answer is asked, and says nothing of its nodes.
    place
        .until_call_failed(&worker, "get_node", "unavailable")
        .await;
    assert_eq!(leases(&place, &server).await, ["web-1", "web-2"]);

    place.write_cloud(&json!({ "transition": "0s" }));
    worker.signal("HUP");
    until_leased(&place, &server, &["web-2"]).await;
    let counted = [
        r#"cloudfarm_node_leases_vanished_total{cloud="lab"} 1"#,
        r#"cloudfarm_node_leases{cloud="lab",state="active"} 1"#,
    ];
    place.until_counted(&worker, &counted).await;
    // Each node is asked for again and again, and the one that is there keeps its lease.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(leases(&place, &server).await, ["web-2"]);
}

#[tokio::test]
async fn a_cloud_that_hangs_holds_up_no_end_on_another() {
    let place = Place::new(Kind::Sqlite, "0s");
    place.write_settings("[leases]\nlook = \"1s\"\n[layers]\nbreaker_failures = 0\n");
    let sound = json!({ "transition": "0s" });
    place.write_clouds(&sound, &sound);
    let server = place.serve(&[]);
    let long = json!({ "expires_at": in_seconds(3600) });
    let names: Vec<String> = (0..8).map(|number| format!("web-{number}")).collect();
    for name in &names {
        node(&place, &server, name, &long).await;
    }
    place.write_clouds(&json!({ "hang": true }), &sound);
    server.signal("HUP");
    place.until_logged("SIGHUP: serving").await;
    let short = json!({ "expires_at": in_seconds(4) });
    node_on(&place, &server, "other", "short", &short).await;
    let begun = Instant::now();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    until_leased(&place, &server, &names).await;
    // To ask the other cloud for its eight nodes takes twice as long.
    assert!(begun.elapsed() < Duration::from_secs(25), "{}", place.log());
}

#[tokio::test]
async fn a_cloud_that_hangs_is_asked_once_and_not_for_each_of_its_nodes() {
    let place = Place::new(Kind::Sqlite, "0s");
    place.write_settings(
        "[leases]\nlook = \"20s\"\n\
         [layers]\nattempt_timeout = \"500ms\"\nattempts = 1\nbreaker_failures = 0\n",
    );
    let server = place.serve(&[]);
    let lease = json!({ "expires_at": in_seconds(3600) });
    for name in ["web-1", "web-2", "web-3", "web-4"] {
        node(&place, &server, name, &lease).await;
    }
    place.write_cloud(&json!({ "hang": true }));
    server.signal("HUP");
    place.until_logged("SIGHUP: serving").await;
    place.execute("UPDATE leases SET seen_at = 0").await;
    let once =
        [r#"cloudfarm_provider_calls_total{cloud="lab",operation="get_node",outcome="timeout"} 1"#];
    place.until_counted(&server, &once).await;
    // In that time it could be asked for all the others.
    tokio::time::sleep(Duration::from_secs(3)).await;
    place.until_counted(&server, &once).await;
}

async fn leases_are_counted_from_their_beginning_to_their_end(kind: Kind) {
    let place = Place::new(kind, "0s");
    place.write_settings("[leases]\nnotice = \"1h\"\n");
    let server = place.serve(&["--no-worker"]);
    let worker = place.telling_worker();
    let none = [r#"cloudfarm_node_leases{cloud="lab",state="active"} 0"#];
    place.until_counted(&server, &none).await;
    for (name, end, protected) in [
        ("long", 7200, false),
        ("soon", 1800, false),
        ("kept", 4, true),
        ("gone", 4, false),
    ] {
        let lease = json!({ "expires_at": in_seconds(end), "protected": protected });
        node(&place, &server, name, &lease).await;
    }
    let of_all = [
        r#"cloudfarm_node_leases{cloud="lab",state="active"} 1"#,
        r#"cloudfarm_node_leases{cloud="lab",state="noticed"} 1"#,
        r#"cloudfarm_node_leases{cloud="lab",state="kept"} 1"#,
        r#"cloudfarm_node_leases{cloud="lab",state="ending"} 0"#,
        r#"cloudfarm_node_leases{cloud="lab",state="failed"} 0"#,
    ];
    let of_the_worker = [
        r#"cloudfarm_node_lease_notices_total{cloud="lab"} 3"#,
        r#"cloudfarm_node_leases_ended_total{cloud="lab"} 1"#,
        r#"cloudfarm_node_leases_kept_total{cloud="lab"} 1"#,
    ];
    place.until_counted(&server, &of_all).await;
    let of_the_worker = [&of_all[..], &of_the_worker[..]].concat();
    place.until_counted(&worker, &of_the_worker).await;
}

async fn a_node_that_cannot_be_destroyed_is_counted(kind: Kind) {
    let faults = json!({ "server_error": 1.0, "operations": ["destroy_node"] });
    let broken = json!({ "transition": "0s", "faults": faults });
    let place = Place::with_cloud(kind, &broken);
    place.write_settings("[jobs]\ntries = 1\n[layers]\nretry_pause = \"1ms\"\n");
    let server = place.serve(&[]);
    leased(&place, &server, &in_seconds(3)).await;
    let failed = [
        r#"cloudfarm_node_leases{cloud="lab",state="failed"} 1"#,
        r#"cloudfarm_node_leases{cloud="lab",state="ending"} 0"#,
    ];
    place.until_counted(&server, &failed).await;

    // It rests before it is tried again: as if it had done so.
    place
        .execute("UPDATE jobs SET ended_at = ended_at - 1800000 WHERE action = 'DestroyNode'")
        .await;
    let again = r#"cloudfarm_node_lease_destroys_again_total{cloud="lab"} 1"#;
    let ended = r#"cloudfarm_jobs_ended_total{action="DestroyNode",outcome="error"} 2"#;
    place.until_counted(&server, &[again, ended]).await;
    place.write_cloud(&json!({ "transition": "0s" }));
    server.signal("HUP");
    place.until_logged("SIGHUP: serving").await;
    place
        .execute("UPDATE jobs SET ended_at = ended_at - 1800000 WHERE action = 'DestroyNode'")
        .await;
    until_gone(&place, &server).await;
}
