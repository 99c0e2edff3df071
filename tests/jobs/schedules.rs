//! Schedules and calls with many actions, over servers that share a store.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::place::{Kind, Place, Process, on_both};

on_both!(
    three_servers_begin_each_time_of_a_schedule_once,
    a_repeated_call_is_known_on_every_server_and_after_a_restart,
);

async fn post(
    place: &Place,
    server: &Process,
    path: &str,
    body: &Value,
    key: Option<&str>,
) -> (u16, Value) {
    let url = format!("{}/api/v1{path}", server.url);
    let mut request = place.client().post(url).json(body);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap())
}

async fn three_servers_begin_each_time_of_a_schedule_once(kind: Kind) {
    let place = Place::new(kind, "0s");
    let servers = [place.serve(&[]), place.serve(&[]), place.serve(&[])];
    let schedule = json!({
        "name": "each-second", "cron": "* * * * * *",
        "action": { "action": "CreateNodes", "cloud": "lab", "nodes": [
            { "name": "web-1", "image": "debian-12*", "size": "tiny" },
        ] },
    });
    let (status, made) = post(&place, &servers[0], "/schedules", &schedule, None).await;
    assert_eq!(status, 201, "{made:#}");
    let finished = "/jobs?action=RunSchedule&state=finished&limit=100";
    loop {
        let runs = place.read(&servers[1], finished).await;
        if runs["items"].as_array().unwrap().len() >= 4 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let url = format!("{}/api/v1/schedules/each-second", servers[2].url);
    let gone = place.client().delete(url).send().await.unwrap();
    assert_eq!(gone.status(), 204);

    let runs = place
        .read(&servers[1], "/jobs?action=RunSchedule&limit=100")
        .await;
    let runs = runs["items"].as_array().unwrap();
    let ticks: BTreeSet<String> = runs
        .iter()
        .map(|run| run["params"]["tick"].to_string())
        .collect();
    assert_eq!(ticks.len(), runs.len(), "{runs:#?}");
    // Each began its one job: what is still to be begun is waited for.
    for run in runs {
        let id = run["id"].as_str().unwrap();
        let ended = place
            .until(&servers[0], id, |job| job["state"] == "finished")
            .await;
        assert_eq!(ended["result"]["accepted"], 1, "{ended:#}");
    }
    let created = place
        .read(&servers[0], "/jobs?action=CreateNode&limit=100")
        .await;
    assert_eq!(created["items"].as_array().unwrap().len(), runs.len());
}

async fn a_repeated_call_is_known_on_every_server_and_after_a_restart(kind: Kind) {
    let place = Place::new(kind, "0s");
    let (one, two) = (place.serve(&[]), place.serve(&["--no-worker"]));
    let node = json!({ "name": "web-1", "image": "debian-12*", "size": "tiny" });
    let body = json!({ "actions": [
        { "action": "CreateNodes", "cloud": "lab", "nodes": [node] },
        { "action": "StopNodes", "cloud": "lab", "nodes": ["nobody"] },
    ] });
    let told = |(status, answer): (u16, Value)| {
        let of = |item: &Value| json!([item["job"]["id"], item["error"]["detail"]]);
        let items = answer["items"].as_array().unwrap();
        (status, items.iter().map(of).collect::<Vec<Value>>())
    };
    let first = told(post(&place, &one, "/actions", &body, Some("k-1")).await);
    assert_eq!((first.0, first.1.len()), (207, 2));
    assert_eq!(
        told(post(&place, &two, "/actions", &body, Some("k-1")).await),
        first
    );
    one.kill();
    two.kill();
    let again = place.serve(&[]);
    assert_eq!(
        told(post(&place, &again, "/actions", &body, Some("k-1")).await),
        first
    );
    let id = first.1[0][0].as_str().unwrap();
    place
        .until(&again, id, |job| job["state"] == "finished")
        .await;
    assert_eq!(place.nodes(&again).await, ["web-1"]);
    let other = json!({ "actions": [{ "action": "StopNodes", "cloud": "lab", "nodes": ["*"] }] });
    let (status, refused) = post(&place, &again, "/actions", &other, Some("k-1")).await;
    assert_eq!(
        (status, &refused["field"]),
        (422, &json!("Idempotency-Key"))
    );
}
