//! Leases of nodes, as clients see them.
#![expect(clippy::expect_used, reason = "a test ends where its ground gives way")]

mod common;

use std::time::{Duration, Instant};

use cloudfarm::settings::Span;
use common::{TestServer, fast_dummy};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

const NODES: &str = "/api/v1/clouds/lab/nodes";
/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn server() -> TestServer {
    TestServer::start_with(vec![fast_dummy("lab")], |settings| {
        settings.jobs.poll = Span::millis(50);
        settings.leases.notice = Span::seconds(2);
    })
}

fn ahead(seconds: i64) -> String {
    (Timestamp::now() + SignedDuration::from_secs(seconds)).to_string()
}

/// Makes a node with these fields on top of what each needs.
async fn node(server: &TestServer, name: &str, more: Value) -> String {
    let mut body = json!({ "name": name, "image": "debian-12*", "size": "tiny" });
    for (key, value) in more.as_object().expect("an object") {
        body[key] = value.clone();
    }
    let result = server.done(Method::POST, NODES, Some(body)).await;
    result["node"]["id"].as_str().expect("an id").to_owned()
}

/// The node as soon as its lease is as wanted; nothing once it is gone.
async fn until(
    server: &TestServer,
    node: &str,
    wanted: impl Fn(Option<&Value>) -> bool,
) -> Option<Value> {
    let started = Instant::now();
    loop {
        let answer = server.get(&format!("{NODES}/{node}")).await;
        let seen = (answer.status == 200).then_some(answer.body);
        if wanted(seen.as_ref()) {
            return seen;
        }
        assert!(started.elapsed() < PATIENCE, "{seen:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_node_goes_with_its_lease() {
    let server = server();
    let id = node(&server, "web-1", json!({ "expires_at": ahead(4) })).await;
    let shown = server.get(&format!("{NODES}/web-1")).await.body;
    assert_eq!(shown["lease"]["state"], "active", "{shown:#}");
    assert_eq!(shown["lease"]["assigned_to"], Value::Null);
    let noticed = until(&server, &id, |node| {
        node.is_none_or(|node| node["lease"]["state"] != "active")
    });
    assert_eq!(
        noticed.await.expect("it is there")["lease"]["state"],
        "noticed"
    );
    until(&server, &id, |node| node.is_none()).await;
    let jobs = server.get("/api/v1/jobs?action=DestroyNode").await.body;
    assert_eq!(jobs["items"].as_array().map(Vec::len), Some(1), "{jobs:#}");
    assert_eq!(jobs["items"][0]["resource"]["id"], id);
}

#[tokio::test]
async fn an_end_that_cannot_be_is_refused_before_anything_is_written() {
    let server = server();
    let body = |end: &str| json!({ "name": "web-1", "image": "debian-12*", "size": "tiny", "expires_at": end });
    for end in [ahead(-1), ahead(20 * 365 * 24 * 3600), "soon".to_owned()] {
        let answer = server.post(NODES, body(&end)).await;
        answer.is_problem(400, "invalid");
        assert_eq!(answer.body["field"], "expires_at", "{}", answer.text);
    }
    let actions = json!({ "actions": [
        { "action": "CreateNodes", "cloud": "lab", "nodes": [body(&ahead(-1))] },
    ]});
    let answer = server.post("/api/v1/actions", actions).await.body;
    let refused = &answer["items"][0]["error"];
    assert_eq!(refused["kind"], "invalid", "{answer:#}");
    assert_eq!(server.get("/api/v1/jobs").await.body["items"], json!([]));

    let id = node(&server, "web-1", json!({})).await;
    let lease = format!("{NODES}/{id}/lease");
    for body in [
        json!({ "expires_at": ahead(-1) }),
        json!({ "expires_at": "tomorrow" }),
        json!({ "ends": ahead(5) }),
        json!({}),
    ] {
        server.patch(&lease, body).await.is_problem(400, "invalid");
    }
    let assign = format!("{NODES}/{id}/assign");
    for body in [
        json!({ "user": "" }),
        json!({ "user": "a\nb" }),
        json!({ "user": "alice", "purpose": "x".repeat(256) }),
        json!({ "user": "alice", "expires_at": ahead(-1) }),
    ] {
        server.post(&assign, body).await.is_problem(400, "invalid");
    }
    let leases = server.get("/api/v1/leases").await.body;
    assert_eq!(leases["items"], json!([]));
}

#[tokio::test]
async fn an_end_can_be_moved_and_taken_away() {
    let server = server();
    let id = node(&server, "web-1", json!({ "expires_at": ahead(60) })).await;
    let before = server.get(&format!("{NODES}/{id}")).await;
    let lease = format!("{NODES}/{id}/lease");
    let end = "2030-01-31T18:00:00Z";
    let moved = server.patch(&lease, json!({ "expires_at": end })).await;
    assert_eq!(moved.body["lease"]["expires_at"], end, "{}", moved.text);
    assert_eq!(moved.body["name"], "web-1");
    let after = server.get(&format!("{NODES}/{id}")).await;
    assert_ne!(before.headers["etag"], after.headers["etag"]);
    let tag = after.headers["etag"].to_str().expect("a tag");
    let path = format!("{NODES}/{id}/stop");
    let prefer = [("if-match", tag), ("prefer", "wait=30")];
    let stopped = server.send(Method::POST, &path, None, &prefer).await;
    assert_eq!(stopped.body["state"], "finished", "{}", stopped.text);
    let never = server.patch(&lease, json!({ "expires_at": null })).await;
    assert_eq!(never.body.get("lease"), None, "{}", never.text);
}

#[tokio::test]
async fn a_protected_node_is_not_destroyed() {
    let server = server();
    let more = json!({ "expires_at": ahead(1), "protected": true });
    let id = node(&server, "db-1", more).await;
    let path = format!("{NODES}/{id}");
    let refused = server.delete(&path).await;
    refused.is_problem(409, "conflict").says("is protected");
    let actions = json!({ "actions": [
        { "action": "DestroyNodes", "cloud": "lab", "nodes": ["db-*"] },
    ]});
    let answer = server.post("/api/v1/actions", actions).await.body;
    assert_eq!(
        answer["items"][0]["error"]["kind"], "conflict",
        "{answer:#}"
    );
    let release = format!("{path}/release");
    let destroyed = server.post(&release, json!({ "destroy": true })).await;
    destroyed.is_problem(409, "conflict");

    let is_kept = |node: Option<&Value>| node.is_some_and(|it| it["lease"]["state"] == "kept");
    until(&server, &id, is_kept).await;
    let lease = format!("{path}/lease");
    let unprotect = server.patch(&lease, json!({ "protected": false })).await;
    unprotect
        .is_problem(409, "conflict")
        .says("destroyed at once");
    let later = json!({ "protected": false, "expires_at": ahead(3600) });
    let freed = server.patch(&lease, later).await;
    assert_eq!(freed.body["lease"]["state"], "active", "{}", freed.text);
    server.done(Method::DELETE, &path, None).await;
    let leases = server.get("/api/v1/leases").await.body;
    assert_eq!(leases["items"], json!([]), "the lease went with the node");
}

#[tokio::test]
async fn a_node_is_one_users_until_it_is_released() {
    let server = server();
    let id = node(&server, "desk-1", json!({})).await;
    node(&server, "desk-2", json!({})).await;
    let assign = format!("{NODES}/desk-1/assign");
    let end = "2030-01-31T18:00:00Z";
    let to = |user: &str| json!({ "user": user, "purpose": "course 7", "expires_at": end });
    let assigned = server.post(&assign, to("alice")).await;
    let lease = &assigned.body["lease"];
    assert_eq!(lease["assigned_to"], "alice", "{}", assigned.text);
    assert_eq!(lease["purpose"], "course 7");
    assert_eq!(lease["expires_at"], end);
    let again = server.post(&assign, to("alice")).await;
    assert_eq!(again.status, 200, "{}", again.text);
    assert_eq!(again.body["lease"]["assigned_at"], lease["assigned_at"]);
    let taken = server.post(&assign, to("bob")).await;
    taken
        .is_problem(409, "conflict")
        .says("\"alice\" until 2030-01-31");

    let ids = async |query: &str| server.get(&format!("{NODES}?{query}")).await.ids();
    assert_eq!(ids("assigned_to=alice").await, [id.as_str()]);
    assert_eq!(ids("assigned_to=").await.len(), 1);
    assert_eq!(
        ids("expires_before=2031-01-01T00:00:00Z").await,
        [id.as_str()]
    );
    assert!(ids("expires_before=2030-01-01T00:00:00Z").await.is_empty());
    let all = server.get("/api/v1/nodes?assigned_to=alice").await;
    assert_eq!(all.ids(), [id.as_str()]);
    let leases = server.get("/api/v1/leases?assigned_to=alice").await.body;
    assert_eq!(leases["items"][0]["name"], "desk-1", "{leases:#}");

    let release = format!("{NODES}/desk-1/release");
    let released = server.post(&release, json!({})).await;
    assert_eq!(released.body.get("lease"), None, "{}", released.text);
    let bobs = server.post(&assign, to("bob")).await;
    assert_eq!(bobs.body["lease"]["assigned_to"], "bob");
    let destroy = Some(json!({ "destroy": true }));
    server.done(Method::POST, &release, destroy).await;
    assert_eq!(server.get(&format!("{NODES}/{id}")).await.status, 404);
    let leases = server.get("/api/v1/leases").await.body;
    assert_eq!(leases["items"], json!([]));
}

#[tokio::test]
async fn the_end_before_an_assignment_comes_back_with_the_node() {
    let server = server();
    let end = "2030-01-31T18:00:00Z";
    let id = node(&server, "desk-1", json!({ "expires_at": end })).await;
    let to = json!({ "user": "alice", "expires_at": ahead(3600) });
    let assigned = server.post(&format!("{NODES}/{id}/assign"), to).await;
    assert_ne!(assigned.body["lease"]["expires_at"], end);
    let released = server
        .post(&format!("{NODES}/{id}/release"), json!({}))
        .await;
    assert_eq!(released.body["lease"]["expires_at"], end);
    assert_eq!(released.body["lease"]["assigned_to"], Value::Null);
}
