//! Many actions in one call.
#![expect(clippy::expect_used, reason = "a test ends where its ground gives way")]

mod common;

use common::{Answer, TestServer, cloud, fast_dummy};
use reqwest::Method;
use serde_json::{Value, json};

const ACTIONS: &str = "/api/v1/actions";

fn new(name: &str) -> Value {
    json!({ "name": name, "image": "ubuntu-24*", "size": "ram>=2048" })
}

async fn act(server: &TestServer, actions: Value) -> Answer {
    let body = json!({ "actions": actions });
    let held = [("prefer", "wait=30")];
    server.send(Method::POST, ACTIONS, Some(body), &held).await
}

fn items(answer: &Answer) -> &Vec<Value> {
    answer.body["items"].as_array().expect("items")
}

async fn states(server: &TestServer, cloud: &str) -> Vec<String> {
    let nodes = server.get(&format!("/api/v1/clouds/{cloud}/nodes")).await;
    let nodes = nodes.body["items"].as_array().expect("items").clone();
    let line = |node: &Value| format!("{} {}", node["name"], node["state"]).replace('"', "");
    let mut states: Vec<String> = nodes.iter().map(line).collect();
    states.sort();
    states
}

/// Two clouds with two nodes each.
async fn farm() -> TestServer {
    let server = TestServer::start(vec![fast_dummy("lab"), fast_dummy("test")]);
    let create = |cloud: &str| json!({ "action": "CreateNodes", "cloud": cloud, "nodes": [new("web-1"), new("db-1")] });
    let made = act(&server, json!([create("lab"), create("test")])).await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(made.body["accepted"], 4);
    server
}

#[tokio::test]
async fn nodes_are_made_changed_and_destroyed_on_many_clouds_at_once() {
    let server = farm().await;
    let stopped = act(
        &server,
        json!([
            { "action": "StopNodes", "cloud": "*", "nodes": ["web-*"] },
            { "action": "RebootNodes", "clouds": ["lab"], "nodes": ["db-1"], "kind": "hard" },
        ]),
    )
    .await;
    assert_eq!(stopped.status, 200, "{}", stopped.text);
    let seen: Vec<_> = items(&stopped)
        .iter()
        .map(|item| {
            (
                item["index"].clone(),
                item["cloud"].clone(),
                item["node"]["name"].clone(),
            )
        })
        .collect();
    assert_eq!(
        json!(seen),
        json!([
            [0, "lab", "web-1"],
            [0, "test", "web-1"],
            [1, "lab", "db-1"]
        ])
    );
    assert_eq!(items(&stopped)[2]["job"]["params"]["kind"], "hard");
    for cloud in ["lab", "test"] {
        assert_eq!(
            states(&server, cloud).await,
            ["db-1 running", "web-1 stopped"]
        );
    }

    let destroy = json!([{ "action": "DestroyNodes", "cloud": "*", "nodes": ["*"] }]);
    let destroyed = act(&server, destroy).await;
    assert_eq!(destroyed.body["accepted"], 4, "{}", destroyed.text);
    assert!(states(&server, "lab").await.is_empty());
    assert!(states(&server, "test").await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_done_does_not_hold_up_the_rest() {
    let server = farm().await;
    let answer = act(
        &server,
        json!([
            { "action": "StopNodes", "cloud": "lab", "nodes": ["web-1", "nobody", "web-1"] },
            { "action": "ResumeNodes", "cloud": "lab", "nodes": ["db-1"] },
            { "action": "StopNodes", "cloud": "nowhere", "nodes": ["web-1"] },
            { "action": "RebootNodes", "cloud": "lab", "nodes": ["web-1"] },
            { "action": "CreateNodes", "cloud": "test", "nodes": [new("web-2"), new("")] },
        ]),
    )
    .await;
    assert_eq!(answer.status, 207, "{}", answer.text);
    let statuses: Vec<_> = items(&answer)
        .iter()
        .map(|item| (item["index"].as_u64(), item["status"].as_u64()))
        .collect();
    let of = |index, status| (Some(index), Some(status));
    assert_eq!(
        statuses,
        [
            of(0, 200),
            of(0, 404),
            of(1, 409),
            of(2, 404),
            of(3, 409),
            of(4, 200),
            of(4, 400)
        ]
    );
    assert_eq!(answer.body["error"]["code"], 5002);
    assert_eq!(answer.body["error"]["kind"], "partial");
    assert_eq!(answer.body["error"]["side_effect"], "done");
    assert_eq!(
        (&answer.body["accepted"], &answer.body["failed"]),
        (&json!(2), &json!(5))
    );
    assert_eq!(
        items(&answer)[2]["error"]["allowed_states"],
        json!(["suspended"])
    );
    assert_eq!(
        states(&server, "lab").await,
        ["db-1 running", "web-1 stopped"]
    );
    assert_eq!(states(&server, "test").await.len(), 3);
}

#[tokio::test]
async fn a_wrong_action_stops_all_of_them() {
    let server = farm().await;
    let stop = json!({ "action": "StopNodes", "cloud": "lab", "nodes": ["web-1"] });
    let wrong = [
        (
            json!({ "action": "StopNode", "cloud": "lab", "nodes": ["x"] }),
            "actions.1.action",
        ),
        (
            json!({ "cloud": "lab", "nodes": ["x"] }),
            "actions.1.action",
        ),
        (
            json!({ "action": "StopNodes", "cloud": "lab", "nodes": [] }),
            "actions.1.nodes",
        ),
        (
            json!({ "action": "StopNodes", "nodes": ["x"] }),
            "actions.1.cloud",
        ),
        (
            json!({ "action": "UpdateNodes", "cloud": "lab", "nodes": ["x"], "metadata": {} }),
            "actions.1",
        ),
    ];
    for (action, field) in wrong {
        let answer = act(&server, json!([stop, action])).await;
        answer.is_problem(400, "invalid");
        assert_eq!(answer.body["field"], field, "{}", answer.text);
    }
    let many = vec![stop.clone(); 1001];
    act(&server, json!(many))
        .await
        .is_problem(400, "invalid")
        .says("1001 actions");
    act(&server, json!([])).await.is_problem(400, "invalid");
    let unknown = json!({ "action": "StopNodes", "cloud": "lab", "nodes": ["x"], "colour": "red" });
    act(&server, json!([unknown]))
        .await
        .is_problem(400, "invalid")
        .says("colour");
    assert_eq!(
        states(&server, "lab").await,
        ["db-1 running", "web-1 running"]
    );
}

#[tokio::test]
async fn a_call_is_about_a_thousand_nodes_at_most() {
    let lab = cloud("lab", "dummy", json!({ "nodes": 1001, "transition": "0s" }));
    let server = TestServer::start(vec![lab]);
    let all = json!([{ "action": "RebootNodes", "cloud": "lab", "nodes": ["*"] }]);
    let answer = act(&server, all).await;
    answer
        .is_problem(400, "invalid")
        .says("more than 1000 nodes");
    assert!(server.get("/api/v1/jobs").await.ids().is_empty());
}

#[tokio::test]
async fn a_cloud_that_is_away_costs_the_others_nothing() {
    let dead = cloud("dead", "dummy", json!({ "unreachable": true }));
    let server = TestServer::start(vec![fast_dummy("lab"), dead]);
    let create = json!({ "action": "CreateNodes", "cloud": "lab", "nodes": [new("web-1")] });
    act(&server, json!([create])).await;
    let stop = json!([{ "action": "StopNodes", "cloud": "*", "nodes": ["web-*"] }]);
    let answer = act(&server, stop).await;
    assert_eq!(answer.status, 207, "{}", answer.text);
    assert_eq!(items(&answer)[0]["error"]["kind"], "unavailable");
    assert_eq!(items(&answer)[1]["job"]["state"], "finished");
}

#[tokio::test]
async fn a_repeated_call_is_answered_with_what_became_of_the_first() {
    let server = farm().await;
    let body = json!({ "actions": [
        { "action": "StopNodes", "cloud": "lab", "nodes": ["web-1", "nobody"] },
        { "action": "CreateNodes", "cloud": "test", "nodes": [new("web-2")] },
    ] });
    let keyed = async |body: &Value, key: &str| {
        let headers = [("idempotency-key", key), ("prefer", "wait=30")];
        server
            .send(Method::POST, ACTIONS, Some(body.clone()), &headers)
            .await
    };
    let too_long = keyed(&body, &"k".repeat(256)).await;
    too_long.is_problem(400, "invalid").says("Idempotency-Key");
    assert_eq!(states(&server, "test").await.len(), 2);

    let all = futures_util::future::join_all((0..6).map(|_| keyed(&body, "k-1"))).await;
    let told = |answer: &Answer| -> Vec<Value> {
        let line = |item: &Value| {
            json!([
                item["index"],
                item["status"],
                item["job"]["id"],
                item["node"]["name"],
                item["error"]["detail"]
            ])
        };
        items(answer).iter().map(line).collect()
    };
    for answer in &all {
        assert_eq!(answer.status, 207, "{}", answer.text);
        assert_eq!(told(answer), told(&all[0]));
    }
    assert_eq!(told(&all[0]).len(), 3);
    assert_eq!(states(&server, "test").await.len(), 3);

    let other =
        json!({ "actions": [{ "action": "StopNodes", "cloud": "lab", "nodes": ["db-1"] }] });
    keyed(&other, "k-1").await.is_problem(422, "invalid");
    let path = "/api/v1/clouds/lab/nodes";
    let headers = [("idempotency-key", "k-1")];
    let single = server
        .send(Method::POST, path, Some(new("web-3")), &headers)
        .await;
    single.is_problem(422, "invalid");
    let states = states(&server, "lab").await;
    assert_eq!(states, ["db-1 running", "web-1 stopped"]);
}

#[tokio::test]
async fn a_call_may_be_for_later() {
    let server = farm().await;
    let later = |run_at: &str| {
        json!({
            "run_at": run_at,
            "actions": [{ "action": "StartNodes", "cloud": "lab", "nodes": ["web-1"] }],
        })
    };
    let past = server.post(ACTIONS, later("2020-01-01T00:00:00Z")).await;
    past.is_problem(400, "invalid").says("has passed");
    assert_eq!(past.body["field"], "run_at");
    // It runs now, so that to start it would be refused; what it is then is not known yet.
    let answer = server.post(ACTIONS, later("2100-01-01T00:00:00Z")).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let job = &items(&answer)[0]["job"];
    assert_eq!(job["state"], "pending");
    assert_eq!(job["run_at"], "2100-01-01T00:00:00Z");
}
