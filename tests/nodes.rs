//! Nodes over HTTP: their life, and what is refused.

mod common;

use common::{TestServer, cloud, fast_dummy};
use reqwest::Method;
use serde_json::{Value, json};

const NODES: &str = "/api/v1/clouds/lab/nodes";

fn web(name: &str) -> Value {
    json!({ "name": name, "image": "ubuntu-24*", "size": "ram>=2048" })
}

async fn create(server: &TestServer, name: &str) -> Value {
    server.done(Method::POST, NODES, Some(web(name))).await["node"].clone()
}

#[tokio::test]
async fn a_node_lives_from_create_to_destroy() {
    let server = TestServer::start(vec![fast_dummy("lab")]);
    let node = create(&server, "web-1").await;
    assert_eq!(node["cloud"], "lab");
    assert_eq!(node["state"], "running");
    assert!(node["size"]["ram_mb"].as_u64().expect("memory") >= 2048);

    let id = node["id"].as_str().expect("an id");
    for reference in [id, "web-1"] {
        let shown = server.get(&format!("{NODES}/{reference}")).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        assert_eq!(shown.body["id"], id);
    }
    let listed = server
        .get(&format!("{NODES}?name=web-*&state=running"))
        .await;
    assert_eq!(listed.ids(), [id]);

    let stopped = server
        .done(Method::POST, &format!("{NODES}/web-1/stop"), None)
        .await;
    assert_eq!(stopped["node"]["state"], "stopped");
    let started = server
        .done(Method::POST, &format!("{NODES}/web-1/start"), None)
        .await;
    assert_eq!(started["node"]["state"], "running");
    let hard = Some(json!({ "kind": "hard" }));
    let rebooted = server
        .done(Method::POST, &format!("{NODES}/web-1/reboot"), hard)
        .await;
    assert_eq!(rebooted["node"]["state"], "running");

    let change = json!({ "name": "web-2", "metadata": { "role": "web", "gone": null } });
    let changed = server
        .done(Method::PATCH, &format!("{NODES}/web-1"), Some(change))
        .await;
    assert_eq!(changed["node"]["name"], "web-2");
    assert_eq!(changed["node"]["metadata"], json!({ "role": "web" }));
    let by_metadata = server.get(&format!("{NODES}?metadata=role=web")).await;
    assert_eq!(by_metadata.ids(), [id]);

    server
        .done(Method::DELETE, &format!("{NODES}/web-2"), None)
        .await;
    server
        .get(&format!("{NODES}/{id}"))
        .await
        .is_problem(404, "not_found");
    server
        .delete(&format!("{NODES}/{id}"))
        .await
        .is_problem(404, "not_found");
}

#[tokio::test]
async fn a_resize_waits_for_a_decision() {
    let server = TestServer::start(vec![fast_dummy("lab")]);
    let before = create(&server, "web-1").await;
    let path = format!("{NODES}/web-1");
    let larger = Some(json!({ "size": "ram>=8192" }));
    let resized = server
        .done(Method::POST, &format!("{path}/resize"), larger.clone())
        .await;
    assert_eq!(resized["node"]["state"], "verify_resize");
    let reverted = server
        .done(Method::POST, &format!("{path}/revert-resize"), None)
        .await;
    assert_eq!(reverted["node"]["size"]["id"], before["size"]["id"]);
    server
        .done(Method::POST, &format!("{path}/resize"), larger)
        .await;
    let confirmed = server
        .done(Method::POST, &format!("{path}/confirm-resize"), None)
        .await;
    assert!(
        confirmed["node"]["size"]["ram_mb"]
            .as_u64()
            .expect("memory")
            >= 8192
    );
}

#[tokio::test]
async fn every_pair_of_actions_comes_back() {
    let server = TestServer::start(vec![fast_dummy("lab")]);
    create(&server, "web-1").await;
    for (there, state, back) in [
        ("suspend", "suspended", "resume"),
        ("pause", "paused", "unpause"),
        ("shelve", "suspended", "unshelve"),
        ("rescue", "rescued", "unrescue"),
    ] {
        let gone = server
            .done(Method::POST, &format!("{NODES}/web-1/{there}"), None)
            .await;
        assert_eq!(gone["node"]["state"], state, "after {there}");
        let here = server
            .done(Method::POST, &format!("{NODES}/web-1/{back}"), None)
            .await;
        assert_eq!(here["node"]["state"], "running", "after {back}");
    }
    let image = Some(json!({ "image": "debian-12*" }));
    let rebuilt = server
        .done(Method::POST, &format!("{NODES}/web-1/rebuild"), image)
        .await;
    assert!(
        rebuilt["node"]["image"]["name"]
            .as_str()
            .expect("a name")
            .starts_with("debian-12")
    );
    let password = Some(json!({ "password": "new-secret" }));
    server
        .done(
            Method::POST,
            &format!("{NODES}/web-1/change-password"),
            password,
        )
        .await;
    let console = server.get(&format!("{NODES}/web-1/console?lines=2")).await;
    assert!(!console.body["output"].as_str().expect("a text").is_empty());
    let remote = server
        .post(&format!("{NODES}/web-1/remote-console"), json!({}))
        .await;
    assert!(
        remote.body["url"]
            .as_str()
            .expect("a url")
            .starts_with("http"),
        "{}",
        remote.text
    );
}

#[tokio::test]
async fn a_change_answers_202_with_a_job_that_can_be_followed() {
    let slow = cloud("lab", "dummy", json!({ "transition": "300ms" }));
    let server = TestServer::start(vec![slow]);
    let accepted = server.post(NODES, web("web-1")).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    let path = accepted.headers["location"]
        .to_str()
        .expect("a path")
        .to_owned();
    assert_eq!(accepted.body["action"], "CreateNode");
    let state = accepted.body["state"].as_str().expect("a state");
    assert!(["pending", "running"].contains(&state), "{state}");
    assert_eq!(
        accepted.body["request_id"],
        accepted.headers["x-request-id"].to_str().expect("id")
    );

    let ended = server.get_with(&path, &[("prefer", "wait=20")]).await;
    assert_eq!(ended.body["state"], "finished", "{}", ended.text);
    assert_eq!(
        ended.body["resource"]["id"],
        ended.body["result"]["node"]["id"]
    );
    let steps = ended.body["steps"].as_array().expect("steps");
    assert_eq!(steps[0]["step"], "ask");
    let secret = &ended.body["result"]["secrets"]["admin_password"];
    assert!(
        secret.as_str().is_some_and(|password| password.len() >= 8),
        "{}",
        ended.text
    );
    let again = server.get(&path).await;
    assert!(
        again.body["result"]["secrets"].is_null(),
        "shown once: {}",
        again.text
    );
    assert_eq!(
        server.get("/api/v1/jobs").await.body["items"][0]["id"],
        ended.body["id"]
    );
}

#[tokio::test]
async fn an_action_that_the_state_forbids_says_which_states_allow_it() {
    let server = TestServer::start(vec![fast_dummy("lab")]);
    create(&server, "web-1").await;
    let refused = server
        .post(&format!("{NODES}/web-1/confirm-resize"), json!({}))
        .await;
    refused
        .is_problem(409, "conflict")
        .says("only in: verify_resize");
    assert_eq!(refused.body["allowed_states"], json!(["verify_resize"]));
    assert_eq!(refused.body["side_effect"], "none");
}

#[tokio::test]
async fn an_ambiguous_name_is_a_conflict_with_the_candidates() {
    let server = TestServer::start(vec![fast_dummy("lab")]);
    let (one, other) = (create(&server, "twin").await, create(&server, "twin").await);
    let refused = server.delete(&format!("{NODES}/twin")).await;
    refused
        .is_problem(409, "conflict")
        .says("the name of 2 nodes");
    let candidates = refused.body["candidates"].as_array().expect("candidates");
    let ids: Vec<_> = candidates
        .iter()
        .map(|candidate| &candidate["id"])
        .collect();
    assert_eq!(ids, [&one["id"], &other["id"]]);
    assert_eq!(
        server.get(NODES).await.ids().len(),
        2,
        "nothing was destroyed"
    );
}

#[tokio::test]
async fn bad_bodies_are_refused_and_change_nothing() {
    let server = TestServer::start(vec![fast_dummy("lab")]);
    let long = "x".repeat(256);
    let with = |field: &str, value: Value| {
        let mut body = web("web-1");
        body[field] = value;
        body
    };
    for (body, field, says) in [
        (json!({}), Value::Null, "missing field `name`"),
        (
            with("nmae", json!("x")),
            Value::Null,
            "unknown field `nmae`",
        ),
        (with("name", json!(7)), json!("name"), "expected"),
        (with("name", json!("")), json!("name"), "name is empty"),
        (with("name", json!(long)), json!("name"), "256 characters"),
        (
            with("name", json!("a\u{7}b")),
            json!("name"),
            "control character at position 1",
        ),
        (
            with("image", json!("no-such")),
            json!("image"),
            "there is no image \"no-such\"",
        ),
        (
            with("size", json!("ram>=9999999")),
            json!("size"),
            "there is no size",
        ),
        (
            with("size", json!("ram>=lots")),
            json!("size"),
            "cannot be read",
        ),
        (
            with("networks", json!([{ "network": "nowhere" }])),
            json!("networks.0.network"),
            "nowhere",
        ),
        (
            with("metadata", json!({ "": "x" })),
            json!("metadata"),
            "key of metadata is empty",
        ),
    ] {
        let refused = server.post(NODES, body.clone()).await;
        refused.is_problem(400, "invalid").says(says);
        assert!(
            field.is_null() || refused.body["field"] == field || refused.text.contains("nmae"),
            "{body}: {}",
            refused.text
        );
    }
    assert_eq!(server.get(NODES).await.ids().len(), 0);
    assert_eq!(server.get("/api/v1/jobs").await.body["items"], json!([]));
}

#[tokio::test]
async fn bad_paths_and_queries_are_refused() {
    let server = TestServer::start(vec![fast_dummy("lab")]);
    let unknown = server.get("/api/v1/clouds/laab/nodes").await;
    unknown
        .is_problem(404, "not_found")
        .says("there is no cloud \"laab\"");
    assert_eq!(unknown.body["hint"], "did you mean \"lab\"?");
    server
        .get(&format!("{NODES}?cursor=nonsense"))
        .await
        .is_problem(400, "invalid")
        .says("cursor");
    server
        .get(&format!("{NODES}?limit=0"))
        .await
        .is_problem(400, "invalid")
        .says("from 1 to 1000");
    server
        .get(&format!("{NODES}?limit=many"))
        .await
        .is_problem(400, "invalid");
    server
        .get(&format!("{NODES}?colour=red"))
        .await
        .is_problem(400, "invalid")
        .says("colour");
    server
        .get(&format!("{NODES}?state=asleep"))
        .await
        .is_problem(400, "invalid")
        .says("asleep");
    server
        .get(&format!("{NODES}/no-such"))
        .await
        .is_problem(404, "not_found");
    server
        .post(&format!("{NODES}/web-1/explode"), json!({}))
        .await
        .is_problem(404, "not_found");
    let put = server.send(Method::PUT, NODES, None, &[]).await;
    assert_eq!(put.is_problem(405, "invalid").headers["allow"], "GET, POST");
}

#[tokio::test]
async fn etags_tell_what_changed() {
    let server = TestServer::start(vec![fast_dummy("lab")]);
    create(&server, "web-1").await;
    let path = format!("{NODES}/web-1");
    let etag = server.get(&path).await.headers["etag"]
        .to_str()
        .expect("a tag")
        .to_owned();
    assert_eq!(
        server
            .get_with(&path, &[("if-none-match", &etag)])
            .await
            .status,
        304
    );
    let rename = Some(json!({ "name": "web-2" }));
    server.done(Method::PATCH, &path, rename).await;
    let path = format!("{NODES}/web-2");
    assert_eq!(
        server
            .get_with(&path, &[("if-none-match", &etag)])
            .await
            .status,
        200
    );
    let stale = server
        .send(Method::DELETE, &path, None, &[("if-match", &etag)])
        .await;
    stale.is_problem(409, "conflict").says("If-Match");
    assert_eq!(server.get(&path).await.status, 200);
}

#[tokio::test]
async fn lists_go_from_page_to_page() {
    let nodes = cloud("lab", "dummy", json!({ "nodes": 25 }));
    let server = TestServer::start(vec![nodes]);
    let mut seen = Vec::new();
    let mut path = format!("{NODES}?limit=10");
    loop {
        let page = server.get(&path).await;
        seen.extend(page.ids());
        let Some(next) = page.body["next"].as_str() else {
            assert!(!page.headers.contains_key("link"));
            break;
        };
        let link = page.headers["link"].to_str().expect("a link");
        path = format!("{NODES}?limit=10&cursor={next}");
        assert_eq!(link, format!("<{path}>; rel=\"next\""));
    }
    let mut unique = seen.clone();
    unique.sort();
    unique.dedup();
    assert_eq!((seen.len(), unique.len()), (25, 25));
}

#[tokio::test]
async fn many_clouds_answer_together() {
    let server = TestServer::start(vec![
        cloud("a", "dummy", json!({ "nodes": 3 })),
        cloud("b", "dummy", json!({ "nodes": 15 })),
        cloud("down", "dummy", json!({ "unreachable": true })),
    ]);
    let first = server.get("/api/v1/nodes?limit=10").await;
    assert_eq!(first.ids().len(), 13);
    let rows = first.body["clouds"].as_array().expect("rows");
    let states: Vec<_> = rows
        .iter()
        .map(|row| (&row["cloud"], &row["status"]))
        .collect();
    assert_eq!(
        states,
        [
            (&json!("a"), &json!("ok")),
            (&json!("b"), &json!("ok")),
            (&json!("down"), &json!("failed"))
        ]
    );
    assert_eq!(rows[2]["error"]["kind"], "unavailable");
    let next = first.body["next"].as_str().expect("b has more");
    let second = server
        .get(&format!("/api/v1/nodes?limit=10&cursor={next}"))
        .await;
    assert_eq!(second.ids().len(), 5);
    assert_eq!(second.body["clouds"].as_array().expect("rows").len(), 1);
    assert!(second.body["next"].is_null());
    assert_eq!(server.get("/api/v1/nodes?cloud=a").await.ids().len(), 3);
    server
        .get("/api/v1/nodes?cloud=nowhere")
        .await
        .is_problem(404, "not_found");
}
